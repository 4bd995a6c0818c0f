"""The servers in ``fixtures/servers``, whole or with one of their defects, and what a run finds in them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.command.subject import read_fixtures
from conformance.drive import Driver, EmulatorOperator, Tier, by_authority, guard_at, place
from conformance.judge import Ledger, Monitor, Terms
from conformance.spec import Spec
from conformance.suite.oracle import Oracle
from conformance.suite.play import Identity
from conformance.suite.run import BUDGETS, Broken, Crashed, Run, Skipped
from conformance.suite.stage import Stage
from conformance.suite.target import Patience, Target
from conformance.trace import Event, Recorded, Recorder, Redactor

FOLDER = Path(__file__).parents[2] / "fixtures" / "servers"
COMMANDS = {
    "plain": (sys.executable, str(FOLDER / "plain" / "server.py")),
    "node": ("node", str(FOLDER / "node" / "server.mjs")),
}
BRISK = ("--pick-up", "0.02", "--processing", "0.1", "--silence", "0.4")
PATIENCE = Patience(pick_up_s=15.0, processing_s=15.0)
PREFIX = "qfrgn"


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the ledger, what went wrong that is ours, and what it cost."""

    ledger: Ledger
    crashed: Sequence[str]
    calls: int
    seconds: float

    def failed(self) -> list[str]:
        """Rows with at least one FAIL, in order."""
        return [row.id for row in self.ledger.rows if row.counts.failed]


def defects(kind: str) -> list[dict[str, Any]]:
    """Every defect that a server can be given: name, area, what it does, what it breaks."""
    option = "--explain-defects" if kind == "node" else "--list-defects"
    listed = subprocess.run([*COMMANDS[kind], option], capture_output=True, check=True, encoding="utf-8")
    return list(json.loads(listed.stdout))


@contextmanager
def serving(kind: str, *options: str) -> Iterator[dict[str, Any]]:
    """The server's own account of itself while it runs; options are its own."""
    command = [*COMMANDS[kind], "--stdin-guard", *BRISK, *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait()


def certified(spec: Spec, kind: str, *options: str, only: str = "*", budget: str = "quick") -> Outcome:
    """One run against a server with these options of its own."""
    began = time.perf_counter()
    with serving(kind, *options) as told:
        authority = Path(told["ca"]).read_text(encoding="ascii")
        target = _target(spec, told, authority)
        oracle = Oracle(Monitor(spec, terms=Terms(profile=spec.profile["server"])))
        events: list[Event] = []
        recorder = Recorder(spec, Redactor(spec, b"foreign"), [events.append, oracle.hear])
        guard = guard_at(place(target.url), spec, target.tier, prefix=target.prefix)
        with closing(Driver(target.url, recorder, target.context, guard=guard)) as driver:
            run = Run(spec, Stage(target, driver, spec), oracle, BUDGETS[budget], only=only, authority_pem=authority)
            run.prepare()
            for stimulus in _stimuli(run):
                with suppress(Broken, Skipped, Crashed):
                    stimulus()
            ledger = run.finish()
    return Outcome(
        ledger, run.crashed, sum(isinstance(event, Recorded) for event in events), time.perf_counter() - began
    )


def _target(spec: Spec, told: dict[str, Any], authority: str) -> Target:
    trust = by_authority(authority, told["thumbprint"])
    return Target(
        url=told["url"].rstrip("/"),
        users=tuple(Identity(each["user"], each["password"]) for each in told["users"]),
        context=trust.context,
        operator=EmulatorOperator(told["control"], told["token"]),
        prefix=PREFIX,
        seed=0,
        thumbprint=trust.thumbprint,
        fixtures=read_fixtures(Path(told["fixtures"]), spec),
        patience=PATIENCE,
        granted=Tier.FULL,
    )


def _stimuli(run: Run) -> Iterator[Any]:
    for play in (*run.plays(), *run.scenarios()):
        yield lambda play=play: run.perform(play)
    yield run.probe
    yield run.explore
