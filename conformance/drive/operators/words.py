"""What a person is told to do: one sentence for each button, or why a person cannot bring it about."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.spec import BY_ITSELF, Button, Dialog

DIALOGS: Mapping[Dialog, str] = {
    Dialog.PAGE: "whatever comes up first",
    Dialog.NEW_PATIENT: "the dialog for a new patient",
    Dialog.MERGE: "the dialog that suggests patients who are there already",
    Dialog.SYNC: "the dialog that compares old and new data",
}

WHAT_TO_DO: Mapping[tuple[Dialog, Button], str] = {
    (Dialog.PAGE, Button.CANCEL): "close it without saving",
    (Dialog.PAGE, Button.NO_ANSWER): "leave it open and touch nothing, until you are asked for something else",
    (Dialog.NEW_PATIENT, Button.SAVE): "save the patient, without changing any data",
    (Dialog.NEW_PATIENT, Button.CANCEL): "close it without saving",
    (Dialog.MERGE, Button.EXISTING): "choose the patient of that name who is there already",
    (Dialog.MERGE, Button.NEW): "choose none of them: a new patient",
    (Dialog.MERGE, Button.CANCEL): "close it without choosing",
    (Dialog.SYNC, Button.APPLY): "take the new data",
    (Dialog.SYNC, Button.KEEP): "keep the old data",
    (Dialog.SYNC, Button.CANCEL): "close it without choosing",
}

CANNOT: Mapping[tuple[Dialog, Button], str] = {
    (Dialog.PAGE, Button.NAVIGATION_FAILED): "a person cannot make the page of a station fail to open",
    (Dialog.PAGE, Button.EXCEPTION): "a person cannot make a station break down",
    (Dialog.PAGE, Button.INTERNAL_ERROR): "a person cannot make a station break down",
}

GO_ON = "If another dialog comes up for the same patient, accept what it proposes."
BY_NAME = "Go by the patient's name: a dialog that was asked for before may still be open."
FIRST_CLOSE = "First close what was left open the last time, without saving."


def needs_nobody(dialog: str, button: str) -> bool:
    """True for what happens by itself at a station that nobody touches."""
    return (dialog, button) == BY_ITSELF


def leaves_open(button: str) -> bool:
    """True when a dialog stays open until the next one is asked for."""
    return button == Button.NO_ANSWER


def cannot(dialog: str, button: str) -> str:
    """Why a person cannot bring it about, or ''."""
    return CANNOT.get((Dialog(dialog), Button(button)), "")


def instruction(dialog: str, button: str) -> str:
    """What to do when the dialog comes up."""
    return f"In {DIALOGS[Dialog(dialog)]}: {WHAT_TO_DO[Dialog(dialog), Button(button)]}."
