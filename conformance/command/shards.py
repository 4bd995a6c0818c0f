"""Shards: a run in several parts, each a run by itself that knows which part it is; ``threedd merge`` joins them.

What is to be played is dealt out by its known cost, the dearest first, always to the shard that has least so far.
That depends on the names and on the number of shards only: whoever runs shard 2 of 3, anywhere, plays the same, and
all shards together play everything once, however many there are. Each play brings what it needs, and each shard has
an emulator of its own; so no shard waits for another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

SHARD, SHARDED = "shard", "sharded"
"""Entries of a journal's header: ``2/3``, and a digest of what all shards together play."""
F = TypeVar("F", bound=Callable[..., Any])
_SHAPE = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")


@dataclass(frozen=True)
class Shard:
    """Part ``number`` of ``of``."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def shard_from(text: str) -> Shard:
    """The shard that is written so. Raises ValueError."""
    found = _SHAPE.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f'shard "{text}"; expected NUMBER/COUNT, from 1/3 to 3/3 for three. Correct it.')
    return Shard(int(found[1]), int(found[2]))


def dealt(costs: Mapping[str, float], shards: int) -> Mapping[str, int]:
    """Name -> number of its shard."""
    load = [0.0] * shards
    found: dict[str, int] = {}
    for name in sorted(costs, key=lambda name: (-costs[name], name)):
        lightest = min(range(shards), key=lambda number: (load[number], number))
        load[lightest] += costs[name]
        found[name] = lightest + 1
    return found


def in_header(shard: Shard, names: Iterable[str]) -> dict[str, str]:
    """What a shard's journal tells of itself; ``names`` are those of all that the shards play together."""
    digest = hashlib.sha256("\n".join(sorted(names)).encode("utf-8")).hexdigest()
    return {SHARD: str(shard), SHARDED: digest[:12]}


class ShardType(click.ParamType[Shard]):
    """``2/3`` on a command line."""

    name = "I/N"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Shard:
        if isinstance(value, Shard):
            return value
        try:
            return shard_from(value)
        except ValueError as error:
            self.fail(str(error), parameter, context)


def shared_out(command: F) -> F:
    """Gives a command the options ``--shard`` and ``--workers``, and the one that workers are given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--shard", type=ShardType(), help="Part I of N of the run, for N jobs of a CI; \"threedd merge\" joins them."
    ),
    click.option(
        "--workers", type=click.IntRange(1, 61), default=1, show_default=True,
        help="Processes, each with an emulator of its own; one ledger.",
    ),
    click.option("--journal-only", "bare", is_flag=True, hidden=True),  # of a worker, whose report nobody would read
)  # fmt: skip
