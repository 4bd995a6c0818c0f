"""The person at the stations, or what stands for one: decisions arranged beforehand, and what is pressed otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from conformance.emulator.policy import WAIT
from conformance.model.dialogs import BUTTONS, Button, Decision, Dialog
from conformance.model.state import Operation


@dataclass
class Arranged:
    """One decision for dialogs to come. None for operation or station means any."""

    dialog: Dialog
    decision: Decision
    operation: UUID | None
    station: UUID | None
    times: int

    def fits(self, operation: Operation, dialog: Dialog) -> bool:
        return (
            self.dialog is dialog
            and self.operation in (None, operation.id)
            and self.station in (None, operation.station)
        )


class Operator:
    """Decides by what was arranged, oldest first, decisions for one operation before those for any."""

    def __init__(self, defaults: Mapping[Dialog, str], leaves_every: int = 0) -> None:
        """``leaves_every`` as in Policy."""
        self.press(defaults, leaves_every)
        self._pages = 0
        self._particular: dict[UUID, list[Arranged]] = {}
        self._general: list[Arranged] = []

    def press(self, defaults: Mapping[Dialog, str], leaves_every: int = 0) -> None:
        """What is pressed from now on when nothing was arranged. ValueError for a button that the dialog has not."""
        for dialog, button in defaults.items():
            if button != WAIT:
                checked(dialog, button)
        self._defaults = defaults
        self._leaves_every = leaves_every

    def arrange(
        self,
        dialog: str,
        button: str,
        *,
        operation: UUID | None = None,
        station: UUID | None = None,
        patient: str = "",
        times: int = 1,
    ) -> None:
        """Has ``button`` pressed when ``dialog`` comes up, ``times`` times. ValueError for what does not exist."""
        if times < 1:
            raise ValueError(f"a decision for {times} times does nothing; give 1 or more.")
        pressed = checked(dialog, button)
        new = Arranged(Dialog(dialog), Decision(pressed, patient), operation, station, times)
        if operation is None:
            self._general.append(new)
        else:
            self._particular.setdefault(operation, []).append(new)

    def decide(self, operation: Operation, dialog: Dialog) -> Decision | None:
        """What is pressed now; None while the dialog stays open."""
        for shelf in (self._particular.get(operation.id, []), self._general):
            for arranged in shelf:
                if arranged.fits(operation, dialog):
                    arranged.times -= 1
                    if not arranged.times:
                        shelf.remove(arranged)
                    return arranged.decision
        if self._leaves(dialog):
            return Decision(Button.NO_ANSWER)
        pressed = self._defaults.get(dialog, BUTTONS[dialog][0])
        return None if pressed == WAIT else Decision(Button(pressed))

    def _leaves(self, dialog: Dialog) -> bool:
        """True when the station is gone from here on; only its page tells, so that a dialog is never asked twice."""
        if dialog is not Dialog.PAGE or not self._leaves_every:
            return False
        self._pages += 1
        return self._pages % self._leaves_every == 0

    def arranged(self) -> tuple[Arranged, ...]:
        """What is still to come, those for one operation first."""
        particular = (arranged for shelf in self._particular.values() for arranged in shelf)
        return (*particular, *self._general)

    def clear(self) -> None:
        """Forgets what was arranged."""
        self._particular.clear()
        self._general.clear()


def checked(dialog: str, button: str) -> Button:
    """The button, when the dialog has it; ValueError otherwise."""
    if dialog not in list(Dialog):
        raise ValueError(f"no dialog is called {dialog!r}; expected one of {', '.join(Dialog)}.")
    known = BUTTONS[Dialog(dialog)]
    if button not in known:
        raise ValueError(f"the dialog {dialog} has no button {button!r}; expected one of {', '.join(known)}.")
    return Button(button)
