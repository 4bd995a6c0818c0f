"""Plays that take turns on one server: while one waits, the others go on.

Most of a run against a server in use is waiting: for a station to pick an operation up, for it to be carried out. So
several plays are under way at a time. They share a server that keeps the statuses of few operations, stations with one
operator, and what was prepared; so

- few plays are under way at once, and a play that counts operations is alone (need ``alone``);
- while one play waits for an operation, the others make no more calls than leave its status in place;
- what one play has touched of the things that there are only once (a station, a fixture), no other touches until it
  ends;
- a play that lost a status, which newer operations may have pushed out, is performed once more, alone.

Where time moves with the calls nothing is waited for, and each play is performed by itself, in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conformance.suite.performance import Performance, Performed, takes_places, touched
from conformance.suite.play import Play
from conformance.suite.stage import Stage

LANES = 6
"""Plays under way at once. Each has about one operation in hand, and the guide promises the last ten."""
ALONE = "alone"
LOSSES = 3
"""So many lost statuses tell that plays are not to be mixed on this server."""
FIRST, AGAIN, UNMIXED = 0, 1, 2
"""Which attempt it is: the first, one more for a finding, one more for what was lost among others."""


@dataclass
class Turns:
    """The plays still to come, those under way, and what came of the others."""

    stage: Stage
    lanes: int = 1
    begun: Callable[[str], None] = lambda name: None
    """Told the name of each play that begins."""
    _waiting: deque[tuple[Play, int]] = field(default_factory=deque)
    _active: list[Performance] = field(default_factory=list)
    _performed: dict[str, Performed] = field(default_factory=dict)
    _held: dict[str, Performance] = field(default_factory=dict)
    _losses: int = 0
    _places: int = 0
    """Calls so far that may have pushed a status out."""

    def expect(self, plays: Sequence[Play]) -> None:
        """These will be asked for, in this order."""
        self._waiting.extend((play, FIRST) for play in plays)

    def until(self, play: Play) -> Performed:
        """What came of ``play``; those that were expected before and after it go on meanwhile."""
        if play.name not in self._performed and not self._is_expected(play):
            self._waiting.appendleft((play, FIRST))
        while play.name not in self._performed:
            self._fill()
            if self._active:
                self._turn()
        return self._performed[play.name]

    @property
    def mixed(self) -> bool:
        """Whether plays are under way at once."""
        return self.lanes > 1

    def alone(self, play: Play, attempt: int) -> Performed:
        """Performs it while all others wait."""
        return self.stage.perform(play, attempt)

    def _is_expected(self, play: Play) -> bool:
        under_way = [performance.play.name for performance in self._active]
        return play.name in under_way or any(play.name == each.name for each, _ in self._waiting)

    def _fill(self) -> None:
        while self._waiting and len(self._active) < self.lanes:
            play, attempt = self._waiting[0]
            alone = ALONE in play.needs or attempt == UNMIXED
            if self._active and (alone or self._is_alone(self._active[0])):
                return
            self._waiting.popleft()
            self._begin(play, attempt)

    def _is_alone(self, performance: Performance) -> bool:
        return ALONE in performance.play.needs or performance.attempt == UNMIXED

    def _begin(self, play: Play, attempt: int) -> None:
        self.begun(play.name)
        begun = self.stage.begin(play, attempt)
        if isinstance(begun, Performed):
            self._performed[play.name] = begun
            return
        self._active.append(begun)
        self._leave_if_over(begun)

    def _turn(self) -> None:
        """One turn of whoever has waited longest, once somebody may go on."""
        free = [each for each in self._active if not self._is_in_the_way(each)]
        # Plays that wait for one another would wait for ever.
        candidates = free or self._active
        chosen = min(candidates, key=lambda each: each.wakes_s)
        self.stage.wait_until(chosen.wakes_s)
        for thing in self._touched(chosen):
            self._held.setdefault(thing, chosen)
        self._places += takes_places(chosen.asked)
        chosen.turn(self._places)
        self._leave_if_over(chosen)

    def _is_in_the_way(self, performance: Performance) -> bool:
        """True when it wants what another has touched, or would push out the status that another waits for."""
        if any(self._held.get(thing, performance) is not performance for thing in self._touched(performance)):
            return True
        after = self._places + takes_places(performance.asked)
        waited_for = (since for each in self._active if each is not performance for since in each.open.values())
        return after > self._places and after - min(waited_for, default=after) > self._room

    @property
    def _room(self) -> int:
        """Newer calls that surely leave a status in place."""
        return self.stage.spec.kept_operations - 2

    def _touched(self, performance: Performance) -> frozenset[str]:
        if self.lanes == 1:
            return frozenset()
        return touched(performance.asked, self.stage.shared, self.stage.spec)

    def _leave_if_over(self, performance: Performance) -> None:
        if performance.performed is None:
            return
        self._active.remove(performance)
        self._held = {thing: holder for thing, holder in self._held.items() if holder is not performance}
        if performance.desk.lost_statuses and self.lanes > 1 and not self._is_alone(performance):
            self._losses += 1
            self.lanes = 1 if self._losses >= LOSSES else self.lanes
            self._waiting.append((performance.play, UNMIXED))
            return
        self._performed[performance.play.name] = performance.performed


def mixed(plays: Sequence[Play]) -> list[Play]:
    """In an order in which others can go on while some wait: first those at stations, last those that are alone."""
    return sorted(plays, key=lambda play: (ALONE in play.needs, "operator" not in play.needs))
