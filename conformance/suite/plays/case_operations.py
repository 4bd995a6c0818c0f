"""Cases started and selected at stations: good calls, calls that lack something, and what they leave behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from conformance.spec import Condition, Method, Outcome, Spec
from conformance.suite.case_steps import any_case, cases_of, owners, search
from conformance.suite.near_misses import LIKELY, akin
from conformance.suite.patient_steps import asks_for, at_station, created, phrase, subsets
from conformance.suite.play import Desk, Dialog, Play, Steps, play
from conformance.suite.plays.pool import unused

CREATE, SELECT = "create_case", "select_case"
PROCEED = [(Dialog.PAGE, "proceed")]
AREA = {CREATE: "CASE", SELECT: "SCS"}
ALONE = {
    (CREATE, Condition.MISSING): ("CASE-002", "CASE-015"),
    (CREATE, Condition.NO_STATION): ("CASE-003", "CASE-006", "CASE-015"),
    (CREATE, Condition.UNKNOWN): ("CASE-004",),
    (SELECT, Condition.MISSING): ("SCS-002", "SCS-015"),
    (SELECT, Condition.NO_STATION): ("SCS-004", "SCS-006", "SCS-015"),
    (SELECT, Condition.UNKNOWN): ("SCS-003", "SCS-015"),
}


def plays(spec: Spec) -> Iterable[Play]:
    """Each condition of a start and of a selection broken alone, and every set of them at once."""
    for method in (spec.method[CREATE], spec.method[SELECT]):
        for outcome in method.outcomes:
            aims = ALONE.get((method.role, outcome.condition), ())
            yield _play(method, (outcome,), aims)
        for outcomes in subsets(method):
            yield _play(method, outcomes, (f"{AREA[method.role]}-005",))


def _play(method: Method, outcomes: Sequence[Outcome], aims: Sequence[str]) -> Play:
    needs = {"writes"} if _lacks(outcomes, "station") else {"writes", "operator"}
    if method.role == SELECT and not _lacks(outcomes, "case"):
        needs |= {"fixtures", "prepared"}
    if _lacks(outcomes, "station"):
        needs |= {"alone"}  # what others do at a station meanwhile may add cases
    name = f"case-operations.{method.role.replace('_', '-')}.{phrase(outcomes)}"
    return Play(name, tuple(aims), frozenset(needs), partial(_broken, role=method.role, outcomes=outcomes), "")


def _lacks(outcomes: Sequence[Outcome], parameter: str) -> bool:
    return any(outcome.parameter == parameter for outcome in outcomes)


def _broken(desk: Desk, role: str, outcomes: Sequence[Outcome]) -> Steps:
    """What is missing is absent, then empty, then zeros where it is a GUID; the same search before and after."""
    values: dict[str, str] = {}
    if role == CREATE and not _lacks(outcomes, "integration_id"):
        values["integration_id"] = (yield from created(desk))["integration_id"]
    whose = values.get("integration_id", "")
    if role == SELECT and not _lacks(outcomes, "case"):
        whose, values["case"] = yield from any_case(desk)
    for nothing in _nothings(desk, outcomes):
        if whose:
            yield from search(desk, whose)
        wrong = {**values, **_wrong(desk, outcomes, nothing)}
        if _lacks(outcomes, "station"):
            yield from desk.done(role, **wrong)
        else:
            yield from at_station(desk, role, PROCEED, {name: text for name, text in wrong.items() if text is not None})
        if whose:
            yield from search(desk, whose)


def _nothings(desk: Desk, outcomes: Sequence[Outcome]) -> Sequence[str | None]:
    """The ways in which nothing can be written: absent; empty, for texts; the empty GUID, for GUIDs."""
    ways: list[str | None] = [None]
    if any(outcome.condition is not Condition.UNKNOWN for outcome in outcomes):
        ways += ["", desk.spec.empty_guid]
    return ways


def _wrong(desk: Desk, outcomes: Sequence[Outcome], nothing: str | None) -> Mapping[str, str | None]:
    """The parameters that break these conditions."""
    found: dict[str, str | None] = {}
    for outcome in outcomes:
        of_text = outcome.parameter == "integration_id"
        if outcome.condition is Condition.UNKNOWN:
            found[outcome.parameter] = desk.fresh("integration_id") if of_text else unused(desk, outcome.parameter)
        elif of_text:
            found[outcome.parameter] = None if nothing is None else ""
        else:
            found[outcome.parameter] = None if nothing == "" else nothing
    return found


@play(
    "case-operations.create-case.mapped",
    aims=("CASE-001", "CASE-007", "CASE-008", "CASE-016"),
    needs=("writes", "operator"),
)
def a_case_of_a_mapped_patient(desk: Desk) -> Steps:
    """A case is started for a patient just created; three patients' cases before and after."""
    patient, other = (yield from created(desk)), (yield from created(desk))
    prepared = [declared["integration_id"] for declared in desk.fixtures("patient")[:1]]
    everybody = (patient["integration_id"], other["integration_id"], *prepared)
    for each in everybody:
        yield from search(desk, each)
    yield from at_station(desk, CREATE, PROCEED, {"integration_id": patient["integration_id"]})
    for each in (*everybody, *everybody):
        yield from search(desk, each)
    yield from asks_for(desk, patient["patient_id"])


