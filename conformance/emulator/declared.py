"""What an emulator is known to hold, as the facts of FIXTURE notes.

Each mapping has ``what``; dates are UTC in ISO form, '' where there is none; Booleans are yes or no. Names are those
of ``State`` at the time of asking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from conformance.model import Case, Image, Indication, Patient, State, Station
from conformance.trace.images import image_type
from conformance.wire import Zone, format_moment

Facts = Mapping[str, str]


def declared(state: State) -> Iterator[Facts]:
    """Stations, patients (mapped and unmapped), cases of mapped patients, and their images."""
    for station in state.stations.values():
        yield _station(station)
    for patient in state.patients.values():
        yield _patient(patient, state)
        if patient.integration_id:
            for case in state.cases_of(patient):
                yield from declared_case(case, patient)


def declared_case(case: Case, patient: Patient) -> Iterator[Facts]:
    """A case of a mapped patient, its images and its indications."""
    yield _case(case, patient)
    yield from (_image(image, case, patient) for image in case.images)
    yield from (_indication(indication, case, patient) for indication in case.indications)


def _station(station: Station) -> Facts:
    return {
        "what": "station",
        "station": str(station.id),
        "hostname": station.hostname,
        "connected": _word(station.connected),
        "busy": _word(station.busy),
        "operator_name": station.operator_name,
        "operator_id": station.operator_id,
        "modules": " ".join(name for name, _ in station.modules),
    }


def _patient(patient: Patient, state: State) -> Facts:
    names = {
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "birth_date": _date(patient.birth_date).partition("T")[0],
        "patient_id": patient.patient_id,
    }
    if not patient.integration_id:
        return {"what": "unmapped_patient", **names}
    cases = str(sum(1 for _ in state.cases_of(patient)))
    return {"what": "patient", "integration_id": patient.integration_id, **names, "cases": cases}


def _case(case: Case, patient: Patient) -> Facts:
    return {
        "what": "case",
        "integration_id": patient.integration_id,
        "case": str(case.id),
        "state": case.state.value,
        "created": _date(case.created),
        "delivery": _date(case.delivery),
        "sent": _date(case.sent),
        "lab": case.lab,
        "images": str(len(case.images)),
        "scans": str(len(case.scans)),
        "indications": str(len(case.indications)),
    }


def _indication(indication: Indication, case: Case, patient: Patient) -> Facts:
    return {
        "what": "indication",
        "integration_id": patient.integration_id,
        "case": str(case.id),
        "from": str(indication.first),
        "to": str(indication.last),
        "name": indication.name,
    }


def _image(image: Image, case: Case, patient: Patient) -> Facts:
    return {
        "what": "image",
        "integration_id": patient.integration_id,
        "case": str(case.id),
        "image": str(image.id),
        "name": image.name,
        "sha256": hashlib.sha256(image.content).hexdigest(),
        "size": str(len(image.content)),
        "type": image_type(image.content),
    }


def _date(ticks: int | None) -> str:
    return "" if ticks is None else format_moment(ticks, Zone.UTC)


def _word(fact: bool) -> str:
    return "yes" if fact else "no"
