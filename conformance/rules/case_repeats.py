"""The same search made twice: what came between, and what was different the second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from conformance.rules.case_knowledge import earlier, ordinary, patient_of, readable
from conformance.rules.verdict import Verdict, judged
from conformance.trace import Effect, Exchange, History, Operation, listing
from conformance.trace.history import once

_NO_EFFECT = frozenset({Effect.NONE, Effect.LATER})
_SETTLED = frozenset({Effect.WROTE, Effect.KEPT})


@dataclass(frozen=True)
class Repeat:
    before: Exchange
    """The newest earlier search for the very same."""
    gone: Sequence[UUID]
    """Cases found then and not now."""
    come: Sequence[UUID]
    """Cases found now and not then."""
    selections: Sequence[Exchange]
    """Cases selected in between."""
    refused: Sequence[Operation]
    """Attempts to start a case for this patient in between that were turned down."""
    begun: Sequence[Operation]
    """Cases that may have been started for this patient by now."""
    elsewhere: Sequence[Operation]
    """Cases that may have been started for other patients in between."""
    mapped: bool
    """True when the patient may have been mapped in between, to one that had cases."""

    @property
    def excused(self) -> bool:
        """True when what has come may be there for a reason."""
        return bool(self.come) and not self.gone and bool(self.begun or self.elsewhere or self.mapped)

    def verdict(self, search: Exchange) -> Verdict:
        """Whether nothing is different, but for what has come for a reason."""
        come = [] if self.begun or self.elsewhere or self.mapped else self.come
        changes = [f"without case {number}" for number in self.gone] + [f"with case {number}" for number in come]
        expected = f"the cases of exchange {self.before.number}, since nothing has changed them"
        return judged(not changes, expected, "; ".join(changes[:3]), self.before, *self.selections[:1], search)


@once
def repeat(history: History, search: Exchange) -> Repeat | None:
    """The pair that ``search`` completes; None where nobody asked for the same before, or others were at work."""
    found = listing(search)
    if found is None or not ordinary(search) or not readable(search) or not patient_of(search):
        return None
    before = next((other for other in earlier(history, search) if other.values == search.values), None)
    then = listing(before) if before is not None else None
    if before is None or then is None:
        return None
    own = history.cases.operations(patient_of(search))
    creations = [operation for operation in own if operation.role == "create_case"]
    between = history.between(before, search, "create_case")
    come, started = [number for number in found if number not in then], begun(history, search)
    return Repeat(
        before,
        [number for number in then if number not in found],
        come,
        [call for call in history.between(before, search, "select_case") if call.answered],
        [o for o in creations if o.call in between and _effect(history, o, search) is Effect.NONE],
        _still_to_show(history, started, before, search) if come else started,
        _elsewhere(history, between, search),
        any(_may_have_mapped(history, o, before, search) for o in own if o.role == "create_patient"),
    )


def begun(history: History, search: Exchange) -> list[Operation]:
    """Operations that may have started a case for the patient of ``search``; it may appear at any time from then on."""
    own = history.cases.operations(patient_of(search))
    return [o for o in own if o.role == "create_case" and _effect(history, o, search) not in _NO_EFFECT]


def _still_to_show(
    history: History, started: Sequence[Operation], before: Exchange, search: Exchange
) -> Sequence[Operation]:
    """Those of ``started`` whose case may not have been listed by the time of ``before``.

    Each starts one case; when as many had come since the first of them, no more are to come but of those started since.
    """
    older = [operation for operation in started if operation.call.before(before)]
    if not older:
        return started
    same = (other for other in earlier(history, search) if other.values == search.values)
    first = next((other for other in same if other.before(older[0].call)), None)
    then, now = listing(first) if first is not None else None, listing(before)
    if then is None or now is None or len(set(now) - set(then)) < len(older):
        return started
    return [operation for operation in started if operation not in older]


def _effect(history: History, operation: Operation, search: Exchange) -> Effect:
    return history.proofs.effect(operation, search).effect


def _elsewhere(history: History, calls: Sequence[Exchange], search: Exchange) -> list[Operation]:
    started = [history.started_by(call) for call in calls if patient_of(call) != patient_of(search)]
    return [o for o in started if o is not None and _effect(history, o, search) not in _NO_EFFECT]


def _may_have_mapped(history: History, operation: Operation, before: Exchange, search: Exchange) -> bool:
    return _effect(history, operation, search) not in _NO_EFFECT and _effect(history, operation, before) not in _SETTLED
