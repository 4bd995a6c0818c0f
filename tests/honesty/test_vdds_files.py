"""Each exchange by VDDS media is what its folder claims."""

import pytest

from conformance.spec import JudgedBy, load
from tests.honesty.vdds_files import MATRIX, declared, exchanges, found, matrix

SPEC = load()
WITH_ORDERS = {
    f"VDDS-{number}"
    for number in (
        *("016", "017", "018", "021", "022", "026", "029", "036"),
        *("037", "038", "039", "081", "082", "083"),
    )
}
"""Rows that need to know what the PMS was told; files alone do not say."""
WITH_EYES = {"VDDS-013", "VDDS-024", "VDDS-035", "VDDS-058", "VDDS-065", "VDDS-072", "VDDS-075", "VDDS-080"}
"""Rows about what only somebody sees who was there: the start of a program, a second look, another state."""


@pytest.mark.parametrize("path", exchanges("good"), ids=lambda path: path.name)
def test_a_right_exchange_breaks_nothing(path):
    assert found(path, SPEC) == (set(), [])


@pytest.mark.parametrize("path", exchanges("bad"), ids=lambda path: path.name)
def test_a_wrong_exchange_breaks_what_it_declares_and_nothing_else(path):
    assert found(path, SPEC) == (declared(path), [])


def test_there_are_many_wrong_exchanges_and_each_declares_something():
    assert len(exchanges("bad")) >= 30
    assert [path.name for path in exchanges("bad") if not declared(path)] == []


def test_every_row_that_files_can_break_is_broken_by_some():
    rows = {row.id for row in SPEC.requirements if row.id.startswith("VDDS-") and row.judged_by is not JudgedBy.NOBODY}
    broken = {row for path in exchanges("bad") for row in declared(path)}

    assert rows - broken == WITH_ORDERS | WITH_EYES


def test_the_committed_matrix_is_up_to_date():
    assert MATRIX.read_text(encoding="utf-8") == matrix(SPEC), (
        "reports/vdds-kill-matrix.md is stale; run: python -m tests.honesty.vdds_files"
    )
