"""What every operator has to do with: an operation that is about to come up at a station, and who is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


class OperatorError(RuntimeError):
    """The operator could not be told, or cannot do it: the set-up's fault."""


@dataclass(frozen=True)
class Start:
    """An operation that is about to be called at a station."""

    operation: UUID
    station: UUID
    hostname: str = ""
    """Of the station; '' where it is not known."""
    does: str = ""
    """Role of the method."""
    patient: Mapping[str, str] = field(default_factory=dict)
    """What the call says of the patient, by parameter role, as far as the run made it up."""
    prepared: Mapping[str, str] = field(default_factory=dict)
    """The rest of it: data of somebody who was on the server before. Shown to a person, never passed on."""


Press = tuple[str, str]
"""Dialog and button."""


class Arranged:
    """What was decided for operations that have not been called yet."""

    def __init__(self) -> None:
        self._presses: dict[UUID, list[Press]] = {}

    def add(self, operation: UUID, dialog: str, button: str) -> None:
        self._presses.setdefault(operation, []).append((str(dialog), str(button)))

    def take(self, operation: UUID) -> list[Press]:
        """What was decided for it, once."""
        return self._presses.pop(operation, [])


@dataclass(frozen=True)
class NoOperator:
    """Nobody is at the stations; what needs a person is skipped and counted as such."""

    def available(self) -> bool:
        return False

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Raises OperatorError."""
        raise OperatorError("nobody is at the stations; name an operator, or leave out what needs one.")
