"""``threedd command-line``: puts the played program of the command line where a PMS looks for it."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import click

from conformance.command.connection import beside
from conformance.command.failure import SetUpFailure, spec_from, told_plainly

MARK = "threedd command-line"
"""Stands in every launcher, so that only our own are written over."""
MODULE = "conformance.command.dental_desktop_cmd"


@click.group("command-line")
def command_line() -> None:
    """Put the program of the command line, played by the emulator, where a PMS looks for it."""


@command_line.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--connection", type=click.Path(dir_okay=False, path_type=Path), help="Talk to the emulator of this file."
)
@click.option("--force", is_flag=True, help="Write over whatever is there.")
def install(path: Path, connection: Path | None, force: bool) -> None:
    """Copy a launcher to PATH; a folder gets one of the guide's name.

    It passes what it is started with to the emulator that was started last on this computer ("threedd emulator" leaves
    a file that says where). On Windows a path that ends in .exe becomes a copy of the console script, any other a
    batch file, which cannot pass everything that a program could.

    Exit code 3: there is something else at that path.
    """
    spec = spec_from(None)
    name = spec.command_line.executable if spec.command_line is not None else "DentalDesktopCmd"
    with told_plainly():
        made = placed(path / name if path.is_dir() else path, connection, force=force)
    click.echo(f"{made} passes what it is started with to the emulator.")


def placed(path: Path, connection: Path | None = None, *, force: bool = False, windows: bool | None = None) -> Path:
    """The launcher that was written. Raises SetUpFailure when something else is there, or OSError."""
    on_windows = sys.platform == "win32" if windows is None else windows
    by_itself = connection is None or connection == beside(path)
    script = shutil.which("DentalDesktopCmd") if on_windows and by_itself else None
    if on_windows and path.suffix.lower() == ".exe" and script is None:
        path = path.with_suffix(".cmd")
    if path.exists() and not force and MARK not in path.read_bytes().decode("latin-1"):
        raise SetUpFailure(f"{path} is there already and is not ours; name another path, or give --force.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if script is not None and path.suffix.lower() == ".exe":
        shutil.copyfile(script, path)
        return path
    text = batch(sys.executable, connection) if on_windows else shell(sys.executable, connection)
    write_launcher(path, text, on_windows=on_windows)
    return path


def write_launcher(path: Path, text: str, *, on_windows: bool) -> None:
    """Writes a program that can be started. Raises SetUpFailure, or OSError.

    The command interpreter of Windows reads a batch file in the code page of the console.
    """
    encoding = "oem" if on_windows and sys.platform == "win32" else "utf-8"
    try:
        content = text.replace("\n", "\r\n" if on_windows else "\n").encode(encoding)
    except UnicodeEncodeError as wrong:
        sign = text[wrong.start]
        raise SetUpFailure(
            f"{path}: {sign!r} is in no batch file here; use paths of letters that a console has."
        ) from wrong
    path.write_bytes(content)
    path.chmod(0o755)


def shell(python: str, connection: Path | None) -> str:
    """A launcher for a POSIX shell."""
    named = f"THREEDD_CONNECTION={shlex.quote(str(connection))} " if connection is not None else ""
    return f'#!/bin/sh\n# {MARK}\n{named}THREEDD_PROGRAM="$0" exec {shlex.quote(python)} -m {MODULE} "$@"\n'


def batch(python: str, connection: Path | None) -> str:
    """A launcher for the command interpreter of Windows; ``%`` in a path is doubled, as it wants it."""

    def written(text: str) -> str:
        return text.replace("%", "%%")

    named = f'set "THREEDD_CONNECTION={written(str(connection))}"\n' if connection is not None else ""
    return f'@echo off\nrem {MARK}\nsetlocal\n{named}set "THREEDD_PROGRAM=%~f0"\n"{written(python)}" -m {MODULE} %*\n'
