"""Searching for the cases of a patient: that only theirs are found, and who has none."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from conformance.rules.case_knowledge import (
    SKIPPED_HTTP,
    amount,
    asked,
    criteria,
    documented,
    ordinary,
    owner_of,
    patient_of,
    ranges,
    undisturbed,
)
from conformance.rules.case_sketches import case, declared, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, State, call, folded, fresh, listing, poll
from conformance.wire import parse_guid

FIRST, SECOND = case(1), case(2)
OF_B = case(5, "B")
MADE = fresh("A") + call("create_patient", integration_id="A", last_name="Fox", operation=1) + poll(1, "processed")


# -- whose cases ----------------------------------------------------------------------------------------------


@rule(
    "FND-001",
    judges="find_cases",
    accepts=[
        search(FIRST),
        search(OF_B, patient="B") + search(FIRST),
        declared(5, "B") + search(FIRST),
        search(FIRST, is_created="True"),
    ],
    rejects=[
        search(OF_B, patient="B") + search(FIRST, OF_B),
        search(OF_B, patient="B") + search(FIRST, case(5)),
        declared(5, "B") + search(case(5)),
        declared(5, "B") + search(FIRST, case(5, integration_id=None)),
        search(patient="B") + call("update_patient", integration_id="B", last_name="F", operation=1) + search(OF_B),
    ],
    ignores=[
        search(),
        search(FIRST, patient=None),
        declared(1) + search(FIRST, patient="a"),
        search(FIRST).refused(500),
    ],
)
def a_search_finds_the_cases_of_that_patient_only(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """No case belongs to somebody else, by declaration, by an earlier answer, or by its own word.

    Not triggered for an id in use that differs in case only: that is a clause of its own.
    """
    found = listing(exchange)
    if not found or not exchange.given("integration_id") or not ordinary(exchange):
        return None
    mine, proven = patient_of(exchange), False
    for number, record in found.items():
        owner = owner_of(history, number, record, exchange)
        if owner is None:
            continue
        whose, evidence = owner
        if whose == mine:
            proven = True
        elif folded(whose) != folded(mine):
            expected = f"only cases of the patient asked for, {mine}"
            return breaks(expected, f"case {number}, which belongs to {whose}", evidence, exchange)
    return holds(exchange) if proven else None


@rule(
    "FND-004",
    judges="find_cases",
    accepts=[
        fresh("A") + search(),
        fresh("A") + search().refused(404),
        fresh("A") + search().refused(400),
        fresh("A") + search().but(body=b""),
    ],
    rejects=[fresh("A") + search(FIRST), fresh("A") + search(OF_B), fresh("A") + search(FIRST, is_modelled="True")],
    ignores=[search(FIRST), declared(1) + search(FIRST), MADE + search(FIRST), fresh("A") + search().refused(503)],
)
def an_unknown_patient_has_no_cases(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """An integration id that no patient has brings no case; a refusal will do."""
    if not exchange.given("integration_id") or not ordinary(exchange) or exchange.http_status in SKIPPED_HTTP:
        return None
    proof = history.proofs.integration_id(patient_of(exchange), exchange)
    if proof.state is not State.ABSENT:
        return None
    return _none_found(exchange, "no case, since no patient has that integration id", *proof.evidence)


def _none_found(exchange: Exchange, expected: str, *evidence: int) -> Verdict | None:
    found = listing(exchange)
    if found is None:
        return None if exchange.succeeded else holds(*evidence, exchange)
    return judged(not found, expected, f"{amount(found)}, such as {next(iter(found), '')}", *evidence, exchange)


@rule(
    "FND-005",
    judges="find_cases",
    accepts=[
        search(patient=None).refused(400),
        search(patient=None),
        search(patient="").refused(404),
        search(patient=None, is_created="True").refused(400),
    ],
    rejects=[search(FIRST, patient=None), search(OF_B, patient=""), search(FIRST, patient=None, is_created="True")],
    ignores=[search(FIRST), search(patient=None).refused(401), search(patient=None).but(target="/x").refused(404)],
)
def no_search_goes_without_a_patient(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Without an integration id nobody's cases are found; a refusal will do."""
    if exchange.given("integration_id") or not ordinary(exchange) or exchange.http_status in SKIPPED_HTTP:
        return None
    return _none_found(exchange, "a refusal, or no case: no patient was named")


