"""How quickly recordings are judged, and in how much memory: a recorded run again and again, each time with other ids.

What was prepared before the run (stations, patients, cases) stays the same in all repetitions, as it does at a server
in use; everything that the run made up is made up anew.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.judge import Monitor
from conformance.spec import Spec
from conformance.trace import Event, Note, NoteKind, Recorded, from_json, to_json

_NAMES = re.compile(r"~[a-z2-7]{12}|[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_LASTING = {NoteKind.FIXTURE, NoteKind.CREDENTIALS}


@dataclass(frozen=True)
class Stretch:
    """What came of judging so many exchanges from the beginning."""

    exchanges: int
    seconds: float
    memory_mib: float

    @property
    def per_second(self) -> float:
        return self.exchanges / self.seconds if self.seconds else 0.0


def repeated(run: Sequence[Event]) -> Iterator[Event]:
    """The run for ever, each time after the one before, with other ids and names."""
    kept = _prepared(run)
    rows = [json.dumps(to_json(event)) for event in run]
    last = run[-1].number
    span = max(_end(event) for event in run) + 1
    turn = 0
    while True:
        for event, row in zip(run, rows, strict=True):
            if turn and isinstance(event, Note) and event.kind in _LASTING:
                continue
            yield _later(json.loads(_renamed(row, turn, kept) if turn else row), turn * last, turn * span)
        turn += 1


def judged(
    events: Iterable[Event], spec: Spec, marks: Sequence[int], memory_mib: Callable[[], float]
) -> Iterator[Stretch]:
    """A stretch for each number of exchanges in ``marks``, which rise."""
    monitor, began, exchanges, wanted = Monitor(spec), time.perf_counter(), 0, iter(marks)
    mark = next(wanted)
    for event in events:
        monitor.feed(event)
        exchanges += isinstance(event, Recorded)
        if exchanges >= mark:
            yield Stretch(exchanges, time.perf_counter() - began, memory_mib())
            following = next(wanted, None)
            if following is None:
                return
            mark = following


def _prepared(run: Iterable[Event]) -> frozenset[str]:
    texts = (json.dumps(to_json(event)) for event in run if isinstance(event, Note) and event.kind in _LASTING)
    return frozenset(found.lower() for text in texts for found in _NAMES.findall(text)) | {"00000000"}


def _renamed(row: str, turn: int, kept: frozenset[str]) -> str:
    def other(found: re.Match[str]) -> str:
        text = found[0]
        if text.lower() in kept:
            return text
        if text[0] == "~":
            return "~" + "".join(_LETTERS[turn >> shift & 31] for shift in (15, 10, 5, 0)) + text[5:]
        return f"{(int(text, 16) + turn * 0x9E3779B1) & 0xFFFFFFFF:08x}"

    return _NAMES.sub(other, row)


def _later(row: dict[str, object], numbers: int, seconds: float) -> Event:
    for name, more in (("number", numbers), ("at_s", seconds), ("started_s", seconds), ("finished_s", seconds)):
        if name in row:
            row[name] = row[name] + more  # type: ignore[operator]
    if isinstance(row.get("probe"), dict):
        row["probe"] = {**row["probe"], "pair": f"{row['probe']['pair']}/{numbers}"}  # type: ignore[dict-item,index]
    return from_json(row)


def _end(event: Event) -> float:
    return event.finished_s if isinstance(event, Recorded) else event.at_s