@play(
    "case-operations.create-case.of-an-owner",
    aims=("CASE-001", "CASE-007"),
    needs=("writes", "operator", "fixtures", "prepared", "alone"),
)
def a_case_of_somebody_with_cases(desk: Desk) -> Steps:
    """A case is started for prepared patients; what their lists say of the patients and of the other cases stays."""
    for patient in owners(desk)[:2]:
        yield from search(desk, patient)
        yield from at_station(desk, CREATE, PROCEED, {"integration_id": patient})
        yield from search(desk, patient)
        yield from search(desk, patient)


@play("case-operations.create-case.other-case", aims=("CASE-004",), needs=("writes", "operator"))
def a_case_of_almost_that_patient(desk: Desk) -> Steps:
    """The patient's id in other letters, and the patient's visible id, are nobody's integration id."""
    stem = desk.text()
    patient = yield from created(desk, integration_id=desk.fresh("integration_id", stem + "a"))
    for wrong in (desk.fresh("integration_id", stem + "A"), desk.fresh("integration_id", patient["patient_id"])):
        yield from at_station(desk, CREATE, PROCEED, {"integration_id": wrong})


@play(
    "case-operations.near-misses",
    aims=("CASE-004", "FND-001", "FND-004"),
    needs=("writes", "operator"),
)
def somebody_with_almost_that_id(desk: Desk) -> Steps:
    """No case is found or started under ids that nobody has, though somebody with a case has almost the same."""
    for whole, misses in akin(desk.text(), desk.digits()):
        patient = {"integration_id": desk.fresh("integration_id", whole)}
        yield from created(desk, **patient)
        yield from at_station(desk, CREATE, PROCEED, patient)
        yield from search(desk, whole)
        fresh = [desk.fresh("integration_id", miss) for miss in misses]
        for miss in fresh:
            yield from search(desk, miss)
        for miss in fresh[:LIKELY]:
            yield from at_station(desk, CREATE, PROCEED, {"integration_id": miss})


@play(
    "case-operations.select-case.of-each-patient",
    aims=("SCS-001", "SCS-003"),
    needs=("writes", "operator", "fixtures", "prepared"),
)
def cases_of_each_patient(desk: Desk) -> Steps:
    """The first and the last case of some prepared patients: what is found for one is found for all."""
    for patient in owners(desk)[:4]:
        found = [str(record.guid("case")) for record in (yield from cases_of(desk, patient)) if record.guid("case")]
        for case in dict.fromkeys([*found[:1], *found[-1:]]):
            yield from at_station(desk, SELECT, PROCEED, {"case": case})


@play(
    "case-operations.select-case.existing",
    aims=("SCS-001", "SCS-006", "SCS-007", "SCS-016"),
    needs=("writes", "operator", "fixtures", "prepared"),
)
def an_existing_case(desk: Desk) -> Steps:
    """The patient's cases before, the selection, the cases after; then by status, which must be as it was."""
    patient, case = yield from any_case(desk)
    yield from search(desk, patient, is_created="True")
    yield from at_station(desk, SELECT, PROCEED, {"case": case})
    yield from search(desk, patient)
    yield from search(desk, patient, is_created="True")
