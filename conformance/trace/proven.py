"""What can be known of an id or a name at one moment, and the events that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.trace.operations import Operation


class State(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    UNPROVEN = "unproven"


class Alike(StrEnum):
    """Whether two patients have the same data."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True)
class Proof:
    state: State
    evidence: tuple[int, ...] = ()
    """Numbers of the events it rests on."""
    by: Operation | None = None
    """The operation that was seen to bring it in."""
    without_effect: tuple[Operation, ...] = ()
    """While absent: the operations that named it and ended without being carried out."""
    contradicted: bool = False
    """While absent: one that named it was carried out all the same, so that nobody knows what is there now."""


@dataclass(frozen=True)
class Holding:
    """Who has a patient id (the visible one)."""

    state: State
    holder: str = ""
    """Integration id of the patient that has it, where that is proven; '' for one that is mapped to nobody."""
    evidence: tuple[int, ...] = ()
    by: Operation | None = None
    """The operation that gave it to the holder; while absent, the one that took it away, if any did."""
    since: tuple[Operation, ...] = ()
    """Writes to the holder that came later and left everything as it was."""
    without_effect: tuple[Operation, ...] = ()
    """While absent: the writes that named it and did not bring it in."""
    refused: tuple[Operation, ...] = ()
    """Operations that were refused because it is taken."""


@dataclass(frozen=True)
class Names:
    """First and last name that a patient was last given, where nothing else can have changed them since."""

    first: str
    last: str
    evidence: tuple[int, ...]
    by: Operation | None = None
    """The write that gave them; None when they were declared."""
    since: tuple[Operation, ...] = ()
    """Later writes that left everything as it was."""
    former: tuple[str, str] | None = None
    """The names before, where those are known."""
