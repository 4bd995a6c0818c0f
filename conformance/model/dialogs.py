"""What was pressed at a station; the dialogs and their buttons are those of ``conformance.spec``."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.spec import BUTTONS, Button, Dialog

__all__ = ["BUTTONS", "Button", "Decision", "Dialog"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was pressed."""

    button: Button
    patient: str = ""
    """For ``existing``: patient id or full name of the one chosen; '' for the first suggested."""
    key: int = 0
    """For ``existing``: the key of the one chosen, where it is known; it counts more than ``patient``."""
