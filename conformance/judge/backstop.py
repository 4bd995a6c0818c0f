"""The backstop: can the reference model explain the whole history?

Rules look at one clause each; the backstop asks once, of everything together. It keeps every *world* that is
still possible: a state of the model, and the readings under which it runs. A call takes each world to all its
outcomes. What happens unseen (a station picks up, an operator presses something) is brought in when an answer asks for
it. An answer that no world can give leaves none: the model cannot explain the history, and the exchange is named.

It gives up, and says why, where it would have to guess: calls that overlap, ids that nobody declared or minted, and
more worlds than it is ready to keep. Giving up is no verdict on anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from uuid import UUID

from conformance.model import (
    BUTTONS,
    UNDERSTOOD,
    AddPatient,
    Call,
    Decision,
    Dialog,
    Operation,
    Outcome,
    Patient,
    Place,
    State,
    apply_all,
    finish,
    pick_up,
    question,
    silence,
    step,
)
from conformance.model import Station as ModelStation
from conformance.model import readings as points
from conformance.spec import Kind, Spec
from conformance.trace import Event, Exchange, History, Note, NoteKind
from conformance.trace import State as Known
from conformance.wire import Document, Malformed, parse_boolean, parse_guid

_OPEN_POINTS = (
    points.REPEATED_ID_PLACES,
    points.READS_KEPT,
    points.REMOVE_AFTER_PICK_UP,
    points.REMOVE_REPEATED_ID,
    points.KEPT_OLD_DATA,
)
"""Readings tried in every combination; the others that matter are opened wide by the order in which checks are made."""


_OWNED = ("integration_id", "patient_id")
"""Roles of the values that one patient has."""


class Explanation(StrEnum):
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    GAVE_UP = "gave up"


@dataclass
class World:
    """One possible inside of the server."""

    state: State
    readings: Mapping[str, str]

    def after(self, outcome: Outcome) -> World:
        state = self.state.copy()
        apply_all(outcome.changes, state)
        return World(state, self.readings)


@dataclass(frozen=True)
class Finding:
    """How far the model got. ``number`` is the exchange at which it stopped, 0 when it came to the end."""

    explanation: Explanation
    number: int = 0
    reason: str = ""


class Backstop:
    """Feed every event once, in the order of the recorder; read ``finding`` at any time."""

    def __init__(self, spec: Spec, *, most_worlds: int = 400) -> None:
        self._spec = spec
        self._most = most_worlds
        self._history = History(spec)
        self._worlds = [World(State(), readings) for readings in _readings(spec)]
        self._seen_ids: set[tuple[str, str]] = set()
        self.finding = Finding(Explanation.EXPLAINED)

    def feed(self, event: Event) -> None:
        """Takes the next event in; does nothing more once the model has stopped."""
        seen = self._history.append(event)
        if self.finding.explanation is not Explanation.EXPLAINED:
            return
        if isinstance(seen, Note):
            self._note(seen)
        elif isinstance(seen, Exchange) and seen.method is not None and self._history.let_in(seen):
            self._exchange(seen)

    # -- what is known from outside ---------------------------------------------------------------------------

    def _note(self, note: Note) -> None:
        data = note.data
        if note.kind is NoteKind.FIXTURE and data.get("what") in ("patient", "unmapped_patient"):
            self._everywhere(AddPatient(_declared(data)))
            self._seen_ids |= {(role, data.get(role, "")) for role in _OWNED}
        elif note.kind is NoteKind.FRESH:
            self._seen_ids.add((data["role"], data["value"]))

    def _everywhere(self, change: AddPatient) -> None:
        for world in self._worlds:
            change.apply(world.state)

    # -- exchanges --------------------------------------------------------------------------------------------

    def _exchange(self, exchange: Exchange) -> None:
        if any(other.method is not None for other in self._history.overlapping(exchange)):
            return self._stop(Explanation.GAVE_UP, exchange, "calls overlap")
        if exchange.http_status >= 500 or _malformed(exchange):
            return self._stop(Explanation.GAVE_UP, exchange, "the guide does not say what comes of such a call")
        unknown = self._unknown(exchange)
        if unknown:
            return self._stop(Explanation.GAVE_UP, exchange, f"nobody declared or minted this {unknown}")
        worlds = _distinct(self._after(exchange))
        if not worlds:
            observed = f"status {exchange.status_code}" if exchange.role == "get_status" else "this answer"
            return self._stop(Explanation.UNEXPLAINED, exchange, f"no outcome that the model allows gives {observed}")
        self._worlds = worlds
        if len(worlds) > self._most:
            self._stop(Explanation.GAVE_UP, exchange, f"more than {self._most} possibilities are open")
        return None

    def _stop(self, explanation: Explanation, exchange: Exchange, reason: str) -> None:
        self.finding = Finding(explanation, exchange.number, reason)
        self._worlds = []

    def _unknown(self, exchange: Exchange) -> str:
        """Role of an id whose owner, if any, cannot be known; '' when all are known."""
        for role in _OWNED if exchange.role != "find_cases" else ():
            value = exchange.values.get(role, "")
            unproven = self._history.proofs.integration_id(value, exchange).state is Known.UNPROVEN
            if value and unproven and (role, value) not in self._seen_ids:
                return role
        return "case" if exchange.role == "select_case" and exchange.given("case") else ""

    def _after(self, exchange: Exchange) -> Iterator[World]:
        call = _call(exchange)
        for world in self._worlds:
            _connect(world.state, exchange)
            for ready in self._settled(world, call):
                yield from self._outcomes(ready, exchange, call)
            if exchange.lost:
                yield world

    def _outcomes(self, world: World, exchange: Exchange, call: Call) -> Iterator[World]:
        match exchange.role:
            case "get_status":
                for possible in self._reaching(world, call, exchange.status_code):
                    yield from self._stepped(possible, call)
            case "remove_operation":
                yield from self._removed(world, exchange, call)
            case "create_patient" | "update_patient" | "select_patient" | "create_case" | "select_case":
                yield from self._stepped(world, call)
                if not exchange.succeeded:
                    yield world
            case _:
                yield from self._stepped(world, call)

    def _stepped(self, world: World, call: Call) -> Iterator[World]:
        for outcome in step(world.state, call, self._spec, world.readings):
            yield world.after(outcome)

    def _removed(self, world: World, exchange: Exchange, call: Call) -> Iterator[World]:
        """The answer must be one that the model gives, whether or not a station was quicker."""
        told = exchange.document.value if isinstance(exchange.document, Document) else None
        target = world.state.newest(call.guid("operation"))
        quicker = [world] if target is None else [world, *self._picked_up(world, target)]
        for possible in quicker:
            for outcome in step(possible.state, call, self._spec, possible.readings):
                if not isinstance(told, bool) or outcome.answer.content == told:
                    yield possible.after(outcome)

    def _settled(self, world: World, call: Call) -> Iterator[World]:
        """The world, and those in which operations about the same patient have come to an end unseen."""
        yield world
        if call.role not in ("create_patient", "update_patient"):
            return
        ids = {call.text("integration_id"), call.text("patient_id")} - {""}
        for operation in list(world.state.operations.values()):
            theirs = {operation.call.text("integration_id"), operation.call.text("patient_id")}
            if operation.place is not Place.DONE and ids & theirs:
                yield from self._ends(world, operation)

    def _reaching(self, world: World, call: Call, code: int | None) -> Iterator[World]:
        """The worlds in which the operation asked about has the status that was told."""
        status = self._spec.status_by_code.get(code) if code is not None else None
        if status is None:
            return
        operation = world.state.newest(call.guid("operation"))
        if operation is None:
            if status.name == "operation_unknown":
                yield world
            return
        if operation.status == status.name:
            yield world
        elif operation.place is not Place.DONE:
            unseen = self._picked_up if status.name == "accepted" else self._ends
            yield from (w for w in unseen(world, operation) if _status(w, operation.serial) == status.name)

    def _picked_up(self, world: World, operation: Operation) -> Iterator[World]:
        if operation.place is Place.POOL:
            for outcome in pick_up(world.state, operation, self._spec, world.readings):
                yield world.after(outcome)

    def _ends(self, world: World, operation: Operation) -> Iterator[World]:
        """Every way in which the operation may have ended by now."""
        started = next(self._picked_up(world, operation), world)
        for outcome in silence(world.state, operation, self._spec, world.readings):
            yield world.after(outcome)
        for answers in self._answers(started, operation, {}):
            for outcome in finish(started.state, operation, answers, self._spec, started.readings):
                yield started.after(outcome)

    def _answers(
        self, world: World, operation: Operation, given: Mapping[Dialog, Decision]
    ) -> Iterator[Mapping[Dialog, Decision]]:
        """Every sequence of buttons that an operator can press."""
        dialog = question(world.state, operation, given, self._spec, world.readings)
        if dialog is None:
            yield given
            return
        for button in BUTTONS[dialog]:
            yield from self._answers(world, operation, {**given, dialog: Decision(button)})


def explain(events: Iterable[Event], spec: Spec) -> Finding:
    """What the model says of a whole recording."""
    backstop = Backstop(spec)
    for event in events:
        backstop.feed(event)
    return backstop.finding


def _distinct(worlds: Iterable[World]) -> list[World]:
    """One of each: different roads often lead to the same place."""
    return list({_fingerprint(world): world for world in worlds}.values())


def _fingerprint(world: World) -> tuple[object, ...]:
    state = world.state
    operations = tuple((o.serial, o.status, o.place) for o in state.operations.values())
    return tuple(world.readings.values()), state.kept, operations, tuple(state.patients.values())


def _readings(spec: Spec) -> Iterator[Mapping[str, str]]:
    """Every combination of the open points; checks in any order; the defaults elsewhere."""
    defaults = {reading.id: reading.default for reading in spec.readings}
    takes = [[name for name in spec.reading[point].conforming if name in UNDERSTOOD[point]] for point in _OPEN_POINTS]
    for combination in product(*takes):
        yield {**defaults, points.CHECK_ORDER: "any", **dict(zip(_OPEN_POINTS, combination, strict=True))}


def _declared(data: Mapping[str, str]) -> Patient:
    return Patient(
        key=0,
        last_name=data.get("last_name", ""),
        first_name=data.get("first_name", ""),
        patient_id=data.get("patient_id", ""),
        integration_id=data.get("integration_id", ""),
    )


def _connect(state: State, exchange: Exchange) -> None:
    """Stations are taken to be there: what becomes of operations for others is left open by the guide."""
    station = exchange.guid("station")
    if station is not None and station.int and station not in state.stations:
        state.stations[station] = ModelStation(station, "", connected=True)


def _call(exchange: Exchange) -> Call:
    """The call as the model sees it. Dates play no part in what the wire can show."""
    values: dict[str, str | bool | UUID] = {}
    for role, text in exchange.values.items():
        kind = exchange.method.by_role[role].kind if exchange.method else Kind.TEXT
        value = parse_guid(text) if kind is Kind.GUID else parse_boolean(text) if kind is Kind.BOOLEAN else text
        if kind is not Kind.DATE and not isinstance(value, Malformed):
            values[role] = value
    return Call(exchange.role, values, (), exchange.values)


def _malformed(exchange: Exchange) -> bool:
    method = exchange.method
    return method is not None and any(
        text and (method.by_role[role].kind is Kind.GUID and isinstance(parse_guid(text), Malformed))
        for role, text in exchange.values.items()
    )


def _status(world: World, serial: int) -> str:
    operation = world.state.operations.get(serial)
    return operation.status if operation is not None else ""
