"""From calls to the entries of the state, and from those to the content of answers (mappings by field role)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID, uuid5

from conformance.model import readings as points
from conformance.model.call import EMPTY_GUID, Call
from conformance.model.changes import SetStatus
from conformance.model.outcome import NEVER, Stamp
from conformance.model.readings import Readings
from conformance.model.state import Case, CaseState, Image, Indication, Operation, Patient, Place, Scan, State, Station
from conformance.spec import Spec

Content = Mapping[str, object]

UNSENT_LAB = "UNSENT-LAB"
_PLACEHOLDER = re.compile("<[^<>]+>")
EXCEPTION_TEXT = "System.InvalidOperationException: the sequence contains no elements"


def patient_of(call: Call, former: Patient | None = None) -> Patient:
    """The patient as the call has it. What the call leaves out is empty, also where ``former`` had a value."""
    born = call.instant("birth_date")
    return Patient(
        key=former.key if former else 0,
        last_name=call.text("last_name"),
        first_name=call.text("first_name"),
        birth_date=born.ticks if born else None,
        patient_id=call.text("patient_id"),
        integration_id=call.text("integration_id"),
    )


def new_operation(call: Call, status: str, description: str, place: Place) -> Operation:
    """The operation that the call starts; it has no serial yet."""
    station = call.guid("station") if place is Place.POOL else EMPTY_GUID
    return Operation(0, call.guid("operation"), call, status, description, station, place)


def status_place(readings: Readings) -> bool:
    """True where operations with one id share a place."""
    return readings[points.REPEATED_ID_PLACES] == "one"


def describe(status: str, spec: Spec, exception: str = EXCEPTION_TEXT) -> str:
    """The text of a status, its placeholder filled."""
    return _PLACEHOLDER.sub(lambda _: exception, spec.status[status].text)


def new_status(
    operation: Operation, status: str, spec: Spec, readings: Readings, exception: str = EXCEPTION_TEXT
) -> SetStatus:
    """The change that gives the operation that status."""
    renews = readings[points.STATUS_AGE] == "last-change"
    text = describe(status, spec, exception)
    return SetStatus(operation.serial, status, text, spec.status[status].final, renews)


def station_record(station: Station, at: int) -> Content:
    """A station as it is at ``at`` ticks."""
    return {
        "station": station.id,
        "hostname": station.hostname,
        "busy": station.busy,
        "modules": [{"id": name, "title": title} for name, title in station.modules],
        "operator_name": station.operator_name,
        "operator_id": station.operator_id,
        "timestamp": Stamp(at),
    }


def status_record(operation_id: UUID, status: str, description: str, spec: Spec) -> Content:
    return {"operation": operation_id, "code": spec.code(status), "description": description}


def new_case(operation: Operation, patient: Patient, spec: Spec) -> Case:
    """The case that an operation has started: of that moment, and not sent to anybody yet."""
    lab = spec.reading[UNSENT_LAB].default if UNSENT_LAB in spec.reading else "-"
    number = uuid5(operation.id, str(operation.serial))
    return Case(number, patient.key, CaseState.CREATED, operation.call.at, None, None, lab)


def _full_name(patient: Patient, reading: str) -> str:
    if reading == "first-last" or not patient.first_name:
        return patient.full_name
    comma = "," if reading == "last-comma-first" else ""
    return f"{patient.last_name}{comma} {patient.first_name}".strip()


def case_record(case: Case, state: State, readings: Readings) -> Content:
    patient = state.patients[case.patient]
    return {
        "case": case.id,
        "patient_name": _full_name(patient, readings[points.FULL_NAME]),
        "integration_id": patient.integration_id,
        "lab": case.lab,
        "created": Stamp(case.created),
        "sent": _stamp(case.sent),
        "delivery": _stamp(case.delivery),
        "modelled": case.state is CaseState.MODELLED,
        "indications": [_indication(entry) for entry in case.indications],
        "images": [_image(entry) for entry in case.images],
        "scans": [_scan(entry) for entry in case.scans],
    }


def _stamp(ticks: int | None) -> Stamp:
    return NEVER if ticks is None else Stamp(ticks)


def _indication(entry: Indication) -> Content:
    return {"from": entry.first, "to": entry.last, "name": entry.name, "shade": entry.shade}


def _image(entry: Image) -> Content:
    return {"image": entry.id, "name": entry.name, "timestamp": Stamp(entry.timestamp)}


def _scan(entry: Scan) -> Content:
    return {
        "scan": entry.id,
        "from": entry.first,
        "to": entry.last,
        "type": entry.type,
        "sectioned": entry.sectioned,
        "prepared": entry.prepared,
        "timestamp": Stamp(entry.timestamp),
    }
