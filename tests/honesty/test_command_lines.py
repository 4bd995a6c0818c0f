"""Each file of command lines is what its folder claims."""

import pytest

from conformance.spec import JudgedBy, load
from tests.honesty.command_lines import MATRIX, declared, files, found, matrix

SPEC = load()


@pytest.mark.parametrize("path", files("good"), ids=lambda path: path.stem)
def test_a_right_file_breaks_nothing(path):
    assert found(path, SPEC) == (set(), [])


@pytest.mark.parametrize("path", files("bad"), ids=lambda path: path.stem)
def test_a_wrong_file_breaks_what_it_declares_and_nothing_else(path):
    assert found(path, SPEC) == (declared(path), [])


def test_every_wrong_file_declares_something():
    assert [path.name for path in files("bad") if not declared(path)] == []


def test_every_row_about_command_lines_is_broken_by_some_file():
    rows = {row.id for row in SPEC.requirements if row.id.startswith("CLI-") and row.judged_by is not JudgedBy.NOBODY}
    broken = {row for path in files("bad") for row in declared(path)}

    # a line that long is made in the tests of hostile lines; what was not sent, or was sent besides, no line can show
    assert rows - broken == {"CLI-009", "CLI-028", "CLI-042", "CLI-043"}


def test_the_committed_matrix_is_up_to_date():
    assert MATRIX.read_text(encoding="utf-8") == matrix(SPEC), (
        "reports/command-line-kill-matrix.md is stale; run: python -m tests.honesty.command_lines"
    )
