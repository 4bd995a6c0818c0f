"""Which calls were under way at the same moment as others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conformance.trace.exchange import Exchange


@dataclass
class Company:
    """Shown every exchange in the order in which they ended, it tells which met another."""

    _met: set[int] = field(default_factory=set)

    def join(self, exchange: Exchange, earlier: Sequence[Exchange]) -> None:
        """Takes ``exchange`` in; ``earlier`` are all that ended before it."""
        for other in reversed(earlier):
            if other.before(exchange):
                return
            self._met.update((other.number, exchange.number))

    def met(self, exchange: Exchange) -> bool:
        """True when another call was seen to be under way while ``exchange`` was."""
        return exchange.number in self._met
