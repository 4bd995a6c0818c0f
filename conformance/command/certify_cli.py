"""``threedd certify pms --interface cli``: the program of the command line is played by a launcher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.certify.driver import DriverTerms
from conformance.certify.manual_words import BY_COMMAND_LINE
from conformance.command.command_line import placed
from conformance.command.connection import Connection, beside, left
from conformance.command.interfaces import HARNESS, Door, Interface
from conformance.emulator.embedded import Embedded
from conformance.spec import Spec
from conformance.spec.scenarios import command_line_scenarios

PROGRAM = "THREEDD_COMMAND_LINE"
"""Tells a command that is started with --run where the program lies."""


def _missing(spec: Spec) -> str:
    return "command-line.yaml" if spec.command_line is None else ""


@contextmanager
def _opened(place: Path, running: Embedded) -> Iterator[Door]:
    """A launcher that passes what it is started with to the emulator."""
    facts = running.spec.command_line
    assert facts is not None
    program = place / facts.executable
    with left(beside(program), Connection(running.control_url, running.token)):
        path = str(placed(program, beside(program)))
        yield Door(f"Let the PMS start {path}", {PROGRAM: path}, DriverTerms(harness=HARNESS, command_line=path))


COMMAND_LINE = Interface("command line", "command-line", _missing, command_line_scenarios, BY_COMMAND_LINE, _opened)
