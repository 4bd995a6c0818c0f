"""Patients, cases and stations: what a 3DD holds, listed, changed and taken away behind the back of the PMS.

Rows are those of the seed file. An image brings its bytes along as ``content`` (Base64), since the control port opens
no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from conformance.emulator.routes.asked import (
    Absent,
    Answer,
    Asked,
    Body,
    Routes,
    content,
    flag,
    guid,
    only,
    rows,
    text,
    ticks,
    told,
    whole,
)
from conformance.emulator.server import Emulator
from conformance.emulator.snapshot import station_row
from conformance.model import Case, CaseState, Image, Indication, Patient, Scan, State, Station
from conformance.model.changes import AddCase, AddPatient, RemoveCase, RemovePatient, SetPatient, SetStation

PATIENT = ("patient", "integration_id", "first_name", "last_name", "birth_date", "patient_id")
STATION = ("station", "hostname", "connected", "busy", "operator_name", "operator_id", "modules", "held")
CASE = (
    *("case", "patient", "integration_id", "state", "created", "delivery", "sent", "lab"),
    *("indications", "images", "scans"),
)


class Data:
    """The routes of what the server holds."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> Routes:
        return {
            ("POST", "/seed"): self._seed,
            ("GET", "/patients"): self._patients,
            ("POST", "/patients"): self._put_patient,
            ("DELETE", "/patients/{patient}"): self._drop_patient,
            ("GET", "/cases"): self._cases,
            ("POST", "/cases"): self._put_case,
            ("DELETE", "/cases/{case}"): self._drop_case,
            ("GET", "/stations"): self._stations,
            ("POST", "/stations"): self._put_station,
            ("DELETE", "/stations/{station}"): self._drop_station,
        }

    def _seed(self, asked: Asked) -> Answer:
        """All or nothing: the rows are tried on a copy first."""
        only(asked.body, "replace", "patients", "cases", "stations")
        emulator = self._emulator
        with emulator.lock:
            replaces = flag(asked.body, "replace", False)
            state = State() if replaces else emulator.state.copy()
            stations = [self._station(row, state) for row in rows(asked.body, "stations")]
            for station in stations:
                state.stations[station.id] = station
            patients = [self._patient(row, state) for row in rows(asked.body, "patients")]
            cases = [self._case(row, state) for row in rows(asked.body, "cases")]
            if replaces:
                emulator.replace_data(state)
            else:
                emulator.change(*map(SetStation, stations), *map(SetPatient, patients), *map(AddCase, cases))
        return {"patients": len(patients), "cases": len(cases), "stations": len(stations)}

    # -- patients ---------------------------------------------------------------------------------------------

    def _patients(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            return {"patients": [_patient_row(patient) for patient in self._emulator.state.patients.values()]}

    def _put_patient(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            state = self._emulator.state
            patient = self._patient(asked.body, state.copy())
            known = patient.key in state.patients
            self._emulator.change(SetPatient(patient) if known else AddPatient(patient))
            return _patient_row(state.patients[patient.key])

    def _drop_patient(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            key = int(asked.last) if asked.last.isdecimal() else 0
            if key not in self._emulator.state.patients:
                raise Absent(f"no patient has the number {asked.last!r}; GET /patients lists them.")
            self._emulator.change(RemovePatient(key))
        return {}

    def _patient(self, row: Body, state: State) -> Patient:
        """The patient of the row, put into ``state`` under its key: the one named, the one mapped, or the next."""
        only(row, *PATIENT)
        integration_id = text(row, "integration_id", "")
        former = state.patients.get(whole(row, "patient", 0)) or state.patient(integration_id)
        if "patient" in row and former is None:
            raise Absent(f"no patient has the number {row['patient']!r}; leave it out for a new patient.")
        former = former or Patient(state.last_patient + 1, "")
        patient = Patient(
            key=former.key,
            last_name=text(row, "last_name", former.last_name),
            first_name=text(row, "first_name", former.first_name),
            birth_date=ticks(row, "birth_date", former.birth_date),
            patient_id=text(row, "patient_id", former.patient_id),
            integration_id=text(row, "integration_id", former.integration_id),
        )
        if not patient.last_name.strip():
            raise ValueError(f"last_name is {patient.last_name!r}; expected a name: a patient has at least that.")
        holder = state.patient(patient.integration_id)
        if holder is not None and holder.key != patient.key:
            raise ValueError(
                f"integration_id {patient.integration_id!r} is that of patient {holder.key}; take another."
            )
        state.put_patient(patient)
        return patient

    # -- cases ------------------------------------------------------------------------------------------------

    def _cases(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            state = self._emulator.state
            return {"cases": [_case_row(case, state.patients[case.patient]) for case in state.cases.values()]}

    def _put_case(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            state = self._emulator.state
            case = self._case(asked.body, state.copy())
            self._emulator.change(AddCase(case))
            return _case_row(case, state.patients[case.patient])

    def _drop_case(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            id_ = guid({"case": asked.last}, "case")
            if id_ not in self._emulator.state.cases:
                raise Absent(f"no case has the id {asked.last!r}; GET /cases lists them.")
            assert id_ is not None
            self._emulator.change(RemoveCase(id_))
        return {}

    def _case(self, row: Body, state: State) -> Case:
        """The case of the row; what a known one is not told stays. A new one is of this moment."""
        only(row, *CASE)
        id_ = guid(row, "case") or uuid4()
        owner = self._owner(row, state, state.cases.get(id_))
        now = self._emulator.clock.ticks()
        former = state.cases.get(id_) or Case(id_, owner.key, CaseState.CREATED, now, None, None, "")
        known = text(row, "state", former.state)
        if known not in list(CaseState):
            raise ValueError(f"state is {known!r}; expected one of {', '.join(CaseState)}.")
        types = self._emulator.spec.record["scan"].by_role["type"].values
        case = replace(
            former,
            patient=owner.key,
            state=CaseState(known),
            created=ticks(row, "created", former.created) or former.created,
            delivery=ticks(row, "delivery", former.delivery),
            sent=ticks(row, "sent", former.sent),
            lab=text(row, "lab", former.lab),
            indications=tuple(map(_indication, rows(row, "indications"))) or former.indications,
            images=tuple(_image(each, now, former) for each in rows(row, "images")) or former.images,
            scans=tuple(_scan(each, types, now) for each in rows(row, "scans")) or former.scans,
        )
        state.put_case(case)
        return case

    def _owner(self, row: Body, state: State, former: Case | None) -> Patient:
        if former is not None and "patient" not in row and "integration_id" not in row:
            return state.patients[former.patient]
        key = whole(row, "patient", 0)
        owner = state.patients.get(key) if key else state.patient(text(row, "integration_id", ""))
        if owner is None:
            asked = key or text(row, "integration_id", "")
            raise ValueError(f"no patient is {asked!r}; name one by patient (its number) or by integration_id.")
        return owner

    # -- stations ---------------------------------------------------------------------------------------------

    def _stations(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            return {"stations": [station_row(each, self._emulator) for each in self._emulator.state.stations.values()]}

    def _put_station(self, asked: Asked) -> Answer:
        with self._emulator.lock:
            station = self._station(asked.body, self._emulator.state)
            self._emulator.set_station(station)
        return {}

    def _drop_station(self, asked: Asked) -> Answer:
        id_ = guid({"station": asked.last}, "station")
        with self._emulator.lock:
            if id_ not in self._emulator.state.stations:
                raise Absent(f"no station has the id {asked.last!r}; GET /stations lists them.")
            del self._emulator.state.stations[id_]
        return {}

    def _station(self, row: Body, state: State) -> Station:
        only(row, *STATION)
        id_ = guid(row, "station")
        if id_ is None:
            raise ValueError("station is missing; give the GUID of a station, known or new.")
        former = state.stations.get(id_) or Station(id_, "NEW-STATION", connected=True)
        modules = tuple((text(each, "id"), text(each, "title", "")) for each in rows(row, "modules"))
        return replace(
            former,
            hostname=text(row, "hostname", former.hostname),
            operator_name=text(row, "operator_name", former.operator_name),
            operator_id=text(row, "operator_id", former.operator_id),
            connected=flag(row, "connected", former.connected),
            busy=flag(row, "busy", former.busy),
            modules=modules or former.modules,
        )


def _indication(row: Body) -> Indication:
    only(row, "from", "to", "name", "shade")
    return Indication(whole(row, "from"), whole(row, "to"), text(row, "name", ""), text(row, "shade", ""))


def _image(row: Body, now: int, case: Case) -> Image:
    """An image of that id which the case has already need not bring its bytes again."""
    only(row, "image", "name", "timestamp", "content", "size_bytes")
    id_ = guid(row, "image") or uuid4()
    former = next((image for image in case.images if image.id == id_), Image(id_, "image.png", now, b""))
    bytes_ = content(row, "content") if "content" in row else former.content
    if not bytes_:
        raise ValueError(f"image {id_} has no content; send the bytes of the file as Base64.")
    moment = ticks(row, "timestamp", former.timestamp)
    return Image(id_, text(row, "name", former.name), moment or now, bytes_)


def _scan(row: Body, types: Sequence[str], now: int) -> Scan:
    """``type`` is one of the spec's, or its place in their list as in the seed file."""
    only(row, "scan", "from", "to", "type", "sectioned", "prepared", "timestamp")
    type_ = row.get("type", 0)
    if isinstance(type_, int) and 0 <= type_ < len(types):
        type_ = types[type_]
    if type_ not in types:
        raise ValueError(f"type is {type_!r}; expected one of {', '.join(types)}.")
    return Scan(
        id=guid(row, "scan") or uuid4(),
        first=whole(row, "from"),
        last=whole(row, "to"),
        type=str(type_),
        sectioned=flag(row, "sectioned", False),
        prepared=flag(row, "prepared", False),
        timestamp=ticks(row, "timestamp", now) or now,
    )


def _patient_row(patient: Patient) -> Answer:
    return {
        "patient": patient.key,
        "integration_id": patient.integration_id,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "birth_date": told(patient.birth_date).partition("T")[0],
        "patient_id": patient.patient_id,
    }


def _case_row(case: Case, owner: Patient) -> Answer:
    """Bytes of images are told by their number only."""
    return {
        "case": str(case.id),
        "patient": owner.key,
        "integration_id": owner.integration_id,
        "state": case.state.value,
        "created": told(case.created),
        "delivery": told(case.delivery),
        "sent": told(case.sent),
        "lab": case.lab,
        "indications": [{"from": i.first, "to": i.last, "name": i.name, "shade": i.shade} for i in case.indications],
        "images": [_image_row(image) for image in case.images],
        "scans": [_scan_row(scan) for scan in case.scans],
    }


def _image_row(image: Image) -> Answer:
    size = len(image.content)
    return {"image": str(image.id), "name": image.name, "timestamp": told(image.timestamp), "size_bytes": size}


def _scan_row(scan: Scan) -> Answer:
    return {
        "scan": str(scan.id),
        "from": scan.first,
        "to": scan.last,
        "type": scan.type,
        "sectioned": scan.sectioned,
        "prepared": scan.prepared,
        "timestamp": told(scan.timestamp),
    }
