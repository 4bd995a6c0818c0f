"""Killed: each named fault fails the rows that it declares, and nothing else."""

from pathlib import Path

import pytest

from conformance.spec import load
from tests.honesty.killing import all_faults, broken_by, unkilled

FAULTS = all_faults()
MATRIX = Path(__file__).parents[2] / "reports" / "kill-matrix.md"


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_breaks_what_it_declares_and_nothing_else(name, spec):
    """With a few plays for each of those rows, so that some may stay unseen; all are played where none was seen."""
    broken = broken_by(name, spec, shortly=True) or broken_by(name, spec)

    assert broken
    assert broken <= set(FAULTS[name].breaks)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_the_committed_matrix_shows_each_fault(name):
    line = f"| {name} | {FAULTS[name].does} | {', '.join(sorted(FAULTS[name].breaks))} |"

    assert line in MATRIX.read_text(encoding="utf-8"), "stale; run: python -m tests.honesty kill --write"


def test_every_row_that_binds_the_server_has_a_fault(spec):
    assert unkilled(spec, FAULTS) == []
