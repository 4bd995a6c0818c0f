"""One worker against two: a folder of journals judged, and a PMS certified. What comes of it is compared as well.

The journals are those of a quick certification of the embedded emulator: so many copies of them that it counts for
little how long a worker takes to start. Each has the same bytes, so that the ledgers of one and of two workers can be
compared byte for byte. Two runs of a PMS are never the same to the byte (its ids are its own, and so is the time that
it takes), so of those the verdict, the standing of each row of the profile and every finding are compared.

Beside them stand two programs that do nothing but count, one after the other and at once: more than comes of that, no
two workers can give on this machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Report, middle
from conformance.judge import Ledger, ledger_from_json
from conformance.judge.tally import shape

THREEDD = "from conformance.command.main import main; main()"
RIGHT_PMS = Path("fixtures/pms/python/right.py")
WANTED = 1.7
"""How many times as fast two workers are to be."""
CONFORMS = 0


def scaling(runs: int, say: Callable[[str], object], copies: int = 60) -> Report:
    """Each of the four so many times, one and two workers in turns."""
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as scratch:
        place = Path(scratch)
        say("scaling: recording what is to be judged")
        journals = _journals(place, copies)
        took: dict[tuple[str, int], list[float]] = {}
        same: dict[str, bool] = {JUDGE: True, PMS: True}
        for turn in range(runs):
            say(f"scaling: {BARE}, run {turn + 1} of {runs}")
            for at_once in (1, 2):
                took.setdefault((BARE, at_once), []).append(_counted(at_once))
            for what, words, outcome in _measured(journals):
                seen = []
                for workers in (1, 2):
                    say(f"scaling: {what}, {workers} of 2 workers, run {turn + 1} of {runs}")
                    out = place / f"{what}-{workers}-{turn}".replace(" ", "-")
                    took.setdefault((what, workers), []).append(_seconds([*words, "--workers", str(workers)], out))
                    seen.append(outcome(out))
                same[what] &= seen[0] == seen[1]
    return _report(took, same)


JUDGE, PMS, BARE = "judge a folder", "certify a PMS", "two programs that count"
COUNT = "for number in range(30_000_000): pass"


def _measured(journals: Path) -> Sequence[tuple[str, Sequence[str], Callable[[Path], object]]]:
    driver = [sys.executable, str(RIGHT_PMS.resolve())]
    command = subprocess.list2cmdline(driver) if os.name == "nt" else shlex.join(driver)
    return (
        (JUDGE, ["judge", str(journals)], _bytes_below),
        (PMS, ["certify", "pms", "--driver", command], _told),
    )


def _report(took: Mapping[tuple[str, int], Sequence[float]], same: Mapping[str, bool]) -> Report:
    rows = []
    for what in dict.fromkeys(what for what, _ in took):
        one, two = middle(took[what, 1]), middle(took[what, 2])
        outcome = ("yes" if same[what] else "NO") if what in same else "-"
        rows.append((what, one, two, one / two, WANTED if what in same else "-", outcome))
    columns = ("what", "one worker s", "two workers s", "times as fast", "at least", "same ledger")
    notes = (
        "same ledger: to the byte for journals; verdict, rows and findings of a PMS",
        f"{BARE}: one after the other, and at once; what the machine gives",
    )
    return Report("scaling", columns, rows, notes)


def _counted(at_once: int) -> float:
    """Seconds that two programs take, so many of them at a time."""
    began = time.perf_counter()
    for _ in range(0, 2, at_once):
        running = [subprocess.Popen([sys.executable, "-c", COUNT]) for _ in range(at_once)]
        for each in running:
            each.wait()
    return time.perf_counter() - began


def _journals(place: Path, copies: int) -> Path:
    """A folder with so many journals."""
    _seconds(["certify", "server", "--embedded", "--budget", "quick"], place / "recorded")
    (journal,) = place.glob("recorded/*-emulator/journal.jsonl")
    folder = place / "journals"
    for number in range(copies):
        (folder / f"run-{number:02}").mkdir(parents=True)
        shutil.copyfile(journal, folder / f"run-{number:02}" / journal.name)
    return folder


def _seconds(words: Sequence[str], out: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", THREEDD, *words, "--out", str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    took = time.perf_counter() - began
    if done.returncode != CONFORMS:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stdout[-500:]}")
    return took


def _bytes_below(out: Path) -> Mapping[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*.ledger.json"))}


def _told(out: Path) -> object:
    """What a ledger says, without numbers of events and counts."""
    (path,) = (path for path in out.glob("*/ledger.json") if path.parent.name != "latest")
    ledger: Ledger = ledger_from_json(path.read_text(encoding="utf-8"))
    findings = {
        (each.requirement, each.standing, shape(each.expected), shape(each.observed))
        for each in ledger.findings
        if each.requirement
    }
    return ledger.verdict, {row.id: row.standing for row in ledger.rows if row.in_profile}, findings
