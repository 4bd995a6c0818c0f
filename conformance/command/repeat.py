"""The command line that repeats a run."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

import click
from click.core import ParameterSource

from conformance.command.measure import OPTION_NAMES as MEASURES
from conformance.command.measure import measure_of
from conformance.command.voice import OPTION_NAMES as VOICES

NOT_AGAIN = frozenset({"only", "out", "resume", "shard", "workers", "bare", *VOICES, *MEASURES})
"""What a run selects, how it is divided, where it writes and how it talks."""


def again(context: click.Context, command: str, first: Collection[str] = ()) -> str:
    """``command`` with what the user gave beside it, but for what is not to be repeated; ``first`` stands before that.

    What a run selects is on record by itself, since whoever repeats one stimulus of a run names that.
    """
    parts = [command, *first, *_given(context)]
    if (waivers := measure_of(context).waivers) is not None:
        parts.append(option("--waivers", waivers))
    return " ".join(parts)


def option(name: str, value: object) -> str:
    """The option as it can be typed."""
    return f"{name} {_quoted(str(value))}"


def _given(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        value = context.params.get(str(parameter.name))
        source = context.get_parameter_source(str(parameter.name))
        if source is not ParameterSource.COMMANDLINE or parameter.name in NOT_AGAIN:
            continue
        if not isinstance(parameter, click.Option):
            yield str(value)
        elif parameter.is_flag:
            yield parameter.opts[0]
        else:
            yield from (option(parameter.opts[0], each) for each in (value if isinstance(value, tuple) else (value,)))


def _quoted(text: str) -> str:
    if '"' in text:
        return shlex.quote(text)
    return f'"{text}"' if " " in text or not text else text
