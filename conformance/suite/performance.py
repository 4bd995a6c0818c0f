"""One play being performed: it asks, the stage answers, and between two of its turns others may have theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from conformance.drive import OperatorError
from conformance.spec import Spec
from conformance.suite.desk import StageDesk
from conformance.suite.play import Ask, AtOnce, NotPossible, Pause, Play, Send
from conformance.trace import Exchange, NoteKind

SHORTEST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
PAUSE_SHARE = 0.5
"""Of the time waited so far: a look comes at most that much too late."""
WITHOUT_ID = "operations without an id"
IDENTIFYING = ("station", "integration_id", "patient_id", "case", "last_name")
"""Roles whose values tell a thing from others of its kind."""


class Ending(StrEnum):
    """How a performance ended. None of it says whether the server did right."""

    DONE = "done"
    SKIPPED = "skipped"  # the target lacks what it needs
    CRASHED = "crashed"  # the play itself is wrong: our fault


@dataclass(frozen=True)
class Performed:
    play: Play
    ending: Ending
    reason: str = ""
    error: BaseException | None = None


class Pace:
    """How long to wait before the next look: longer the longer it took already."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def moved(self) -> None:
        """Something else than a look was sent: what comes is waited for anew."""
        self._since_s = None

    def pause_s(self, now_s: float) -> float:
        """Seconds until the next look makes sense."""
        if self._since_s is None:
            self._since_s = now_s
        return min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, PAUSE_SHARE * (now_s - self._since_s)))


class Answering(Protocol):
    """What a performance needs of the stage."""

    spec: Spec

    def now_s(self) -> float: ...

    def answer(self, stimulus: Ask, play: str) -> list[Exchange]: ...

    def note(self, kind: NoteKind, data: Mapping[str, str]) -> None: ...

    def skip(self, name: str, reason: str, aims: Sequence[str] = (), whose: str = "set-up") -> None: ...


@dataclass
class Performance:
    """A play that has begun. ``turn`` until ``performed`` is there."""

    play: Play
    desk: StageDesk
    stage: Answering
    attempt: int = 0
    performed: Performed | None = None
    wakes_s: float = 0.0
    """When it wants its next turn."""
    asked: Ask | None = None
    """What it will have answered in its next turn."""
    open: dict[str, int] = field(default_factory=dict)
    """Its operations not seen to be over -> how many places had been taken when they began; see ``Turns``."""
    _pace: Pace = field(default_factory=Pace)

    def begin(self) -> None:
        """Notes that it begins and finds out what it asks first."""
        self.stage.note(NoteKind.PLAY, {"play": self.play.name, "phase": "begin", "attempt": str(self.attempt)})
        self._steps = self.play.steps(self.desk)
        self._go_on(None)

    def turn(self, places: int = 0) -> None:
        """Has what it asked for answered, and finds out what it asks next; ``places`` have been taken so far."""
        assert self.asked is not None
        try:
            answer = self.stage.answer(self.asked, self.play.name)
        except (NotPossible, OperatorError) as lack:
            self._steps.close()
            self._skipped(str(lack))
            return
        for exchange in answer:
            self._keep_track(exchange, places)
        self._go_on(answer)

    def _keep_track(self, exchange: Exchange, places: int) -> None:
        operation, method = exchange.values.get("operation", "").casefold(), exchange.method
        if method is not None and method.starts_operation:
            self.open[operation] = places
        elif exchange.role == "get_status" and exchange.status_code is not None:
            status = self.stage.spec.status_by_code.get(exchange.status_code)
            if status is None or status.final:
                self.open.pop(operation, None)

    def _go_on(self, answer: list[Exchange] | None) -> None:
        try:
            self.asked = next(self._steps) if answer is None else self._steps.send(answer)
        except StopIteration:
            self._end(Performed(self.play, Ending.DONE))
        except (NotPossible, OperatorError) as lack:
            self._skipped(str(lack))
        except Exception as wrong:
            reason = f"{type(wrong).__name__}: {wrong}"
            self.stage.skip(self.play.name, reason, self.play.aims, whose="ours")
            self._end(Performed(self.play, Ending.CRASHED, reason, wrong))
        else:
            self._plan()

    def _plan(self) -> None:
        self.wakes_s = self.stage.now_s()
        if isinstance(self.asked, Pause):
            self.wakes_s += self._pace.pause_s(self.wakes_s)
        elif not isinstance(self.asked, Send) or self.asked.role != "get_status":
            self._pace.moved()

    def _skipped(self, reason: str) -> None:
        self.stage.skip(self.play.name, reason, self.play.aims)
        self._end(Performed(self.play, Ending.SKIPPED, reason))

    def _end(self, performed: Performed) -> None:
        self.asked = None
        self.performed = performed
        self.stage.note(NoteKind.PLAY, {"play": self.play.name, "phase": "end", "ending": performed.ending.value})


def takes_places(asked: Ask | None) -> int:
    """How many calls a stimulus makes that may push a status out: look-ups may, status queries and removals do not."""
    sends = asked.sends if isinstance(asked, AtOnce) else (asked,)
    return sum(isinstance(send, Send) and send.role not in ("get_status", "remove_operation") for send in sends)


def touched(asked: Ask | None, shared: frozenset[str], spec: Spec) -> frozenset[str]:
    """What a stimulus has in common with those of other plays: stations and fixtures, and the one empty id."""
    if isinstance(asked, AtOnce):
        return frozenset().union(*(touched(send, shared, spec) for send in asked.sends))
    if not isinstance(asked, Send):
        return frozenset()
    found = {asked.parameters.get(role, "").casefold() for role in IDENTIFYING} & shared
    method = spec.method.get(asked.role)
    operation = asked.parameters.get("operation", "")
    if method is not None and "operation" in method.by_role and operation in ("", spec.empty_guid):
        found.add(WITHOUT_ID)
    return frozenset(found)
