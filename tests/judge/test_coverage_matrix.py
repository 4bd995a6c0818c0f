"""The committed coverage matrix, and how it is made."""

import pytest

from conformance.command.coverage import Coverage, by_row, matrix
from conformance.command.spec import coverage_of, matrix_path
from conformance.spec import Binds, JudgedBy


@pytest.fixture
def rows(small):
    return (
        small.requirement("ONE-001"),
        small.requirement("TWO-001"),
        small.requirement("PMS-001", Binds.PMS),
        small.requirement("SHP-001", judged_by=JudgedBy.SHAPE, target="ClientInfo.ClientId"),
        small.requirement("NOT-001", judged_by=JudgedBy.NOBODY, reason="a person would have to look"),
    )


@pytest.fixture
def text(small, rows):
    plays = {"ONE-001": tuple(f"play.{n}" for n in range(6))}
    return matrix(Coverage(small.spec(*rows), small.rules("ONE-001"), plays, {"ONE-001": ("lies",), "OLD-001": ("x",)}))


def test_the_committed_matrix_is_up_to_date(real_spec):
    assert matrix_path().read_text(encoding="utf-8") == matrix(coverage_of(real_spec)), (
        "reports/coverage.md is stale; run: threedd spec coverage --write"
    )


def test_a_row_is_shown_with_rule_plays_and_faults(text):
    assert (
        "| ONE-001 | server | What ONE-001 says. | one-001 | play.0, play.1, play.2, play.3, and 2 more | lies |"
        in text
    )


def test_a_row_without_a_rule_stands_out(text):
    assert "| TWO-001 | server | What TWO-001 says. | **nobody** |  |  |" in text


def test_shapes_and_reasons_are_shown(text):
    assert "| shape of ClientInfo.ClientId |" in text
    assert "| - (a person would have to look) |" in text


def test_totals_count_server_rows_that_are_aimed_at_and_proven(text):
    assert "| **all** | 5 | 2 | 1 | 1 of 3 | 1 of 3 |" in text


def test_names_of_rows_that_do_not_exist_are_listed(text):
    assert "Rows named by faults and not in the spec: OLD-001." in text


def test_names_are_turned_round():
    assert by_row([("b", ["X", "Y"]), ("a", ["X"])]) == {"X": ("a", "b"), "Y": ("b",)}
