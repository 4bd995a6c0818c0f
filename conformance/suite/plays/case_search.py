"""Searches for the cases of a patient: all of them, again, of nobody, of others, and by a wrong id."""

from __future__ import annotations

from conformance.suite.case_steps import FIND, STATUSES, TRUE, owners, search
from conformance.suite.near_misses import alike
from conformance.suite.patient_steps import created
from conformance.suite.play import Desk, NotPossible, Steps, play
from conformance.suite.together import alone_and_together

ROUND = ("FND-001", "FND-002", "FND-003", "FND-007", "FND-008", "INF-008", "INF-009", "INF-040")


@play("case-search.everybody", aims=ROUND, needs=("fixtures",))
def everybody_and_again(desk: Desk) -> Steps:
    """All cases of each declared patient, the patients in turn, then once more in the other order."""
    patients = [each["integration_id"] for each in desk.fixtures("patient") if each.get("integration_id")]
    turn = list(dict.fromkeys([*owners(desk), *patients]))[:6]
    for patient in (*turn, *reversed(turn), turn[0]):
        yield from search(desk, patient)


@play("case-search.many-times", aims=("FND-003", "INF-040"), needs=("fixtures",))
def the_same_many_times(desk: Desk) -> Steps:
    """What is right at first may drift: the same search a dozen times, with others in between."""
    patient = owners(desk)[0]
    for turn in range(12):
        yield from search(desk, patient)
        yield from search(desk, patient, **{STATUSES[turn % len(STATUSES)]: TRUE})


@play("case-search.at-once", aims=(*ROUND, "TRN-020"), needs=("fixtures", "concurrency"))
def several_at_once(desk: Desk) -> Steps:
    """Searches for different patients, each of which has an answer of its own; then all at the same moment, twice."""
    patients = [*owners(desk)[:3], desk.fresh("integration_id")]
    yield from alone_and_together(desk, [desk.send(FIND, integration_id=patient) for patient in patients])


@play("case-search.new-patient", aims=("PAT-054", "FND-007", "FND-008"), needs=("writes",))
def a_patient_just_made(desk: Desk) -> Steps:
    """Before it is made, after, and with every criterion."""
    unmade = desk.fresh("integration_id")
    yield from search(desk, unmade)
    patient = yield from created(desk, integration_id=unmade)
    yield from search(desk, patient["integration_id"])
    for status in STATUSES:
        yield from search(desk, patient["integration_id"], **{status: TRUE})
    yield from search(desk, patient["integration_id"], created_from="2000-01-01", delivered_to="2100-01-01")


@play("case-search.namesake", aims=("PAT-054", "FND-001"), needs=("writes", "fixtures"))
def a_new_namesake_of_somebody_with_cases(desk: Desk) -> Steps:
    """The same names, the same birth date, other ids: a search by anything but the integration id mixes them up."""
    patient = owners(desk)[0]
    known = next(iter(desk.fixtures("patient", integration_id=patient)), None)
    if known is None or not known.get("last_name"):
        raise NotPossible("the names of a patient with cases are not declared")
    same = {role: known[role] for role in ("first_name", "last_name", "birth_date") if known.get(role)}
    namesake = yield from created(desk, **same)
    yield from search(desk, patient)
    yield from search(desk, namesake["integration_id"])
    yield from search(desk, namesake["integration_id"], is_created=TRUE)


@play("case-search.unknown-patient", aims=("FND-003", "FND-004"))
def an_integration_id_that_nobody_has(desk: Desk) -> Steps:
    """Plain, by status, by date, and plain once more."""
    unknown = desk.fresh("integration_id")
    yield from search(desk, unknown)
    yield from search(desk, unknown, is_created=TRUE)
    yield from search(desk, unknown, created_from="2000-01-01", created_to="2100-01-01")
    yield from search(desk, unknown)
    yield from search(desk, desk.fresh("integration_id"), is_modelled=TRUE, delivered_from="2000-01-01")


@play("case-search.almost-that-id", aims=("FND-001", "FND-004"), needs=("fixtures",))
def integration_ids_that_almost_match(desk: Desk) -> Steps:
    """Parts of an id, more than the id, what a database takes for any text, and the id as careless programs read it."""
    patient = owners(desk)[0]
    yield from search(desk, patient)
    for other in (patient[:-1], patient[1:], patient + "0", "0" + patient, patient[:-1] + "%", patient[:-1] + "_"):
        if other and not desk.fixtures("patient", integration_id=other):
            yield from search(desk, other)
    for other in ("%", "*", "?", "' or '1'='1", "null", desk.spec.empty_guid):
        yield from search(desk, other)
    for other in alike(patient):
        if other not in ("", patient) and not desk.fixtures("patient", integration_id=other):
            yield from search(desk, other)


@play("case-search.visible-id", aims=("FND-001",), needs=("fixtures",))
def the_visible_id_in_place_of_the_integration_id(desk: Desk) -> Steps:
    """The patient id, the names and the id of a case do not find a patient's cases."""
    tried = False
    for patient in owners(desk)[:2]:
        yield from search(desk, patient)
        for known in desk.fixtures("patient", integration_id=patient):
            for other in (known.get("patient_id"), known.get("last_name")):
                if other and not desk.fixtures("patient", integration_id=other):
                    tried = True
                    yield from search(desk, other)
        for case in desk.fixtures("case", integration_id=patient)[:1]:
            tried = True
            yield from search(desk, case["case"])
    if not tried:
        raise NotPossible("neither the patient ids nor the names of patients with cases are declared")


@play("case-search.no-patient", aims=("FND-005",))
def no_integration_id(desk: Desk) -> Steps:
    """Absent and empty, plain and with criteria."""
    for patient in (None, ""):
        yield from search(desk, patient)
        for status in STATUSES:
            yield from search(desk, patient, **{status: TRUE})
        yield from search(desk, patient, created_from="2000-01-01")
        yield from search(desk, patient, delivered_to="2100-01-01")


@play("case-search.other-case", aims=("FND-009",), needs=("fixtures",))
def the_same_letters_in_another_case(desk: Desk) -> Steps:
    """Each spelling of a known id that differs in upper and lower case, after the right one."""
    tried = False
    for patient in owners(desk)[:3]:
        yield from search(desk, patient)
        for other in dict.fromkeys((patient.upper(), patient.lower(), patient.swapcase(), patient.title())):
            if other != patient:
                tried = True
                yield from search(desk, other)
                yield from search(desk, other, is_modelled=TRUE)
    if not tried:
        raise NotPossible("no declared integration id has a letter")
