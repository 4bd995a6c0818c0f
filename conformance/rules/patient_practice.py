"""What a PMS owes to the patients it maps: one id per person, no data erased by omission, a look at the outcome."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.rules.as_ordered import as_ordered
from conformance.rules.catalogue import rule
from conformance.rules.patient_sketches import STATION, creation, update
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Method, Spec
from conformance.trace import Exchange, History, NoteKind, Operation, Sketch, State, call, done, note, order

CREATE, UPDATE = "create_patient", "update_patient"
PATIENT_CALLS = (CREATE, UPDATE, "select_patient", "create_case", "find_cases")
OF_MAPPED = (UPDATE, "select_patient", "create_case")
DATA = ("first_name", "birth_date", "patient_id")
LATELY = 20
"""So many operations back a refusal is looked for."""


def _made(**values: object) -> Sketch:
    """A creation as a PMS makes it: nobody declared its ids to be fresh."""
    return creation("A", 101, "processed", **values)


# -- the integration id ---------------------------------------------------------------------------------------


UNKNOWN = update("A", 1, "integration_id_unknown")
AGAIN = call(UPDATE, integration_id="A", last_name="Fox", operation=2)


def _tells_who_asked(history: History) -> bool:
    """False for a recording without orders: what a PMS does of itself shows in none of it, right or wrong."""
    return bool(history.orders.all)


def _asked_for(history: History, exchange: Exchange, known: Sequence[int]) -> bool:
    """True when a user may have asked for this very call after the PMS could know better.

    The guide's own example has a PMS pass on what its user got wrong, and explain the refusal.
    """
    if not _tells_who_asked(history):
        return True
    order_ = history.orders.of(exchange)
    asks = order_ is not None and order_.role == exchange.role in (CREATE, *OF_MAPPED)
    return order_ is not None and asks and max(known, default=0) < order_.begin.number


def _on_a_mapped_patient(history: History, exchange: Exchange, asked_for: bool) -> Verdict | None:
    proof = history.proofs.integration_id(exchange.values.get("integration_id", ""), exchange)
    if proof.state is State.UNPROVEN:
        return None
    if proof.state is State.PRESENT:
        return holds(*proof.evidence, exchange)
    if _asked_for(history, exchange, proof.evidence) is not asked_for:
        return None
    expected = "a patient that is mapped, by a creation if need be"
    observed = f"an integration id that 3DD said it does not know{as_ordered(history, exchange)}"
    return breaks(expected, observed, *proof.evidence, exchange)


@rule(
    "MAP-001",
    judges=OF_MAPPED,
    accepts=[
        order(UPDATE, person="17") + _made() + call(UPDATE, integration_id="A", last_name="Fox") + done(),
        order(CREATE, person="17") + UNKNOWN + _made() + call("select_patient", integration_id="A", station=7) + done(),
    ],
    rejects=[
        order(UPDATE, person="17") + UNKNOWN + AGAIN + done("refused"),
        UNKNOWN + order("find_cases", person="17") + AGAIN + done("refused"),
        UNKNOWN + order("find_cases", person="17") + done("refused") + AGAIN,
    ],
    ignores=[
        call(UPDATE, integration_id="A", last_name="Fox"),
        _made() + call(UPDATE, integration_id="A", last_name="Fox"),
        UNKNOWN + call(CREATE, integration_id="A", last_name="Fox"),
        UNKNOWN + AGAIN,
        UNKNOWN + order(UPDATE, person="17") + AGAIN + done("refused"),
    ],
)
def only_mapped_patients_are_worked_on(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Triggered once the trace has shown whether the id is mapped: the PMS could have seen it too."""
    return _on_a_mapped_patient(history, exchange, asked_for=False) if _tells_who_asked(history) else None


