"""Everything seen so far, indexed: the only thing a rule may ask.

Events are appended in the order in which they ended. "Before" always means finished before the other
started; what overlaps is neither before nor after, and rules that depend on it are undecided.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from conformance.spec import RunsOn, Spec
from conformance.trace.case_book import CaseBook, listing
from conformance.trace.company import Company
from conformance.trace.events import Event, Note, NoteKind, Probe, Recorded
from conformance.trace.exchange import Exchange, read
from conformance.trace.handovers import Handover
from conformance.trace.invocations import Invocation
from conformance.trace.operations import Operation
from conformance.trace.orders import Orders
from conformance.trace.proof import Proofs
from conformance.trace.proven import State
from conformance.trace.shelf import Shelf
from conformance.wire import EMPTY_GUID, Document, parse_guid

T = TypeVar("T")
P = ParamSpec("P")
_NEVER_STARTED = (404, 405)
_LOOK_UPS = ("list_stations", "find_cases", "fetch_image")


def once(think: Callable[Concatenate[History, P], T]) -> Callable[Concatenate[History, P], T]:
    """The function, worked out once until the next event: many rules ask the same of one exchange.

    It is to be called with positional arguments, and with such that are hashed quickly (a whole spec is not).
    """

    @wraps(think)
    def thought(history: History, /, *about: P.args, **_: P.kwargs) -> T:
        thoughts, key = history.thoughts, (think, about)
        if key in thoughts:
            return cast(T, thoughts[key])
        found = thoughts[key] = think(history, *about)  # type: ignore[call-arg]
        return found

    return thought


class History:
    """``append`` events; ask questions. All answers are cheap: nothing walks the whole trace."""

    def __init__(self, spec: Spec, shelf: Shelf | None = None) -> None:
        """With a shelf not all exchanges need be in memory."""
        self.spec = spec
        self._shelf = shelf
        self.exchanges: list[Exchange] = []
        self.operations: list[Operation] = []
        self._by_role: dict[str, list[Exchange]] = defaultdict(list)
        self._by_id: dict[UUID, list[Operation]] = defaultdict(list)
        self._by_call: dict[int, Operation] = {}
        self._by_poll: dict[int, Operation] = {}
        self._notes: dict[NoteKind, list[Note]] = defaultdict(list)
        self._pairs: dict[tuple[str, str], dict[str, Exchange]] = defaultdict(dict)
        self._minted: dict[tuple[str, str], int] = {}
        self._decided: dict[str, list[Note]] = defaultdict(list)
        self._stations: set[UUID] = set()
        self.works_later = False
        """True once the server was seen to leave an operation of its own for later."""
        self._first_listed: dict[UUID | None, Exchange] = {}
        self.proofs = Proofs(spec)
        self.thoughts: dict[Hashable, object] = {}
        """What ``once`` has worked out since the last event."""
        self.cases = CaseBook()
        self.company = Company()
        self.orders = Orders(spec)
        """What a PMS was told to do, in a run that certifies one."""
        self.invocations: list[Invocation] = []
        """Uses of the command line, oldest first."""
        self.handovers: list[Handover] = []
        """Transfer files of VDDS media, calls and answers, oldest first."""
        self._by_handover: dict[int, Handover] = {}

    def append(self, event: Event) -> Exchange | Note | Invocation | Handover:
        """Takes the next event in; returns it as the rules see it."""
        self.thoughts.clear()
        self.proofs.forget_thoughts()
        if isinstance(event, Note):
            if event.kind is not NoteKind.FRESH:  # of these there are as many as operations
                self._notes[event.kind].append(event)
            if event.kind is NoteKind.DECISION and "operation" in event.data:
                self._decided[event.data["operation"]].append(event)
                self._tell_of_decision(event.data["operation"])
            if event.kind is NoteKind.FRESH:
                self._minted.setdefault((event.data["role"], event.data["value"].lower()), event.number)
            self.proofs.note(event)
            self.cases.note(event)
            self.orders.note(event)
            return event
        if isinstance(event, Invocation):
            self.invocations.append(event)
            self.orders.invocation(event)
            return event
        if isinstance(event, Handover):
            self.handovers.append(event)
            self._by_handover[event.number] = event
            self.orders.handover(event)
            return event
        exchange = read(event, self.spec)
        if self._shelf is not None:
            self._shelf.put(exchange)
        self.company.join(exchange, self.exchanges)
        self.exchanges.append(exchange)
        self._by_role[exchange.role].append(exchange)
        if event.probe is not None:
            self._pairs[event.probe.kind, event.probe.pair][event.probe.arm] = exchange
        if exchange.role == "find_cases" and isinstance(exchange.document, Document):
            for record in exchange.document.records:
                self._first_listed.setdefault(record.guid("case"), exchange)
        self.orders.exchange(exchange)
        self._follow(exchange)
        return exchange

    def _tell_of_decision(self, operation: str) -> None:
        identifier = parse_guid(operation)
        for known in self._by_id.get(identifier, ()) if isinstance(identifier, UUID) else ():
            self.proofs.learnt_of(known)

    def _follow(self, exchange: Exchange) -> None:
        method = exchange.method
        if method is None or not self.let_in(exchange):
            return
        if method.starts_operation:
            self._start(exchange)
        elif exchange.role == "get_status" and not exchange.odd:
            self._poll(exchange)
        elif exchange.role == "remove_operation":
            operation = self.asked(exchange)
            if operation is not None:
                operation.removals.append(exchange)
        if not exchange.odd:
            contradicts = self._of_nobody(exchange)
            self.proofs.exchange(exchange, self._by_poll.get(exchange.number), self)
            if not contradicts:
                self.cases.exchange(exchange)

    def _of_nobody(self, exchange: Exchange) -> bool:
        """True for cases of a patient who is proven not to be there: they are the defect itself and prove nothing."""
        if not listing(exchange):
            return False
        return self.proofs.integration_id(exchange.values.get("integration_id", ""), exchange).state is State.ABSENT

    def let_in(self, exchange: Exchange) -> bool:
        """False when the server refused the caller (401, 403): then nothing was asked of it."""
        return exchange.http_status not in (401, 403)

    def _start(self, exchange: Exchange) -> None:
        identifier = exchange.guid("operation")
        station = exchange.guid("station")
        method = exchange.method
        assert method is not None
        on_server = method.runs_on is RunsOn.ANSWER
        operation = Operation(
            exchange,
            identifier if identifier is not None else EMPTY_GUID,
            station if station is not None and not on_server else EMPTY_GUID,
            len(self.operations),
        )
        previous = self._by_id[operation.id]
        if previous:
            previous[-1].superseded = exchange
        previous.append(operation)
        self.operations.append(operation)
        self._stations.add(operation.station)
        self._by_call[exchange.number] = operation
        self.proofs.started(operation)
        self.cases.started(operation)

    def _poll(self, exchange: Exchange) -> None:
        operation = self.asked(exchange)
        if operation is not None and exchange.status_code is not None and not exchange.is_of_another:
            operation.polls.append(exchange)
            self._by_poll[exchange.number] = operation
            status = self.spec.status_by_code.get(exchange.status_code)
            if status is not None and status.final:
                operation.ends.append((status.name, exchange))
            self.works_later |= status is not None and not status.final and not operation.on_station

    # -- look-ups ---------------------------------------------------------------------------------------------

    def of(self, *roles: str) -> Sequence[Exchange]:
        """Exchanges of these methods, oldest first. One role is free; several are merged."""
        if len(roles) == 1:
            return self._by_role[roles[0]]
        return sorted((e for role in roles for e in self._by_role[role]), key=lambda e: e.number)

    def exchange(self, number: int) -> Exchange | None:
        """The exchange of that event, if it is one."""
        place = bisect_left(self.exchanges, number, key=lambda exchange: exchange.number)
        found = self.exchanges[place] if place < len(self.exchanges) else None
        return found if found is not None and found.number == number else None

    def notes(self, kind: NoteKind) -> Sequence[Note]:
        """Notes of one kind, oldest first; what was minted is asked for with ``minted``."""
        return self._notes[kind]

    def started_by(self, exchange: Exchange) -> Operation | None:
        """The operation that this call started."""
        return self._by_call.get(exchange.number)

    def polled(self, exchange: Exchange) -> Operation | None:
        """The operation that this status answer is about, for certain."""
        return self._by_poll.get(exchange.number)

    def oddly_asked(self, exchange: Exchange) -> Probe | None:
        """The probe of how calls are written that this exchange belongs to: its own, or that of its operation."""
        polled = self._by_poll.get(exchange.number)
        call = polled.call if polled is not None and not exchange.odd else exchange
        return call.probe if call.odd else None

    def asked(self, query: Exchange) -> Operation | None:
        """The newest operation with the id that ``query`` names, if it is certain which one that is.

        None when no such operation was seen, or when a call with the same id overlapped the query or another one,
        got no answer or was turned down: the server may or may not have seen it, or seen it first. None as well when
        the two write the id in different ways, when the call met a server error or no such method, or when a look-up
        may have taken the empty id for itself.
        """
        operations = self.with_id(query)
        if not operations:
            return None
        newest = operations[-1]
        if not newest.call.before(query):
            return None
        if len(operations) > 1 and not (newest.call.succeeded and operations[-2].call.before(newest.call)):
            return None
        if newest.call.http_status in _NEVER_STARTED or newest.call.http_status >= 500:
            return None
        if newest.id == EMPTY_GUID and self._looked_since(newest, query):
            return None
        return newest if spelled_alike(newest.call, query) else None

    def _looked_since(self, operation: Operation, query: Exchange) -> bool:
        """True when a look-up without an id came in between: a server may keep a status for that one as well."""
        return any(
            exchange.number > operation.call.number and not exchange.before(operation.call)
            for role in _LOOK_UPS
            for exchange in self._by_role[role][-1:]
            if exchange.started_s < query.finished_s
        )

    def with_id(self, query: Exchange) -> Sequence[Operation]:
        """All operations seen so far with the id that ``query`` names, oldest first."""
        identifier = query.guid("operation")
        return self._by_id.get(identifier, ()) if identifier is not None else ()

    def newer(self, operation: Operation, before: Exchange) -> Newer:
        """How many operations came after ``operation`` and before ``before``; see ``Newer``."""
        return _newer(self, operation, before)

    def _count_newer(self, operation: Operation, before: Exchange) -> Newer:
        surely: set[UUID] = set()
        most = 0
        for other in self.operations[operation.serial + 1 :]:
            if other.call.started_s >= before.finished_s:
                break
            most += 1
            started = other.call.succeeded and other.call.verb == "GET"
            counted = started and other.call.before(before) and operation.call.before(other.call)
            if counted and other.id != operation.id:
                surely.add(other.id)
        return Newer(len(surely), most, self._other_calls(operation.call, before))

    def _other_calls(self, first: Exchange, last: Exchange) -> int:
        return sum(
            1
            for exchange in self._between(first, last)
            if exchange is not last and exchange.method is not None and not exchange.method.starts_operation
        )

    def _between(self, first: Exchange, last: Exchange, role: str | None = None) -> Iterator[Exchange]:
        for exchange in reversed(self.exchanges if role is None else self._by_role[role]):
            if exchange.finished_s <= first.started_s:
                return
            if exchange is not first and exchange.started_s <= last.finished_s:
                yield exchange

    def between(self, first: Exchange, last: Exchange, *roles: str) -> list[Exchange]:
        """Exchanges of these methods that may have been served after ``first`` and before ``last``, both left out."""
        found = (e for role in roles or (None,) for e in self._between(first, last, role) if e is not last)
        return sorted(found, key=lambda e: e.number)

    def overlapping(self, exchange: Exchange) -> list[Exchange]:
        """Exchanges that were under way while ``exchange`` was."""
        return [
            other
            for other in self._between(exchange, exchange)
            if not other.before(exchange) and not exchange.before(other)
        ]

    def was_used(self, station: UUID) -> bool:
        """True when an operation was given to that station."""
        return station in self._stations

    def first_listed(self, case: UUID | None) -> Exchange | None:
        """The first answer to a search, of whatever kind, that shows this case; None for one without a readable id."""
        return self._first_listed.get(case)

    def minted(self, role: str, value: UUID, before: Exchange) -> int:
        """Number of the note that this GUID (an ``operation``, ``case`` ...) was nobody's; 0 without one."""
        number = self._minted.get((role, str(value)), 0)
        return number if number < before.number else 0

    def pair(self, exchange: Exchange) -> dict[str, Exchange]:
        """The exchanges of the probe that ``exchange`` belongs to, by arm; empty when it is no probe."""
        probe = exchange.probe
        return self._pairs[probe.kind, probe.pair] if probe is not None else {}

    def handed(self, number: int) -> Handover | None:
        """The transfer file of that event: the call that an answer is about."""
        return self._by_handover.get(number)

    def pairs(self, kind: str) -> list[dict[str, Exchange]]:
        """Every probe of one kind."""
        return [arms for (name, _), arms in self._pairs.items() if name == kind]

    def decision(self, operation: Operation) -> Note | None:
        """What the operator did about ``operation``, if it was noted; the newest of several."""
        return next(reversed(self.decisions(operation)), None)

    def decisions(self, operation: Operation) -> Sequence[Note]:
        """All that was noted of what operators did about operations with the id of this one, oldest first."""
        return self._decided.get(operation.text, ())


def spelled_alike(call: Exchange, query: Exchange) -> bool:
    """True when both write the operation id alike; left out and all zeros are the same id by the guide."""
    if query.guid("operation") == EMPTY_GUID:
        return True
    return query.values.get("operation") == call.values.get("operation")


@dataclass(frozen=True, slots=True)
class Newer:
    """Operations between one and the look at it.

    ``least`` counts ids that surely took a place of their own; ``most`` counts every operation that may have;
    ``others`` counts calls that start no operation, which a server may keep a status for under another reading.
    """

    least: int
    most: int
    others: int


@once
def _newer(history: History, operation: Operation, before: Exchange) -> Newer:
    return history._count_newer(operation, before)


__all__ = ["History", "Newer", "Operation", "Recorded"]
