"""What a PMS was told to do, held against the calls it made: the right patient, the right place, the right way.

An order names a person by the PMS's own number and gives the whole record as the PMS has it. So what a recording alone
can only suspect is certain here: whose id a call carries. ``records_sent`` does the same for the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from conformance.rules.at_odds import said
from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.patient_practice import PATIENT_CALLS
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, fresh, guid, order, poll
from conformance.wire import parse_guid

CREATE, UPDATE = "create_patient", "update_patient"
LOCAL = frozenset({"add_patient", "edit_patient", "delete_patient"})
YES = "yes"


def _asked(name: str, person: str, integration_id: str, role: str = CREATE, does: str = CREATE) -> Sketch:
    """The PMS is told to do something about a person, and calls under that integration id."""
    return (
        order(does, name, person=person) + call(role, integration_id=integration_id, last_name="Fox") + done(name=name)
    )


def _found(name: str, person: str, integration_id: str) -> Sketch:
    find = call("find_cases", integration_id=integration_id, answer=[])
    return order("find_cases", name, person=person) + find + done(name=name)


def _step(does: str, name: str, **data: str) -> Sketch:
    return order(does, name, **data) + done(name=name)


def _turned_away(name: str, person: str, criteria: str = "") -> Sketch:
    """The PMS would not search, and called nobody."""
    return order("find_cases", name, person=person, criteria=criteria) + done("refused", name)


RESTARTED = _step("restart", "8") + _turned_away("9", "17")
REFUSED = (
    order(CREATE, "1", person="17")
    + call(CREATE, integration_id="A", last_name="Fox", operation=1)
    + poll(1, "integration_id_taken")
    + done("refused", "1")
)


# -- whose id -------------------------------------------------------------------------------------------------


@rule(
    "MAP-003",
    judges=PATIENT_CALLS,
    accepts=[
        _asked("1", "17", "A") + _found("2", "17", "A"),
        _asked("1", "17", "A") + _asked("2", "18", "B"),
        REFUSED + _asked("2", "17", "B"),
        _asked("1", "17", "A") + _step("delete_patient", "2", person="17") + _asked("3", "17", "B"),
        _asked("1", "17", "A") + _step("reset", "2") + _asked("3", "18", "A"),
    ],
    rejects=[
        _asked("1", "17", "A") + _found("2", "17", "B"),
        _asked("1", "17", "A") + _asked("2", "18", "A"),
        _asked("1", "17", "A") + _step("delete_patient", "2", person="17") + _asked("3", "18", "A"),
        _asked("1", "17", "A") + _step("restart", "2") + _asked("3", "18", "A"),
    ],
    ignores=[call(CREATE, integration_id="A", last_name="Fox"), _asked("1", "", "A") + _asked("2", "", "B")],
)
def a_call_is_about_the_patient_who_is_meant(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Each person has one id, since the program was started, and nobody else has it, ever.

    A patient deleted and added anew may get another id, and so may one whose id was refused as taken.
    """
    own = history.orders.of(exchange)
    value = exchange.values.get("integration_id", "")
    if own is None or not own.person or not value.strip():
        return None
    earlier = list(_calls(history, exchange))
    shared = next((e for o, e in earlier if o.person != own.person and _id(e) == value), None)
    if shared is not None:
        return breaks("an id of its own for each patient", "the id of another patient", shared, exchange)
    since = _newest(history, own, "restart")
    other = _other_id(history, own, value, [(o, e) for o, e in earlier if _number(o) > since], spec)
    expected = "the id that the patient has in calls before"
    observed = f"another one: sent {said(value)}, before {said(_id(other) if other else None)}"
    return judged(other is None, expected, observed, *([other] if other else []), exchange)


