"""Faults of the pool and of the status list: what is kept, found, removed and told of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.model import (
    EMPTY_GUID,
    AddOperation,
    AddPatient,
    Answer,
    Call,
    Change,
    Decision,
    Dialog,
    Operation,
    Outcome,
    SetStatus,
    State,
    answered,
)
from conformance.model.records import patient_of
from conformance.spec import Spec

CREATION = "create_patient"


class ForgetsOneEarlier(Fault):
    name = "forgets-one-earlier"
    does = "Keeps the status of one operation fewer than documented."
    breaks = ("STAT-014",)

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations - 1)


class KeepsOneMore(Fault):
    name = "keeps-one-more"
    does = "Keeps the status of one operation more than documented."
    breaks = ("STAT-015",)

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations + 1)


class KeepsNoStatusWithoutId(Fault):
    name = "keeps-no-status-without-id"
    does = "Keeps no status for an operation that was given no id."
    breaks = ("STAT-012", "STAT-014")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.guid("operation") != EMPTY_GUID:
            return outcomes
        return tuple(replace(outcome, changes=_without_records(outcome)) for outcome in outcomes)


class TellsAnotherId(Fault):
    name = "tells-another-id"
    does = "Puts the empty GUID into every status it tells."
    breaks = ("STAT-005",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != "get_status" or not isinstance(answer.content, Mapping):
            return answer
        return replace(answer, content={**answer.content, "operation": EMPTY_GUID})


class RemovesButSaysNo(Fault):
    name = "removes-but-says-no"
    does = "Removes an operation from the pool and answers that it did not."
    breaks = ("REM-001", "REM-005")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, content=False) if call.role == "remove_operation" else answer


class SaysYesToEveryRemoval(Fault):
    name = "says-yes-to-every-removal"
    does = "Answers that it removed operations it has never heard of."
    breaks = ("REM-003",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, content=True) if call.role == "remove_operation" else answer


class CarriesOutWhatWasRemoved(Fault):
    name = "carries-out-what-was-removed"
    does = "Says that it removed an operation, and makes its patient all the same."
    breaks = ("REM-007", "STAT-036")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        removed = (state.operations[c.serial] for o in outcomes for c in o.changes if isinstance(c, SetStatus))
        made = tuple(AddPatient(patient_of(operation.call)) for operation in removed if operation.role == CREATION)
        return tuple(replace(outcome, changes=(*outcome.changes, *made)) for outcome in outcomes)


class KeepsStuckOperations(Fault):
    name = "keeps-stuck-operations"
    does = "Refuses to remove an operation whose station is not connected."
    breaks = ("REM-001", "REM-005")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role != "remove_operation":
            return outcomes
        stations = [state.stations.get(operation.station) for operation in state.pooled(call.guid("operation"))]
        stuck = any(station is None or not station.connected for station in stations)
        return (answered("removed", False),) if stuck else outcomes


class ForgetsTheReason(Fault):
    name = "forgets-the-reason"
    does = "Says that an update or a selection was processed when the operator has cancelled it."
    breaks = ("STAT-022", "UPD-033")

    def spec(self, spec: Spec) -> Spec:
        self._processed = spec.status["processed"]
        return spec

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        if operation.role == CREATION:
            return outcomes
        return tuple(replace(outcome, changes=tuple(map(self._forgotten, outcome.changes))) for outcome in outcomes)

    def _forgotten(self, change: Change) -> Change:
        if not isinstance(change, SetStatus) or change.status != "rejected_by_operator":
            return change
        return replace(change, status=self._processed.name, description=self._processed.text)


def _without_records(outcome: Outcome) -> tuple[Change, ...]:
    return tuple(change for change in outcome.changes if not isinstance(change, AddOperation))
