"""The writers, whole: one golden file per verdict and writer. Look at the difference before you renew one."""

import io

import pytest
from rich.console import Console

from conformance.report import html, markdown, print_ledger

VERDICTS = ["pass", "fail", "error", "inconclusive", "void"]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_page(runs, golden, verdict):
    golden(f"{verdict}.html", html(runs[verdict].view))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_summary(runs, golden, verdict):
    golden(f"{verdict}.md", markdown(runs[verdict].view))


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_ledger(runs, golden, verdict):
    golden(f"{verdict}.json", runs[verdict].ledger.to_json())


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_terminal(runs, golden, verdict):
    console = Console(file=io.StringIO(), width=110, color_system=None, legacy_windows=False)
    print_ledger(runs[verdict].ledger, console)

    golden(f"{verdict}.txt", console.file.getvalue())


def test_a_terminal_shows_a_table_and_a_pipe_whole_lines(runs):
    terminal, pipe = (
        Console(file=io.StringIO(), width=60, color_system=None, force_terminal=shown) for shown in (1, 0)
    )
    for console in (terminal, pipe):
        print_ledger(runs["fail"].ledger, console)

    assert "┏" in terminal.file.getvalue()
    assert "\n/CreatePatient: 2 rows, 1 broken, 1 advice not followed\n" in pipe.file.getvalue()
    assert "  TWO-001 (What TWO-001 says) was broken once\n" in pipe.file.getvalue()
