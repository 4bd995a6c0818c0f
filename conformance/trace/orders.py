"""What a PMS was told to do, the calls it made meanwhile, and what it says it understood.

Orders come one after the other: the next is given when the last was answered. A call belongs to the order that was
open when it was recorded, if a PMS made it; calls between two orders belong to none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.trace.events import Note, NoteKind
from conformance.trace.exchange import Exchange
from conformance.trace.handovers import Handover
from conformance.trace.invocations import Invocation

PMS = frozenset({"pms", "sketch"})
"""Senders that a PMS's orders speak of."""


@dataclass(eq=False)
class Order:
    """One step told to the PMS; ``end`` is None while it is under way, and for ever when the PMS died of it."""

    begin: Note
    end: Note | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    """What the PMS called meanwhile, oldest first."""
    invocations: list[Invocation] = field(default_factory=list)
    """How it used the command line meanwhile, oldest first."""
    handovers: list[Handover] = field(default_factory=list)
    """Its transfer files meanwhile, and their answers, oldest first."""
    shown: list[Note] = field(default_factory=list)
    """SHOWN notes of this order."""

    @property
    def data(self) -> Mapping[str, str]:
        """What was told: person, names, dates and ids as tokens, flags as yes and no, '' where nothing was said."""
        return self.begin.data

    @property
    def does(self) -> str:
        return self.begin.data.get("does", "")

    @property
    def person(self) -> str:
        """Token of the PMS's own key of the patient; '' when the order concerns nobody."""
        return self.begin.data.get("person", "")

    @property
    def answer(self) -> str:
        """done, refused, failed, unsupported, started; '' while there is none."""
        return self.end.data.get("answer", "") if self.end else ""

    @property
    def status_code(self) -> int | None:
        """The status that the PMS told its user; None when it named none."""
        text = self.end.data.get("status_code", "") if self.end else ""
        return int(text) if text.lstrip("-").isdigit() else None

    @property
    def told(self) -> bool:
        """True when the user was shown a message."""
        return self.end is not None and self.end.data.get("told") == "yes"

    def of(self, *roles: str) -> list[Exchange]:
        """Its calls of these methods."""
        return [exchange for exchange in self.exchanges if exchange.role in roles]

    def items(self, what: str) -> list[Mapping[str, str]]:
        """What was shown of one kind (station, case, image ...), by field role."""
        return [note.data for note in self.shown if note.data.get("what") == what]


class Orders:
    """The orders of a history; fed with its notes and exchanges."""

    def __init__(self) -> None:
        self.all: list[Order] = []
        self._by_exchange: dict[int, Order] = {}
        self._by_name: dict[str, Order] = {}

    def note(self, note: Note) -> None:
        name = note.data.get("order", "")
        if note.kind is NoteKind.ORDER and note.data.get("phase") == "begin":
            self._by_name[name] = Order(note)
            self.all.append(self._by_name[name])
        elif note.kind is NoteKind.ORDER and name in self._by_name:
            self._by_name[name].end = note
        elif note.kind is NoteKind.SHOWN and name in self._by_name:
            self._by_name[name].shown.append(note)

    def exchange(self, exchange: Exchange) -> None:
        last = self.all[-1] if self.all else None
        if last is not None and last.end is None and exchange.who in PMS:
            last.exchanges.append(exchange)
            self._by_exchange[exchange.number] = last

    def invocation(self, event: Invocation) -> None:
        last = self.all[-1] if self.all else None
        if last is not None and last.end is None and event.who in PMS:
            last.invocations.append(event)
            self._by_exchange[event.number] = last

    def handover(self, event: Handover) -> None:
        last = self.all[-1] if self.all else None
        if last is not None and last.end is None and event.who in PMS:
            last.handovers.append(event)
            self._by_exchange[event.number] = last

    def of(self, event: Exchange | Invocation | Handover) -> Order | None:
        """The order that was open when the PMS made this call, used the command line so, or handed this file over."""
        return self._by_exchange.get(event.number)

    def told_by(self, note: Note) -> Order | None:
        """The order that a note of kind ORDER or SHOWN belongs to."""
        return self._by_name.get(note.data.get("order", ""))
