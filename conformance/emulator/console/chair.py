"""What a person at the stations sees: open dialogs, stations, operations. Facts only; the looks are the templates'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.emulator.console.form import day
from conformance.emulator.console.marks import Marked, in_play
from conformance.emulator.policy import ASKS_A_PERSON, WAIT, WORKS_BY_ITSELF
from conformance.emulator.server import Emulator
from conformance.model import Button, Dialog, Operation, Patient, Place, Station, candidates
from conformance.model import readings as points
from conformance.model.records import patient_of
from conformance.spec import BUTTONS

MODES: Mapping[str, Mapping[Dialog, str]] = {
    "themselves": WORKS_BY_ITSELF,
    "dialogs": ASKS_A_PERSON,
    "everything": {**ASKS_A_PERSON, Dialog.PAGE: WAIT},
}
"""Who answers: nobody has to, a person the dialogs, a person the opening of pages as well."""

TITLES: Mapping[Dialog, str] = {
    Dialog.PAGE: "Open a page",
    Dialog.NEW_PATIENT: "New patient",
    Dialog.MERGE: "Merge patients",
    Dialog.SYNC: "Patient information update",
}
LABELS: Mapping[Button, str] = {
    Button.PROCEED: "Open the page",
    Button.NAVIGATION_FAILED: "The page does not open",
    Button.NO_ANSWER: "The station falls silent",
    Button.EXCEPTION: "3DD fails with an exception",
    Button.INTERNAL_ERROR: "3DD fails without a word",
    Button.SAVE: "Save patient",
    Button.EXISTING: "Use the chosen patient",
    Button.NEW: "Create a new patient",
    Button.APPLY: "Apply new data",
    Button.KEEP: "Keep old data",
    Button.CANCEL: "Cancel",
}
MISHAPS = BUTTONS[Dialog.PAGE][1:-1]
"""What may happen instead of an answer."""
PLACES: Mapping[Place, str] = {Place.POOL: "waits in the pool", Place.STATION: "at the station", Place.DONE: "done"}
LONGEST_SHOWN = 200
"""Of the pool: what is older is counted."""


@dataclass(frozen=True)
class Sheet:
    """A patient as a dialog shows one."""

    key: int
    name: str
    first_name: str
    last_name: str
    birth_date: str
    patient_id: str


@dataclass(frozen=True)
class Window:
    """A dialog that stands open."""

    serial: int
    kind: Dialog
    title: str
    station: str
    method: str
    integration_id: str
    sent: Sheet
    suggested: Sequence[Sheet]
    old: Sheet | None
    """For the synchronisation: the patient as the emulator has it."""
    buttons: Sequence[Button]
    mishaps: Sequence[Button]
    marks: Sequence[Marked]


@dataclass(frozen=True)
class Desk:
    """A station."""

    station: Station
    page: str
    held: bool
    waiting: int


@dataclass(frozen=True)
class Line:
    """An operation."""

    operation: Operation
    method: str
    station: str
    code: int
    place: str
    about: str
    received: int
    kept: bool


def windows(emulator: Emulator) -> list[Window]:
    """The open dialogs, the oldest first."""
    operations = emulator.state.operations
    asking = sorted(emulator.stations.asking.items())
    return [_window(emulator, operations[serial], dialog) for serial, dialog in asking if serial in operations]


def desks(emulator: Emulator) -> list[Desk]:
    """Every station, those that are connected first."""
    operations = tuple(emulator.state.operations.values())
    waiting = [operation.station for operation in operations if operation.place is Place.POOL]
    known = sorted(emulator.state.stations.values(), key=lambda station: not station.connected)
    return [
        Desk(
            station,
            _page(emulator, station, operations),
            emulator.stations.is_held(station.id),
            waiting.count(station.id),
        )
        for station in known
    ]


def lines(emulator: Emulator) -> list[Line]:
    """What waits, what is worked on, and what keeps its status, the newest first."""
    newest = sorted(emulator.state.operations.values(), key=lambda operation: -operation.serial)
    return [_line(emulator, operation) for operation in newest[:LONGEST_SHOWN]]


def mode(emulator: Emulator) -> str:
    """Which of MODES is in force; '' for a mixture of somebody's own."""
    own = emulator.policy.operator
    return next((name for name, operator in MODES.items() if dict(operator) == dict(own)), "")


def sheet(patient: Patient) -> Sheet:
    """The patient as a dialog shows it."""
    return Sheet(
        patient.key,
        patient.full_name,
        patient.first_name,
        patient.last_name,
        day(patient.birth_date),
        patient.patient_id,
    )


def _window(emulator: Emulator, operation: Operation, dialog: Dialog) -> Window:
    suggested = candidates(emulator.state, operation, emulator.readings) if dialog is Dialog.MERGE else ()
    old = emulator.stations.patient_in_question(operation) if dialog is Dialog.SYNC else None
    return Window(
        serial=operation.serial,
        kind=dialog,
        title=TITLES[dialog],
        station=_hostname(emulator, operation),
        method=emulator.spec.method[operation.role].name,
        integration_id=operation.call.text("integration_id"),
        sent=sheet(patient_of(operation.call)),
        suggested=[sheet(patient) for patient in suggested],
        old=None if old is None else sheet(old),
        buttons=[button for button in BUTTONS[dialog] if button not in MISHAPS],
        mishaps=MISHAPS,
        marks=in_play(emulator, _points(operation, dialog)),
    )


def _points(operation: Operation, dialog: Dialog) -> Iterator[str]:
    """The doubtful points that decide whether and how this dialog is shown, and what comes of it."""
    match dialog:
        case Dialog.MERGE:
            yield points.SIMILAR_NAMES
        case Dialog.NEW_PATIENT if operation.call.flag("merge"):
            yield points.MERGE_WITHOUT_MATCH
        case Dialog.SYNC if operation.role == "update_patient":
            yield from (points.UPDATE_DIALOG, points.KEPT_OLD_DATA)
        case Dialog.SYNC:
            yield points.MERGED_PATIENT_ID


def _page(emulator: Emulator, station: Station, operations: Sequence[Operation]) -> str:
    """What is on its screen: an open dialog, or the page of the last thing it was asked to do."""
    own = [operation for operation in operations if operation.station == station.id]
    for operation in own:
        if operation.serial in emulator.stations.asking:
            return f"Dialog: {TITLES[emulator.stations.asking[operation.serial]]}"
    patient = emulator.state.patient(emulator.selected(station.id))
    if patient is not None:
        return f"Patient {patient.full_name}, opened by the command line"
    taken = [operation for operation in own if operation.place is not Place.POOL]
    if not taken:
        return "Start page"
    last = max(taken, key=lambda operation: operation.serial)
    return f"Page of {emulator.spec.method[last.role].name}"


def _line(emulator: Emulator, operation: Operation) -> Line:
    return Line(
        operation=operation,
        method=emulator.spec.method[operation.role].name,
        station=_hostname(emulator, operation),
        code=emulator.spec.code(operation.status),
        place=PLACES[operation.place],
        about=operation.call.text("integration_id") or operation.call.texts.get("case", ""),
        received=operation.call.at,
        kept=operation.serial in emulator.state.kept,
    )


def _hostname(emulator: Emulator, operation: Operation) -> str:
    if not operation.station.int:
        return "server"
    known = emulator.state.stations.get(operation.station)
    return known.hostname if known else "unknown station"
