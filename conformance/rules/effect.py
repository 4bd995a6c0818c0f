"""What a call brought about, as one comparable value: probes are judged by comparing two of them.

A probe differs from its twin in one respect that ought not to matter. Nothing is learned while the twin itself
did not work, nor while either end is still open.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.rules.evidence import older_that_may_have_changed
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Operation
from conformance.trace.events import TWIN
from conformance.wire import Document, Record


@dataclass(frozen=True)
class Pairing:
    """A twin and a probe whose effects are both known."""

    twin: Exchange
    odd: Exchange
    equal: bool
    twin_effect: str
    odd_effect: str


def same_effect(history: History, exchange: Exchange, kind: str, spec: Spec) -> Pairing | None:
    """The pair that ``exchange`` completes, or None: no probe of this kind, twin failed, or still open."""
    polled = history.polled(exchange)
    odd = polled.call if polled is not None and exchange.probe is None else exchange
    probe = odd.probe
    if probe is None or probe.kind != kind or probe.arm == TWIN:
        return None
    twin = history.pair(odd).get(TWIN)
    return compared_with(history, twin, odd, spec) if twin is not None else None


def compared_with(history: History, twin: Exchange, odd: Exchange, spec: Spec) -> Pairing | None:
    """The two compared, or None where the twin failed or one of them is still open."""
    if not twin.succeeded:
        return None
    first, second = _effect(history, twin, spec), _effect(history, odd, spec)
    if first is None or second is None or not first[0]:
        return None
    return Pairing(twin, odd, first == second, first[1], second[1])


def comparison(history: History, exchange: Exchange, kind: str, spec: Spec, expected: str) -> Verdict | None:
    """The verdict on the pair that ``exchange`` completes."""
    pair = same_effect(history, exchange, kind, spec)
    if pair is None:
        return None
    return judged(pair.equal, f"{expected}: {pair.twin_effect}", pair.odd_effect, pair.twin, pair.odd)


def _effect(history: History, exchange: Exchange, spec: Spec) -> tuple[bool, str] | None:
    """(worked, what came of it); None while that is open."""
    if not exchange.answered:
        return None
    operation = history.started_by(exchange)
    if operation is not None and exchange.succeeded:
        unknown = spec.code("operation_unknown")
        final = [c for c in operation.codes() if c in spec.status_by_code and spec.status_by_code[c].final]
        known = [c for c in final if c != unknown]
        if known:
            return known[0] == spec.code("processed"), f"status {known[0]}"
        return (False, f"status {unknown}") if final and _never_known(history, operation, spec) else None
    if not exchange.succeeded:
        return False, f"HTTP {exchange.http_status}"
    if exchange.status_code is not None:
        return exchange.status_code == spec.code("processed"), _content(exchange)
    return True, _content(exchange)


def _never_known(history: History, operation: Operation, spec: Spec) -> bool:
    """True when the operation was unknown from the first look on, and no newer ones can have pushed it out."""
    first = operation.polls[0]
    if first.status_code != spec.code("operation_unknown"):
        return False
    newer = history.newer(operation, first)
    places = newer.most + newer.others + older_that_may_have_changed(history, operation)
    return places < spec.kept_operations and not history.notes(NoteKind.FOREIGN)


def _content(exchange: Exchange) -> str:
    """The answer without what may change from call to call: order of records, time stamps, busy marks."""
    document = exchange.document
    if not isinstance(document, Document):
        return f"HTTP {exchange.http_status}, no document" if document is None else f"no document ({document.reason})"
    if not document.records:
        value = document.value
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        return f"{document.role}: {'empty' if text is None else text}"
    if document.role == "status":
        return f"status {exchange.status_code}"
    return f"{document.role}: " + ", ".join(sorted(_name(record) for record in document.records))


def _name(record: Record) -> str:
    return str(record.guid("station") or record.guid("case") or f"a {record.type} without an id")
