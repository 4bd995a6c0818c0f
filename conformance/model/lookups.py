"""The methods that answer at once: stations, status, removal, cases, images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from conformance.model import readings as points
from conformance.model.call import EMPTY_GUID, Call
from conformance.model.changes import AddOperation
from conformance.model.filters import impossible, wanted
from conformance.model.outcome import Answer, Outcome, answered, turned_down
from conformance.model.readings import Readings
from conformance.model.records import case_record, describe, new_operation, new_status, station_record, status_record
from conformance.model.state import Patient, Place, State
from conformance.spec import Spec

LookUp = Callable[[State, Call, Spec, Readings], tuple[Outcome, ...]]

NOBODY: Mapping[str, HTTPStatus] = {"not-found": HTTPStatus.NOT_FOUND, "bad-request": HTTPStatus.BAD_REQUEST}
NO_IMAGE: Mapping[str, HTTPStatus] = {
    "not-found": HTTPStatus.NOT_FOUND,
    "bad-request": HTTPStatus.BAD_REQUEST,
    "server-error": HTTPStatus.INTERNAL_SERVER_ERROR,
}
_HANDLED = frozenset(
    {"removed", "processed", "rejected_by_operator", "navigation_failed", "internal_error", "exception"}
)
"""Such operations exist no longer. Those that failed otherwise may still lie in a pool."""
_UNASKABLE = 1 << 127  # ids beyond this one belong to look-ups that take a place; nobody can know them


def list_stations(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The stations that are connected now."""
    connected = [station_record(s, call.at) for s in state.stations.values() if s.connected]
    return (_kept(answered("stations", connected), state, call, spec, readings),)


def get_status(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The status of the newest operation with that id, among those whose status is kept."""
    operation = state.newest(call.guid("operation"), _spelling(call, readings))
    if operation is None:
        return (_unknown(call, spec, readings),)
    return (answered("status", status_record(operation.id, operation.status, operation.description, spec)),)


def remove_operation(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """True when something was taken out of the pool. What a station has, it keeps."""
    asked, spelling = call.guid("operation"), _spelling(call, readings)
    pooled = [o for o in state.pooled(asked) if spelling in (None, o.spelling)]
    if not pooled:
        told = state.newest(asked, spelling)
        open_yet = told is not None and told.status not in _HANDLED
        return (answered("removed", open_yet and readings[points.REMOVE_AFTER_PICK_UP] == "answers-true"),)
    gone = {"all": pooled, "oldest": pooled[:1]}.get(readings[points.REMOVE_REPEATED_ID], pooled[-1:])
    changes = tuple(new_status(operation, "removed", spec, readings) for operation in gone)
    return (Outcome("removed", Answer(HTTPStatus.OK, "removed", True), changes),)


def find_cases(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The cases of a patient that pass every filter."""
    if impossible(call, readings):
        return (turned_down("impossible-range", HTTPStatus.BAD_REQUEST),)
    if not call.has_value("integration_id") and readings[points.FIND_WITHOUT_PATIENT] == "bad-request":
        return (turned_down("no-patient", HTTPStatus.BAD_REQUEST),)
    patient = state.patient(call.text("integration_id"))
    unknown = patient is None and call.has_value("integration_id")
    if unknown and readings[points.FIND_UNKNOWN_PATIENT] in NOBODY:
        return (turned_down("unknown-patient", NOBODY[readings[points.FIND_UNKNOWN_PATIENT]]),)
    return (_kept(answered("cases", _found(patient, state, call, readings)), state, call, spec, readings),)


def fetch_image(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """The bytes of an image, which must belong to that case."""
    case = state.cases.get(call.guid("case"))
    image = next((i for i in case.images if i.id == call.guid("image")), None) if case else None
    if image is not None:
        return (_kept(answered("image_bytes", image.content), state, call, spec, readings),)
    reading = readings[points.UNKNOWN_IMAGE]
    if reading in NO_IMAGE:
        return (turned_down("unknown-image", NO_IMAGE[reading]),)
    return (answered("image_bytes", b""),)


def _found(patient: Patient | None, state: State, call: Call, readings: Readings) -> list[object]:
    if patient is None:
        return []
    return [case_record(case, state, readings) for case in state.cases_of(patient) if wanted(case, call, readings)]


def _spelling(call: Call, readings: Readings) -> str | None:
    """The text an operation's id must have been written as; None where any spelling of the GUID will do."""
    same = readings[points.OPERATION_ID_SPELLING] == "same" or call.guid("operation") == EMPTY_GUID
    return None if same else call.texts.get("operation", "")


def _unknown(call: Call, spec: Spec, readings: Readings) -> Outcome:
    echo = call.guid("operation") if readings[points.UNKNOWN_OPERATION_ECHO] == "asked" else EMPTY_GUID
    found = readings[points.UNKNOWN_OPERATION_HTTP] == "ok"
    status = "operation_unknown"
    record = status_record(echo, status, describe(status, spec), spec)
    return Outcome(status, Answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, "status", record))


def _kept(outcome: Outcome, state: State, call: Call, spec: Spec, readings: Readings) -> Outcome:
    """The outcome, taking a place among the kept ones where look-ups do. Its id is one that nobody can ask for."""
    if readings[points.READS_KEPT] == "no":
        return outcome
    operation = new_operation(call, "processed", describe("processed", spec), Place.DONE)
    hidden = replace(operation, id=UUID(int=_UNASKABLE + state.last_serial))
    return replace(outcome, changes=(AddOperation(hidden, spec.kept_operations),))


LOOKUPS: Mapping[str, LookUp] = {
    "list_stations": list_stations,
    "get_status": get_status,
    "remove_operation": remove_operation,
    "find_cases": find_cases,
    "fetch_image": fetch_image,
}
"""By method role."""
