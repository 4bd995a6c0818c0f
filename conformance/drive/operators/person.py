"""An operator of flesh and blood, asked at the terminal: goes to the station, says so, and presses what was asked.

A question waits as long as it takes. The operation is called, and its limits begin, when the person has said that he
stands there; that he has pressed the button shows in the operation's status, so nobody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TextIO
from uuid import UUID

from conformance.drive.operators.attending import Arranged, OperatorError, Press, Start
from conformance.drive.operators.words import (
    BY_NAME,
    FIRST_CLOSE,
    GO_ON,
    cannot,
    instruction,
    leaves_open,
    needs_nobody,
)

KEYS = "Enter: I stand there   p: pause   s: skip this one   n: skip all from here   q: quit the run"
KEYS_BEFORE = "Enter: begin   n: leave them all out   q: quit the run"
LEFT_OUT = "the person at the terminal left out"
FIRST_SHOWN = ("first_name", "last_name")


@dataclass(frozen=True)
class Round:
    """How much is asked of a person in one run, about."""

    dialogs: int
    stations: int
    minutes: int


@dataclass
class PersonOperator:
    """Asks on ``output`` and reads answers, a line each, from ``input``."""

    input: TextIO
    output: TextIO
    aside: Callable[[], AbstractContextManager[object]] = nullcontext
    """Entered while somebody is asked, so that nothing else writes to the terminal."""
    asked: int = field(default=0, init=False)
    """Dialogs so far."""
    _expected: int = field(default=0, init=False)
    _over: str = field(default="", init=False)
    _left_open: bool = field(default=False, init=False)
    _arranged: Arranged = field(default_factory=Arranged, init=False)

    def available(self) -> bool:
        return True

    def brief(self, told: Round) -> None:
        """Says before the start how much there will be to do. Raises KeyboardInterrupt for a person who quits."""
        self._expected = told.dialogs
        if not told.dialogs:
            return
        stations = "one station" if told.stations == 1 else f"{told.stations} stations"
        dialogs = "One dialog" if told.dialogs == 1 else f"About {told.dialogs} dialogs"
        minutes = "a minute" if told.minutes == 1 else f"{told.minutes} minutes"
        with self.aside():
            self._say("", f"{dialogs} at {stations} will need you, about {minutes}; first what needs nobody.")
            self._say("They come one station after the other. Leave the stations on their start page, signed in.")
            if self._key(KEYS_BEFORE, "nq") == "n":
                self._over = f"{LEFT_OUT} all that needs a person"

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Keeps it until the operation begins. Raises OperatorError for what a person cannot, or will not, do."""
        if needs_nobody(dialog, button):
            return
        if self._over:
            raise OperatorError(self._over)
        reason = cannot(dialog, button)
        if reason:
            raise OperatorError(reason)
        self._arranged.add(operation, dialog, button)

    def begin(self, start: Start) -> None:
        """Returns when somebody stands at the station and knows what to press.

        Raises OperatorError for what was skipped, and KeyboardInterrupt for a person who quits.
        """
        presses = self._arranged.take(start.operation)
        if not presses:
            return
        if self._over:
            raise OperatorError(self._over)
        self.asked += len(presses)
        with self.aside():
            self._say(*_task(start, presses, self.asked, self._expected))
            if self._left_open:
                self._say(f"  {FIRST_CLOSE}")
            self._left_open = any(leaves_open(button) for _, button in presses)
            self._obey(self._key(KEYS, "psnq"))

    def _obey(self, key: str) -> None:
        if key == "s":
            raise OperatorError(f"{LEFT_OUT} this one")
        if key == "n":
            self._over = f"{LEFT_OUT} all from some point on"
            raise OperatorError(self._over)
        self._say("Go: it comes up now.")

    def _key(self, keys: str, known: str) -> str:
        """One of ``known``, or '' for Enter; pauses in between."""
        self._say(keys)
        while True:
            key = self._line()
            if key == "p" and key in known:
                self._say("Paused; nothing is sent. Enter: go on")
                self._line()
                self._say(keys)
            elif key == "q":
                raise KeyboardInterrupt
            elif not key or key in known:
                return key
            else:
                self._say(f'"{key}" is not known. {keys}')

    def _line(self) -> str:
        self.output.write("> ")
        self.output.flush()
        line = self.input.readline()
        if not line:
            self._over = "the input of the terminal ended, so nobody could be asked; run it in a terminal"
            raise OperatorError(self._over)
        return line.strip().lower()

    def _say(self, *lines: str) -> None:
        self.output.write("".join(f"{line}\n" for line in lines))
        self.output.flush()


def _task(start: Start, presses: list[Press], asked: int, expected: int) -> list[str]:
    place = f"{start.hostname} ({start.station})" if start.hostname else str(start.station)
    count = f"Dialog {asked} of about {max(asked, expected)}"
    lines = ["", f"{count}, at station {place}: {start.does.replace('_', ' ')}{_whom(start)}"]
    lines += [f"  {instruction(*press)}" for press in presses]
    return [*lines, f"  {GO_ON}", *([f"  {BY_NAME}"] if asked > len(presses) else [])]


def _whom(start: Start) -> str:
    known: Mapping[str, str] = {**start.prepared, **start.patient}
    name = " ".join(known[role] for role in FIRST_SHOWN if known.get(role))
    others = ", ".join(f"{role.replace('_', ' ')} {text}" for role, text in known.items() if role not in FIRST_SHOWN)
    return f" for {name or 'a patient'}{f' ({others})' if others else ''}"