@rule(
    "FND-009",
    judges="find_cases",
    accepts=[
        declared(1) + search(patient="a"),
        search(FIRST) + search(patient="a").refused(404),
        search(FIRST) + search(case(5, "a"), patient="a"),
    ],
    rejects=[
        declared(1) + search(FIRST, patient="a"),
        search(FIRST) + search(FIRST, patient="a"),
        search(FIRST) + search(case(1, "a"), patient="a"),
    ],
    ignores=[search(FIRST, patient="a"), fresh("A") + search(patient="a"), search(FIRST) + search(patient="b")],
)
def integration_ids_in_another_case_are_others(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same letters in another case do not find the patient's cases."""
    if not exchange.given("integration_id") or not ordinary(exchange) or exchange.http_status in SKIPPED_HTTP:
        return None
    others = {
        number: (spelling, evidence)
        for spelling in history.cases.other_spellings(patient_of(exchange))
        for number, evidence in _cases_of(history, spelling, exchange).items()
    }
    found = listing(exchange)
    if not others or (found is None and exchange.succeeded):
        return None
    taken = [number for number in found or () if number in others]
    if not taken:
        return holds(*[evidence for _, evidence in others.values()][:1], exchange)
    spelling, evidence = others[taken[0]]
    expected = f"no case of {spelling}, an id that differs in upper and lower case"
    return breaks(expected, f"case {taken[0]}, which belongs to it", evidence, exchange)


def _cases_of(history: History, patient: str, before: Exchange) -> Mapping[UUID, int]:
    """The cases of a patient, declared or shown by its own newest searches, each with the event that says so."""
    found: dict[UUID, int] = {}
    for noted in history.cases.declared_cases(patient):
        number = parse_guid(noted.data["case"])
        if noted.number < before.number and isinstance(number, UUID):
            found[number] = noted.number
    for other in list(history.cases.searches(patient))[-3:]:
        if other.before(before) and undisturbed(history, other, before):
            for number, record in (listing(other) or {}).items():
                if record.text("integration_id") in ("", patient):
                    found.setdefault(number, other.number)
    return found


@rule(
    "FND-007",
    judges="find_cases",
    accepts=[MADE + search(), declared(1) + search(FIRST, created_from="2019-01-01"), search(FIRST) + search(FIRST)],
    rejects=[
        MADE + search().refused(404),
        declared(1) + search(is_created="True").refused(400),
        declared(1) + search(delivered_to="2019-01-01").refused(500),
        declared(1) + search(is_scanned="False").refused(404),
    ],
    ignores=[
        search().refused(404),
        declared(1) + search(created_from="2019-13-13").refused(400),
        declared(1) + search(created_from="2019-02-01", created_to="2019-01-01").refused(400),
        declared(1) + search().refused(401),
        declared(1) + search(is_created="yes").refused(400),
    ],
)
def a_search_for_a_mapped_patient_is_answered(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A well-formed search for a patient who is there succeeds, whether or not there are cases to find."""
    if not documented(exchange, spec) or not ordinary(exchange) or not exchange.given("integration_id"):
        return None
    wish = criteria(exchange)
    proof = history.proofs.integration_id(patient_of(exchange), exchange)
    if not wish.sure or ranges(wish) or proof.state is not State.PRESENT:
        return None
    observed = f"HTTP {exchange.http_status} to {asked(exchange, spec)}"
    return judged(exchange.succeeded, "a list of cases, however short", observed, *proof.evidence, exchange)


# -- readings -----------------------------------------------------------------------------------------------


@observes(
    "FIND-UNKNOWN-PATIENT",
    judges="find_cases",
    shows=[
        (fresh("A") + search(), "empty-list"),
        (fresh("A") + search().refused(404), "not-found"),
        (fresh("A") + search().refused(400), "bad-request"),
        (search(), ""),
    ],
)
def what_an_unknown_patient_brings(history: History, exchange: Exchange, spec: Spec) -> str | None:
    unknown = history.proofs.integration_id(patient_of(exchange), exchange).state is State.ABSENT
    if not unknown or not documented(exchange, spec) or not ordinary(exchange) or _any_range(exchange):
        return None
    return {404: "not-found", 400: "bad-request"}.get(exchange.http_status) or _empty(exchange)


def _any_range(exchange: Exchange) -> bool:
    return bool(ranges(criteria(exchange)))


def _empty(exchange: Exchange) -> str | None:
    return "empty-list" if listing(exchange) == {} else None


@observes(
    "FIND-WITHOUT-PATIENT",
    judges="find_cases",
    shows=[
        (search(patient=None).refused(400), "bad-request"),
        (search(patient=None), "empty-list"),
        (search(), ""),
        (search(patient=None, is_created="perhaps").refused(400), ""),
    ],
)
def what_a_search_without_a_patient_brings(history: History, exchange: Exchange, spec: Spec) -> str | None:
    if exchange.given("integration_id") or not documented(exchange, spec) or _any_range(exchange):
        return None
    if exchange.http_status == 400 and not criteria(exchange).sure:
        return None  # what cannot be read may be refused for its own sake
    return "bad-request" if exchange.http_status == 400 else _empty(exchange)
