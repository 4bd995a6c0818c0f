"""What a store keeps of each entry of the state: one text, JSON in plain ASCII, and back.

Plain ASCII because a call's texts may hold halves of surrogate pairs, which no UTF-8 file takes. The content of images
is kept beside the text, in the order of the case's images. ``read_*`` raise KeyError, TypeError or ValueError for what
``write_*`` never wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from conformance.model import Call, Case, CaseState, Image, Indication, Operation, Patient, Place, Scan, Station
from conformance.model.call import Argument, Instant


def write_patient(patient: Patient) -> str:
    return _text(asdict(patient))


def read_patient(text: str) -> Patient:
    return Patient(**json.loads(text))


def write_station(station: Station) -> str:
    return _text({**asdict(station), "id": str(station.id)})


def read_station(text: str) -> Station:
    row = json.loads(text)
    modules = tuple((key, title) for key, title in row["modules"])
    return Station(**{**row, "id": UUID(row["id"]), "modules": modules})


def write_case(case: Case) -> str:
    """Without the content of its images."""
    row = asdict(replace(case, images=()))
    images = [{"id": str(each.id), "name": each.name, "timestamp": each.timestamp} for each in case.images]
    scans = [{**asdict(each), "id": str(each.id)} for each in case.scans]
    return _text({**row, "id": str(case.id), "state": case.state.value, "images": images, "scans": scans})


def read_case(text: str, contents: Sequence[bytes]) -> Case:
    """``contents``: of its images, in their order."""
    row = json.loads(text)
    images = zip(row["images"], contents, strict=True)
    return Case(
        **{
            **row,
            "id": UUID(row["id"]),
            "state": CaseState(row["state"]),
            "indications": tuple(Indication(**each) for each in row["indications"]),
            "images": tuple(Image(**{**each, "id": UUID(each["id"])}, content=content) for each, content in images),
            "scans": tuple(Scan(**{**each, "id": UUID(each["id"])}) for each in row["scans"]),
        }
    )


def write_operation(operation: Operation) -> str:
    call = operation.call
    return _text(
        {
            "serial": operation.serial,
            "id": str(operation.id),
            "status": operation.status,
            "description": operation.description,
            "station": str(operation.station),
            "place": operation.place.value,
            "call": {
                "role": call.role,
                "values": {role: _argument(value) for role, value in call.values.items()},
                "malformed": call.malformed,
                "texts": dict(call.texts),
                "at": call.at,
            },
        }
    )


def read_operation(text: str) -> Operation:
    row = json.loads(text)
    call = row["call"]
    values = {role: _read_argument(value) for role, value in call["values"].items()}
    return Operation(
        **{
            **row,
            "id": UUID(row["id"]),
            "station": UUID(row["station"]),
            "place": Place(row["place"]),
            "call": Call(**{**call, "values": values, "malformed": tuple(call["malformed"])}),
        }
    )


def _argument(value: Argument) -> object:
    """Texts and Booleans as they are; what JSON does not have, as an object that names its kind."""
    match value:
        case UUID():
            return {"guid": str(value)}
        case Instant():
            return {"instant": asdict(value)}
    return value


def _read_argument(value: Any) -> Argument:
    match value:
        case {"guid": str(guid)}:
            return UUID(guid)
        case {"instant": dict(instant)}:
            return Instant(**instant)
        case str() | bool():
            return value
    raise ValueError(f"{value!r} is no argument of a call")


def _text(row: Mapping[str, object]) -> str:
    return json.dumps(row, separators=(",", ":"))
