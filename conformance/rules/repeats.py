"""What a PMS does again: how fast, how often, and whether it first looks what became of the former attempt.

The guide sets no pace; the numbers are those of the rows. They are beyond what a person, a patient program or a full
house of users causes. Time is that of the recording, which runs faster than a clock where waits are made short.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import islice

from conformance.rules.catalogue import EVERY, rule
from conformance.rules.polling import OPERATIONS
from conformance.rules.senders import recent, same_data, sender
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation, Sketch, at_once, call, poll

CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AGAIN = call("create_patient", integration_id="A", last_name="Fox", operation=2)
THERE = call("select_patient", integration_id="A", station=7, operation=1)
THERE_AGAIN = call("select_patient", integration_id="A", station=7, operation=2)
LIST = call("list_stations", answer=[])
WAITS = poll(1, "awaiting")
LOOK_UPS = ("list_stations", "find_cases", "fetch_image")
UNAUTHORIZED = (401, 403)
REACH = 50
"""So many operations back a former attempt is looked for."""


def _limit(spec: Spec, row: str) -> tuple[int, int]:
    """Calls and seconds."""
    return spec.requirement[row].limit("calls"), spec.requirement[row].limit("seconds")


def _burst(count: int, sketch: Sketch) -> Sketch:
    return at_once(*[sketch] * count)


def _paced(row: str, exchange: Exchange, alike: Iterable[Exchange], what: str, spec: Spec) -> Verdict:
    calls, seconds = _limit(spec, row)
    count = sum(1 for _ in alike)
    expected = f"at most {calls} {what} within {seconds} s"
    observed = f"{count}" if count <= calls else f"more than {calls}"  # not how many more: it is one finding
    return judged(count <= calls, expected, observed, exchange)


# -- pace -----------------------------------------------------------------------------------------------------


@rule(
    "USE-005",
    judges="get_status",
    accepts=[CREATE + WAITS * 5, lambda spec: THERE + _burst(_limit(spec, "USE-005")[0], WAITS)],
    rejects=[lambda spec: THERE + _burst(_limit(spec, "USE-005")[0] + 1, WAITS)],
    ignores=[CREATE],
)
def a_pms_asks_for_a_status_at_a_humane_pace(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Counted for each operation and sender. What was asked for by another spelling of the id counts as well."""
    _, seconds = _limit(spec, "USE-005")
    identifier = query.guid("operation")
    asked = recent(reversed(history.of("get_status")), query, seconds)
    alike = (other for other in asked if other.guid("operation") == identifier)
    return _paced("USE-005", query, alike, "queries for one operation", spec)


