"""What every run does once it is over: the files beside its journal, and what the terminal says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from conformance.certify.pms import DriverError
from conformance.certify.session import Ending, Outcome
from conformance.command.dealing import exit_code_of, print_end
from conformance.command.folder import JOURNAL, point_latest
from conformance.command.showing import showing
from conformance.judge import Ledger, Monitor
from conformance.report import left_behind, write_all
from conformance.spec import Spec
from conformance.spec.prospects import in_words
from conformance.spec.scenarios import Scenario
from conformance.trace import Event
from conformance.trace.journal import read_journal

VIOLATED, DIED = 1, 3


def tell_what_is_left(monitor: Monitor, scenarios: Sequence[Scenario], console: Console) -> None:
    """Says what the PMS could be used for next, so that the rows are seen that were not yet."""
    for line in in_words(scenarios, [row.id for row in monitor.unobserved()]):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def tell_ending(scenario: Scenario, ending: Ending, console: Console) -> None:
    """Says how a scenario went."""
    why = f": {ending.reason}" if ending.outcome is not Outcome.PLAYED else ""
    console.print(f"  {ending.outcome:<12} {scenario.name}{why}", markup=False, highlight=False, soft_wrap=True)


def exit_code_after(ledger: Ledger, died: DriverError | None, console: Console) -> int:
    """That of the ledger; of a PMS that was lost on the way, which is said, only a breach counts."""
    own = exit_code_of(ledger)
    if died is None:
        return own
    console.print(f"The PMS was lost: {died}", markup=False, highlight=False, soft_wrap=True)
    return own if own == VIOLATED else DIED


def leave_report(
    ledger: Ledger, spec: Spec, folder: Path, console: Console, *, tells_left: bool, bare: bool = False
) -> list[Event]:
    """Writes the report into the folder of the journal and prints the ledger; the events of the journal.

    Nothing of that where ``bare``. With ``tells_left`` the terminal also says what the run left on its server.
    """
    if bare:
        return []
    _, read = read_journal(folder / JOURNAL, partial=True)
    events = list(read)
    write_all(ledger, spec, folder, events, showing, datetime.now(UTC))
    point_latest(folder)
    print_end(ledger, console)
    left = left_behind(events, spec).told() if tells_left else ""
    if left:
        console.print(f"left on the server: {left}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"report: {folder / 'report.html'}", highlight=False, soft_wrap=True)
    return events
