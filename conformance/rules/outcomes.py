"""When the statuses are assigned that tell of the way of an operation, of operator and station, or of nothing.

Those on the way are judged by what came before them. Those that an operator or a station brings about are judged where
it was noted what was pressed. Refusals have a module of their own.
"""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.evidence import Due, Told, course, decided, due, named, nowhere, on_server, refusals, since, told
from conformance.rules.marks import Mark, dealt, says
from conformance.rules.premises import Standing, premises
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Sketch, call, fresh, guid, note, poll

GONE = "operation_unknown"
CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
SELECT = call("select_patient", integration_id="A", station=7, operation=1)
DONE = poll(1, "processed")
NO_STATION = note(NoteKind.FRESH, role="station", value=str(guid(7)))
REMOVE = call("remove_operation", operation=1, answer=True)
KEPT = call("remove_operation", operation=1, answer=False)


def pressing(dialog: str, button: str) -> Sketch:
    return note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog=dialog, button=button)


# -- on the way -----------------------------------------------------------------------------------------------


@rule(
    "STAT-020",
    judges="get_status",
    when=says("awaiting"),
    accepts=[AT_STATION + poll(1, "awaiting") * 2, AT_STATION + poll(1, "awaiting")],
    rejects=[
        AT_STATION + poll(1, "accepted") + poll(1, "awaiting"),
        AT_STATION + poll(1, "awaiting") + poll(1, "accepted") * 2 + poll(1, "awaiting"),
    ],
    ignores=[CREATE + poll(1, "awaiting"), AT_STATION + poll(1, "accepted"), AT_STATION + DONE + poll(1, "awaiting")],
)
def an_operation_awaits_only_until_its_station_has_it(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that its station once had is not awaiting it again."""
    said = told(history, query, spec)
    if said is None or said.status.name != "awaiting" or not said.operation.on_station:
        return None
    if any(status.final for status in said.earlier):
        return None
    taken = next((poll for poll, status in said.earlier_polls if status.name == "accepted"), None)
    if taken is None:
        return holds(said.operation, query)
    expected = f"{named(spec, 'accepted')} or a result, since the station had it at exchange {taken.number}"
    return breaks(expected, said.observed, said.operation, taken, query)


@rule(
    "STAT-021",
    judges="get_status",
    when=says("accepted"),
    accepts=[AT_STATION + poll(1, "accepted"), AT_STATION + poll(1, "awaiting") + poll(1, "accepted")],
    rejects=[CREATE + poll(1, "accepted"), NO_STATION + AT_STATION + poll(1, "accepted")],
    ignores=[AT_STATION + poll(1, "awaiting"), AT_STATION + DONE + poll(1, "accepted")],
)
def an_operation_is_accepted_by_a_station(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Accepted is an operation for a station, and one that is there."""
    said = told(history, query, spec)
    if said is None or said.status.name != "accepted" or any(status.final for status in said.earlier):
        return None
    absent = nowhere(history, said.operation.station, query) if said.operation.on_station else 0
    if absent:
        return breaks("no station that accepts it: the one named is not connected", said.observed, absent, query)
    return judged(
        said.operation.on_station, "a result: the server itself does it", said.observed, said.operation, query
    )


@rule(
    "STAT-024",
    judges="get_status",
    when=says("removed"),
    accepts=[AT_STATION + REMOVE + poll(1, "removed"), AT_STATION + REMOVE.lost() + poll(1, "removed")],
    rejects=[
        AT_STATION + poll(1, "removed"),
        AT_STATION + poll(1, "awaiting") + poll(1, "removed"),
        CREATE + KEPT + poll(1, "removed"),
        AT_STATION + poll(1, "accepted") + REMOVE + poll(1, "removed"),
        call("create_patient", last_name="Fox", station=7) * 2 + poll(0, "removed"),
    ],
    ignores=[
        AT_STATION + call("remove_operation", operation=2, answer=True) + poll(1, "removed"),
        AT_STATION + call("remove_operation", operation="?", answer=True) + poll(1, "removed"),
        DONE,
    ],
)
def an_operation_is_removed_by_a_removal_only(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Removed is an operation for which a removal was called, and that no station had taken.

    Not triggered while a removal of another id, or one that was not let in, may have hit it; that is another row's.
    """
    said = told(history, query, spec)
    if said is None or said.status.name != "removed":
        return None
    called = since(history, "remove_operation", said.operation.call)
    if any(not history.let_in(r) and r.guid("operation") == said.operation.id for r in called):
        return None
    asked = [r for r in called if history.let_in(r)]
    own = [r for r in asked if r.guid("operation") == said.operation.id]
    if not asked:
        return breaks("another status: nobody called for its removal", said.observed, said.operation, query)
    if not own:
        return None
    taken = next((p for p, s in said.earlier_polls if s.name == "accepted" and all(p.before(r) for r in own)), None)
    if taken is not None:
        expected = f"the course of things: a station had it at exchange {taken.number}, before the removal"
        return breaks(expected, said.observed, said.operation, taken, *own[:1], query)
    refused = [r for r in own if r.succeeded and getattr(r.document, "value", None) is False]
    kept = on_server(said.operation) and len(refused) == len(own)
    return judged(not kept, "another status: every removal was answered with false", said.observed, *own[:1], query)


# -- what operator and station bring about --------------------------------------------------------------------


def _as_pressed(name: str, history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The verdict on an operation that the operator's dealing must lead to the status called ``name``.

    Not triggered when something else explains the end: the call may be refused, was removed, or is forgotten.
    """
    said = told(history, query, spec)
    if said is None or not said.status.final or not said.operation.on_station:
        return None
    if decided(history, said.operation) != name or _otherwise(history, said, name, spec):
        return None
    if said.status.name == name:
        return holds(said.operation, query)
    expected = f"{named(spec, name)}, as the operator dealt with it"
    return breaks(expected, said.observed, said.operation, *course(history, said.operation, query), query)


def _otherwise(history: History, said: Told, name: str, spec: Spec) -> bool:
    found = said.status.name
    if found == GONE or (found == "removed" and said.operation.removals):
        return True
    if nowhere(history, said.operation.station, said.poll):
        return True
    refused = found in refusals(spec) or found in ("navigation_failed", "exception", "internal_error", "unsupported")
    if found != name and refused and due(history, said.operation, found, spec, said.poll) is not Due.NOT:
        return True
    standings = {premise.standing for premise in premises(history, said.operation, said.poll)}
    may_be_due = Standing.OPEN in standings and found in refusals(spec)
    return name == "processed" and (Standing.BROKEN in standings or may_be_due)


@rule(
    "STAT-022",
    judges="get_status",
    when=dealt("rejected_by_operator"),
    accepts=[AT_STATION + pressing("new_patient", "cancel") + poll(1, "rejected_by_operator")],
    rejects=[
        AT_STATION + pressing("new_patient", "cancel") + DONE,
        AT_STATION + pressing("new_patient", "cancel") + poll(1, "navigation_failed"),
        fresh("A") + AT_STATION + pressing("new_patient", "cancel") + poll(1, "integration_id_taken"),
        pressing("page", "cancel") + SELECT + DONE,
    ],
    ignores=[
        AT_STATION + poll(1, "rejected_by_operator"),
        AT_STATION + pressing("new_patient", "cancel") + poll(1, "awaiting"),
        AT_STATION + pressing("new_patient", "cancel") + poll(1, "integration_id_taken"),
        AT_STATION + pressing("merge", "cancel") + DONE,
        AT_STATION * 2 + pressing("new_patient", "cancel") + DONE,
        call("update_patient", integration_id="A", last_name="Fox", station=7, operation=1)
        + pressing("sync", "cancel")
        + DONE,
    ],
)
def a_cancelled_operation_is_rejected(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation whose dialog the operator closed ends as rejected by the operator."""
    return _as_pressed("rejected_by_operator", history, query, spec)


@rule(
    "STAT-023",
    judges="get_status",
    when=dealt("navigation_failed"),
    accepts=[AT_STATION + pressing("page", "navigation_failed") + poll(1, "navigation_failed")],
    rejects=[
        AT_STATION + pressing("page", "navigation_failed") + DONE,
        AT_STATION + pressing("page", "navigation_failed") + poll(1, "rejected_by_operator"),
    ],
    ignores=[AT_STATION + poll(1, "navigation_failed")],
)
def a_page_that_does_not_open_is_told(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation whose page the station could not open ends with the status for that."""
    return _as_pressed("navigation_failed", history, query, spec)


@rule(
    "STAT-025",
    judges="get_status",
    when=dealt("processed"),
    accepts=[
        AT_STATION + pressing("new_patient", "save") + DONE,
        pressing("page", "proceed") + SELECT + DONE,
    ],
    rejects=[
        AT_STATION + pressing("new_patient", "save") + poll(1, "rejected_by_operator"),
        AT_STATION + pressing("new_patient", "save") + poll(1, "exception", "A disk is full."),
        fresh("A") + AT_STATION + pressing("new_patient", "save") + poll(1, "integration_id_taken"),
        pressing("page", "proceed") + SELECT + poll(1, "station_silent"),
    ],
    ignores=[
        AT_STATION + poll(1, "rejected_by_operator"),
        AT_STATION + pressing("new_patient", "save") + poll(1, "integration_id_taken"),
        AT_STATION + pressing("new_patient", "save") + REMOVE + poll(1, "removed"),
        call("create_patient", integration_id="A", station=7, operation=1)
        + pressing("new_patient", "save")
        + poll(1, "internal_error"),
        pressing("page", "proceed") + SELECT + poll(1, "integration_id_unknown"),
        note(NoteKind.FRESH, role="case", value=str(guid(5)))
        + call("select_case", case=5, station=7, operation=1)
        + pressing("page", "proceed")
        + poll(1, "case_id_missing"),
        AT_STATION + pressing("merge", "existing") + poll(1, "patient_id_taken"),
    ],
)
def what_the_operator_carried_through_is_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that the operator went along with to the end is processed, unless its data do not allow it."""
    return _as_pressed("processed", history, query, spec)


@rule(
    "STAT-027",
    judges="get_status",
    when=dealt("station_silent"),
    accepts=[AT_STATION + pressing("page", "no_answer") + poll(1, "station_silent")],
    rejects=[
        AT_STATION + pressing("page", "no_answer") + DONE,
        AT_STATION + pressing("page", "no_answer") + poll(1, "internal_error"),
    ],
    ignores=[AT_STATION + poll(1, "station_silent"), AT_STATION + pressing("page", "no_answer") + poll(1, "accepted")],
)
def a_silent_station_is_told(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that its station did not deal with ends with the status for that."""
    return _as_pressed("station_silent", history, query, spec)


@rule(
    "STAT-028",
    judges="get_status",
    when=dealt("exception"),
    accepts=[AT_STATION + pressing("page", "exception") + poll(1, "exception", "Broken.")],
    rejects=[
        AT_STATION + pressing("page", "exception") + poll(1, "internal_error"),
        AT_STATION + pressing("page", "exception") + DONE,
    ],
    ignores=[AT_STATION + poll(1, "exception"), CREATE + poll(1, "exception")],
)
def an_exception_at_the_station_is_told(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation during which 3DD threw an exception ends with the status for that."""
    return _as_pressed("exception", history, query, spec)


@rule(
    "STAT-037",
    judges="get_status",
    when=dealt("internal_error"),
    accepts=[AT_STATION + pressing("page", "internal_error") + poll(1, "internal_error")],
    rejects=[
        AT_STATION + pressing("page", "internal_error") + poll(1, "exception", "Broken."),
        AT_STATION + pressing("page", "internal_error") + DONE,
    ],
    ignores=[AT_STATION + poll(1, "internal_error"), CREATE + poll(1, "internal_error")],
)
def an_internal_error_is_told(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation during which the station met an internal error ends with the status for that."""
    return _as_pressed("internal_error", history, query, spec)


# -- nothing known --------------------------------------------------------------------------------------------

UNUSED = note(NoteKind.FRESH, role="operation", value=str(guid(9)))


@rule(
    "STAT-038",
    judges="get_status",
    when=Mark.NAMES_NOTHING,
    accepts=[UNUSED + poll(9, GONE), UNUSED + CREATE + poll(9, GONE)],
    rejects=[UNUSED + poll(9, "processed"), UNUSED + CREATE + poll(9, "awaiting"), UNUSED + poll(9, "exception", "?")],
    ignores=[poll(9, "processed"), CREATE + DONE, UNUSED + poll(9, GONE).refused(500)],
)
def an_id_that_was_never_used_is_unknown(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Nothing is known under an id that no operation was given."""
    wanted, code = query.guid("operation"), query.status_code
    if wanted is None or code is None or query.repeated or history.with_id(query):
        return None
    number = history.minted("operation", wanted, query)
    if not number:
        return None
    expected = f"{named(spec, GONE)}, since no operation was given the id {wanted}"
    return judged(code == spec.code(GONE), expected, f"status {code}", number, query)
