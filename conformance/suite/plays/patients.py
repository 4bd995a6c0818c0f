"""Patients created on the server: with all data and with little, with ids of every kind, and against each condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from urllib.parse import quote

from conformance.spec import Condition, Outcome, Spec
from conformance.suite.near_misses import common_misses, long_pairs, near_misses
from conformance.suite.patient_steps import (
    CREATE,
    UPDATE,
    Share,
    Values,
    asks_for,
    breaking,
    created,
    named_like,
    one_of_share,
    phrase,
    shows_refusal,
    sound,
    subsets,
    without,
)
from conformance.suite.play import AtOnce, Desk, Play, Send, Steps, play

WRITES = ("writes",)
CHANGES = ("writes", "fixtures", "prepared")
"""Of plays that touch what was prepared."""
LAST_NAMES = (
    "Null",
    "O'Brien",
    "van der Berg",
    "Müller-Lüdenscheidt",
    "Nguyễn",
    "王",
    "Ştefănescu",
    "x' OR '1'='1",
    "<b>Bold</b>",
    "Black & Sons",
    "100% Sure",
    "C#+",
    "true",
    "0",
    "😀",
    "a",
)
BIRTH_DATES = ("1900-01-01", "1924-02-29", "1969-12-31", "1970-01-01", "1999-12-31", "2000-02-29", "2020-12-31")

_MISSING = ("PAT-010", "PAT-011", "PAT-012", "PAT-013", "PAT-017", "PAT-018", "PAT-019", "PAT-022")
_TAKEN = ("PAT-014", "PAT-015", "PAT-017", "PAT-018", "PAT-019", "PAT-052", "MAP-006")


def plays(spec: Spec) -> Iterable[Play]:
    """Each condition of a creation broken alone, and every set of them at once."""
    method = spec.method[CREATE]
    for outcome in method.outcomes:
        aims = _MISSING if outcome.condition is Condition.MISSING else _TAKEN
        yield Play(f"patients.{phrase([outcome])}", aims, frozenset(WRITES), partial(_broken, outcome=outcome), "")
    for outcomes in subsets(method):
        steps = partial(_several, outcomes=outcomes)
        yield Play(f"patients.{phrase(outcomes)}", ("PAT-016", "PAT-017", "PAT-018"), frozenset(WRITES), steps, "")


def _broken(desk: Desk, outcome: Outcome) -> Steps:
    """One condition broken; then the same call with nothing but that put right, which shows that nothing was left."""
    for empty in (False, True):
        values = yield from sound(desk, CREATE)
        wrong = yield from breaking(desk, values, [outcome], empty=empty)
        yield from desk.done(CREATE, **wrong)
        if outcome.parameter == "integration_id" and outcome.condition is Condition.TAKEN:
            yield from asks_for(desk, values["patient_id"])
            values["patient_id"] = desk.fresh("patient_id")
        yield from desk.done(CREATE, **values)
        if outcome.condition is Condition.TAKEN:
            yield from desk.done(CREATE, **{**desk.patient(), outcome.parameter: wrong[outcome.parameter]})


def _several(desk: Desk, outcomes: Sequence[Outcome]) -> Steps:
    """Several conditions broken at once, the mandatory parameters absent and then empty; then all put right."""
    for empty in (False, True):
        values = yield from sound(desk, CREATE)
        yield from desk.done(CREATE, **(yield from breaking(desk, values, outcomes, empty=empty)))
        yield from desk.done(CREATE, **values)


@play("patients.owner-after-refused-creation", aims=("PAT-052", "PAT-014"), needs=WRITES)
def the_owner_of_an_id_that_was_asked_for(desk: Desk) -> Steps:
    """Another creation under a patient's integration id is refused; the patient still has its patient id."""
    yield from shows_refusal(desk)
    owner = yield from created(desk)
    yield from desk.done(CREATE, **desk.patient(integration_id=owner["integration_id"]))
    yield from asks_for(desk, owner["patient_id"])
    yield from desk.done(CREATE, **without(desk.patient(integration_id=owner["integration_id"]), "patient_id"))
    yield from asks_for(desk, owner["patient_id"])


