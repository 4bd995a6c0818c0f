"""``threedd vdds``: the emulator in a register of VDDS media."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from conformance.command.command_line import write_launcher
from conformance.command.connection import FILE
from conformance.command.failure import SetUpFailure, spec_from, told_plainly

MODULE = "conformance.command.vdds_bvs"
MARK = "threedd vdds"
COPIES = "THREEDD_VDDS_COPIES"
"""Names the folder for copies of images."""
REGISTER, CALL = "THREEDD_VDDS_REGISTER", "THREEDD_VDDS_CALL"
"""The register that names a program, and for which call."""
_INI = click.option(
    "--ini", "register", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The register to change."
)


@click.group()
def vdds() -> None:
    """Enter the emulator in a register of VDDS media, so that a PVS on this computer finds it."""


@vdds.command()
@_INI
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    help="Path to enter for all calls; default: a launcher for each, beside the register.",
)
@click.option("--replace", is_flag=True, help="Take the place of another program that stands under the same name.")
def register(register: Path, program: Path | None, replace: bool) -> None:
    """Enter the emulator as a BVS; everything else in the register keeps every byte.

    A register that is not there is made. The programs pass what they are started with to the emulator that was started
    last on this computer. What the register was before lies beside it until "unregister" puts it back.

    Exit code 3: the register cannot be written, or another program stands in it under the emulator's name.
    """
    from conformance.emulator.vdds.entry import entered, is_ours, read_register, write_register

    spec = spec_from(None)
    facts = spec.vdds
    if facts is None:
        raise SetUpFailure(f"{spec.name} knows no VDDS media; use a build whose spec has vdds-media.yaml.")
    with told_plainly():
        ini = read_register(register)
        ours = is_ours(ini, facts)
        if ini.has(facts.entry_section) and not ours and not replace:
            raise SetUpFailure(
                f"{register}: [{facts.entry_section}] is another program's. Give --replace to take its place until "
                '"threedd vdds unregister" puts it back, or name another register.'
            )
        folder = register.resolve().parent
        roles = [call.role for call in facts.calls]
        made = dict.fromkeys(roles, program) if program is not None else launchers(folder, roles, register=register)
        new = entered(ini, facts, {role: str(path) for role, path in made.items()})
        if register.exists() and not ours:
            write_register(_before(register), ini)
        write_register(register, new)
    shown = program if program is not None else ", ".join(path.name for path in made.values())
    if any(" " in str(path) for path in made.values()):
        click.echo(f"{folder} has blanks, at which known callers cut it; give --program without any.", err=True)
    click.echo(f"{register}: [{facts.entry_section}] starts {shown}")


@vdds.command()
@_INI
def unregister(register: Path) -> None:
    """Take the emulator out again: the register is what it was, and keeps what others have changed in it since."""
    from conformance.emulator.vdds.entry import entered, is_ours, put_back, read_register, write_register
    from conformance.wire.vdds_ini import Ini

    spec = spec_from(None)
    facts = spec.vdds
    if facts is None or not register.is_file():
        raise SetUpFailure(f"{register} is no register; name the file in which the emulator was entered.")
    with told_plainly():
        ini = read_register(register)
        if ini.has(facts.entry_section) and not is_ours(ini, facts):
            raise SetUpFailure(f"{register}: [{facts.entry_section}] is another program's; it was left as it is.")
        kept = _before(register)
        programs = {call.role: ini.get(facts.entry_section, call.key) or "" for call in facts.calls}
        if not kept.exists() and entered(Ini(), facts, programs).encode() == ini.encode():
            register.resolve().unlink()  # nothing was there before
        else:
            write_register(register, put_back(ini, read_register(kept), facts))
            kept.unlink(missing_ok=True)
    click.echo(f"{register}: [{facts.entry_section}] is gone")


def _before(register: Path) -> Path:
    """Where the register lies as it was before the emulator was entered."""
    path = register.resolve()
    return path.with_name(f"{path.name}.before-threedd")


def launchers(
    folder: Path,
    roles: Sequence[str],
    connection: Path | None = None,
    copies: Path | None = None,
    register: Path | None = None,
) -> dict[str, Path]:
    """A program for each call, by role, so that the emulator knows which one was started. Raises as ``launcher``."""
    return {role: launcher(folder, connection, copies, call=role, register=register) for role in roles}


def launcher(
    folder: Path,
    connection: Path | None = None,
    copies: Path | None = None,
    *,
    call: str = "",
    register: Path | None = None,
    windows: bool | None = None,
) -> Path:
    """Writes the program that the register names; ``copies`` is where it puts copies of images.

    ``call`` is the one that it is registered for, '' for all, and ``register`` that register. Raises SetUpFailure when
    something else is there, or OSError.
    """
    on_windows = sys.platform == "win32" if windows is None else windows
    name = f"threedd-vdds-bvs-{call.replace('_', '-')}" if call else "threedd-vdds-bvs"
    path = folder / (f"{name}.cmd" if on_windows else name)
    if path.is_symlink() or (path.exists() and MARK not in path.read_bytes()[:4096].decode("latin-1")):
        raise SetUpFailure(f"{path} is there already and is not ours; give --program, or remove it.")
    places = {FILE: connection, COPIES: copies, REGISTER: register.absolute() if register is not None else None}
    told = {name: str(place) for name, place in places.items() if place is not None} | ({CALL: call} if call else {})
    text = _batch(told) if on_windows else _shell(told)
    write_launcher(path, text, on_windows=on_windows)
    return path


def _shell(told: Mapping[str, str]) -> str:
    named = "".join(f"{name}={shlex.quote(value)} " for name, value in told.items())
    return f'#!/bin/sh\n# {MARK}\n{named}exec {shlex.quote(sys.executable)} -m {MODULE} "$@"\n'


def _batch(told: Mapping[str, str]) -> str:
    def written(text: str) -> str:
        return text.replace("%", "%%")

    named = "".join(f'set "{name}={written(value)}"\n' for name, value in told.items())
    return f'@echo off\nrem {MARK}\nsetlocal\n{named}"{written(sys.executable)}" -m {MODULE} %*\n'
