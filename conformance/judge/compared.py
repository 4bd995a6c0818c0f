"""Two ledgers side by side: what became worse, what better, and what is merely another than it was.

Worse is what a user would call a regression: a requirement that was kept and is broken, one that had to be observed and
no longer is, a fault that was not there. A row that only one of the two knows is shown and never counted: a spec that
grows makes no subject worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.judge.ledger import Finding, Ledger, Row, RunVerdict, Standing
from conformance.judge.tally import shape


class Turn(StrEnum):
    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True)
class Difference:
    """One thing that the two ledgers do not say alike."""

    what: str
    """Id of a requirement or reading, ``verdict``, or an entry of the ledger."""
    was: str
    now: str
    why: str
    turn: Turn

    @property
    def told(self) -> str:
        return f"{self.what}: was {self.was}, is {self.now}{f' ({self.why})' if self.why else ''}"


def compared(before: Ledger, after: Ledger, *, counts: bool = False) -> tuple[Difference, ...]:
    """All differences, the verdict first, then requirements, findings and readings; ``counts`` tells theirs as well."""
    found = [*_verdicts(before, after), *_rows(before, after, counts), *_findings(before, after)]
    return (*found, *_readings(before, after))


def regressions(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    return tuple(difference for difference in differences if difference.turn is Turn.WORSE)


# -- the run --------------------------------------------------------------------------------------------------

_VERDICTS: Mapping[RunVerdict, int] = {
    RunVerdict.FAIL: 0,
    RunVerdict.VOID: 1,
    RunVerdict.ERROR: 1,
    RunVerdict.INCOMPLETE: 2,
    RunVerdict.PASS: 3,
}


def _verdicts(before: Ledger, after: Ledger) -> Iterator[Difference]:
    if before.verdict is not after.verdict:
        more = f", and {len(after.reasons) - 1} more" if len(after.reasons) > 1 else ""
        why = f"{after.reasons[0]}{more}" if after.reasons else ""
        turn = _turn(_VERDICTS[before.verdict], _VERDICTS[after.verdict])
        yield Difference("verdict", before.verdict, after.verdict, why, turn)


def _turn(was: int, now: int) -> Turn:
    return Turn.OTHER if was == now else Turn.WORSE if now < was else Turn.BETTER


# -- requirements ---------------------------------------------------------------------------------------------

_STANDINGS: Mapping[Standing, int] = {
    Standing.FAIL: 0,
    Standing.ERROR: 1,
    Standing.ADVISORY: 2,
    Standing.INCONCLUSIVE: 3,
    Standing.NOT_OBSERVED: 3,
    Standing.PASS: 4,
}
"""From worst to best; what was switched off or waived by somebody is in no such order."""
_BROKEN = frozenset({Standing.FAIL, Standing.ERROR})
_UNSEEN = frozenset({Standing.INCONCLUSIVE, Standing.NOT_OBSERVED})
_ABSENT = "not in the ledger"
_MOST_WHY = 300


def _rows(before: Ledger, after: Ledger, counts: bool) -> Iterator[Difference]:
    old, new = {row.id: row for row in before.rows}, {row.id: row for row in after.rows}
    for id in sorted(old.keys() | new.keys()):
        was, now = old.get(id), new.get(id)
        if was is None or now is None:
            yield _known_to_one(id, was, now)
        elif was.standing is not now.standing:
            yield Difference(id, was.standing, now.standing, _why(was, now, before, after), _row_turn(was, now))
        elif counts and was.counts != now.counts:
            yield Difference(id, _counted(was), _counted(now), "the same standing", Turn.OTHER)


def _known_to_one(id: str, was: Row | None, now: Row | None) -> Difference:
    why = "its row is new, or was outside the profile" if was is None else "its row is gone, or outside the profile"
    told = (was.standing if was else _ABSENT, now.standing if now else _ABSENT)
    return Difference(id, *told, why, Turn.OTHER)


def _row_turn(was: Row, now: Row) -> Turn:
    if not now.in_profile:
        return Turn.OTHER
    if now.standing in _BROKEN and was.standing not in _STANDINGS:
        return Turn.WORSE
    if was.standing not in _STANDINGS or now.standing not in _STANDINGS:
        return Turn.OTHER
    turn = _turn(_STANDINGS[was.standing], _STANDINGS[now.standing])
    left_to_chance = now.standing in _UNSEEN and was.standing is Standing.PASS and not now.mandatory
    return Turn.OTHER if left_to_chance else turn


def _why(was: Row, now: Row, before: Ledger, after: Ledger) -> str:
    parts = []
    found = next((finding for finding in after.findings if finding.requirement == now.id), None)
    lost = next((finding for finding in before.findings if finding.requirement == was.id), None)
    if found is not None:
        parts.append(_told(found))
    elif now.reason:
        parts.append(now.reason)
    elif lost is not None:
        parts.append(f"no longer held against it: {_told(lost)}")
    if was.text != now.text:
        parts.append(f"the row now reads: {now.text}")
    return _short("; ".join(parts))


def _short(text: str) -> str:
    return text if len(text) <= _MOST_WHY else f"{text[:_MOST_WHY]}..."


def _told(finding: Finding) -> str:
    expected = f"expected {finding.expected}, " if finding.expected else ""
    at = f" at event {finding.evidence[-1]}" if finding.evidence else ""
    return f"{expected}observed {finding.observed}{at}"


def _counted(row: Row) -> str:
    counts = row.counts
    return f"{counts.passed} kept, {counts.failed} broken, {counts.inconclusive} undecided, {counts.errors} errors"


# -- findings and readings ------------------------------------------------------------------------------------


def _findings(before: Ledger, after: Ledger) -> Iterator[Difference]:
    """Findings of rows that stand as they did; what became of any other row has been told."""
    same = {row.id for row in after.rows if any(row.id == r.id and row.standing is r.standing for r in before.rows)}
    old, new = _by_shape(before), _by_shape(after)
    for key in [key for key in new if key not in old and key[0] in same]:
        turn = Turn.WORSE if new[key].standing in _BROKEN else Turn.OTHER
        yield Difference(key[0], "without this finding", new[key].standing, _told(new[key]), turn)
    for key in [key for key in old if key not in new and key[0] in same]:
        yield Difference(key[0], old[key].standing, "without this finding", _told(old[key]), Turn.BETTER)


def _by_shape(ledger: Ledger) -> dict[tuple[str, str, str], Finding]:
    own = (finding for finding in ledger.findings if finding.requirement)
    return {(each.requirement, shape(each.expected), shape(each.observed)): each for each in own}


def _readings(before: Ledger, after: Ledger) -> Iterator[Difference]:
    old = {seen.id: seen for seen in before.readings}
    for now in after.readings:
        was = {seen.take for seen in old[now.id].seen} if now.id in old else set()
        takes = {seen.take for seen in now.seen}
        if now.id in old and was != takes:
            why = f"first seen at event {min(seen.first for seen in now.seen)}" if takes else ""
            yield Difference(now.id, _all(was), _all(takes), why, Turn.OTHER)


def _all(takes: set[str]) -> str:
    return " and ".join(sorted(takes)) or "not seen"
