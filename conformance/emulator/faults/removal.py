"""Faults of removals: what they are answered, what they take out of the pool, and what is left behind."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.pool import is_there
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import (
    EMPTY_GUID,
    AddPatient,
    Answer,
    Call,
    Change,
    Operation,
    Outcome,
    Place,
    SetStatus,
    State,
    answered,
)
from conformance.model.records import describe, patient_of

CREATION = "create_patient"
REMOVAL = "remove_operation"


class RemovesButSaysNo(Fault):
    name = "removes-but-says-no"
    does = "Removes an operation from the pool and answers that it did not."
    breaks = ("REM-001", "REM-005")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, content=False) if call.role == REMOVAL else answer


class KeepsStuckOperations(Fault):
    name = "keeps-stuck-operations"
    does = "Refuses to remove an operation whose station is not connected."
    breaks = ("REM-001", "REM-005")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        stuck = any(not is_there(operation.station, state) for operation in _waiting(call, state))
        return (answered("removed", False),) if stuck else outcomes


class RemovesWhatIsStuckOnly(Fault):
    name = "removes-what-is-stuck-only"
    does = "Refuses to remove an operation that waits for a station which is there."
    breaks = ("REM-001",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        attended = any(is_there(operation.station, state) for operation in _waiting(call, state))
        return (answered("removed", False),) if attended else outcomes


class SaysYesAndDoesNothing(Fault):
    name = "says-yes-and-does-nothing"
    does = "Answers that it removed an operation whose station is not connected, and leaves it in the pool."
    breaks = ("REM-002", "REM-009")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        stuck = any(not is_there(operation.station, state) for operation in _waiting(call, state))
        return (answered("removed", True),) if stuck else outcomes


class SaysYesToEveryRemoval(Fault):
    name = "says-yes-to-every-removal"
    does = "Answers that it removed operations it has never heard of."
    breaks = ("REM-003", "REM-012")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, content=True) if call.role == REMOVAL else answer


class SaysYesWhileSomethingWaits(Fault):
    name = "says-yes-while-something-waits"
    does = "Answers true to the removal of an id it never heard of, as long as another operation is in the pool."
    breaks = ("REM-003",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != REMOVAL or state.known(call.guid("operation")) or not state.pool:
            return answer
        return replace(answer, content=True)


class AnswersInItsOwnWords(Fault):
    name = "answers-removals-in-its-own-words"
    does = "Answers a removal with yes or no."
    breaks = ("REM-004",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, content="yes" if answer.content is True else "no") if call.role == REMOVAL else answer


class RemovesTheNewestToo(KnowsItsSpec):
    name = "removes-the-newest-too"
    does = "Takes the newest operation out of the pool along with the one that was named."
    breaks = ("REM-006",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if not _waiting(call, state):
            return outcomes
        pooled = [serial for serials in state.pool.values() for serial in serials]
        gone = _removed(state.operations[max(pooled)], describe("removed", self._spec))
        return tuple(replace(outcome, changes=(*outcome.changes, gone)) for outcome in outcomes)


class CarriesOutWhatWasRemoved(Fault):
    name = "carries-out-what-was-removed"
    does = "Says that it removed an operation, and makes its patient all the same."
    breaks = ("PAT-018", "REM-007", "STAT-036")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        removed = (state.operations[c.serial] for o in outcomes for c in o.changes if isinstance(c, SetStatus))
        made = tuple(AddPatient(patient_of(operation.call)) for operation in removed if operation.role == CREATION)
        return tuple(replace(outcome, changes=(*outcome.changes, *made)) for outcome in outcomes)


class SaysYesAsLongAsNobodyKnows(Fault):
    name = "says-yes-as-long-as-nobody-knows"
    does = "Answers true for an operation that its station has just taken, unless it told so before."
    breaks = ("REM-008",)

    def __init__(self) -> None:
        self._known: set[int] = set()

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation"))
        if operation is None or operation.place is not Place.STATION:
            return answer
        if call.role == "get_status":
            self._known.add(operation.serial)
        unseen = call.role == REMOVAL and operation.serial not in self._known
        return replace(answer, content=True) if unseen else answer


class DoesNotReachTheStation(Fault):
    name = "does-not-reach-the-station"
    does = "Answers true for what waits for a connected station, which takes it all the same."
    breaks = ("REM-002", "REM-008")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        attended = any(is_there(operation.station, state) for operation in _waiting(call, state))
        return (answered("removed", True),) if attended else outcomes


class SaysYesWhenItIsOver(Fault):
    name = "says-yes-when-it-is-over"
    does = "Answers true to the removal of an operation that was processed."
    breaks = ("REM-008", "REM-012")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation")) if call.role == REMOVAL else None
        over = operation is not None and operation.status == "processed"
        return replace(answer, content=True) if over else answer


class RemovesTwice(Fault):
    name = "removes-twice"
    does = "Answers true once more for an operation that was removed already."
    breaks = ("REM-009",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        operation = state.newest(call.guid("operation")) if call.role == REMOVAL else None
        gone = operation is not None and operation.status == "removed"
        return replace(answer, content=True) if gone else answer


class RemovesFrom(KnowsItsSpec):
    """Marks an operation as removed that has left the pool."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], place: Place) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._place = place

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        operation = state.newest(call.guid("operation")) if call.role == REMOVAL else None
        if operation is None or operation.station == EMPTY_GUID or operation.place is not self._place:
            return outcomes
        if operation.status == "removed":
            return outcomes
        gone = _removed(operation, describe("removed", self._spec))
        return tuple(replace(outcome, changes=(gone,)) for outcome in outcomes)


LATE = (
    RemovesFrom(
        "removes-what-a-station-has",
        "Says that an operation was removed when a station has it.",
        ("REM-001", "REM-010", "STAT-024"),
        Place.STATION,
    ),
    RemovesFrom(
        "removes-what-is-over",
        "Says that an operation was removed which a station has finished.",
        ("REM-001", "REM-010", "STAT-018", "STAT-024"),
        Place.DONE,
    ),
)


def _waiting(call: Call, state: State) -> list[Operation]:
    """What the removal is about, in the pool."""
    return list(state.pooled(call.guid("operation"))) if call.role == REMOVAL else []


def _removed(operation: Operation, text: str) -> Change:
    return SetStatus(operation.serial, "removed", text, final=True)
