"""A PMS behind a driver: an executable that is told one step in one JSON line, and answers in one JSON line.

    harness                                               driver
    {"id": 1, "step": "hello", "protocol": 1, ...}  -->
                                                    <--   {"id": 1, "answer": "ready", "name", "steps", ...}
    {"id": 2, "step": "create_patient", ...}        -->
                                                    <--   {"id": 2, "answer": "done", "shown": {...}, "data": {...}}
    {"id": 3, "step": "goodbye"}                    -->   ends

A driver that dies, hangs or talks nonsense ends the run with a DriverError, and is itself ended with all that it
started. Whatever it says is foreign: see ``protocol``. What it was told in confidence never comes back to the
terminal: see ``secrecy``.
"""

from __future__ import annotations

import shlex
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol

from conformance.certify import protocol
from conformance.certify.pms import About, Answer, DriverError, Reply, Server, Step, Task
from conformance.certify.protocol import Message, ProtocolError
from conformance.certify.secrecy import Confidence
from conformance.drive.program import Program, ProgramError, Silent, shown

LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of one line: a patient with thousands of cases still fits."""
LAST_LINES = 12
"""Of its standard error, that an error shows."""
MOST_REMARKS = 1_000
"""Log lines within one answer."""


@dataclass(frozen=True)
class DriverTerms:
    """What is agreed with a driver before it is told anything."""

    poll_s: float = 0.05
    """How often the PMS shall ask for a status."""
    give_up_s: float = 20.0
    """How long the PMS shall wait for anything before it gives up and says so."""
    answer_s: float = 90.0
    """For one step; the PMS's own patience and more."""
    ready_s: float = 30.0
    """For it to start up."""
    leave_s: float = 5.0
    """For it to end."""
    harness: str = ""
    """Name and version of who asks."""
    died: str = "see what it wrote, and try it by itself with: threedd driver check"
    """What to do about one that ends by itself."""
    command_line: str = ""
    """Path of the program of the command line, for a run about that; '' for none."""
    vdds: Mapping[str, str] = field(default_factory=dict)
    """How the BVS is found, for a run about VDDS media: ``register``, ``bvs`` and ``pvs``; {} for none."""

    def __post_init__(self) -> None:
        if self.answer_s <= self.give_up_s:
            raise ValueError(f"answer_s is {self.answer_s:g}; expected more than give_up_s, {self.give_up_s:g}.")


class Lines(Protocol):
    """What a driver looks like from here; see ``Program``."""

    def write(self, line: str) -> None: ...

    def read(self, timeout_s: float) -> bytes: ...

    def close(self, patience_s: float) -> None: ...


