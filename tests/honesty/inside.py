"""The whole suite against an emulator in the same process: no sockets, no threads, no clock but the calls.

What the honesty tests need is thousands of runs; the same plays over real sockets are what ``certify server`` does.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from conformance.drive import Outgoing, place
from conformance.emulator.clock import SteppedClock
from conformance.emulator.declared import declared
from conformance.emulator.embedded import brisk_policy
from conformance.emulator.faults import Fault
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request
from conformance.emulator.seed import Seed, load_seed
from conformance.emulator.server import Emulator
from conformance.emulator.telling import LOST
from conformance.judge import Ledger, Monitor
from conformance.spec import Spec
from conformance.suite import scenario
from conformance.suite.budget import Search
from conformance.suite.machine import Explorer
from conformance.suite.oracle import Oracle
from conformance.suite.play import Identity
from conformance.suite.plays import collect
from conformance.suite.shortened import shortened
from conformance.suite.stage import Ending, Stage
from conformance.suite.target import Target
from conformance.suite.turns import Turns
from conformance.trace import Event, Recorded, Recorder, Redactor, Traffic

NO_SEARCH = Search(examples=0, steps=0, tries=0)
SMALL_SEARCH = Search(examples=4, steps=30, tries=0)


class InsideDriver:
    """Hands requests to an emulator and records what comes back; time is the number of steps taken."""

    def __init__(self, emulator: Emulator, recorder: Recorder, spec: Spec) -> None:
        self.place = place(f"{spec.service.scheme}://127.0.0.1:{spec.service.port}{spec.service.base_path}")
        self.recorder = recorder
        self._emulator = emulator
        self._now = 0.0
        self._connections: dict[str, int] = {}

    def clock(self) -> float:
        self._now += 0.001
        return self._now

    def send(self, outgoing: Outgoing) -> Recorded:
        started = self.clock()
        return self.recorder.exchange(self._traffic(outgoing, started))

    def send_together(self, outgoings: Sequence[Outgoing], ready: Callable[[int], None]) -> list[Recorded]:
        ready(len(outgoings))
        started = [self.clock() for _ in outgoings]
        beside = len(outgoings) - 1
        traffic = [self._traffic(each, began, beside) for each, began in zip(outgoings, started, strict=True)]
        return [self.recorder.exchange(each) for each in traffic]

    def close(self) -> None:
        self._connections.clear()

    def _traffic(self, out: Outgoing, started_s: float, beside: int = 0) -> Traffic:
        connection = self._connections.setdefault(out.connection, len(self._connections) + 1)
        headers = tuple((name.lower(), value) for name, value in out.headers)
        request = Request(out.verb, out.target, headers, b"", connection, "", started_s, beside=beside)
        response = self._emulator.handle(request)
        lost = LOST.get(response.wire, "")
        return Traffic(
            verb=out.verb,
            target=out.target,
            headers=out.headers,
            started_s=started_s,
            finished_s=self.clock(),
            http_status=0 if lost else response.http_status,
            reply_headers=() if lost else response.headers,
            body=b"" if lost or out.verb == "HEAD" else response.body,
            lost=lost,
            who=out.who,
            connection=out.connection,
            play=out.play,
            probe=out.probe,
        )


@dataclass(frozen=True)
class InsideOperator:
    emulator: Emulator

    def available(self) -> bool:
        return True

    def decide(self, station, operation, dialog, button) -> None:
        self.emulator.decide(dialog, button, operation=operation, station=station)


@dataclass
class Inside:
    """What came of one run."""

    ledger: Ledger
    events: list[Event]
    crashed: list[str]
    faults: tuple[Fault, ...] = ()
    breaches: dict[str, list[object]] = field(default_factory=dict)

    def failed(self) -> set[str]:
        """Rows with at least one FAIL."""
        return {row.id for row in self.ledger.rows if row.counts.failed}

    def why(self) -> str:
        """The first finding of each broken row, for a person."""
        lines = []
        for row, found in sorted(self.breaches.items()):
            first = found[0]
            lines.append(f"{row} [{first.play}] expected {first.verdict.expected}; observed {first.verdict.observed}")
        return "\n".join([*lines, *self.crashed])


def run_inside(
    spec: Spec,
    *,
    faults: Sequence[Fault] = (),
    policy: Policy | None = None,
    seed: int = 0,
    only: str = "",
    aims: Collection[str] = (),
    few: int = 0,
    plays: Mapping[str, int] | None = None,
    share: float = 1.0,
    lanes: int = 1,
    search: Search = NO_SEARCH,
    suite_spec: Spec | None = None,
    readings: Mapping[str, str] | None = None,
    prepared: Seed | None = None,
) -> Inside:
    """Plays everything once. ``spec`` is the emulator's; ``suite_spec`` the suite's, where it is another.

    ``only`` is a part of the names of the plays; ``aims`` leaves those that aim at one of these rows, with ``few`` so
    many for each; ``share`` leaves so many of them, drawn by the seed; ``plays`` those that it names, so many stages of
    each. With several ``lanes`` they take turns, as at a server in use. ``prepared`` is what the emulator has at the
    start, None for the usual.
    """
    areas = _areas_without_a_play(aims, suite_spec or spec)
    told = suite_spec or spec
    prepared = prepared or load_seed(spec)
    policy = policy or brisk_policy(seed)
    emulator = Emulator(spec, policy, SteppedClock(), prepared.users, prepared.state, faults)
    events: list[Event] = []
    oracle = Oracle(Monitor(told))
    recorder = Recorder(told, Redactor(told, b"inside"), [events.append, oracle.hear])
    target = Target(
        url="https://127.0.0.1/",
        users=tuple(Identity(user.user, user.password) for user in prepared.users),
        context=None,
        operator=InsideOperator(emulator),
        prefix="q",
        seed=seed,
        fixtures=tuple(declared(prepared.state)),
        embedded=True,
    )
    stage = Stage(target, InsideDriver(emulator, recorder, spec), told, oracle.exchange)  # type: ignore[arg-type]
    stage.declare()
    stage.find_stations()
    crashed = []
    drawn = Random(f"share/{seed}")
    chosen, shown = [], Counter[str]()
    for play in (*collect(told), *scenario.plays(told)):
        rows = set(aims) & set(play.aims)
        wanted = any(not few or shown[row] < few for row in rows)
        aimed = not aims or wanted or areas & {row.partition("-")[0] for row in play.aims}
        named = plays is None or play.name in plays
        if only in play.name and aimed and named and drawn.random() < share:
            chosen.append(play if plays is None else shortened(play, plays[play.name]))
            shown.update(rows)
    turns = Turns(stage, lanes)
    turns.expect(chosen)
    for play in chosen:
        performed = turns.until(play)
        if performed.ending is Ending.CRASHED:
            crashed.append(f"{play.name}: {performed.reason}")
    if search.examples:
        Explorer(stage, oracle, search).explore()
    breaches: dict[str, list[object]] = {}
    for breach in oracle.breaches:
        breaches.setdefault(breach.requirement, []).append(breach)
    return Inside(oracle.monitor.finish(), events, crashed, tuple(faults), breaches)


def _areas_without_a_play(rows: Collection[str], spec: Spec) -> set[str]:
    """Areas of those rows that no play aims at by itself: any play of the area may trigger them."""
    aimed = {row for play in collect(spec) for row in play.aims}
    return {row.partition("-")[0] for row in rows if row not in aimed}
