"""``threedd judge FOLDER``: every journal below a folder, each judged by itself, and one table of what came of them.

Journals are independent: the ledger of one depends on its bytes, the spec and the options only. So they are judged in
any order, by any number of workers, and everything that is printed or written is the same each time.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from conformance import __version__
from conformance.command.failure import SetUpFailure
from conformance.command.plain import plain
from conformance.command.shards import SHARD
from conformance.command.spreading import Failure, on_cluster, on_processes
from conformance.judge import EXIT_CODES, Ledger, Recording, Standing, judge_recording
from conformance.spec import Spec
from conformance.trace.journal import JournalError

FORMAT, VERSION = "threedd-judged", 1
JOURNALS, LEDGER = ".jsonl", ".ledger.json"
CANNOT = 3
WORST_LAST: Sequence[int] = (0, 2, 1, CANNOT)
"""Exit codes of journals: what is known to be violated outweighs what is open."""


@dataclass(frozen=True)
class Wish:
    """How the journals below ``folder`` are to be judged, and by whom."""

    folder: Path
    spec: Spec
    profile: str
    partial: bool
    out: Path | None
    """Where the ledgers go; None for beside the journals."""
    workers: int
    scheduler: str
    """Address of a Dask cluster; '' for processes of this computer."""


@dataclass(frozen=True)
class Task:
    """One journal."""

    path: Path
    name: str
    """Of the journal, below the folder."""
    ledger: Path
    profile: str
    partial: bool
    build: str
    """By which it is to be judged."""


@dataclass(frozen=True)
class Line:
    """What came of one journal; without ``trouble`` it was judged."""

    journal: str
    subject: str = ""
    profile: str = ""
    verdict: str = ""
    exit_code: int = CANNOT
    broken: int = 0
    """Rows of the profile that were broken."""
    open: int = 0
    """Mandatory rows that nobody saw, or that could not be decided."""
    exchanges: int = 0
    note: str = ""
    ledger: str = ""
    """Its file, from the folder of the ledgers."""
    trouble: str = ""


def journals_below(folder: Path) -> list[Path]:
    """Every file that is named like a journal, in order; links, such as ``latest``, lead to what is found elsewhere."""
    return sorted(
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(JOURNALS) and not (Path(place) / name).is_symlink()
    )


def judge_many(wish: Wish, told: Callable[[int, int], object]) -> list[Line]:
    """A line for each journal below the folder, ordered by name; ``told`` hears how many are done, and of how many.

    Raises SetUpFailure when there is no journal, or no cluster.
    """
    tasks = list(_tasks(wish))
    if not tasks:
        raise SetUpFailure(f"{wish.folder} holds no journal; expected files that end in {JOURNALS} in it or below.")
    if wish.scheduler:
        judged = on_cluster(judged_one, wish.spec, tasks, wish.scheduler)
    else:
        judged = on_processes(judged_one, wish.spec, tasks, wish.workers)
    lines = []
    for number, done in judged:
        lines.append(Line(tasks[number].name, trouble=done.why) if isinstance(done, Failure) else done)
        told(len(lines), len(tasks))
    return sorted(lines, key=lambda line: line.journal)


def _tasks(wish: Wish) -> Iterator[Task]:
    """The longest journals first, so that no worker is left with one of them at the end."""
    folder = wish.folder.resolve()
    out = (wish.out or folder).resolve()
    for path in sorted(journals_below(folder), key=lambda path: (-path.stat().st_size, path)):
        name = path.relative_to(folder)
        ledger = out / name.with_name(path.name.removesuffix(JOURNALS) + LEDGER)
        yield Task(path, name.as_posix(), ledger, wish.profile, wish.partial, __version__)


def judged_one(spec: Spec, task: Task) -> Line:
    """Judges the journal and writes its ledger. A journal that cannot be used is told in the line."""
    if task.build != __version__:
        told = f"this worker has build {__version__}, expected {task.build}; install the same one everywhere."
        return Line(task.name, trouble=told)
    try:
        recording = judge_recording(task.path, spec, profile=task.profile, partial=task.partial)
        task.ledger.parent.mkdir(parents=True, exist_ok=True)
        task.ledger.write_text(recording.ledger.to_json(), encoding="utf-8", newline="\n")
    except (JournalError, ValueError) as error:
        return Line(task.name, trouble=str(error))
    except OSError as error:
        return Line(task.name, trouble=f"{error.filename}: {error.strerror}. Check who may use it, or name --out.")
    return _line(task, recording, spec)


def _line(task: Task, recording: Recording, spec: Spec) -> Line:
    ledger = recording.ledger
    own = [row for row in ledger.rows if row.in_profile]
    return Line(
        task.name,
        ledger.about.get("subject", ""),
        ledger.profile,
        ledger.verdict.value,
        ledger.exit_code,
        sum(row.standing is Standing.FAIL for row in own),
        sum(row.mandatory and row.standing in _OPEN for row in own),
        ledger.exchanges,
        "; ".join(_notes(recording, ledger, spec)),
        (Path(task.name).parent / task.ledger.name).as_posix(),
    )


_OPEN = (Standing.NOT_OBSERVED, Standing.INCONCLUSIVE)


def _notes(recording: Recording, ledger: Ledger, spec: Spec) -> Iterator[str]:
    if shard := ledger.about.get(SHARD):
        yield f'shard {shard} of a run; "threedd merge" gives the verdict'
    recorded = recording.header.get("spec_digest")
    if recorded and recorded != spec.digest:
        yield f"recorded with {recording.header.get('spec') or 'a spec'} {str(recorded)[:12]}, judged by another"


def exit_code_of(lines: Sequence[Line]) -> int:
    """The worst of all."""
    return max((line.exit_code for line in lines), key=WORST_LAST.index)


def as_json(lines: Sequence[Line]) -> str:
    """The table for programs."""
    body = {"format": FORMAT, "version": VERSION, "exit_code": exit_code_of(lines)}
    return json.dumps({**body, "journals": [asdict(line) for line in lines]}, indent=2, ensure_ascii=False) + "\n"


def told_lines(lines: Sequence[Line]) -> Iterator[str]:
    """The table: a line each, what is short first; then how many there are of each verdict."""
    yield _LAYOUT.format("verdict", "broken", "open", "exchanges", "journal")
    for line in lines:
        counts = (line.broken or "", line.open or "", line.exchanges) if line.verdict else ("", "", "")
        yield plain(_LAYOUT.format(line.verdict or "not judged", *counts, _described(line)))
    verdicts = Counter(line.verdict for line in lines)
    counted = [f"{verdicts[verdict]} {verdict}" for verdict in EXIT_CODES if verdicts[verdict]]
    counted += [f"{verdicts['']} not judged"] if verdicts[""] else []
    yield f"{len(lines)} journal{'s' if len(lines) != 1 else ''}: {', '.join(counted)}"


_LAYOUT = "{:<10}  {:>6}  {:>4}  {:>9}  {}"


def _described(line: Line) -> str:
    if line.trouble:
        return f"{line.journal}: {line.trouble.removeprefix(Path(line.journal).name).lstrip()}"
    told = [part for part in (line.subject, f"profile {line.profile}" if line.profile else "", line.note) if part]
    return f"{line.journal} ({'; '.join(told)})" if told else line.journal
