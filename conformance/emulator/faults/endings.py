"""Faults of how operations end: with another status than they should, or with other changes to the data.

Both may be wrong apart from each other, on the server and at a station alike. What an operation is about when it
ends is a ``Moment``; a fault says in which moments it strikes, what is told then, and what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import AddOperation, Call, Change, Decision, Dialog, Operation, Outcome, SetStatus, State
from conformance.model import readings as points
from conformance.model.conditions import Checker, refusals
from conformance.model.records import describe
from conformance.model.state import Patient
from conformance.spec import Spec

CREATE, UPDATE, SELECT = "create_patient", "update_patient", "select_patient"


@dataclass(frozen=True)
class Moment:
    """An operation about to end."""

    call: Call
    state: State
    flaws: tuple[str, ...]
    """Every status that the call deserves, were it carried out on the server."""
    right: tuple[Change, ...]
    """What a right server does to its data."""
    pressed: Mapping[str, str]
    """Buttons by dialog; empty on the server."""
    at_station: bool

    @property
    def owner(self) -> Patient | None:
        """The patient that has the integration id of the call."""
        return self.state.patient(self.call.text("integration_id"))

    @property
    def own(self) -> Patient:
        """The same, where there must be one."""
        owner = self.owner
        assert owner is not None
        return owner


When = Callable[[Moment], bool]
Effect = Callable[[Moment], tuple[Change, ...]]


def always(moment: Moment) -> bool:
    return True


def as_right(moment: Moment) -> tuple[Change, ...]:
    return moment.right


def nothing(moment: Moment) -> tuple[Change, ...]:
    return ()


def absent(role: str) -> When:
    """The parameter is not in the call."""
    return lambda moment: role not in moment.call.values


def empty(role: str) -> When:
    """The parameter is in the call, without a value."""
    return lambda moment: moment.call.values.get(role) == ""


def alone(when: When = always) -> When:
    """Nothing else is wrong with the call."""
    return lambda moment: len(moment.flaws) == 1 and when(moment)


def both(one: When, other: When) -> When:
    return lambda moment: one(moment) and other(moment)


def after(status: str, *about: str) -> When:
    """Something of the same method ended like that and is not forgotten yet; parameters ``about`` were the same."""

    def earlier(moment: Moment) -> bool:
        own = moment.call
        return any(
            operation.role == own.role and operation.status == status and operation.call is not own
            for operation in moment.state.operations.values()
            if all(operation.call.values.get(role) == own.values.get(role) for role in about)
        )

    return earlier


def presses(dialog: Dialog, button: str) -> When:
    """That was pressed in that dialog."""
    return lambda moment: moment.pressed.get(dialog) == button


def on_server(moment: Moment) -> bool:
    return not moment.at_station


class Ends(KnowsItsSpec):
    """Ends operations of one method otherwise."""

    _readings: Mapping[str, str]

    def __init__(
        self,
        name: str,
        does: str,
        breaks: tuple[str, ...],
        role: str,
        found: str,
        told: str = "",
        when: When = always,
        effect: Effect = as_right,
    ) -> None:
        """``found`` is the status a right server ends it with, ``told`` the one told instead; '' for the same."""
        self.name, self.does, self.breaks = name, does, breaks
        self._role = role
        self._found = found
        self._told = told or found
        self._when = when
        self._effect = effect

    def readings(self, readings: Mapping[str, str]) -> Mapping[str, str]:
        self._readings = {**readings, points.CHECK_ORDER: "any"}
        return readings

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role != self._role:
            return outcomes
        return tuple(self._otherwise(outcome, call, state, None) for outcome in outcomes)

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        if operation.role != self._role:
            return outcomes
        return tuple(self._otherwise(outcome, operation.call, state, answers) for outcome in outcomes)

    def strikes(self, moment: Moment) -> bool:
        """Whether this operation ends otherwise."""
        return self._when(moment)

    def _otherwise(
        self, outcome: Outcome, call: Call, state: State, answers: Mapping[Dialog, Decision] | None
    ) -> Outcome:
        if outcome.label != self._found:
            return outcome
        moment = Moment(
            call,
            state,
            refusals(state, call, self._spec, self._readings, Checker.ALONE),
            tuple(change for change in outcome.changes if not isinstance(change, AddOperation | SetStatus)),
            {dialog: answer.button for dialog, answer in (answers or {}).items()},
            answers is not None,
        )
        if not self.strikes(moment):
            return outcome
        ends = (c for c in outcome.changes if isinstance(c, AddOperation | SetStatus))
        return replace(
            outcome,
            label=self._told,
            changes=(*self._effect(moment), *(with_status(change, self._told, self._spec) for change in ends)),
        )


def with_status(change: AddOperation | SetStatus, name: str, spec: Spec) -> Change:
    """The same change with another status."""
    text = describe(name, spec)
    if isinstance(change, SetStatus):
        return replace(change, status=name, description=text, final=spec.status[name].final)
    return replace(change, operation=replace(change.operation, status=name, description=text))
