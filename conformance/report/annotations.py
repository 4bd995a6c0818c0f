"""Findings as annotations of a CI job: the lines that GitHub Actions shows beside a run."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge import Finding, Ledger, RunVerdict, Standing
from conformance.report.words import RUN_WORDS, by_gravity, gravity_of, times

MOST = 10
"""Of one kind; GitHub shows no more of a step."""
_LEVELS = {Standing.FAIL: "error", Standing.ERROR: "error"}


def github(ledger: Ledger) -> Iterator[str]:
    """Workflow commands, the gravest finding first; the verdict last unless the run passed."""
    shown = {"error": 0, "warning": 0}
    for finding in by_gravity(ledger.findings, ledger):
        level = _LEVELS.get(finding.standing, "warning")
        shown[level] += 1
        if shown[level] < MOST:
            yield _line(level, *_told(finding, ledger))
    if ledger.verdict is not RunVerdict.PASS:
        level = "error" if ledger.verdict is RunVerdict.FAIL else "warning"
        yield _line(level, f"{ledger.verdict}", f"{RUN_WORDS[ledger.verdict]} The report says more.")


def _told(finding: Finding, ledger: Ledger) -> tuple[str, str]:
    if not finding.requirement:
        return finding.reading, f"expected {finding.expected}; observed {finding.observed}"
    row = ledger.row(finding.requirement)
    seen = f"expected {finding.expected}; observed {finding.observed} ({times(finding.occurrences)})"
    return f"{row.id} ({gravity_of(row)}, {row.heading})", f"{row.text}\n{seen}"


def _line(level: str, title: str, text: str) -> str:
    return f"::{level} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
