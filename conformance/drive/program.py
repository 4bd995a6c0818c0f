"""A command that is spoken to line by line: threads of its own read what it writes, so that it can never hold us up.

No line of it is waited for without a limit, none is taken that is longer than the limit, and what it writes to its
standard error goes to the user. It is ended with all that it started in turn. Pipes and threads only: this works
wherever Python starts a process.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO

LONGEST_LINE = 65_536
"""Bytes of one line of its standard output."""
MOST_UNREAD = 100
"""Lines that nobody asked for, before it counts as talking too much."""
LONGEST_TOLD = 2_000
MOST_TOLD = 500
"""Lines of its standard error that are passed on."""
LONGEST_SHOWN = 120
LAST_WORDS_S = 1.0
"""For what it wrote at the very end to be read."""
LEAVE_S = 5.0
"""For it to end by itself once it was said goodbye to."""


class ProgramError(Exception):
    """It cannot be spoken to any longer; the text says why."""


class Silent(Exception):
    """It wrote nothing within the limit."""


class Program:
    """A running command. ``read`` and ``write`` from one thread only."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        tell: Callable[[str], None],
        longest_line: int = LONGEST_LINE,
    ) -> None:
        """Starts it. ``tell`` is given each line of its standard error. Raises ProgramError."""
        self._longest_line = longest_line
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,  # a group of its own, to be ended as a whole; Windows goes by descent
            )
        except (OSError, ValueError) as wrong:
            reason = getattr(wrong, "strerror", None) or str(wrong)
            raise ProgramError(f"cannot be started ({reason})") from wrong
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._lines: SimpleQueue[bytes | ProgramError] = SimpleQueue()
        self._tell = tell
        self._threads = (
            Thread(target=self._read_lines, args=(self._from,), daemon=True),
            Thread(target=self._pass_on, args=(self._process.stderr,), daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def write(self, line: str) -> None:
        """Sends one line. Raises ProgramError when it has ended."""
        try:
            self._to.write(line.encode("utf-8") + b"\n")
            self._to.flush()
        except (OSError, ValueError) as lost:
            raise self._ended() from lost

    def read(self, timeout_s: float) -> bytes:
        """The next line that it wrote, without its end. Raises Silent, or ProgramError when there will be none."""
        try:
            line = self._lines.get(timeout=max(0.0, timeout_s))
        except Empty:
            raise Silent from None
        if isinstance(line, ProgramError):
            self._lines.put(line)
            raise line
        return line.rstrip(b"\r\n")

    def close(self, patience_s: float = LEAVE_S) -> None:
        """Ends it: by the end of its input, and by force when it is still there after ``patience_s``. Idempotent."""
        with suppress(OSError):  # it left without reading what it was sent
            self._to.close()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            _end_all(self._process)
            self._process.wait()
        for thread, stream in zip(self._threads, (self._process.stdout, self._process.stderr), strict=True):
            thread.join(max(patience_s, LAST_WORDS_S))
            if stream is not None and not thread.is_alive():  # what it started in turn may still hold the pipe
                stream.close()

    def _read_lines(self, stream: IO[bytes]) -> None:
        while line := stream.readline(self._longest_line + 1):
            if len(line) > self._longest_line:
                self._lines.put(ProgramError(f"wrote a line of more than {self._longest_line} bytes"))
                return
            if self._lines.qsize() >= MOST_UNREAD:
                self._lines.put(ProgramError(f"wrote more than {MOST_UNREAD} lines that it was not asked for"))
                return
            self._lines.put(line)
        self._lines.put(self._ended())

    def _ended(self) -> ProgramError:
        try:
            code = self._process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            return ProgramError("closed its standard output")
        return ProgramError(f"ended with exit code {code}")

    def _pass_on(self, stream: IO[bytes]) -> None:
        told = 0
        while line := stream.readline(LONGEST_TOLD):
            told += 1
            if told <= MOST_TOLD:
                self._tell(line.decode("utf-8", "replace").rstrip())
            elif told == MOST_TOLD + 1:
                self._tell("(the rest of its standard error is left out)")


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started, by force."""
    if sys.platform == "win32":
        tree = ["taskkill", "/PID", str(process.pid), "/T", "/F"]
        with suppress(OSError):
            subprocess.run(tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    else:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def shown(value: object) -> str:
    """A foreign value in a message to the user: as JSON has it where it can, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = "".join(each if each.isprintable() else "�" for each in text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def arguments_of(text: str, *, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """A command line as a person types it, as executable and arguments. Raises ValueError for an open quote.

    Backslashes are part of names on ``windows``.
    """
    if not windows:
        return tuple(shlex.split(text))
    return tuple(_unquoted(part) for part in shlex.split(text, posix=False))


def _unquoted(part: str) -> str:
    quoted = len(part) >= 2 and part[0] == part[-1] and part[0] in "\"'"
    return part[1:-1] if quoted else part
