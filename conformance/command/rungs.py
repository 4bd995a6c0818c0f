"""How the rungs before a run are shown: one line each, as they are climbed."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from conformance.suite.ladder import Ladder, Standing, Step

_STYLES = {Standing.HOLDS: "green", Standing.REMARK: "yellow", Standing.FAILS: "red"}
_WIDTH = 15


def shown_on(console: Console) -> Ladder:
    """A ladder whose rungs appear there, the one that ends a run with its reason: the error goes to another stream."""

    def say(step: Step) -> None:
        line = Text("  ")
        line.append(f"{step.standing.value:<6}", style=_STYLES[step.standing])
        line.append(f"{step.rung.value:<{_WIDTH}}")
        line.append(step.text)
        console.print(line, highlight=False, soft_wrap=True)

    return Ladder(say)
