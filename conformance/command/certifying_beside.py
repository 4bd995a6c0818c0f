"""How a PMS uses an interface beside REST: one run, whichever of them it is.

The program on the other side is played, and passes what it gets to the embedded emulator. A driver or a person is told
where it is and what to do; without either the run watches whoever goes there. A run that is played and stopped, or
killed, goes on as one over REST does: what was recorded is judged again, and what had not ended is played.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from conformance.certify.arrivals import Arrivals
from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.manual import ManualPms
from conformance.certify.persons import Persons
from conformance.certify.planner import in_turn
from conformance.certify.pms import About, DriverError, PmsActor
from conformance.certify.reached import server_of
from conformance.certify.session import Session
from conformance.certify.sightings import Sightings
from conformance.command.closing import exit_code_after, leave_report, tell_ending, tell_what_is_left
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder, renamed
from conformance.command.going_on import UNDECIDED, ended, learn, settle
from conformance.command.interfaces import HARNESS, Door, Interface, Wish
from conformance.command.interruption import until_ctrl_c
from conformance.command.kept import Kept, begun
from conformance.command.live import Live
from conformance.command.opening import SET_UP, not_selected, note_beginning, note_left_out
from conformance.command.past import NOTHING, Past, past_of
from conformance.command.watched import WAKE_S, watched
from conformance.emulator.clock import RealClock, SwiftClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import Policy
from conformance.emulator.store import Store
from conformance.emulator.temporary import temporary_folder
from conformance.judge import (
    IN_CLEAR,
    OWN_SERVER,
    RAW,
    Ledger,
    Monitor,
    Terms,
    about_from,
    journal_header,
    terms_from,
)
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

EVERYTHING = "*"
LATE_S = DriverTerms.give_up_s
"""How long a run waits for what a PMS has set going without waiting for it itself."""


def carry_out(interface: Interface, wish: Wish, console: Console) -> int:
    """The exit code. Raises SetUpFailure, DriverError before the first order, or OSError.

    Who stops before the first order leaves nothing; who stops later leaves what it takes to go on.
    """
    missing = interface.missing(wish.spec)
    if missing:
        raise SetUpFailure(f"{wish.spec.name} has no {missing}; certify by a spec that has one.")
    if not wish.driver and wish.person is None:
        return _watch(interface, wish, console)
    kept = wish.kept or begun(new_folder(wish.out, wish.options.subject or "pms", wish.now))
    run = _Played(interface, wish, kept, past_of(kept.journal, wish.spec) if wish.kept else NOTHING, console)
    ledger = ended(run, kept, wish.scenarios, console)
    if ledger is None:
        return UNDECIDED
    folder = kept.run if wish.options.subject else renamed(kept.run, run.about.name)
    _report(run.monitor, ledger, wish, folder, console)
    return exit_code_after(ledger, run.died, console)


def _report(monitor: Monitor, ledger: Ledger, wish: Wish, folder: Path, console: Console) -> None:
    leave_report(ledger, wish.spec, folder, console, tells_left=False)
    wish.tells(ledger)
    tell_what_is_left(monitor, wish.scenarios, console)


def _watch(interface: Interface, wish: Wish, console: Console) -> int:
    """Waits until the time is over, the command has ended, or Ctrl-C."""
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.options.raw))
    sleeper, begun_s = threading.Event(), time.monotonic()
    with ExitStack() as stack:
        place = stack.enter_context(temporary_folder())
        clock = RealClock(lambda: time.monotonic() - begun_s)
        running = stack.enter_context(Embedded(wish.spec, Policy(seed=wish.options.seed), clock, identified=True))
        door = stack.enter_context(interface.opened(place, running))
        about = About(wish.options.subject or "a PMS that is watched", "", "", frozenset())
        header = _header(interface, wish, about)
        monitor = Monitor(wish.spec, terms=terms_from(header, wish.spec), about=about_from(header))
        folder = new_folder(wish.out, about.name, wish.now)
        journal = stack.enter_context(Journal(folder / JOURNAL, header))
        live = Live(monitor, console, lambda calls: None)
        recorder.listeners[:] = [journal.append, live.hear]
        running.emulator.listeners.append(recorder)
        with until_ctrl_c() as stopped:
            console.print(door.invites, markup=False, highlight=False, soft_wrap=True)
            with live, watched(wish.run, door.told, wish.after_s, time.monotonic) as goes_on:
                while goes_on() and not stopped():
                    sleeper.wait(WAKE_S)
                if not stopped():
                    goes_on.note(recorder, clock.now_s(), live.say)
        running.emulator.listeners.remove(recorder)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    _report(monitor, ledger, wish, folder, console)
    return exit_code_after(ledger, None, console)


class _Played:
    """What one process does of a run in which the PMS is told what to do: all of it, or what is left."""

    def __init__(self, interface: Interface, wish: Wish, kept: Kept, past: Past, console: Console) -> None:
        self._interface, self._wish, self._kept, self._past, self._console = interface, wish, kept, past, console
        self.through = set(past.through)
        self.about = About("", "", "", frozenset())
        self.died: DriverError | None = None
        self.monitor: Monitor
        self._person: ManualPms | None = None
        self._recorder = Recorder(wish.spec, Redactor(wish.spec, kept.key, raw=wish.options.raw))
        if past.last:
            self._recorder.go_on(past.last)

    def whole(self) -> Ledger:
        """Raises DriverError, Interrupted, and whatever keeps an emulator from starting."""
        wish, kept, past = self._wish, self._kept, self._past
        with ExitStack() as stack:
            store = stack.enter_context(Store(kept.data))
            running = stack.enter_context(self._emulator(store))
            if past.last:
                learn(running.emulator.state, self._recorder.redactor)
            kept.note(wish.options)
            door = stack.enter_context(self._interface.opened(self._place(stack), running))
            seen = Sightings(wish.spec)
            pms = self._actor(door, seen)
            stack.callback(pms.end)
            self.about = pms.begin(server_of(running), kept.pms, resumed=bool(past.last))
            journal = stack.enter_context(self._journal())
            for event in past.events:
                self.monitor.feed(event)
            arrivals = Arrivals(seen, LATE_S)
            self._recorder.listeners[:] = [journal.append, self.monitor.feed, seen.hear, arrivals.hear]
            running.emulator.listeners.append(self._recorder)
            self._play(running, pms, arrivals)
            running.emulator.listeners.remove(self._recorder)
            ledger = self.monitor.finish()
            journal.close(ledger.verdict.value)
        return ledger

    def _emulator(self, store: Store) -> Embedded:
        spec, past = self._wish.spec, self._past
        return Embedded(
            spec,
            Policy(seed=self._wish.options.seed),
            SwiftClock(1.0, from_s=past.last_s),
            identified=True,
            keep=store.save,
            resumed=store.load(spec) if past.last else None,
        )

    def _place(self, stack: ExitStack) -> Path:
        """Where the door is. A person sets the PMS up once, so it stays there until the run ends."""
        if self._wish.person is None:
            return stack.enter_context(temporary_folder())
        self._kept.door.mkdir(exist_ok=True)
        return self._kept.door

    def _actor(self, door: Door, seen: Sightings) -> PmsActor:
        wish = self._wish
        if wish.person is None:
            return DriverPms(wish.driver, _aside(self._console), door.terms)
        able = wish.supports if wish.supports is not None else self._past.declared or None
        words, (keys, screen) = self._interface.abilities, wish.person
        reached = tuple(f"  {line}" for line in door.invites.splitlines())
        self._person = ManualPms(keys, screen, seen, wish.options.subject, able, abilities=words, reached=reached)
        return self._person

    def _journal(self) -> Journal:
        """The journal, and the monitor on its terms: those of the start, also when the run goes on."""
        past, spec = self._past, self._wish.spec
        header = past.header or _header(self._interface, self._wish, self.about)
        self.monitor = Monitor(spec, terms=terms_from(header, spec), about=about_from(header))
        return Journal.resumed(self._kept.journal) if past.last else Journal(self._kept.journal, header)

    def _play(self, running: Embedded, pms: PmsActor, arrivals: Arrivals) -> None:
        """Plays every scenario that is not through. ``died`` is what killed the PMS meanwhile."""
        wish, past, now_s, recorder = self._wish, self._past, running.clock.now_s, self._recorder
        if past.last:
            settle(running, wish.spec, past, recorder)
        persons = Persons(wish.options.seed, past.made, self._interface.carries)
        deeds = Deeds(running)
        session = Session(wish.spec, pms, deeds, recorder, now_s, persons, self.about, orders=past.orders)
        session.awaits = arrivals.after
        session.declined = set(past.unsupported)
        note_beginning(recorder, now_s(), self.about, past)
        if not past.last:  # what was left out from the start is on record already
            unselected = not_selected(self._interface.scenarios(wish.spec), wish.scenarios, wish.options.only)
            note_left_out(recorder, now_s(), unselected, SET_UP)
        left = [scenario for scenario in wish.scenarios if scenario.name not in past.through]
        person = self._person
        if person is not None:
            person.brief(left, len(self.through))
        for scenario in in_turn(left, lambda: [row.id for row in self.monitor.unobserved()]):
            if person is not None and not session.can(scenario):
                person.scene(scenario, len(self.through) + 1, len(wish.scenarios))
            try:
                ending = session.play(scenario)
            except DriverError as died:
                self.died = died
                return
            running.emulator.keep()
            self.through.add(scenario.name)
            tell_ending(scenario, ending, self._console)
        arrivals.at_end()


def _header(interface: Interface, wish: Wish, about: About) -> dict[str, object]:
    """Of the journal of a new run."""
    options = wish.options
    terms = Terms(profile=wish.profile, waivers=wish.waivers, strict=options.strict, on=f"{wish.now:%Y-%m-%d}")
    told = {
        "harness": HARNESS,
        "subject": about.title or "a PMS without a name",
        "server": OWN_SERVER,
        "interface": interface.name,
        "seed": str(options.seed),
        "repeat": wish.again,
        **({"only": options.only} if options.only != EVERYTHING else {}),
        **({RAW: IN_CLEAR} if options.raw else {}),
    }
    return journal_header(wish.spec, terms, told)


def _aside(console: Console) -> Callable[[str], None]:
    def tell(line: str) -> None:
        console.print(f"  driver: {line}", markup=False, highlight=False, soft_wrap=True)

    return tell
