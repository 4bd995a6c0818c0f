"""One run against one target: what is to be played, what came of it, and the findings provoked once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from conformance.drive import Prober, Refused
from conformance.judge import GENERATORS, LACKS, Judgement, Ledger
from conformance.judge.merging import OTHER_SHARD
from conformance.spec import Spec
from conformance.suite import scenario
from conformance.suite.budget import FUZZ, MACHINE, Budget
from conformance.suite.ladder import Ladder
from conformance.suite.oracle import Oracle, rows
from conformance.suite.performance import Ending, Performed
from conformance.suite.play import Play
from conformance.suite.plays import collect
from conformance.suite.preflight import preflight
from conformance.suite.stage import Stage
from conformance.suite.target import WRITES_LACKING, Attended, unmet_at
from conformance.suite.trips import in_trips
from conformance.suite.turns import AGAIN, LANES, UNMIXED, Turns, mixed
from conformance.trace import NoteKind

DRIVER = "driver"  # what rows about a PMS need, and no run of a server has
PROBES = "probe.tls"
AGAIN_ALONE = "plays.alone"
EVERYTHING = "*"
MOST_RETRIES = 3
"""How often one requirement's finding is provoked once more before it counts as not reproducible."""


class Broken(AssertionError):
    """A stimulus after which a requirement was found broken."""

    def __init__(self, spec: Spec, breaches: Iterable[Judgement]) -> None:
        self.breaches = tuple(breaches)
        super().__init__("\n".join(_told(spec, breach) for breach in _first_of_each(self.breaches)))


class Crashed(RuntimeError):
    """A play went wrong by itself: the harness's fault."""


class Skipped(Exception):
    """A stimulus that did not take place, and why."""


