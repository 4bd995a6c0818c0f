"""The gate: four ways in which a run can look clean without being so, each of which ends without PASS."""

import pytest

from conformance.emulator.faults import Fault
from conformance.emulator.protocol import Response
from conformance.judge import Monitor, RunVerdict
from conformance.model import Answer, Outcome
from conformance.rules import catalogue
from conformance.spec import load
from tests.honesty.inside import run_inside


@pytest.fixture(scope="module")
def spec():
    return load()


class AnswersNothing(Fault):
    name = "answers-nothing"

    def response(self, request, response):
        return Response(200)


class RefusesEverything(Fault):
    name = "refuses-everything"

    def outcomes(self, call, outcomes, state):
        return (Outcome("refused", Answer(400)),)


class NeverLetsAnybodyIn(Fault):
    name = "never-lets-anybody-in"

    def admits(self, header, admitted, users):
        return False


@pytest.mark.parametrize("fault", [AnswersNothing(), RefusesEverything(), NeverLetsAnybodyIn()], ids=lambda f: f.name)
def test_a_server_that_does_nothing_for_anybody_does_not_pass(fault, spec):
    ledger = run_inside(spec, faults=(fault,), only="transport.").ledger

    assert ledger.verdict is RunVerdict.FAIL
    assert ledger.reasons


def test_a_run_that_skipped_nearly_everything_is_incomplete(spec):
    ledger = run_inside(spec, only="transport.browser").ledger

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert any("was not observed" in reason for reason in ledger.reasons)


def test_rows_whose_rules_are_gone_are_named(spec):
    rules = dict(catalogue())
    gone = sorted(row for row in rules if row in spec.profile["server"].mandatory)[:3]
    assert len(gone) == 3
    for row in gone:
        del rules[row]

    ledger = Monitor(spec, rules, spec.profile["server"]).finish()

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert all(any(row in reason and "no rule" in reason for reason in ledger.reasons) for row in gone)
