"""What one event costs the journal: each line is with the operating system before the next call is made."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.figures import Report, middle
from conformance.spec import load
from conformance.trace import Event
from conformance.trace.events import to_json
from conformance.trace.journal import Journal
from tests.honesty.inside import run_inside

PLAYS = "case"
SYNCED = 200
"""So many lines are enough where each waits for the disk."""


def recording(runs: int, say: Callable[[str], object]) -> Report:
    """The events of some plays written in each way; microseconds per event."""
    events = run_inside(load(), only=PLAYS).events
    lines = [json.dumps(to_json(event), ensure_ascii=False).encode() + b"\n" for event in events]
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as folder:
        path = Path(folder) / "journal.jsonl"
        ways: dict[str, tuple[Callable[[], None], int]] = {
            "journal, each line with the system": (lambda: _journal(path, events, buffered=False), len(events)),
            "journal, buffered (embedded emulator)": (lambda: _journal(path, events, buffered=True), len(events)),
            "the same lines, written and flushed": (lambda: _lines(path, lines, synced=False), len(lines)),
            "the same lines, each on the disk": (lambda: _lines(path, lines[:SYNCED], synced=True), SYNCED),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(runs):
            say(f"journal: run {turn + 1} of {runs}")
            for name, (write, count) in ways.items():
                path.unlink(missing_ok=True)
                began = time.perf_counter()
                write()
                took[name].append((time.perf_counter() - began) / count * 1e6)
    base = middle(took["the same lines, written and flushed"])
    rows = [(name, middle(each), middle(each) / base) for name, each in took.items()]
    size = sum(map(len, lines)) // len(lines)
    return Report("journal", ("way", "us per event", "ratio"), rows, [f"{len(events)} events of {size} bytes"])


def _journal(path: Path, events: Iterable[Event], *, buffered: bool) -> None:
    with Journal(path, {}, buffered=buffered) as journal:
        for event in events:
            journal.append(event)


def _lines(path: Path, lines: Sequence[bytes], *, synced: bool) -> None:
    with path.open("xb") as file:
        for line in lines:
            file.write(line)
            file.flush()
            if synced:
                os.fsync(file.fileno())
