"""A terminal of which one may ask for the next line without waiting for it."""

from __future__ import annotations

import os
import queue
import threading
from typing import TextIO


class EndOfInput(Exception):
    """Nothing will be typed any more."""


class Keyboard:
    """Reads ``stream`` in a thread of its own, which works on every system, and may be left behind at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._over = False
        threading.Thread(target=self._read, args=(_own(stream),), daemon=True, name="keyboard").start()

    def line(self, timeout_s: float) -> str | None:
        """The next line without blanks around it; None when none was typed in time. Raises EndOfInput."""
        if self._over:
            raise EndOfInput
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if line is None:
            self._over = True
            raise EndOfInput
        return line.strip()

    def _read(self, stream: TextIO) -> None:
        try:
            for line in iter(stream.readline, ""):
                self._lines.put(line)
        except (OSError, ValueError):  # the terminal was closed
            pass
        self._lines.put(None)


def _own(stream: TextIO) -> TextIO:
    """The same input by another object: Python cannot end while a thread holds its own standard input."""
    try:
        number = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return stream
    return open(os.dup(number), encoding=stream.encoding, errors="replace", newline=None)
