"""Patients updated on the server: what is written, erased, refused, and left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from conformance.spec import Condition, Outcome, Spec
from conformance.suite.near_misses import akin, common_misses
from conformance.suite.patient_steps import (
    CREATE,
    UPDATE,
    Values,
    asks_for,
    breaking,
    created,
    phrase,
    shows_refusal,
    sound,
    subsets,
    without,
)
from conformance.suite.play import Desk, NotPossible, Play, Steps, play
from conformance.suite.plays.patients import LAST_NAMES

WRITES = ("writes",)
CHANGES = ("writes", "fixtures", "prepared")
"""Of plays that touch what was prepared."""

_MISSING = ("UPD-010", "UPD-011", "UPD-012", "UPD-013", "UPD-017", "UPD-019", "UPD-023")
_LOOKED_UP = ("UPD-014", "UPD-015", "UPD-017", "UPD-019", "UPD-021")


def plays(spec: Spec) -> Iterable[Play]:
    """Each condition of an update broken alone, and every set of them at once."""
    method = spec.method[UPDATE]
    for outcome in method.outcomes:
        aims = _MISSING if outcome.condition is Condition.MISSING else _LOOKED_UP
        yield Play(f"updates.{phrase([outcome])}", aims, frozenset(WRITES), partial(_broken, outcomes=[outcome]), "")
    for outcomes in subsets(method):
        steps = partial(_broken, outcomes=outcomes)
        yield Play(f"updates.{phrase(outcomes)}", ("UPD-016", "UPD-017"), frozenset(WRITES), steps, "")


def _broken(desk: Desk, outcomes: Sequence[Outcome]) -> Steps:
    """Conditions broken; then the same call put right, and somebody else who asks for what it named."""
    for empty in (False, True):
        values = yield from sound(desk, UPDATE)
        wrong = yield from breaking(desk, values, outcomes, empty=empty)
        yield from desk.done(UPDATE, **wrong)
        if wrong.get("integration_id") not in ("", None, values["integration_id"]):
            yield from desk.done(CREATE, **desk.patient(integration_id=wrong["integration_id"]))
        if wrong["patient_id"] == values["patient_id"]:
            yield from asks_for(desk, values["patient_id"])
            values["patient_id"] = desk.fresh("patient_id")
        yield from desk.done(UPDATE, **values)


# -- what is written ------------------------------------------------------------------------------------------


@play("updates.ordinary", aims=("UPD-001", "UPD-022", "UPD-041", "MAP-007"), needs=WRITES)
def an_ordinary_update(desk: Desk) -> Steps:
    """All data replaced, twice, the second time by what they are already; the patient id is the patient's then."""
    patient = yield from created(desk)
    new = desk.patient(integration_id=patient["integration_id"])
    yield from desk.done(UPDATE, **new)
    yield from desk.done(UPDATE, **new)
    yield from asks_for(desk, new["patient_id"])


@play("updates.own-patient-id", aims=("UPD-003",), needs=WRITES)
def with_its_own_patient_id(desk: Desk) -> Steps:
    """The patient id that the patient was created with, then one that it got by an update; it stays the patient's."""
    yield from shows_refusal(desk)
    patient = yield from created(desk)
    yield from desk.done(UPDATE, **{**patient, "last_name": desk.text("Roe")})
    yield from asks_for(desk, patient["patient_id"])
    changed = {**patient, "patient_id": desk.fresh("patient_id")}
    yield from desk.done(UPDATE, **changed)
    yield from desk.done(UPDATE, **changed)
    yield from asks_for(desk, changed["patient_id"])


@play("updates.data-left-out", aims=("UPD-002", "PAT-003", "UPD-026"), needs=WRITES)
def with_some_data_left_out(desk: Desk) -> Steps:
    """Each of the optional data absent, then all of them, then all there again but for an empty name; for two patients,
    who must not collide, and have their patient ids again."""
    for _ in range(2):
        patient = yield from created(desk)
        for roles in (["first_name"], ["birth_date"], ["patient_id"], ["first_name", "birth_date", "patient_id"]):
            yield from desk.done(UPDATE, **without(patient, *roles))
        yield from desk.done(UPDATE, **{**patient, "first_name": ""})
        yield from asks_for(desk, patient["patient_id"])


@play("updates.patient-id-erased", aims=("UPD-024",), needs=WRITES)
def a_patient_id_left_out(desk: Desk) -> Steps:
    """A patient id is erased by an update that leaves it out, and by one that leaves it empty; others may have it."""
    for change in (None, ""):
        patient = yield from created(desk)
        yield from desk.done(UPDATE, **{**patient, "patient_id": change})
        yield from asks_for(desk, patient["patient_id"])