@dataclass
class Run:
    """Everything the items of a run share. ``finish`` ends the history; nothing may be sent afterwards."""

    spec: Spec
    stage: Stage
    oracle: Oracle
    budget: Budget
    only: str = EVERYTHING
    """Globs over the names of stimuli, separated by commas."""
    again: str = ""
    """The command that repeats this run, but for ``--only``."""
    authority_pem: str = ""
    """Completes a chain whose server keeps its authority to itself."""
    on_stimulus: Callable[[str], None] = lambda name: None
    """Told before each stimulus."""
    on_result: Callable[[str, str, Sequence[str]], None] = lambda nodeid, outcome, broken: None
    """Told after each item: ``passed``, ``failed`` or ``skipped``, and the rows that a stimulus saw broken."""
    ladder: Ladder = field(default_factory=Ladder)
    """Told of each rung before the first play."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """What another shard of this run plays -> why this one does not."""
    crashed: list[str] = field(default_factory=list)
    """What went wrong that is ours."""
    _confirmed: dict[str, list[bool]] = field(default_factory=dict)
    _finished: Ledger | None = None

    def __post_init__(self) -> None:
        target = self.stage.target
        lanes = 1 if target.embedded or target.attended is Attended.IN_PERSON else LANES
        self.stage.spread = lanes > 1
        self._turns = Turns(self.stage, lanes, lambda name: self.on_stimulus(name))

    # -- what there is to do ----------------------------------------------------------------------------------

    def plays(self) -> list[Play]:
        """The plays to be played, in order."""
        plays = [self._share_of(play) for play in collect(self.spec) if not self._left_out(play.name)]
        if self.stage.target.attended is Attended.IN_PERSON:
            return in_trips(plays)
        return plays if self.stage.target.embedded else mixed(plays)

    def scenarios(self) -> list[Play]:
        plays = [self._share_of(play) for play in scenario.plays(self.spec) if not self._left_out(play.name)]
        return sorted(plays, key=lambda play: play.name)

    def wanted(self, name: str) -> bool:
        """True for names that ``only`` selects, and that no other shard plays."""
        return name not in self.elsewhere and self._selected(name)

    def _selected(self, name: str) -> bool:
        return any(fnmatchcase(name, glob.strip()) for glob in self.only.split(","))

    def _share_of(self, play: Play) -> Play:
        """What a play needs of itself was measured with what the emulator has prepared."""
        measured = self.only == EVERYTHING and self.stage.target.embedded
        return self.budget.share_of(play) if measured else play

    def _left_out(self, play: str) -> str:
        """Why this run does without a play or scenario; '' where it does not. What is asked for by name is played."""
        if not self._selected(play):
            return f"not selected by --only {self.only}"
        writes = self.stage.target.may_write  # a run that only reads is short enough as it is
        if self.only == EVERYTHING and writes and self.budget.leaves_out(play):
            return f"left out by --budget {self.budget.name}"
        return self.elsewhere.get(play, "")

    # -- doing it ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Notes what is known of the target, looks whether it is there, and notes what is left out of this run.

        Raises Unready when a server somewhere is not ready for a run.
        """
        if self.stage.target.shared:
            self.stage.note(NoteKind.FOREIGN, {"why": "others are said to use the server during the run"})
        if not self.stage.target.embedded:
            preflight(self.stage, self.ladder)
        self.stage.declare()
        self.stage.find_stations()
        generators = " ".join(name for name in (FUZZ, MACHINE) if self._selected(name))
        lacks = " ".join((*unmet_at(self.stage.target, len(self.stage.stations)), DRIVER))
        told = {"prefix": self.stage.target.prefix, "tier": self.stage.target.tier.value, LACKS: lacks}
        self.stage.note(NoteKind.RUN, told | ({GENERATORS: generators} if generators else {}))
        for play in (*collect(self.spec), *scenario.plays(self.spec)):
            if reason := self._left_out(play.name):
                self.stage.skip(play.name, reason, play.aims, self._who_does_without(play.name, reason))
        self._turns.expect((*self.plays(), *self.scenarios()))

    def _who_does_without(self, play: str, reason: str) -> str:
        return OTHER_SHARD if reason == self.elsewhere.get(play) else "set-up"

    def perform(self, play: Play) -> None:
        """Raises Broken, Skipped or Crashed; returns when nothing was found broken."""
        performed = self._attempt(play)
        breaches = self.oracle.take(play.name)
        if breaches:
            self._provoke_again(play, rows(breaches))
            raise Broken(self.spec, breaches)
        if performed.ending is Ending.SKIPPED:
            raise Skipped(performed.reason)

    def _attempt(self, play: Play) -> Performed:
        performed = self._turns.until(play)
        if performed.ending is Ending.CRASHED:
            self.crashed.append(f"{play.name}: {performed.reason}")
            raise Crashed(f"{play.name}: {performed.reason}") from performed.error
        return performed

    def _provoke_again(self, play: Play, broken: Iterable[str]) -> None:
        """Plays it once more with other ids, for rows of which that was not seen yet."""
        open_rows = [row for row in broken if not self._settled(row)]
        if not open_rows or self._turns.alone(play, AGAIN).ending is not Ending.DONE:
            return
        self._note_confirmed(open_rows, rows(self.oracle.take(play.name)), play.name)

    def _settled(self, row: str) -> bool:
        told = self._confirmed.get(row, [])
        return any(told) or len(told) >= MOST_RETRIES

    def _note_confirmed(self, tried: Iterable[str], seen: Iterable[str], play: str) -> None:
        seen = set(seen)
        for row in tried:
            self._confirmed.setdefault(row, []).append(row in seen)
            self.stage.note(NoteKind.CONFIRMED, {"row": row, "play": play, "again": "yes" if row in seen else "no"})

    def look_again(self) -> None:
        """Performs alone what was mixed with others and left something undecided. Raises Broken, Skipped or Crashed."""
        if not self._turns.mixed:
            raise Skipped("no plays were mixed with others")
        broken: list[Judgement] = []
        with self._stimulus(AGAIN_ALONE):
            for play in (*self.plays(), *self.scenarios()):
                unobserved = {row.id for row in self.oracle.monitor.unobserved()}
                if unobserved & set(play.aims):
                    self._turns.alone(play, UNMIXED)
                    broken += self.oracle.take(play.name)
        if broken:
            raise Broken(self.spec, broken)

    @contextmanager
    def _stimulus(self, name: str) -> Iterator[None]:
        """Tells that it begins; what it raises by itself is noted as ours."""
        self.on_stimulus(name)
        try:
            yield
        except (Broken, Skipped):
            raise
        except Refused as refused:
            self.stage.skip(name, str(refused))
            raise Skipped(str(refused)) from refused
        except Exception as wrong:
            reason = f"{type(wrong).__name__}: {wrong}"
            self.stage.skip(name, reason, whose="ours")
            self.crashed.append(f"{name}: {reason}")
            raise Crashed(f"{name}: {reason}") from wrong

    def probe(self) -> None:
        """Looks below HTTP. Raises Broken, Skipped or Crashed."""
        with self._stimulus(PROBES):
            self._probe()

    def _probe(self) -> None:
        self.oracle.take()  # what nobody's call brought about is not the probe's
        self._probe_once()
        breaches = self.oracle.take()
        if breaches:
            self._probe_once()
            self._note_confirmed(rows(breaches), rows(self.oracle.take()), PROBES)
            raise Broken(self.spec, breaches)
        if not self.stage.target.encrypted:
            reason = "the target is not reached over HTTPS"
            self.stage.skip(PROBES, reason)
            raise Skipped(reason)

    def _probe_once(self) -> None:
        driver, target = self.stage.driver, self.stage.target
        prober = Prober(driver.place, driver.recorder, driver.clock, driver.admit)
        prober.plain(f"{driver.place.base_path}/{self.spec.method['list_stations'].name}")
        if target.encrypted:
            prober.versions()
            prober.chain(target.thumbprint, self.authority_pem)

    def explore(self) -> None:
        """Generated sequences. Raises Broken, Skipped or Crashed."""
        with self._stimulus(MACHINE):
            self._needs_writes(MACHINE)
            self._needs_calls(MACHINE, self.budget.search.examples)
            from conformance.suite.machine import Explorer  # takes as long to import as all the rest
            from conformance.suite.seeded import by_the_seed_alone

            explorer = Explorer(self.stage, self.oracle, self.budget.search)
            with by_the_seed_alone():
                found = explorer.explore()
            self.stage.note(NoteKind.RUN, {"sequences": str(explorer.spent)})
            if found:
                raise Broken(self.spec, [each.breach for each in found])
            self.stage.driver.allowance.check()

    def fuzz(self) -> None:
        """Schemathesis. Raises Broken, Skipped or Crashed."""
        with self._stimulus(FUZZ):
            self._needs_writes(FUZZ)
            self._fuzz()

    def _fuzz(self) -> None:
        self._needs_calls(FUZZ, self.budget.fuzz_calls)
        from conformance.suite.fuzz import Fuzzer  # costs seconds
        from conformance.suite.seeded import by_the_seed_alone

        before = self.oracle.known()
        with by_the_seed_alone():
            Fuzzer(self.stage, self.oracle, self.budget.fuzz_calls).run()
        new = [breach for breach in self.oracle.breaches if breach.requirement not in before]
        if new:
            raise Broken(self.spec, new)

    def _needs_writes(self, name: str) -> None:
        if not self.stage.target.may_write:
            self.stage.skip(name, WRITES_LACKING)
            raise Skipped(WRITES_LACKING)

    def _needs_calls(self, name: str, granted: int) -> None:
        if granted == 0:
            reason = f"the {self.budget.name} budget has no calls for it"
            self.stage.skip(name, reason)
            raise Skipped(reason)

    def finish(self, cut_short: bool = False) -> Ledger:
        """The ledger: what should have happened by now is judged, unless the run was cut short. Idempotent."""
        if self._finished is None:
            self.stage.driver.close()
            self._finished = self.oracle.monitor.finish(cut_short)
        return self._finished


def _first_of_each(breaches: Iterable[Judgement]) -> list[Judgement]:
    found: dict[str, Judgement] = {}
    for breach in breaches:
        found.setdefault(breach.requirement, breach)
    return list(found.values())


def _told(spec: Spec, breach: Judgement) -> str:
    row, verdict = spec.requirement[breach.requirement], breach.verdict
    evidence = ", ".join(map(str, verdict.evidence))
    return (
        f"{row.id} FAIL ({row.heading}): {row.text}\n"
        f"  {phrase('expected', verdict.expected)}\n  {phrase('observed', verdict.observed)}\n  events {evidence}"
    )


def phrase(word: str, text: str) -> str:
    """``text`` with ``word`` before it, unless it begins with that already."""
    return text if text.startswith(word) else f"{word} {text}"
