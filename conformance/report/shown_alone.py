"""Whether files that tell a finding again show it: what somebody pastes must break that row, and bring up no other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.judge import Ledger, judge_recording
from conformance.report.retold import judging
from conformance.spec import Spec
from conformance.trace.lines import SUFFIX

MOST_CHECKED = 100
"""Findings of one report whose files are judged; those after them are told by their capsules."""


def judged_by(files: Mapping[str, str], row: str, ledger: Ledger, spec: Spec) -> tuple[str, ...]:
    """The command that judges the files of a finding, where they show it by themselves."""
    known = {finding.requirement for finding in ledger.findings if finding.requirement}
    return (judging(files),) if files and _show(files, row, known, spec) else ()


def _show(files: Mapping[str, str], row: str, known: Collection[str], spec: Spec) -> bool:
    """True when the files break the row, and no other but those that the run broke as well (``known``)."""
    with TemporaryDirectory(prefix="threedd-shown-", ignore_cleanup_errors=True) as scratch:
        for name, text in files.items():
            path = Path(scratch) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n" if name.endswith(SUFFIX) else "\r\n")
        judged = judge_recording(Path(scratch) / next(iter(files)).split("/", maxsplit=1)[0], spec)
    broken = {finding.requirement for finding in judged.ledger.findings if finding.requirement}
    return row in broken and broken <= {row, *known}
