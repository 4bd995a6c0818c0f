"""What a PMS was told to do around a finding, what it called, and what it showed its user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.trace import Exchange, Handover, History, Note, NoteKind
from conformance.trace.orders import Order

MOST_SHOWN, MOST_CALLS, MOST_ORDERS = 6, 8, 12
_NOT_TOLD = frozenset({"order", "play", "phase", "does", "person"})
_FLAGS = {"merge": "merging wished for", "wait": ""}


@dataclass(frozen=True)
class Told:
    """One order and what came of it."""

    order: str
    does: str
    """In words, as ``create patient at station TRIOS-1``."""
    details: tuple[tuple[str, str], ...]
    """What else was said, by name; stand-ins for what names a patient."""
    calls: tuple[str, ...]
    """What the PMS called meanwhile."""
    answer: str
    """What the PMS said came of it, in words."""
    shown: tuple[str, ...]
    """What it understood, thing by thing."""
    judged: bool
    """True where the finding came up."""


@dataclass(frozen=True)
class Scene:
    play: str
    title: str
    """What the scenario is about; '' where the recording does not tell."""
    provoked: tuple[str, ...]
    """What was arranged around it, in words."""
    orders: tuple[Told, ...]
    left_out: int
    """Orders that are not shown."""


class Scenes:
    """The scenes of a recording, by the name of the scenario."""

    def __init__(self, history: History, stations: Mapping[str, str]) -> None:
        """``stations`` gives the names of stations by their ids."""
        self._stations = stations
        self._orders: dict[str, list[Order]] = defaultdict(list)
        for order in history.orders.all:
            self._orders[order.data.get("play", "")].append(order)
        begun = [note.data for note in history.notes(NoteKind.PLAY) if note.data.get("phase") == "begin"]
        self._titles = {data.get("play", ""): data.get("title", "") for data in begun}
        self._provoked: dict[str, list[Note]] = defaultdict(list)
        for note in history.notes(NoteKind.PROVOKED):
            self._provoked[note.data.get("play", "")].append(note)

    def of(self, plays: Sequence[str], evidence: Sequence[int], named: Sequence[str] = ()) -> Scene | None:
        """The scene in which a finding came up; None where nobody was told anything.

        What was shown of the ids that the finding names (``named``) is told whatever has to be left out.
        """
        known, last = [play for play in plays if self._orders.get(play)], max(evidence, default=0)
        if not known:
            return None
        play = next((play for play in known if any(last in _numbers(order) for order in self._orders[play])), known[0])
        orders = self._orders[play]
        at = next((n for n, order in enumerate(orders) if last in _numbers(order)), None)
        first = max((len(orders) if at is None else at + 1) - MOST_ORDERS, 0)
        shown = orders[first : first + MOST_ORDERS]
        provoked = tuple(dict.fromkeys(_arranged(note) for note in self._provoked[play]))
        told = tuple(self._told(order, at is not None and order is orders[at], named) for order in shown)
        return Scene(play, self._titles.get(play, ""), provoked, told, len(orders) - len(shown))

    def _told(self, order: Order, judged: bool, named: Sequence[str]) -> Told:
        calls = [f"{each.number}. {_called(each)}" for each in order.exchanges]
        calls += [f"{each.number}. command line" for each in order.invocations]
        calls += [f"{each.number}. {_handed(each)}" for each in order.handovers]
        return Told(
            order=order.begin.data.get("order", ""),
            does=self._does(order),
            details=tuple(self._details(order)),
            calls=_limited(calls, MOST_CALLS),
            answer=_answer(order),
            shown=_limited([_shown(note) for note in order.shown], MOST_SHOWN, named),
            judged=judged,
        )

    def _does(self, order: Order) -> str:
        words = order.does.replace("_", " ")
        station = order.data.get("station", "")
        if station:
            return f"{words} at station {self._stations.get(station, station)}"
        return f"{words} on the server" if order.data.get("at") else words

    def _details(self, order: Order) -> list[tuple[str, str]]:
        told = [(name, value) for name, value in order.data.items() if name not in _NOT_TOLD and value]
        flags = [("wish", _FLAGS[name]) for name, value in told if name in _FLAGS and value == "yes" and _FLAGS[name]]
        plain = [(name, value) for name, value in told if name not in (*_FLAGS, "at", "station")]
        return [*plain, *flags]


def _numbers(order: Order) -> set[int]:
    notes = (*order.shown, order.begin, *([order.end] if order.end else []))
    calls = {exchange.number for exchange in order.exchanges}
    calls |= {used.number for used in order.invocations} | {file.number for file in order.handovers}
    return calls | {note.number for note in notes}


def _handed(file: Handover) -> str:
    how = f" ({file.flaw})" if file.flaw else ""
    return f"transfer file, {file.kind.replace('_', ' ') or 'of no known call'}: {file.direction}{how}"


def _called(exchange: Exchange) -> str:
    name = exchange.method.name if exchange.method else exchange.path
    how = f"HTTP {exchange.http_status}" if exchange.answered else f"no answer ({exchange.event.lost})"
    code = exchange.status_code
    return f"{name}: {how}" + (f", status {code}" if code is not None else "")


def _answer(order: Order) -> str:
    if not order.answer:
        return "never answered"
    told = "the user was shown a message" if order.told else "the user was shown nothing"
    code = f", status {order.status_code} named" if order.status_code is not None else ""
    return f"{order.answer}; {told}{code}"


def _shown(note: Note) -> str:
    fields = [name for name in note.data.get("fields", "").split() if note.data.get(name)]
    return f"{note.data.get('what', '')}: " + ", ".join(f"{name} {note.data[name]}" for name in fields)


def _arranged(note: Note) -> str:
    told = {name: value for name, value in note.data.items() if name not in ("play", "rows") and value}
    return ", ".join(f"{name} {value}".replace("_", " ") for name, value in told.items())


def _limited(lines: list[str], most: int, named: Sequence[str] = ()) -> tuple[str, ...]:
    """As many as there is room for, and before all others those that a finding names; in their order."""
    if len(lines) <= most:
        return tuple(lines)
    places = sorted(range(len(lines)), key=lambda place: not _names(lines[place], named))[:most]
    return (*(lines[place] for place in sorted(places)), f"... and {len(lines) - most} more")


def _names(line: str, named: Sequence[str]) -> bool:
    return any(name in line.lower() for name in named)
