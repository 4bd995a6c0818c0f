"""What ends a command early: the set-up's fault or the user's, never the subject's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.spec import Spec, SpecError, default_folder, load
from conformance.trace.har import HarError
from conformance.trace.journal import JournalError

SET_UP = 3


class SetUpFailure(click.ClickException):
    """Printed as ``Error: ...``; exit code 3."""

    exit_code = SET_UP


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns what is wrong with files and settings into one line for the user."""
    try:
        yield
    except (SpecError, JournalError, HarError, ValueError) as error:
        raise SetUpFailure(str(error)) from error
    except OSError as error:
        raise SetUpFailure(_of_the_system(error)) from error


def _of_the_system(error: OSError) -> str:
    told = str(error)
    if error.errno is None and told.endswith("."):  # raised by this program, with what to do
        return told
    if error.filename:
        return f"{error.filename}: {error.strerror}. Check the path and who may use it."
    return f"{error.strerror or told or type(error).__name__}. Check the addresses and the paths that were given."


def spec_from(folder: Path | None) -> Spec:
    """The spec of that folder, or the newest that came with the package."""
    with told_plainly():
        return load(folder if folder is not None else default_folder())
