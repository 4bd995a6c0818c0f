"""How a PMS uses an interface beside REST: one run, whichever of them it is.

The program on the other side is played, and passes what it gets to the embedded emulator. A driver is told where it is
and what to do; without one the run watches whoever goes there.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from rich.console import Console

from conformance import __version__
from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.manual import ManualPms
from conformance.certify.persons import Persons
from conformance.certify.planner import in_turn
from conformance.certify.pms import About, DriverError, Interrupted, PmsActor, Step
from conformance.certify.reached import server_of
from conformance.certify.session import Session
from conformance.certify.sightings import Sightings
from conformance.command.closing import exit_code_after, leave_report, tell_ending, tell_what_is_left
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.interruption import until_ctrl_c
from conformance.command.live import Live
from conformance.command.watched import WAKE_S, watched
from conformance.emulator.clock import RealClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.temporary import temporary_folder
from conformance.judge import (
    IN_CLEAR,
    OWN_SERVER,
    RAW,
    Ledger,
    Monitor,
    Terms,
    Waiver,
    about_from,
    journal_header,
)
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.trace.journal import Journal

UNDECIDED = 2
HARNESS = f"threedd-conformance {__version__}"


@dataclass(frozen=True)
class Door:
    """Where a PMS goes, while the run goes on."""

    invites: str
    """What a person is told to have the PMS do."""
    told: Mapping[str, str]
    """What a watched program finds in its environment."""
    terms: DriverTerms
    """What a driver is told."""


@dataclass(frozen=True)
class Interface:
    """One interface beside REST."""

    name: str
    """In words, for the report."""
    profile: str
    missing: Callable[[Spec], str]
    """The file that a spec without this interface lacks; '' where it has it."""
    abilities: Mapping[Step, str]
    """What a PMS may be able to do over it, in words for a person."""
    opened: Callable[[Path, Embedded], AbstractContextManager[Door]]
    """Opens the door in that folder, for as long as the emulator is reached through it."""


@dataclass(frozen=True)
class Wish:
    """Whose use of an interface is judged, by what, and where the report goes."""

    spec: Spec
    profile: Profile
    scenarios: Sequence[Scenario]
    driver: Sequence[str]
    """Its command; empty to watch, or to ask a person."""
    run: Sequence[str]
    """While watching: a command whose end ends the run; empty for none."""
    after_s: float | None
    subject: str
    seed: int
    strict: bool
    raw: bool
    out: Path
    now: datetime
    person: tuple[TextIO, TextIO] | None = None
    """Where a person types and reads what to do in the PMS; None where none is asked."""
    supports: frozenset[str] | None = None
    """What that person's PMS can do; None asks."""
    waivers: tuple[Waiver, ...] = ()
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""


def carry_out(interface: Interface, wish: Wish, console: Console) -> int:
    """The exit code. Raises SetUpFailure, DriverError before the first order, or OSError.

    A person who stops before the first order leaves nothing.
    """
    missing = interface.missing(wish.spec)
    if missing:
        raise SetUpFailure(f"{wish.spec.name} has no {missing}; certify by a spec that has one.")
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.raw))
    died = None
    with ExitStack() as stack:
        place = stack.enter_context(temporary_folder())
        running = stack.enter_context(_emulator(wish))
        door = stack.enter_context(interface.opened(place, running))
        seen = Sightings(wish.spec)
        person = _person(interface, wish, door, seen)
        driver = DriverPms(wish.driver, _aside(console), door.terms) if wish.driver else None
        pms: PmsActor | None = person or driver
        about = About(wish.subject or "a PMS that is watched", "", "", frozenset())
        if pms is not None:
            stack.callback(pms.end)
            try:
                about = pms.begin(server_of(running), place / "pms", resumed=False)
            except Interrupted as stop:
                console.print(f"Stopped ({stop}). Nothing was recorded.", markup=False, highlight=False)
                return UNDECIDED
        terms = Terms(profile=wish.profile, waivers=wish.waivers, strict=wish.strict, on=f"{wish.now:%Y-%m-%d}")
        header = journal_header(wish.spec, terms, _told_of(interface, wish, about))
        monitor = Monitor(wish.spec, terms=terms, about=about_from(header))
        folder = new_folder(wish.out, about.name or "pms", wish.now)
        journal = stack.enter_context(Journal(folder / JOURNAL, header))
        live = Live(monitor, console, lambda calls: None)
        recorder.listeners[:] = [journal.append, monitor.feed if pms is not None else live.hear, seen.hear]
        running.emulator.listeners.append(recorder)
        if pms is not None:
            died = _play(wish, pms, person, running, recorder, monitor, about, console)
        else:
            _watch(wish, door, live, console)
        running.emulator.listeners.remove(recorder)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, wish.spec, folder, console, tells_left=False)
    wish.tells(ledger)
    tell_what_is_left(monitor, wish.scenarios, console)
    return exit_code_after(ledger, died, console)


def _person(interface: Interface, wish: Wish, door: Door, seen: Sightings) -> ManualPms | None:
    if wish.person is None:
        return None
    keys, screen = wish.person
    reached = (f"  {door.invites}",)
    return ManualPms(keys, screen, seen, wish.subject, wish.supports, abilities=interface.abilities, reached=reached)


def _emulator(wish: Wish) -> Embedded:
    begun_s = time.monotonic()
    clock = RealClock(lambda: time.monotonic() - begun_s)
    return Embedded(wish.spec, Policy(seed=wish.seed), clock, identified=True)


def _aside(console: Console) -> Callable[[str], None]:
    def tell(line: str) -> None:
        console.print(f"  driver: {line}", markup=False, highlight=False, soft_wrap=True)

    return tell


def _told_of(interface: Interface, wish: Wish, about: About) -> dict[str, str]:
    return {
        "harness": HARNESS,
        "subject": about.title or "a PMS without a name",
        "server": OWN_SERVER,
        "interface": interface.name,
        "seed": str(wish.seed),
        **({RAW: IN_CLEAR} if wish.raw else {}),
    }


def _play(
    wish: Wish,
    pms: PmsActor,
    person: ManualPms | None,
    running: Embedded,
    recorder: Recorder,
    monitor: Monitor,
    about: About,
    console: Console,
) -> DriverError | None:
    """Takes the PMS through the scenarios; what killed it, or None, also where a person stopped before the end."""
    session = Session(wish.spec, pms, Deeds(running), recorder, running.clock.now_s, Persons(wish.seed), about)
    recorder.note(NoteKind.RUN, running.clock.now_s(), steps=" ".join(sorted(about.steps)))
    try:
        if person is not None:
            person.brief(wish.scenarios, 0)
        turns = in_turn(wish.scenarios, lambda: [row.id for row in monitor.unobserved()])
        for number, scenario in enumerate(turns, start=1):
            if person is not None and not session.can(scenario):
                person.scene(scenario, number, len(wish.scenarios))
            tell_ending(scenario, session.play(scenario), console)
    except DriverError as died:
        return died
    except (Interrupted, KeyboardInterrupt) as stop:
        if person is None:
            raise
        told = f"Stopped{f' ({stop})' if str(stop) else ''}. What is left can be played alone, by --only."
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    return None


def _watch(wish: Wish, door: Door, live: Live, console: Console) -> None:
    """Waits until the time is over, the command has ended, or Ctrl-C."""
    sleeper = threading.Event()
    with until_ctrl_c() as stopped:
        console.print(door.invites, markup=False, highlight=False, soft_wrap=True)
        with live, watched(wish.run, door.told, wish.after_s, time.monotonic) as goes_on:
            while goes_on() and not stopped():
                sleeper.wait(WAKE_S)
