"""Who presses the buttons at the stations of a server somewhere: chosen on the command line or in the target file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import click
from rich.console import Console
from rich.text import Text

from conformance import __version__
from conformance.command.failure import SetUpFailure
from conformance.command.target_file import OperatorKind, OperatorPart
from conformance.drive import (
    CommandOperator,
    CommandTerms,
    EmulatorOperator,
    NoOperator,
    PersonOperator,
    Start,
    arguments_of,
)
from conformance.suite.play import Operator
from conformance.suite.target import Attended, unasked


@dataclass(frozen=True)
class Attendance:
    """The operator of a run, and how it learns of its tasks."""

    operator: Operator = field(default_factory=NoOperator)
    starting: Callable[[Start], None] = unasked
    attended: Attended = Attended.BEFOREHAND
    person: PersonOperator | None = None
    """Who has to be told before the start what there will be to do."""


def chosen(kind: str, command: str, control: str, part: OperatorPart) -> OperatorPart:
    """What the command line says of the operator, and where it is silent the target file. Raises UsageError."""
    implied = OperatorKind.COMMAND if command else OperatorKind.EMULATOR if control else part.kind
    wanted = OperatorKind(kind) if kind else implied
    if command and wanted is not OperatorKind.COMMAND:
        raise click.UsageError(f"--operator-command goes with --operator command, not {wanted}; leave out one of them.")
    if control and wanted is not OperatorKind.EMULATOR:
        raise click.UsageError(f"--control goes with --operator emulator, not {wanted}; leave out one of them.")
    said = replace(
        part, kind=wanted, command=split_command(command) if command else part.command, control=control or part.control
    )
    if wanted is OperatorKind.COMMAND and not said.command:
        raise click.UsageError('--operator command needs --operator-command "EXECUTABLE ARGUMENTS".')
    if wanted is OperatorKind.EMULATOR and not said.control:
        raise click.UsageError("--operator emulator needs --control, the address of its control port.")
    return said


def split_command(command: str) -> tuple[str, ...]:
    try:
        parts = arguments_of(command)
    except ValueError as wrong:
        raise click.UsageError(f"--operator-command {command!r}: {wrong}; close the quote.") from wrong
    if not parts:
        raise click.UsageError("--operator-command is empty; name an executable and its arguments.")
    return parts


@contextmanager
def attendance(part: OperatorPart, guide: str, console: Console, secrets: Collection[str] = ()) -> Iterator[Attendance]:
    """The operator of that kind; a command runs inside. Raises OperatorError or SetUpFailure.

    ``secrets`` are environment variables that a command does not get.
    """
    if part.kind is OperatorKind.COMMAND:
        terms = CommandTerms(harness=f"threedd-conformance {__version__}", guide=guide)
        known = {name: text for name, text in os.environ.items() if name not in secrets}
        with CommandOperator(part.command, _passing_on(console), terms, known) as command:
            console.print(Text(f"operator: {command.name}"))
            yield Attendance(command, command.begin, Attended.EACH_TIME)
    elif part.kind is OperatorKind.MANUAL:
        if not sys.stdin.isatty():
            raise SetUpFailure("--operator manual asks a person, and there is no terminal here; run it in one.")
        person = PersonOperator(sys.stdin, sys.stdout)
        yield Attendance(person, person.begin, Attended.IN_PERSON, person)
    elif part.kind is OperatorKind.EMULATOR:
        yield Attendance(EmulatorOperator(part.control, os.environ.get(part.token_env, "")))
    else:
        yield Attendance()


def _passing_on(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(Text(f"operator: {line}"))
