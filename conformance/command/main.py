"""The command ``threedd``. Subcommands are imported when they are called, so that ``--help`` answers at once."""

from __future__ import annotations

import atexit
import gc
import importlib
import sys
from collections.abc import Mapping

import click

from conformance import __version__

COMMANDS: Mapping[str, str] = {
    "bundle": "Bundle a run, so that others can recompute its verdicts.",
    "certify": "Certify a server, a PMS, or a BVS of VDDS media.",
    "compare": "Say what changed from one run to another.",
    "command-line": "Put the played program of the command line anywhere.",
    "completion": "Print the script with which a shell completes commands and options.",
    "driver": "Try a driver for a PMS, or begin one from a template.",
    "emulator": "Serve an emulated Dental Desktop.",
    "init": "Write a commented target file.",
    "judge": "Judge recordings: a journal, a HAR archive, command lines, a folder.",
    "keygen": "Make a key for signing bundles.",
    "merge": "Merge the shards of a run into one ledger and one report.",
    "overview": "Make a page of who was certified for what.",
    "record": "Stand between a PMS and a real server; record and judge.",
    "replay": "Play what a capsule tells of: fixed, still failing, or cannot reproduce.",
    "spec": "The guide as data: requirements, readings, coverage.",
    "vdds": "Enter the emulator in a register of VDDS media, or take it out.",
    "verify": "Verify a bundle: integrity, signature, and the verdicts recomputed.",
}
"""Name of a command -> what the list of commands says.

The name, with _ for -, is also that of its module and of the function in it."""


class Commands(click.Group):
    """A group whose list of commands needs none of their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = _command(name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A wrong name is told with the right ones."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f'No such command "{args[0]}"; expected {", ".join(COMMANDS)}.')
        return super().resolve_command(ctx, args)


def _command(name: str) -> object:
    return getattr(importlib.import_module(f"conformance.command.{name}"), name)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="threedd")
def threedd() -> None:
    """Conformance harness for 3Shape Dental Desktop integrations."""


def main() -> None:
    """Runs the command line. A wrong command line ends with 3, like every fault of the set-up."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console of an old code page must not end a run
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    _collect_seldom()
    try:
        sys.exit(threedd.main(prog_name="threedd", standalone_mode=False) or 0)
    except click.UsageError as wrong:
        wrong.show()
        sys.exit(SET_UP)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(SET_UP)


def _collect_seldom() -> None:
    """What a run makes it keeps to its end: to look through all of it for garbage, again and again, is vain."""
    gc.set_threshold(*SELDOM)
    atexit.register(gc.freeze)  # nor when all of it goes


SELDOM = (20_000, 20, 100)
"""Thresholds of the collector of garbage: so many objects more, so many times."""
SET_UP = 3
