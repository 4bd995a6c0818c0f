"""Methods that other generations of the service have, for an emulator that was told to speak like them.

What they are called and which fields they read stands in the spec; here is what comes of them. All of it is observed
or guessed, and none of it is in the guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from lxml import etree

from conformance.emulator.protocol import Request, Response
from conformance.emulator.rendering import plain
from conformance.model import Answer, State
from conformance.model.readings import Readings
from conformance.model.records import case_record
from conformance.spec import Dialect, Does, ExtraMethod, Spec
from conformance.wire import Malformed, encode_query, parse_query, parse_tree

JSON = (("Content-Type", "application/json; charset=utf-8"),)


@dataclass(frozen=True)
class Asked:
    """What a call of an extra method means in the words of the guide: a method's role, and a query for it."""

    role: str
    query: str


def chosen(spec: Spec, names: Sequence[str]) -> tuple[Dialect, ...]:
    """The dialects of these names. ValueError for one that the spec does not have."""
    for name in names:
        if name not in spec.dialect:
            known = ", ".join(spec.dialect) or "none: this spec has no dialects"
            raise ValueError(f"no dialect is called {name!r}; expected one of {known}.")
    return tuple(spec.dialect[name] for name in dict.fromkeys(names))


def readings_of(spec: Spec, names: Sequence[str]) -> Mapping[str, str]:
    """The readings that these dialects bring along."""
    return {point: take for dialect in chosen(spec, names) for point, take in dialect.readings.items()}


class Extras:
    """The extra methods of one server."""

    def __init__(self, spec: Spec, names: Sequence[str]) -> None:
        self._spec = spec
        base = spec.service.base_path
        methods = [method for dialect in chosen(spec, names) for method in dialect.methods]
        self._paths = {f"{base}/{method.name}".casefold(): method for method in methods}

    def find(self, path: str, verb: str) -> ExtraMethod | None:
        """The method of that path, when it is asked in the right way."""
        method = self._paths.get(path.casefold())
        return method if method is not None and method.verb == verb else None

    def read(
        self, method: ExtraMethod, query: str, request: Request, state: State, readings: Readings
    ) -> Response | Answer | Asked:
        """What comes of the call: an answer, or a call of the guide that stands for it."""
        match method.does:
            case Does.TELL_STATUS:
                return self._told()
            case Does.FIND_CASES_BY_NAME:
                wanted = self._fields(method, ((pair.name, pair.value) for pair in parse_query(query)))
                return _by_name(wanted, state, readings)
        return self._begun(method, request)

    def _told(self) -> Response:
        """That it runs, and what it serves."""
        served = [f"{self._spec.service.base_path}/{method.name}" for method in self._spec.methods]
        served += [f"{self._spec.service.base_path}/{method.name}" for method in self._paths.values()]
        body = json.dumps({"status": "Initialized", "endpoints": served}).encode()
        return Response(HTTPStatus.OK, JSON, body)

    def _begun(self, method: ExtraMethod, request: Request) -> Response | Asked:
        pairs = _pairs(request)
        if isinstance(pairs, Malformed):
            return _refused(f"the body is {pairs.reason}; send XML or JSON")
        kind = {name.casefold(): text for name, text in pairs}.get(method.type_field.casefold(), "")
        types = {name.casefold(): role for name, role in method.types.items()}
        role = types.get(kind.casefold())
        if role is None:
            return _refused(f"{method.type_field} is {kind!r}; expected one of {', '.join(method.types)}")
        known = self._spec.method[role].by_role
        wanted = self._fields(method, pairs)
        return Asked(role, encode_query((known[name].name, text) for name, text in wanted.items() if name in known))

    def _fields(self, method: ExtraMethod, pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> dict[str, str]:
        """The texts by role of parameter; names are read without regard to case, and what is unknown is passed over."""
        roles = {name.casefold(): role for name, role in method.fields.items()}
        return {roles[name.casefold()]: text for name, text in pairs if name.casefold() in roles}


def _by_name(wanted: Mapping[str, str], state: State, readings: Readings) -> Answer:
    """The cases of everybody with that last name and, when it is given, that first name; case does not count."""
    first = wanted.get("first_name", "").casefold()
    people = state.with_last_name(wanted.get("last_name", ""))
    found = [each for each in people if first in ("", each.first_name.casefold())]
    records = [case_record(case, state, readings) for patient in found for case in state.cases_of(patient)]
    return Answer(HTTPStatus.OK, "cases", records)


def _pairs(request: Request) -> list[tuple[str, str]] | Malformed:
    """Names and texts of everything in a body of XML or JSON that holds no further parts."""
    content_type = request.header("content-type") or ""
    if request.body.lstrip()[:1] in (b"{", b"["):
        try:
            return list(_leaves("", json.loads(request.body)))
        except (ValueError, RecursionError):
            return Malformed("no JSON", "")
    tree = parse_tree(request.body, content_type)
    if isinstance(tree, Malformed):
        return tree
    elements = (each for each in tree.root.iter() if isinstance(each.tag, str) and not len(each))
    return [(etree.QName(each).localname, (each.text or "").strip()) for each in elements]


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _leaves(str(key), inner)
        case list():
            for inner in value:
                yield from _leaves(name, inner)
        case None:
            pass
        case _:
            yield name, str(value)


def _refused(why: str) -> Response:
    response = plain(HTTPStatus.BAD_REQUEST)
    return replace(response, body=f"400 Bad Request: {why}.\n".encode())
