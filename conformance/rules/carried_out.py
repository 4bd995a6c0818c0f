"""Verdicts on operations that nothing stands in the way of: carried out, by the server when no station is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.rules.evidence import refused_anyhow
from conformance.rules.premises import Standing, ending, long_values, plain, premises, told
from conformance.rules.verdict import Verdict, breaks, judged, undecided
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation
from conformance.wire import Document

OPTIONAL = ("first_name", "birth_date", "patient_id")
AT_A_STATION_ONLY = frozenset({"rejected_by_operator", "navigation_failed", "station_silent", "removed", "unsupported"})
PATIENCE, PATIENCE_S = 20, 1.0
"""After so many looks without an end, and so long, in a recording that is over, the server is not going to do it."""


def whole(call: Exchange) -> bool:
    """True when every datum of the patient is given."""
    return all(call.given(role) for role in OPTIONAL)


def carried_out(
    history: History, query: Exchange, spec: Spec, role: str, about: Callable[[Exchange], bool]
) -> Verdict | None:
    """The verdict on a call for the server that meets every condition and that ``about`` is true of.

    Complaints about a condition and ends that only a station knows are for other rules.
    """
    turned_away = _turned_away(history, query, spec, role, about)
    if turned_away is not None:
        return turned_away
    end = ending(history, query, spec, role)
    if end is None or end.operation.on_station or not end.sound or not about(end.call):
        return None
    if end.blames() or end.status.name in AT_A_STATION_ONLY:
        return None
    if end.status.name != "processed" and long_values(end.call):
        return undecided("a text of uncommon length was refused", end.operation, query)
    expected = f"{told(['processed'], spec)}, since every condition is met"
    return judged(end.status.name == "processed", expected, told([end.status.name], spec), end.operation, end.query)


def _turned_away(
    history: History, query: Exchange, spec: Spec, role: str, about: Callable[[Exchange], bool]
) -> Verdict | None:
    """FAIL for such a call that HTTP refused and that left no status."""
    operation = history.polled(query)
    if operation is None or operation.role != role or operation.on_station or not plain(operation.call):
        return None
    call = operation.call
    if query.status_code != spec.code("operation_unknown") or not 400 <= call.http_status < 500 or not about(call):
        return None
    if long_values(call) or any(p.standing is not Standing.MET for p in premises(history, operation, query)):
        return None
    if refused_anyhow(history, call, about):
        return None
    expected = "the call to be carried out, since every condition is met"
    return breaks(expected, f"HTTP {call.http_status} and no status", operation, query)


def done_by_server(
    history: History, query: Exchange, spec: Spec, role: str, about: Callable[[Exchange], bool]
) -> Verdict | None:
    """The verdict on a call that names no station: it does not end as only operations at a station do."""
    end = ending(history, query, spec, role)
    if end is None or end.operation.on_station or not about(end.call):
        return None
    kept = end.status.name not in AT_A_STATION_ONLY
    observed = f"{told([end.status.name], spec)}, which only an operation at a station has"
    return judged(kept, "the server itself to do it", observed, end.operation, end.query)


def never_done(history: History, spec: Spec, role: str, about: Callable[[Exchange], bool]) -> Iterator[Verdict]:
    """FAIL for each call that names no station and that was asked about in vain."""
    for operation in history.operations:
        if operation.role != role or operation.on_station or not asked_in_vain(operation):
            continue
        if plain(operation.call) and about(operation.call) and not _ended(operation, spec):
            last = operation.polls[-1]
            observed = f"status {last.status_code} after {len(operation.polls)} looks"
            yield breaks("the server itself to do it", observed, operation, last)


def asked_in_vain(operation: Operation) -> bool:
    """True when the last of many looks at the operation came late enough to show that it has no end."""
    polls = operation.polls
    return len(polls) >= PATIENCE and polls[-1].started_s - operation.call.finished_s >= PATIENCE_S


def _ended(operation: Operation, spec: Spec) -> bool:
    found = (spec.status_by_code.get(code) for code in operation.codes())
    return any(status is None or status.final for status in found)


def no_output(exchange: Exchange) -> Verdict | None:
    """The verdict on the answer to a method without output: it holds no XML document of the interface."""
    if not exchange.succeeded or exchange.event.reply is None:
        return None
    document = exchange.document
    found = isinstance(document, Document) and document.form.syntax == "xml"
    observed = f"a {document.role} document" if isinstance(document, Document) and found else ""
    return judged(not observed, "an answer without output", observed, exchange)
