"""Patients selected at stations: mapped ones, unknown ones, and calls that lack something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from conformance.spec import Condition, Outcome, Spec
from conformance.suite.near_misses import LIKELY, akin
from conformance.suite.patient_steps import (
    CREATE,
    SELECT,
    another_station,
    asks_for,
    at_station,
    breaking,
    created,
    phrase,
    shows_refusal,
    sound,
    subsets,
)
from conformance.suite.play import Desk, Dialog, Play, Steps, play

PROCEED = [(Dialog.PAGE, "proceed")]

_ALONE = {
    Condition.MISSING: ("SEL-002", "SEL-003", "SEL-008"),
    Condition.NO_STATION: ("SEL-004", "SEL-005", "SEL-008"),
    Condition.UNKNOWN: ("SEL-006", "SEL-008", "SEL-009"),
}


def plays(spec: Spec) -> Iterable[Play]:
    """Each condition of a selection broken alone, and every set of them at once."""
    method = spec.method[SELECT]
    for outcome in method.outcomes:
        needs = {"writes"} if outcome.condition is Condition.NO_STATION else {"writes", "operator"}
        aims = _ALONE.get(outcome.condition, ())
        yield Play(f"selection.{phrase([outcome])}", aims, frozenset(needs), partial(_broken, outcomes=[outcome]), "")
    for outcomes in subsets(method):
        stationless = any(outcome.condition is Condition.NO_STATION for outcome in outcomes)
        needs = {"writes"} if stationless else {"writes", "operator"}
        yield Play(
            f"selection.{phrase(outcomes)}", ("SEL-007",), frozenset(needs), partial(_broken, outcomes=outcomes), ""
        )


def _broken(desk: Desk, outcomes: Sequence[Outcome]) -> Steps:
    """Conditions broken, what is missing absent and then empty; nobody is created by it."""
    stationless = any(outcome.condition is Condition.NO_STATION for outcome in outcomes)
    for empty in (False, True):
        values = yield from sound(desk, SELECT)
        wrong = yield from breaking(desk, values, outcomes, empty=empty)
        if stationless:
            yield from desk.done(SELECT, **wrong)
        else:
            yield from at_station(desk, SELECT, PROCEED, wrong)
        asked = wrong.get("integration_id", "")
        if asked and asked != values["integration_id"]:
            yield from desk.done(CREATE, **desk.patient(integration_id=asked))


@play("selection.mapped", aims=("SEL-001", "SEL-010", "SEL-014"), needs=("writes", "operator"))
def a_mapped_patient(desk: Desk) -> Steps:
    """A patient just created, who has its patient id afterwards, and one that was declared."""
    yield from shows_refusal(desk)
    patient = yield from created(desk)
    yield from at_station(desk, SELECT, PROCEED, {"integration_id": patient["integration_id"]})
    yield from asks_for(desk, patient["patient_id"])
    for declared in desk.fixtures("patient")[:1]:
        values = {"integration_id": declared["integration_id"], "station": another_station(desk)}
        yield from at_station(desk, SELECT, PROCEED, values)


@play("selection.near-misses", aims=("SEL-006",), needs=("writes", "operator"))
def patients_with_almost_that_id(desk: Desk) -> Steps:
    """Ids that nobody has, though somebody has one that is almost the same."""
    for whole, misses in akin(desk.text(), desk.digits()):
        yield from created(desk, integration_id=desk.fresh("integration_id", whole))
        for miss in misses[:LIKELY]:
            yield from at_station(desk, SELECT, PROCEED, {"integration_id": desk.fresh("integration_id", miss)})
