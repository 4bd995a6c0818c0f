"""What a PMS does with its operations: names them, follows them to their end, and then lets go.

These clauses come from the guide's workflows and remarks, which tell how the interface is meant to be used. So all but
a few are advice. What a PMS did not do is judged at the end, and only if it went on to do something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from conformance.rules.catalogue import rule
from conformance.rules.evidence import on_server, told, understood
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.rules.window import surely_newer
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation, Sketch, call, done, each, guid, order, poll
from conformance.wire import EMPTY_GUID, Document

GONE = "operation_unknown"
NOT_READY = 503
OPERATIONS = ("create_patient", "update_patient", "select_patient", "create_case", "select_case")

CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
OTHER = call("create_patient", integration_id="B", last_name="Fox", operation=2)
NAMELESS = call("create_patient", integration_id="A", last_name="Fox")
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
UPDATE = call("update_patient", integration_id="A", last_name="Fox", operation=1)
UPDATE_THERE = call("update_patient", integration_id="A", last_name="Fox", station=7, operation=1)
NAMELESS_THERE = call("create_patient", integration_id="A", last_name="Fox", station=7)
LIST = call("list_stations", answer=[])
DONE = poll(1, "processed")
WAITS = poll(1, "awaiting")
REMOVE = call("remove_operation", operation=1, answer=True)

REPEATS = 1
"""So many looks after the last word may be on their way already."""


def later(count: int) -> Sketch:
    return each(range(50, 50 + count), lambda n: call("create_patient", last_name="Fox", operation=int(str(n))))


def asking(count: int) -> Sketch:
    """The same, with a look at the first operation before each."""
    return each(range(50, 50 + count), lambda n: WAITS + call("create_patient", last_name="Fox", operation=int(str(n))))


# -- naming ---------------------------------------------------------------------------------------------------


@rule(
    "FLOW-023",
    judges=OPERATIONS,
    accepts=[
        CREATE,
        CREATE + OTHER,
        CREATE.lost() + poll(1, GONE) + CREATE,
        CREATE.refused(503) + poll(1, GONE) + CREATE,
        CREATE.refused(503) + CREATE,
        CREATE.but(authorization=None).lost() + CREATE,
    ],
    rejects=[
        CREATE + CREATE,
        CREATE + DONE + OTHER + CREATE,
        CREATE.lost() + CREATE,
        CREATE.refused(500) + CREATE,
        CREATE + poll(1, GONE) + call("create_patient", integration_id="B", last_name="Roe", operation=1),
    ],
    ignores=[NAMELESS, NAMELESS * 2, call("create_patient", operation="?")],
)
def every_operation_has_an_id_of_its_own(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """An id is used for one operation; with a second one the status of the first is lost.

    The very call may be sent again when the server said that nothing is known under its id, or that it was not ready;
    and with credentials when it had none.
    """
    identifier = start.guid("operation")
    if identifier is None or identifier == EMPTY_GUID:
        return None
    former = [operation for operation in history.with_id(start) if operation.call is not start]
    former = [operation for operation in former if not _known_to_be_lost(history, operation, start, spec)]
    evidence = [former[-1].call] if former else []
    return judged(not former, "an id that no other operation has", f"the id {identifier} again", *evidence, start)


def _known_to_be_lost(history: History, former: Operation, start: Exchange, spec: Spec) -> bool:
    """True when it is sent again after the server was not ready, let nobody in, or knew of no such operation."""
    if former.call.values != start.values:
        return False
    if former.call.http_status == NOT_READY or not former.call.authorization.present:
        return True
    asked = (q for q in reversed(history.of("get_status")) if q.guid("operation") == former.id and q.before(start))
    newest = next(asked, former.call)
    return newest.number > former.call.number and newest.status_code == spec.code(GONE)


@rule(
    "FLOW-024",
    judges=OPERATIONS,
    accepts=[AT_STATION, call("select_case", case=3, station=7, operation=1)],
    rejects=[NAMELESS_THERE, call("create_patient", last_name="Fox", station=7, operation=0)],
    ignores=[NAMELESS, CREATE],
)
def an_operation_for_a_station_has_an_id(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """An operation that takes its time can be followed: it has an id."""
    if start.guid("station") in (None, EMPTY_GUID):
        return None
    named = start.guid("operation") != EMPTY_GUID
    return judged(named, "an id, so that the status can be asked for", "no id", start)


# -- following ------------------------------------------------------------------------------------------------


def _own(history: History) -> Iterator[Operation]:
    """Operations that were surely taken, and whose sender did something afterwards."""
    last = {exchange.who: exchange.number for exchange in history.exchanges}
    for operation in history.operations:
        call = operation.call
        if understood(call) and last[call.who] > call.number:
            yield operation


def _went_on(history: History, operation: Operation, since: Exchange) -> Exchange | None:
    """A call of the same sender after ``since`` that asks neither about the operation nor for its removal."""
    for exchange in reversed(history.exchanges):
        if exchange.number <= since.number:
            return None
        about = exchange.role in ("get_status", "remove_operation") and exchange.guid("operation") == operation.id
        if exchange.who == operation.call.who and not about:
            return exchange
    return None


@rule(
    "FLOW-006",
    judges=(),
    accepts=[CREATE + DONE, NAMELESS + poll(0, "processed"), CREATE + poll(1, GONE)],
    rejects=[
        CREATE + OTHER + poll(2, "processed"),
        CREATE + LIST,
        NAMELESS + LIST,
        AT_STATION + call("remove_operation", operation=1, answer=False) + LIST,
    ],
    ignores=[
        CREATE,
        CREATE.refused(400) + LIST,
        CREATE.lost() + LIST,
        AT_STATION + REMOVE + LIST,
        AT_STATION + call("remove_operation", operation=guid(1).hex, answer=True) + LIST,
        UPDATE + LIST,
        UPDATE + DONE,
    ],
)
def the_status_of_an_operation_is_asked_for(history: History, seen: Exchange, spec: Spec) -> Verdict | None:
    """After an operation was started its status is asked for, unless it was told to be removed; judged at the end."""
    return None


@the_status_of_an_operation_is_asked_for.at_end
def no_operation_went_unasked(history: History, spec: Spec) -> Iterable[Verdict]:
    return _unasked(history, lambda operation: not _updates_on_server(operation))


@rule(
    "FLOW-012",
    judges=(),
    accepts=[UPDATE + DONE, UPDATE + poll(1, GONE)],
    rejects=[UPDATE + LIST, UPDATE + OTHER + poll(2, "processed")],
    ignores=[UPDATE, UPDATE.refused(400) + LIST, CREATE + LIST, UPDATE_THERE + LIST],
)
def the_status_of_an_update_is_asked_for(history: History, seen: Exchange, spec: Spec) -> Verdict | None:
    """The same of an update on the server, which no person at a station would miss; judged at the end."""
    return None


@the_status_of_an_update_is_asked_for.at_end
def no_update_went_unasked(history: History, spec: Spec) -> Iterable[Verdict]:
    return _unasked(history, _updates_on_server)


def _updates_on_server(operation: Operation) -> bool:
    return operation.role == "update_patient" and on_server(operation)


def _is_granted(removal: Exchange) -> bool:
    return isinstance(removal.document, Document) and removal.document.value is True


def _unasked(history: History, counts: Callable[[Operation], bool]) -> Iterator[Verdict]:
    """What became of the operations that count: whether their status was asked for."""
    asked = {query.guid("operation") for query in history.of("get_status")}
    removed = {removal.guid("operation") for removal in history.of("remove_operation") if _is_granted(removal)}
    for operation in filter(counts, _own(history)):
        if operation.polls or (operation.superseded is None and operation.id in asked):
            yield holds(*operation.polls[:1], operation)
            continue
        if any(map(_is_granted, operation.removals)) or (operation.superseded is None and operation.id in removed):
            continue
        if _went_on(history, operation, operation.call) is not None:
            yield breaks("a query for its status", "none until the end of the recording", operation)


@rule(
    "POOL-010",
    judges=(),
    accepts=[AT_STATION + WAITS * 3 + DONE, AT_STATION + WAITS + poll(1, "accepted") + poll(1, "rejected_by_operator")],
    rejects=[AT_STATION + WAITS + OTHER, AT_STATION + poll(1, "accepted") * 5 + LIST],
    ignores=[
        AT_STATION + WAITS,
        AT_STATION + WAITS + REMOVE + LIST,
        AT_STATION + LIST,
        AT_STATION + WAITS + poll(1, GONE),
    ],
)
def an_operation_is_followed_to_its_end(history: History, seen: Exchange, spec: Spec) -> Verdict | None:
    """Whoever asks for a status goes on until it is final, or removes the operation; judged at the end."""
    return None


@an_operation_is_followed_to_its_end.at_end
def no_operation_was_left_on_its_way(history: History, spec: Spec) -> Iterable[Verdict]:
    for operation in _own(history):
        codes = [code for code in operation.codes() if code in spec.status_by_code]
        if not codes or operation.removals or spec.status_by_code[codes[-1]].name == GONE:
            continue
        last = operation.polls[-1]
        if spec.status_by_code[codes[-1]].final:
            yield holds(operation, last)
        elif _went_on(history, operation, last) is not None:
            yield breaks("queries until the status is final", f"the last one told {codes[-1]}", operation, last)


@rule(
    "FLOW-022",
    judges="get_status",
    accepts=[CREATE + DONE, CREATE + DONE * 2],
    rejects=[CREATE + DONE * 3, AT_STATION + WAITS + poll(1, "rejected_by_operator") * 3],
    ignores=[AT_STATION + WAITS * 5, CREATE + poll(1, GONE) * 5],
)
def asking_ends_with_the_final_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Once the final status was received nobody asks for it again, apart from a query that was on its way."""
    said = told(history, query, spec)
    if said is None or not said.status.final or said.status.name == GONE:
        return None
    known = [poll for poll, status in said.earlier_polls if status.final and status.name != GONE]
    if not known:
        return holds(said.operation, query)
    if len(known) <= REPEATS:
        return None
    observed = "more queries after it was final"  # not which one it is: all of them are one finding
    return breaks(f"no more queries after exchange {known[-1].number}", observed, said.operation, known[-1], query)


