"""What must never pass: servers that do nothing, and runs that saw next to nothing."""

import contextlib
from dataclasses import replace

import pytest

from conformance.drive import NoOperator
from conformance.emulator.protocol import Response, WireFault
from conformance.judge import RunVerdict
from conformance.suite.run import Broken, Crashed, Skipped


@pytest.fixture
def ledger_of(run_on):
    """``ledger_of(staged)`` -> the ledger after every play and scenario."""

    def play_all(made, **settings):
        run = run_on(made, **settings)
        run.prepare()
        for play in (*run.plays(), *run.scenarios()):
            with contextlib.suppress(Broken, Skipped, Crashed):
                run.perform(play)
        return run.finish()

    return play_all


@pytest.mark.parametrize(
    "answer",
    [Response(200), Response(401), Response(404), Response(500), Response(200, wire=WireFault.RESET)],
    ids=["nothing", "refuses-everybody", "knows-no-method", "always-breaks", "hangs-up"],
)
def test_a_server_that_does_nothing_does_not_pass(answering, ledger_of, answer):
    ledger = ledger_of(answering(answer), only="s*")
    assert ledger.verdict in (RunVerdict.FAIL, RunVerdict.INCOMPLETE)
    assert ledger.reasons


def test_a_run_without_leave_fixtures_and_operator_is_incomplete_and_says_why(embedded, ledger_of):
    made = embedded(embedded=False, fixtures=(), operator=NoOperator())
    ledger = ledger_of(made, only="t*")
    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert any("was skipped" in reason for reason in ledger.reasons)


def test_one_play_is_not_enough(embedded, ledger_of):
    ledger = ledger_of(embedded(), only="transport.browser")
    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert any("not selected by --only" in reason for reason in ledger.reasons)


def test_rows_without_a_rule_are_told_as_such(embedded, ledger_of):
    made = embedded()
    made.oracle.monitor.rules = {}
    ledger = ledger_of(made, only="transport.browser")
    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert any("no rule in this build judges it" in reason for reason in ledger.reasons)


def test_a_profile_without_mandatory_rows_certifies_nothing(embedded, ledger_of):
    made = embedded()
    terms = made.oracle.monitor.terms
    made.oracle.monitor.terms = replace(terms, profile=replace(terms.profile, mandatory=frozenset()))
    ledger = ledger_of(made, only="transport.browser")
    assert ledger.verdict is RunVerdict.INCOMPLETE
