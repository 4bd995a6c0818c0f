"""What a PMS was told to do, held against the calls it made: the right patient, the right data, the right place.

An order names a person by the PMS's own number and gives the whole record as the PMS has it. So what a recording alone
can only suspect is certain here: whose id a call carries, and which datum is missing, changed or made up.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.patient_practice import DATA, PATIENT_CALLS
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.rules.written import YEAR_FIRST, date_written
from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, fresh, guid, order, poll
from conformance.wire import DateFormat, Malformed, parse_boolean

CREATE, UPDATE = "create_patient", "update_patient"
WRITES = frozenset({"create_patient", "map_patient", "update_patient"})
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
    return judged(other is None, expected, "another one", *([other] if other else []), exchange)


@rule(
    "PAT-069",
    judges=PATIENT_CALLS,
    accepts=[_asked("1", "17", "A") + _step("restart", "2") + _found("3", "17", "A")],
    rejects=[_asked("1", "17", "A") + _step("restart", "2") + _found("3", "17", "B")],
    ignores=[
        _asked("1", "17", "A") + _found("2", "17", "B"),
        _asked("1", "17", "A") + _step("restart", "2") + _asked("3", "18", "B"),
        REFUSED + _step("restart", "2") + _asked("3", "17", "B"),
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
    observed = "another one since it was started again"
    return judged(_id(known[-1]) == value, "the id that the patient had before", observed, known[-1], exchange)


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


# -- whose data -----------------------------------------------------------------------------------------------

NAME = {"last_name": "Fox"}
RECORD = {"first_name": "Ann", "last_name": "Fox", "birth_date": "1970-02-28", "patient_id": "P"}


def _written(
    role: str = CREATE, does: str = CREATE, record: dict[str, str] | None = None, **sent: str | None
) -> Sketch:
    """A call for an order of this record, with these values instead of its own."""
    told = RECORD if record is None else record
    return order(does, person="17", **told) + call(role, integration_id="A", **{**told, **sent}) + done()


def _writing(history: History, exchange: Exchange) -> Order | None:
    """The order to create or update that this call serves."""
    order_ = history.orders.of(exchange)
    return order_ if order_ is not None and order_.does in WRITES else None


def _agrees(history: History, exchange: Exchange, roles: tuple[str, ...]) -> Verdict | None:
    """The verdict on what a call gives of these roles: what the record says, and nothing that it lacks."""
    order_ = _writing(history, exchange)
    given = [role for role in roles if exchange.given(role)]
    if order_ is None or not given or exchange.method is None:
        return None
    wrong = [role for role in given if order_.data.get(role, "").strip() != exchange.values[role].strip()]
    names = ", ".join(exchange.method.by_role[role].name for role in wrong)
    return judged(not wrong, "what the patient's record says", f"something else as {names}", order_.begin, exchange)


@rule(
    "MAP-022",
    judges=(CREATE, UPDATE),
    accepts=[_written(), _written(UPDATE, UPDATE), _written(first_name=None), _written(last_name="Fox ")],
    rejects=[
        _written(first_name="ANN"),
        _written(last_name="Fo"),
        _written(first_name="Fox", last_name="Ann"),
        _written(UPDATE, UPDATE, last_name="Roe"),
        _written(record=NAME, first_name="Unknown"),
    ],
    ignores=[call(CREATE, last_name="Fox"), _written(does="add_patient")],
)
def names_are_sent_as_the_record_has_them(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Neither cut, nor swapped, nor in other letters; blanks around them do not count."""
    return _agrees(history, exchange, ("first_name", "last_name"))


@rule(
    "MAP-024",
    judges=(CREATE, UPDATE),
    accepts=[_written(), _written(UPDATE, UPDATE)],
    rejects=[_written(birth_date="1970-02-27"), _written(record=NAME, birth_date="0001-01-01")],
    ignores=[_written(birth_date="28.02.1970"), _written(birth_date="1970-02-28T00:00:00"), _written(birth_date=None)],
)
def the_birth_date_is_sent_as_the_record_has_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Compared where it is written as a date alone, year first: other forms have rows of their own."""
    plain = date_written(exchange, "birth_date") is DateFormat.ISO
    return _agrees(history, exchange, ("birth_date",)) if plain else None


@rule(
    "MAP-025",
    judges=(CREATE, UPDATE),
    accepts=[_written()],
    rejects=[_written(patient_id="p"), _written(UPDATE, UPDATE, patient_id="17")],
    ignores=[_written(patient_id=None), call(CREATE, patient_id="P"), _written(record=NAME, patient_id="17")],
)
def the_patient_id_is_sent_as_the_record_has_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A record without one leaves the PMS free to give a number of its own."""
    order_ = _writing(history, exchange)
    known = order_ is not None and bool(order_.data.get("patient_id", "").strip())
    return _agrees(history, exchange, ("patient_id",)) if known else None


def _left_out(history: History, exchange: Exchange) -> Verdict | None:
    order_ = _writing(history, exchange)
    known = [role for role in DATA if order_.data.get(role, "").strip()] if order_ is not None else []
    if order_ is None or not known or exchange.method is None:
        return None
    lost = [exchange.method.by_role[role].name for role in known if not exchange.given(role)]
    return judged(not lost, "all that the patient's record holds", f"no {', '.join(lost)}", order_.begin, exchange)


