"""Steps of calls that are made by themselves, all at the same moment, and by themselves again, to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.suite.play import AtOnce, Desk, Send, Steps
from conformance.trace import Oddity, Probe
from conformance.trace.events import AFTERWARDS, TWIN


def alone_and_together(desk: Desk, sends: Sequence[Send], rounds: int = 2) -> Steps:
    """Each of the look-ups, all of them at once so many times with another one first, and each once more."""
    pairs = [desk.text("at-once-") for _ in sends]
    for send, pair in zip(sends, pairs, strict=True):
        yield from desk.one(arm(send, pair, TWIN))
    for turn in range(rounds):
        name = f"at-once-{turn + 1}"
        yield together([arm(send, pair, name) for send, pair in zip(sends, pairs, strict=True)], turn)
    for send, pair in zip(sends, pairs, strict=True):
        yield from desk.one(arm(send, pair, AFTERWARDS))


def arm(send: Send, pair: str, name: str) -> Send:
    """The call as one arm of a probe."""
    return replace(send, probe=Probe(Oddity.AT_ONCE, pair, name))


def together(sends: Sequence[Send], turn: int = 0) -> AtOnce:
    """All of them at once, another one first in each turn."""
    first = turn % len(sends)
    return AtOnce((*sends[first:], *sends[:first]))
