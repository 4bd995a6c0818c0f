"""What verdicts mean, in the words of somebody who reads a report and not this code."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.judge import Again, Finding, Ledger, RunVerdict, Standing, Whose

RUN_WORDS: Mapping[RunVerdict, str] = {
    RunVerdict.PASS: "Every mandatory requirement was seen to be kept, and none was broken.",
    RunVerdict.FAIL: "At least one requirement was broken.",
    RunVerdict.ERROR: "A rule of the harness broke down; nothing can be said until it is corrected.",
    RunVerdict.INCOMPLETE: "Nothing was broken, but not everything that matters was seen.",
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
    "erased": "data of a patient may be erased",
    "mixed-up": "two patients may be mixed up",
    "leaked": "data of a patient may reach others",
    "lost": "work of the clinic may be lost",
    "nuisance": "users are hindered",
}


def standing_of(finding: Finding) -> str:
    """What happened, in words; a finding about a reading breaks nothing."""
    if finding.reading and finding.standing is Standing.ADVISORY:
        return "to be noted"
    return STANDING_WORDS[finding.standing]


def tally_of(ledger: Ledger) -> dict[Standing, int]:
    """How many rows of the profile stand how, in the order of gravity; those that occur only."""
    rows = [row for row in ledger.rows if row.in_profile]
    counted = {standing: sum(row.standing is standing for row in rows) for standing in Standing}
    return {standing: count for standing, count in counted.items() if count}


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
