"""Selecting patients at a station: whom, where, and what else is refused."""

from __future__ import annotations

from collections.abc import Callable

from conformance.rules.broken_premises import (
    given_is_not_missing,
    interrupted,
    leaves_a_record,
    refusal,
    several,
)
from conformance.rules.carried_out import no_output
from conformance.rules.catalogue import rule
from conformance.rules.marks import about, broken, end_of
from conformance.rules.origins import Unused, unused
from conformance.rules.patient_sketches import creation, made, mapped, pressed, selection
from conformance.rules.premises import ending, told
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Condition, Spec
from conformance.trace import Asked, Exchange, History, call, fresh

SELECT = "select_patient"
A, Z = made("A"), fresh("Z")

_SETTLED_ELSEWHERE = frozenset({"removed", "station_silent", "navigation_failed", "rejected_by_operator"})


@rule(
    "SEL-001",
    judges="get_status",
    when=end_of(SELECT),
    accepts=[A + selection("A", 1, "processed"), mapped("A", "Ann", "Roe") + selection("A", 1, "processed")],
    rejects=[
        A + selection("A", 1, "exception"),
        A + selection("A", 1, "unsupported"),
        A + selection("A", 1, "last_name_missing"),
        mapped("A", "Ann", "Roe") + selection("A", 1, "integration_id_unknown"),
    ],
    ignores=[
        A + selection("A", 1, "integration_id_unknown"),
        A + selection("A", 1, "navigation_failed"),
        A + selection("A", 1, "station_silent"),
        A + selection("A", 1, "accepted"),
        A + pressed(1, Asked.PAGE, "exception") + selection("A", 1, "exception"),
        Z + selection("Z", 1, "exception"),
    ],
)
def a_mapped_patient_is_selected(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station works on it to the end; pages that cannot be opened are for other rules.

    That a patient created in the trace is known at all is for MAP-007 and its like.
    """
    end = ending(history, query, spec, SELECT)
    if end is None or not end.sound or end.status.name in _SETTLED_ELSEWHERE or interrupted(history, end):
        return None
    if end.status.name in history.proofs.decisions(end.operation).values():
        return None
    proof = next((p.proof for p in end.premises if p.proof is not None), None)
    if end.status.name == "integration_id_unknown" and proof is not None and proof.by is not None:
        return None
    if end.blames() and end.status.name == "integration_id_missing":
        return None
    expected = f"{told(['processed'], spec)}, since the patient is mapped"
    return judged(end.status.name == "processed", expected, told([end.status.name], spec), end.operation, query)


@rule(
    "SEL-002",
    judges="get_status",
    when=broken(SELECT),
    accepts=[selection(None, 1, "integration_id_missing")],
    rejects=[selection(None, 1, "processed"), selection(None, 1, "exception")],
    ignores=[
        selection("", 1, "processed"),
        selection(None, 1, "station_silent"),
        selection(None, 1, "unsupported"),
        selection(None, 1, "awaiting"),
    ],
)
def a_selection_without_integration_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent."""
    return _no_id(history, query, spec, "SEL-002", absent=True)


@rule(
    "SEL-003",
    judges="get_status",
    when=broken(SELECT),
    accepts=[selection("", 1, "integration_id_missing")],
    rejects=[selection("", 1, "processed")],
    ignores=[selection(None, 1, "processed"), selection(" ", 1, "processed")],
)
def a_selection_with_an_empty_integration_id_is_refused(
    history: History, query: Exchange, spec: Spec
) -> Verdict | None:
    """The parameter is there without a value."""
    return _no_id(history, query, spec, "SEL-003", absent=False)


def _no_id(history: History, query: Exchange, spec: Spec, row: str, *, absent: bool) -> Verdict | None:
    def about(call: Exchange) -> bool:
        return ("integration_id" not in call.values) is absent

    return refusal(history, query, spec, row, SELECT, Condition.MISSING, "integration_id", about)


@rule(
    "SEL-004",
    judges="get_status",
    when=broken(SELECT),
    accepts=[A + selection("A", 1, "unsupported", station=None)],
    rejects=[
        A + selection("A", 1, "processed", station=None),
        A + selection("A", 1, "integration_id_unknown", station=None),
        A + selection("A", 1, "rejected_by_operator", station=None),
    ],
    ignores=[A + selection("A", 1, "processed", station=0), selection("B", 1, "integration_id_unknown", station=None)],
)
def a_selection_without_station_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent or empty."""
    return _no_station(history, query, spec, "SEL-004", lambda call: not call.values.get("station", ""))


@rule(
    "SEL-005",
    judges="get_status",
    when=broken(SELECT),
    accepts=[A + selection("A", 1, "unsupported", station=0)],
    rejects=[A + selection("A", 1, "processed", station=0)],
    ignores=[A + selection("A", 1, "processed", station=None), A + selection("A", 1, "awaiting", station=0)],
)
def a_selection_at_the_empty_station_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is the empty GUID, written out."""
    return _no_station(history, query, spec, "SEL-005", lambda call: bool(call.values.get("station", "")))


def _no_station(
    history: History, query: Exchange, spec: Spec, row: str, about: Callable[[Exchange], bool]
) -> Verdict | None:
    return refusal(history, query, spec, row, SELECT, Condition.NO_STATION, "station", about)


@rule(
    "SEL-006",
    judges="get_status",
    when=broken(SELECT),
    accepts=[
        Z + selection("Z", 1, "integration_id_unknown"),
        Z + selection("Z", 1, "navigation_failed"),
        Z + selection("Z", 1, "exception"),
        A + fresh("a") + selection("a", 1, "integration_id_unknown"),
    ],
    rejects=[
        Z + selection("Z", 1, "processed"),
        A + fresh("a") + selection("a", 1, "processed"),
        Z + selection("Z", 1, "integration_id_taken"),
    ],
    ignores=[
        selection("Z", 1, "processed"),
        Z + selection("Z", 1, "station_silent"),
        Z + selection("Z", 1, "unsupported"),
        Z + creation("Z", 1, "last_name_missing", last_name=None) + selection("Z", 2, "processed"),
    ],
)
def a_patient_who_is_not_mapped_is_not_selected(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which status tells it is a reading; that it was done is wrong under each."""
    end = ending(history, query, spec, SELECT)
    proof = next((p.proof for p in end.premises if p.proof is not None), None) if end is not None else None
    accepted = end is not None and end.status.name == "processed"
    if accepted and proof is not None and unused(proof, history) is not Unused.NEVER:
        return None
    return refusal(history, query, spec, "SEL-006", SELECT, Condition.UNKNOWN, "integration_id")


@rule(
    "SEL-007",
    judges="get_status",
    when=broken(SELECT),
    accepts=[selection(None, 1, "unsupported", station=None), Z + selection("Z", 1, "unsupported", station=0)],
    rejects=[selection(None, 1, "processed", station=None), Z + selection("Z", 1, "last_name_missing", station=0)],
    ignores=[selection(None, 1, "processed"), A + selection("A", 1, "processed", station=None)],
)
def several_flaws_of_a_selection_are_told_by_one_status(
    history: History, query: Exchange, spec: Spec
) -> Verdict | None:
    """Which of them is told first is a reading."""
    return several(history, query, spec, "SEL-007", SELECT)


@rule(
    "SEL-008",
    judges="get_status",
    when=about(SELECT),
    accepts=[selection(None, 1, "integration_id_missing")],
    rejects=[selection(None, 1, "operation_unknown"), A + selection("A", 1, "operation_unknown", station=None)],
    ignores=[A + selection("A", 1, "operation_unknown")],
)
def a_refused_selection_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the HTTP status of the call itself."""
    return leaves_a_record(history, query, spec, SELECT)


@rule(
    "SEL-010",
    judges="get_status",
    when=end_of(SELECT),
    accepts=[A + selection("A", 1, "processed")],
    rejects=[A + selection("A", 1, "integration_id_missing")],
    ignores=[selection(None, 1, "integration_id_missing")],
)
def a_given_integration_id_is_not_reported_missing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The integration id and the station are given."""
    return given_is_not_missing(history, query, spec, SELECT)


@rule(
    "SEL-014",
    judges=SELECT,
    accepts=[call(SELECT, integration_id="A", station=7)],
    rejects=[call(SELECT, integration_id="A").but(body=b"<RequestStatus><StatusCode>4</StatusCode></RequestStatus>")],
    ignores=[call(SELECT).refused(400), call(SELECT).lost()],
)
def a_selection_has_no_output(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body that holds none of the interface's documents is ignored."""
    return no_output(exchange)
