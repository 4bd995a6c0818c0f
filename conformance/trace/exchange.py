"""A recorded exchange, decoded: what the call asked for and what the answer said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from conformance.spec import Method, Spec
from conformance.trace.events import Recorded
from conformance.wire import (
    EMPTY_GUID,
    Document,
    Malformed,
    Pair,
    Record,
    bind,
    decode,
    decode_any,
    parse_boolean,
    parse_guid,
    parse_query,
)


@dataclass(frozen=True, eq=False, slots=True)
class Exchange:
    """``event`` as the rules see it. Two exchanges are the same only if they are the same object."""

    event: Recorded
    method: Method | None
    """None when the path names no method of the spec."""
    path: str
    pairs: tuple[Pair, ...]
    values: Mapping[str, str]
    """Parameter values by role; the first of a repeated name. Sensitive ones are tokens."""
    unknown: tuple[str, ...]
    """Parameter names the method does not have."""
    repeated: tuple[str, ...]
    document: Document | Malformed | None
    """None when no answer came, or an answer without a body."""

    # What dozens of rules ask of each exchange is worked out once.
    number: int = field(init=False)
    role: str = field(init=False)
    """Role of the method, or ''."""
    http_status: int = field(init=False)
    """0 when no answer came."""
    answered: bool = field(init=False)
    succeeded: bool = field(init=False)
    odd: bool = field(init=False)
    """True for a probe of how calls are written: what it brings is compared with its twin and proves no more."""
    status_code: int | None = field(init=False)
    """StatusCode of the answer, or None when it holds none."""

    def __post_init__(self) -> None:
        event, reply = self.event, self.event.reply
        http_status = reply.http_status if reply is not None else 0
        fix = object.__setattr__
        fix(self, "number", event.number)
        fix(self, "role", self.method.role if self.method is not None else "")
        fix(self, "http_status", http_status)
        fix(self, "answered", reply is not None)
        fix(self, "succeeded", 200 <= http_status < 300)
        fix(self, "odd", event.probe is not None and event.probe.oddly_asked)
        fix(self, "status_code", self._status_code())

    def before(self, other: Exchange) -> bool:
        """True when this exchange was over before the other began."""
        return self.event.finished_s <= other.event.started_s

    def given(self, role: str) -> bool:
        """True when the parameter is there with a value that is not empty."""
        return bool(self.values.get(role, ""))

    def guid(self, role: str) -> UUID | None:
        """The parameter as a GUID; the empty GUID when absent or empty; None when it is no GUID."""
        text = self.values.get(role, "")
        if not text:
            return EMPTY_GUID
        value = parse_guid(text)
        return value if isinstance(value, UUID) else None

    def flag(self, role: str) -> bool:
        """The parameter as a Boolean; False when absent or malformed."""
        return parse_boolean(self.values.get(role, "")) is True

    def _status_code(self) -> int | None:
        record = self._status_record()
        value = record.get("code") if record is not None else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def description(self) -> str:
        record = self._status_record()
        return record.text("description") if record is not None else ""

    def _status_record(self) -> Record | None:
        document = self.document
        if isinstance(document, Document) and document.role == "status" and document.records:
            return document.records[0]
        return None


def read(event: Recorded, spec: Spec) -> Exchange:
    """``event`` decoded with the facts of ``spec``. Never raises on foreign bytes."""
    path, _, query = event.request.target.partition("?")
    method = _method(path, spec)
    pairs = parse_query(query)
    if method is None:
        return Exchange(event, None, path, pairs, {}, tuple(p.name for p in pairs), (), _document(event, None, spec))
    bound = bind(method, pairs, spec)
    return Exchange(
        event, method, path, pairs, bound.values, bound.unknown, bound.repeated, _document(event, method, spec)
    )


def _method(path: str, spec: Spec) -> Method | None:
    """By the last part of the path, whatever stands before it: a proxy or another installation may sit elsewhere."""
    return spec.method_by_folded_name.get(path.rstrip("/").rpartition("/")[2].casefold())


def _document(event: Recorded, method: Method | None, spec: Spec) -> Document | Malformed | None:
    reply = event.reply
    if reply is None:
        return None
    if reply.flaw:
        return Malformed(reply.flaw, reply.body)
    if not reply.body.strip():
        return None
    body = reply.body.encode("utf-8", "surrogatepass")
    content_type = reply.headers.get("content-type", "")
    if method is not None and method.answer and 200 <= reply.http_status < 300:
        return decode(body, method.answer, spec, content_type)
    return decode_any(body, spec, content_type)
