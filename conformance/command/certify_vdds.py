"""``threedd certify pms --interface vdds``: how a PMS calls the 3DD by VDDS media, as a PVS.

The 3DD is played: a register in a folder of its own names a launcher that passes transfer files to the embedded
emulator. A driver is told where the register is and what to do; without one the run watches whoever goes by it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.persons import Persons
from conformance.certify.planner import in_turn
from conformance.certify.pms import About, DriverError, Server
from conformance.certify.session import Outcome, Session
from conformance.command.certify_cli import Wish
from conformance.command.closing import leave_report, tell_what_is_left
from conformance.command.connection import Connection, left
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.live import Live
from conformance.command.vdds import launcher
from conformance.emulator.clock import RealClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.temporary import temporary_folder
from conformance.emulator.vdds.entry import entered, write_register
from conformance.judge import IN_CLEAR, OWN_SERVER, RAW, Monitor, Terms, about_from, journal_header
from conformance.spec import VddsFacts
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.trace.journal import Journal
from conformance.wire.vdds_ini import Ini

PROFILE = "vdds-pvs"
REGISTER = "THREEDD_VDDS_REGISTER"
"""Tells a command that is started with --run where the register is."""
PVS = "THREEDD_PVS"
WAKE_S = 0.2
DIED = 3


def carry_out(wish: Wish, console: Console) -> int:
    """The exit code. Raises SetUpFailure, DriverError before the first order, or OSError."""
    facts = wish.spec.vdds
    if facts is None:
        raise SetUpFailure(f"{wish.spec.name} has no vdds-media.yaml; certify by a spec that has one.")
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.raw))
    begun_s = time.monotonic()
    with ExitStack() as stack:
        place = stack.enter_context(temporary_folder())
        clock = RealClock(lambda: time.monotonic() - begun_s)
        running = stack.enter_context(Embedded(wish.spec, Policy(seed=wish.seed), clock, identified=True))
        register = stack.enter_context(_register(place, running, facts))
        pms = _driver(wish, register, facts, place, console) if wish.driver else None
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
            _watched(wish, register, live, console)
        running.emulator.listeners.remove(recorder)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, wish.spec, folder, console, tells_left=False)
    tell_what_is_left(monitor, wish.scenarios, console)
    if died is not None:
        console.print(f"The PMS was lost: {died}", markup=False, highlight=False, soft_wrap=True)
        return ledger.exit_code if ledger.exit_code == 1 else DIED
    return ledger.exit_code


@contextmanager
def _register(place: Path, running: Embedded, facts: VddsFacts) -> Iterator[Path]:
    """A register in which the emulator and the PMS stand, for as long as it is served."""
    found = place / "connection.json"
    index = facts.register
    with left(found, Connection(running.control_url, running.token)):
        program = launcher(place, found, place / "out")
        ini = Ini().written(index.pvs_index, f"{index.index_key}1", PVS).written(PVS, index.name, PVS)
        path = place / index.file
        write_register(path, entered(ini, facts, str(program)))
        yield path


def _driver(wish: Wish, register: Path, facts: VddsFacts, place: Path, console: Console) -> DriverPms:
    def tell(line: str) -> None:
        console.print(f"  driver: {line}", markup=False, highlight=False, soft_wrap=True)

    told = {"register": str(register), "bvs": facts.entry_section, "pvs": PVS}
    return DriverPms(wish.driver, tell, DriverTerms(harness=f"threedd-conformance {__version__}", vdds=told))


def _server(running: Embedded) -> Server:
    user = running.users[0]
    return Server(running.url, user.user, user.password, str(running.authority_pem), running.thumbprint)


def _told_of(wish: Wish, about: About) -> dict[str, str]:
    title = " ".join(part for part in (about.vendor, about.name, about.version) if part)
    return {
        "harness": f"threedd-conformance {__version__}",
        "subject": title or "a PMS without a name",
        "server": OWN_SERVER,
        "interface": "VDDS media",
        "seed": str(wish.seed),
        **({RAW: IN_CLEAR} if wish.raw else {}),
    }


def _told(
    wish: Wish, pms: DriverPms, running: Embedded, recorder: Recorder, monitor: Monitor, about: About, console: Console
) -> DriverError | None:
    """Takes the PMS through the scenarios; what killed it, or None."""
    session = Session(wish.spec, pms, Deeds(running), recorder, running.clock.now_s, Persons(wish.seed), about)
    recorder.note(NoteKind.RUN, running.clock.now_s(), steps=" ".join(sorted(about.steps)))
    for scenario in in_turn(wish.scenarios, lambda: [row.id for row in monitor.unobserved()]):
        try:
            ending = session.play(scenario)
        except DriverError as died:
            return died
        why = "" if ending.outcome is Outcome.PLAYED else f": {ending.reason}"
        console.print(f"  {ending.outcome:<12} {scenario.name}{why}", markup=False, highlight=False, soft_wrap=True)
    return None


def _watched(wish: Wish, register: Path, live: Live, console: Console) -> None:
    """Waits until the time is over, the command has ended, or Ctrl-C."""
    console.print(f"Let the PMS go by the register {register}", markup=False, highlight=False, soft_wrap=True)
    started = _started(wish, register)
    ends_s = None if wish.after_s is None else time.monotonic() + wish.after_s
    sleeper = threading.Event()
    with suppress(KeyboardInterrupt), live:
        while (ends_s is None or time.monotonic() < ends_s) and (started is None or started.poll() is None):
            sleeper.wait(WAKE_S)
    if started is not None and started.poll() is None:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(5)


def _started(wish: Wish, register: Path) -> subprocess.Popen[bytes] | None:
    if not wish.run:
        return None
    try:
        return subprocess.Popen(list(wish.run), env={**os.environ, REGISTER: str(register)})
    except OSError as wrong:
        raise SetUpFailure(f"--run: {wish.run[0]} cannot be started ({wrong.strerror}); correct it.") from wrong
