"""Each miniature PMS with one fault fails the rows that it declares, and no others; the right one fails none."""

import pytest

from conformance.spec import load
from tests.honesty.pms_killing import PMS_MATRIX, line, played, pms_matrix, right_played, sinners, unbroken

SINNERS = sinners()
STALE = "stale; run: python -m tests.honesty pms-kill --write"


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.mark.parametrize("name", sorted(SINNERS))
def test_a_faulty_pms_breaks_what_it_declares_and_nothing_else(name, spec):
    """With few scenarios, so that some rows may stay unseen; with all that aim at its rows where none was seen."""
    declared = set(SINNERS[name].breaks)
    few = played(name, spec, few=True)
    outcome = few if few.failed() else played(name, spec)

    assert outcome.failed()
    assert outcome.failed() <= declared, outcome.why()


def test_the_right_pms_breaks_nothing(spec):
    outcome = right_played(spec)

    assert outcome.failed() == set(), outcome.why()


@pytest.mark.parametrize("name", sorted(SINNERS))
def test_the_committed_matrix_shows_each_faulty_pms(name):
    assert line(name) in PMS_MATRIX.read_text(encoding="utf-8"), STALE


def test_the_committed_matrix_shows_no_others():
    assert PMS_MATRIX.read_text(encoding="utf-8") == pms_matrix(), STALE


def test_every_row_that_a_pms_must_keep_has_a_faulty_pms(spec):
    assert unbroken(spec) == []