@dataclass
class DriverPms:
    """A PmsActor. ``end`` has to be called, whatever happened."""

    command: Sequence[str]
    tell: Callable[[str], None]
    """Given what it writes to its standard error, and its remarks, redacted; perhaps from another thread."""
    terms: DriverTerms = field(default_factory=DriverTerms)
    environment: Mapping[str, str] | None = None
    """None for that of this process."""
    clock: Callable[[], float] = time.monotonic
    opened: Callable[..., Lines] = Program
    """Starts the command; called like ``Program``."""
    about: About | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._number = 0
        self._lines: Lines | None = None
        self._confidence = Confidence()
        self._last: deque[str] = deque(maxlen=LAST_LINES)

    # -- PmsActor ---------------------------------------------------------------------------------------------

    def begin(self, server: Server, folder: Path, *, resumed: bool) -> About:
        """Starts it and waits until it is ready. Raises DriverError."""
        self._keep(server, folder)
        self._start()
        number = self._next()
        hello = protocol.hello(
            number,
            server,
            str(folder),
            harness=self.terms.harness,
            poll_s=self.terms.poll_s,
            give_up_s=self.terms.give_up_s,
            resumed=resumed,
            command_line=self.terms.command_line,
            vdds=self.terms.vdds,
        )
        message = self._ask(hello, number, self.terms.ready_s)
        with self._understood():
            self.about = protocol.about_of(message)
        return self.about

    def take(self, task: Task) -> Reply:
        """Tells it a task. Raises DriverError, and ValueError for a step that there is not."""
        self._confidence.add([text for name, text in task.patient.items() if name != "key"])
        number = self._next()
        message = self._ask(protocol.ordered(number, task), number, self.terms.answer_s)
        with self._understood():
            return protocol.reply_of(message, Step(task.does), wait=task.wait)

    def configure(self, server: Server) -> Reply:
        """Raises DriverError."""
        self._keep(server, self._folder)
        number = self._next()
        message = self._ask(protocol.configured(number, server), number, self.terms.answer_s)
        with self._understood():
            return protocol.reply_of(message, Step.CONFIGURE)

    def restart(self) -> About:
        """Has it end by itself, and starts it again on the same folder; also one that was given up before.

        Raises DriverError.
        """
        if self._lines is not None:
            number = self._next()
            message = self._ask(protocol.bare(number, Step.RESTART), number, self.terms.answer_s)
            with self._understood():
                reply = protocol.reply_of(message, Step.RESTART)
            if reply.answer != Answer.DONE:
                self._fail(f'answered {Step.RESTART} with "{reply.answer}"; leave the step out of those it supports.')
            self._close(self.terms.leave_s)
        return self.begin(self._server, self._folder, resumed=True)

    def end(self) -> None:
        """Says goodbye and ends it. Idempotent, never raises."""
        if self._lines is not None:
            with suppress(ProgramError):  # it left without being told
                self._lines.write(protocol.line(protocol.bare(self._next(), protocol.GOODBYE)))
            self._close(self.terms.leave_s)

    # -- one message and its answer ---------------------------------------------------------------------------

    def _ask(self, message: Message, number: int, limit_s: float) -> Message:
        if self._lines is None:
            raise DriverError(f"{self._called} is not running any more; start it again.")
        step = message["step"]
        try:
            self._lines.write(protocol.line(message))
            with self._understood():
                return self._answer(self._lines, number, limit_s)
        except ProgramError as wrong:
            self._fail(f"{wrong} instead of answering {step}; {self.terms.died}.")
        except Silent:
            advice = "it has to give up by itself sooner, to answer every step, and to flush its standard output"
            self._fail(f"gave no answer to {step} within {limit_s:g} s; {advice}.")

    def _answer(self, lines: Lines, number: int, limit_s: float) -> Message:
        until_s = self.clock() + limit_s
        for _ in range(MOST_REMARKS):
            message = self._message(lines.read(until_s - self.clock()))
            remark = protocol.log_of(message)
            if remark is None:
                protocol.check_id(message, number, lambda echoed: 0 < echoed < number)
                return message
            self._pass_on(remark)
        raise ProtocolError(f"wrote more than {MOST_REMARKS} log lines within one answer; write fewer.")

    def _message(self, line: bytes) -> Message:
        try:
            return protocol.message_of(line)
        except ProtocolError:  # said once more without secrets, before it is cut to the length of an error
            protocol.message_of(self._confidence.redact_line(line))
            raise

    def _next(self) -> int:
        self._number += 1
        return self._number

    # -- the process ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._close(0.0)
        self._last.clear()
        if not self.command:
            raise DriverError("the driver's command is empty; name an executable and its arguments.")
        try:
            self._lines = self.opened(
                self.command, environment=self.environment, tell=self._pass_on, longest_line=LONGEST_ANSWER
            )
        except ProgramError as wrong:
            raise DriverError(f"{self._called} {wrong}; check its path, and that you may execute it.") from wrong

    def _close(self, patience_s: float) -> None:
        lines, self._lines = self._lines, None
        if lines is not None:
            lines.close(patience_s)

    def _keep(self, server: Server, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._confidence.add_login(server.user, server.password)

    def _pass_on(self, text: str) -> None:
        redacted = self._confidence.redact(text)
        self._last.append(redacted)
        self.tell(redacted)

    # -- what went wrong --------------------------------------------------------------------------------------

    def _understood(self) -> _Understood:
        return _Understood(self._fail)

    def _fail(self, problem: str) -> NoReturn:
        """Ends it, and says why with the last it wrote to its standard error."""
        self._close(0.0)
        text = f"{self._called} {self._confidence.redact(problem)}"
        if self._last:
            text += "\nThe last it wrote to its standard error:\n" + "\n".join(f"  {line}" for line in self._last)
        raise DriverError(text)

    @property
    def _called(self) -> str:
        return f"the driver ({shown(shlex.join(self.command))})"


@dataclass(frozen=True)
class _Understood:
    """Inside, a ProtocolError ends the driver."""

    fail: Callable[[str], NoReturn]

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ProtocolError):
            self.fail(str(error))
