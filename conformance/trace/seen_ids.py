"""All that was seen about one integration id, or about one patient id: what proofs are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.trace.exchange import Exchange

if TYPE_CHECKING:
    from conformance.trace.operations import Operation


@dataclass(slots=True)
class SeenId:
    """About one integration id."""

    fresh: int = 0
    """Number of the note that it was minted, or 0."""
    declared: int = 0
    """Number of the first note that somebody prepared it, or 0; cases are given to patients who are there already."""
    present: Exchange | None = None
    """The first exchange that proved it."""
    by: Operation | None = None
    unknown: list[Operation] = field(default_factory=list)
    """Those refused because nobody has it."""
    attempts: list[Operation] = field(default_factory=list)
    """Operations that would bring it in."""
    mentions: list[Operation] = field(default_factory=list)
    """All operations that named it."""

    @property
    def made_before(self) -> bool:
        """True when a creation was seen to bring the id in, and only then somebody declared the patient."""
        return self.present is not None and self.by is not None and self.present.number < self.declared


@dataclass(slots=True)
class SeenPatientId:
    """About one patient id."""

    fresh: int = 0
    declared: list[tuple[int, str]] = field(default_factory=list)
    """Note and integration id of the patients declared to have it; '' for an unmapped one."""
    written: dict[str, None] = field(default_factory=dict)
    """Integration ids of those to whom operations gave it, in the order of the first."""
    refused: list[Operation] = field(default_factory=list)


def person_of(call: Exchange) -> tuple[str, ...]:
    """First name, last name and birth date, as the call gives them."""
    return tuple(call.values.get(role, "") for role in ("first_name", "last_name", "birth_date"))
