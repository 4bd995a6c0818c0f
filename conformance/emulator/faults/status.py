"""Faults of the status record, of its description, and of the statuses that an operation goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from conformance.emulator.faults.fields import Garbles, WritesTwice
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.pool import CountsLooks, TellsAnotherStatus, added
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import EMPTY_GUID, Answer, Call, Operation, Outcome, Place, State
from conformance.model.records import describe
from conformance.spec import Spec

GONE = "operation_unknown"


def asked_about(call: Call, state: State) -> Operation | None:
    """The operation whose status is asked for; None for another call, or an id that is not known."""
    return state.newest(call.guid("operation")) if call.role == "get_status" else None


# -- the record -----------------------------------------------------------------------------------------------

RECORDS = (
    Garbles("writes-ids-as-numbers", "Writes the id in a status record as a number.", ("STAT-002",), "operation", "17"),
    Garbles("writes-statuses-as-words", "Writes the status as a word.", ("STAT-003",), "code", "done"),
    WritesTwice("describes-twice", "Writes two descriptions into a status record.", ("STAT-004",), "description"),
)


class HasNoRecordOfTheUnknown(Fault):
    name = "has-no-record-of-the-unknown"
    does = "Answers HTTP 404 without a record when it knows no operation with that id."
    breaks = ("STAT-001",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        unknown = call.role == "get_status" and not state.known(call.guid("operation"))
        return Answer(HTTPStatus.NOT_FOUND) if unknown else answer


class TellsAnotherId(Fault):
    name = "tells-another-id"
    does = "Puts the empty GUID into every status it tells."
    breaks = ("STAT-005",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return _with_id(answer, EMPTY_GUID) if call.role == "get_status" else answer


class TellsTheNewestId(Fault):
    name = "tells-the-newest-id"
    does = "Puts the id of the newest operation into the status of an older one."
    breaks = ("STAT-005",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != "get_status" or not state.known(call.guid("operation")):
            return answer
        return _with_id(answer, state.operations[max(state.kept)].id)


def _with_id(answer: Answer, operation: UUID) -> Answer:
    if not isinstance(answer.content, Mapping):
        return answer
    return replace(answer, content={**answer.content, "operation": operation})


class InventsANumber(KnowsItsSpec):
    name = "invents-a-number"
    does = "Tells of what it does not support under a number that the table does not have."
    breaks = ("STAT-006",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != "get_status" or not isinstance(answer.content, Mapping):
            return answer
        if answer.content["code"] != self._spec.code("unsupported"):
            return answer
        return replace(answer, content={**answer.content, "code": max(self._spec.status_by_code) + 1})


# -- the description ------------------------------------------------------------------------------------------


class DescribesNothing(Fault):
    name = "describes-nothing"
    does = "Leaves the description empty when a station had the operation."
    breaks = ("STAT-007", "STAT-029")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = asked_about(call, state)
        if operation is None or operation.place is Place.POOL or operation.station == EMPTY_GUID:
            return answer
        return _described(answer, "")


class KeepsTheFirstDescription(KnowsItsSpec):
    name = "keeps-the-first-description"
    does = "Gives an operation another status and leaves the description of the first one."
    breaks = ("STAT-007", "STAT-009")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = asked_about(call, state)
        if operation is None or operation.station == EMPTY_GUID:
            return answer
        return _described(answer, describe("awaiting", self._spec))


def _described(answer: Answer, text: str) -> Answer:
    if not isinstance(answer.content, Mapping):
        return answer
    return replace(answer, content={**answer.content, "description": text})


class Words(Fault):
    """Another text for one status."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], status: str, text: str) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._status = status
        self._text = text

    def spec(self, spec: Spec) -> Spec:
        return replace(
            spec, statuses=tuple(replace(s, text=self._text) if s.name == self._status else s for s in spec.statuses)
        )


WORDS = (
    Words(
        "speaks-german-when-cancelled",
        "Describes what the operator cancelled in the language of the station.",
        ("STAT-008", "STAT-009"),
        "rejected_by_operator",
        "Der Vorgang wurde am Arbeitsplatz abgebrochen.",
    ),
    Words(
        "speaks-danish-of-the-unknown",
        "Says in Danish that it does not know an operation.",
        ("STAT-008", "STAT-009"),
        GONE,
        "Der blev ikke fundet en anmodning med dette nummer.",
    ),
    Words(
        "uses-words-of-its-own",
        "Describes what was taken by a station in other words than the table.",
        ("STAT-009",),
        "accepted",
        "The station is working on the operation now.",
    ),
    Words(
        "tells-no-exception",
        "Describes an exception without its text.",
        ("STAT-029",),
        "exception",
        "Could not process the request due to an exception",
    ),
    Words(
        "mixes-up-two-texts",
        "Describes an integration id that is taken as one that is unknown.",
        ("STAT-007", "STAT-009"),
        "integration_id_taken",
        "No patient was found with the specified patient ID",
    ),
)

# -- on the way -----------------------------------------------------------------------------------------------


class ReopensWhatIsOver(CountsLooks):
    name = "reopens-what-is-over"
    does = "Says at the third look at an operation that is over that its station has it."
    breaks = ("STAT-018",)

    def instead(self, operation: Operation) -> str:
        over = operation.place is Place.DONE and operation.station != EMPTY_GUID and operation.status != "removed"
        return "accepted" if over and self.look(operation) == 3 else operation.status


class FallsBackToWaiting(CountsLooks):
    name = "falls-back-to-waiting"
    does = "Says at the second look that an operation waits which its station has."
    breaks = ("REM-001", "STAT-020")

    def instead(self, operation: Operation) -> str:
        again = operation.status == "accepted" and self.look(operation) == 2
        return "awaiting" if again else operation.status


class AcceptsItsOwnWork(CountsLooks):
    name = "accepts-its-own-work"
    does = "Says at the first look that a station has an update which the server does itself."
    breaks = ("POOL-008", "STAT-016", "STAT-021")

    def instead(self, operation: Operation) -> str:
        own = operation.role == "update_patient" and not operation.call.has_value("station")
        first = own and self.look(operation) == 1
        return "accepted" if first else operation.status


class LosesWhatIsStuck(CountsLooks):
    name = "loses-what-is-stuck"
    does = "Says from the tenth look on that an operation was removed which nobody removed."
    breaks = ("STAT-024",)

    def instead(self, operation: Operation) -> str:
        lost = operation.place is Place.POOL and self.look(operation) >= 10
        return "removed" if lost else operation.status


class KnowsWhatNeverWas(TellsAnotherStatus):
    name = "knows-what-never-was"
    does = "Says at the second question about an id that was never given that its operation waits."
    breaks = ("STAT-038",)

    def __init__(self) -> None:
        self._given: set[UUID] = set()
        self._asked: set[UUID] = set()

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        self._given |= {operation.id for outcome in outcomes for operation in added(outcome)}
        return outcomes

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        asked = call.guid("operation")
        if call.role != "get_status" or asked in self._given or not isinstance(answer.content, Mapping):
            return answer
        again = asked in self._asked
        self._asked.add(asked)
        return self.told(answer, "awaiting") if again else answer
