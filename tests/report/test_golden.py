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
