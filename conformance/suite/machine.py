"""Generated sequences of all operations, with the rules as their oracle.

Hypothesis draws the steps and nothing else. It does not shrink: its shrinker would spend thousands of calls on a server
in use, so the list of steps that broke a rule is made shorter here, within a budget of tries. Each rule has an
exception class of its own; a rule that is known to be broken is not raised again, so that the search goes on.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from conformance.judge import Breach, Judgement, breach_class
from conformance.suite import strategies
from conformance.suite.budget import MACHINE, Search
from conformance.suite.oracle import Oracle, rows
from conformance.suite.play import NotPossible
from conformance.suite.stage import Stage
from conformance.suite.strategies import Step
from conformance.suite.target import Attended
from conformance.suite.walk import Doing, Walk, one_by_one, shortest
from conformance.trace import NoteKind

SHORTEST = "machine.shortest"
SHARES = {"create_patient": 6, "update_patient": 3, "look": 3, "get_status": 2, "together": 2}
"""How often a kind of step is drawn, compared with the others: most of what can go wrong needs many operations."""


@dataclass
class Found:
    """A rule that generated calls broke, and the shortest list of steps known to do so."""

    breach: Judgement
    steps: list[Step]
    again: bool = False
    """Whether the list broke it again with other ids."""


@dataclass
class Explorer:
    """Runs the machine until its examples are spent, again after each rule that it finds broken."""

    stage: Stage
    oracle: Oracle
    search: Search
    found: list[Found] = field(default_factory=list)
    spent: int = 0
    """Sequences that were begun."""
    over: bool = False
    """Set when a rule is broken: Hypothesis plays the steps once more to see it again, which must not cost calls."""
    _replays: int = 0

    def explore(self) -> list[Found]:
        """What was found, each rule once; its note CONFIRMED is written. Raises only what is wrong with the harness."""
        while self.spent < self.search.examples:
            known = len(self.found)
            before = self.spent
            self._run(self.search.examples - self.spent)
            if len(self.found) == known:
                break
            self.spent = max(self.spent, before + 1)
            self._confirm(self.found[-1])
        return self.found

    def _run(self, examples: int) -> None:
        machine = machine_class(self)
        self.over = False
        chosen = settings(
            max_examples=examples,
            stateful_step_count=self.search.steps,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        seed(f"{self.stage.target.seed}/{self.spent}")(machine)
        # What broke was kept when it happened; another way to fail is a fault of ours and goes up.
        try:
            with contextlib.suppress(Breach):
                run_state_machine_as_test(machine, settings=chosen)
        except FlakyFailure as seen_once:
            if seen_once.split(Breach)[1] is not None:
                raise

    def judged(self, steps: Sequence[Step]) -> None:
        """Raises the class of the first rule that the last step broke, unless it was broken before."""
        known = {found.breach.requirement for found in self.found}
        for breach in self.oracle.take():
            if breach.requirement not in known and breach.requirement not in self._broken_before:
                self.found.append(Found(breach, list(steps)))
                self.over = True
                raise breach_class(breach.requirement)(f"{breach.requirement}: {breach.verdict.observed}")

    def __post_init__(self) -> None:
        self._broken_before = self.oracle.known()

    # -- the shortest list ------------------------------------------------------------------------------------

    def _confirm(self, found: Found) -> None:
        row = found.breach.requirement
        found.again = self._breaks(found.steps, row)
        if found.again:
            plain = one_by_one(found.steps)
            if plain != found.steps and self._breaks(plain, row):
                found.steps = plain
            found.steps = shortest(found.steps, lambda steps: self._breaks(steps, row), self.search.tries)
            self._replay(found.steps, f"{SHORTEST}.{row}")
        again = "yes" if found.again else "no"
        data = {"row": row, "play": MACHINE, "again": again, "shortest": f"{SHORTEST}.{row}" if found.again else ""}
        self.stage.note(NoteKind.CONFIRMED, data)

    def _breaks(self, steps: Sequence[Step], row: str) -> bool:
        return row in self._replay(steps, MACHINE)

    def _replay(self, steps: Sequence[Step], play: str) -> tuple[str, ...]:
        """The rows that the list breaks when played with ids of its own."""
        self._replays += 1
        self.oracle.take()
        walk = Walk(self.stage.desk(play, self._replays))
        for doing in (*map(walk.take, steps), walk.end()):
            with contextlib.suppress(NotPossible):  # as when the steps were drawn
                self.stage.act(doing, play)
        return rows(self.oracle.take())


def machine_class(explorer: Explorer) -> type[RuleBasedStateMachine]:
    """A state machine with a Hypothesis rule per method, one for several calls at once, and one that looks.

    Hypothesis keeps the classes of all machines for ever; so the class holds nothing of the run.
    """
    stage, running = explorer.stage, weakref.ref(explorer)
    reachable = len(stage.stations)
    operator = stage.target.operator.available() and stage.target.attended is Attended.BEFOREHAND

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            explorer = running()
            assert explorer is not None
            explorer.spent += not explorer.over
            self.explorer = explorer
            self.steps: list[Step] = []
            self.walk = Walk(explorer.stage.desk(MACHINE, -explorer.spent))

        def do(self, step: Step) -> None:
            self.steps.append(step)
            self._act(self.walk.take(step))

        def _act(self, doing: Doing) -> None:
            if self.explorer.over:
                return
            try:
                self.explorer.stage.act(doing, MACHINE)
            except NotPossible:
                return
            self.explorer.judged(self.steps)

        def teardown(self) -> None:
            self._act(self.walk.end())

    methods = {
        method.role: strategies.calls(method, reachable if operator else 0, operator, len(stage.target.users))
        for method in stage.spec.methods
    }
    several, looks = strategies.together(list(methods.values())), strategies.looks()
    kinds: Mapping[str, st.SearchStrategy[Step]] = {**methods, "together": several, "look": looks}
    for name, steps in kinds.items():
        for copy in range(SHARES.get(name, 1)):
            setattr(Machine, f"{name}_{copy}", rule(step=steps)(_step_named(f"{name}_{copy}")))
    return Machine


def _step_named(name: str) -> Callable[..., None]:
    def step_of(self: RuleBasedStateMachine, step: Step) -> None:
        self.do(step)  # type: ignore[attr-defined]

    step_of.__name__ = name
    return step_of
