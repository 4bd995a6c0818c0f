"""The emulator's time: by itself for a person, step by step for a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from conformance.wire import TICKS_PER_SECOND, ticks_of

STEPPED_START = datetime(2024, 3, 11, 8, 0, tzinfo=UTC)


class Clock(Protocol):
    """What the emulator asks for the time."""

    def now_s(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def ticks(self) -> int:
        """The wall clock, as 100 ns since 0001-01-01 UTC."""
        ...

    def tick(self) -> None:
        """Told once for each call of the protocol port."""
        ...

    def advance(self, seconds: float) -> None:
        """Moves the time on, at once."""
        ...


class RealClock:
    """Runs by itself. ``advance`` skips the time that nobody wants to wait for."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, today: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._monotonic = monotonic
        self._today = today
        self._skipped_s = 0.0

    def now_s(self) -> float:
        return self._monotonic() + self._skipped_s

    def ticks(self) -> int:
        return ticks_of(self._today() + timedelta(seconds=self._skipped_s))

    def tick(self) -> None:
        """Nothing: time passes anyway."""

    def advance(self, seconds: float) -> None:
        self._skipped_s += max(0.0, seconds)


class SwiftClock(RealClock):
    """Runs by itself, ``times`` as fast as the world, so that nobody waits for a slow station or a person."""

    def __init__(
        self,
        times: float,
        monotonic: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
        from_s: float = 0.0,
    ) -> None:
        """``from_s`` is what it shows at the start."""
        begun_s, begun = monotonic(), today()

        def passed_s() -> float:
            return (monotonic() - begun_s) * times

        super().__init__(lambda: from_s + passed_s(), lambda: begun + timedelta(seconds=passed_s()))


class SteppedClock:
    """Stands still but for ``step_s`` per call, so that a run depends on its calls and on nothing else."""

    def __init__(self, step_s: float = 1.0, start: datetime = STEPPED_START) -> None:
        self._step_s = step_s
        self._start = ticks_of(start)
        self._passed_s = 0.0

    def now_s(self) -> float:
        return self._passed_s

    def ticks(self) -> int:
        return self._start + round(self._passed_s * TICKS_PER_SECOND)

    def tick(self) -> None:
        self._passed_s += self._step_s

    def advance(self, seconds: float) -> None:
        self._passed_s += max(0.0, seconds)