@rule(
    "FLOW-025",
    judges="get_status",
    accepts=[
        CREATE + DONE,
        lambda spec: CREATE + later(spec.kept_operations - 1) + DONE,
        lambda spec: CREATE + DONE + later(spec.kept_operations) + poll(1, GONE),
    ],
    rejects=[
        lambda spec: CREATE + later(spec.kept_operations) + poll(1, GONE),
        lambda spec: AT_STATION + WAITS + later(spec.kept_operations) + poll(1, GONE),
        lambda spec: order("create_patient") + AT_STATION + asking(spec.kept_operations) + poll(1, GONE) + done(),
        lambda spec: order("create_patient") + AT_STATION + asking(spec.kept_operations) + done() + poll(1, GONE),
        lambda spec: order("create_patient") + AT_STATION + asking(spec.kept_operations) + done() + LIST,
    ],
    ignores=[
        CREATE + poll(1, GONE),
        lambda spec: order("create_patient") + AT_STATION + done() + asking(spec.kept_operations) + poll(1, GONE),
        lambda spec: order("create_patient") + AT_STATION + asking(spec.kept_operations - 1) + done() + LIST,
        AT_STATION + WAITS,
        lambda spec: AT_STATION + asking(spec.kept_operations) + poll(1, GONE),
    ],
)
def a_result_is_fetched_before_it_is_forgotten(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The final status is asked for while the server still keeps it.

    Whoever kept asking while a person at the station took long has done what it could; unless all those operations
    were started for one thing that the user wanted.
    """
    said = told(history, query, spec)
    if said is None or any(status.final for status in said.earlier):
        return None
    if said.status.name != GONE:
        return holds(said.operation, query) if said.status.final else None
    since = next((earlier for earlier, _ in said.earlier_polls), said.operation.call)
    count = max(_started_since(history, said.operation, since, query), _started_at_once(history, said.operation))
    if count < spec.kept_operations or surely_newer(history, said) < spec.kept_operations:
        return None
    expected = f"the result asked for before {spec.kept_operations} newer operations are started"
    return breaks(expected, f"{count} newer ones, and the result lost", said.operation, query)


def _started_since(history: History, operation: Operation, since: Exchange, query: Exchange) -> int:
    """Operations that the sender itself started without a look at this one; what others start is not its doing."""
    mine = (other.call for other in history.operations[operation.serial + 1 :])
    return sum(1 for c in mine if c.who == query.who and since.before(c) and c.before(query))


@a_result_is_fetched_before_it_is_forgotten.at_end
def no_result_was_pushed_out_unseen(history: History, spec: Spec) -> Iterable[Verdict]:
    """The same of operations that nobody asked for any more when so many newer ones had been started at once."""
    expected = f"the result asked for before {spec.kept_operations} newer operations are started"
    for operation in _own(history):
        known = [spec.status_by_code[code] for code in operation.codes() if code in spec.status_by_code]
        over = any(status.final for status in known) or bool(operation.removals)
        count = 0 if over else _started_at_once(history, operation)
        if count >= spec.kept_operations:
            yield breaks(expected, f"{count} newer ones, and never the result", operation)


def _started_at_once(history: History, operation: Operation) -> int:
    """Newer operations that were started for the very order that this one was started for."""
    wanted = history.orders.of(operation.call)
    if wanted is None:
        return 0
    newer = (other.call for other in history.operations[operation.serial + 1 :])
    return sum(1 for start in newer if history.orders.of(start) is wanted and understood(start))


@rule(
    "FLOW-026",
    judges="get_status",
    accepts=[CREATE + DONE, CREATE + poll(1, GONE)],
    rejects=[poll(9, GONE), CREATE + poll(9, GONE)],
    ignores=[poll(9, "processed"), poll(9, GONE).refused(500)],
)
def only_known_operations_are_asked_for(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A status is asked for under an id that an operation was given.

    Ids from before the recording are told by the server's knowing them.
    """
    if query.guid("operation") is None or query.status_code is None:
        return None
    if history.with_id(query):
        return holds(query)
    if query.status_code != spec.code(GONE):
        return None
    return breaks("the id of an operation that was started", f"{query.guid('operation')}, which nobody used", query)


@rule(
    "REM-013",
    judges="remove_operation",
    accepts=[AT_STATION + WAITS + REMOVE],
    rejects=[AT_STATION + poll(1, "accepted") + REMOVE, AT_STATION + DONE + REMOVE],
    ignores=[AT_STATION + REMOVE, AT_STATION + WAITS + poll(1, GONE) + REMOVE],
)
def only_waiting_operations_are_removed(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """What is removed waits still, as far as its sender can know."""
    operation = history.asked(removal)
    known = [c for c in operation.codes(removal) if c in spec.status_by_code] if operation is not None else []
    if operation is None or not known or spec.status_by_code[known[-1]].name == GONE:
        return None
    waits = spec.status_by_code[known[-1]].name == "awaiting"
    return judged(waits, "a removal of an operation that waits", f"one with status {known[-1]}", operation, removal)


@rule(
    "REM-022",
    judges="remove_operation",
    accepts=[
        AT_STATION + REMOVE,
        AT_STATION + call("remove_operation", operation=1, answer=False),
        AT_STATION.refused(500) + call("remove_operation", operation=1, answer=False),
        AT_STATION + AT_STATION.lost() + call("remove_operation", operation=1, answer=False),
    ],
    rejects=[
        call("remove_operation", operation=9, answer=False),
        AT_STATION + call("remove_operation", operation=9, answer=False),
    ],
    ignores=[
        call("remove_operation", operation=9, answer=True),
        call("remove_operation", operation=9, answer=False).refused(500),
        call("remove_operation", operation=0, answer=False),
        call("remove_operation", operation="?", answer=False),
    ],
)
def only_known_operations_are_removed(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """A removal names an operation that was started; one from before the recording the server may know."""
    identifier = removal.guid("operation")
    if identifier in (None, EMPTY_GUID) or not isinstance(removal.document, Document):
        return None
    if history.with_id(removal):
        return holds(removal)
    if removal.document.value is not False:
        return None
    return breaks("the id of an operation that was started", f"{identifier}, which nobody used", removal)