@rule(
    "PAT-069",
    judges=PATIENT_CALLS,
    accepts=[_asked("1", "17", "A") + _step("restart", "2") + _found("3", "17", "A")],
    rejects=[
        _asked("1", "17", "A") + _step("restart", "2") + _found("3", "17", "B"),
        _found("1", "17", "A") + RESTARTED,
    ],
    ignores=[
        _asked("1", "17", "A") + _found("2", "17", "B"),
        _asked("1", "17", "A") + _step("restart", "2") + _asked("3", "18", "B"),
        REFUSED + _step("restart", "2") + _asked("3", "17", "B"),
        _asked("1", "17", "A") + _step("restart", "2") + _turned_away("3", "17", criteria="created_to=2000-01-01"),
        _asked("1", "17", "A") + _step("delete_patient", "2", person="17") + RESTARTED,
        _turned_away("1", "17") + RESTARTED,
    ],
)
def a_pms_remembers_its_ids(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """After it was started again it calls about a patient under the id from before."""
    own = history.orders.of(exchange)
    value = exchange.values.get("integration_id", "")
    since = _newest(history, own, "restart") if own is not None and own.person and value.strip() else 0
    if own is None or not since:
        return None
    before = [(o, e) for o, e in _calls(history, exchange) if _number(o) < since]
    known = [e for o, e in _of_person(history, own, before) if not _taken(history, e, spec)]
    if not known:
        return None
    observed = f"another one since it was started again: sent {said(value)}, before {said(_id(known[-1]))}"
    return judged(_id(known[-1]) == value, "the id that the patient had before", observed, known[-1], exchange)


@a_pms_remembers_its_ids.at_end
def nobody_was_forgotten(history: History, spec: Spec) -> Iterable[Verdict]:
    """A search that the PMS itself refuses after it was started again, of a patient whose cases it found before."""
    orders = history.orders.all
    for own in orders:
        since = _newest(history, own, "restart") if own.person and own.does == "find_cases" else 0
        if not since or own.answer != "refused" or own.exchanges or own.data.get("criteria") or own.end is None:
            continue
        begun = _newest(history, own, "delete_patient", "add_patient", person=own.person)
        begun = max(begun, _newest(history, own, "reset"))
        alike = (o for o in orders if begun < _number(o) < since and (o.does, o.person) == (own.does, own.person))
        known = [e for o in alike for e in o.of("find_cases") if e.succeeded]
        if known:
            yield breaks("a search under the id from before", "none since it was started again", known[-1], own.end)


def _id(exchange: Exchange) -> str:
    return exchange.values.get("integration_id", "")


def _number(order_: Order) -> int:
    return order_.begin.number


def _newest(history: History, own: Order, *does: str, person: str = "") -> int:
    """Number of the newest order of this kind before ``own``; 0 without one."""
    found = (o for o in history.orders.all if _number(o) < _number(own) and o.does in does)
    return max((_number(o) for o in found if not person or o.person == person), default=0)


def _calls(history: History, exchange: Exchange) -> Iterator[tuple[Order, Exchange]]:
    """Earlier calls about some person, each with its order, since the PMS was last made to forget everything."""
    own = history.orders.of(exchange)
    since = _newest(history, own, "reset") if own is not None else 0
    for order_ in history.orders.all:
        if order_.person and _number(order_) > since:
            for each in order_.of(*PATIENT_CALLS):
                if each.number < exchange.number and _id(each).strip():
                    yield order_, each


def _of_person(history: History, own: Order, calls: list[tuple[Order, Exchange]]) -> list[tuple[Order, Exchange]]:
    """Those about the person of ``own``, since the person was last deleted or added."""
    since = _newest(history, own, "delete_patient", "add_patient", person=own.person)
    return [(o, e) for o, e in calls if o.person == own.person and _number(o) > since]


def _other_id(
    history: History, own: Order, value: str, calls: list[tuple[Order, Exchange]], spec: Spec
) -> Exchange | None:
    """A call about the same person under an id other than ``value`` that was not refused."""
    others = (e for _, e in _of_person(history, own, calls) if _id(e) != value)
    return next((e for e in others if not _taken(history, e, spec)), None)


def _taken(history: History, exchange: Exchange, spec: Spec) -> bool:
    """True when some creation under the id of this call was refused since somebody else has it."""
    code = spec.code("integration_id_taken")
    return any(code in write.codes() for write in history.proofs.writes(_id(exchange)) if write.role == CREATE)


# -- where, and how -------------------------------------------------------------------------------------------


def _placed(station: int | None, told: str, merge: bool = False, does: str = CREATE) -> Sketch:
    sent = call(CREATE, integration_id="A", last_name="Fox", station=station, merge="True" if merge else None)
    return order(does, person="17", at="station" if told else "server", station=told) + sent + done()


MADE_ANEW = (
    order("select_patient", person="17", at="station", station=str(guid(7)))
    + call("select_patient", integration_id="A", station=7, operation=1)
    + poll(1, "integration_id_unknown")
    + call(CREATE, integration_id="A", last_name="Fox", operation=2)
)


@rule(
    "FLOW-041",
    judges=(CREATE, UPDATE, "select_patient", "create_case", "select_case"),
    accepts=[_placed(7, str(guid(7))), _placed(None, ""), _placed(0, ""), MADE_ANEW],
    rejects=[_placed(8, str(guid(7))), _placed(None, str(guid(7))), _placed(7, "")],
    ignores=[
        call(CREATE, last_name="Fox", station=7),
        _placed(7, str(guid(8)), does="add_patient"),
        _placed(None, str(guid(7)), does="select_patient"),
    ],
)
def an_operation_goes_where_the_user_sends_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """To the station that the user chose; to none when the server shall do it.

    Judged is what the order asks for: a patient whom 3DD does not have may be made on the way, on the server too.
    """
    order_ = history.orders.of(exchange)
    station = exchange.guid("station")
    if order_ is None or order_.data.get("at", "") not in ("server", "station") or order_.does in LOCAL:
        return None
    if exchange.role != order_.role:
        return None
    chosen = order_.data.get("station", "") or spec.empty_guid
    if station is None:
        return None
    expected = f"station {chosen}" if order_.data.get("station") else "no station"
    return judged(str(station) == chosen, expected, f"station {station}", order_.begin, exchange)


def _chosen(case: int, sent: int | None, does: str = "select_case") -> Sketch:
    told = order(does, person="17", case=str(guid(case)))
    return told + call("select_case", case=sent, station=7, operation=1) + done()


@rule(
    "FLOW-049",
    judges="select_case",
    accepts=[_chosen(7, 7)],
    rejects=[_chosen(7, 8)],
    ignores=[_chosen(7, None), _chosen(7, 8, "create_case"), call("select_case", case=8, station=7)],
)
def the_case_that_was_chosen_is_selected(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """By its id, however that is spelt."""
    order_, case = history.orders.of(exchange), exchange.guid("case")
    chosen = parse_guid(order_.data.get("case", "")) if order_ is not None and order_.does == "select_case" else None
    if order_ is None or case is None or not exchange.given("case") or not isinstance(chosen, UUID):
        return None
    return judged(case == chosen, f"case {chosen}", f"case {case}", order_.begin, exchange)


@rule(
    "MAP-023",
    judges=CREATE,
    accepts=[_placed(7, str(guid(7)), merge=True, does="map_patient")],
    rejects=[_placed(7, str(guid(7)), does="map_patient")],
    ignores=[call(CREATE, last_name="Fox"), _placed(7, str(guid(7))), _placed(7, str(guid(7)), merge=True)],
)
def merging_is_wished_when_the_user_wants_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Without the wish a second patient is made beside the one who was to be mapped.

    A PMS may always wish it: then the station's user decides.
    """
    order_ = history.orders.of(exchange)
    if order_ is None or not (
        order_.does == "map_patient" or (order_.does == CREATE and order_.data.get("merge") == YES)
    ):
        return None
    return judged(exchange.flag("merge"), "the wish to merge", "none", order_.begin, exchange)


@rule(
    "USE-012",
    judges=NoteKind.ORDER,
    accepts=[_step("edit_patient", "1", person="17"), _step("delete_patient", "1", person="17")],
    rejects=[order("edit_patient", person="17") + call(UPDATE, integration_id="A", last_name="Fox") + done()],
    ignores=[
        _asked("1", "17", "A"),
        order("edit_patient", person="17"),
        order("edit_patient", person="17") + done("left-out"),
        fresh("A"),
    ],
)
def a_change_of_its_own_records_starts_nothing(history: History, note: Note, spec: Spec) -> Verdict | None:
    """What the user changes in the PMS goes to 3DD when the user asks for it."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does not in LOCAL or order_.answer not in ANSWERED:
        return None
    starts = [e for e in order_.exchanges if e.method is not None and e.method.starts_operation]
    observed = "an operation" if starts else ""
    return judged(not starts, "no operation until the user asks for one", observed, *starts[:1], order_.end)