@rule(
    "MAP-026",
    judges=OF_MAPPED,
    accepts=[_made() + call(UPDATE, integration_id="A", last_name="Fox")],
    rejects=[
        UNKNOWN + AGAIN,
        UNKNOWN + call("create_case", integration_id="A", station=7),
        UNKNOWN + order(UPDATE, person="17") + AGAIN + done("refused"),
    ],
    ignores=[call(UPDATE, integration_id="A", last_name="Fox"), order(UPDATE) + UNKNOWN + AGAIN + done("refused")],
)
def work_is_offered_on_mapped_patients_only(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same where a user asked for it once more, or may have."""
    return _on_a_mapped_patient(history, exchange, asked_for=True)


@rule(
    "MAP-002",
    judges=PATIENT_CALLS,
    accepts=[call("find_cases", integration_id="A"), call(CREATE, integration_id="A", last_name="Fox")],
    rejects=[call("find_cases"), call(UPDATE, integration_id="", last_name="Fox"), call("select_patient", station=7)],
    ignores=[call("select_case", case=1, station=7)],
)
def every_call_about_a_patient_names_it(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The integration id is there and has a value."""
    given = bool(exchange.values.get("integration_id", "").strip())
    return judged(given, f"a value for {_wire(exchange.method, 'integration_id')}", "none", exchange)


@rule(
    "MAP-004",
    judges=(CREATE, UPDATE),
    accepts=[
        _made(first_name="Ann") + call(UPDATE, integration_id="A", first_name="Ann", last_name="Roe"),
        _made(first_name="Ann", birth_date="1970-02-28")
        + call(UPDATE, integration_id="A", first_name="Anna", last_name="Roe", birth_date="1970-02-28"),
    ],
    rejects=[
        _made(first_name="Ann") + call(UPDATE, integration_id="A", first_name="Bo", last_name="Roe"),
        _made(first_name="Ann", birth_date="1970-02-28")
        + call(CREATE, integration_id="A", first_name="Bo", last_name="Roe", birth_date="1999-01-01"),
    ],
    ignores=[_made(), _made(first_name="Ann") + call(UPDATE, integration_id="A", last_name="Roe")],
)
def an_integration_id_stands_for_one_person(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Of both names and the birth date at least two are given in this call and the one before, and none agrees."""
    former = _former(history, exchange)
    if former is None:
        return None
    roles = [r for r in ("first_name", "last_name", "birth_date") if exchange.given(r) and former.call.given(r)]
    if len(roles) < 2:
        return None
    same = any(exchange.values[role] == former.call.values[role] for role in roles)
    expected = "one integration id to stand for one person"
    return judged(same, expected, "another name and birth date under the same id", former, exchange)


def _former(history: History, exchange: Exchange) -> Operation | None:
    """The newest earlier creation or update under the same integration id."""
    if not exchange.given("integration_id"):
        return None  # that is the business of MAP-002
    writes = history.proofs.writes(exchange.values["integration_id"])
    return next((o for o in reversed(writes) if o.call.before(exchange)), None)


@rule(
    "MAP-008",
    judges=CREATE,
    accepts=[
        _made(birth_date="1970-02-28") + call(CREATE, integration_id="B", last_name="Fox", birth_date="1971-02-28")
    ],
    rejects=[
        _made(birth_date="1970-02-28") + call(CREATE, integration_id="B", last_name="Fox", birth_date="1970-02-28")
    ],
    ignores=[
        _made() + call(CREATE, integration_id="B", last_name="Fox"),
    ],
)
def a_person_is_mapped_under_one_id(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Same names and same birth date, and no patient ids that tell two people apart. Twins may share a name."""
    if not exchange.given("birth_date") or not history.operations:
        return None
    others = [o for o in history.proofs.of_person(exchange) if _mapped_elsewhere(o, exchange, spec)]
    if any(o.call.values.get("patient_id", "") == exchange.values.get("patient_id", "") for o in others):
        return breaks(
            "one integration id per person", "a second one for the same name and birth date", *others, exchange
        )
    return None if others else holds(exchange)


def _mapped_elsewhere(operation: Operation, exchange: Exchange, spec: Spec) -> bool:
    other = operation.call.values.get("integration_id") != exchange.values.get("integration_id")
    return other and spec.code("processed") in operation.codes(exchange)


def said_to_be_unknown(history: History, exchange: Exchange, spec: Spec) -> bool:
    """True when the PMS was told not long before that there is no such patient, and so may well make it anew."""
    code, patient = spec.code("integration_id_unknown"), exchange.values.get("integration_id", "")
    return any(
        operation.call.values.get("integration_id", "") == patient and code in operation.codes(exchange)
        for operation in history.operations[-LATELY:]
    )


def _created_once(history: History, exchange: Exchange, spec: Spec, asked_for: bool) -> Verdict | None:
    """The PMS could see that its creation under the id was processed."""
    if not exchange.given("integration_id"):
        return None
    proof = history.proofs.integration_id(exchange.values["integration_id"], exchange)
    if proof.state is not State.PRESENT or proof.by is None:
        return holds(exchange)
    if _asked_for(history, exchange, proof.evidence) is not asked_for or said_to_be_unknown(history, exchange, spec):
        return None
    observed = f"another creation under its id{as_ordered(history, exchange)}"
    return breaks("an update, since the patient was created", observed, proof.by, exchange)


ONCE_MORE = call(CREATE, integration_id="A", last_name="Fox", operation=102)


@rule(
    "PAT-066",
    judges=CREATE,
    accepts=[
        order(CREATE, person="17") + call(CREATE, integration_id="A", last_name="Fox") + done(),
        order(CREATE, person="17") + _made() + call(CREATE, integration_id="B", last_name="Fox") + done(),
        order(CREATE, person="17") + _made() + done() + order("map_patient", "2", person="17") + ONCE_MORE,
    ],
    rejects=[
        order(CREATE, person="17") + _made() + ONCE_MORE + done(),
        _made() + order("select_patient", person="17") + ONCE_MORE + done(),
    ],
    ignores=[
        call(CREATE, last_name="Fox"),
        _made() + ONCE_MORE,
        _made() + order("select_patient", person="17") + UNKNOWN + ONCE_MORE + done(),
    ],
)
def a_patient_is_created_once(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Nobody asked for another creation: the PMS made it of itself."""
    return _created_once(history, exchange, spec, asked_for=False) if _tells_who_asked(history) else None


@rule(
    "PAT-071",
    judges=CREATE,
    accepts=[
        call(CREATE, integration_id="A", last_name="Fox"),
        order(CREATE, person="17") + _made() + ONCE_MORE + done(),
    ],
    rejects=[_made() + ONCE_MORE, _made() + order(CREATE, person="17") + ONCE_MORE + done("refused")],
    ignores=[call(CREATE, last_name="Fox")],
)
def a_creation_is_offered_once(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A user asked for it once more, or may have; 3DD refuses it, and the PMS could have said so."""
    return _created_once(history, exchange, spec, asked_for=True)


# -- the data -------------------------------------------------------------------------------------------------


GIVEN = note(NoteKind.FIXTURE, what="case", integration_id="A")
"""Somebody at the 3DD makes a case of the patient."""


@rule(
    "PAT-067",
    judges=(CREATE, UPDATE),
    accepts=[_made(patient_id="P") + call(UPDATE, integration_id="A", last_name="Fox", patient_id="P")],
    rejects=[
        _made(patient_id="P") + call(CREATE, integration_id="B", last_name="Fox", patient_id="P"),
        _made(patient_id="P") + call(UPDATE, integration_id="B", last_name="Fox", patient_id="P"),
        _made(patient_id="P") + GIVEN + call(CREATE, integration_id="B", last_name="Fox", patient_id="P"),
    ],
    ignores=[_made() + call(CREATE, integration_id="B", last_name="Fox")],
)
def a_patient_id_is_given_to_one_patient(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The PMS itself gave the id to another patient of its own, and could see that this was processed.

    What its user typed is the user's: the guide has the server find that out.
    """
    if not exchange.given("patient_id") or not exchange.given("integration_id"):
        return None
    order_ = history.orders.of(exchange)
    if order_ is not None and order_.data.get("patient_id", "") == exchange.values["patient_id"]:
        return None
    holding = history.proofs.patient_id(exchange.values["patient_id"], exchange)
    own = holding.holder == exchange.values.get("integration_id", "")
    if holding.state is State.PRESENT and holding.by is not None and not own:
        return breaks("a patient id of its own for each patient", "the id of another one", holding.by, exchange)
    return holds(exchange)


@rule(
    "UPD-065",
    judges=UPDATE,
    accepts=[
        _made(first_name="Ann") + call(UPDATE, integration_id="A", first_name="Ann", last_name="Fox"),
        _made(first_name="Ann") + call(UPDATE, integration_id="A", first_name="", last_name="Fox"),
        _made() + call(UPDATE, integration_id="A", last_name="Fox"),
        _made(first_name="Ann")
        + order(UPDATE, person="17", last_name="Fox")
        + call(UPDATE, integration_id="A", last_name="Fox"),
        _made(first_name="Ann")
        + order("edit_patient", person="17", last_name="Fox")
        + call(UPDATE, integration_id="A", last_name="Fox"),
    ],
    rejects=[
        _made(first_name="Ann") + call(UPDATE, integration_id="A", last_name="Fox"),
        _made(first_name="Ann")
        + order(UPDATE, person="17", first_name="Ann", last_name="Fox")
        + call(UPDATE, integration_id="A", last_name="Fox"),
        _made(birth_date="1970-02-28") + call(UPDATE, integration_id="A", last_name="Fox"),
        _made(patient_id="P") + call(UPDATE, integration_id="A", last_name="Fox"),
    ],
    ignores=[call(UPDATE, integration_id="A", last_name="Fox")],
)
def an_update_sends_all_that_is_known(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """What the call before gave is not left out; a parameter that is there without a value erases on purpose.

    So does an order whose record lacks what it had.
    """
    former = _former(history, exchange)
    if former is None:
        return None
    order_ = history.orders.of(exchange)
    told = order_ is not None and order_.does in (UPDATE, "edit_patient") and order_.data.get("last_name")
    record = order_.data if order_ is not None and told else None
    known = [role for role in DATA if record is None or record.get(role, "").strip()]
    lost = [_wire(exchange.method, r) for r in known if former.call.given(r) and r not in exchange.values]
    expected = "every datum that was given before, since what is left out is erased"
    return judged(not lost, expected, f"no {', '.join(lost)}", former, exchange)


@rule(
    "PAT-068",
    judges=CREATE,
    accepts=[call(CREATE, integration_id="A", last_name="Fox", merge="True", station=STATION)],
    rejects=[
        call(CREATE, integration_id="A", last_name="Fox", merge="True"),
        call(CREATE, integration_id="A", last_name="Fox", merge="True", station=0),
    ],
    ignores=[call(CREATE, integration_id="A", last_name="Fox", merge="False")],
)
def merging_is_asked_of_stations_only(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """On the server the wish has no effect, and a second entry for the same person is the result."""
    if not exchange.flag("merge"):
        return None
    station = exchange.guid("station")
    named = station is None or station.int != 0
    return judged(named, "a station along with the wish to merge", "none, so that nothing is merged", exchange)


def _wire(method: Method | None, role: str) -> str:
    return method.by_role[role].name if method is not None else role
