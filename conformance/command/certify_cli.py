"""``threedd certify pms --interface cli``: how a PMS uses the command line.

The program of the command line is played: a launcher that passes what it is started with to the embedded emulator. A
driver is told its path and which patient to send; without one the run watches whoever starts it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.persons import Persons
from conformance.certify.planner import in_turn
from conformance.certify.pms import About, DriverError, Server
from conformance.certify.session import Ending, Outcome, Session
from conformance.command.closing import leave_report, tell_what_is_left
from conformance.command.command_line import placed
from conformance.command.connection import Connection, beside, left
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.live import Live
from conformance.emulator.clock import RealClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.temporary import temporary_folder
from conformance.emulator.tls import TlsSettings
from conformance.judge import IN_CLEAR, OWN_SERVER, RAW, Monitor, Terms, about_from, journal_header
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.trace.journal import Journal

PROFILE = "command-line"
PROGRAM = "THREEDD_COMMAND_LINE"
"""Tells a command that is started with --run where the program lies."""
WAKE_S = 0.2
DIED = 3


@dataclass(frozen=True)
class Wish:
    """Whose command lines are judged, by what, and where the report goes."""

    spec: Spec
    profile: Profile
    scenarios: Sequence[Scenario]
    driver: Sequence[str]
    """Its command; empty to watch."""
    run: Sequence[str]
    """While watching: a command whose end ends the run; empty for none."""
    after_s: float | None
    subject: str
    seed: int
    strict: bool
    raw: bool
    out: Path
    now: datetime


def carry_out(wish: Wish, console: Console) -> int:
    """The exit code. Raises SetUpFailure, DriverError before the first order, or OSError."""
    if wish.spec.command_line is None:
        raise SetUpFailure(f"{wish.spec.name} has no command-line.yaml; certify by a spec that has one.")
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.raw))
    with ExitStack() as stack:
        place = stack.enter_context(temporary_folder())
        running = stack.enter_context(_emulator(wish))
        program = stack.enter_context(_program(place, running))
        pms = _driver(wish, program, console) if wish.driver else None
        about = About(wish.subject or "a PMS that is watched", "", "", frozenset())
        if pms is not None:
            stack.callback(pms.end)
            about = pms.begin(_server(running), place / "pms", resumed=False)
        terms = Terms(profile=wish.profile, strict=wish.strict, on=f"{wish.now:%Y-%m-%d}")
        header = journal_header(wish.spec, terms, _told_of(wish, about))
        monitor = Monitor(wish.spec, terms=terms, about=about_from(header))
        folder = new_folder(wish.out, about.name or "pms", wish.now)
        journal = stack.enter_context(Journal(folder / JOURNAL, header))
        live = Live(monitor, console, lambda calls: None)
        recorder.listeners[:] = [journal.append, monitor.feed if pms is not None else live.hear]
        running.emulator.listeners.append(recorder)
        died = None
        if pms is not None:
            died = _told(wish, pms, running, recorder, monitor, about, console)
        else:
            _watched(wish, program, live, console)
        running.emulator.listeners.remove(recorder)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, wish.spec, folder, console, tells_left=False)
    tell_what_is_left(monitor, wish.scenarios, console)
    if died is not None:
        console.print(f"The PMS was lost: {died}", markup=False, highlight=False, soft_wrap=True)
        return ledger.exit_code if ledger.exit_code == 1 else DIED
    return ledger.exit_code


def _emulator(wish: Wish) -> Embedded:
    return Embedded(wish.spec, Policy(seed=wish.seed), RealClock(_from_zero()), tls=TlsSettings(), identified=True)


def _from_zero() -> _Elapsed:
    return _Elapsed(time.monotonic())


@dataclass(frozen=True)
class _Elapsed:
    """Seconds since the run began."""

    start_s: float

    def __call__(self) -> float:
        return time.monotonic() - self.start_s


@contextmanager
def _program(place: Path, running: Embedded) -> Iterator[Path]:
    """The launcher, for as long as it reaches the emulator."""
    facts = running.spec.command_line
    assert facts is not None
    program = place / facts.executable
    with left(beside(program), Connection(running.control_url, running.token)):
        yield placed(program, beside(program))


def _driver(wish: Wish, program: Path, console: Console) -> DriverPms:
    def tell(line: str) -> None:
        console.print(f"  driver: {line}", markup=False, highlight=False, soft_wrap=True)

    terms = DriverTerms(harness=f"threedd-conformance {__version__}", command_line=str(program))
    return DriverPms(wish.driver, tell, terms)


def _server(running: Embedded) -> Server:
    user = running.users[0]
    return Server(running.url, user.user, user.password, str(running.authority_pem), running.thumbprint)


def _told_of(wish: Wish, about: About) -> dict[str, str]:
    title = " ".join(part for part in (about.vendor, about.name, about.version) if part)
    return {
        "harness": f"threedd-conformance {__version__}",
        "subject": title or "a PMS without a name",
        "server": OWN_SERVER,
        "interface": "command line",
        "seed": str(wish.seed),
        **({RAW: IN_CLEAR} if wish.raw else {}),
    }


def _told(
    wish: Wish, pms: DriverPms, running: Embedded, recorder: Recorder, monitor: Monitor, about: About, console: Console
) -> DriverError | None:
    """Takes the PMS through the scenarios; what killed it, or None."""
    persons = Persons(wish.seed)
    session = Session(wish.spec, pms, Deeds(running), recorder, running.clock.now_s, persons, about)
    recorder.note(NoteKind.RUN, running.clock.now_s(), steps=" ".join(sorted(about.steps)))
    for scenario in in_turn(wish.scenarios, lambda: [row.id for row in monitor.unobserved()]):
        try:
            ending = session.play(scenario)
        except DriverError as died:
            return died
        console.print(f"  {_ended(scenario, ending)}", markup=False, highlight=False, soft_wrap=True)
    return None


def _ended(scenario: Scenario, ending: Ending) -> str:
    if ending.outcome is Outcome.PLAYED:
        return f"played       {scenario.name}"
    return f"{ending.outcome:<12} {scenario.name}: {ending.reason}"


def _watched(wish: Wish, program: Path, live: Live, console: Console) -> None:
    """Waits until the time is over, the command has ended, or Ctrl-C."""
    console.print(f"Let the PMS start {program}", markup=False, highlight=False, soft_wrap=True)
    started = _started(wish, program)
    ends_s = None if wish.after_s is None else time.monotonic() + wish.after_s
    sleeper = threading.Event()
    with suppress(KeyboardInterrupt), live:
        while (ends_s is None or time.monotonic() < ends_s) and (started is None or started.poll() is None):
            sleeper.wait(WAKE_S)
    if started is not None and started.poll() is None:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(5)


def _started(wish: Wish, program: Path) -> subprocess.Popen[bytes] | None:
    if not wish.run:
        return None
    try:
        return subprocess.Popen(list(wish.run), env={**os.environ, PROGRAM: str(program)})
    except OSError as wrong:
        raise SetUpFailure(f"--run: {wish.run[0]} cannot be started ({wrong.strerror}); correct it.") from wrong
