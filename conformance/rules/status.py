"""The answer to a status query: its document, its fields, and which operation it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection

from conformance.rules.catalogue import observes, rule
from conformance.rules.evidence import alone, forced, lacks_only, named, ordinary, possible, refusals, told
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec, Status
from conformance.trace import Exchange, History, NoteKind, Operation, Sketch, Witness, call, fresh, guid, note, poll
from conformance.trace.sketch import StatusOf
from conformance.wire import EMPTY_GUID, Document, encode

GONE = "operation_unknown"
CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
NO_NAME = call("create_patient", integration_id="B", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
SELECT = call("select_patient", integration_id="A", operation=1)
DONE = poll(1, "processed")


def answer(operation: int, about: int, status: str) -> Sketch:
    """A query about one operation, answered with the id of another."""
    return poll(operation, status).answered(StatusOf(about, status))


def numbered(choose: Callable[[Collection[int]], int]) -> Witness:
    """A status with the number that ``choose`` makes of those in the table."""
    content = {"operation": guid(1), "description": "It is done."}
    return lambda spec: DONE.answered({**content, "code": choose(spec.status_by_code)})


def gap(codes: Collection[int]) -> int:
    """The first number between two of the table that is not in it."""
    return next(number for number in range(min(codes), max(codes)) if number not in codes)


@rule(
    "STAT-001",
    judges="get_status",
    accepts=[DONE, poll(1, GONE), poll(1, GONE).but(http_status=404)],
    rejects=[
        DONE.but(http_status=204, content=None, body=b""),
        lambda spec: DONE.but(body=encode("removed", True, spec)),
        DONE.but(body=b"processed", content_type="text/plain"),
        poll(1, GONE).refused(404),
        DONE.refused(500),
        DONE.but(http_status=400),
    ],
    ignores=[
        DONE.refused(401),
        DONE.refused(503),
        DONE.lost(),
        call("get_status", operation="no-guid").refused(400),
        call("get_status", operation="").refused(400),
        DONE.but(verb="POST").refused(405),
    ],
)
def a_status_query_is_answered_with_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The answer is a document of one status record, also for an operation that nobody knows.

    A record about an unknown operation may come with HTTP 404 (reading UNKNOWN-OPERATION-HTTP).
    """
    if not ordinary(query, spec):
        return None
    document, root = query.document, spec.document["status"].root
    unknown = query.status_code == spec.code(GONE) and query.http_status == 404
    if query.succeeded or unknown:
        found = isinstance(document, Document) and document.role == "status" and bool(document.records)
        observed = "no body" if document is None else getattr(document, "reason", "no record in it")
        return judged(found, f"a {root} document", observed, query)
    return breaks(f"HTTP 200 with a {root} document", f"HTTP {query.http_status}", query)


