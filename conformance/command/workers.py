"""``--workers N``: the shards of one run, each in a process of its own with an emulator of its own, then merged.

This is --shard and merge on one computer. pytest-xdist would add nothing: it hands out the items of one session, while
here each process needs its own server, its own recorder and its own journal anyway, and the joined verdict must come
from the journals and not from the outcomes of items. So there is one way to divide a run, and a CI matrix and two
local processes use it alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder, point_latest
from conformance.command.measure import measure_of
from conformance.command.merge import complete, journals_of, write_merged
from conformance.command.shards import Shard
from conformance.judge import Ledger
from conformance.rules import catalogue
from conformance.spec import Spec
from conformance.trace.journal import is_cut_short

START = "from conformance.command.main import main; main()"
LOG = "log.txt"
VIOLATED, SET_UP = 1, 3
_TOLD_LINES = 12
_NAME_AT = len("20251231-235959-")


def in_workers(
    context: click.Context,
    words: Sequence[str],
    spec: Spec,
    now: datetime,
    console: Console,
    tells: Callable[[Ledger], object],
) -> int:
    """Runs ``threedd WORDS`` with the options of ``context``, a shard per worker, and merges; the exit code.

    Raises SetUpFailure when a worker could not do its part.
    """
    workers: int = context.params["workers"]
    command = [sys.executable, "-c", START, *words, *_given(context)]
    console.print(f"{workers} workers, each with an emulator of its own", highlight=False)
    with tempfile.TemporaryDirectory(prefix="threedd-shards-", ignore_cleanup_errors=True) as scratch:
        places = {Shard(number, workers): Path(scratch) / str(number) for number in range(1, workers + 1)}
        lost = _work(command, places, console)
        paths = [path for place in places.values() for path in journals_of(place)]
        folder = new_folder(context.params["out"], paths[0].parent.name[_NAME_AT:], now)
        merged = write_merged(complete(paths), spec, folder, console)
    point_latest(folder)
    tells(merged.ledger)
    return SET_UP if lost and merged.ledger.exit_code != VIOLATED else merged.ledger.exit_code


def _work(command: Sequence[str], places: Mapping[Shard, Path], console: Console) -> bool:
    """True when a PMS was lost on the way; what it did until then is merged with the rest all the same."""
    lost = False
    with ExitStack() as stack:
        started = []
        for shard, place in places.items():
            place.mkdir()
            log = stack.enter_context((place / LOG).open("wb"))
            words = [*command, "--journal-only", "--shard", str(shard), "--out", str(place)]
            program = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=_environment()
            )
            stack.callback(_end, program)
            started.append((shard, place, program))
        catalogue()  # costs a moment, and now there is nothing else to do
        for shard, place, program in started:
            code = program.wait()
            whole = any(not is_cut_short(path) for path in place.glob(f"*/{JOURNAL}"))
            if code not in (0, 1, 2) and not whole:
                raise SetUpFailure(f"shard {shard} ended with {code}:\n{_last_lines(place / LOG, _TOLD_LINES)}")
            lost = lost or code == SET_UP
            how = f"ended early:\n{_last_lines(place / LOG, 1)}" if code == SET_UP else "is through"
            console.print(f"  shard {shard} {how}", markup=False, highlight=False, soft_wrap=True)
    return lost


def _end(program: subprocess.Popen[bytes]) -> None:
    """Nobody is left behind when another one failed, or when the run is stopped."""
    if program.poll() is None:
        program.terminate()
        program.wait()


def _environment() -> dict[str, str]:
    """That of this process, with the places where it found its modules."""
    places = [place or os.getcwd() for place in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1", "COLUMNS": "200"}


def _last_lines(log: Path, most: int) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-most:])


_NOT_HANDED_ON = frozenset({"workers", "shard", "bare", "out"})


def _given(context: click.Context) -> Iterator[str]:
    """The options of the command line again, but for those that each worker has for itself."""
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if source is not click.core.ParameterSource.COMMANDLINE or name in _NOT_HANDED_ON or name not in context.params:
            continue
        value = context.params[name]
        if isinstance(parameter, click.Option) and parameter.is_flag:
            yield parameter.opts[0]
        elif isinstance(parameter, click.Option):
            for each in value if isinstance(value, tuple) else (value,):
                yield from (parameter.opts[0], str(each))
    if (waivers := measure_of(context).waivers) is not None:
        yield from ("--waivers", str(waivers))
