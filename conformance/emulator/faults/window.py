"""Faults of how long statuses are kept, and of which operation a question is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.pool import TellsAnotherStatus
from conformance.emulator.faults.status import GONE, asked_about
from conformance.model import EMPTY_GUID, AddOperation, Answer, Call, Change, Operation, Outcome, Place, State
from conformance.spec import Spec


class ForgetsOneEarlier(Fault):
    name = "forgets-one-earlier"
    does = "Keeps the status of one operation fewer than documented."
    breaks = ("PAT-017", "SCS-015", "STAT-014")

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations - 1)


class KeepsOneMore(Fault):
    name = "keeps-one-more"
    does = "Keeps the status of one operation more than documented."
    breaks = ("STAT-015",)

    def spec(self, spec: Spec) -> Spec:
        return replace(spec, kept_operations=spec.kept_operations + 1)


class CountsPlaces(Fault):
    """Keeps more statuses than it should when some operation comes."""

    def extra(self, operation: Operation, state: State) -> int:
        """How many older ones are kept beyond the limit."""
        return 0

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return tuple(replace(o, changes=tuple(self._kept(c, state) for c in o.changes)) for o in outcomes)

    def _kept(self, change: Change, state: State) -> Change:
        if not isinstance(change, AddOperation):
            return change
        return replace(change, kept=change.kept + self.extra(change.operation, state))


class RefusalsTakeNoPlace(CountsPlaces):
    name = "refusals-take-no-place"
    does = "Pushes no status out when an operation comes that it refuses."
    breaks = ("STAT-015",)

    def extra(self, operation: Operation, state: State) -> int:
        return 1 if operation.status not in ("processed", "awaiting") else 0


class CountsEachStationByItself(CountsPlaces):
    name = "counts-each-station-by-itself"
    does = "Keeps as many statuses for each station as it should keep in all."
    breaks = ("STAT-015",)

    def extra(self, operation: Operation, state: State) -> int:
        return sum(1 for serial in state.kept if state.operations[serial].station != operation.station)


class KeepsWhatIsAskedFor(Fault):
    name = "keeps-what-is-asked-for"
    does = "Makes the status of an operation young again with each question."
    breaks = ("STAT-014", "STAT-015")

    def call(self, call: Call, state: State) -> Call:
        asked = asked_about(call, state)
        if asked is not None:
            state.kept = (*(serial for serial in state.kept if serial != asked.serial), asked.serial)
        return call


class TellsNothingOfCases(TellsAnotherStatus):
    name = "tells-nothing-of-cases"
    does = "Knows no status of the selection of a case."
    breaks = ("SCS-015", "STAT-010", "STAT-012", "STAT-014")

    def instead(self, operation: Operation) -> str:
        return GONE if operation.role == "select_case" else operation.status


class KeepsNoStatusWithoutId(Fault):
    name = "keeps-no-status-without-id"
    does = "Keeps no status for an operation that was given no id."
    breaks = ("PAT-017", "SCS-015", "STAT-012", "STAT-014")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return outcomes if call.guid("operation") != EMPTY_GUID else tuple(map(_without_records, outcomes))


def _without_records(outcome: Outcome) -> Outcome:
    return replace(outcome, changes=tuple(c for c in outcome.changes if not isinstance(c, AddOperation)))


class WantsAnIdInTheQuestion(TellsAnotherStatus):
    name = "wants-an-id-in-the-question"
    does = "Knows nothing when the question leaves the id out."
    breaks = ("PAT-017", "STAT-012")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        bare = call.role == "get_status" and "operation" not in call.values
        return self.told(answer, GONE) if bare and isinstance(answer.content, Mapping) else answer


class TellsTheFirstOfTwo(TellsAnotherStatus):
    name = "tells-the-first-of-two"
    does = "Tells the status of the first operation with an id while the last one waits in the pool."
    breaks = ("POOL-002", "STAT-016", "STAT-024")

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        asked = call.guid("operation")
        same = [o for serial in sorted(state.kept) if (o := state.operations[serial]).id == asked]
        if call.role != "get_status" or len(same) < 2 or not isinstance(answer.content, Mapping):
            return answer
        if same[-1].place is not Place.POOL:
            return answer
        return self.told(answer, same[0].status)
