"""Commands that stand for an operator: small programs, and lines without a process."""

import contextlib
import json
import sys
from types import SimpleNamespace
from uuid import UUID

import pytest

from conformance.drive import CommandOperator, CommandTerms, Start
from conformance.drive.program import ProgramError, Silent

STATION = UUID("0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c")
PRELUDE = """
import json, sys
def say(**message): print(json.dumps(message), flush=True)
def hear(): return json.loads(sys.stdin.readline() or '{"type": "goodbye"}')
def ready(**changes):
    hear()
    known = {"merge": ["new", "existing"], "new_patient": ["save"], "sync": ["apply"]}
    say(**{"type": "ready", "protocol": 1, "name": "fake", "version": "2.0", "supports": known, **changes})
"""
READY = {"type": "ready", "protocol": 1, "name": "fake", "version": "2.0", "supports": {"merge": ["new", "existing"]}}


class Jumping:
    """A clock that moves by ``step_s`` each time somebody looks: at 0 every limit is far away, else it has passed."""

    def __init__(self):
        self.now_s, self.step_s = 0.0, 0.0

    def __call__(self):
        self.now_s += self.step_s
        return self.now_s


class Scripted:
    """A command that has written its lines already, and then ends or is silent."""

    def __init__(self, lines, end):
        self.lines, self.end, self.written, self.closed = list(lines), end, [], 0

    def __call__(self, command, *, environment, tell):
        return self

    def write(self, line):
        self.written.append(json.loads(line))

    def read(self, timeout_s):
        if self.lines:
            return self.lines.pop(0)
        raise self.end

    def close(self, patience_s):
        self.closed += 1


@pytest.fixture
def program():
    """``program(text, limits...)`` -> a running operator; ``told`` is what it wrote to its standard error."""
    with contextlib.ExitStack() as stack:

        def start(text, environment=None, **terms):
            told, clock = [], Jumping()
            command = [sys.executable, "-c", PRELUDE + text]
            operator = CommandOperator(command, told.append, CommandTerms(**terms), environment, clock)
            stack.enter_context(operator)
            return SimpleNamespace(operator=operator, told=told, clock=clock)

        yield start


@pytest.fixture(scope="session")
def scripted():
    """``scripted(lines..., end, ready)`` -> a started operator whose command wrote these lines after it was ready."""

    def start(*lines, end=None, ready=READY):
        first = ready if isinstance(ready, bytes) else json.dumps(ready).encode()
        script = Scripted([first, *lines], end or Silent())
        operator = CommandOperator(["fake"], print, CommandTerms(harness="h 1", guide="g"), opened=script)
        operator.__enter__()
        return operator, script

    return start


@pytest.fixture(scope="session")
def ended():
    return ProgramError("ended with exit code 1")


@pytest.fixture(scope="session")
def asks():
    """``asks(operator, dialog, button, number of the operation)``: decides, and begins the operation."""

    def ask(operator, dialog="merge", button="new", number=1, **start):
        operation = UUID(int=number)
        operator.decide(STATION, operation, dialog, button)
        operator.begin(Start(operation, STATION, **start))

    return ask
