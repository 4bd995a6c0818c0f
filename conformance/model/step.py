"""What the guide allows to come of a call: a pure function of the state.

    for outcome in step(state, call, spec, readings): ...

The first outcome is the default, the others are freedoms that the guide leaves under the same readings. Nothing here
changes the state; ``apply_all(outcome.changes, state)`` does, once somebody has chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from conformance.model import readings as points
from conformance.model.call import Call
from conformance.model.changes import AddOperation, AddPatient, Change, SetPatient
from conformance.model.conditions import Checker, lacks_mandatory, refusals
from conformance.model.lookups import LOOKUPS
from conformance.model.outcome import Answer, Outcome, turned_down
from conformance.model.readings import Readings
from conformance.model.records import describe, new_operation, patient_of, status_place
from conformance.model.state import Place, State
from conformance.spec import RunsOn, Spec

NO_OUTPUT: Mapping[str, HTTPStatus] = {
    "ok": HTTPStatus.OK,
    "accepted": HTTPStatus.ACCEPTED,
    "no-content": HTTPStatus.NO_CONTENT,
}
TURNED_DOWN: Mapping[str, HTTPStatus] = {"refused": HTTPStatus.BAD_REQUEST, "not-found": HTTPStatus.NOT_FOUND}


def step(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """Every outcome that is allowed next, at least one."""
    method = spec.method[call.role]
    if call.malformed:
        point = points.MALFORMED_WRITE_VALUE if method.starts_operation else points.MALFORMED_READ_VALUE
        if readings[point] in TURNED_DOWN:
            return (turned_down("malformed", TURNED_DOWN[readings[point]]),)
    if method.runs_on is RunsOn.ANSWER:
        return LOOKUPS[call.role](state, call, spec, readings)
    return _start(state, call, spec, readings)


def _start(state: State, call: Call, spec: Spec, readings: Readings) -> tuple[Outcome, ...]:
    """An operation begins: refused at once, sent to a station, or done by the server."""
    answer = _no_output(call, spec, readings)
    for_station = call.has_value("station")
    found = refusals(state, call, spec, readings, Checker.SERVER if for_station else Checker.ALONE)
    if found:
        return tuple(_refused(name, answer, call, spec, readings) for name in found)
    if for_station:
        return (_queued(state, call, answer, spec, readings),)
    return (_done(state, call, answer, spec, readings),)


def _refused(status: str, answer: Answer, call: Call, spec: Spec, readings: Readings) -> Outcome:
    return Outcome(status, answer, (_add(call, status, Place.DONE, spec, readings),))


def _queued(state: State, call: Call, answer: Answer, spec: Spec, readings: Readings) -> Outcome:
    station = state.stations.get(call.guid("station"))
    connected = station is not None and station.connected
    if not connected and readings[points.UNKNOWN_STATION] == "unsupported":
        return _refused("unsupported", answer, call, spec, readings)
    return Outcome("awaiting", answer, (_add(call, "awaiting", Place.POOL, spec, readings),))


def _done(state: State, call: Call, answer: Answer, spec: Spec, readings: Readings) -> Outcome:
    changes = (*_effect(state, call), _add(call, "processed", Place.DONE, spec, readings))
    return Outcome("processed", answer, changes)


def _effect(state: State, call: Call) -> tuple[Change, ...]:
    """What the server does to its data. Only patients can be changed through this interface."""
    match call.role:
        case "create_patient":
            return (AddPatient(patient_of(call)),)
        case "update_patient":
            former = state.patient(call.text("integration_id"))
            return (SetPatient(patient_of(call, former)),) if former else ()
    return ()


def _add(call: Call, status: str, place: Place, spec: Spec, readings: Readings) -> AddOperation:
    operation = new_operation(call, status, describe(status, spec), place)
    return AddOperation(operation, spec.kept_operations, status_place(readings))


def _no_output(call: Call, spec: Spec, readings: Readings) -> Answer:
    if readings[points.MISSING_MANDATORY_HTTP] == "bad-request" and lacks_mandatory(call, spec, readings):
        return Answer(HTTPStatus.BAD_REQUEST)
    return Answer(NO_OUTPUT[readings[points.NO_OUTPUT_STATUS]])
