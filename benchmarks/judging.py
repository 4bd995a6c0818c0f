"""How quickly recordings are judged, and in how much memory: a recorded run again and again, each time with other ids.

``python -m benchmarks.judging journal.jsonl 10000 100000`` prints a table for those numbers of exchanges.

What was prepared before the run (stations, patients, cases) stays the same in all repetitions, as it does at a server
in use; everything that the run made up is made up anew.
"""

from __future__ import annotations

import json
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from benchmarks.figures import Report
from conformance.judge import Monitor
from conformance.judge.recording import uncollected
from conformance.spec import Spec, load
from conformance.trace import Event, Note, NoteKind, Recorded, from_json, to_json
from conformance.trace.journal import read_journal
from conformance.trace.shelf import Shelf

_NAMES = re.compile(r"~[a-z2-7]{12}|[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
BATCH = 1_000
"""Events fed between two looks at the clock."""
_LASTING = {NoteKind.FIXTURE, NoteKind.CREDENTIALS}


@dataclass(frozen=True)
class Stretch:
    """What came of judging so many exchanges from the beginning."""

    exchanges: int
    events: int
    seconds: float
    memory_mib: float


class Repeated:
    """The run for ever, each time after the one before, with other ids and names."""

    def __init__(self, run: Sequence[Event]) -> None:
        self._rows = [json.dumps(to_json(event)) for event in run]
        self._kept = _prepared(run)
        self._lasting = [isinstance(event, Note) and event.kind in _LASTING for event in run]
        self._numbers = [event.number for event in run]
        self._span = max(_end(event) for event in run) + 1

    def __iter__(self) -> Iterator[Event]:
        for turn in count():
            for place, lasting in enumerate(self._lasting):
                if not (turn and lasting):
                    yield self._event(turn, place)

    def exchange(self, number: int) -> Recorded:
        """The exchange of that number, made once more: it takes what it takes to read it again from a journal."""
        turn, rest = divmod(number - 1, self._numbers[-1])
        event = self._event(turn, bisect_left(self._numbers, rest + 1))
        assert isinstance(event, Recorded)
        return event

    def _event(self, turn: int, place: int) -> Event:
        row = self._rows[place]
        told = json.loads(_renamed(row, turn, self._kept) if turn else row)
        return _later(told, turn * self._numbers[-1], turn * self._span)


def judged(events: Repeated, spec: Spec, marks: Sequence[int], memory_mib: Callable[[], float]) -> Iterator[Stretch]:
    """A stretch for each number of exchanges in ``marks``, which rise. What it takes to make the events is left out.

    Events are made and fed ``BATCH`` at a time, since a look at the clock takes as long as to judge one.
    """
    monitor, source = Monitor(spec, shelf=Shelf(spec, events.exchange)), iter(events)
    took, fed, exchanges = 0.0, 0, 0
    for mark in marks:
        while exchanges < mark:
            batch = list(islice(source, BATCH))
            began = time.process_time()
            for event in batch:
                monitor.feed(event)
            took += time.process_time() - began
            fed, exchanges = fed + len(batch), exchanges + sum(isinstance(event, Recorded) for event in batch)
        yield Stretch(exchanges, fed, took, memory_mib())


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


def _resident_mib() -> float:
    """What of this process is in memory now; 0 where the system does not tell it in /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def main(arguments: Sequence[str]) -> int:
    """Prints a table; exit code 3 when there is no journal or number."""
    if len(arguments) < 2 or not all(each.isdigit() for each in arguments[1:]):
        print(__doc__, file=sys.stderr)
        return 3
    run = list(read_journal(Path(arguments[0]), True)[1])
    rows = []
    with uncollected():
        for stretch in judged(Repeated(run), load(), sorted(map(int, arguments[1:])), _resident_mib):
            per_second = (stretch.exchanges / stretch.seconds, stretch.events / stretch.seconds)
            rows.append((stretch.exchanges, round(stretch.seconds, 1), *per_second, stretch.memory_mib))
            print(f"{stretch.exchanges} exchanges judged", file=sys.stderr, flush=True)
    print(Report("judging", ("exchanges", "CPU s", "exchanges/s", "events/s", "MiB"), rows).text())
    return 0


def _end(event: Event) -> float:
    return event.finished_s if isinstance(event, Recorded) else event.at_s


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
