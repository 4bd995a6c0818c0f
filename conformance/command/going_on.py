"""How a run that was interrupted takes up its thread, whatever interface it is about."""

from __future__ import annotations

from rich.console import Console

from conformance.certify.pms import Interrupted
from conformance.command.kept import Kept
from conformance.command.past import Past
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.emulator.identities import RIGHT
from conformance.emulator.seed import load_seed
from conformance.model import State
from conformance.model.changes import SetStation
from conformance.spec import Spec
from conformance.trace import NoteKind, Recorder, Redactor


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
