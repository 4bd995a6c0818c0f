"""junit.xml from a ledger, for runs that pytest does not run: a test case per requirement, a class per heading.

pytest's own writer takes its test items and nothing else, and the packages that build such a document know no more of
it than the three elements below.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from conformance.judge import Finding, Ledger, Row, Standing
from conformance.report.words import STANDING_WORDS

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, however it is escaped."""
_BROKEN = (Standing.FAIL, Standing.ERROR)


def junit(ledger: Ledger, duration_s: float) -> str:
    """The document as text. What was not observed is skipped, with the reason; advice fails no test case."""
    rows = [row for row in ledger.rows if row.in_profile]
    failed = sum(row.standing is Standing.FAIL for row in rows)
    errors = sum(row.standing is Standing.ERROR for row in rows)
    skipped = sum(row.standing not in (*_BROKEN, Standing.PASS) for row in rows)
    name = quoteattr(_clean(ledger.about.get("subject", "") or "conformance run"))
    counts = f'tests="{len(rows)}" failures="{failed}" errors="{errors}" skipped="{skipped}" time="{duration_s:.3f}"'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>", f"<testsuite name={name} {counts}>"]
    for row in rows:
        lines.append(_case(row, [each for each in ledger.findings if each.requirement == row.id]))
    return "\n".join((*lines, "</testsuite>", "</testsuites>", ""))


def _case(row: Row, findings: list[Finding]) -> str:
    told = "\n".join(f"expected {each.expected}; observed {each.observed}" for each in findings)
    head = f"<testcase classname={quoteattr(_clean(row.heading))} name={quoteattr(_clean(f'{row.id} {row.text}'))}"
    if row.standing is Standing.PASS:
        return f"{head}/>"
    if row.standing in _BROKEN:
        kind = "failure" if row.standing is Standing.FAIL else "error"
        return f"{head}><{kind} message={quoteattr(_clean(row.text))}>{escape(_clean(told))}</{kind}></testcase>"
    why = f"{STANDING_WORDS[row.standing]}: {row.reason or told}".removesuffix(": ")
    return f"{head}><skipped message={quoteattr(_clean(why))}/></testcase>"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
