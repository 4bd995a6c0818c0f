"""Faults of the status record, of how long statuses are kept, and of which status is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from conformance.emulator.faults.fields import Garbles, WritesTwice
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.pool import CountsLooks, TellsAnotherStatus, added, started_as
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
    SetStatus,
    State,
)
from conformance.model.records import describe
from conformance.spec import Spec

CREATION, UPDATE = "create_patient", "update_patient"
GONE = "operation_unknown"

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
        operation = state.newest(call.guid("operation")) if call.role == "get_status" else None
        if operation is None or operation.place is Place.POOL or operation.station == EMPTY_GUID:
            return answer
        return _described(answer, "")


class KeepsTheFirstDescription(KnowsItsSpec):
    name = "keeps-the-first-description"
    does = "Gives an operation another status and leaves the description of the first one."
    breaks = ("STAT-007", "STAT-009")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation")) if call.role == "get_status" else None
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

# -- how long it is kept --------------------------------------------------------------------------------------


class ForgetsOneEarlier(Fault):
    name = "forgets-one-earlier"
    does = "Keeps the status of one operation fewer than documented."
    breaks = ("PAT-017", "SCS-015", "STAT-014")

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations - 1)


class KeepsOneMore(Fault):
    name = "keeps-one-more"
    does = "Keeps the status of one operation more than documented."
    breaks = ("STAT-015",)

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations + 1)


class CountsPlaces(Fault):
    """Keeps more statuses than it should when some operation comes."""

    def extra(self, operation: Operation, state: State) -> int:
        """How many older ones are kept beyond the limit."""
        return 0

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return tuple(replace(o, changes=tuple(self._kept(c, state) for c in o.changes)) for o in outcomes)

    def _kept(self, change: Change, state: State) -> Change:
        if not isinstance(change, AddOperation):
            return change
        return replace(change, kept=change.kept + self.extra(change.operation, state))


class RefusalsTakeNoPlace(CountsPlaces):
    name = "refusals-take-no-place"
    does = "Pushes no status out when an operation comes that it refuses."
    breaks = ("STAT-015",)

    def extra(self, operation: Operation, state: State) -> int:
        return 1 if operation.status not in ("processed", "awaiting") else 0


class CountsEachStationByItself(CountsPlaces):
    name = "counts-each-station-by-itself"
    does = "Keeps as many statuses for each station as it should keep in all."
    breaks = ("STAT-015",)

    def extra(self, operation: Operation, state: State) -> int:
        return sum(1 for serial in state.kept if state.operations[serial].station != operation.station)


class KeepsWhatIsAskedFor(Fault):
    name = "keeps-what-is-asked-for"
    does = "Makes the status of an operation young again with each question."
    breaks = ("STAT-014", "STAT-015")

    def call(self, call: Call, state: State) -> Call:
        asked = state.newest(call.guid("operation")) if call.role == "get_status" else None
        if asked is not None:
            state.kept = (*(serial for serial in state.kept if serial != asked.serial), asked.serial)
        return call


class TellsNothingOfCases(TellsAnotherStatus):
    name = "tells-nothing-of-cases"
    does = "Knows no status of the selection of a case."
    breaks = ("SCS-015", "STAT-010", "STAT-012", "STAT-014")

    def instead(self, operation: Operation) -> str:
        return GONE if operation.role == "select_case" else operation.status


class KeepsNoStatusWithoutId(Fault):
    name = "keeps-no-status-without-id"
    does = "Keeps no status for an operation that was given no id."
    breaks = ("PAT-017", "SCS-015", "STAT-012", "STAT-014")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return outcomes if call.guid("operation") != EMPTY_GUID else tuple(map(_without_records, outcomes))


def _without_records(outcome: Outcome) -> Outcome:
    return replace(outcome, changes=tuple(c for c in outcome.changes if not isinstance(c, AddOperation)))


class WantsAnIdInTheQuestion(TellsAnotherStatus):
    name = "wants-an-id-in-the-question"
    does = "Knows nothing when the question leaves the id out."
    breaks = ("PAT-017", "STAT-012")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        bare = call.role == "get_status" and "operation" not in call.values
        return self.told(answer, GONE) if bare and isinstance(answer.content, Mapping) else answer


class TellsTheFirstOfTwo(TellsAnotherStatus):
    name = "tells-the-first-of-two"
    does = "Tells the status of the first operation with an id while the last one waits in the pool."
    breaks = ("POOL-002", "STAT-016")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        asked = call.guid("operation")
        same = [o for serial in sorted(state.kept) if (o := state.operations[serial]).id == asked]
        if call.role != "get_status" or len(same) < 2 or not isinstance(answer.content, Mapping):
            return answer
        if same[-1].place is not Place.POOL:
            return answer
        return self.told(answer, same[0].status)


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
    breaks = ("STAT-020",)

    def instead(self, operation: Operation) -> str:
        again = operation.status == "accepted" and self.look(operation) == 2
        return "awaiting" if again else operation.status


class AcceptsItsOwnWork(CountsLooks):
    name = "accepts-its-own-work"
    does = "Says at the first look that a station has an update which the server does itself."
    breaks = ("POOL-008", "STAT-021")

    def instead(self, operation: Operation) -> str:
        own = operation.role == UPDATE and not operation.call.has_value("station")
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


# -- one status for another -----------------------------------------------------------------------------------


class Mistakes(KnowsItsSpec):
    """Gives one final status for another, wherever it comes from."""

    def __init__(
        self, name: str, does: str, breaks: tuple[str, ...], right: str, wrong: str, roles: tuple[str, ...] = ()
    ) -> None:
        """``roles`` are those of the methods it happens to; none for all."""
        self.name, self.does, self.breaks = name, does, breaks
        self._right = right
        self._wrong = wrong
        self._roles = roles

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return self._mistaken(call.role, outcomes)

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        return self._mistaken(operation.role, outcomes)

    def _mistaken(self, role: str, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        if self._roles and role not in self._roles:
            return outcomes
        return tuple(replace(o, changes=tuple(map(self._changed, o.changes))) for o in outcomes)

    def _changed(self, change: Change) -> Change:
        text = describe(self._wrong, self._spec)
        if isinstance(change, SetStatus) and change.status == self._right:
            return replace(change, status=self._wrong, description=text)
        if isinstance(change, AddOperation) and change.operation.status == self._right:
            return replace(change, operation=replace(change.operation, status=self._wrong, description=text))
        return change


MISTAKES = (
    Mistakes(
        "forgets-the-reason",
        "Says that an update or a selection was processed when the operator has cancelled it.",
        ("STAT-022", "UPD-033"),
        "rejected_by_operator",
        "processed",
        (UPDATE, "select_patient", "select_case", "create_case"),
    ),
    Mistakes(
        "blames-the-page-for-a-cancel",
        "Says that the page did not open when the operator cancelled a new patient.",
        ("STAT-022",),
        "rejected_by_operator",
        "navigation_failed",
        (CREATION,),
    ),
    Mistakes(
        "blames-the-operator-for-the-page",
        "Says that the operator cancelled when the page did not open.",
        ("STAT-023",),
        "navigation_failed",
        "rejected_by_operator",
    ),
    Mistakes(
        "calls-silence-an-error",
        "Says that a station met an error when it was not heard of again.",
        ("STAT-027",),
        "station_silent",
        "internal_error",
    ),
    Mistakes(
        "calls-exceptions-internal",
        "Says of an exception that it was an internal error.",
        ("STAT-028",),
        "exception",
        "internal_error",
    ),
    Mistakes(
        "calls-internal-errors-exceptions",
        "Says of an internal error that it was an exception.",
        ("STAT-037",),
        "internal_error",
        "exception",
    ),
    Mistakes(
        "asks-a-case-for-its-patient",
        "Says that the integration id is missing when a case id is.",
        ("SCS-002", "STAT-030"),
        "case_id_missing",
        "integration_id_missing",
    ),
    Mistakes(
        "takes-an-id-for-a-name",
        "Says that the last name is missing when a new patient lacks the integration id.",
        ("PAT-012", "PAT-013", "PAT-016", "STAT-031"),
        "integration_id_missing",
        "last_name_missing",
        (CREATION,),
    ),
    Mistakes(
        "does-not-see-a-case-id",
        "Says that the case id is missing when no case has it.",
        ("SCS-003", "STAT-032"),
        "case_unknown",
        "case_id_missing",
    ),
    Mistakes(
        "looks-for-no-case",
        "Says that no such case exists when the case id is missing.",
        ("SCS-002", "SCS-005"),
        "case_id_missing",
        "case_unknown",
    ),
)


class ShowsAndDenies(KnowsItsSpec):
    """Gives another end to what a station has shown to its operator."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], role: str, status: str) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._role = role
        self._status = status

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        if operation.role != self._role or outcomes[0].label != "processed":
            return outcomes
        change = SetStatus(operation.serial, self._status, describe(self._status, self._spec), final=True)
        return (replace(outcomes[0], changes=(change,)),)


