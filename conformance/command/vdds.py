"""``threedd vdds``: the emulator in a register of VDDS media."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from conformance.command.command_line import write_launcher
from conformance.command.connection import FILE
from conformance.command.failure import SetUpFailure, spec_from, told_plainly

MODULE = "conformance.command.vdds_bvs"
MARK = "threedd vdds"
COPIES = "THREEDD_VDDS_COPIES"
"""Names the folder for copies of images."""
_INI = click.option(
    "--ini", "register", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The register to change."
)


@click.group()
def vdds() -> None:
    """Enter the emulator in a register of VDDS media, so that a PVS on this computer finds it."""


@vdds.command()
@_INI
@click.option(
    "--program", type=click.Path(path_type=Path), help="Path to enter; default: a launcher beside the register."
)
def register(register: Path, program: Path | None) -> None:
    """Enter the emulator as a BVS; everything else in the register keeps every byte.

    A register that is not there is made. The program passes what it is started with to the emulator that was started
    last on this computer.
    """
    from conformance.emulator.vdds.entry import entered, read_register, write_register

    spec = spec_from(None)
    if spec.vdds is None:
        raise SetUpFailure(f"{spec.name} knows no VDDS media; use a build whose spec has vdds-media.yaml.")
    with told_plainly():
        made = program if program is not None else launcher(register.absolute().parent)
        if " " in str(made):
            click.echo(f"{made} has blanks, at which known callers cut it; give --program without any.", err=True)
        write_register(register, entered(read_register(register), spec.vdds, str(made)))
    click.echo(f"{register}: [{spec.vdds.entry_section}] starts {made}")


@vdds.command()
@_INI
def unregister(register: Path) -> None:
    """Take the emulator out again; everything else keeps every byte."""
    from conformance.emulator.vdds.entry import read_register, taken_out, write_register

    spec = spec_from(None)
    if spec.vdds is None or not register.is_file():
        raise SetUpFailure(f"{register} is no register; name the file in which the emulator was entered.")
    with told_plainly():
        ini = read_register(register)
        write_register(register, taken_out(ini, spec.vdds))
    click.echo(f"{register}: [{spec.vdds.entry_section}] is gone")


def launcher(
    folder: Path, connection: Path | None = None, copies: Path | None = None, *, windows: bool | None = None
) -> Path:
    """Writes the program that the register names; ``copies`` is where it puts copies of images.

    Raises SetUpFailure when something else is there, or OSError.
    """
    on_windows = sys.platform == "win32" if windows is None else windows
    path = folder / ("threedd-vdds-bvs.cmd" if on_windows else "threedd-vdds-bvs")
    if path.is_symlink() or (path.exists() and MARK not in path.read_bytes()[:4096].decode("latin-1")):
        raise SetUpFailure(f"{path} is there already and is not ours; give --program, or remove it.")
    text = _batch(_told(connection, copies)) if on_windows else _shell(_told(connection, copies))
    write_launcher(path, text, on_windows=on_windows)
    return path


def _told(connection: Path | None, copies: Path | None) -> dict[str, str]:
    """What the launcher tells the program by its environment."""
    told = {FILE: connection, COPIES: copies}
    return {name: str(path) for name, path in told.items() if path is not None}


def _shell(told: Mapping[str, str]) -> str:
    named = "".join(f"{name}={shlex.quote(value)} " for name, value in told.items())
    return f'#!/bin/sh\n# {MARK}\n{named}exec {shlex.quote(sys.executable)} -m {MODULE} "$@"\n'


def _batch(told: Mapping[str, str]) -> str:
    def written(text: str) -> str:
        return text.replace("%", "%%")

    named = "".join(f'set "{name}={written(value)}"\n' for name, value in told.items())
    return f'@echo off\nrem {MARK}\nsetlocal\n{named}"{written(sys.executable)}" -m {MODULE} %*\n'