# -- what is carried out --------------------------------------------------------------------------------------


@play("patients.ordinary", aims=("PAT-001", "PAT-020", "PAT-021", "PAT-048", "PAT-054", "MAP-007"), needs=WRITES)
def an_ordinary_patient(desk: Desk) -> Steps:
    """Created with all data and capitals in the id, then looked at, updated and created again."""
    patient = yield from created(desk, integration_id=desk.fresh("integration_id", desk.text("PMS-")))
    yield from desk.one(desk.send("find_cases", integration_id=patient["integration_id"]))
    yield from desk.done(UPDATE, **patient)
    yield from desk.done(CREATE, **{**patient, "patient_id": desk.fresh("patient_id")})


@play("patients.data-left-out", aims=("PAT-002", "PAT-003", "PAT-022"), needs=WRITES)
def with_some_data_left_out(desk: Desk) -> Steps:
    """Everything given; each of the optional data absent, then all of them; twice: empty values must not collide."""
    yield from created(desk)
    for _ in range(2):
        for roles in (["first_name"], ["birth_date"], ["patient_id"], ["first_name", "birth_date", "patient_id"]):
            yield from desk.done(CREATE, **without(desk.patient(), *roles))


@play("patients.data-empty", aims=("PAT-002",), needs=WRITES)
def with_some_data_empty(desk: Desk) -> Steps:
    """Optional texts that are there without a value; whether an empty patient id is one is a reading."""
    yield from created(desk)
    for role in ("first_name", "patient_id", "patient_id"):
        yield from desk.done(CREATE, **{**desk.patient(), role: ""})


@play("patients.operation-left-out", aims=("PAT-001",), needs=WRITES)
def without_an_operation_id(desk: Desk) -> Steps:
    """The status is asked for under the empty GUID."""
    yield from desk.done(CREATE, operation=None, **desk.patient())


@play("patients.names", aims=("PAT-001", "PAT-022"), needs=WRITES)
def names_of_every_kind(desk: Desk) -> Steps:
    """Last names, and first names, that careless programs stumble over."""
    for name in LAST_NAMES:
        yield from desk.done(CREATE, **desk.patient(last_name=f"{name} {desk.text()}", first_name=name))


@play("patients.birth-dates", aims=("PAT-001",), needs=WRITES)
def birth_dates_at_their_limits(desk: Desk) -> Steps:
    """Leap days, the turn of centuries, the beginning of computer time."""
    for date in BIRTH_DATES:
        yield from desk.done(CREATE, **desk.patient(birth_date=date))


@play("patients.on-the-server", aims=("PAT-023", "PAT-024"), needs=WRITES)
def no_station_named(desk: Desk) -> Steps:
    """The station left out, empty, and the empty GUID; with and without a wish to merge, which is for stations only."""
    for station in (None, "", desk.spec.empty_guid):
        for merge in (None, "True", "False"):
            yield from desk.done(CREATE, **{**desk.patient(), "station": station, "merge": merge})


@play("patients.namesake-on-the-server", aims=("PAT-035", "PAT-036", "PAT-054"), needs=CHANGES)
def a_namesake_on_the_server(desk: Desk) -> Steps:
    """New patients named like an unmapped one; they must not get its patient id, as they would after a merge."""
    yield from shows_refusal(desk, UPDATE)
    for merge in ("True", "False", None):
        namesake = one_of_share(desk, Share.OTHERS)
        patient = without(named_like(desk, namesake), "patient_id")
        yield from desk.done(CREATE, **{**patient, "merge": merge})
        yield from desk.one(desk.send("find_cases", integration_id=patient["integration_id"]))
        yield from desk.done(UPDATE, **{**patient, "patient_id": namesake["patient_id"]})


