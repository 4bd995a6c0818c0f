"""What a station does with an operation: takes it, asks its operator, and reports how it ended.

A station asks one question after another; ``question`` tells the next, ``finish`` what may come of it all once there
is no more to ask. What was true when the operation was called may have changed by then, so it is checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.model import readings as points
from conformance.model.changes import AddCase, AddPatient, Change, MapPatient, RemoveFromPool, SetPatient
from conformance.model.conditions import Checker, Choice, merges, refusals
from conformance.model.dialogs import Button, Decision, Dialog
from conformance.model.outcome import SILENCE, Outcome
from conformance.model.readings import Readings
from conformance.model.records import EXCEPTION_TEXT, new_case, new_status, patient_of
from conformance.model.state import Operation, Patient, State, folded
from conformance.spec import Spec

Answers = Mapping[Dialog, Decision]
"""What was pressed so far."""

STATUS_OF_BUTTON: Mapping[Button, str] = {
    Button.CANCEL: "rejected_by_operator",
    Button.NAVIGATION_FAILED: "navigation_failed",
    Button.EXCEPTION: "exception",
    Button.INTERNAL_ERROR: "internal_error",
    Button.NO_ANSWER: "station_silent",
}
"""The buttons that end an operation, whatever it is."""


def pick_up(state: State, operation: Operation, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The station takes the operation out of the pool."""
    accepted = new_status(operation, "accepted", spec, readings)
    return (Outcome(accepted.status, SILENCE, (RemoveFromPool(operation.serial), accepted)),)


def silence(state: State, operation: Operation, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The server gives up waiting for the station."""
    return (_ended(operation, "station_silent", spec, readings),)


def question(state: State, operation: Operation, answers: Answers, spec: Spec, readings: Readings) -> Dialog | None:
    """The dialog that the operator sees next; None when ``finish`` can tell the end."""
    if refusals(state, operation.call, spec, readings, Checker.STATION):
        return None
    if Dialog.PAGE not in answers:
        return Dialog.PAGE
    if _ends(answers):
        return None
    match operation.role:
        case "create_patient":
            return _question_of_creation(state, operation, answers, readings)
        case "update_patient":
            needed = readings[points.UPDATE_DIALOG] == "always" or _differs(_subject(state, operation), operation)
            return Dialog.SYNC if needed and Dialog.SYNC not in answers else None
    return None


def finish(
    state: State,
    operation: Operation,
    answers: Answers,
    spec: Spec,
    readings: Readings,
    exception: str = EXCEPTION_TEXT,
) -> tuple[Outcome, ...]:
    """Every outcome that is allowed after these answers. ``exception`` is what 3DD says when it breaks."""
    ended = _ends(answers)
    if ended and Dialog.PAGE in answers:
        return (_ended(operation, STATUS_OF_BUTTON[ended], spec, readings, exception=exception),)
    choice = _choice(state, operation, answers, readings)
    found = refusals(state, operation.call, spec, readings, Checker.STATION, choice)
    if found:
        return tuple(_ended(operation, name, spec, readings) for name in found)
    if choice.patient is None and _pressed(answers, Dialog.MERGE) is Button.EXISTING:
        return (_ended(operation, STATUS_OF_BUTTON[Button.CANCEL], spec, readings),)  # the one wanted is not there
    if operation.role == "update_patient" and not choice.applies:
        return (_ended(operation, readings[points.KEPT_OLD_DATA], spec, readings),)
    return (_ended(operation, "processed", spec, readings, _effect(operation, choice, spec)),)


def candidates(state: State, operation: Operation, readings: Readings) -> tuple[Patient, ...]:
    """The patients that the merge dialog suggests: similar names, and mapped to nobody yet."""
    call = operation.call
    first = folded(call.text("first_name"))
    whole = readings[points.SIMILAR_NAMES] == "same-letters"
    return tuple(
        patient
        for patient in state.with_last_name(call.text("last_name"))
        if not patient.integration_id
        and (folded(patient.first_name) == first if whole else folded(patient.first_name)[:1] == first[:1])
    )


def in_question(state: State, operation: Operation, answers: Answers, readings: Readings) -> Patient | None:
    """The patient whose data the operation is about to change, as far as the answers tell; None for a new one."""
    return _choice(state, operation, answers, readings).patient


def _question_of_creation(state: State, operation: Operation, answers: Answers, readings: Readings) -> Dialog | None:
    merging = merges(operation.call)
    if not merging or not candidates(state, operation, readings):
        asked = Dialog.NEW_PATIENT in answers or Dialog.MERGE in answers
        silently = merging and readings[points.MERGE_WITHOUT_MATCH] == "created-at-once"
        return None if asked or silently else Dialog.NEW_PATIENT
    if Dialog.MERGE not in answers:
        return Dialog.MERGE
    chosen = _chosen(state, operation, answers, readings)
    return Dialog.SYNC if _differs(chosen, operation) and Dialog.SYNC not in answers else None


def _ends(answers: Answers) -> Button | None:
    """The button that ended it all, if one was pressed."""
    return next((answer.button for answer in answers.values() if answer.button in STATUS_OF_BUTTON), None)


def _pressed(answers: Answers, dialog: Dialog) -> Button | None:
    return answers[dialog].button if dialog in answers else None


def _chosen(state: State, operation: Operation, answers: Answers, readings: Readings) -> Patient | None:
    """The suggested patient that the operator maps; the first one unless another was named."""
    if _pressed(answers, Dialog.MERGE) is not Button.EXISTING:
        return None
    suggested = candidates(state, operation, readings)
    named, key = answers[Dialog.MERGE].patient, answers[Dialog.MERGE].key
    if key:
        return next((patient for patient in suggested if patient.key == key), None)
    meant = (patient for patient in suggested if named in (patient.patient_id, patient.full_name))
    return next(meant, None) if named else next(iter(suggested), None)


def _subject(state: State, operation: Operation) -> Patient | None:
    return state.patient(operation.call.text("integration_id"))


def _differs(patient: Patient | None, operation: Operation) -> bool:
    """True when the call would change the patient's data; being mapped is no such change."""
    if patient is None:
        return False
    return patient_of(operation.call, patient) != replace(patient, integration_id=operation.call.text("integration_id"))


def _choice(state: State, operation: Operation, answers: Answers, readings: Readings) -> Choice:
    applies = _pressed(answers, Dialog.SYNC) is not Button.KEEP
    if operation.role == "create_patient":
        return Choice(_chosen(state, operation, answers, readings), applies)
    return Choice(_subject(state, operation), applies)


def _effect(operation: Operation, choice: Choice, spec: Spec) -> tuple[Change, ...]:
    call, patient = operation.call, choice.patient
    match operation.role:
        case "create_patient" if patient is None:
            return (AddPatient(patient_of(call)),)
        case "create_patient" if patient is not None and not choice.applies:
            return (MapPatient(patient.key, call.text("integration_id")),)
        case "create_patient" | "update_patient" if patient is not None:
            return (SetPatient(patient_of(call, patient)),)
        case "create_case" if patient is not None:
            return (AddCase(new_case(operation, patient, spec)),)
    return ()


def _ended(
    operation: Operation,
    status: str,
    spec: Spec,
    readings: Readings,
    changes: tuple[Change, ...] = (),
    exception: str = EXCEPTION_TEXT,
) -> Outcome:
    return Outcome(status, SILENCE, (*changes, new_status(operation, status, spec, readings, exception)))