@rule(
    "UPD-066",
    judges=UPDATE,
    accepts=[_written(UPDATE, UPDATE)],
    rejects=[_written(UPDATE, UPDATE, first_name=None), _written(UPDATE, UPDATE, birth_date="")],
    ignores=[_written(UPDATE, UPDATE, record=NAME), call(UPDATE, last_name="Fox")],
)
def an_update_sends_the_whole_record(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """What the record holds and the call leaves out is erased in 3DD."""
    return _left_out(history, exchange)


@rule(
    "PAT-070",
    judges=CREATE,
    accepts=[_written()],
    rejects=[_written(patient_id=None), _written(birth_date="")],
    ignores=[_written(record=NAME), call(CREATE, last_name="Fox")],
)
def a_creation_sends_the_whole_record(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """What the record holds and the call leaves out the station's user has to type again."""
    return _left_out(history, exchange)


# -- where, and how -------------------------------------------------------------------------------------------


def _placed(station: int | None, told: str, merge: bool = False, does: str = CREATE) -> Sketch:
    sent = call(CREATE, integration_id="A", last_name="Fox", station=station, merge="True" if merge else None)
    return order(does, person="17", at="station" if told else "server", station=told) + sent + done()


@rule(
    "FLOW-041",
    judges=(CREATE, UPDATE, "select_patient", "create_case", "select_case"),
    accepts=[_placed(7, str(guid(7))), _placed(None, ""), _placed(0, "")],
    rejects=[_placed(8, str(guid(7))), _placed(None, str(guid(7))), _placed(7, "")],
    ignores=[call(CREATE, last_name="Fox", station=7), _placed(7, str(guid(8)), does="add_patient")],
)
def an_operation_goes_where_the_user_sends_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """To the station that the user chose; to none when the server shall do it."""
    order_ = history.orders.of(exchange)
    station = exchange.guid("station")
    if order_ is None or order_.data.get("at", "") not in ("server", "station") or order_.does in LOCAL:
        return None
    chosen = order_.data.get("station", "") or spec.empty_guid
    if station is None:
        return None
    expected = f"station {chosen}" if order_.data.get("station") else "no station"
    return judged(str(station) == chosen, expected, f"station {station}", order_.begin, exchange)


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


def _searched(criteria: str, **sent: str) -> Sketch:
    return (
        order("find_cases", person="17", criteria=criteria)
        + call("find_cases", integration_id="A", answer=[], **sent)
        + done()
    )


@rule(
    "FND-045",
    judges="find_cases",
    accepts=[
        _searched("created_from=2020-01-31 is_created=true", created_from="2020-01-31", is_created="True"),
        _searched("created_from=2020-01-31", created_from="2020-01-31T00:00:00"),
        _searched("is_created=true is_scanned=false", is_created="True"),
        _searched(""),
    ],
    rejects=[
        _searched("created_from=2020-01-31", created_from="2020-02-01"),
        _searched("created_from=2020-01-31", created_to="2020-01-31"),
        _searched("is_created=true"),
        _searched("", is_created="True"),
    ],
    ignores=[
        call("find_cases", integration_id="A", is_created="True"),
        _searched("created_from=x", created_from="31.1.20"),
        _searched("is_created=true", is_created="yes"),
    ],
)
def a_search_asks_for_what_the_user_wants(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same dates and flags; false may be left out, for that is what it means.

    Dates that are not written year first, and flags that are neither true nor false, have rows of their own.
    """
    order_ = history.orders.of(exchange)
    if order_ is None or order_.does != "find_cases" or exchange.method is None:
        return None
    dates = [p.role for p in exchange.method.parameters if p.kind is Kind.DATE and exchange.given(p.role)]
    flags = [p.role for p in exchange.method.parameters if p.kind is Kind.BOOLEAN and exchange.given(p.role)]
    if any(date_written(exchange, role) not in YEAR_FIRST for role in dates):
        return None
    if any(isinstance(parse_boolean(exchange.values[role]), Malformed) for role in flags):
        return None
    pairs = (pair.partition("=") for pair in order_.data.get("criteria", "").split())
    wanted = {role: value for role, _, value in pairs if value != "false"}
    sent = {
        p.role: _criterion(exchange.values[p.role], p.kind)
        for p in exchange.method.parameters
        if _counts(exchange, p.role)
    }
    observed = " ".join(f"{role}={value}" for role, value in sent.items()) or "none"
    expected = " ".join(f"{role}={value}" for role, value in wanted.items()) or "no criteria"
    return judged(sent == wanted, expected, observed, order_.begin, exchange)


def _counts(exchange: Exchange, role: str) -> bool:
    """True for a criterion that says something: a date, or a flag that is not false."""
    known = role != "integration_id" and exchange.given(role)
    return known and parse_boolean(exchange.values[role]) is not False


def _criterion(value: str, kind: Kind) -> str:
    return value[:10] if kind is Kind.DATE else value.strip().lower()


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
