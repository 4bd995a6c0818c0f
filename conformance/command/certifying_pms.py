"""One certification of a PMS, from its first order to the last file in the run's folder.

A run that is stopped, or killed, leaves a journal without a footer and what it needs to go on. When it goes on, what
was recorded is judged again first; then every scenario that had not ended is played, from its start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.certify.manual import ManualPms
from conformance.certify.persons import Persons
from conformance.certify.planner import in_rounds, in_turn, not_applicable
from conformance.certify.pms import About, DriverError, PmsActor
from conformance.certify.reached import accounts_of, server_of
from conformance.certify.session import Session
from conformance.command.closing import exit_code_after, leave_report, tell_ending, tell_what_is_left
from conformance.command.dealing import is_part
from conformance.command.folder import new_folder, renamed
from conformance.command.going_on import UNDECIDED, ended, learn, settle
from conformance.command.kept import Kept, Options, begun
from conformance.command.opening import SET_UP, not_selected, note_beginning, note_left_out, note_out_of_reach
from conformance.command.past import NOTHING, Past, past_of
from conformance.command.shards import Shard, in_header
from conformance.emulator.clock import SwiftClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded, Ports
from conformance.emulator.policy import Policy
from conformance.emulator.store import Store
from conformance.emulator.tls import TlsSettings
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
    terms_from,
)
from conformance.judge.merging import OTHER_SHARD
from conformance.model import State
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario, pms_scenarios
from conformance.trace import Event, Recorder, Redactor
from conformance.trace.journal import Journal

EVERYTHING = "*"
TIMES = 20.0
"""How much faster than the world the emulator's clock runs: what takes a person a minute takes three seconds."""
PICK_UP_S, PROCESSING_S = 0.7, 1.0
"""Where a person plays the PMS the clock is that of the world, and stations are quick."""


@dataclass(frozen=True)
class Order:
    """Which PMS is certified, by what, and where the report goes."""

    spec: Spec
    profile: Profile | None
    pms: PmsActor
    only: Sequence[Scenario]
    out: Path
    now: datetime
    options: Options
    again: str
    """The command that repeats it."""
    person: ManualPms | None = None
    """``pms``, when it is a person at the terminal."""
    kept: Kept | None = None
    """The run to go on with; None for a new one."""
    hears: Sequence[Callable[[Event], object]] = field(default_factory=tuple)
    """Told of every new event."""
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""
    waivers: tuple[Waiver, ...] = ()
    bare: bool = False
    """Leave the journal, and no report."""
    shard: Shard | None = None
    """The part of the run that is to be played; None for all of it, and for one that goes on."""
    selection: str = EVERYTHING
    """What ``only`` was chosen by."""
    elsewhere: Sequence[tuple[Scenario, str]] = ()
    """What other shards play, and why this one does not."""


def carry_out(order: Order, console: Console) -> int:
    """Takes the PMS through the scenarios, judges and reports; the exit code.

    Raises DriverError when the PMS cannot be told anything before the first order. A PMS that dies later leaves a
    report of what was seen. A run that is stopped leaves no report, and says how to go on.
    """
    subject = order.options.subject or "pms"
    kept = order.kept if order.kept is not None else begun(new_folder(order.out, subject, order.now))
    run = _Run(order, kept, past_of(kept.journal, order.spec) if order.kept is not None else NOTHING, console)
    ledger = ended(run, kept, order.only, console)
    if ledger is None:
        return UNDECIDED
    folder = kept.run if order.options.subject else renamed(kept.run, run.about.name)
    leave_report(ledger, order.spec, folder, console, tells_left=False, bare=order.bare)
    order.tells(ledger)
    if not is_part(ledger):
        tell_what_is_left(run.monitor, order.only, console)
    return exit_code_after(ledger, run.died, console)