@play("updates.patient-id-changed", aims=("UPD-025", "UPD-026"), needs=WRITES)
def a_patient_id_changed(desk: Desk) -> Steps:
    """The new patient id is the patient's, the former one is free; and again, with one that it had before."""
    yield from shows_refusal(desk)
    patient = yield from created(desk)
    second = desk.fresh("patient_id")
    yield from desk.done(UPDATE, **{**patient, "patient_id": second})
    yield from asks_for(desk, second)
    yield from desk.done(UPDATE, **patient)
    yield from asks_for(desk, patient["patient_id"])
    yield from asks_for(desk, second)
    yield from desk.done(UPDATE, **{**patient, "patient_id": desk.fresh("patient_id")})
    yield from asks_for(desk, patient["patient_id"])


@play("updates.patient-id-handed-over", aims=("UPD-025", "UPD-022", "UPD-015"), needs=WRITES)
def a_patient_id_handed_over(desk: Desk) -> Steps:
    """One patient gives its id up by an update, another one gets it by an update, and keeps it."""
    yield from shows_refusal(desk)
    giver = yield from created(desk)
    taker = yield from created(desk)
    yield from desk.done(UPDATE, **{**giver, "patient_id": desk.fresh("patient_id")})
    yield from desk.done(UPDATE, **{**taker, "patient_id": giver["patient_id"]})
    yield from desk.done(UPDATE, **giver)
    yield from asks_for(desk, giver["patient_id"])


@play("updates.others-left-alone", aims=("UPD-030",), needs=WRITES)
def others_are_left_alone(desk: Desk) -> Steps:
    """Two patients with patient ids; updates of a third one change neither."""
    first = yield from created(desk)
    second = yield from created(desk)
    third = yield from created(desk)
    for other in (first, second):
        yield from asks_for(desk, other["patient_id"])
        yield from desk.done(UPDATE, **without(third, "patient_id"))
        yield from asks_for(desk, other["patient_id"])
        yield from asks_for(desk, other["patient_id"])
        yield from desk.done(UPDATE, **{**third, "patient_id": desk.fresh("patient_id")})
        yield from asks_for(desk, other["patient_id"])


# -- what is refused ------------------------------------------------------------------------------------------


@play("updates.owner-after-refusal", aims=("UPD-018", "UPD-019"), needs=WRITES)
def the_patient_after_a_refusal(desk: Desk) -> Steps:
    """After updates that are refused, each for another reason, the patient has its patient id still."""
    yield from shows_refusal(desk)
    patient = yield from created(desk)
    other = yield from created(desk)
    for wrong in (
        without({**patient, "patient_id": desk.fresh("patient_id")}, "last_name"),
        {**patient, "patient_id": "", "last_name": ""},
        {**patient, "patient_id": other["patient_id"], "last_name": desk.text("Roe")},
    ):
        yield from desk.done(UPDATE, **wrong)
        yield from asks_for(desk, patient["patient_id"])
        if wrong["patient_id"] not in ("", other["patient_id"]):
            yield from asks_for(desk, wrong["patient_id"])


@play("updates.near-misses", aims=("UPD-014",), needs=WRITES)
def patients_with_almost_that_id(desk: Desk) -> Steps:
    """Updates under ids that nobody has, though somebody has one that is almost the same."""
    for whole, misses in akin(desk.text(), desk.digits()):
        patient = yield from created(desk, integration_id=desk.fresh("integration_id", whole))
        for miss in misses:
            unknown = {**patient, "integration_id": desk.fresh("integration_id", miss)}
            yield from desk.done(UPDATE, **without(unknown, "patient_id"))


@play("updates.near-misses.patient-id", aims=("UPD-022",), needs=WRITES)
def patient_ids_that_are_almost_the_same(desk: Desk) -> Steps:
    """Updates to patient ids of which somebody has one that is almost the same."""
    for first, second in common_misses(desk.text()):
        taker = yield from created(desk)
        yield from created(desk, patient_id=desk.fresh("patient_id", first))
        yield from desk.done(UPDATE, **{**taker, "patient_id": desk.fresh("patient_id", second)})


@play("updates.names", aims=("UPD-001", "UPD-023"), needs=WRITES)
def names_of_every_kind(desk: Desk) -> Steps:
    """Last names, and first names, that careless programs stumble over."""
    patient = yield from created(desk)
    for name in LAST_NAMES:
        yield from desk.done(UPDATE, **{**patient, "last_name": f"{name} {desk.text()}", "first_name": name})


@play("updates.corrected", aims=("FLOW-016", "UPD-015", "UPD-001"), needs=WRITES)
def corrected_after_a_refusal(desk: Desk) -> Steps:
    """The workflow of the guide: a patient id that is not unique, the reason, another id, success."""
    other = yield from created(desk)
    patient = yield from created(desk)
    yield from desk.done(UPDATE, **{**patient, "patient_id": other["patient_id"]})
    yield from desk.done(UPDATE, **{**patient, "patient_id": desk.fresh("patient_id")})


