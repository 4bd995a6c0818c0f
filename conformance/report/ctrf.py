"""ctrf.json: the ledger in the Common Test Report Format, a test per requirement, for dashboards that read it."""

from __future__ import annotations

import json
from typing import Any

from conformance.judge import Ledger, Row, Standing
from conformance.report.words import STANDING_WORDS, gravity_of

_STATUSES = {Standing.PASS: "passed", Standing.FAIL: "failed", Standing.ERROR: "failed"}
_NOT_NOW = (Standing.NOT_APPLICABLE, Standing.UNTESTABLE, Standing.WAIVED)


def ctrf(ledger: Ledger, duration_s: float) -> str:
    """The report as text. A ledger knows no time of day: the run begins at zero."""
    tests = [_test(row, ledger) for row in ledger.rows if row.in_profile]
    counts = {
        name: sum(test["status"] == name for test in tests)
        for name in ("passed", "failed", "pending", "skipped", "other")
    }
    about = ledger.about
    body = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "results": {
            "tool": {"name": "threedd-conformance", "version": about.get("harness", "").rpartition(" ")[2]},
            "summary": {"tests": len(tests), **counts, "start": 0, "stop": round(duration_s * 1000)},
            "tests": tests,
            "environment": {"testEnvironment": about.get("subject", ""), "reportName": f"{ledger.verdict}"},
            "extra": {"verdict": ledger.verdict.value, "spec": ledger.spec, "profile": ledger.profile},
        },
    }
    return json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _test(row: Row, ledger: Ledger) -> dict[str, Any]:
    found = [each for each in ledger.findings if each.requirement == row.id]
    told = [f"expected {each.expected}; observed {each.observed}" for each in found]
    return {
        "name": f"{row.id} {row.text}",
        "status": _STATUSES.get(row.standing, "skipped" if row.standing in _NOT_NOW else "other"),
        "rawStatus": row.standing.value,
        "duration": 0,
        "suite": row.heading,
        "type": f"requirement ({row.axis})",
        "tags": [row.id, gravity_of(row).value, row.obligation],
        "message": "\n".join(told) or (row.reason and f"{STANDING_WORDS[row.standing]}: {row.reason}"),
    }
