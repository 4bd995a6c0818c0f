"""What a PMS was told to do, the calls it made meanwhile, and what it says it understood.

Orders come one after the other: the next is given when the last was answered. A call belongs to the order that was
open when it was recorded, if a PMS made it; calls between two orders belong to none.

A PMS need not wait for a program that it starts. So a use of the command line or a transfer file that does not fit the
open order, and does fit one before it, belongs to neither: it is kept ``aside`` by the one, ``belated`` by the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.spec import Spec
from conformance.trace.events import Note, NoteKind
from conformance.trace.exchange import Exchange
from conformance.trace.fitting import (
    BY_COMMAND_LINE,
    BY_FILE,
    FETCHED_BY_FILE,
    LISTED_BY_FILE,
    carries,
    hands_over,
    number_of,
)
from conformance.trace.handovers import UNUSABLE, Handover
from conformance.trace.invocations import Invocation

PMS = frozenset({"pms", "sketch"})
"""Senders that a PMS's orders speak of."""
_BESIDE = frozenset({BY_COMMAND_LINE, BY_FILE, LISTED_BY_FILE, FETCHED_BY_FILE})
CREATE, MAP = "create_patient", "map_patient"
MOST_OPEN = 64
"""So many orders later nobody waits for the use of an interface any more."""


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
    aside: list[Invocation | Handover] = field(default_factory=list)
    """What came meanwhile of which it is not certain whether it is about this order, since it fits one before it."""
    belated: list[Invocation | Handover] = field(default_factory=list)
    """What fits this order, and came when it was not open any more."""
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
    def role(self) -> str:
        """The method that it asks for; of what asks for none the step's own name."""
        return CREATE if self.does == MAP else self.does

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

    @property
    def used(self) -> bool:
        """True when its interface beside REST was used for it, be it belated."""
        called = any(each.is_call and not each.has(UNUSABLE) for each in self.handovers)
        return bool(self.invocations or self.belated or called)

    @property
    def unanswered(self) -> bool:
        """True while a transfer file of its own waits for its answer."""
        answered = {each.about for each in self.handovers}
        return any(each.is_call and each.kind and each.number not in answered for each in self.handovers)

    @property
    def claimed(self) -> bool:
        """True when the PMS says that it has done what takes a use of an interface beside REST."""
        return self.answer == "done" and self.does in (BY_COMMAND_LINE, BY_FILE, LISTED_BY_FILE)

    def of(self, *roles: str) -> list[Exchange]:
        """Its calls of these methods."""
        return [exchange for exchange in self.exchanges if exchange.role in roles]

    def items(self, what: str) -> list[Mapping[str, str]]:
        """What was shown of one kind (station, case, image ...), by field role."""
        return [note.data for note in self.shown if note.data.get("what") == what]


class Orders:
    """The orders of a history; fed with its notes and exchanges."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.all: list[Order] = []
        self._by_exchange: dict[int, Order] = {}
        self._by_name: dict[str, Order] = {}
        self._numbers: dict[str, tuple[str, str]] = {}
        """By which a person was handed over."""
        self._belated: dict[int, Order] = {}

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
        last = self._open_for(event.who)
        if event.who not in PMS or self._set_aside(event, last):
            return
        if last is not None:
            last.invocations.append(event)
            self._by_exchange[event.number] = last

    def handover(self, event: Handover) -> None:
        last = self._open_for(event.who)
        if event.who not in PMS or self._set_aside(event, last):
            return
        called = self._by_exchange.get(event.about)
        if called is not None and called is not last:  # an answer belongs to its call
            self._by_exchange[event.number] = called
        elif last is not None:
            last.handovers.append(event)
            self._by_exchange[event.number] = last
            if last.does == BY_FILE and hands_over(event, last.data):
                self._numbers[last.person] = number_of(event)

    def _open_for(self, who: str) -> Order | None:
        last = self.all[-1] if self.all else None
        return last if last is not None and last.end is None and who in PMS else None

    def _set_aside(self, event: Invocation | Handover, last: Order | None) -> bool:
        """True when ``event`` fits an order before the open one, and not that itself."""
        called = self._belated.get(event.about) if isinstance(event, Handover) else None
        if called is None:
            told = last is not None and last.does in _BESIDE and bool(last.data.get("last_name"))
            if last is not None and (not told or self._fits(event, last)):
                return False
            fit = [each for each in self.all[-MOST_OPEN:] if each.answer and self._fits(event, each)]
            if not fit:
                return False
            called = next((each for each in fit if not each.used), fit[-1])
        self._belated[event.number] = called
        called.belated.append(event)
        if last is not None:
            last.aside.append(event)
        return True

    def _fits(self, event: Invocation | Handover, told: Order) -> bool:
        """True for the record of that order; the numbers of patients are known once they were handed over."""
        if isinstance(event, Invocation):
            return told.does == BY_COMMAND_LINE and carries(event, told.data, self._spec)
        if told.does == LISTED_BY_FILE and event.is_call and event.kind == "image_information":
            return bool(event.values.get("person")) and self._numbers.get(told.person) == number_of(event)
        return told.does == BY_FILE and hands_over(event, told.data)

    def belated(self, event: Invocation | Handover) -> Order | None:
        """The order that this use or file fits, if it came when that one was over."""
        return self._belated.get(event.number)

    def aside(self, event: Invocation | Handover) -> Order | None:
        """The order that was open when this use or file came that fits one before it."""
        if event.number not in self._belated:
            return None
        return next((each for each in self.all if event in each.aside), None)

    def repeated(self, event: Invocation | Handover) -> Order | None:
        """The order that this use or file fits, came too late for, and is not the only one for."""
        former = self._belated.get(event.number)
        if former is None:
            return None
        used = former.invocations or any(each.is_call for each in former.handovers)
        return former if used or any(each is not event for each in former.belated) else None

    def of(self, event: Exchange | Invocation | Handover) -> Order | None:
        """The order that was open when the PMS made this call, used the command line so, or handed this file over."""
        return self._by_exchange.get(event.number)

    def play_of(self, number: int) -> str:
        """What was played when the order began or ended that this event is of; '' for any other."""
        notes = (note for each in self.all for note in (each.begin, each.end) if note is not None)
        return next((note.data.get("play", "") for note in notes if note.number == number), "")

    def told_by(self, note: Note) -> Order | None:
        """The order that a note of kind ORDER or SHOWN belongs to."""
        return self._by_name.get(note.data.get("order", ""))
