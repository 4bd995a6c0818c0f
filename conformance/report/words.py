"""What verdicts mean, in the words of somebody who reads a report and not this code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.judge import (
    ORDER_OF_HARM,
    Again,
    Finding,
    Gravity,
    Ledger,
    Row,
    RunVerdict,
    Standing,
    Whose,
    gravity,
)

RUN_WORDS: Mapping[RunVerdict, str] = {
    RunVerdict.PASS: "Every requirement that has to be seen was seen to be kept, and none was broken.",
    RunVerdict.FAIL: "At least one requirement was broken.",
    RunVerdict.ERROR: "A rule of the harness broke down; nothing can be said until it is corrected.",
    RunVerdict.INCOMPLETE: "The subject broke nothing that counts, but not everything that matters was seen.",
    RunVerdict.VOID: "The harness's own server misbehaved; the run says nothing about the subject.",
}
STANDING_WORDS: Mapping[Standing, str] = {
    Standing.FAIL: "broken",
    Standing.ADVISORY: "advice not followed",
    Standing.ERROR: "rule broke down",
    Standing.PASS: "kept",
    Standing.INCONCLUSIVE: "undecided",
    Standing.NOT_OBSERVED: "not observed",
    Standing.UNTESTABLE: "cannot be tested",
    Standing.NOT_APPLICABLE: "not applicable",
    Standing.WAIVED: "waived",
}
STANDING_MARKS: Mapping[Standing, str] = {
    Standing.FAIL: "✗",
    Standing.ADVISORY: "!",
    Standing.ERROR: "‼",
    Standing.PASS: "✓",
    Standing.INCONCLUSIVE: "?",
    Standing.NOT_OBSERVED: "○",
    Standing.UNTESTABLE: "–",
    Standing.NOT_APPLICABLE: "–",
    Standing.WAIVED: "w",
}
WHOSE_WORDS: Mapping[Whose, str] = {
    Whose.SUBJECT: "the subject",
    Whose.SET_UP: "the set-up (the other side of the recording)",
    Whose.GUIDE: "the guide, which leaves it open",
    Whose.OURS: "the harness",
}
AGAIN_WORDS: Mapping[Again, str] = {
    Again.YES: "yes, it came up again when provoked once more",
    Again.NO: "no, it did not come up again when provoked once more",
    Again.NOT_TRIED: "not tried",
}
HARM_WORDS: Mapping[str, str] = {
    "erased": "data of a patient may be erased: what the clinic had entered is gone, and nobody is told",
    "mixed-up": "two patients may be mixed up: scans, cases or images of one end up with another",
    "leaked": "data of a patient may reach others: whoever should not see it can",
    "lost": "work of the clinic may be lost: a scan, a case or an order has to be made again",
    "misled": "somebody may act on what is wrong: a date is another one than it looks",
    "nuisance": "users are hindered: they wait, are asked twice or are told nothing; no data suffers",
}
GRAVITY_WORDS: Mapping[Gravity, str] = {
    Gravity.GRAVE: "grave: a patient may come to harm",
    Gravity.SERIOUS: "serious: the clinic loses work",
    Gravity.MODERATE: "moderate: the guide is broken, people are hindered",
    Gravity.MINOR: "minor: advice of the guide that protects patients",
    Gravity.ADVICE: "advice",
}
AXIS_WORDS: Mapping[str, str] = {
    "guide": "Conforms to the guide",
    "field": "Works with what the field shows",
}


def standing_of(finding: Finding) -> str:
    """What happened, in words; a finding about a reading breaks nothing."""
    if finding.reading and finding.standing is Standing.ADVISORY:
        return "to be noted"
    return STANDING_WORDS[finding.standing]


def by_gravity(findings: Iterable[Finding], ledger: Ledger) -> list[Finding]:
    """The findings, those first that matter most: broken before advice, then by obligation and harm."""
    rows = {row.id: row for row in ledger.rows}
    return sorted(findings, key=lambda finding: _rank(finding, rows.get(finding.requirement)))


def _rank(finding: Finding, row: Row | None) -> tuple[int, int, int]:
    standing = list(_FIRST).index(finding.standing) if finding.standing in _FIRST else len(_FIRST)
    if row is None:
        return (standing, len(Gravity), 0)
    return (standing, list(Gravity).index(gravity_of(row)), ORDER_OF_HARM.index(row.harm))


_FIRST = (Standing.FAIL, Standing.ERROR, Standing.WAIVED, Standing.ADVISORY)


def gravity_of(row: Row) -> Gravity:
    """How grave a breach of that row is."""
    return gravity(row.obligation, row.harm, row.axis)


def tally_of(ledger: Ledger, axis: str = "guide") -> dict[Standing, int]:
    """How many rows of the profile stand how on one axis, in the order of gravity; those that occur only."""
    rows = [row for row in ledger.rows if row.in_profile and row.axis == axis]
    counted = {standing: sum(row.standing is standing for row in rows) for standing in Standing}
    return {standing: count for standing, count in counted.items() if count}


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
