"""``threedd emulator`` as a process of its own, and what it says about how to reach it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

START = "from conformance.command.main import main; main()"


@dataclass
class Process:
    said: dict[str, list[str]]
    """What stands behind each word of the greeting; the line to be pasted under ``try``."""
    running: subprocess.Popen[str]


@contextmanager
def emulator_process(*options: object) -> Iterator[Process]:
    """A running one on a free port."""
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", START, "emulator", "--port", "0", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=unbuffered) as running:
        try:
            assert running.stdout is not None
            yield Process(greeting(running.stdout), running)
        finally:
            running.kill()


def greeting(lines: Iterable[str]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for line in lines:
        word, *rest = line.split()
        if word == "curl":
            return {**said, "try": [line.strip()]}
        said.setdefault(word, rest)
    raise AssertionError("the process ended before it said how to call it")