DENIED = (
    ShowsAndDenies(
        "denies-a-selection",
        "Says that the operator cancelled when a patient was selected.",
        ("STAT-025",),
        "select_patient",
        "rejected_by_operator",
    ),
    ShowsAndDenies(
        "denies-a-case",
        "Says at the end of a selection that no such case exists, although the station shows it.",
        ("SCS-001", "STAT-025", "STAT-033"),
        "select_case",
        "case_unknown",
    ),
)


class RefusesOnSight(KnowsItsSpec):
    """Refuses at once what it could do, leaving its data alone."""

    status = ""

    def refuses(self, call: Call, state: State) -> bool:
        """Whether this call, which could be carried out on the server, is refused."""
        return False

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if outcomes[0].label != "processed" or not added(outcomes[0]) or not self.refuses(call, state):
            return outcomes
        text = describe(self.status, self._spec)
        kept = (started_as(outcome, status=self.status, description=text) for outcome in outcomes)
        return tuple(replace(o, changes=tuple(c for c in o.changes if isinstance(c, AddOperation))) for o in kept)


class CannotMergeOnTheServer(RefusesOnSight):
    name = "cannot-merge-on-the-server"
    does = "Says that a new patient on the server is not supported when merging is asked for."
    breaks = ("PAT-023", "PAT-024", "STAT-026")
    status = "unsupported"

    def refuses(self, call: Call, state: State) -> bool:
        return call.role == CREATION and call.flag("merge")


