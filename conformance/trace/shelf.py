"""Exchanges at hand, and those put away: how a history of a million exchanges fits into memory.

Theory. Rules look mostly at what has just happened; of what is long past they ask who, when and with which values, and
that every exchange keeps. Its event and its document take ten times as much, and can be had again from where the
recording lies. So only the newest are kept whole, with those that somebody asked about lately.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from conformance.spec import Spec
from conformance.trace.events import Recorded
from conformance.trace.exchange import Again, Content, Exchange, read_again

Recall = Callable[[int], Recorded]
"""The exchange of that number, as it was recorded."""

ROOM = 1_000
"""Exchanges kept whole; with half as many one in twenty has to be brought back."""


class Shelf:
    """Keeps so many exchanges whole, and puts the others away."""

    def __init__(self, spec: Spec, recall: Recall, room: int = ROOM) -> None:
        self._spec, self._recall, self._room = spec, recall, room
        self._at_hand: deque[Exchange] = deque()
        self._again: Again = self._bring_back  # one object for all that are put away

    def put(self, exchange: Exchange) -> None:
        """Takes one that is whole; the one that has lain there longest makes room for it."""
        self._at_hand.append(exchange)
        if len(self._at_hand) > self._room:
            self._at_hand.popleft().put_away(self._again)

    def _bring_back(self, exchange: Exchange) -> Content:
        self.put(exchange)
        return read_again(self._recall(exchange.number), exchange.method, self._spec)
