"""What is seen on the wire of the task that a person was told to do: a listener beside journal and judge.

A call shows that the person has pressed the button; the last status of its operation shows that it is over. Neither
shows what the PMS told its user, which only the person can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from conformance.certify.manual_words import BY_COMMAND_LINE, BY_FILES
from conformance.certify.planner import METHODS
from conformance.certify.pms import Step, Task
from conformance.spec import Spec
from conformance.spec.scenarios import Deed
from conformance.trace import Event, Exchange, History, Order
from conformance.wire import Document, Record

LISTS = frozenset({Step.LIST_STATIONS, Step.FIND_CASES})
ENDLESS = frozenset({Step.FETCH_IMAGES})
"""Nobody but the person knows how many calls there will be."""
BESIDE = frozenset({*BY_COMMAND_LINE, *BY_FILES})
"""Steps over the interfaces beside REST."""


@dataclass(frozen=True)
class Sight:
    """The task is over as far as the wire shows."""

    words: str
    """What was seen, for the person at the terminal."""
    processed: bool
    """False for an operation that ended without success."""


class Sightings:
    """``hear`` is a listener for the recorder; everything else may be asked from another thread."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._history = History(spec)

    def hear(self, event: Event) -> None:
        self._history.append(event)

    def of(self, *roles: str) -> list[Exchange]:
        """What the PMS has called of these methods since it was told the last order."""
        orders = self._history.orders.all
        return orders[-1].of(*roles) if orders else []

    def expects(self, task: Task) -> bool:
        """True when the end of ``task`` can be seen."""
        known = task.does in _METHODS or task.does in BESIDE or task.does == Step.AWAIT_OPERATION
        return known and task.does not in ENDLESS

    def look(self, task: Task) -> Sight | None:
        """What shows that ``task`` is over; None while nothing does."""
        if task.does in ENDLESS:
            return None
        if task.does in BESIDE:
            return self._used(task)
        if task.does in LISTS:
            return self._listed(task)
        if task.does == Step.CANCEL_OPERATION:
            return self._answered(METHODS[Deed.CANCEL_OPERATION])
        return self._operated(task)

    def operation(self, task: Task) -> UUID | None:
        """The operation that was started for ``task``."""
        calls = self.of(METHODS[Deed(task.does)]) if task.does in _METHODS else []
        started = [found for call in calls if (found := self._history.started_by(call)) is not None]
        return started[-1].id if started else None

    def records(self, role: str) -> Sequence[Record] | None:
        """The last list of that method that the PMS got and could read; None without one."""
        answers = [call for call in self.of(role) if call.succeeded]
        if not answers or answers[-1].event.disturbed or not isinstance(answers[-1].document, Document):
            return None
        return answers[-1].document.records

    def came(self) -> bool:
        """True when the last order was followed by a use of its interface, and each call by its answer."""
        orders = self._history.orders.all
        return bool(orders) and orders[-1].used and not orders[-1].unanswered

    def all_came(self) -> bool:
        """True when every order over an interface beside REST that was done has been followed by a use."""
        return all(each.used or self._repeats(each) for each in self._history.orders.all if each.claimed)

    def another_came(self) -> bool:
        """True when the last order was followed by a use that fits one before it, which had its own already."""
        orders = self._history.orders.all
        return bool(orders) and self._repeats(orders[-1])

    def _repeats(self, told: Order) -> bool:
        return any(self._history.orders.repeated(each) is not None for each in told.aside)

    def _used(self, task: Task) -> Sight | None:
        """The program was started, or a transfer file was answered."""
        orders = self._history.orders.all
        if not orders:
            return None
        if task.does == Step.SEND_BY_COMMAND_LINE:
            uses = orders[-1].invocations
            return Sight(f"the program was started (event {uses[-1].number})", True) if uses else None
        answers = [each for each in orders[-1].handovers if not each.is_call]
        return Sight(f"a transfer file was answered (event {answers[-1].number})", True) if answers else None

    def _listed(self, task: Task) -> Sight | None:
        return self._answered(METHODS[Deed(task.does)])

    def _answered(self, role: str) -> Sight | None:
        calls = [call for call in self.of(role) if call.succeeded and not call.event.disturbed]
        return Sight(f"{self._name(role)} was answered (exchange {calls[-1].number})", True) if calls else None

    def _operated(self, task: Task) -> Sight | None:
        wanted = UUID(task.operation) if task.operation else self.operation(task)
        if wanted is None:
            return None
        if not task.wait:
            number = self.of(METHODS[Deed(task.does)])[-1].number
            return Sight(f"{self._name(METHODS[Deed(task.does)])} has begun (exchange {number})", True)
        for query in reversed(self.of("get_status")):
            status = self._spec.status_by_code.get(query.status_code) if query.status_code is not None else None
            if status is not None and status.final and query.guid("operation") == wanted:
                words = f"the operation has ended with status {status.code} (exchange {query.number})"
                return Sight(words, status.name == "processed")
        return None

    def _name(self, role: str) -> str:
        return self._spec.method[role].name


_METHODS = frozenset(deed.value for deed in METHODS)
