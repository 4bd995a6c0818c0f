"""A PMS is used by somebody, or by its own tests, while the emulator stands in for 3DD and watches."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.certify.reached import environment, server_of
from conformance.certify.watch import Watch
from conformance.command.closing import leave_report, tell_what_is_left
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.interruption import until_ctrl_c
from conformance.command.live import Live
from conformance.command.watched import WAKE_S, watched
from conformance.emulator.clock import RealClock
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded, Ports
from conformance.emulator.policy import Policy
from conformance.emulator.serve import greeting
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
)
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.trace.journal import Journal

PICK_UP_S, PROCESSING_S = 0.7, 1.0


@dataclass(frozen=True)
class Occasion:
    """What is watched, how it is judged, and where the report goes."""

    spec: Spec
    profile: Profile | None
    subject: str
    scenarios: Sequence[Scenario]
    provoke: bool
    """True brings situations about; False leaves the 3DD as quiet as a good day."""
    ports: Ports
    run: Sequence[str]
    """A command to start, whose end ends the watch; empty for none."""
    after_s: float | None
    seed: int
    out: Path
    now: datetime
    raw: bool
    strict: bool
    again: str
    waivers: tuple[Waiver, ...] = ()
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""


def watch(occasion: Occasion, console: Console) -> int:
    """Serves until it is to end, judges and reports; the exit code. Raises SetUpFailure or OSError."""
    terms = Terms(occasion.profile, occasion.waivers, strict=occasion.strict, on=f"{occasion.now:%Y-%m-%d}")
    header = journal_header(occasion.spec, terms, _about(occasion))
    monitor = Monitor(occasion.spec, terms=terms, about=about_from(header))
    folder = new_folder(occasion.out, occasion.subject or "pms", occasion.now)
    recorder = Recorder(occasion.spec, Redactor(occasion.spec, secrets.token_bytes(32), raw=occasion.raw))
    called = threading.Event()
    live = Live(monitor, console, lambda calls: called.set())
    with Journal(folder / JOURNAL, header) as journal:
        recorder.listeners[:] = [journal.append, live.hear]
        with _emulator(occasion, recorder) as running, live, until_ctrl_c() as stopped:
            for line in greeting(running):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            _until_the_end(occasion, running, monitor, recorder, called, live, stopped)
        recorder.listeners.clear()
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, occasion.spec, folder, console, tells_left=False)
    occasion.tells(ledger)
    tell_what_is_left(monitor, occasion.scenarios, console)
    return ledger.exit_code


def _emulator(occasion: Occasion, recorder: Recorder) -> Embedded:
    return Embedded(
        occasion.spec,
        Policy(seed=occasion.seed, pick_up_delay_s=PICK_UP_S, processing_delay_s=PROCESSING_S),
        RealClock(),
        recorder=recorder,
        ports=occasion.ports,
        tls=TlsSettings(plain_too=True),
        identified=True,
    )


def _about(occasion: Occasion) -> dict[str, str]:
    return {
        "harness": f"threedd-conformance {__version__}",
        "subject": occasion.subject or "a PMS that is watched",
        "server": OWN_SERVER,
        "seed": str(occasion.seed),
        "repeat": occasion.again,
        **({RAW: IN_CLEAR} if occasion.raw else {}),
    }


def _until_the_end(
    occasion: Occasion,
    running: Embedded,
    monitor: Monitor,
    recorder: Recorder,
    called: threading.Event,
    live: Live,
    stopped: Callable[[], bool],
) -> None:
    now_s = running.clock.now_s

    def provoked(scenario: Scenario) -> None:
        recorder.note(NoteKind.PROVOKED, now_s(), situation=scenario.name, rows=" ".join(scenario.aims))
        live.say(f"> next: {scenario.title}")

    guide = Watch(Deeds(running), occasion.scenarios, lambda: [row.id for row in monitor.unobserved()], provoked)
    with watched(occasion.run, environment(server_of(running)), occasion.after_s, now_s) as goes_on:
        while goes_on() and not stopped():
            if called.wait(WAKE_S):
                called.clear()
                if occasion.provoke:
                    guide.look()
        if not stopped():
            goes_on.note(recorder, now_s(), live.say)