@observes(
    "UNKNOWN-OPERATION-HTTP",
    judges="get_status",
    shows=[(poll(1, GONE), "ok"), (poll(1, GONE).but(http_status=404), "not-found"), (DONE, "")],
)
def http_status_of_an_unknown_operation(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where a status record says that the operation is unknown."""
    if query.status_code != spec.code(GONE):
        return None
    return "ok" if query.succeeded else "not-found" if query.http_status == 404 else None


@rule(
    "STAT-005",
    judges="get_status",
    accepts=[CREATE + DONE, poll(0, "processed"), poll(1, GONE), answer(1, 0, GONE), answer(0, 0, GONE)],
    rejects=[CREATE + answer(1, 2, "processed"), CREATE + answer(1, 0, "processed"), answer(1, 2, GONE)],
    ignores=[DONE.refused(500), lambda spec: DONE.answered({"code": spec.code("processed"), "description": "?"})],
)
def a_status_names_the_operation_asked_for(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The record has the id of the query; about an unknown operation it may have the empty id instead."""
    wanted = query.guid("operation")
    found = _record_id(query)
    if found is None or wanted is None or query.repeated:
        return None
    empty = query.status_code == spec.code(GONE) and found == EMPTY_GUID
    return judged(found == wanted or empty, f"the id {wanted} that was asked for", f"the id {found}", query)


def _record_id(query: Exchange) -> object:
    document = query.document
    known = isinstance(document, Document) and document.role == "status" and document.records
    return document.records[0].guid("operation") if known and isinstance(document, Document) else None


@observes(
    "UNKNOWN-OPERATION-ECHO",
    judges="get_status",
    shows=[(poll(1, GONE), "asked"), (answer(1, 0, GONE), "empty"), (DONE, ""), (poll(0, GONE), "")],
)
def id_in_the_record_of_an_unknown_operation(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where a record says that the operation is unknown."""
    found, wanted = _record_id(query), query.guid("operation")
    if query.status_code != spec.code(GONE) or wanted in (None, EMPTY_GUID):
        return None
    return "asked" if found == wanted else "empty" if found == EMPTY_GUID else None


@rule(
    "STAT-006",
    judges="get_status",
    accepts=[DONE, poll(1, "awaiting"), poll(1, GONE)],
    rejects=[numbered(lambda codes: min(codes) - 1), numbered(lambda codes: max(codes) + 1), numbered(gap)],
    ignores=[DONE.but(content={"operation": guid(1), "description": "?"})],
)
def a_status_code_is_one_of_the_reference(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The number is one that the guide lists."""
    code = query.status_code
    if code is None:
        return None
    if code in spec.status_by_code:
        return holds(query)
    known = ", ".join(str(status.code) for status in spec.statuses)
    return breaks(f"one of {known}", f"status code {code}", query)


# -- which operation ------------------------------------------------------------------------------------------

REFUSED = fresh("C") + call("create_patient", integration_id="C", operation=8) + poll(8, "last_name_missing")
STATION_GONE = note(NoteKind.FRESH, role="station", value=str(guid(7)))


@rule(
    "STAT-016",
    judges="get_status",
    when=Mark.REUSED,
    accepts=[
        CREATE + DONE + NO_NAME + poll(1, "last_name_missing"),
        NO_NAME + poll(1, "last_name_missing") + CREATE + DONE,
        CREATE + DONE + SELECT + poll(1, "unsupported"),
        STATION_GONE + CREATE + DONE + AT_STATION + poll(1, "awaiting"),
    ],
    rejects=[
        REFUSED + CREATE + DONE + NO_NAME + DONE,
        NO_NAME + poll(1, "last_name_missing") + CREATE + poll(1, "last_name_missing"),
        REFUSED + CREATE + NO_NAME + DONE,
        STATION_GONE + CREATE + DONE + AT_STATION + DONE,
    ],
    ignores=[
        CREATE + DONE,
        CREATE + DONE + CREATE + DONE,
        CREATE + DONE + NO_NAME + DONE,
        CREATE + DONE + NO_NAME.lost() + DONE,
        CREATE + DONE + NO_NAME.refused(400) + DONE,
        CREATE + DONE + NO_NAME + poll(1, GONE),
    ],
)
def the_last_operation_with_an_id_counts(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A status is that of the last operation with the id.

    That nobody can process a call that lacks something has to be seen before; whether it is processed is for others.
    Triggered where the status is possible for the last one or for an earlier one, not for both.
    """
    about = told(history, query, spec)
    if about is None or about.status.name == GONE:
        return None
    last, earlier = about.operation, history.with_id(query)[:-1]
    if not earlier:
        return None
    own = possible(history, last, about.status, spec, query)
    theirs = next((o for o in reversed(earlier) if _came_to(history, o, about.status, spec, query)), None)
    if own == (theirs is not None):
        return None
    lacking = not own and about.status.name == "processed" and forced(history, last)
    if lacking and not _refuses_such(history, last, spec):
        return None
    expected = f"the status of the operation of exchange {last.call.number}, the last one with this id"
    observed = f"{about.observed}, which only the one of exchange {(theirs or last).number} can have"
    return judged(own, expected, observed, theirs or earlier[-1], last, query)


def _refuses_such(history: History, operation: Operation, spec: Spec) -> bool:
    """True when a call that lacks the same and nothing else, under an id of its own, was seen to be refused."""
    given = operation.call.values.keys()
    alike = (o for o in history.operations if o.role == operation.role and o.call.values.keys() == given)
    refused = {spec.code(name) for name in refusals(spec)}
    return any(refused & set(o.codes()) and alone(history, o) and lacks_only(history, o) for o in alike)


def _came_to(history: History, operation: Operation, status: Status, spec: Spec, query: Exchange) -> bool:
    codes = operation.codes()
    if status.code in codes or any(c in spec.status_by_code and spec.status_by_code[c].final for c in codes):
        return status.code in codes
    return possible(history, operation, status, spec, query)


@rule(
    "STAT-018",
    judges="get_status",
    when=Mark.AGAIN,
    accepts=[CREATE + DONE * 2, AT_STATION + poll(1, "removed") * 2],
    rejects=[
        CREATE + DONE + poll(1, "exception"),
        AT_STATION + poll(1, "removed") + poll(1, "accepted"),
        AT_STATION + DONE + poll(1, "removed"),
        AT_STATION + poll(1, "rejected_by_operator") + poll(1, "awaiting"),
    ],
    ignores=[
        CREATE + DONE + SELECT + poll(1, "unsupported"),
        CREATE + DONE + poll(1, GONE),
        AT_STATION + poll(1, "accepted") + DONE,
    ],
)
def a_final_status_stays(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that came to its end keeps that status for as long as it is known, and comes back under no other."""
    about = told(history, query, spec)
    if about is None or about.status.name == GONE:
        return None
    ended = next(((poll, status) for poll, status in about.earlier_polls if status.final), None)
    if ended is None or (ended[1].name == GONE and about.operation.on_station):
        return None  # one that was forgotten may come back when its station changes its status (reading STATUS-AGE)
    expected = f"{named(spec, ended[1].name)}, as at exchange {ended[0].number}: that was the end of it"
    return judged(about.status is ended[1], expected, about.observed, about.operation, ended[0], query)