@play("patients.patient-id-of-an-unmapped-patient", aims=("PAT-015", "UPD-015"), needs=CHANGES)
def the_patient_id_of_somebody_unmapped(desk: Desk) -> Steps:
    """A patient id that belongs to a patient whom no PMS has mapped, and one of a patient declared as mapped."""
    declared = [*desk.fixtures("unmapped_patient"), *desk.fixtures("patient")]
    for patient_id in [each["patient_id"] for each in declared if each.get("patient_id")][:6]:
        yield from asks_for(desk, patient_id)
        other = yield from created(desk)
        yield from desk.done(UPDATE, **{**other, "patient_id": patient_id})


# -- ids of every kind ----------------------------------------------------------------------------------------


def _kept_apart(role: str, pairs: Callable[[str], Iterable[tuple[str, str]]]) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        for first, second in pairs(desk.text()):
            for value in (first, second):
                yield from desk.done(CREATE, **desk.patient(**{role: desk.fresh(role, value)}))

    return steps


play("patients.near-misses.integration-id", aims=("PAT-020", "MAP-005"), needs=WRITES)(
    _kept_apart("integration_id", near_misses)
)
play("patients.near-misses.patient-id", aims=("PAT-021", "PAT-050"), needs=WRITES)(
    _kept_apart("patient_id", common_misses)
)
play("patients.long.integration-id", aims=("PAT-020",), needs=WRITES)(_kept_apart("integration_id", long_pairs))
play("patients.long.patient-id", aims=("PAT-021",), needs=WRITES)(_kept_apart("patient_id", long_pairs))


@play("patients.numbers-as-ids", aims=("PAT-020", "PAT-021"), needs=WRITES)
def ids_that_are_numbers(desk: Desk) -> Steps:
    """Digits that would be equal as numbers, or equal after rounding."""
    digits = desk.digits()
    for value in (digits + "1", digits + "2", f"0{digits}1", f"{digits}1.0", f"+{digits}1", f"-{digits}1"):
        ids = {role: desk.fresh(role, value) for role in ("integration_id", "patient_id")}
        yield from desk.done(CREATE, **desk.patient(**ids))


@play("patients.ids-of-the-other-kind", aims=("PAT-020", "PAT-021", "UPD-022"), needs=WRITES)
def ids_that_are_somebodys_other_id(desk: Desk) -> Steps:
    """Patient id and integration id are looked up apart, each as a whole: the other of them, a part, and more."""
    holder = yield from created(desk)
    taker = yield from created(desk)
    integration_id, patient_id = holder["integration_id"], holder["patient_id"]
    for free in (integration_id, patient_id[:-1], f"{patient_id}1"):
        yield from desk.done(CREATE, **desk.patient(patient_id=desk.fresh("patient_id", free)))
    for free in (patient_id, integration_id[:-1], f"{integration_id}1"):
        yield from desk.done(CREATE, **desk.patient(integration_id=desk.fresh("integration_id", free)))
    for free in (patient_id[:-2], f"{patient_id}22", taker["integration_id"]):
        yield from desk.done(UPDATE, **{**taker, "patient_id": desk.fresh("patient_id", free)})


@play("patients.same-id-escaped-otherwise", aims=("PAT-014", "PAT-015", "MAP-006"), needs=WRITES)
def one_id_in_several_spellings(desk: Desk) -> Steps:
    """The same ids again, with other percent escapes: each is taken by now."""
    text = desk.text() + " ö/%&+=~é"
    patient = yield from created(
        desk, integration_id=desk.fresh("integration_id", text), patient_id=desk.fresh("patient_id", text + "p")
    )
    for escape in (_lower_hex, _all_escaped, _all_escaped_lower):
        again = desk.patient(integration_id=patient["integration_id"])
        yield from _spelt(desk, again, escape)
        yield from _spelt(desk, desk.patient(patient_id=patient["patient_id"]), escape)


