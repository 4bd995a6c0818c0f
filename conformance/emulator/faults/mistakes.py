"""Faults that give one status for another: at the end of an operation, or at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.pool import added, started_as
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import AddOperation, Call, Change, Decision, Dialog, Operation, Outcome, SetStatus, State
from conformance.model.records import describe

CREATION, UPDATE = "create_patient", "update_patient"


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
    breaks = ("STAT-016", "STAT-034", "UPD-003")
    status = "patient_id_taken"

    def refuses(self, call: Call, state: State) -> bool:
        patient = state.patient(call.text("integration_id"))
        own = patient is not None and patient.patient_id == call.text("patient_id")
        return own and call.role == UPDATE and call.has_value("patient_id")


class KnowsAPatientOnce(RefusesOnSight):
    name = "knows-a-patient-once"
    does = "Does not find a patient for a second update."
    breaks = ("MAP-007", "PAT-038", "STAT-016", "STAT-035", "UPD-001", "UPD-002")
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
