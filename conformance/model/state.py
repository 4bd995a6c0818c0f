"""What a 3DD server holds: patients, cases, stations, operations; every look-up is indexed.

The entries are frozen; only ``State`` itself changes, through the values of ``changes``. A copy shares the
entries and costs a handful of dictionary copies, so that a checker can explore alternatives.

Two things that the guide keeps apart are kept apart here. The *pool* holds operations that no station has taken yet.
The *kept* ones are those whose status can still be asked for. An operation can be pushed out of the second by newer
ones while it still waits in the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from conformance.model.call import EMPTY_GUID, Call


class CaseState(StrEnum):
    """How far a case is; a case has exactly one of these."""

    CREATED = "created"
    SCANNED = "scanned"
    MODELLED = "modelled"


class Place(StrEnum):
    """Where an operation is."""

    POOL = "pool"
    STATION = "station"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Patient:
    key: int
    """3DD's own number of the patient; never seen from outside."""
    last_name: str
    first_name: str = ""
    birth_date: int | None = None
    """Ticks, or None when unknown."""
    patient_id: str = ""
    integration_id: str = ""
    """'' while no PMS patient is mapped to it."""

    @property
    def full_name(self) -> str:
        """First name first, as the guide's sample has it."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Image:
    id: UUID
    name: str
    timestamp: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Indication:
    first: int
    last: int
    name: str
    shade: str


@dataclass(frozen=True, slots=True)
class Scan:
    id: UUID
    first: int
    last: int
    type: str
    sectioned: bool
    prepared: bool
    timestamp: int


@dataclass(frozen=True, slots=True)
class Case:
    id: UUID
    patient: int
    """Key of its patient."""
    state: CaseState
    created: int
    """Ticks, as all dates here."""
    delivery: int | None
    """None when no date was agreed."""
    sent: int | None
    """None when it was never sent."""
    lab: str
    indications: tuple[Indication, ...] = ()
    images: tuple[Image, ...] = ()
    scans: tuple[Scan, ...] = ()


@dataclass(frozen=True, slots=True)
class Station:
    id: UUID
    hostname: str
    connected: bool
    busy: bool = False
    modules: tuple[tuple[str, str], ...] = ()
    """Persistent id and title of each."""
    operator_name: str = ""
    operator_id: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation and where it stands. ``serial`` counts operations from 1 and tells apart those with equal ids."""

    serial: int
    id: UUID
    call: Call
    status: str
    """Name of its status."""
    description: str
    station: UUID = EMPTY_GUID
    """The empty GUID when the server itself does the work."""
    place: Place = Place.DONE

    @property
    def role(self) -> str:
        return self.call.role

    @property
    def spelling(self) -> str:
        """Its id as the call wrote it."""
        return self.call.texts.get("operation", "")


