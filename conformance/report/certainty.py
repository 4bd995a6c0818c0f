"""How sure a verdict is: what the guide does not say rests on what was seen, or on one source or a conclusion.

That may be the requirement itself, as for most of VDDS media, or a reading that the emulator took where the guide is
silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.judge import Row, Standing
from conformance.spec import Mark, Spec

WORDS = {
    Mark.DOCUMENTED: "documented: the guide says so",
    Mark.OBSERVED: "observed: real installations, or several independent programs, were seen to do so",
    Mark.GUESSED: "guessed: from one source or a conclusion; nobody knows whether the real thing does the same",
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
    return max([own_mark(row.id, spec), *marks], key=order.index)


def own_mark(row: str, spec: Spec) -> Mark:
    """That of the requirement itself."""
    known = spec.requirement.get(row)
    return known.mark if known is not None else Mark.DOCUMENTED


def beyond_guide(row: str, spec: Spec) -> str:
    """``observed`` or ``guessed`` for a requirement that the guide does not make; ''."""
    mark = own_mark(row, spec)
    return "" if mark is Mark.DOCUMENTED else mark.value
