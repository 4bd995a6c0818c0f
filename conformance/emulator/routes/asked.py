"""A request to the control port as its routes see it, and how its values are read: wrong ones say what is wrong."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from conformance.emulator.protocol import Request, Response
from conformance.wire import Malformed, Moment, Zone, format_moment, parse_guid, parse_xml_date

Body = Mapping[str, Any]
Answer = Mapping[str, object]
Verb = str
Path = str


@dataclass(frozen=True)
class Asked:
    """One request. A key that is absent and one that is null are the same."""

    body: Body = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    last: str = ""
    """The last part of the path, where the route leaves it open."""


Route = Callable[[Asked], "Answer | Response"]
Routes = Mapping[tuple[Verb, Path], Route]


class Absent(ValueError):
    """There is nothing of that key."""


def asked(request: Request, last: str) -> Asked:
    """The request read. ValueError when its body is no JSON object."""
    query = request.target.partition("?")[2]
    return Asked(_body(request), dict(parse_qsl(query, keep_blank_values=True)), last)


def _body(request: Request) -> Body:
    if not request.body.strip():
        return {}
    try:
        parsed = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON ({type(error).__name__}); send an object.") from None
    if not isinstance(parsed, dict):
        raise ValueError(f"the body is a JSON {type(parsed).__name__}; send an object.")
    return parsed


def only(body: Body, *known: str) -> None:
    """Rejects keys that nothing reads: a misspelt one would otherwise be lost."""
    for key in body:
        if key not in known:
            raise ValueError(f"{key!r} is not known here; expected {', '.join(known) or 'an empty object'}.")


def text(body: Body, key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key} is {value!r}; expected a text.")
    return value


def flag(body: Body, key: str, default: bool) -> bool:
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is {value!r}; expected true or false.")
    return value


def number(body: Body, key: str, default: float | None = None) -> float:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} is {value!r}; expected a number.")
    return float(value)


def whole(body: Body, key: str, default: int | None = None) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{key} is {value!r}; expected a whole number.")
    return value


def texts(body: Body, key: str, default: list[str] | None = None) -> list[str]:
    value = body.get(key, default)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{key} is {value!r}; expected a list of texts.")
    return value


def text_map(value: object, what: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError(f"{what} is {value!r}; expected an object of texts.")
    return dict(value)


def rows(body: Body, key: str) -> list[Body]:
    """A list of objects; [] when there is none."""
    value = body.get(key) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError(f"{key} is no list of objects; send [{{...}}, ...].")
    return value


def guid(body: Body, key: str) -> UUID | None:
    """The GUID of that key; None when the key is absent or null."""
    found = body.get(key)
    if found is None:
        return None
    value = parse_guid(found) if isinstance(found, str) else Malformed("no text", str(found))
    if isinstance(value, Malformed):
        raise ValueError(f"{key} is {found!r}; expected a GUID.")
    return value


def ticks(body: Body, key: str, default: int | None = None) -> int | None:
    """The date of that key; ``default`` when it is absent, None when it is null or ''."""
    if key not in body:
        return default
    found = body[key]
    if found in (None, ""):
        return None
    value = parse_xml_date(found) if isinstance(found, str) else Malformed("no text", str(found))
    if not isinstance(value, Moment):
        raise ValueError(f"{key} is {found!r}; expected a date such as 1984-02-29 or 2024-03-11T08:00:00Z.")
    return value.ticks


def told(moment: int | None) -> str:
    """A date as it is shown: the way in which ``ticks`` reads it."""
    return "" if moment is None else format_moment(moment, Zone.UTC)


def content(body: Body, key: str) -> bytes:
    """The bytes of a Base64 text."""
    try:
        return base64.b64decode(text(body, key), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{key} is no Base64; encode the bytes of the file.") from None
