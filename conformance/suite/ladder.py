"""The rungs before the first play, told one by one as they are climbed.

A rung holds, or is worth a remark, or ends the run with a hint for the person at the keyboard. Nobody is blamed here:
what a server does wrong is for the run to find, so only what would make every play meaningless may end it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Unready(Exception):
    """The set-up does not allow a run; nobody is blamed. The text ends with what to do."""


class Rung(StrEnum):
    """What is looked at, in this order."""

    NAME = "name"
    PORT = "port"
    TLS = "TLS"
    CHAIN = "chain"
    STRANGERS = "no credentials"
    CREDENTIALS = "credentials"
    SERVICE = "service"
    XML = "XML"
    CLOCK = "clock"
    STATIONS = "stations"
    FIXTURES = "fixtures"
    OPERATOR = "operator"


class Standing(StrEnum):
    """What came of a rung."""

    HOLDS = "ok"
    REMARK = "note"
    FAILS = "FAIL"


@dataclass(frozen=True)
class Step:
    """One rung and what was found there: one line for the user."""

    rung: Rung
    standing: Standing
    text: str


Say = Callable[[Step], None]


def _nobody(step: Step) -> None:
    """For runs that nobody watches."""


class Ladder:
    """Tells each step to whoever listens."""

    def __init__(self, say: Say = _nobody) -> None:
        self._say = say
        self.remarks: list[Step] = []
        """What was odd so far."""

    def holds(self, rung: Rung, text: str) -> None:
        self._say(Step(rung, Standing.HOLDS, text))

    def remark(self, rung: Rung, text: str) -> None:
        """Something is odd, and the run goes on."""
        self.remarks.append(Step(rung, Standing.REMARK, text))
        self._say(self.remarks[-1])

    def fail(self, rung: Rung, text: str) -> Unready:
        """What is to be raised: the run ends here."""
        self._say(Step(rung, Standing.FAILS, text))
        return Unready(text)
