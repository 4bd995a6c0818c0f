"""One certification from its first call to the last file in its folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import __version__
from conformance.command.closing import leave_report
from conformance.command.dealing import exit_code_of, played_elsewhere, plays_dealt
from conformance.command.failure import SetUpFailure
from conformance.command.folder import JOURNAL, new_folder
from conformance.command.progress import Progress
from conformance.command.shards import Shard, in_header
from conformance.command.subject import Subject
from conformance.drive import Allowance, Driver, PersonOperator, guard_at, place
from conformance.judge import IN_CLEAR, RAW, Ledger, Monitor, Terms, Waiver, about_from, terms_header
from conformance.spec import JudgedBy, Obligation, Profile, Spec
from conformance.suite.budget import BUDGETS
from conformance.suite.oracle import Oracle
from conformance.suite.plugin import execute
from conformance.suite.preflight import Unready
from conformance.suite.run import Run
from conformance.suite.stage import Stage
from conformance.suite.trips import round_of
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

GOT_THROUGH = (0, 1)
"""Exit codes of pytest after which every item has had its turn."""


@dataclass(frozen=True)
class Order:
    """What is to be certified, by what, and where the report goes."""

    spec: Spec
    profile: Profile | None
    subject: Subject
    budget: str
    only: str
    out: Path
    now: datetime
    raw: bool
    strict: bool
    again: str
    """The command that repeats it."""
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""
    waivers: tuple[Waiver, ...] = ()
    shard: Shard | None = None
    """The part of the run that is to be played; None for all of it."""
    bare: bool = False
    """Leave the journal, and no report."""


def carry_out(order: Order, console: Console) -> int:
    """Runs, judges and reports; the exit code. Raises SetUpFailure before anything was judged."""
    subject = order.subject
    if subject.target.embedded:  # the address of any other was told before its first rung
        console.print(f"certifying {subject.title}", highlight=False)
    folder = new_folder(order.out, subject.name, order.now)
    terms = Terms(order.profile, order.waivers, strict=order.strict, on=f"{order.now:%Y-%m-%d}")
    header = _header(order, terms)
    oracle = Oracle(Monitor(order.spec, terms=terms, about=about_from(header)))
    try:
        with Journal(folder / JOURNAL, header, buffered=subject.target.embedded) as journal:
            run = _run(order, oracle, journal)
            got_through = _play(run, folder, console, subject.person)
            ledger = run.finish(cut_short=not got_through)
            if not got_through:
                raise _CutShort
            journal.close(ledger.verdict.value)
    except Unready as unready:
        raise SetUpFailure(f"{unready} (recorded in {folder})") from unready
    except _CutShort:
        for crash in run.crashed:
            console.print(crash, markup=False, highlight=False)
    leave_report(ledger, order.spec, folder, console, tells_left=not subject.server, bare=order.bare)
    order.tells(ledger)
    return exit_code_of(ledger)


class _CutShort(Exception):
    """The run was broken off; its journal shall have no footer."""


def _run(order: Order, oracle: Oracle, journal: Journal) -> Run:
    target = order.subject.target
    redactor = Redactor(order.spec, order.subject.key, raw=order.raw)
    recorder = Recorder(order.spec, redactor, [journal.append, oracle.hear])
    clock = _from_zero()
    where = place(target.url)
    driver = Driver(
        target.url,
        recorder,
        target.context,
        clock=clock,
        guard=guard_at(where, order.spec, target.tier, prefix=target.prefix, shared=target.shared),
        allowance=Allowance(
            clock, between_calls_s=target.patience.between_calls_s, most_calls=target.patience.most_calls
        ),
    )
    return Run(
        order.spec,
        Stage(target, driver, order.spec, oracle.exchange),
        oracle,
        BUDGETS[order.budget],
        only=order.only,
        again=order.again,
        authority_pem=order.subject.authority_pem,
        ladder=order.subject.ladder,
        elsewhere=played_elsewhere(order.spec, order.shard) if order.shard is not None else {},
    )


def _header(order: Order, terms: Terms) -> dict[str, object]:
    return {
        "harness": f"threedd-conformance {__version__}",
        "spec": order.spec.name,
        "spec_digest": order.spec.digest,
        "subject": order.subject.title,
        "server": order.subject.server,
        "seed": str(order.subject.target.seed),
        "budget": order.budget,
        "only": order.only,
        "repeat": order.again,
        **_extent(order),
        **({RAW: IN_CLEAR} if order.raw else {}),
        **(in_header(order.shard, plays_dealt(order.spec, 1)) if order.shard is not None else {}),
        **terms_header(terms),
    }


def _extent(order: Order) -> dict[str, str]:
    """What a budget that leaves plays out says of itself."""
    if not BUDGETS[order.budget].plays or order.profile is None:
        return {}
    rows = (order.spec.requirement[row] for row in order.profile.requirements)
    owed = sum(row.obligation is Obligation.MUST and row.judged_by is not JudgedBy.NOBODY for row in rows)
    counted = len(order.profile.mandatory)
    return {"extent": f"{order.budget}: {counted} of {owed} mandatory rows; a smoke test, not a certification"}


def _play(run: Run, folder: Path, console: Console, person: PersonOperator | None) -> bool:
    """False when the run was broken off. Raises Unready."""
    with Progress(console) as progress, closing(run.stage.driver):
        run.on_stimulus, run.on_result = progress.began, progress.ended
        run.prepare()
        if person is not None:
            person.aside = progress.aside
            person.brief(round_of((*run.plays(), *run.scenarios()), run.stage.target, len(run.stage.stations)))
        return execute(run, folder) in GOT_THROUGH


def _from_zero() -> Callable[[], float]:
    """A clock that begins with the run: a recording tells how long things took, not when this computer was started."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
