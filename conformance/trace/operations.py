"""An operation as a recording shows it: the call that started it, and what was heard of it since."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from conformance.trace.exchange import Exchange
from conformance.wire import EMPTY_GUID


@dataclass(eq=False, slots=True)
class Operation:
    """What a call started, and the statuses seen of it. ``polls`` grows as the history does."""

    call: Exchange
    id: UUID
    """The empty GUID when the call named none."""
    station: UUID
    """The empty GUID when it is the server that works."""
    serial: int
    """How many operations were seen to start before it."""
    polls: list[Exchange] = field(default_factory=list)
    """Status answers that are about this operation for certain."""
    removals: list[Exchange] = field(default_factory=list)
    ends: list[tuple[str, Exchange]] = field(default_factory=list)
    """Names of the final statuses among ``polls``, each with the answer."""
    superseded: Exchange | None = None
    """The next call with the same operation id."""
    number: int = field(init=False)
    """Of its call."""
    text: str = field(init=False)
    """Its id as notes write it."""
    role: str = field(init=False)
    on_station: bool = field(init=False)

    def __post_init__(self) -> None:
        self.number, self.role = self.call.number, self.call.role
        self.text, self.on_station = str(self.id), self.station != EMPTY_GUID

    def codes(self, before: Exchange | None = None) -> list[int]:
        """Status codes seen, in order; with ``before``, only those known before that exchange began."""
        return [
            poll.status_code
            for poll in self.polls
            if poll.status_code is not None and (before is None or (poll is not before and poll.before(before)))
        ]