def _spelt(desk: Desk, values: Values, escape: Callable[[str], str]) -> Steps:
    """The operation id stays as it is, so that the status can be asked for whatever becomes of the escapes."""
    method = desk.spec.method[CREATE]
    operation = desk.operation_id()
    written = {role: escape(value) for role, value in values.items()} | {"operation": operation}
    query = "&".join(
        f"{method.by_role[role].name}={text}" for role, text in desk.send(CREATE, **written).parameters.items()
    )
    yield from desk.one(Send(CREATE, {}, query=query))
    yield from desk.settle(operation)


def _lower_hex(text: str) -> str:
    return "".join(quote(letter, safe="").lower() if quote(letter, safe="") != letter else letter for letter in text)


def _all_escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8"))


def _all_escaped_lower(text: str) -> str:
    return _all_escaped(text).lower()


@play("patients.blanks-around", aims=("PAT-020",), needs=WRITES)
def blanks_around_ids(desk: Desk) -> Steps:
    """Ids that others have, but for blanks around them; whether these count is a reading."""
    patient = yield from created(desk)
    for blank in (" {}", "{} "):
        for role in ("integration_id", "patient_id"):
            yield from desk.done(CREATE, **{**desk.patient(), role: blank.format(patient[role])})


@play("patients.plus", aims=("PAT-014",), needs=WRITES)
def a_plus_for_a_blank(desk: Desk) -> Steps:
    """An id with a blank, written with a plus the second time; what that means is a reading."""
    patient = yield from created(desk, integration_id=desk.fresh("integration_id", f"{desk.text()} 1"))
    yield from _spelt(
        desk, desk.patient(integration_id=patient["integration_id"]), lambda text: quote(text).replace("%20", "+")
    )


@play("patients.blank-names", aims=("PAT-011",), needs=WRITES)
def names_of_blanks(desk: Desk) -> Steps:
    """Last names of nothing but blanks; whether they are empty is a reading."""
    for name in (" ", "   "):
        yield from desk.done(CREATE, **desk.patient(last_name=name))


@play("patients.prepared-ids", aims=("PAT-014", "PAT-015", "PAT-017"), needs=("writes", "fixtures", "prepared"))
def ids_that_were_there_before(desk: Desk) -> Steps:
    """The integration ids and the patient ids of prepared patients are taken, as those of new ones are."""
    for known in desk.fixtures("patient")[:3]:
        if known.get("integration_id"):
            yield from desk.done(CREATE, **desk.patient(integration_id=known["integration_id"]))
        if known.get("patient_id"):
            yield from asks_for(desk, known["patient_id"])


@play("patients.much-later", aims=("PAT-014", "PAT-015", "MAP-006"), needs=(*WRITES, "alone"))
def ids_used_much_earlier(desk: Desk) -> Steps:
    """Ids are still taken after more creations than anything in the interface keeps."""
    first = yield from created(desk)
    for _ in range(desk.spec.kept_operations + 2):
        yield from desk.one(desk.send(CREATE, **desk.patient()))
    yield from desk.done(CREATE, **desk.patient(integration_id=first["integration_id"]))
    yield from asks_for(desk, first["patient_id"])


# -- at the same moment ---------------------------------------------------------------------------------------


def _together(role: str) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        shared = desk.fresh(role)
        operations = [desk.operation_id() for _ in range(4)]
        sends = tuple(desk.send(CREATE, operation=o, **desk.patient(**{role: shared})) for o in operations)
        yield AtOnce(sends)
        for operation in operations:
            yield from desk.settle(operation)

    return steps


play("patients.at-once.integration-id", aims=("MAP-006",), needs=("writes", "concurrency"))(_together("integration_id"))
play("patients.at-once.patient-id", aims=("PAT-051",), needs=("writes", "concurrency"))(_together("patient_id"))
