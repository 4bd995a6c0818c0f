"""How many calls a run may make, and how fast: kept where they are made, so that it holds for whoever makes them."""

from __future__ import annotations

import time
from collections.abc import Callable

from conformance.drive.refused import CallsSpent


class Allowance:
    """Calls left, and the time between two of them. ``most_calls`` 0 is no limit."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        between_calls_s: float = 0.0,
        most_calls: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._between_calls_s = between_calls_s
        self._most_calls = most_calls
        self._next_s = float("-inf")
        self.taken = 0
        """Calls made so far."""

    def is_spent(self) -> bool:
        """True when no call is left."""
        return bool(self._most_calls) and self.taken >= self._most_calls

    def check(self) -> None:
        """Raises CallsSpent when no call is left."""
        if self.is_spent():
            raise CallsSpent(self._most_calls)

    def take(self, calls: int = 1) -> None:
        """Waits until so many calls may be made at once. Raises CallsSpent when there are fewer left."""
        if self._most_calls and self.taken + calls > self._most_calls:
            raise CallsSpent(self._most_calls)
        self.taken += calls
        if self._between_calls_s <= 0:
            return
        wait_s = self._next_s - self._clock()
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_s = self._clock() + self._between_calls_s * calls
