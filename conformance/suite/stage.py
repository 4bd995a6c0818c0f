"""The stage: lets plays act, sends what they ask for, and lets time pass between.

A play yields what shall be sent and gets the exchanges back. Between two yields nothing of it runs, so several
performances can take turns on one server; each has its own desk, and the trace says which call belongs to whom.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conformance.drive import Driver, OperatorError, Outgoing, basic, headers, target
from conformance.spec import Spec
from conformance.suite.desk import StageDesk
from conformance.suite.play import Ask, Identity, NotPossible, Pause, Play, Send, Steps
from conformance.suite.target import WRITES_LACKING, YES, Target, lacking, matching
from conformance.trace import Exchange, NoteKind, read

SHORTEST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
STARTING_UP = 503
START_UP_PAUSE_S = 2.0


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


class Stage:
    """One target, one driver, one order of events."""

    def __init__(
        self, target: Target, driver: Driver, spec: Spec, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.target = target
        self.driver = driver
        self.spec = spec
        self.stations: tuple[str, ...] = ()
        """Connected stations, those that are not busy first; see ``find_stations``."""
        self._sleep = sleep
        self._pauses = 0
        self._warm = False
        self._last_s = float("-inf")

    # -- before the first play --------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Both steps below: what a run needs before its first play."""
        self.declare()
        self.find_stations()

    def declare(self) -> None:
        """Notes what is known before the first call: users and fixtures."""
        complete = {"complete": "yes"} if self.target.embedded else {}
        for user in self.target.users:
            self.note(NoteKind.CREDENTIALS, {"user": user.user, "password": user.password, **complete})
        for fixture in self.target.fixtures:
            self.note(NoteKind.FIXTURE, fixture)

    def find_stations(self) -> None:
        """Fills ``stations``: from what was declared, or else by asking the server."""
        self.stations = self._declared_stations() or self._discovered_stations()

    def _declared_stations(self) -> tuple[str, ...]:
        found = matching(self.target.fixtures, "station", {})
        connected = [each for each in found if each.get("connected", "yes") in YES and each.get("station")]
        connected.sort(key=lambda each: each.get("busy", "no") in YES)
        return tuple(each["station"] for each in connected)

    def _discovered_stations(self) -> tuple[str, ...]:
        listing = self.send(Send("list_stations", {}), "prepare.stations")
        records = getattr(listing.document, "records", ())
        free_first = sorted(records, key=lambda record: record.get("busy") is True)
        return tuple(str(record.guid("station")) for record in free_first if record.guid("station"))

    # -- plays ------------------------------------------------------------------------------------------------

    def perform(self, play: Play, attempt: int = 0) -> Performed:
        """Plays it to its end, whatever that is; ``attempt`` gives it other ids."""
        reason = lacking(play.needs, self.target, len(self.stations))
        if reason:
            return self._skip(play, reason)
        self.note(NoteKind.PLAY, {"play": play.name, "phase": "begin", "attempt": str(attempt)})
        performed = self._act(play, attempt)
        self.note(NoteKind.PLAY, {"play": play.name, "phase": "end", "ending": performed.ending.value})
        return performed

    def _act(self, play: Play, attempt: int) -> Performed:
        try:
            self.act(play.steps(self.desk(play.name, attempt)), play.name)
            return Performed(play, Ending.DONE)
        except (NotPossible, OperatorError) as lack:
            return self._skip(play, str(lack))
        except Exception as wrong:
            reason = f"{type(wrong).__name__}: {wrong}"
            self.skip(play.name, reason, play.aims, whose="ours")
            return Performed(play, Ending.CRASHED, reason, wrong)

    def act(self, steps: Steps, play: str) -> None:
        """Sends what ``steps`` ask for until they are through. Raises whatever they raise."""
        asked = next(steps, None)
        while asked is not None:
            answer = self.answer(asked, play)
            try:
                asked = steps.send(answer)
            except StopIteration:
                return

    def desk(self, play: str, attempt: int = 0) -> StageDesk:
        """A desk for the play of that name."""
        return StageDesk(
            play,
            self.target,
            self.spec,
            self.stations,
            take_note=self.note,
            clock=self.driver.clock,
            attempt=attempt,
        )

    def skip(self, name: str, reason: str, aims: Sequence[str] = (), whose: str = "set-up") -> None:
        """Notes that a stimulus did not take place, so that the rows it aims at can say why nobody saw them.

        ``whose`` is ``ours`` when the stimulus itself is wrong.
        """
        self.note(NoteKind.SKIPPED, {"play": name, "reason": reason, "aims": " ".join(aims), "whose": whose})

    def _skip(self, play: Play, reason: str) -> Performed:
        self.skip(play.name, reason, play.aims)
        return Performed(play, Ending.SKIPPED, reason)

    # -- stimuli ----------------------------------------------------------------------------------------------

    def answer(self, stimulus: Ask, play: str) -> list[Exchange]:
        """The exchanges that came of a stimulus; none of a pause."""
        if isinstance(stimulus, Pause):
            self._pause()
            return []
        sends = (stimulus,) if isinstance(stimulus, Send) else stimulus.sends
        if not self.target.may_write and any(self._starts_operation(send) for send in sends):
            raise NotPossible(WRITES_LACKING)
        if isinstance(stimulus, Send):
            return [self.send(stimulus, play)]
        self._pauses = 0
        together = [self._outgoing(each, play, f"lane-{lane}") for lane, each in enumerate(stimulus.sends, start=1)]
        self.target.gather(len(together))
        return [read(event, self.spec) for event in self.driver.send_together(together)]

    def send(self, send: Send, play: str) -> Exchange:
        """The exchange of one call. A server that is still starting up is asked once more, the first time only."""
        if send.role != "get_status":
            self._pauses = 0
        self._keep_distance()
        exchange = read(self.driver.send(self._outgoing(send, play, "main")), self.spec)
        if exchange.http_status == STARTING_UP and not self._warm:
            self._warm = True
            self._sleep(START_UP_PAUSE_S)
            return self.send(send, play)
        self._warm = self._warm or exchange.answered
        return exchange

    def _starts_operation(self, send: Send) -> bool:
        return send.role in self.spec.method and self.spec.method[send.role].starts_operation

    def note(self, kind: NoteKind, data: Mapping[str, str]) -> None:
        """Records a fact at the present moment."""
        self.driver.recorder.note(kind, self.driver.clock(), **data)

    def _outgoing(self, send: Send, play: str, connection: str) -> Outgoing:
        where = self.driver.place
        return Outgoing(
            target=target(
                self.spec,
                where.base_path,
                send.role,
                send.parameters,
                names=send.names,
                order=send.order,
                extra=send.extra,
                query=send.query,
                path=send.path,
            ),
            headers=headers(where.authority, self._authorization(send), send.headers),
            verb=send.verb,
            connection=send.connection or connection,
            play=play,
            probe=send.probe,
        )

    def _authorization(self, send: Send) -> str | None:
        if send.authorization != "":
            return send.authorization
        who: Identity | None = send.identity or next(iter(self.target.users), None)
        return basic(who.user, who.password) if who is not None else None

    def _pause(self) -> None:
        """Longer and longer while a play only looks; no waiting for a server that moves with each call."""
        if not self.target.embedded:
            self._sleep(min(LONGEST_PAUSE_S, SHORTEST_PAUSE_S * 2**self._pauses))
        self._pauses += 1

    def _keep_distance(self) -> None:
        wait_s = self._last_s + self.target.patience.between_calls_s - self.driver.clock()
        if wait_s > 0 and self.target.patience.between_calls_s > 0:
            self._sleep(wait_s)
        self._last_s = self.driver.clock()