@rule(
    "USE-008",
    judges=LOOK_UPS,
    accepts=[LIST * 3, lambda spec: _burst(_limit(spec, "USE-008")[0], LIST)],
    rejects=[lambda spec: _burst(_limit(spec, "USE-008")[0] + 1, LIST)],
    ignores=[LIST.refused(503)],
)
def a_pms_keeps_what_it_was_told(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same look-up, answered each time, is made again only after a while."""
    if not exchange.succeeded:
        return None
    _, seconds = _limit(spec, "USE-008")
    asked = recent(reversed(history.of(exchange.role)), exchange, seconds)
    alike = (other for other in asked if other.succeeded and other.values == exchange.values)
    return _paced("USE-008", exchange, alike, "look-ups of the same", spec)


@rule(
    "USE-006",
    judges=EVERY,
    accepts=[LIST.refused(503) + LIST, lambda spec: _burst(_limit(spec, "USE-006")[0], LIST.refused(500))],
    rejects=[
        lambda spec: _burst(_limit(spec, "USE-006")[0] + 1, LIST.refused(500)),
        lambda spec: _burst(_limit(spec, "USE-006")[0] + 1, CREATE.lost("reset")),
    ],
    ignores=[LIST, LIST.refused(401), poll(1, "operation_unknown").but(http_status=404)],
)
def a_pms_does_not_storm_a_server_in_trouble(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A call that failed is tried again a few times, or with a pause in between."""
    if not _failed(exchange):
        return None
    _, seconds = _limit(spec, "USE-006")
    key = _asks(exchange)
    alike = (e for e in recent(reversed(history.exchanges), exchange, seconds) if _failed(e) and _asks(e) == key)
    return _paced("USE-006", exchange, alike, "attempts at a call that fails", spec)


def _failed(exchange: Exchange) -> bool:
    if exchange.http_status in UNAUTHORIZED or exchange.status_code is not None:
        return False
    return not exchange.answered or exchange.http_status >= 400


def _asks(exchange: Exchange) -> Hashable:
    """Method and data: an attempt at an operation with another id is an attempt all the same."""
    return exchange.path, same_data(exchange)


@rule(
    "USE-007",
    judges=EVERY,
    accepts=[LIST.refused(401) + LIST, lambda spec: _burst(_limit(spec, "USE-007")[0], LIST.refused(401))],
    rejects=[lambda spec: _burst(_limit(spec, "USE-007")[0] + 1, LIST.refused(401))],
    ignores=[LIST, LIST.but(authorization=None).refused(401)],
)
def refused_credentials_are_not_tried_on_and_on(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Accounts are locked for that."""
    if not _refused(exchange):
        return None
    _, seconds = _limit(spec, "USE-007")
    alike = (e for e in recent(reversed(history.exchanges), exchange, seconds) if _refused(e))
    return _paced("USE-007", exchange, alike, "calls with credentials that are refused", spec)


def _refused(exchange: Exchange) -> bool:
    return exchange.http_status == UNAUTHORIZED[0] and exchange.authorization.present


# -- once more ------------------------------------------------------------------------------------------------


def _former(history: History, start: Exchange) -> Operation | None:
    """The newest earlier operation of the same sender with the same method and the same data."""
    operation = history.started_by(start)
    if operation is None:
        return None
    for other in reversed(history.operations[max(0, operation.serial - REACH) : operation.serial]):
        alike = other.role == operation.role and same_data(other.call) == same_data(start)
        if alike and sender(other.call) == sender(start) and other.call.before(start):
            return other
    return None


@rule(
    "USE-010",
    judges=OPERATIONS,
    accepts=[
        CREATE.lost() + poll(1, "processed"),
        CREATE.lost() + poll(1, "operation_unknown") + AGAIN,
        CREATE.refused(500) + poll(1, "exception") + AGAIN,
    ],
    rejects=[
        CREATE.lost() + AGAIN,
        CREATE.lost("reset") + CREATE,
        CREATE.refused(500) + AGAIN,
        CREATE.lost() + poll(9, "processed") + AGAIN,
    ],
    ignores=[
        CREATE.lost(),
        CREATE + AGAIN,
        CREATE.lost("refused") + AGAIN,
        CREATE.refused(503) + AGAIN,
        CREATE.refused(401) + AGAIN,
    ],
)
def what_a_lost_answer_did_is_looked_up_first(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """An operation whose answer was lost may be done or on its way: its status is asked for before it is repeated."""
    former = _former(history, start)
    if former is None or not _in_doubt(former.call):
        return None
    asked = (q for q in reversed(history.of("get_status")) if q.number > former.call.number)
    query = next((q for q in asked if q.guid("operation") == former.id and q.before(start)), None)
    if query is not None:
        return holds(former, query, start)
    return breaks("a query for the status of the first attempt", "a second attempt without it", former, start)


@what_a_lost_answer_did_is_looked_up_first.at_end
def lost_answers_were_looked_up(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each operation in doubt whose status its sender asked for; whether it was sent again is judged above."""
    for operation in history.operations:
        if _in_doubt(operation.call):
            asked = (q for q in history.of("get_status") if q.number > operation.call.number)
            mine = (q for q in asked if q.guid("operation") == operation.id and sender(q) == sender(operation.call))
            for query in islice(mine, 1):
                yield holds(operation, query)


def _in_doubt(call_: Exchange) -> bool:
    """True when nobody can tell from the answer whether the call worked."""
    return call_.lost != "refused" and (not call_.answered or call_.http_status in (500, 502, 504))


@rule(
    "USE-011",
    judges=OPERATIONS,
    accepts=[
        THERE + poll(1, "rejected_by_operator") + THERE_AGAIN,
        THERE + WAITS + call("remove_operation", operation=1, answer=True) + THERE_AGAIN,
        THERE + WAITS + call("select_patient", integration_id="B", station=7),
    ],
    rejects=[THERE + WAITS + THERE_AGAIN, THERE + WAITS + poll(1, "accepted") + THERE_AGAIN],
    ignores=[THERE, THERE + THERE_AGAIN],
)
def what_is_under_way_is_not_started_again(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """The sender knows that the same operation waits, or that somebody is busy with it."""
    former = _former(history, start)
    known = [c for c in former.codes(start) if c in spec.status_by_code] if former is not None else []
    if former is None or not known:
        return None
    over = spec.status_by_code[known[-1]].final or any(removal.before(start) for removal in former.removals)
    return judged(over, "the first one over, or removed", f"it has status {known[-1]}", former, start)


@what_is_under_way_is_not_started_again.at_end
def what_was_under_way_was_left_alone(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each operation that was seen to be under way and that its sender did not start again before it was over."""
    pending = {status.code for status in spec.statuses if not status.final}
    again = {former.serial for o in history.operations if (former := _former(history, o.call)) is not None}
    for operation in history.operations:
        seen = next((poll_ for poll_ in operation.polls if poll_.status_code in pending), None)
        if seen is not None and operation.serial not in again:
            yield holds(operation, seen)


ANN = {"first_name": "Ann", "last_name": "Fox", "birth_date": "1970-02-28"}
TAKEN = call("create_patient", integration_id="A", operation=1, **ANN) + poll(1, "integration_id_taken")


@rule(
    "MAP-021",
    judges=(),
    accepts=[
        TAKEN,
        TAKEN + call("update_patient", integration_id="A", **ANN),
        TAKEN + call("create_patient", integration_id="B", **{**ANN, "birth_date": "1999-01-01"}),
        TAKEN + call("create_patient", integration_id="B", patient_id="P", **ANN),
    ],
    rejects=[TAKEN + call("create_patient", integration_id="B", operation=2, **ANN)],
    ignores=[
        CREATE + poll(1, "integration_id_taken"),
        call("create_patient", integration_id="A", operation=1, **ANN) + poll(1, "processed"),
    ],
)
def a_taken_id_is_no_reason_for_a_second_patient(history: History, seen: Exchange, spec: Spec) -> Verdict | None:
    """Judged at the end, for creations that name a whole person. Different patient ids tell namesakes apart."""
    return None


@a_taken_id_is_no_reason_for_a_second_patient.at_end
def nobody_was_made_twice(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each creation that was refused for its integration id, and what its sender did with the person later."""
    taken = spec.code("integration_id_taken")
    for operation in history.operations:
        first = operation.call
        whole = all(first.given(role) for role in ("first_name", "last_name", "birth_date"))
        if operation.role != "create_patient" or not whole or taken not in operation.codes():
            continue
        later = [o for o in history.proofs.of_person(first) if taken in operation.codes(o.call) and _other(o, first)]
        if later:
            yield breaks("one patient for one person", "a second one under another id", operation, later[0])
        else:
            yield holds(operation)


def _other(operation: Operation, first: Exchange) -> bool:
    """True for a creation of the same person by the same sender under another integration id."""
    call_ = operation.call
    if operation.role != "create_patient" or sender(call_) != sender(first):
        return False
    same = call_.values.get("patient_id", "") == first.values.get("patient_id", "")
    return same and call_.values.get("integration_id") != first.values.get("integration_id")
