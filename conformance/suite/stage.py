"""The stage: sends what plays ask for, and lets time pass between.

A play yields what shall be sent and gets the exchanges back. Between two yields nothing of it runs, so several
performances can take turns on one server (``turns``); each has its own desk, and the trace says whose call it was.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from zlib import crc32

from conformance.drive import Driver, Outgoing, Refused, basic, headers, target
from conformance.spec import Spec
from conformance.suite.announce import start_of
from conformance.suite.desk import Endurance, StageDesk
from conformance.suite.performance import IDENTIFYING, Ending, Pace, Performance, Performed
from conformance.suite.play import Ask, Identity, NotPossible, Pause, Play, Send, Steps
from conformance.suite.target import YES, Target, lacking, matching
from conformance.trace import Exchange, NoteKind, Recorded, read

PLAY = "prepare.stations"
STARTING_UP = 503
START_UP_PAUSE_S = 2.0
_IN_CAPITALS = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
"""Ids as some servers write them. They are sent back so: values are case-sensitive, and some compare letters."""


class Stage:
    """One target, one driver, one order of events."""

    def __init__(
        self,
        target: Target,
        driver: Driver,
        spec: Spec,
        seen: Callable[[int], Exchange | None] = lambda number: None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``seen`` tells the exchange of an event by its number, where somebody has read it already."""
        self.target = target
        self.driver = driver
        self.spec = spec
        self.stations: tuple[str, ...] = ()
        """Connected stations, those that are not busy first; see ``find_stations``."""
        self.spread = False
        """Whether plays are spread over the stations that are not busy, or all keep to the first."""
        self._free = 0
        self._endurance = Endurance()
        self._hostnames: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        """Ids that the server writes in capitals, by the same in small letters."""
        self._seen = seen
        self._sleep = sleep
        self._warm = False

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
        found = self._declared_stations() or self._discovered_stations()
        free = [station for station, busy in found if not busy]
        self._free = len(free)
        self.stations = (*free, *(station for station, busy in found if busy))

    def _declared_stations(self) -> list[tuple[str, bool]]:
        found = matching(self.target.fixtures, "station", {})
        connected = [each for each in found if each.get("connected", "yes") in YES and each.get("station")]
        self._hostnames = {each["station"].lower(): each.get("hostname", "") for each in connected}
        return [(each["station"], each.get("busy", "no") in YES) for each in connected]

    def _discovered_stations(self) -> list[tuple[str, bool]]:
        listing = self.send(Send("list_stations", {}), PLAY)
        records = getattr(listing.document, "records", ())
        self._hostnames = {str(each.guid("station")): each.text("hostname") for each in records}
        return [(str(each.guid("station")), each.get("busy") is True) for each in records if each.guid("station")]

    def _stations_of(self, play: str) -> tuple[str, ...]:
        """The stations in the order in which the play of that name takes them."""
        shift = crc32(play.encode("utf-8")) % self._free if self.spread and self._free else 0
        return (*self.stations[shift : self._free], *self.stations[:shift], *self.stations[self._free :])

    # -- plays ------------------------------------------------------------------------------------------------

    def perform(self, play: Play, attempt: int = 0) -> Performed:
        """Plays it to its end, whatever that is; ``attempt`` gives it other ids."""
        begun = self.begin(play, attempt)
        if isinstance(begun, Performed):
            return begun
        while begun.performed is None:
            self.wait_until(begun.wakes_s)
            begun.turn()
        return begun.performed

    def begin(self, play: Play, attempt: int = 0) -> Performance | Performed:
        """A performance that has begun, or what came of it when the target lacks what it needs."""
        reason = lacking(play.needs, self.target, len(self.stations))
        if reason:
            self.skip(play.name, reason, play.aims)
            return Performed(play, Ending.SKIPPED, reason)
        performance = Performance(play, self.desk(play.name, attempt), self, attempt)
        performance.begin()
        return performance

    def act(self, steps: Steps, play: str) -> None:
        """Sends what ``steps`` ask for until they are through. Raises whatever they raise."""
        pace = Pace()
        asked = next(steps, None)
        while asked is not None:
            if isinstance(asked, Pause):
                self.wait_until(self.now_s() + pace.pause_s(self.now_s()))
            try:
                asked = steps.send(self.answer(asked, play))
            except StopIteration:
                return

    def now_s(self) -> float:
        """The time by the clock of the recording."""
        return self.driver.clock()

    def wait_until(self, moment_s: float) -> None:
        """Lets time pass; not at a server that moves with each call."""
        wait_s = moment_s - self.now_s()
        if wait_s > 0 and not self.target.embedded:
            self._sleep(wait_s)

    @cached_property
    def shared(self) -> frozenset[str]:
        """What there is only once, folded: the stations, and the names of all that was prepared."""
        named = (each.get(role, "") for each in self.target.fixtures for role in IDENTIFYING)
        return frozenset(text.casefold() for text in (*self.stations, *named) if text)

    def desk(self, play: str, attempt: int = 0) -> StageDesk:
        """A desk for the play of that name."""
        return StageDesk(
            play,
            self.target,
            self.spec,
            self._stations_of(play),
            take_note=self.note,
            clock=self.driver.clock,
            attempt=attempt,
            endurance=self._endurance,
            spelled=self._spelled,
        )

    def skip(self, name: str, reason: str, aims: Sequence[str] = (), whose: str = "set-up") -> None:
        """Notes that a stimulus did not take place, so that the rows it aims at can say why nobody saw them.

        ``whose`` is ``ours`` when the stimulus itself is wrong, ``shard`` when another shard of the run plays it.
        """
        self.note(NoteKind.SKIPPED, {"play": name, "reason": reason, "aims": " ".join(aims), "whose": whose})

    # -- stimuli ----------------------------------------------------------------------------------------------

    def answer(self, stimulus: Ask, play: str) -> list[Exchange]:
        """The exchanges that came of a stimulus; none of a pause, which whoever lets the time pass has seen to.

        Raises NotPossible for what must not be sent, and OperatorError when the operator of a station cannot do it.
        """
        if isinstance(stimulus, Pause):
            return []
        for send in (stimulus,) if isinstance(stimulus, Send) else stimulus.sends:
            start = start_of(send, self.spec, self.target.fixtures, self._hostnames)
            if start is not None:
                self.target.starting(start)
        try:
            if isinstance(stimulus, Send):
                return [self.send(stimulus, play)]
            together = [self._outgoing(each, play, f"lane-{lane}") for lane, each in enumerate(stimulus.sends, start=1)]
            return [self._read(event) for event in self.driver.send_together(together, self.target.gather)]
        except Refused as refused:
            raise NotPossible(str(refused)) from refused

    def send(self, send: Send, play: str) -> Exchange:
        """The exchange of one call. A server that is still starting up is asked once more, the first time only."""
        exchange = self._read(self.driver.send(self._outgoing(send, play, "main")))
        if exchange.http_status == STARTING_UP and not self._warm:
            self._warm = True
            self._sleep(START_UP_PAUSE_S)
            return self.send(send, play)
        self._warm = self._warm or exchange.answered
        return exchange

    def _read(self, event: Recorded) -> Exchange:
        if event.reply is not None:
            self._spelled.update({text.lower(): text for text in _IN_CAPITALS.findall(event.reply.body)})
        return self._seen(event.number) or read(event, self.spec)

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
