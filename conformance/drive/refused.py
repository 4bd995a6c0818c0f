"""Why a request was not sent, and how far a run may go. Nothing here is a fault of the server.

Refused
|-- OutsideTier   the request does more, or may do more, than the run was allowed
`-- CallsSpent    the run has made as many calls as it was given
"""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """What a run may do to a server, each including those above it."""

    OBSERVE = "observe"
    """Ask who is there and how an operation stands."""
    READ_ONLY = "read-only"
    """Read what is stored of patients."""
    OWN_DATA = "own-data"
    """Start operations that are about nothing but what this run made up, and take back its own."""
    FULL = "full"
    """Anything, to what was prepared for the run as well."""

    def allows(self, other: Tier) -> bool:
        """True when a run of this tier may do what ``other`` stands for."""
        order = tuple(Tier)
        return order.index(self) >= order.index(other)


class Refused(Exception):
    """A request that this side did not send."""


class OutsideTier(Refused):
    """What was asked for goes further than the run may, as far as can be told from its bytes."""

    def __init__(self, tier: Tier, why: str) -> None:
        super().__init__(f"not sent: {why}; the run may go as far as {tier.value} (--tier)")
        self.tier = tier


class CallsSpent(Refused):
    """The run has made all the calls it was given."""

    def __init__(self, most_calls: int) -> None:
        super().__init__(f"not sent: all {most_calls} calls are spent (--max-calls)")
