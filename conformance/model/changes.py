"""Changes to the state, as values: an outcome carries them, whoever chooses the outcome applies them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from conformance.model.state import Case, Operation, Patient, Place, State, Station


class Change(Protocol):
    """Something that happens to the state."""

    def apply(self, state: State) -> None:
        """Makes it happen."""
        ...


@dataclass(frozen=True, slots=True)
class AddPatient:
    """A new patient. It gets the next free key, whatever key it came with."""

    patient: Patient

    def apply(self, state: State) -> None:
        state.put_patient(replace(self.patient, key=state.last_patient + 1))


@dataclass(frozen=True, slots=True)
class SetPatient:
    """All data of an existing patient are replaced."""

    patient: Patient

    def apply(self, state: State) -> None:
        state.put_patient(self.patient)


@dataclass(frozen=True, slots=True)
class MapPatient:
    """An existing patient gets an integration id; the rest stays."""

    key: int
    integration_id: str

    def apply(self, state: State) -> None:
        state.put_patient(replace(state.patients[self.key], integration_id=self.integration_id))


@dataclass(frozen=True, slots=True)
class AddCase:
    """A new case, or another version of one."""

    case: Case

    def apply(self, state: State) -> None:
        state.put_case(self.case)


@dataclass(frozen=True, slots=True)
class RemovePatient:
    """A patient and all its cases are gone. No call does this; a person at the server can."""

    key: int

    def apply(self, state: State) -> None:
        state.drop_patient(self.key)


@dataclass(frozen=True, slots=True)
class RemoveCase:
    """A case is gone. No call does this; a person at the server can."""

    case: UUID

    def apply(self, state: State) -> None:
        state.drop_case(self.case)


@dataclass(frozen=True, slots=True)
class SetStation:
    """A station appears, goes, or changes."""

    station: Station

    def apply(self, state: State) -> None:
        state.stations[self.station.id] = self.station


@dataclass(frozen=True, slots=True)
class AddOperation:
    """A new operation gets the next serial, and its status is kept; the oldest beyond ``kept`` are forgotten."""

    operation: Operation
    kept: int
    """How many operations keep their status."""
    one_place: bool = False
    """True where an operation takes the place of an older one with the same id."""

    def apply(self, state: State) -> None:
        serial = state.last_serial + 1
        former = state.kept
        stay = [s for s in former if not (self.one_place and state.operations[s].id == self.operation.id)]
        state.kept = (*stay, serial)[-self.kept :] if self.kept > 0 else ()
        state.put_operation(replace(self.operation, serial=serial))
        for gone in former:
            state.forget(gone)


@dataclass(frozen=True, slots=True)
class SetStatus:
    """An operation gets another status."""

    serial: int
    status: str
    description: str
    final: bool
    renews: bool = False
    """True where a new status makes an operation the last to be forgotten; what is forgotten stays so."""

    def apply(self, state: State) -> None:
        operation = state.operations.get(self.serial)
        if self.renews and self.serial in state.kept:
            state.kept = (*(serial for serial in state.kept if serial != self.serial), self.serial)
        if operation is not None:
            place = Place.DONE if self.final else operation.place
            state.put_operation(replace(operation, status=self.status, description=self.description, place=place))


@dataclass(frozen=True, slots=True)
class RemoveFromPool:
    """A station takes an operation out of the pool."""

    serial: int

    def apply(self, state: State) -> None:
        state.move(self.serial, Place.STATION)


def apply_all(changes: Iterable[Change], state: State) -> None:
    """Makes all of them happen, in order."""
    for change in changes:
        change.apply(state)
