"""Operations per station as a picture: a bar per operation, from its call to the last look at it, by its statuses.

A recording may hold a hundred thousand operations, a picture a few hundred: those that findings rest on come first,
then an even choice of what each station did. The table beside the picture counts them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.spec import Spec
from conformance.trace import History, Operation

MOST_BARS = 300
WIDTH, LANE, LEAST_BAR, LABEL = 1100.0, 16.0, 4.0, 170.0
SERVER = "server"
UNLISTED = "stations in no list"
NEVER = "no status seen"


@dataclass(frozen=True)
class Part:
    """A stretch of a bar in which one status was known."""

    x: float
    width: float
    kind: str
    """``open``, ``done``, ``ended`` (otherwise), or ``strange``: a code that the guide does not know."""


@dataclass(frozen=True)
class Bar:
    y: float
    parts: tuple[Part, ...]
    told: str
    """What it is, in a line."""
    found: bool
    """True when a finding rests on it."""


@dataclass(frozen=True)
class Lane:
    name: str
    y: float
    height: float


@dataclass(frozen=True)
class Count:
    """Operations of one station, by how they were last seen."""

    station: str
    operations: int
    ends: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Timeline:
    height: float
    from_s: float
    to_s: float
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    left_out: int
    counts: tuple[Count, ...]


def timeline(history: History, spec: Spec, evidence: Collection[int], stations: Mapping[str, str]) -> Timeline:
    """``evidence`` are the events that findings rest on; ``stations`` gives names by id."""
    every = history.operations
    wanted = frozenset(evidence)
    marked = [each for each in every if not wanted.isdisjoint(_numbers(each))][:MOST_BARS]
    drawn = sorted((*marked, *_spread(every, marked, stations)), key=lambda each: each.serial)
    drawing = _Drawing(spec, drawn, frozenset(id(each) for each in marked), stations)
    return Timeline(
        drawing.height,
        drawing.from_s,
        drawing.to_s,
        tuple(drawing.lanes),
        tuple(drawing.bars),
        len(every) - len(drawn),
        tuple(_counts(every, spec, stations)),
    )


def _spread(every: Sequence[Operation], marked: Sequence[Operation], stations: Mapping[str, str]) -> list[Operation]:
    """As many others as there is room for, evenly chosen from what each station did."""
    known = {id(each) for each in marked}
    at: dict[str, list[Operation]] = {}
    for each in every:
        if id(each) not in known:
            at.setdefault(_name(each, stations), []).append(each)
    room = (MOST_BARS - len(marked)) // max(len(at), 1)
    return [each for theirs in at.values() for each in theirs[:: -(-len(theirs) // room)][:room]] if room else []


def _numbers(operation: Operation) -> set[int]:
    return {operation.call.number, *(poll.number for poll in operation.polls)}


def station_names(history: History) -> dict[str, str]:
    """Names of stations by id, as the lists of stations told them."""
    names: dict[str, str] = {}
    for exchange in history.of("list_stations"):
        for record in getattr(exchange.document, "records", ()) if exchange.succeeded else ():
            identifier = record.guid("station")
            if identifier is not None and record.text("hostname"):
                names[str(identifier)] = record.text("hostname")
    return names


def _name(operation: Operation, stations: Mapping[str, str]) -> str:
    if not operation.on_station:
        return SERVER
    return stations.get(str(operation.station), UNLISTED if stations else str(operation.station))


def _ended_s(operation: Operation) -> float:
    seen = (operation.call, *operation.polls, *operation.removals)
    return max(exchange.event.finished_s for exchange in seen)


def _counts(every: Iterable[Operation], spec: Spec, stations: Mapping[str, str]) -> Iterable[Count]:
    ends: dict[str, Counter[str]] = {}
    for operation in every:
        ends.setdefault(_name(operation, stations), Counter())[_end(operation, spec)] += 1
    return (Count(name, sum(seen.values()), tuple(seen.most_common())) for name, seen in sorted(ends.items()))


def _end(operation: Operation, spec: Spec) -> str:
    codes = operation.codes()
    if not codes:
        return NEVER
    status = spec.status_by_code.get(codes[-1])
    return f"{codes[-1]} {status.name.replace('_', ' ') if status else 'not in the guide'}"


class _Drawing:
    """Places the bars: stations one below the other, operations that overlap one below the other within them."""

    def __init__(
        self, spec: Spec, drawn: Sequence[Operation], marked: frozenset[int], stations: Mapping[str, str]
    ) -> None:
        self._spec, self._marked, self._stations = spec, marked, stations
        self.from_s = min((each.call.event.started_s for each in drawn), default=0.0)
        self.to_s = max(map(_ended_s, drawn), default=0.0)
        self._per_s = (WIDTH - LABEL - LEAST_BAR) / max(self.to_s - self.from_s, 0.001)
        self.lanes: list[Lane] = []
        self.bars: list[Bar] = []
        self.height = 4.0
        names = sorted({_name(each, stations) for each in drawn}, key=lambda name: (name != SERVER, name))
        for name in names:
            self._lane(name, [each for each in drawn if _name(each, stations) == name])

    def _lane(self, name: str, operations: Sequence[Operation]) -> None:
        free: list[float] = []  # where each line of this lane is free again
        top = self.height
        for operation in operations:
            start, parts = self._x(operation.call.event.started_s), self._parts(operation)
            line = next((n for n, x in enumerate(free) if x <= start), len(free))
            end = parts[-1].x + parts[-1].width + 1
            free[line : line + 1] = [end]
            self.bars.append(Bar(top + line * LANE, parts, self._told(operation), id(operation) in self._marked))
        self.lanes.append(Lane(name, top, len(free) * LANE))
        self.height = top + len(free) * LANE + 8

    def _x(self, at_s: float) -> float:
        return round(LABEL + (at_s - self.from_s) * self._per_s, 1)

    def _parts(self, operation: Operation) -> tuple[Part, ...]:
        marks = [(operation.call.event.started_s, "open")]
        looks = [(poll.event.finished_s, poll.status_code) for poll in operation.polls]
        marks += [(at_s, self._kind(code)) for at_s, code in looks if code is not None]
        parts: list[Part] = []
        for number, (at_s, kind) in enumerate(marks):
            if parts and parts[-1].kind == kind:
                continue
            later = [other for other, its in marks[number:] if its != kind]
            x = max(self._x(at_s), parts[-1].x + parts[-1].width if parts else 0.0)
            width = max(self._x(later[0] if later else _ended_s(operation)) - x, LEAST_BAR)
            parts.append(Part(x, round(width, 1), kind))
        return tuple(parts)

    def _kind(self, code: int) -> str:
        status = self._spec.status_by_code.get(code)
        if status is None:
            return "strange"
        if not status.final:
            return "open"
        return "done" if status.name == "processed" else "ended"

    def _told(self, operation: Operation) -> str:
        seen = operation.codes()
        codes = [code for number, code in enumerate(seen) if number == 0 or seen[number - 1] != code]
        course = f"status {' then '.join(map(str, codes))}" if codes else NEVER
        seconds = f"{operation.call.event.started_s:.1f} s to {_ended_s(operation):.1f} s"
        return f"event {operation.call.number}: {self._spec.method[operation.role].name}, {seconds}, {course}"