class TakesTheOwnerForAnother(RefusesOnSight):
    name = "takes-the-owner-for-another"
    does = "Refuses an update that keeps the patient id, since a patient has it: the same one."
    breaks = ("PAT-040", "STAT-034", "UPD-003")
    status = "patient_id_taken"

    def refuses(self, call: Call, state: State) -> bool:
        patient = state.patient(call.text("integration_id"))
        own = patient is not None and patient.patient_id == call.text("patient_id")
        return own and call.role == UPDATE and call.has_value("patient_id")


class KnowsAPatientOnce(RefusesOnSight):
    name = "knows-a-patient-once"
    does = "Does not find a patient for a second update."
    breaks = ("MAP-007", "STAT-035", "UPD-001", "UPD-002")
    status = "integration_id_unknown"

    def __init__(self) -> None:
        self._updated: set[str] = set()

    def refuses(self, call: Call, state: State) -> bool:
        patient = call.text("integration_id")
        again = call.role == UPDATE and patient in self._updated
        self._updated |= {patient} if call.role == UPDATE else set()
        return again


class TakesRefusedIdsForGiven(RefusesOnSight):
    name = "takes-refused-ids-for-given"
    does = "Says that an integration id is taken under which a new patient was refused."
    breaks = ("PAT-018", "STAT-036")
    status = "integration_id_taken"

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role == CREATION and outcomes[0].label == "last_name_missing":
            self._refused.add(call.text("integration_id"))
        return super().outcomes(call, outcomes, state)

    def refuses(self, call: Call, state: State) -> bool:
        return call.role == CREATION and call.text("integration_id") in self._refused
