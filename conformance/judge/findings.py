"""What went wrong, in groups, and whose it is."""

from __future__ import annotations

from dataclasses import replace

from conformance.judge.ledger import Again, Finding, Row, Standing, Whose
from conformance.judge.tally import KEPT, Group, Tally
from conformance.judge.terms import Terms
from conformance.rules import Result
from conformance.spec import Binds, Spec

REST = "Webservice (REST)"
"""The interface of a run whose ``about`` names no other."""
OWN_SERVER = "emulator"
"""What ``about["server"]`` says when the server under the run is the harness's own."""


def row_findings(rows: tuple[Row, ...], tally: Tally, terms: Terms, server: str) -> tuple[Finding, ...]:
    found = []
    for row in rows:
        for (result, _, _), group in tally.rows[row.id].groups.items() if row.counts.triggered else ():
            if result in (Result.FAIL, Result.ERROR) and row.standing is not Standing.NOT_APPLICABLE:
                found.append(_finding(row, result, group, tally, terms, server))
    return tuple(sorted(found, key=lambda finding: _LEVELS.index(finding.standing)))


_LEVELS = (Standing.FAIL, Standing.ERROR, Standing.WAIVED, Standing.ADVISORY)


def _finding(row: Row, result: Result, group: Group, tally: Tally, terms: Terms, server: str) -> Finding:
    verdict = group.first.verdict
    level = Standing.ERROR if result is Result.ERROR else Standing.FAIL
    if level is Standing.FAIL and row.standing in (Standing.ADVISORY, Standing.WAIVED):
        level = row.standing
    return Finding(
        requirement=row.id,
        reading="",
        standing=level,
        whose=Whose.OURS if result is Result.ERROR else _whose(row, terms, server),
        expected=verdict.expected.removeprefix("expected "),
        observed=verdict.observed.removeprefix("observed "),
        evidence=verdict.evidence,
        occurrences=group.count,
        exchanges=tuple(group.exchanges),
        plays=tuple(sorted(group.plays)[:KEPT]),
        who=tuple(sorted(group.who)),
        reproducible=_again(row.id, group, tally),
    )


def _whose(row: Row, terms: Terms, server: str) -> Whose:
    """The subject's, if its kind is bound; else that of the other side, which is ours when it is our emulator."""
    subject = terms.profile.binds if terms.profile else None
    if subject is None or row.binds in (subject, Binds.BOTH):
        return Whose.SUBJECT
    return Whose.OURS if row.binds == Binds.SERVER and server == OWN_SERVER else Whose.SET_UP


def _again(row: str, group: Group, tally: Tally) -> Again:
    told = {answer for play in (*group.plays, "") for answer in tally.confirmed.get((row, play), ())}
    if "yes" in told:
        return Again.YES
    return Again.NO if "no" in told else Again.NOT_TRIED


def reading_findings(tally: Tally, spec: Spec) -> tuple[Finding, ...]:
    found = []
    for reading in spec.readings:
        takes = tally.takes.get(reading.id, {})
        firsts = tuple(sorted(take.first for take in takes.values()))
        seen = " and ".join(f"{name} (exchange {take.first})" for name, take in sorted(takes.items()))
        outside = [name for name in sorted(takes) if name not in reading.conforming]
        if len(takes) > 1:
            found.append(_about(reading.id, "one reading throughout", seen, firsts))
        if outside:
            allowed = ", ".join(reading.conforming)
            found.append(_about(reading.id, f"one of {allowed}", ", ".join(outside), firsts))
        if reading.id in tally.broken_observers:
            broken = _about(reading.id, "", tally.broken_observers[reading.id], ())
            found.append(replace(broken, standing=Standing.ERROR, whose=Whose.OURS))
    return tuple(found)


def _about(reading: str, expected: str, observed: str, evidence: tuple[int, ...]) -> Finding:
    return Finding(
        "", reading, Standing.ADVISORY, Whose.GUIDE, expected, observed, evidence, 1, evidence, (), (), Again.NOT_TRIED
    )
