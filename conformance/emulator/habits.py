"""Habits: what a right server, or the practice around it, may do all the time, which no setting of the model says.

A habit has the hooks of a fault and breaks nothing. Policies name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from uuid import UUID

from conformance.emulator.faults.overlay import Fault
from conformance.model import AddOperation, Call, Operation, Outcome, Place, State
from conformance.model.records import describe
from conformance.spec import Spec

OFTEN = 0.35
MOST_AT_ONCE = 3


class Habit(Fault):
    """Identity in every hook, as a fault is."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    foreign = ""
    """Who else was seen to use the server, for the record; '' for nobody."""


class AnotherPms(Habit):
    name = "another-pms"
    does = "Another PMS starts operations between the calls: the server keeps their statuses, not those of before."
    foreign = "another PMS starts operations of its own"
    _spec: Spec

    def spec(self, spec: Spec) -> Spec:
        self._spec = spec
        return spec

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if self._random.random() > OFTEN:
            return outcomes
        begun = tuple(self._begun(call) for _ in range(self._random.randint(1, MOST_AT_ONCE)))
        return tuple(replace(outcome, changes=(*outcome.changes, *begun)) for outcome in outcomes)

    def _begun(self, call: Call) -> AddOperation:
        """An operation of theirs that is done already and has changed nothing of ours."""
        id_ = UUID(int=self._random.getrandbits(128), version=4)
        theirs = Call("select_patient", {"operation": id_}, (), {"operation": str(id_)}, call.at)
        told = describe("processed", self._spec)
        return AddOperation(Operation(0, id_, theirs, "processed", told, place=Place.DONE), self._spec.kept_operations)


class BusyStations(Habit):
    name = "busy-stations"
    does = "Every station is busy, as long as it is open; it takes operations all the same."

    def state(self, state: State) -> None:
        for station in tuple(state.stations.values()):
            if station.connected:
                state.stations[station.id] = replace(station, busy=True)


HABITS: Mapping[str, type[Habit]] = {habit.name: habit for habit in (AnotherPms, BusyStations)}


def habits(names: tuple[str, ...], seed: int) -> tuple[Habit, ...]:
    """The habits of these names, each with a seed of its own. ValueError for a name that none has."""
    for name in names:
        if name not in HABITS:
            raise ValueError(f"no habit is called {name!r}; expected one of {', '.join(HABITS)}.")
    return tuple(HABITS[name](seed + place) for place, name in enumerate(names, start=1))
