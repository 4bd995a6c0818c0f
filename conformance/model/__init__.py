"""What the guide allows next: pure functions over a state, independent of the rules that judge traces."""

from conformance.model.call import EMPTY_GUID, Argument, Call, Instant
from conformance.model.changes import (
    AddCase,
    AddOperation,
    AddPatient,
    Change,
    MapPatient,
    RemoveFromPool,
    SetPatient,
    SetStation,
    SetStatus,
    apply_all,
)
from conformance.model.conditions import Checker, Choice, refusals
from conformance.model.dialogs import BUTTONS, Button, Decision, Dialog
from conformance.model.lifecycle import Answers, candidates, finish, pick_up, question, silence
from conformance.model.outcome import NEVER, SILENCE, Answer, Outcome, Stamp, answered, turned_down
from conformance.model.readings import UNDERSTOOD, Readings
from conformance.model.state import (
    Case,
    CaseState,
    Image,
    Indication,
    Operation,
    Patient,
    Place,
    Scan,
    State,
    Station,
)
from conformance.model.step import step

__all__ = [
    "BUTTONS",
    "EMPTY_GUID",
    "NEVER",
    "SILENCE",
    "UNDERSTOOD",
    "AddCase",
    "AddOperation",
    "AddPatient",
    "Answer",
    "Answers",
    "Argument",
    "Button",
    "Call",
    "Case",
    "CaseState",
    "Change",
    "Checker",
    "Choice",
    "Decision",
    "Dialog",
    "Image",
    "Indication",
    "Instant",
    "MapPatient",
    "Operation",
    "Outcome",
    "Patient",
    "Place",
    "Readings",
    "RemoveFromPool",
    "Scan",
    "SetPatient",
    "SetStation",
    "SetStatus",
    "Stamp",
    "State",
    "Station",
    "answered",
    "apply_all",
    "candidates",
    "finish",
    "pick_up",
    "question",
    "refusals",
    "silence",
    "step",
    "turned_down",
]
