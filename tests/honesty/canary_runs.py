"""Whole runs of every interface by the commands that users type, in which everything about a patient is a canary.

What they leave is all that a run can leave: its folder, a bundle, an overview, and what the terminal showed.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

import click
from click.testing import CliRunner

import conformance.trace
from conformance.certify.persons import Persons
from conformance.command import certifying_beside, certifying_pms, running, subject, vdds
from conformance.command.bundle import bundle
from conformance.command.certify import certify
from conformance.command.connection import Connection, left
from conformance.command.overview import overview
from conformance.emulator.embedded import Embedded
from conformance.emulator.seed import load_seed
from conformance.judge import Monitor, about_from, terms_from
from conformance.spec import Spec
from conformance.spec.source import Source
from conformance.trace.journal import read_journal
from tests.honesty.canaries import MARK, Cage, Heard, Listening, leaks, verdicts

PMS = Path(__file__).parents[2] / "fixtures" / "pms"
SHORTEST = 6


@dataclass
class Left:
    """What became of one run."""

    folder: Path
    heard: Heard
    output: str
    leaks: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    """Rows that are judged otherwise in clear."""


def driver(*parts: str) -> str:
    return f'"{sys.executable}" "{PMS.joinpath(*parts)}"'


@contextmanager
def planted(heard: Heard, cage: Cage) -> Iterator[None]:
    """Every patient that a command makes up bears the mark, and every recorder tells ``heard`` what goes into it."""
    born = {"last_name": cage.value, "first_name": cage.value, "birth_date": cage.birth_date}

    def fresh(self: Persons, role: str) -> str:
        self._made += 1
        made = born.get(role, cage.figures)()
        return made if role in ("birth_date", "first_name") else f"{made}-{self._made}"

    listening = type("Heard", (Listening,), {"__init__": lambda self, *given: Listening.__init__(self, heard, *given)})
    with ExitStack() as stack:
        stack.enter_context(patch.object(Persons, "fresh", fresh))
        stack.enter_context(patch.object(subject, "PREFIX_EMULATOR", MARK))
        for module in (running, certifying_pms, certifying_beside, conformance.trace):
            stack.enter_context(patch.object(module, "Recorder", listening))
        yield


def run(spec: Spec, command: click.Command, arguments: Sequence[str], folder: Path, seed: int = 0) -> Left:
    """Runs it, bundles what it left, makes an overview, and searches all of it."""
    heard = Heard()
    with planted(heard, Cage(Random(seed))):
        result = CliRunner().invoke(command, [*arguments, "--out", str(folder / "reports")], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    latest = (folder / "reports" / "latest").resolve()
    told = [result.output]
    for made, given in ((bundle, ("--evidence-only", str(latest))), (overview, (str(folder / "reports"),))):
        out = ["--out", str(folder / "overview.html")] if made is overview else []
        told.append(CliRunner().invoke(made, [*given, *out], standalone_mode=False, catch_exceptions=False).output)
    (folder / "terminal.txt").write_text("\n".join(told), encoding="utf-8", newline="\n")
    found = [*leaks(folder), *leaks(folder, prepared(spec))]
    return Left(latest, heard, "\n".join(told), found, otherwise(heard, spec, latest))


def prepared(spec: Spec) -> set[str]:
    """What the emulator's own users and patients have to hide, as far as it is long enough to be nothing else."""
    seed = load_seed(spec)
    values = {text for p in seed.state.patients.values() for text in (p.integration_id, p.patient_id, p.last_name)}
    own = "".join(content.decode("utf-8", "replace") for _, content in Source(spec.folder).contents())
    told = {value for value in values if len(value) >= SHORTEST and value not in own}
    return told | {user.password for user in seed.users if user.password}


def otherwise(heard: Heard, spec: Spec, folder: Path) -> list[str]:
    """Rows that are judged otherwise when the same is recorded in clear, on the terms of the run."""
    header = read_journal(folder / "journal.jsonl")[0]
    ledgers = []
    for raw in (True, False):
        monitor = Monitor(spec, terms=terms_from(header, spec), about=about_from(header))
        for event in heard.events(spec, raw=raw):
            monitor.feed(event)
        ledgers.append(verdicts(monitor.finish()))
    return [row for row, verdict in ledgers[0].items() if ledgers[1][row] != verdict]


def server(spec: Spec, folder: Path, only: str = "*") -> Left:
    return run(spec, certify, ["server", "--embedded", "--only", only], folder)


def pms(spec: Spec, folder: Path, only: str = "*") -> Left:
    return run(spec, certify, ["pms", "--driver", driver("python", "right.py"), "--only", only], folder)


def beside(spec: Spec, folder: Path, interface: str = "cli", only: str = "*") -> Left:
    sender = driver("command-line" if interface == "cli" else "vdds", "sender.py")
    return run(spec, certify, ["pms", "--interface", interface, "--driver", sender, "--only", only], folder)


def bvs(spec: Spec, folder: Path) -> Left:
    """A BVS is asked for the images of a patient who has some, and is handed one over."""
    with Embedded(spec) as emulator, patch.dict("os.environ"):
        found = folder / "connection.json"
        stack = left(found, Connection(emulator.control_url, emulator.token))
        with stack:
            program = vdds.launcher(folder, found, folder / "copies")
            state = emulator.emulator.state
            rich = next(p.integration_id for p in state.patients.values() if any(c.images for c in state.cases_of(p)))
            asked = ["vdds-bvs", "--command", f'"{program}"', "--patient", rich, "--allow-writes"]
            place = folder / "left"
            place.mkdir()
            return run(spec, certify, asked, place)


RUNS: dict[str, Callable[[Spec, Path], Left]] = {
    "server": server,
    "pms": pms,
    "command line": partial(beside, interface="cli"),
    "VDDS media": partial(beside, interface="vdds"),
    "VDDS media, BVS": bvs,
}
