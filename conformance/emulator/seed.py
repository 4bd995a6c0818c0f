"""The prepared data of an emulator: users, stations, patients, cases and images, from a folder with seed.json.

The file speaks of roles, as code does. The type of a scan is its position in the spec's list of types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from conformance.model import Case, CaseState, Image, Indication, Patient, Scan, State, Station
from conformance.spec import Spec
from conformance.wire import Credentials, Malformed, Moment, parse_guid, parse_xml_date

FILE = "seed.json"
Row = Mapping[str, Any]


class SeedError(Exception):
    """The seed folder is wrong: the fault of whoever wrote it."""


@dataclass(frozen=True)
class Seed:
    state: State
    users: tuple[Credentials, ...]


def default_folder() -> Path:
    """The seed that came with the package: in a wheel inside it, in a checkout under fixtures/."""
    package = Path(__file__).resolve().parent.parent
    for place in (package / "_data" / "seed", package.parent / "fixtures" / "seed"):
        if (place / FILE).is_file():
            return place
    raise SeedError(f"no {FILE} came with the package at {package}; install it again, or name a folder.")


def load_seed(spec: Spec, folder: Path | None = None) -> Seed:
    """The seed in ``folder``; None for the one that came with the package. Raises SeedError."""
    place = folder or default_folder()
    try:
        rows = json.loads((place / FILE).read_text(encoding="utf-8"))
        return Seed(_state(rows, place, spec), tuple(Credentials(u["user"], u["password"]) for u in rows["users"]))
    except OSError as error:
        problem = f"{error.filename} cannot be read: {error.strerror}"
        raise SeedError(f"{problem}; restore it, or name another folder.") from error
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise SeedError(
            f"{(place / FILE).as_posix()}: {type(error).__name__}: {error}; compare it with the seed of the package."
        ) from error


def _state(rows: Row, folder: Path, spec: Spec) -> State:
    state = State()
    for row in rows["stations"]:
        station = _station(row)
        state.stations[station.id] = station
    for key, row in enumerate(rows["patients"], start=1):
        state.put_patient(_patient(key, row))
    types = spec.record["scan"].by_role["type"].values
    for row in rows["cases"]:
        patient = state.patient(row["integration_id"])
        if patient is None:
            raise ValueError(f"case {row['case']} belongs to {row['integration_id']!r}, whom no patient has")
        state.put_case(_case(row, patient.key, folder, types))
    return state


def _station(row: Row) -> Station:
    return Station(
        id=_guid(row["station"]),
        hostname=row["hostname"],
        connected=row["connected"],
        busy=row["busy"],
        modules=tuple((module["id"], module["title"]) for module in row["modules"]),
        operator_name=row["operator_name"],
        operator_id=row["operator_id"],
    )


def _patient(key: int, row: Row) -> Patient:
    return Patient(
        key=key,
        last_name=row["last_name"],
        first_name=row["first_name"],
        birth_date=_ticks(row["birth_date"]) if row["birth_date"] else None,
        patient_id=row["patient_id"],
        integration_id=row["integration_id"],
    )


def _case(row: Row, patient: int, folder: Path, types: Sequence[str]) -> Case:
    return Case(
        id=_guid(row["case"]),
        patient=patient,
        state=CaseState(row["state"]),
        created=_ticks(row["created"]),
        delivery=_ticks(row["delivery"]),
        sent=_ticks(row["sent"]) if row["sent"] else None,
        lab=row["lab"],
        indications=tuple(Indication(i["from"], i["to"], i["name"], i["shade"]) for i in row["indications"]),
        images=tuple(_image(image, folder) for image in row["images"]),
        scans=tuple(_scan(scan, types) for scan in row["scans"]),
    )


def _image(row: Row, folder: Path) -> Image:
    return Image(_guid(row["image"]), row["name"], _ticks(row["timestamp"]), (folder / row["file"]).read_bytes())


def _scan(row: Row, types: Sequence[str]) -> Scan:
    return Scan(
        id=_guid(row["scan"]),
        first=row["from"],
        last=row["to"],
        type=types[row["type"]],
        sectioned=row["sectioned"],
        prepared=row["prepared"],
        timestamp=_ticks(row["timestamp"]),
    )


def _guid(text: str) -> UUID:
    value = parse_guid(text)
    if isinstance(value, Malformed):
        raise ValueError(f"{text!r} is {value.reason}")
    return value


def _ticks(text: str) -> int:
    value = parse_xml_date(text)
    if not isinstance(value, Moment):
        raise ValueError(f"{text!r} is {value.reason}")
    return value.ticks
