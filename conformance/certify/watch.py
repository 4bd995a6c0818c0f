"""A PMS is watched while somebody uses it: no orders, but situations that bring out what was not seen yet.

The list of duties not yet witnessed decides what is provoked next. A situation is what a scenario has the operator
press and what it lets befall an answer; it stays until the PMS has met it. What the person at the PMS could do next
is said in the words of the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from conformance.certify.planner import in_turn
from conformance.emulator.deeds import Deeds
from conformance.spec.scenarios import Actor, Deed, Scenario, Step

ARMED = frozenset({Deed.PRESS, Deed.DISTURB})
"""What waits for the PMS to run into it; everything else would change data or clocks under a person's hands."""


@dataclass
class Watch:
    """Arms one situation after the other. ``look`` is to be called after each call of the PMS."""

    deeds: Deeds
    scenarios: Sequence[Scenario]
    unwitnessed: Callable[[], Collection[str]]
    provoked: Callable[[Scenario], object]
    """Told of each situation when it is armed, so that it is named in the journal."""
    _turns: Iterator[Scenario] = field(init=False)
    _armed: Scenario | None = None

    def __post_init__(self) -> None:
        self._turns = in_turn([s for s in self.scenarios if _arms(s)], self.unwitnessed)

    @property
    def next(self) -> Scenario | None:
        """What the PMS should be used for next: the situation that is armed, or the scenario that shows most."""
        if self._armed is not None:
            return self._armed
        return next(iter(in_turn(self.scenarios, self.unwitnessed)), None)

    def look(self) -> Scenario | None:
        """Arms the next situation when none waits any more; the one just armed, or None."""
        if self._armed is not None and self.deeds.waiting():
            return None
        wanted = frozenset(self.unwitnessed())
        self._armed = next((s for s in self._turns if wanted.intersection(s.aims)), None)
        if self._armed is None:
            return None
        for step in _arms(self._armed):
            self.deeds.do(step, {})
        self.provoked(self._armed)
        return self._armed


def _arms(scenario: Scenario) -> list[Step]:
    """The steps that arm it; none where it takes more than that to bring it about."""
    others = [step for step in scenario.steps if step.actor is not Actor.PMS]
    return others if all(step.does in ARMED for step in others) else []
