"""How a command talks: to a person, to a program, or to a CI job."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click
from rich.console import Console

from conformance.command.dealing import word_of
from conformance.judge import Ledger
from conformance.report import github

GITHUB = "github"
F = TypeVar("F", bound=Callable[..., Any])
_KEY = "threedd.voice"


@dataclass(frozen=True)
class Voice:
    """Say nothing on the way (``quiet``), end with the ledger (``as_json``), mark findings for a CI (``annotate``)."""

    quiet: bool = False
    as_json: bool = False
    annotate: str = ""

    def console(self) -> Console:
        """Where progress and the table go; with JSON standard output belongs to the ledger."""
        return Console(quiet=self.quiet, stderr=self.as_json)

    def tell(self, ledger: Ledger) -> None:
        """What is said at the end of a run, beside the table."""
        if self.annotate == GITHUB:
            for line in github(ledger):
                click.echo(line, err=self.as_json)
        if self.as_json:
            click.echo(ledger.to_json(), nl=False)
        elif self.quiet:
            click.echo(word_of(ledger))


def voiced(*quiet: str) -> Callable[[F], F]:
    """Gives a command the options, the first one under these names; ``voice_of`` tells what was chosen."""

    def give(command: F) -> F:
        for option in reversed((_silence(*quiet), *_OPTIONS)):
            command = option(command)
        return command

    return give


def _silence(*names: str) -> Callable[[F], F]:
    told = "Print the verdict only."
    return click.option(*names, "voice_quiet", is_flag=True, expose_value=False, callback=_keep, help=told)


def voice_of(context: click.Context, environment: Mapping[str, str] = os.environ) -> Voice:
    """What the user chose. In a job of GitHub Actions findings are annotated unasked."""
    voice: Voice = context.meta.get(_KEY, Voice())
    if not voice.annotate and environment.get("GITHUB_ACTIONS") == "true":
        return replace(voice, annotate=GITHUB)
    return voice


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    voice = context.meta.get(_KEY, Voice())
    context.meta[_KEY] = replace(voice, **{str(parameter.name).removeprefix("voice_"): "" if value is None else value})


_OPTIONS = (
    click.option(
        "--json", "voice_as_json", is_flag=True, expose_value=False, callback=_keep,
        help="Print the ledger as JSON; everything else goes to standard error.",
    ),
    click.option(
        "--annotate", "voice_annotate", type=click.Choice((GITHUB, "none")), expose_value=False,
        callback=_keep, help="Mark findings for a CI job; github is the default in GitHub Actions.",
    ),
)  # fmt: skip
OPTION_NAMES = ("voice_quiet", "voice_as_json", "voice_annotate")
