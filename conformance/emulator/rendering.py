"""From the model's answers to HTTP: which elements are written, in which order and form, under which content type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from random import Random
from typing import cast

from conformance.emulator import readings as points
from conformance.emulator.dates import DateWriter
from conformance.emulator.policy import Freedom, Policy
from conformance.emulator.protocol import Response
from conformance.model.outcome import Answer, Stamp
from conformance.model.readings import Readings
from conformance.spec import Field, Kind, Presence, RecordType, Spec
from conformance.wire import Style, encode, encode_json

SERIALIZATION = b' xmlns="http://schemas.microsoft.com/2003/10/Serialization/"'
NO_BODY = (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)
LONG_TEXT = 40
STRANGERS = (("Revision", "7"), ("SchemaRevision", "7"), ("InternalRevision", "7"))


@dataclass(frozen=True)
class _Plan:
    """What to do with one record type; fields by role."""

    role: str
    fields: frozenset[str]
    """Those that are written."""
    records: Mapping[str, str]
    """Those that hold records -> the type of these."""
    nullable: frozenset[str]
    texts: frozenset[str]


class Renderer:
    """Writes the answers of one server. Its choices come from ``random``, in the order of the answers."""

    def __init__(self, spec: Spec, readings: Readings, policy: Policy, random: Random) -> None:
        self._spec = spec
        self._readings = readings
        self._policy = policy
        self._random = random
        self._dates = DateWriter(readings, policy, random)
        self._plans = {record.role: _plan(record, readings[points.LEFT_OUT_FIELDS]) for record in spec.records}
        self._pads = readings[points.LAYOUT] == "padded"
        self._omits_empty = readings[points.LEFT_OUT_FIELDS] == "empty"
        self._strangers = tuple(pair for pair in STRANGERS if not _declared(pair[0], spec))[:1]
        self._style = self._fixed_style()
        mime = "text/xml" if readings[points.CONTENT_TYPE] == "text-xml" else "application/xml"
        self._xml = (("Content-Type", f"{mime}; charset=utf-8"),)
        self._json = (("Content-Type", "application/json; charset=utf-8"),)

    def response(self, answer: Answer, accept: str | None) -> Response:
        """The HTTP answer to a caller with that Accept header."""
        if not answer.document:
            return plain(answer.http_status)
        content = self._content(answer)
        if answer.document == "cases" and not content and self._readings[points.EMPTY_CASE_LIST] == "no-body":
            return Response(answer.http_status)
        if self._readings[points.NEGOTIATION] == "negotiated" and "xml" not in (accept or ""):
            return Response(answer.http_status, self._json, encode_json(answer.document, content, self._spec))
        return Response(answer.http_status, self._xml, self._encoded(answer.document, content))

    def _encoded(self, document: str, content: object) -> bytes:
        body = encode(document, content, self._spec, self._style_now())
        type_ = self._spec.document[document]
        if type_.kind is not Kind.RECORDS and self._readings[points.PRIMITIVE_NAMESPACE] == "serialization":
            root = b"<" + type_.root.encode()
            return body.replace(root, root + SERIALIZATION, 1)
        return body

    # -- content ----------------------------------------------------------------------------------------------

    def _content(self, answer: Answer) -> object:
        document = self._spec.document[answer.document]
        if not document.item or answer.content is None:
            return answer.content
        plan = self._plans[document.item]
        if document.many:
            return [self._record(entry, plan) for entry in cast(Iterable[Mapping[str, object]], answer.content)]
        return self._record(cast(Mapping[str, object], answer.content), plan)

    def _record(self, values: Mapping[str, object], plan: _Plan) -> dict[str, object]:
        record: dict[str, object] = {}
        for role, value in values.items():
            if role not in plan.fields or (self._omits_empty and role in plan.nullable and value in ("", [])):
                continue
            if isinstance(value, Stamp):
                record[role] = self._dates.write(value, plan.role, role)
            elif isinstance(value, list):
                items = self._plans[plan.records[role]]
                record[role] = [self._record(entry, items) for entry in value]
            elif self._pads and role in plan.texts and len(str(value)) > LONG_TEXT:
                record[role] = f"\n      {value}\n    "
            else:
                record[role] = value
        return record

    # -- style ------------------------------------------------------------------------------------------------

    def _fixed_style(self) -> Style:
        readings = self._readings
        order = readings[points.ELEMENT_ORDER]
        return Style(
            declaration=readings[points.DECLARATION] == "present",
            bom=readings[points.BOM] == "present",
            indent=readings[points.LAYOUT] != "compact",
            unknown=self._strangers if readings[points.UNKNOWN_ELEMENTS] == "some" else (),
            order={"declared": None, "alphabetical": _sorted, "any": self._shuffled}[order],
        )

    def _style_now(self) -> Style:
        style = self._style
        if self._policy.uses(Freedom.ELEMENT_ORDER, points.ELEMENT_ORDER):
            style = replace(style, order=self._shuffled)
        if self._policy.uses(Freedom.UNKNOWN_ELEMENTS, points.UNKNOWN_ELEMENTS) and self._random.random() < 0.5:
            style = replace(style, unknown=self._strangers)
        return style

    def _shuffled(self, names: list[str]) -> list[str]:
        self._random.shuffle(names)
        return names


def plain(http_status: int, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer without a document. An HTTP error says its name in plain text, for people with a browser."""
    if http_status in NO_BODY:
        return Response(http_status, headers)
    text = f"{http_status} {HTTPStatus(http_status).phrase}\n".encode()
    return Response(http_status, (("Content-Type", "text/plain; charset=utf-8"), *headers), text)


def _plan(record: RecordType, left_out: str) -> _Plan:
    return _Plan(
        record.role,
        frozenset(field.role for field in record.fields if _written(field, left_out)),
        {field.role: field.record for field in record.fields if field.kind is Kind.RECORDS},
        frozenset(field.role for field in record.fields if field.nullable),
        frozenset(field.role for field in record.fields if field.kind is Kind.TEXT),
    )


def _written(field: Field, left_out: str) -> bool:
    if left_out == "not-listed":
        return field.presence is not Presence.SHOWN
    if left_out == "not-in-sample":
        return field.presence is Presence.SHOWN or not (field.nullable and field.kind in (Kind.DATE, Kind.BOOLEAN))
    return True


def _declared(name: str, spec: Spec) -> bool:
    return any(name in record.by_name for record in spec.records)


def _sorted(names: list[str]) -> list[str]:
    return sorted(names)
