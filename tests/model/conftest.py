"""A small 3DD world on which the tests of the model act by role, as a server would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from conformance.model import (
    Argument,
    Button,
    Call,
    Case,
    CaseState,
    Decision,
    Dialog,
    Instant,
    Operation,
    Outcome,
    Patient,
    State,
    Station,
    apply_all,
    finish,
    pick_up,
    question,
    step,
)
from conformance.spec import Spec, load

DAY = 864_000_000_000
STATION = UUID(int=501)
ABSENT_STATION = UUID(int=502)
CASES = {"created": UUID(int=601), "scanned": UUID(int=602), "modelled": UUID(int=603)}


class World:
    """A state with one mapped patient (M, patient id P) who has three cases, and two unmapped namesakes."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.readings: dict[str, str] = {reading.id: reading.default for reading in spec.readings}
        self.state = State()
        self.state.put_patient(Patient(1, "Fox", "Ada", 700_000 * DAY, "P", "M"))
        self.state.put_patient(Patient(2, "Smith", "John", 710_000 * DAY, "P2"))
        self.state.put_patient(Patient(3, "SMITH", "john", None, "P3"))
        for number, name in enumerate(CASES, start=1):
            case = Case(CASES[name], 1, CaseState(name), number * 100 * DAY, number * 100 * DAY + 10 * DAY, None, "Lab")
            self.state.put_case(case)
        self.state.stations[STATION] = Station(STATION, "ROOM-1", connected=True)
        self.state.stations[ABSENT_STATION] = Station(ABSENT_STATION, "ROOM-2", connected=False)

    def takes(self, **readings: str) -> World:
        """The same world under other readings, ids written with underscores."""
        self.readings.update({name.replace("_", "-"): take for name, take in readings.items()})
        return self

    def call(self, role: str, **values: Argument | int) -> Call:
        """A call by role. Numbers are GUIDs; texts are kept as they are."""
        arguments: dict[str, Argument] = {
            name: UUID(int=value) if type(value) is int else value  # type: ignore[misc]
            for name, value in values.items()
        }
        return Call(role, arguments, texts={name: str(value) for name, value in arguments.items()})

    def outcomes(self, role: str, **values: Argument | int) -> tuple[Outcome, ...]:
        return step(self.state, self.call(role, **values), self.spec, self.readings)

    def labels(self, role: str, **values: Argument | int) -> list[str]:
        return [outcome.label for outcome in self.outcomes(role, **values)]

    def do(self, role: str, **values: Argument | int) -> Outcome:
        """Makes the default outcome happen."""
        outcome = self.outcomes(role, **values)[0]
        apply_all(outcome.changes, self.state)
        return outcome

    def find(self, **filters: Argument | int) -> list[str]:
        """Which of the three cases a search finds."""
        content = self.do("find_cases", integration_id="M", **filters).answer.content
        names = {case: name for name, case in CASES.items()}
        return [names[record["case"]] for record in content]  # type: ignore[attr-defined]

    def status(self, operation: int = 0) -> str:
        """Name of the status that a poll shows."""
        content = self.do("get_status", operation=operation).answer.content
        return self.spec.status_by_code[content["code"]].name  # type: ignore[index]

    def removed(self, operation: int = 0) -> object:
        return self.do("remove_operation", operation=operation).answer.content

    def fill(self, count: int) -> None:
        """So many operations of other ids, all refused."""
        for number in range(count):
            self.do("create_patient", operation=10_000 + self.state.last_serial + number)

    # -- stations ---------------------------------------------------------------------------------------------

    def operation(self, operation: int) -> Operation:
        newest = self.state.newest(UUID(int=operation))
        assert newest is not None
        return newest

    def pick_up(self, operation: int) -> None:
        apply_all(pick_up(self.state, self.operation(operation), self.spec, self.readings)[0].changes, self.state)

    def asked(self, operation: int, **pressed: str) -> Dialog | None:
        """The dialog that comes after these buttons, by dialog."""
        return question(self.state, self.operation(operation), _answers(pressed), self.spec, self.readings)

    def endings(self, operation: int, **pressed: str) -> list[str]:
        found = finish(self.state, self.operation(operation), _answers(pressed), self.spec, self.readings)
        return [outcome.label for outcome in found]

    def end(self, operation: int, patient: str = "", **pressed: str) -> str:
        """The station finishes with these buttons; the status that follows."""
        answers = _answers(pressed, patient)
        found = finish(self.state, self.operation(operation), answers, self.spec, self.readings)
        apply_all(found[0].changes, self.state)
        return self.status(operation)


def _answers(pressed: Mapping[str, str], patient: str = "") -> dict[Dialog, Decision]:
    given = {"page": "proceed", **pressed}
    return {Dialog(dialog): Decision(Button(button), patient) for dialog, button in given.items()}


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load()


@pytest.fixture
def world(spec: Spec) -> World:
    return World(spec)


@pytest.fixture
def keeping(spec: Spec) -> Callable[[int], World]:
    """A world whose spec keeps another number of operations."""
    return lambda kept: World(replace(spec, kept_operations=kept))


@pytest.fixture
def day() -> Callable[..., Instant]:
    """A bound that many days (and hours) after the beginning of time."""
    return lambda days, hours=0, whole=False: Instant(days * DAY + hours * DAY // 24, whole)


@pytest.fixture
def station() -> UUID:
    return STATION


@pytest.fixture
def absent_station() -> UUID:
    return ABSENT_STATION


@pytest.fixture
def cases() -> Mapping[str, UUID]:
    return CASES
