"""Plays that end early: a quick run takes from each what it needs, and no more."""

from __future__ import annotations

from dataclasses import replace

from conformance.suite.play import Ask, AtOnce, Desk, Play, Send, Steps

LOOKS = "get_status"


def shortened(play: Play, stages: int) -> Play:
    """The play as far as its so many-th stage: something asked for, with all looks at what becomes of it.

    It ends between two stages, so that what it began has come to its end as far as the play waits for that.
    """

    def steps(desk: Desk) -> Steps:
        going_on = play.steps(desk)
        begun, asked = 0, next(going_on, None)
        while asked is not None:
            begun += begins_stage(asked)
            if begun > stages:
                going_on.close()
                return
            answer = yield asked
            try:
                asked = going_on.send(answer)
            except StopIteration:
                return

    return replace(play, steps=steps)


def begins_stage(asked: Ask) -> bool:
    """True for what is neither a look at a status nor a pause."""
    return isinstance(asked, AtOnce) or (isinstance(asked, Send) and asked.role != LOOKS)
