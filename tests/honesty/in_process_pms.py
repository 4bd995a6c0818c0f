"""A miniature PMS in this process, taken through scenarios over real sockets: no subprocess, the same protocol."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.persons import Persons
from conformance.certify.reached import accounts_of, server_of
from conformance.certify.session import Ending, Session
from conformance.emulator.clock import SwiftClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.tls import TlsSettings
from conformance.judge import Ledger, Monitor
from conformance.judge.tally import Judgement
from conformance.rules import Result
from conformance.spec import Spec
from conformance.spec.scenarios import Scenario
from conformance.trace import NoteKind, Recorder, Redactor

MINIATURES = Path(__file__).parents[2] / "fixtures" / "pms" / "python"
TIMES = 8.0
GIVE_UP_S = 16.0


def miniature(name: str) -> ModuleType:
    """The module of that name beside the right miniature."""
    if str(MINIATURES) not in sys.path:
        sys.path.append(str(MINIATURES))
    return import_module(name)


class Spent:
    """Time that its PMS paused, and a little for work: on a busy machine nobody seems to be slower than he is.

    Of work a quarter counts. It takes several times as long where memory is short, and who never pauses is to be
    quick all the same.
    """

    def __init__(self) -> None:
        self._paused_s = 0.0

    def now_s(self) -> float:
        return time.process_time() / 4 + self._paused_s

    def sleep(self, seconds: float) -> None:
        """Instead of the pause of a PMS; nobody waits."""
        self._paused_s += seconds


class Within:
    """Stands for the process of a driver: lines go in and come out, and nothing is started."""

    def __init__(self, make: Callable[[], object], spent: Spent) -> None:
        self._pms = make()
        self._pms.sleep, self._pms.now_s = spent.sleep, spent.now_s  # type: ignore[attr-defined]
        self._answers: list[bytes] = []

    def write(self, line: str) -> None:
        message = json.loads(line)
        answer = {"id": message["id"], **self._pms.answer(message)}  # type: ignore[attr-defined]
        self._answers.append(json.dumps(answer).encode())

    def read(self, timeout_s: float) -> bytes:
        return self._answers.pop(0)

    def close(self, patience_s: float) -> None:
        """Nothing was started."""


@dataclass
class Played:
    """What came of one run."""

    ledger: Ledger
    endings: dict[str, Ending]
    findings: list[Judgement]

    def failed(self) -> set[str]:
        """Rows with at least one FAIL, of whatever obligation."""
        return {row.id for row in self.ledger.rows if row.counts.failed}

    def why(self) -> str:
        """The first finding of each broken row, for a person."""
        first: dict[str, Judgement] = {}
        for found in self.findings:
            first.setdefault(found.requirement, found)
        return "\n".join(
            f"{row} [{found.play}] expected {found.verdict.expected}; observed {found.verdict.observed}"
            for row, found in sorted(first.items())
        )


def play(spec: Spec, make: Callable[[], object], scenarios: Sequence[Scenario], *, seed: int = 0) -> Played:
    """Takes the PMS that ``make`` makes through ``scenarios``, in their order, and judges it."""
    monitor = Monitor(spec, profile=spec.profile["pms"])
    findings: list[Judgement] = []
    recorder = Recorder(spec, Redactor(spec, b"inside"), [lambda event: findings.extend(monitor.feed(event))])
    terms, spent = DriverTerms(1 / TIMES, GIVE_UP_S), Spent()
    pms = DriverPms(("miniature",), print, terms, opened=lambda command, **how: Within(make, spent))
    with ExitStack() as stack:
        running = stack.enter_context(
            Embedded(
                spec,
                Policy(seed=seed),
                SwiftClock(TIMES, spent.now_s),
                recorder=recorder,
                tls=TlsSettings(plain_too=True),
                identified=True,
            )
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        stack.callback(pms.end)
        about = pms.begin(server_of(running), folder, resumed=False)
        now_s = running.clock.now_s
        recorder.note(NoteKind.RUN, now_s(), steps=" ".join(sorted(about.steps)))
        accounts = accounts_of(running)
        session = Session(spec, pms, Deeds(running), recorder, now_s, Persons(seed), about, accounts=accounts)
        for scenario in scenarios:
            session.play(scenario)
    ledger = monitor.finish()
    failed = [found for found in findings if found.verdict.result is Result.FAIL]
    return Played(ledger, session.endings, failed)
