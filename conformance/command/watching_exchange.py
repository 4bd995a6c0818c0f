"""A watch over an exchange folder: two programs that are not ours use it, and one of them is judged."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance.certify.exchange_folder import ExchangeFolder
from conformance.command.closing import leave_report, tell_what_is_left
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.interruption import until_ctrl_c
from conformance.command.live import Live
from conformance.command.watched import watched
from conformance.judge import IN_CLEAR, RAW, Ledger, Monitor, Terms, Waiver, about_from, journal_header
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

LOOK_S = 0.05
"""Between two looks: what comes and goes within it is not seen."""


@dataclass(frozen=True)
class Watch:
    """Which folder is watched, whom it is about, and where the report goes."""

    spec: Spec
    profile: Profile
    folder: Path
    about: Mapping[str, str]
    """Entries of the journal's header: harness, subject and interface."""
    scenarios: Sequence[Scenario] = ()
    """What the subject could be used for, so that more is seen."""
    run: Sequence[str] = ()
    """A command whose end ends the watch; empty for none."""
    after_s: float | None = None
    strict: bool = False
    raw: bool = False
    out: Path = Path("reports")
    now: datetime = datetime.min
    first: Callable[[Recorder], object] = lambda recorder: None
    """Has on record what is known before the first look."""
    waivers: tuple[Waiver, ...] = ()
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""


def watch(wish: Watch, console: Console) -> int:
    """The exit code. Raises SetUpFailure, or OSError."""
    if wish.spec.vdds is None:
        raise SetUpFailure(f"{wish.spec.name} has no vdds-media.yaml; certify by a spec that has one.")
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.raw))
    terms = Terms(profile=wish.profile, waivers=wish.waivers, strict=wish.strict, on=f"{wish.now:%Y-%m-%d}")
    header = journal_header(wish.spec, terms, {**wish.about, **({RAW: IN_CLEAR} if wish.raw else {})})
    monitor = Monitor(wish.spec, terms=terms, about=about_from(header))
    begun_s = time.monotonic()
    exchange = ExchangeFolder(wish.spec, recorder, wish.folder.absolute(), lambda: time.monotonic() - begun_s)
    exchange.look()
    place = new_folder(wish.out, wish.about["subject"], wish.now)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal(place / JOURNAL, header))
        live = Live(monitor, console, lambda calls: None)
        recorder.listeners[:] = [journal.append, live.hear]
        wish.first(recorder)
        _looks(wish, exchange, recorder, live, console)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, wish.spec, place, console, tells_left=False)
    wish.tells(ledger)
    tell_what_is_left(monitor, wish.scenarios, console)
    return ledger.exit_code


def _looks(wish: Watch, exchange: ExchangeFolder, recorder: Recorder, live: Live, console: Console) -> None:
    """Looks until the time is over, the command has ended, or Ctrl-C."""
    with until_ctrl_c() as stopped:
        told = f"Watching {exchange.folder}; use the two programs now. Nothing is written there."
        console.print(told, markup=False, highlight=False, soft_wrap=True)
        with live, watched(wish.run, {}, wish.after_s, time.monotonic) as goes_on:
            while goes_on() and not stopped():
                exchange.look()
                time.sleep(LOOK_S)
            exchange.look()
            if not stopped():
                goes_on.note(recorder, exchange.now_s(), live.say)
    exchange.finish()
    console.print(f"  {exchange.count.told()}", markup=False, highlight=False, soft_wrap=True)
