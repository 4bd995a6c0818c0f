"""How sure a verdict on a PMS is: where the guide is silent the emulator did what was documented, seen or guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.judge import Row, Standing
from conformance.spec import Mark, Spec

WORDS = {
    Mark.DOCUMENTED: "documented: the guide says what the emulator did",
    Mark.OBSERVED: "observed: real installations were seen to do the same",
    Mark.GUESSED: "guessed: nobody knows whether a real server does the same",
}
_DECIDED = (Standing.PASS, Standing.FAIL, Standing.ADVISORY)


@dataclass(frozen=True)
class Share:
    mark: Mark
    words: str
    rows: tuple[str, ...]
    percent: int


def certainty(rows: Iterable[Row], spec: Spec) -> tuple[Share, ...]:
    """The decided rows by the weakest thing that their verdict rests on; nothing when no row was decided."""
    decided = [row for row in rows if row.in_profile and row.standing in _DECIDED]
    marks = {row.id: _weakest(row, spec) for row in decided}
    counted = Counter(marks.values())
    return tuple(
        Share(
            mark,
            WORDS[mark],
            tuple(row for row, its in marks.items() if its is mark),
            round(100 * counted[mark] / len(decided)),
        )
        for mark in Mark
        if decided
    )


def _weakest(row: Row, spec: Spec) -> Mark:
    order = list(Mark)
    marks = [spec.reading[reading].mark for reading in row.readings if reading in spec.reading]
    return max(marks, key=order.index, default=Mark.DOCUMENTED)
