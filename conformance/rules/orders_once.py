"""What an order comes to: one operation of the kind that it asks for, and none is told as done that never began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.patient_practice import DATA
from conformance.rules.polling import OPERATIONS
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.rules.written import written_day
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, guid, order, poll

CREATE, UPDATE = "create_patient", "update_patient"
BIRTH_DATE = "birth_date"

SELECT = call("select_patient", integration_id="A", station=7, operation=1)
AGAIN = call("select_patient", integration_id="A", station=7, operation=2)
CHOOSE = order("select_patient", person="17")
MADE_FIRST = call("create_patient", integration_id="A", last_name="Fox", operation=3) + poll(3, "processed")
MADE_FIRST_ORDERED = order("map_patient", person="17") + MADE_FIRST
TAKEN_BACK = call("remove_operation", operation=1, answer=True)
OPEN_TOO = call("create_case", integration_id="A", station=7, operation=4)


def _answered(note: Note, history: History) -> Order | None:
    """The order that ``note`` ends, if it asks for an operation and its answer is one to the user."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.role not in OPERATIONS or order_.answer not in ANSWERED:
        return None
    return order_


@rule(
    "FLOW-047",
    judges=NoteKind.ORDER,
    accepts=[
        CHOOSE + SELECT + poll(1, "processed") + done(),
        CHOOSE + SELECT + poll(1, "station_silent") + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT.lost() + poll(1, "operation_unknown") + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT.refused(503) + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + poll(1, "awaiting").lost() + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + call("remove_operation", operation=1, answer=True) + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + AGAIN.but(parameters={"integration_id": "A", "station": 8}) + done(),
    ],
    rejects=[
        CHOOSE + SELECT + poll(1, "processed") + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + AGAIN + poll(1, "processed") + poll(2, "processed") + done(),
        CHOOSE + SELECT + AGAIN + poll(2, "processed") + done(),
    ],
    ignores=[SELECT + AGAIN, CHOOSE + done("refused"), order("find_cases", person="17") + SELECT + AGAIN + done()],
)
def an_order_leads_to_one_operation(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A second one with the same data is right after the first has failed, or nobody knows what became of it."""
    order_ = _answered(note, history)
    calls = order_.of(order_.role) if order_ is not None else []
    if order_ is None or not calls:
        return None
    for place, first in enumerate(calls):
        second = next((c for c in calls[place + 1 :] if _data(c) == _data(first)), None)
        if second is not None and not _in_need_of_another(history, order_, first, second, spec):
            return breaks("one operation, since its call was answered", "the same started once more", first, second)
    return holds(calls[0], note)


def _data(exchange: Exchange) -> dict[str, str]:
    return {role: value for role, value in exchange.values.items() if role != "operation"}


def _in_need_of_another(history: History, order_: Order, first: Exchange, second: Exchange, spec: Spec) -> bool:
    """True when the first attempt failed as far as the PMS knew, or may have, or was taken back."""
    operation = history.started_by(first)
    if not first.succeeded or first.disturbed or operation is None:
        return True
    meanwhile = [e for e in order_.exchanges if first.number < e.number < second.number]
    if any(e.role == "remove_operation" for e in meanwhile):
        return True
    looks = [e for e in meanwhile if e.role == "get_status" and e.guid("operation") == operation.id]
    done_, pending = spec.code("processed"), {status.code for status in spec.statuses if not status.final}
    return any(not e.succeeded or e.disturbed or e.status_code not in {done_, *pending} for e in looks)


REFUSED_ONCE = CHOOSE + SELECT + poll(1, "rejected_by_operator")


@rule(
    "FLOW-052",
    judges=NoteKind.ORDER,
    accepts=[
        REFUSED_ONCE + done("refused"),
        REFUSED_ONCE + done("refused") + order("select_patient", "2", person="17") + AGAIN + done(name="2"),
        CHOOSE + SELECT + poll(1, "integration_id_unknown") + MADE_FIRST + AGAIN + poll(2, "processed") + done(),
        REFUSED_ONCE + AGAIN.but(parameters={"integration_id": "A", "station": 8}) + done(),
    ],
    rejects=[
        REFUSED_ONCE + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + poll(1, "integration_id_unknown") + AGAIN + poll(2, "processed") + done("refused"),
    ],
    ignores=[
        CHOOSE + SELECT + poll(1, "station_silent") + AGAIN + poll(2, "processed") + done(),
        CHOOSE + SELECT + poll(1, "processed") + done(),
        REFUSED_ONCE + AGAIN,
    ],
)
def a_refusal_is_taken_for_one(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The same call again brings up the same dialog, or the same refusal; after another operation it may not."""
    order_ = _answered(note, history)
    if order_ is None:
        return None
    seen = None
    for call_ in order_.of(order_.role):
        refusal = next((q for q in _looks_at(history, call_) if _is_refusal(q, spec)), None)
        later = [] if refusal is None else [e for e in order_.of(*OPERATIONS) if e.number > refusal.number]
        if later and later[0].role == call_.role and _data(later[0]) == _data(call_):
            expected = f"no second attempt after status {refusal.status_code}" if refusal is not None else ""
            return breaks(expected, "the same started once more", call_, refusal or call_, later[0])
        seen = seen or refusal
    return holds(seen, note) if seen is not None else None


def _is_refusal(query: Exchange, spec: Spec) -> bool:
    """True for a status that another attempt with the same data cannot change."""
    status = spec.status_by_code.get(query.status_code) if query.status_code is not None else None
    return status is not None and status.name in _REFUSALS


_REFUSALS = frozenset(
    {
        "rejected_by_operator",
        "integration_id_missing",
        "last_name_missing",
        "case_id_missing",
        "case_unknown",
        "patient_id_taken",
        "integration_id_unknown",
        "integration_id_taken",
    }
)


@rule(
    "FLOW-053",
    judges=NoteKind.ORDER,
    accepts=[CHOOSE + SELECT + poll(1, "awaiting") * 3 + TAKEN_BACK + done("failed")],
    rejects=[
        CHOOSE + SELECT + TAKEN_BACK + done("refused"),
        CHOOSE + SELECT + poll(1, "awaiting") + TAKEN_BACK + done("refused"),
    ],
    ignores=[
        CHOOSE + SELECT + poll(1, "processed") + done(),
        CHOOSE + SELECT.lost() + TAKEN_BACK + done("failed"),
        CHOOSE + SELECT + poll(1, "awaiting").lost() + TAKEN_BACK + done("failed"),
        order("cancel_operation", operation=str(guid(1))) + TAKEN_BACK + done(),
        SELECT + TAKEN_BACK,
    ],
)
def an_operation_is_given_time(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where every call of the order was answered: a PMS may tidy up after one whose fate it does not know."""
    order_ = _answered(note, history)
    if order_ is None or any(not e.succeeded or e.disturbed for e in order_.exchanges):
        return None
    for removal in order_.of("remove_operation"):
        started = next((c for c in order_.of(order_.role) if c.guid("operation") == removal.guid("operation")), None)
        if started is not None:
            looks = [q for q in _looks_at(history, started) if q.number < removal.number]
            given = len(looks) >= ENOUGH_LOOKS
            expected = f"{ENOUGH_LOOKS} looks at least before it is removed of one's own accord"
            return judged(given, expected, f"{len(looks)}", started, removal)
    return None


ENOUGH_LOOKS = 3


# -- nothing at all -------------------------------------------------------------------------------------------

RECORD = {"first_name": "Ann", "last_name": "Fox"}
MADE = (
    order(CREATE, "1", person="17", **RECORD)
    + call(CREATE, integration_id="A", **RECORD, operation=1)
    + poll(1, "processed")
    + done(name="1")
)


def _updated(answer: str = "done", record: dict[str, str] | None = None, code: str = "") -> Sketch:
    """An update of this record without a call."""
    told = {"first_name": "Bo", "last_name": "Fox"} if record is None else record
    return order(UPDATE, "2", person="17", **told) + done(answer, "2", status_code=code)


@rule(
    "FLOW-048",
    judges=NoteKind.ORDER,
    accepts=[
        CHOOSE + SELECT + poll(1, "processed") + done(),
        MADE,
        MADE + order(CREATE, "2", person="17", **RECORD) + done(name="2"),
        MADE + _updated(record=RECORD),
    ],
    rejects=[
        CHOOSE + done(),
        MADE + _updated(),
        MADE + _updated(record={"last_name": "Fox"}),
        _updated(record=RECORD),
        order(CREATE, person="17", **RECORD) + done(),
        MADE + call("find_cases", integration_id="A", answer=[]) + _updated(),
    ],
    ignores=[CHOOSE + done("refused"), _updated("refused"), CHOOSE + SELECT + done("failed")],
)
def nothing_is_done_without_a_call(history: History, note: Note, spec: Spec) -> Verdict | None:
    """An operation that was begun, or one that there is no need for: the last writing said all of it already."""
    order_ = _answered(note, history)
    if order_ is None or order_.answer != "done" or note.data.get("untold"):
        return None
    calls = order_.of(order_.role)
    if calls:
        return holds(calls[0], note)
    written = _last_writing(history, order_) if order_.role in (CREATE, UPDATE) else None
    if written is not None and (order_.does != UPDATE or _says(history, written, order_)):
        return holds(written, note)
    method = spec.method[order_.role].name
    return breaks(f"a call of {method}, or no word that it is done", "done, and no call", order_.begin, note)


@rule(
    "FLOW-050",
    judges=NoteKind.ORDER,
    accepts=[
        CHOOSE + SELECT + poll(1, "processed") + done(),
        CHOOSE + MADE_FIRST + SELECT + poll(1, "processed") + done(),
        CHOOSE + SELECT + poll(1, "processed") + call("find_cases", integration_id="A", answer=[]) + done(),
    ],
    rejects=[
        CHOOSE + SELECT + poll(1, "processed") + OPEN_TOO + done(),
        MADE_FIRST_ORDERED + call(UPDATE, integration_id="A", last_name="Fox", operation=2) + done(),
    ],
    ignores=[
        CHOOSE + SELECT + OPEN_TOO + done(),
        CHOOSE + SELECT + poll(1, "exception") + OPEN_TOO + done(),
        CHOOSE + done("refused"),
        SELECT + poll(1, "processed") + OPEN_TOO,
    ],
)
def nothing_else_is_started(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A creation before it, or a look at what became of an earlier one, may be needed; after it nothing is."""
    order_ = _answered(note, history)
    calls = order_.of(order_.role) if order_ is not None else []
    processed = spec.code("processed")
    over = [(call, query) for call in calls for query in _looks_at(history, call) if query.status_code == processed]
    if order_ is None or not over:
        return None
    ordered, seen = over[0]
    others = (e for e in order_.of(*OPERATIONS) if e.role != order_.role and e.number > seen.number)
    other = next(others, None)
    observed = f"{other.method.name} as well" if other is not None and other.method is not None else ""
    return judged(not observed, "nothing but what was ordered", observed, *filter(None, (ordered, other)), note)


def _looks_at(history: History, start: Exchange) -> Sequence[Exchange]:
    operation = history.started_by(start)
    return operation.polls if operation is not None else ()


def _last_writing(history: History, own: Order) -> Exchange | None:
    """The last call that wrote this person's data, whatever came of it."""
    ids = {_id(e) for o in history.orders.all if o.person == own.person for e in o.of(CREATE, UPDATE)} - {""}
    return next((e for e in _newest_writings(history) if _id(e) in ids), None)


def _newest_writings(history: History) -> Iterator[Exchange]:
    yield from sorted((*history.of(CREATE), *history.of(UPDATE)), key=lambda e: e.number, reverse=True)


def _id(exchange: Exchange) -> str:
    return exchange.values.get("integration_id", "").strip()


def _says(history: History, written: Exchange, own: Order) -> bool:
    """True when the call was carried out, as far as anybody saw, and gave what the record has."""
    operation = history.started_by(written)
    if operation is None or (operation.polls and history.spec.code("processed") not in operation.codes()):
        return False
    texts = [role for role in ("last_name", *DATA) if role != BIRTH_DATE]
    same = all(written.values.get(role, "").strip() == own.data.get(role, "").strip() for role in texts)
    return same and _same_day(written, own.data.get(BIRTH_DATE, "").strip())


def _same_day(written: Exchange, day: str) -> bool:
    """How it is written does not count, and where day and month cannot be told apart it may be the same."""
    return written_day(written, BIRTH_DATE) in ("", day) if written.given(BIRTH_DATE) else not day
