"""What a PMS never makes use of, though it could: rows about that are not applicable, and no run waits for them."""

import pytest

from conformance.judge import DECLINED, DECLINED_STEPS, Monitor, Standing
from conformance.spec import load
from conformance.trace import NoteKind, call, done, note, order, realise, shown

ROW = "CASE-014"  # the id of an operation, where given, is well formed
BEGIN = order("create_case", person="17")
NAMELESS = call("create_case", integration_id="A", station=7)
NAMED = call("create_case", integration_id="A", station=7, operation=1)


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def row(spec):
    """``row(sketch, id)`` -> that row of the ledger."""

    def judged(sketch, requirement=ROW):
        monitor = Monitor(spec, profile=spec.profile["pms"])
        for event in realise(sketch, spec):
            monitor.feed(event)
        return monitor.finish().row(requirement)

    return judged


def skipped(whose):
    return note(NoteKind.SKIPPED, play="create-case", reason="why", aims=ROW, whose=whose)


def test_what_is_optional_and_never_given_is_not_applicable(row):
    found = row(BEGIN + NAMELESS + done())

    assert found.standing is Standing.NOT_APPLICABLE
    assert found.reason == "nothing to judge for a PMS that never gives or shows RequestId"


def test_what_is_given_once_is_judged(row):
    assert row(BEGIN + NAMELESS + NAMED + done()).standing is Standing.PASS


@pytest.mark.parametrize(
    "sketch",
    [
        BEGIN + done("refused"),
        NAMELESS,
        BEGIN + NAMELESS + done() + skipped("set-up"),
    ],
    ids=["no call", "nobody told the PMS anything", "left out by the user"],
)
def test_without_a_chance_it_is_not_observed(sketch, row):
    assert row(sketch).standing is Standing.NOT_OBSERVED


def test_a_scenario_that_ended_early_for_what_the_pms_did_takes_no_chance_away(row):
    assert row(BEGIN + NAMELESS + done() + skipped("subject")).standing is Standing.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("told", "standing"), [({"lab": "A"}, "NOT_APPLICABLE"), ({"sent": "2020-01-01"}, "NOT_OBSERVED")]
)
def test_a_field_that_is_never_shown_is_not_waited_for(told, standing, row):
    find = order("find_cases", person="17") + call("find_cases", integration_id="A", answer=[])

    assert row(find + shown("case", case=1, **told) + done(), "INF-041").standing == standing


def test_rows_of_steps_that_turned_out_to_be_unsupported_are_told_with_them(row):
    told = note(NoteKind.RUN, **{DECLINED: f"PAT-071 {ROW}", DECLINED_STEPS: "create_patient at the server"})
    found = row(told)

    assert found.standing is Standing.NOT_APPLICABLE
    assert found.reason.endswith("what the PMS does not support: create_patient at the server")