class _Run:
    """What one process does of a run: all of it, or what is left."""

    def __init__(self, order: Order, kept: Kept, past: Past, console: Console) -> None:
        self.order, self.kept, self.past, self._console = order, kept, past, console
        self.spec = order.spec
        self.through = set(past.through)
        self.about = About("", "", "", frozenset())
        self.died: DriverError | None = None
        self.monitor: Monitor
        self._heard: list[Event] = []
        redactor = Redactor(order.spec, kept.key, raw=order.options.raw)
        self._lock, self._hearers = threading.Lock(), list[Callable[[Event], object]]()
        self._recorder = Recorder(order.spec, redactor, [self._hear])
        if past.last:
            self._recorder.go_on(past.last)

    def whole(self) -> Ledger:
        """Raises DriverError, Interrupted, and whatever keeps an emulator from starting."""
        order = self.order
        with ExitStack() as stack:
            store = stack.enter_context(Store(self.kept.data))
            state = store.load(self.spec) if self.past.last else None
            running = stack.enter_context(self._emulator(store, state))
            if self.past.last:
                learn(running.emulator.state, self._recorder.redactor)
            self.kept.note(replace(order.options, port=running.address.port))
            stack.callback(order.pms.end)
            self.about = order.pms.begin(server_of(running), self.kept.pms, resumed=bool(self.past.last))
            journal = stack.enter_context(self._journal())
            for event in self.past.events:
                self.monitor.feed(event)
            self._open(journal.append, self.monitor.feed, *order.hears)
            self._play(running)
            self._recorder.listeners.clear()
            ledger = self.monitor.finish()
            journal.close(ledger.verdict.value)
        return ledger

    def _hear(self, event: Event) -> None:
        """Keeps what comes before journal and judge are there: a PMS may call while it is being set up."""
        with self._lock:
            if not self._hearers:
                self._heard.append(event)
            for hearer in self._hearers:
                hearer(event)

    def _open(self, *hearers: Callable[[Event], object]) -> None:
        """From now on these hear every event, those from before first."""
        with self._lock:
            for event in self._heard:
                for hearer in hearers:
                    hearer(event)
            self._hearers.extend(hearers)

    def _journal(self) -> Journal:
        """The journal, and the monitor on its terms: those of the start, also when the run goes on."""
        if self.past.last:
            header = self.past.header
            self.monitor = Monitor(self.spec, terms=terms_from(header, self.spec), about=about_from(header))
            return Journal.resumed(self.kept.journal)
        terms = _terms(self.order, self.about)
        header = journal_header(self.spec, terms, _about(self.order, self.about))
        self.monitor = Monitor(self.spec, terms=terms, about=about_from(header))
        return Journal(self.kept.journal, header)

    def _emulator(self, store: Store, state: State | None) -> Embedded:
        options, manual = self.order.options, self.order.person is not None
        policy = Policy(seed=options.seed)
        if manual:
            policy = replace(policy, pick_up_delay_s=PICK_UP_S, processing_delay_s=PROCESSING_S)
        return Embedded(
            self.spec,
            policy,
            SwiftClock(1.0 if manual else TIMES, from_s=self.past.last_s),
            recorder=self._recorder,
            ports=Ports(port=options.port),
            tls=TlsSettings(plain_too=True),
            certificates=self.kept.certificates,
            identified=True,
            keep=store.save,
            resumed=state,
        )

    def _play(self, running: Embedded) -> None:
        """Plays every scenario that is not through. ``died`` is what killed the PMS meanwhile."""
        order, now_s = self.order, running.clock.now_s
        if self.past.last:
            settle(running, self.spec, self.past, self._recorder)
        session = Session(
            self.spec,
            order.pms,
            Deeds(running),
            self._recorder,
            now_s,
            Persons(order.options.seed, self.past.made),
            self.about,
            orders=self.past.orders,
            accounts=accounts_of(running),
            declined={(does, at if order.person is None else "") for does, at in self.past.unsupported},
            by_place=order.person is None,  # a person says it of the step, and is not asked again
        )
        note_beginning(self._recorder, now_s(), self.about, self.past)
        if not self.past.last:  # what was left out from the start is on record already
            here = (*order.only, *(scenario for scenario, _ in order.elsewhere))
            unselected = not_selected(pms_scenarios(self.spec), here, order.selection)
            note_left_out(self._recorder, now_s(), unselected, SET_UP)
            note_left_out(self._recorder, now_s(), order.elsewhere, OTHER_SHARD)
        left = [scenario for scenario in order.only if scenario.name not in self.past.through]
        if order.person is not None:
            order.person.brief(left, len(self.through))
        for scenarios in in_rounds(left) if order.person is not None else [left]:
            for scenario in in_turn(scenarios, self._unwitnessed):
                if order.person is not None and not session.can(scenario):
                    order.person.scene(scenario, len(self.through) + 1, len(order.only))
                try:
                    ending = session.play(scenario)
                except DriverError as died:
                    self.died = died
                    return
                running.emulator.keep()
                self.through.add(scenario.name)
                tell_ending(scenario, ending, self._console)
        note_out_of_reach(self._recorder, now_s(), session.out_of_reach(pms_scenarios(self.spec)))

    def _unwitnessed(self) -> list[str]:
        return [row.id for row in self.monitor.unobserved()]


def _terms(order: Order, about: About) -> Terms:
    return Terms(
        profile=order.profile,
        waivers=order.waivers,
        not_applicable=not_applicable(order.spec, about, pms_scenarios(order.spec)),
        strict=order.options.strict,
        on=f"{order.now:%Y-%m-%d}",
    )


def _about(order: Order, about: About) -> dict[str, str]:
    times = 1.0 if order.person is not None else TIMES
    return {
        "harness": f"threedd-conformance {__version__}",
        "subject": about.title or "a PMS without a name",
        "server": OWN_SERVER,
        "seed": str(order.options.seed),
        "repeat": order.again,
        **({"only": order.selection} if order.selection != EVERYTHING else {}),
        **({"clock": f"{times:g} times as fast as the world"} if times != 1 else {}),
        **({RAW: IN_CLEAR} if order.options.raw else {}),
        **(in_header(order.shard, _names(order)) if order.shard is not None else {}),
    }


def _names(order: Order) -> list[str]:
    """Of what all shards play together."""
    return [scenario.name for scenario in (*order.only, *(other for other, _ in order.elsewhere))]
