"""Whose data: what a call says of a patient, held against the record that the PMS's order gave."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.at_odds import days_apart
from conformance.rules.catalogue import rule
from conformance.rules.patient_practice import DATA
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.rules.written import written_day
from conformance.spec import Spec
from conformance.trace import Exchange, History, Order, Sketch, call, done, order
from conformance.trace.facts import DAYS_OFF

CREATE, UPDATE = "create_patient", "update_patient"

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
    return order_ if order_ is not None and order_.role in (CREATE, UPDATE) else None


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
    accepts=[
        _written(),
        _written(UPDATE, UPDATE),
        _written(birth_date="1970-02-28T00:00:00"),
        _written(birth_date="02/28/1970 00:00:00"),
        _written(birth_date="28.02.1970"),
    ],
    rejects=[
        _written(birth_date="1970-02-27"),
        _written(birth_date="1970-02-27T23:00:00Z"),
        _written(UPDATE, UPDATE, birth_date="27.02.1970"),
        _written(record=NAME, birth_date="0001-01-01"),
        _written(record=NAME, birth_date="0001-01-01T00:00:00"),
    ],
    ignores=[_written(birth_date="11.12.1970"), _written(birth_date="28 february"), _written(birth_date=None)],
)
def the_birth_date_is_sent_as_the_record_has_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Compared is the day, however it is written; where it cannot be told from the month, TRN-010 has its say."""
    order_, day = _writing(history, exchange), written_day(exchange, "birth_date")
    if order_ is None or not day or exchange.method is None:
        return None
    kept = order_.data.get("birth_date", "").strip() == day
    facts = exchange.flaws.get("birth_date", "").split()
    apart = "".join(days_apart(fact.removeprefix(f"{DAYS_OFF}:")) for fact in facts if fact.startswith(f"{DAYS_OFF}:"))
    instead = apart or "another day" if order_.data.get("birth_date", "").strip() else "a day, though there is none,"
    observed = f"{instead} as {exchange.method.by_role['birth_date'].name}"
    return judged(kept, "what the patient's record says", observed, order_.begin, exchange)


def _made_up(name: str, person: str, number: str, last_name: str = "Roe") -> Sketch:
    """A patient whose record has no patient id is created with this one."""
    told = order(CREATE, name, person=person, last_name=last_name)
    return told + call(CREATE, integration_id=person, last_name=last_name, patient_id=number) + done(name=name)


@rule(
    "MAP-025",
    judges=(CREATE, UPDATE),
    accepts=[_written()],
    rejects=[
        _written(patient_id="p"),
        _written(UPDATE, UPDATE, patient_id="17"),
        _made_up("1", "17", "0") + _made_up("2", "18", "0"),
        _written() + _written(UPDATE, UPDATE, record=NAME, patient_id="P"),
    ],
    ignores=[
        _written(patient_id=None),
        call(CREATE, patient_id="P"),
        _written(record=NAME, patient_id="17"),
        _made_up("1", "17", "5") + _made_up("2", "18", "6"),
        _made_up("1", "17", "5") + _made_up("2", "17", "5"),
    ],
)
def the_patient_id_is_sent_as_the_record_has_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A record without one leaves the PMS free to give a number of its own: not one that two patients get, nor the one
    that the user has taken away."""
    order_ = _writing(history, exchange)
    if order_ is None or _has_patient_id(order_):
        return _agrees(history, exchange, ("patient_id",))
    number = _patient_id(exchange)
    had = (o for o in _earlier(history, order_) if o.data.get("patient_id", "").strip() == number)
    former = next(had, None) if number else None
    if former is not None:
        observed = "the one that was taken out of it"
        return breaks("none, as the patient's record, or one of its own", observed, former.begin, exchange)
    same = [call_ for call_ in _of_others_without(history, order_, exchange) if _patient_id(call_) == number]
    if not number or not same:
        return None
    return breaks("none, as the patient's record, or one of its own", "that of another patient", same[-1], exchange)


def _has_patient_id(order_: Order) -> bool:
    return bool(order_.data.get("patient_id", "").strip())


def _earlier(history: History, own: Order) -> Iterator[Order]:
    """Orders before this one about the same person."""
    for order_ in history.orders.all:
        if order_ is own:
            return
        if order_.person and order_.person == own.person:
            yield order_


def _patient_id(exchange: Exchange) -> str:
    return exchange.values.get("patient_id", "").strip()


def _of_others_without(history: History, own: Order, exchange: Exchange) -> Iterator[Exchange]:
    """Earlier calls that wrote other persons whose records had no patient id either."""
    for order_ in history.orders.all:
        if order_.person not in ("", own.person) and order_.role in (CREATE, UPDATE) and not _has_patient_id(order_):
            yield from (call_ for call_ in order_.of(CREATE, UPDATE) if call_.number < exchange.number)


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
