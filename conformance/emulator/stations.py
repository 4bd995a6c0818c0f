"""The stations at work: when they take operations, when their operators decide, when the server gives one up.

Nothing here runs by itself. What is due lies in a heap, and ``advance`` lets it happen once the clock has come
so far; since the state can be seen through calls only, nobody can tell the difference.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from random import Random
from uuid import UUID

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.operator import Operator
from conformance.emulator.policy import Freedom, Policy
from conformance.model import readings as points
from conformance.model.changes import apply_all
from conformance.model.dialogs import Button, Decision, Dialog
from conformance.model.lifecycle import finish, in_question, pick_up, question, silence
from conformance.model.outcome import Outcome
from conformance.model.readings import Readings
from conformance.model.state import Operation, Patient, Place, State
from conformance.spec import Spec

OnDecision = Callable[[Operation, Dialog, Decision], None]

FASTEST, SLOWEST = 1 / 3, 2.0


class Stage(Enum):
    """What is due."""

    PICK_UP = 1
    WORK = 2
    SILENCE = 3


class Stations:
    """All stations of one server. ``state`` is shared with the server and changed through outcomes only."""

    def __init__(
        self,
        state: State,
        spec: Spec,
        readings: Readings,
        policy: Policy,
        operator: Operator,
        random: Random,
        faults: Sequence[Fault],
        on_decision: OnDecision,
    ) -> None:
        self._state = state
        self._spec = spec
        self._readings = readings
        self._policy = policy
        self._operator = operator
        self._random = random
        self._faults = faults
        self._on_decision = on_decision
        self._due: list[tuple[float, int, int, Stage]] = []
        self._entries = 0
        self._parked: list[int] = []
        self._held: set[UUID] = set()
        self._all_held = False
        self._turns: dict[tuple[UUID, Stage], float] = {}
        self._answers: dict[int, dict[Dialog, Decision]] = {}
        self.asking: dict[int, Dialog] = {}
        """Dialogs that stand open, by the serial of their operation."""

    def reconfigure(self, spec: Spec, readings: Readings, policy: Policy, faults: Sequence[Fault]) -> None:
        """Goes on by these; what is under way stays so."""
        self._spec = spec
        self._readings = readings
        self._policy = policy
        self._faults = faults

    def receive(self, operation: Operation, now_s: float) -> None:
        """An operation has come into the pool."""
        delay_s = self._policy.pick_up_delay_s * self._pace()
        for fault in self._faults:
            delay_s = fault.pick_up_delay(operation, delay_s)
        self._in_turn(now_s + delay_s, operation, Stage.PICK_UP)

    def resume(self, now_s: float) -> None:
        """Goes on with the operations that an earlier run left in the state.

        What waited in the pool is taken as if it had just come. What was at a station stays there with its status, as
        nothing brings an operation back into the pool; its operator sees its dialogs anew from the first on, since what
        was answered takes effect only after the last.
        """
        for operation in list(self._state.operations.values()):
            if operation.place is Place.POOL:
                self.receive(operation, now_s)
            elif operation.place is Place.STATION:
                self._in_turn(now_s + self._policy.processing_delay_s * self._pace(), operation, Stage.WORK)

    def advance(self, now_s: float) -> None:
        """Lets everything happen that is due by now, in order."""
        while self._due and self._due[0][0] <= now_s:
            due_s, _, serial, stage = heapq.heappop(self._due)
            operation = self._state.operations.get(serial)
            if operation is None or operation.place is Place.DONE:
                continue
            if stage is Stage.PICK_UP:
                self._pick_up(operation, due_s)
            elif stage is Stage.WORK:
                self._work(operation, due_s)
            elif self._is_silent(operation):
                self._end(operation, silence(self._state, operation, self._spec, self._readings))

    def hold(self, station: UUID | None = None) -> None:
        """From now on the station (None: every one) takes nothing out of the pool."""
        if station is None:
            self._all_held = True
        else:
            self._held.add(station)

    def release(self, now_s: float, station: UUID | None = None) -> None:
        """Undoes ``hold``; what waited is taken at once. None releases every station."""
        if station is None:
            self._held.clear()
        elif self._all_held:
            self._held = set(self._state.stations)
        self._all_held = False
        self._held.discard(station or UUID(int=0))
        self.look_again(now_s)

    def look_again(self, now_s: float) -> None:
        """After a change of stations or decisions: tries again what had to wait."""
        parked, self._parked = self._parked, []
        for serial in parked:
            self._schedule(now_s, serial, Stage.PICK_UP)
        for serial in list(self.asking):
            self._schedule(now_s, serial, Stage.WORK)
        self.advance(now_s)

    def answer(self, serial: int, dialog: Dialog, decision: Decision, now_s: float) -> None:
        """A button is pressed in the dialog of that operation; for Dialog.PAGE, what befalls the page behind it.

        ValueError when no such dialog stands open.
        """
        operation = self._state.operations.get(serial)
        if operation is None or self.asking.get(serial) not in (dialog, *(Dialog if dialog is Dialog.PAGE else ())):
            raise ValueError(f"operation {serial} has no dialog {dialog} open; look again at what is open now.")
        self._pressed(operation, dialog, decision)
        if decision.button is Button.NO_ANSWER:
            self._fall_silent(operation, now_s)
        else:
            self._work(operation, now_s)

    def patient_in_question(self, operation: Operation) -> Patient | None:
        """The patient that the operation would change, after what was pressed so far; None for a new one."""
        return in_question(self._state, operation, self._answers.get(operation.serial, {}), self._readings)

    def is_held(self, station: UUID) -> bool:
        return self._all_held or station in self._held

    # -- what happens -----------------------------------------------------------------------------------------

    def _pick_up(self, operation: Operation, now_s: float) -> None:
        if operation.place is not Place.POOL:
            return
        connected = self._is_connected(operation.station)
        if not connected or self.is_held(operation.station):
            self._parked.append(operation.serial)
            if not connected and self._readings[points.UNKNOWN_STATION] == "silent":
                self._schedule(now_s + self._policy.silence_limit_s, operation.serial, Stage.SILENCE)
            return
        self._apply(pick_up(self._state, operation, self._spec, self._readings)[0])
        self._in_turn(now_s + self._policy.processing_delay_s * self._pace(), operation, Stage.WORK)

    def _work(self, operation: Operation, now_s: float) -> None:
        """The operator sees one dialog after another, until it is done or one stays open."""
        answers = self._answers.setdefault(operation.serial, {})
        while dialog := question(self._state, operation, answers, self._spec, self._readings):
            decision = self._operator.decide(operation, dialog)
            if decision is None:
                self.asking[operation.serial] = dialog
                return
            self._pressed(operation, dialog, decision)
            if decision.button is Button.NO_ANSWER:
                self._fall_silent(operation, now_s)
                return
        self._end(operation, finish(self._state, operation, answers, self._spec, self._readings), answers)

    def _pressed(self, operation: Operation, dialog: Dialog, decision: Decision) -> None:
        self._answers.setdefault(operation.serial, {})[dialog] = decision
        self._on_decision(operation, dialog, decision)

    def _fall_silent(self, operation: Operation, now_s: float) -> None:
        self.asking.pop(operation.serial, None)
        self._schedule(now_s + self._policy.silence_limit_s, operation.serial, Stage.SILENCE)

    def _end(
        self, operation: Operation, outcomes: tuple[Outcome, ...], answers: Mapping[Dialog, Decision] | None = None
    ) -> None:
        for fault in self._faults:
            outcomes = fault.finish(operation, answers or {}, outcomes, self._state)
        self._apply(self.choose(outcomes))
        self.asking.pop(operation.serial, None)
        self._answers.pop(operation.serial, None)

    def choose(self, outcomes: tuple[Outcome, ...]) -> Outcome:
        """One of them; the first where the policy does not vary."""
        if len(outcomes) > 1 and self._policy.uses(Freedom.CHOICE):
            return self._random.choice(outcomes)
        return outcomes[0]

    def _apply(self, outcome: Outcome) -> None:
        apply_all(outcome.changes, self._state)

    def _is_connected(self, station: UUID) -> bool:
        known = self._state.stations.get(station)
        return known is not None and known.connected

    def _is_silent(self, operation: Operation) -> bool:
        """True when nobody works on it: it lies in the pool of an absent station, or its station has gone silent."""
        if operation.place is Place.POOL:
            return not self._is_connected(operation.station)
        pressed = self._answers.get(operation.serial, {}).values()
        return any(decision.button is Button.NO_ANSWER for decision in pressed)

    def _in_turn(self, due_s: float, operation: Operation, stage: Stage) -> None:
        """Schedules so that operations of one station do not overtake each other, unless an operator hesitates."""
        turn = self._turns.get((operation.station, stage), due_s)
        self._turns[operation.station, stage] = due_s = max(due_s, turn)
        self._schedule(due_s, operation.serial, stage)

    def _schedule(self, due_s: float, serial: int, stage: Stage) -> None:
        self._entries += 1
        heapq.heappush(self._due, (due_s, self._entries, serial, stage))

    def _pace(self) -> float:
        return self._random.uniform(FASTEST, SLOWEST) if self._policy.uses(Freedom.DELAYS) else 1.0
