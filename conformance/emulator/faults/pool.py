"""Faults of the pool: who carries an operation out, whether it comes to an end, and what asking for it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from conformance.emulator.faults.endings import Moment
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import (
    EMPTY_GUID,
    AddOperation,
    Answer,
    Call,
    Change,
    Decision,
    Dialog,
    Operation,
    Outcome,
    Place,
    RemoveFromPool,
    State,
)
from conformance.model.records import describe
from conformance.spec import RunsOn

ENOUGH = 12
"""So many questions about one operation are one too many for a server that tires of them."""


class TellsAnotherStatus(KnowsItsSpec):
    """Tells of an operation what ``instead`` says, and knows better."""

    def instead(self, operation: Operation) -> str:
        """Name of the status to tell; the right one stands in the operation."""
        return operation.status

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation")) if call.role == "get_status" else None
        if operation is None or not isinstance(answer.content, Mapping):
            return answer
        name = self.instead(operation)
        return answer if name == operation.status else self.told(answer, name)

    def told(self, answer: Answer, name: str) -> Answer:
        """The same record with another status."""
        assert isinstance(answer.content, Mapping)
        status = {"code": self._spec.code(name), "description": describe(name, self._spec)}
        return replace(answer, content={**answer.content, **status})


class CountsLooks(TellsAnotherStatus):
    """Remembers how often each operation was asked for."""

    def __init__(self) -> None:
        self._looks: dict[int, int] = {}

    def look(self, operation: Operation) -> int:
        """The number of this look, from 1."""
        self._looks[operation.serial] = self._looks.get(operation.serial, 0) + 1
        return self._looks[operation.serial]


def added(outcome: Outcome) -> list[Operation]:
    """The operations that the outcome starts."""
    return [change.operation for change in outcome.changes if isinstance(change, AddOperation)]


def started_as(outcome: Outcome, **facts: object) -> Outcome:
    """The same with other facts of the operation that it starts."""

    def changed(change: Change) -> Change:
        if not isinstance(change, AddOperation):
            return change
        return replace(change, operation=replace(change.operation, **facts))  # type: ignore[arg-type]

    return replace(outcome, changes=tuple(map(changed, outcome.changes)))


def is_there(station: UUID, state: State) -> bool:
    known = state.stations.get(station)
    return known is not None and known.connected


def at_a_station_that_is_there(moment: Moment) -> bool:
    return is_there(moment.call.guid("station"), moment.state)


class AnotherStationTakesIt(Fault):
    name = "another-station-takes-it"
    does = "Gives an operation to a station that is there when the one named is known and not connected."
    breaks = ("POOL-002", "STAT-021")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        named = state.stations.get(call.guid("station"))
        lost = named is not None and not named.connected
        other = next((station.id for station in state.stations.values() if station.connected), EMPTY_GUID)
        return tuple(started_as(outcome, station=other) for outcome in outcomes) if lost else outcomes


class StepsInForAbsentStations(KnowsItsSpec):
    name = "steps-in-for-absent-stations"
    does = "Carries out on the server, where it can, what was meant for a station that is known and not connected."
    breaks = ("POOL-002",)

    def call(self, call: Call, state: State) -> Call:
        station = state.stations.get(call.guid("station"))
        if station is None or station.connected or self._spec.method[call.role].runs_on is RunsOn.STATION:
            return call
        return replace(call, values={role: value for role, value in call.values.items() if role != "station"})


class LooksForAPageOfItsOwn(KnowsItsSpec):
    name = "looks-for-a-page-of-its-own"
    does = "Says of what it cannot do without a station that the page did not open."
    breaks = ("CASE-003", "CASE-005", "POOL-003", "SCS-004", "SCS-005", "SEL-004", "SEL-005", "SEL-007")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.has_value("station") or not any(o.status == "unsupported" for each in outcomes for o in added(each)):
            return outcomes
        failed = "navigation_failed"
        return tuple(started_as(o, status=failed, description=describe(failed, self._spec)) for o in outcomes)


class LeavesSelectionsLying(Fault):
    name = "leaves-selections-lying"
    does = "Never takes the selection of a patient out of the pool."
    breaks = ("POOL-004",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role != "select_patient" or not is_there(call.guid("station"), state):
            return outcomes
        return tuple(started_as(outcome, station=EMPTY_GUID) for outcome in outcomes)


class BurnsRemovedIds(Fault):
    name = "burns-removed-ids"
    does = "Never takes an operation out of the pool whose id had one before that was removed."
    breaks = ("POOL-004",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        former = state.newest(call.guid("operation"))
        burnt = former is not None and former.id != EMPTY_GUID and former.status == "removed"
        if not burnt or not is_there(call.guid("station"), state):
            return outcomes
        return tuple(started_as(outcome, station=EMPTY_GUID) for outcome in outcomes)


class PushesItsLikeAside(Fault):
    name = "pushes-its-like-aside"
    does = "Throws an operation out of the pool, not carried out, when the next one with its id arrives."
    breaks = ("POOL-004",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        former = state.newest(call.guid("operation"))
        if former is None or former.id == EMPTY_GUID or former.place is not Place.POOL:
            return outcomes
        aside = RemoveFromPool(former.serial)
        return tuple(replace(o, changes=(aside, *o.changes)) if added(o) else o for o in outcomes)


class NeverFinishesUpdates(Fault):
    name = "never-finishes-updates"
    does = "Takes an update out of the pool, asks the operator, and reports nothing."
    breaks = ("POOL-004",)

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        if operation.role != "update_patient":
            return outcomes
        return tuple(replace(outcome, changes=()) for outcome in outcomes)


class TiresOfQuestions(CountsLooks):
    name = "tires-of-questions"
    does = "Knows nothing of an operation at the twelfth question about it, and again at the next."
    breaks = ("POOL-006", "STAT-018")

    def instead(self, operation: Operation) -> str:
        return operation.status if self.look(operation) % ENOUGH else "operation_unknown"


class ForgetsWhatItTold(Fault):
    name = "forgets-what-it-told"
    does = "Forgets an operation at a station once it has told that it was processed."
    breaks = ("POOL-006", "STAT-016", "STAT-018", "STAT-024")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation")) if call.role == "get_status" else None
        if operation is not None and operation.status == "processed" and operation.station != EMPTY_GUID:
            state.kept = tuple(serial for serial in state.kept if serial != operation.serial)
            state.forget(operation.serial)
        return answer


class LingersOverItsOwnWork(CountsLooks):
    name = "lingers-over-its-own-work"
    does = "Says at the first look that the server's own work is still waiting."
    breaks = ("POOL-008",)

    def instead(self, operation: Operation) -> str:
        first = not operation.call.has_value("station") and self.look(operation) == 1
        return "awaiting" if first else operation.status


class NeverEndsWhatItRefuses(TellsAnotherStatus):
    name = "never-ends-what-it-refuses"
    does = "Lets an update on the server wait for ever when it finds nobody to update."
    breaks = ("POOL-008", "POOL-009", "UPD-031")

    def instead(self, operation: Operation) -> str:
        endless = operation.role == "update_patient" and not operation.call.has_value("station")
        return "awaiting" if endless and operation.status == "integration_id_unknown" else operation.status


class RemembersARefusedPatient(KnowsItsSpec):
    name = "remembers-a-refused-patient"
    does = "Refuses the next update of a patient too, once one was refused for its patient id."
    breaks = ("FLOW-016", "STAT-034", "UPD-022")

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        patient, taken = call.text("integration_id"), "patient_id_taken"
        if call.role != "update_patient" or call.has_value("station"):
            return outcomes
        if patient in self._refused and outcomes[0].label == "processed":
            self._refused.discard(patient)
            text = describe(taken, self._spec)
            wrong = (started_as(outcome, status=taken, description=text) for outcome in outcomes)
            return tuple(replace(o, changes=tuple(c for c in o.changes if isinstance(c, AddOperation))) for o in wrong)
        if taken in {outcome.label for outcome in outcomes}:
            self._refused.add(patient)
        return outcomes