@play("updates.on-the-server", aims=("UPD-031", "UPD-044"), needs=WRITES)
def no_station_named(desk: Desk) -> Steps:
    """The station left out, empty, and the empty GUID."""
    patient = yield from created(desk)
    for station in (None, "", desk.spec.empty_guid):
        yield from desk.done(UPDATE, **{**patient, "station": station})


@play("updates.operation-left-out", aims=("UPD-001",), needs=WRITES)
def without_an_operation_id(desk: Desk) -> Steps:
    """The status is asked for under the empty GUID."""
    patient = yield from created(desk)
    yield from desk.done(UPDATE, operation=None, **patient)


# -- names, where cases show them -----------------------------------------------------------------------------


def with_cases(desk: Desk) -> Mapping[str, str]:
    """A mapped patient with both names and a case. Raises NotPossible when none is declared."""
    known = {case["integration_id"] for case in desk.fixtures("case") if case.get("integration_id")}
    for patient in desk.fixtures("patient"):
        if patient["integration_id"] in known and patient.get("first_name") and patient.get("last_name"):
            return patient
    raise NotPossible("no mapped patient with names and a case is declared")


def record(patient: Mapping[str, str]) -> Values:
    """The data of a declared patient as parameters; what it has not is left out."""
    roles = ("integration_id", "first_name", "last_name", "birth_date", "patient_id")
    return {role: patient[role] for role in roles if patient.get(role)}


@play("updates.names-in-cases", aims=("UPD-027", "UPD-028"), needs=CHANGES)
def names_that_cases_show(desk: Desk) -> Steps:
    """Both names replaced, or one of them alone, the first one left out, strange and long ones, other letters, and all
    put back; the cases after each."""
    known = record(with_cases(desk))
    look = desk.send("find_cases", integration_id=known["integration_id"])
    yield from desk.one(look)
    for names in (
        {"first_name": "Zoë", "last_name": desk.text("Roe")},
        {"first_name": None, "last_name": desk.text("Doe")},
        {"first_name": "Anne", "last_name": (sole := desk.text("Noe"))},
        {"first_name": "Bert", "last_name": sole},
        {"first_name": "Bert", "last_name": sole.upper()},
        {"first_name": "שלום", "last_name": f"😀 Ελένη {desk.text('Toe')}"},
        {"first_name": "Renée", "last_name": f"Ødegård-Ștefănescu {desk.text('Roe')}"},
        {"first_name": "Jo&Lu<3>", "last_name": f"O'Hara&Co; {desk.text('Moe')}"},
        {"first_name": "Maximiliane", "last_name": f"Bethmann-Hollweg-Friedrichshafen {desk.text('Loe')}"},
        {"first_name": "Mary Jane", "last_name": desk.text("van Poe ")},
        {"first_name": "J.P. (Pat), =Jr", "last_name": f"Roe, Sr/III: \\100%+ {desk.text('Coe')}"},
        {"first_name": "", "last_name": desk.text("doe")},
        {},
    ):
        yield from desk.done(UPDATE, **{**known, **names})
        yield from desk.one(look)


@play("updates.names-after-refusal", aims=("UPD-020",), needs=CHANGES)
def names_after_a_refusal(desk: Desk) -> Steps:
    """Updates that are refused, each for another reason; the list of cases after each."""
    known = record(with_cases(desk))
    other = yield from created(desk)
    look = desk.send("find_cases", integration_id=known["integration_id"])
    yield from desk.done(UPDATE, **known)
    yield from desk.one(look)
    for wrong in (
        {"first_name": "Zoë", "last_name": desk.text("Roe"), "patient_id": other["patient_id"]},
        {"first_name": "Zoë", "last_name": ""},
        {"first_name": "Zoë", "last_name": None},
    ):
        yield from desk.done(UPDATE, **{**known, **wrong})
        yield from desk.one(look)


@play("updates.names-after-refused-creation", aims=("PAT-055",), needs=CHANGES)
def names_after_a_refused_creation(desk: Desk) -> Steps:
    """Somebody else is to be created under the integration id; the list of cases before and after."""
    known = record(with_cases(desk))
    look = desk.send("find_cases", integration_id=known["integration_id"])
    yield from desk.one(look)
    for given in ({"first_name": "Zoë"}, {"first_name": "Bo", "patient_id": known.get("patient_id")}):
        stranger = {**desk.patient(integration_id=known["integration_id"]), **given}
        yield from desk.done("create_patient", **stranger)
        yield from desk.one(look)
