"""An operator that is an executable: told of each decision in one JSON line, answers in one JSON line.

    harness                                     command
    {"type": "hello", "protocol": 1, ...}  -->
                                           <--  {"type": "ready", "protocol": 1, "name", "version", "supports"}
    {"type": "decide", "number": 1, ...}   -->
                                           <--  {"type": "done" | "cannot" | "failed", "number": 1, "reason"}
    {"type": "goodbye"}                    -->  ends

A decision is told before its operation is called, and the operation is called once the answer is there: ``done`` says
that the button will be pressed when the dialog comes up. The messages are specs/*/operator.schema.json; what comes
from the command is read tolerantly (unknown keys are passed over) and never trusted.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import NoReturn, Protocol, Self
from uuid import UUID

from conformance.drive.operators.attending import Arranged, OperatorError, Press, Start
from conformance.drive.program import LONGEST_SHOWN, Program, ProgramError, Silent, shown
from conformance.spec import BUTTONS, BY_ITSELF

PROTOCOL = 1
MOST_SILENCES = 2
"""Decisions in a row without an answer, after which it is not asked again."""
LONGEST_VALUE = 200
"""Characters of a value that are passed on."""
TO_STDERR = (
    "Its standard output is for answers, one JSON object per line; let it write everything else to standard error."
)


@dataclass(frozen=True)
class CommandTerms:
    """What is agreed with the command before it is asked anything."""

    answer_s: float = 60.0
    """For an answer."""
    ready_s: float = 30.0
    """For it to start up."""
    leave_s: float = 5.0
    """For it to end."""
    harness: str = ""
    """Name and version of who asks."""
    guide: str = ""
    """Name of the spec."""


class Lines(Protocol):
    """What a command looks like from here; see ``Program``."""

    def write(self, line: str) -> None: ...

    def read(self, timeout_s: float) -> bytes: ...

    def close(self, patience_s: float) -> None: ...


@dataclass
class CommandOperator:
    """The command's side of the stations, as a context manager: running inside, ended after it."""

    command: Sequence[str]
    tell: Callable[[str], None]
    """Given what it writes to its standard error, line by line, from another thread."""
    terms: CommandTerms = field(default_factory=CommandTerms)
    environment: Mapping[str, str] | None = None
    """None for that of this process."""
    clock: Callable[[], float] = time.monotonic
    opened: Callable[..., Lines] = Program
    """Starts the command; called like ``Program``."""
    name: str = field(default="", init=False)
    """As it calls itself, with its version."""
    supports: Mapping[str, Sequence[str]] = field(default_factory=dict, init=False)
    """Buttons by dialog."""

    def __post_init__(self) -> None:
        self._arranged = Arranged()
        self._number = 0
        self._given_up: set[int] = set()
        self._silences = 0
        self._over = ""

    def __enter__(self) -> Self:
        """Starts it and waits until it is ready. Raises OperatorError."""
        if not self.command:
            raise OperatorError("the operator's command is empty; name an executable and its arguments.")
        try:
            self._program = self.opened(self.command, environment=self.environment, tell=self.tell)
        except ProgramError as wrong:
            raise OperatorError(f"{self._called} {wrong}; check its path, and that you may execute it.") from wrong
        try:
            self._shake_hands()
        except BaseException:
            self._program.close(self.terms.leave_s)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProgramError):  # it left without being told
            self._send({"type": "goodbye", "protocol": PROTOCOL})
        self._program.close(self.terms.leave_s)

    def available(self) -> bool:
        return True

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Keeps it until the operation begins. Raises OperatorError for what the command does not support."""
        if self._over:
            raise OperatorError(self._over)
        if button in self.supports.get(dialog, ()):
            self._arranged.add(operation, dialog, button)
        elif (dialog, button) != BY_ITSELF:
            raise OperatorError(f'{self.name} does not support the button "{button}" of the dialog "{dialog}".')

    def begin(self, start: Start) -> None:
        """Has the command arrange all that was decided for this operation. Raises OperatorError."""
        presses = self._arranged.take(start.operation)
        for press in presses:
            self._decide(start, press, told={dialog for dialog, _ in presses})

    # -- one question and its answer --------------------------------------------------------------------------

    def _decide(self, start: Start, press: Press, told: set[str]) -> None:
        if self._over:
            raise OperatorError(self._over)
        self._number += 1
        try:
            self._send(_decision(self._number, start, press, told))
            answer = self._answer(self._number)
        except ProgramError as wrong:
            self._end(f"{wrong}; see what it wrote, correct it, and try it by itself")
        except Silent:
            self._given_up.add(self._number)
            self._silences += 1
            self._complain_of_silence(press)
        self._silences = 0
        if answer["type"] != "done":
            reason = answer.get("reason") or "without a reason"
            dialog, button = press
            raise OperatorError(f'{self.name}: "{button}" in the dialog "{dialog}" {answer["type"]}: {shown(reason)}')

    def _complain_of_silence(self, press: Press) -> NoReturn:
        problem = f"gave no answer to decision {self._number} ({' '.join(press)}) within {self.terms.answer_s:g} s"
        advice = "it has to answer as soon as the press is arranged, before the dialog comes up"
        if self._silences >= MOST_SILENCES:
            self._end(f"{problem}, nor to the one before; {advice}")
        raise OperatorError(f"{self._called} {problem}; {advice}.")

    def _answer(self, number: int) -> Mapping[str, object]:
        """The answer to that decision; late ones to decisions that were given up are passed over."""
        until_s = self.clock() + self.terms.answer_s
        while True:
            line = self._program.read(until_s - self.clock())
            message = self._message(line, ("done", "cannot", "failed"))
            echoed = message.get("number")
            if echoed == number and not isinstance(echoed, bool):
                return message
            if not isinstance(echoed, int) or echoed not in self._given_up:
                self._end(f"answered decision {shown(echoed)}; expected {number}. Echo the number of the decision")
            self._given_up.discard(echoed)

    def _shake_hands(self) -> None:
        known = {str(dialog): [str(button) for button in buttons] for dialog, buttons in BUTTONS.items()}
        about = {"harness": self.terms.harness, "guide": self.terms.guide, "dialogs": known}
        try:
            self._send({"type": "hello", "protocol": PROTOCOL, **about})
            ready = self._message(self._program.read(self.terms.ready_s), ("ready",))
        except ProgramError as wrong:
            raise OperatorError(f"{self._called} {wrong} before it was ready; try it by itself.") from wrong
        except Silent:
            limit = f"{self.terms.ready_s:g} s"
            advice = 'it has to answer "hello" with "ready", and to flush its standard output'
            raise OperatorError(f"{self._called} was not ready within {limit}; {advice}.") from None
        if ready.get("protocol") != PROTOCOL or isinstance(ready.get("protocol"), bool):
            spoken = shown(ready.get("protocol"))
            raise OperatorError(
                f"{self._called} speaks protocol {spoken}; expected {PROTOCOL}. Use one that speaks it."
            )
        self.name = self._text(ready, "name") + " " + self._text(ready, "version")
        self.supports = self._supported(ready)

    # -- lines ------------------------------------------------------------------------------------------------

    def _send(self, message: Mapping[str, object]) -> None:
        self._program.write(json.dumps(message))

    def _message(self, line: bytes, types: Sequence[str]) -> Mapping[str, object]:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            self._end(f"wrote {shown(line.decode('utf-8', 'replace'))}, which is no JSON. {TO_STDERR}")
        if not isinstance(message, dict) or message.get("type") not in types:
            expected = " or ".join(f'"{name}"' for name in types)
            self._end(f"wrote {shown(message)}; expected an object whose type is {expected}")
        return message

    def _text(self, ready: Mapping[str, object], key: str) -> str:
        value = ready.get(key)
        if not isinstance(value, str) or not value.strip():
            self._end(f'is ready with {key} {shown(value)}; expected a text. Give its {key} in "ready"')
        return value.strip()[:LONGEST_SHOWN]

    def _supported(self, ready: Mapping[str, object]) -> Mapping[str, Sequence[str]]:
        found = ready.get("supports")
        lists = found.values() if isinstance(found, dict) else [None]
        if not all(isinstance(each, list) and all(isinstance(button, str) for button in each) for each in lists):
            self._end(f'supports {shown(found)}; expected a list of buttons by dialog, such as {{"merge": ["new"]}}')
        return dict(found) if isinstance(found, dict) else {}

    def _end(self, problem: str) -> NoReturn:
        """It is not asked again: ends it and says why, now and each time somebody wants something of it."""
        self._over = f"{self._called} {problem.rstrip('.')}."
        self._program.close(0.0)
        raise OperatorError(self._over)

    @property
    def _called(self) -> str:
        return f"the operator's command ({shown(shlex.join(self.command))})"


def _decision(number: int, start: Start, press: Press, told: set[str]) -> Mapping[str, object]:
    dialog, button = press
    station = {"id": str(start.station), **({"hostname": start.hostname} if start.hostname else {})}
    return {
        "type": "decide",
        "protocol": PROTOCOL,
        "number": number,
        "station": station,
        "operation": {"id": str(start.operation), "does": start.does},
        "patient": {role: text[:LONGEST_VALUE] for role, text in start.patient.items()},
        "dialog": dialog,
        "button": button,
        "otherwise": {str(each): str(buttons[0]) for each, buttons in BUTTONS.items() if each not in told},
    }
