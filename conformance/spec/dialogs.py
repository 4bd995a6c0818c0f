"""What a station asks its operator, and what can be pressed: the one list that everybody's vocabulary comes from.

Besides the three dialogs of the guide there is the page: before anything else the station opens the page that an
operation needs. Its buttons stand for what happens instead of a dialog.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Dialog(StrEnum):
    PAGE = "page"
    NEW_PATIENT = "new_patient"
    MERGE = "merge"
    SYNC = "sync"


class Button(StrEnum):
    PROCEED = "proceed"  # the page opens
    NAVIGATION_FAILED = "navigation_failed"  # the page does not open
    NO_ANSWER = "no_answer"  # the station is not heard of again
    EXCEPTION = "exception"  # 3DD breaks, with a text
    INTERNAL_ERROR = "internal_error"  # 3DD breaks, without
    SAVE = "save"  # the new patient
    EXISTING = "existing"  # map the suggested patient
    NEW = "new"  # none of the suggested patients: make a new one
    APPLY = "apply"  # the new data
    KEEP = "keep"  # the old data
    CANCEL = "cancel"  # close the dialog


BUTTONS: Mapping[Dialog, tuple[Button, ...]] = {
    Dialog.PAGE: (
        Button.PROCEED,
        Button.NAVIGATION_FAILED,
        Button.NO_ANSWER,
        Button.EXCEPTION,
        Button.INTERNAL_ERROR,
        Button.CANCEL,
    ),
    Dialog.NEW_PATIENT: (Button.SAVE, Button.CANCEL),
    Dialog.MERGE: (Button.EXISTING, Button.NEW, Button.CANCEL),
    Dialog.SYNC: (Button.APPLY, Button.KEEP, Button.CANCEL),
}
"""What can be pressed, by dialog; the first is what goes on."""

BY_ITSELF = (Dialog.PAGE, Button.PROCEED)
"""What happens at a station that nobody touches."""
