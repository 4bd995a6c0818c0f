"""Each miniature PMS with one fault fails the rows that it declares, and no others; the right one fails none."""

import pytest

from conformance.spec import load
from conformance.spec.scenarios import pms_scenarios
from tests.honesty.in_process_pms import play
from tests.honesty.pms_killing import GENERAL, PMS_MATRIX, UNSEEN, of_matrix, played, right, sinners, unbroken

SINNERS = sinners()


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def matrix():
    return of_matrix(PMS_MATRIX.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(SINNERS))
def test_a_faulty_pms_breaks_what_it_declares_and_nothing_else(name, spec):
    """With few scenarios, so that some rows may stay unseen; with all that aim at its rows where none was seen."""
    declared = set(SINNERS[name].breaks)
    outcome = played(name, spec, few=True)
    outcome = outcome if outcome.failed() else played(name, spec)

    assert outcome.failed()
    assert outcome.failed() <= declared, outcome.why()


def test_the_right_pms_breaks_nothing(spec):
    outcome = play(spec, right(), [scenario for scenario in pms_scenarios(spec) if scenario.name in GENERAL])

    assert outcome.failed() == set(), outcome.why()


@pytest.mark.parametrize("name", sorted(SINNERS))
def test_the_committed_matrix_shows_each_faulty_pms(name, matrix):
    stale = "stale; run: python -m tests.honesty pms-kill --write"

    assert matrix.get(name) == set(SINNERS[name].breaks), stale


def test_the_matrix_shows_no_others(matrix):
    assert matrix.keys() <= SINNERS.keys()


def test_every_row_that_a_pms_must_keep_has_a_faulty_pms(spec):
    assert unbroken(spec) == sorted(UNSEEN)
