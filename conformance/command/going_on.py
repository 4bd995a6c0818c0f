"""How a run that was interrupted takes up its thread, whatever interface it is about."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from typing import Protocol

from rich.console import Console

from conformance.certify.pms import Interrupted
from conformance.command.kept import Kept
from conformance.command.past import Past
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.identities import RIGHT
from conformance.emulator.seed import load_seed
from conformance.judge import Ledger
from conformance.model import State
from conformance.model.changes import SetStation
from conformance.spec import Spec
from conformance.trace import NoteKind, Recorder, Redactor

UNDECIDED = 2
"""Exit code of a run that was stopped."""


class Whole(Protocol):
    """A run that one process takes to its end, or leaves half-way."""

    @property
    def through(self) -> Collection[str]:
        """Names of the scenarios that have ended."""
        ...

    def whole(self) -> Ledger:
        """Raises Interrupted or KeyboardInterrupt when it is stopped."""
        ...


def ended(run: Whole, kept: Kept, scenarios: Sequence[object], console: Console) -> Ledger | None:
    """The ledger, and what was kept is forgotten; None for a run that was stopped, after saying how it goes on.

    One that never began leaves nothing.
    """
    try:
        ledger = run.whole()
    except (Interrupted, KeyboardInterrupt) as stop:
        tell_how_to_go_on(kept, len(run.through), len(scenarios), str(stop), console)
        return None
    finally:
        if not kept.journal.exists():
            shutil.rmtree(kept.run, ignore_errors=True)
    kept.forget()
    return ledger


def learn(state: State, redactor: Redactor) -> None:
    """Has the redactor know whom the run has met before, so that they are found in free text as well."""
    for patient in state.patients.values():
        for text in (patient.first_name, patient.last_name, patient.patient_id, patient.integration_id):
            redactor.token(text)


def settle(running: Embedded, spec: Spec, past: Past, recorder: Recorder) -> None:
    """What the run was interrupted in is over: an order, a scenario, and what that had changed in the world."""
    now_s, note = running.clock.now_s, recorder.note
    running.present(RIGHT)
    stations = load_seed(spec).state.stations.values()
    running.emulator.change(*(SetStation(station) for station in stations))
    Deeds(running).calm()
    if past.open_order:
        ends = {"order": past.open_order, "phase": "end", "answer": Interrupted.answer}
        note(NoteKind.ORDER, now_s(), **ends, status_code="", told="no")
    if past.open_play:
        note(NoteKind.PLAY, now_s(), play=past.open_play, phase="end", ending=Interrupted.answer)


def tell_how_to_go_on(kept: Kept, through: int, of: int, why: str, console: Console) -> None:
    """Says why it stopped, and the command that goes on."""
    told = f"Stopped{f' ({why})' if why else ''}. "
    if kept.journal.exists():
        told += f"Kept after {through} of {of} scenarios. Go on with:\n"
        told += f'  threedd certify pms --resume "{kept.run}"'
    else:
        told += "Nothing was recorded, and nothing is kept."
    console.print(told, markup=False, highlight=False, soft_wrap=True)
