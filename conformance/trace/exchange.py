"""A recorded exchange, decoded: what the call asked for and what the answer said."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from sys import intern
from typing import TypeVar, cast
from uuid import UUID

from conformance.spec import Method, Spec
from conformance.trace.events import Authorization, Probe, Recorded
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

T = TypeVar("T")
_OF_ANOTHER = "status-of-another"


@dataclass(frozen=True, slots=True)
class Content:
    """What takes the memory of an exchange; it can be had again from the event."""

    event: Recorded
    pairs: tuple[Pair, ...]
    document: Document | Malformed | None
    thoughts: dict[Hashable, object] = field(default_factory=dict)
    """What ``per_exchange`` has worked out."""


Again = Callable[["Exchange"], Content]
"""Brings the content of an exchange back that was put away."""


@dataclass(eq=False, slots=True)
class Exchange:
    """An event as the rules see it; nobody changes one. Two are the same only if they are the same object.

    What dozens of rules ask, also of exchanges that are long past, stands in it. The rest is its ``content``, which may
    be put away and is brought back when somebody asks.
    """

    number: int
    who: str
    started_s: float
    finished_s: float
    probe: Probe | None
    disturbed: str
    lost: str
    verb: str
    authorization: Authorization
    flaws: Mapping[str, str]
    """Of the request; see there."""
    method: Method | None
    """None when the path names no method of the spec."""
    path: str
    values: Mapping[str, str]
    """Parameter values by role; the first of a repeated name. Sensitive ones are tokens."""
    unknown: tuple[str, ...]
    """Parameter names the method does not have."""
    repeated: tuple[str, ...]
    role: str
    """Role of the method, or ''."""
    http_status: int
    """0 when no answer came."""
    answered: bool
    succeeded: bool
    odd: bool
    """True for a probe of how calls are written: what it brings is compared with its twin and proves no more."""
    status_code: int | None
    """StatusCode of the answer, or None when it holds none."""
    _content: Content | None
    _again: Again | None = None

    @property
    def content(self) -> Content:
        if self._content is None:
            assert self._again is not None
            self._content = self._again(self)
        return self._content

    @property
    def at_hand(self) -> bool:
        """False for one that was put away."""
        return self._content is not None

    @property
    def thoughts(self) -> dict[Hashable, object] | None:
        """What was worked out about it, or None for one that was put away."""
        return self._content.thoughts if self._content is not None else None

    def put_away(self, again: Again) -> None:
        """Lets go of the content, which ``again`` brings back."""
        self._content, self._again = None, again

    @property
    def event(self) -> Recorded:
        return (self._content or self.content).event

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return (self._content or self.content).pairs

    @property
    def document(self) -> Document | Malformed | None:
        """None when no answer came, or an answer without a body."""
        return (self._content or self.content).document

    def before(self, other: Exchange) -> bool:
        """True when this exchange was over before the other began."""
        return self.finished_s <= other.started_s

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

    @property
    def is_of_another(self) -> bool:
        """True for a status answer that was made, on purpose, to tell of an operation that nobody asked for."""
        return self.disturbed == _OF_ANOTHER

    @property
    def description(self) -> str:
        record = _status_record(self.document)
        return record.text("description") if record is not None else ""


def per_exchange(think: Callable[[Exchange], T]) -> Callable[[Exchange], T]:
    """The function, worked out once for each exchange as long as that is at hand."""

    @wraps(think)
    def thought(exchange: Exchange) -> T:
        thoughts = exchange.thoughts
        if thoughts is not None and think in thoughts:
            return cast(T, thoughts[think])
        found = think(exchange)  # which may have brought it back
        if exchange.thoughts is not None:
            exchange.thoughts[think] = found
        return found

    return thought


def read(event: Recorded, spec: Spec) -> Exchange:
    """``event`` decoded with the facts of ``spec``. Never raises on foreign bytes."""
    path, _, query = event.request.target.partition("?")
    method = _method(path, spec)
    pairs = parse_query(query)
    bound = bind(method, pairs, spec) if method is not None else None
    reply, document = event.reply, _document(event, method, spec)
    http_status = reply.http_status if reply is not None else 0
    return Exchange(
        number=event.number,
        who=intern(event.who),
        started_s=event.started_s,
        finished_s=event.finished_s,
        probe=event.probe,
        disturbed=event.disturbed,
        lost=intern(event.lost),
        verb=intern(event.request.verb),
        authorization=event.request.authorization,
        flaws=event.request.flaws,
        method=method,
        path=intern(path),
        values=_shared(*bound.values.items()) if bound is not None else {},
        unknown=bound.unknown if bound is not None else tuple(pair.name for pair in pairs),
        repeated=bound.repeated if bound is not None else (),
        role=method.role if method is not None else "",
        http_status=http_status,
        answered=reply is not None,
        succeeded=200 <= http_status < 300,
        odd=event.probe is not None and event.probe.oddly_asked,
        status_code=_status_code(document),
        _content=Content(event, pairs, document),
    )


def read_again(event: Recorded, method: Method | None, spec: Spec) -> Content:
    """The content of an exchange that was read before, and its method found."""
    return Content(event, parse_query(event.request.target.partition("?")[2]), _document(event, method, spec))


@lru_cache(maxsize=2048)
def _shared(*values: tuple[str, str]) -> Mapping[str, str]:
    """One object for the many looks at one operation; and one for each id, which others name as well."""
    return {role: intern(value) for role, value in values}


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


def _status_code(document: Document | Malformed | None) -> int | None:
    record = _status_record(document)
    value = record.get("code") if record is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _status_record(document: Document | Malformed | None) -> Record | None:
    if isinstance(document, Document) and document.role == "status" and document.records:
        return document.records[0]
    return None