@dataclass
class State:
    """Ask through the methods; change through ``changes`` only, which keep the indexes right."""

    patients: dict[int, Patient] = field(default_factory=dict)
    cases: dict[UUID, Case] = field(default_factory=dict)
    stations: dict[UUID, Station] = field(default_factory=dict)
    operations: dict[int, Operation] = field(default_factory=dict)
    """By serial: those kept, those in the pool and those at a station."""
    kept: tuple[int, ...] = ()
    """Serials of the operations whose status can be asked for, the first to be forgotten first."""
    last_serial: int = 0
    last_patient: int = 0
    mapped: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Patient keys by integration id. More than one only where a fault let it happen; the first counts."""
    holders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Patient keys by patient id."""
    named: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Patient keys by folded last name."""
    cases_by_patient: dict[int, tuple[UUID, ...]] = field(default_factory=dict)
    pool: dict[UUID, tuple[int, ...]] = field(default_factory=dict)
    """Serials of the operations in the pool by operation id, oldest first."""

    def copy(self) -> State:
        """An independent state with the same content."""
        return State(
            dict(self.patients),
            dict(self.cases),
            dict(self.stations),
            dict(self.operations),
            self.kept,
            self.last_serial,
            self.last_patient,
            dict(self.mapped),
            dict(self.holders),
            dict(self.named),
            dict(self.cases_by_patient),
            dict(self.pool),
        )

    def patient(self, integration_id: str) -> Patient | None:
        """The patient mapped under that id; nobody is mapped under ''."""
        keys = self.mapped.get(integration_id)
        return self.patients[keys[0]] if keys else None

    def holders_of(self, patient_id: str) -> Iterator[Patient]:
        """The patients that have that patient id, '' included."""
        return (self.patients[key] for key in self.holders.get(patient_id, ()))

    def with_last_name(self, last_name: str) -> Iterator[Patient]:
        """The patients whose last name is the same without regard to case."""
        return (self.patients[key] for key in self.named.get(folded(last_name), ()))

    def cases_of(self, patient: Patient) -> Iterator[Case]:
        """The patient's cases in the order in which they came."""
        return (self.cases[case] for case in self.cases_by_patient.get(patient.key, ()))

    def newest(self, operation_id: UUID, spelling: str | None = None) -> Operation | None:
        """The newest of the kept operations with that id; with ``spelling``, of those that were given it so spelt."""
        for serial in sorted(self.kept, reverse=True):
            operation = self.operations[serial]
            if operation.id == operation_id and spelling in (None, operation.spelling):
                return operation
        return None

    def known(self, operation_id: UUID) -> bool:
        """True when a status is kept under that id."""
        return self.newest(operation_id) is not None

    def pooled(self, operation_id: UUID) -> Iterable[Operation]:
        """The operations with that id that wait in the pool, oldest first."""
        return [self.operations[serial] for serial in self.pool.get(operation_id, ())]

    # -- for changes only -------------------------------------------------------------------------------------

    def put_patient(self, patient: Patient) -> None:
        """Adds a patient, or replaces the one with the same key."""
        former = self.patients.get(patient.key)
        if former is not None:
            _discard(self.mapped, former.integration_id, former.key)
            _discard(self.holders, former.patient_id, former.key)
            _discard(self.named, folded(former.last_name), former.key)
        self.patients[patient.key] = patient
        self.last_patient = max(self.last_patient, patient.key)
        if patient.integration_id:
            _insert(self.mapped, patient.integration_id, patient.key)
        _insert(self.holders, patient.patient_id, patient.key)
        _insert(self.named, folded(patient.last_name), patient.key)

    def put_case(self, case: Case) -> None:
        """Adds a case, or replaces the one with the same id."""
        former = self.cases.get(case.id)
        if former is not None:
            _discard(self.cases_by_patient, former.patient, case.id)
        self.cases[case.id] = case
        _insert(self.cases_by_patient, case.patient, case.id)

    def drop_patient(self, key: int) -> None:
        """Removes a patient with all its cases; nothing where there is none."""
        former = self.patients.get(key)
        if former is not None:
            del self.patients[key]
            _discard(self.mapped, former.integration_id, former.key)
            _discard(self.holders, former.patient_id, former.key)
            _discard(self.named, folded(former.last_name), former.key)
            for case in self.cases_by_patient.get(key, ()):
                self.drop_case(case)

    def drop_case(self, case_id: UUID) -> None:
        """Removes a case; nothing where there is none."""
        former = self.cases.get(case_id)
        if former is not None:
            del self.cases[case_id]
            _discard(self.cases_by_patient, former.patient, case_id)

    def put_operation(self, operation: Operation) -> None:
        """Adds an operation or replaces it; the pool's index follows its place."""
        former = self.operations.get(operation.serial)
        if former is not None and former.place is Place.POOL:
            _discard(self.pool, former.id, former.serial)
        self.operations[operation.serial] = operation
        self.last_serial = max(self.last_serial, operation.serial)
        if operation.place is Place.POOL:
            _insert(self.pool, operation.id, operation.serial)
        self.forget(operation.serial)

    def forget(self, serial: int) -> None:
        """Drops an operation that is done and that nobody can ask for any more."""
        operation = self.operations.get(serial)
        if operation is not None and operation.place is Place.DONE and serial not in self.kept:
            del self.operations[serial]

    def move(self, serial: int, place: Place) -> None:
        """Puts a living operation somewhere else."""
        operation = self.operations.get(serial)
        if operation is not None:
            self.put_operation(replace(operation, place=place))


def folded(name: str) -> str:
    """A name as it is compared when patients are searched: case and surrounding blanks do not count."""
    return name.strip().casefold()


K = TypeVar("K")
V = TypeVar("V")


def _insert(index: dict[K, tuple[V, ...]], key: K, value: V) -> None:
    index[key] = (*index.get(key, ()), value)


def _discard(index: dict[K, tuple[V, ...]], key: K, value: V) -> None:
    rest = tuple(entry for entry in index.get(key, ()) if entry != value)
    if rest:
        index[key] = rest
    else:
        index.pop(key, None)
