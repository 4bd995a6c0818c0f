"""The monitor: events in, judgements out, a ledger at the end. Live runs and recordings go through the same one.

Theory. An event enters the history first and is judged by every rule that its method, its kind of note or EVERY
calls up, whatever the stimulus had in mind. Only a call that is written oddly to probe just that is left to the rule
about it: one defect shall be told once, and by its name. A rule that raises is our fault: ERROR, and the run goes on.
Rows that bind the PMS are offered what a PMS sent, never our own probes; rows that bind the server are offered
everything, since the server's duty does not depend on who asks, but for answers that were disturbed on their way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from conformance.judge.ledger import Ledger
from conformance.judge.tally import Judgement, Tally
from conformance.judge.terms import Terms
from conformance.judge.verdicts import build, mandatory_rows
from conformance.rules import EVERY, HANDOVER, INVOCATION, Observer, Result, Rule, Verdict, catalogue, observers
from conformance.rules.marks import marks as marks_of
from conformance.rules.shapes import Shape, Shapes, shapes
from conformance.spec import Binds, JudgedBy, Profile, Requirement, Spec
from conformance.trace import Event, Exchange, Handover, History, Invocation, Note, NoteKind
from conformance.trace.shelf import Shelf

HARNESS = frozenset({"suite", "schemathesis", "crowd"})
"""Senders that are ours: what they do is no PMS's conduct."""

Seen = Exchange | Note | Invocation | Handover
"""What a rule may be shown."""
_W = TypeVar("_W", bound=Rule | Observer)


class _Watchers(Generic[_W]):
    """Rules, or observers, and which of them to ask about an exchange."""

    def __init__(self, watchers: Iterable[_W]) -> None:
        found: dict[str, list[_W]] = defaultdict(list)
        for watcher in watchers:
            for trigger in watcher.judges:
                if not isinstance(trigger, NoteKind):
                    found[trigger].append(watcher)
        self._by_trigger = {trigger: tuple(row) for trigger, row in found.items()}
        self._chosen: dict[tuple[str, frozenset[str] | None], tuple[_W, ...]] = {}

    def on(self, trigger: str) -> tuple[_W, ...]:
        return self._by_trigger.get(trigger, ())

    def about(self, role: str, marks: frozenset[str] | None) -> tuple[_W, ...]:
        """Those to ask about an exchange of that method, in their order; all when ``marks`` is None.

        Few sets of marks come up, and they come again and again.
        """
        key = role, marks
        if key not in self._chosen:
            known = (*self.on(role), *self.on(EVERY))
            self._chosen[key] = tuple(w for w in known if marks is None or not w.when or not w.when.isdisjoint(marks))
        return self._chosen[key]


class _Watch:
    """Who looks at what one kind of sender does."""

    def __init__(self, rules: Iterable[Rule], shapes: Iterable[Shape]) -> None:
        self.rules, self.shapes = _Watchers(rules), Shapes(shapes)


class Monitor:
    """Feed every event once, in the order of the recorder; ``finish`` when there are no more."""

    def __init__(
        self,
        spec: Spec,
        rules: Mapping[str, Rule] | None = None,
        profile: Profile | None = None,
        *,
        terms: Terms | None = None,
        about: Mapping[str, str] | None = None,
        watching: Mapping[str, Observer] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        """``rules`` and ``watching`` default to all there are; ``terms`` take the place of ``profile`` alone.

        ``shelf`` is for the history: with it exchanges of long ago need not be in memory.

        ``about`` tells of the run what its report shall tell: subject, harness, seed, server (``emulator`` for ours).
        """
        self.spec = spec
        self.terms = terms if terms is not None else Terms(profile=profile)
        self.history = History(spec, shelf)
        self.rules = {
            row: rule
            for row, rule in (catalogue() if rules is None else rules).items()
            if row in spec.requirement and spec.requirement[row].judged_by is JudgedBy.RULE
        }
        self._about = dict(about or {})
        self._tally = Tally()
        self._ledger: Ledger | None = None
        self._disturbed: set[int] = set()
        self._last = 0
        watched = observers() if watching is None else watching
        self._observers = _Watchers(observer for id, observer in watched.items() if id in spec.reading)
        own = [rule for rule in self.rules.values() if not self._binds_pms_only(rule)]
        targets = shapes(spec)
        self._ours = _Watch(own, (shape for shape in targets if not shape.pms_only))
        self._theirs = _Watch(self.rules.values(), targets)
        owed = [rule for rule in self.rules.values() if self._binds_pms_only(rule)]
        self._pms_alone = _Watch(owed, (shape for shape in targets if shape.pms_only))
        self._notes = _by_note(self.rules.values())
        self._noted = _by_note(observer for id, observer in watched.items() if id in spec.reading)

    def _binds_pms_only(self, rule: Rule) -> bool:
        return self.spec.requirement[rule.id].binds is Binds.PMS

    # -- feeding ----------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> list[Judgement]:
        """The judgements that ``event`` calls forth. Raises ValueError once the history is over."""
        if self._ledger is not None:
            raise ValueError(f"event {event.number} came after finish(); make a new Monitor for a new history.")
        self._last, self._tally.events = event.number, self._tally.events + 1
        seen = self.history.append(event)
        found: Sequence[Judgement | None]
        if isinstance(seen, Note):
            self._tally.note(seen)
            self._observe(seen, self._noted[seen.kind])
            found = [self._judgement(rule.id, self._ask(rule, seen), seen) for rule in self._notes[seen.kind]]
        elif isinstance(seen, Invocation):
            self._observe(seen, self._observers.on(INVOCATION))
            invoked = () if seen.who in HARNESS else self._theirs.rules.on(INVOCATION)
            found = [self._judgement(rule.id, self._ask(rule, seen), seen) for rule in invoked]
        elif isinstance(seen, Handover):
            found = self._handover(seen)
        else:
            found = self._exchange(seen)
        judgements = [judgement for judgement in found if judgement is not None]
        for judgement in judgements:
            self._tally.judged(judgement)
        return judgements

    def _handover(self, seen: Handover) -> list[Judgement | None]:
        self._observe(seen, self._observers.on(HANDOVER) if not seen.disturbed else ())
        watch = self._ours if seen.who in HARNESS else self._pms_alone if seen.disturbed else self._theirs
        if seen.disturbed:
            self._disturbed.add(seen.number)
        return [self._judgement(rule.id, self._ask(rule, seen), seen) for rule in watch.rules.on(HANDOVER)]

    def _exchange(self, exchange: Exchange) -> Sequence[Judgement | None]:
        operation = self.history.polled(exchange)
        self._tally.exchange(exchange, operation.call.number if operation is not None else 0)
        if exchange.disturbed:
            self._disturbed.add(exchange.number)
        if exchange.who not in HARNESS:
            self._tally.conduct(exchange)
        watch, marks = self._watch(exchange), self._marks(exchange)
        odd = self.history.oddly_asked(exchange)
        if not exchange.disturbed:
            self._observe(exchange, self._observers.about(exchange.role, marks))
        history, spec, disturbed = self.history, self.spec, bool(self._disturbed)
        number, play, who = exchange.number, exchange.event.play, exchange.who
        found: list[Judgement] = []
        for rule in watch.rules.about(exchange.role, marks):  # written out, since it is here that the time goes
            if odd is None or rule.probes == odd.kind:
                try:
                    verdict = rule.judge(history, exchange, spec)
                except Exception as error:
                    verdict = _crash(error, number)
                if verdict is not None and not (disturbed and self._excused(rule.id, verdict)):
                    found.append(Judgement(rule.id, verdict, number, play, who))
        if odd is None:
            for row, shown in watch.shapes.verdicts(exchange):
                if not (disturbed and self._excused(row, shown)):
                    found.append(Judgement(row, shown, number, play, who))
        return found

    def _watch(self, exchange: Exchange) -> _Watch:
        if exchange.who in HARNESS:
            return self._ours
        return self._pms_alone if exchange.disturbed else self._theirs

    def _marks(self, exchange: Exchange) -> frozenset[str] | None:
        """What shows of the exchange; None where that broke down, so that every rule is asked, and breaks or not."""
        try:
            return marks_of(self.history, exchange)
        except Exception:
            return None

    def _ask(self, rule: Rule, seen: Seen) -> Verdict | None:
        try:
            return rule.judge(self.history, seen, self.spec)
        except Exception as error:
            return _crash(error, seen.number)

    def _observe(self, seen: Seen, watching: Iterable[Observer]) -> None:
        for observer in watching:
            try:
                take = observer.observe(self.history, seen, self.spec)
            except Exception as error:
                self._tally.broken_observers.setdefault(observer.id, _told(error))
                continue
            if take is not None:
                self._tally.took(observer.id, take, seen.number)

    def _judgement(self, row: str, verdict: Verdict | None, seen: Seen) -> Judgement | None:
        if verdict is None or self._excused(row, verdict):
            return None
        if isinstance(seen, Note):
            return Judgement(row, verdict, seen.number, seen.data.get("play", ""), "")
        event = seen.event if isinstance(seen, Exchange) else seen
        return Judgement(row, verdict, seen.number, event.play, event.who)

    # -- the end ----------------------------------------------------------------------------------------------

    def finish(self, cut_short: bool = False) -> Ledger:
        """The ledger, after what should have happened by now was asked for; the same one when called again.

        ``cut_short`` asks for nothing more: what did not happen may have happened after the recording stopped.
        """
        if self._ledger is None:
            self._tally.cut_short_after = self._last if cut_short else None
            for rule in () if cut_short else self.rules.values():
                for verdict in self._ask_at_end(rule):
                    self._at_end(rule, verdict)
            self._ledger = self.ledger()
        return self._ledger

    def _ask_at_end(self, rule: Rule) -> list[Verdict]:
        found: list[Verdict] = []
        if rule.end is None:
            return found
        try:
            for verdict in rule.end(self.history, self.spec):
                found.append(verdict)
        except Exception as error:
            found.append(_crash(error, self._last))
        return found

    def _at_end(self, rule: Rule, verdict: Verdict) -> None:
        number = verdict.evidence[-1] if verdict.evidence else self._last
        about = self.history.exchange(number)
        if about is not None and about.who in HARNESS and self._binds_pms_only(rule):
            return
        if self._excused(rule.id, verdict):
            return
        play, who = (about.event.play, about.who) if about is not None else (self.history.orders.play_of(number), "")
        self._tally.judged(Judgement(rule.id, verdict, number, play, who))

    def _excused(self, row: str, verdict: Verdict) -> bool:
        """True for a verdict on the server that rests on an answer which somebody else has spoilt."""
        if self._disturbed.isdisjoint(verdict.evidence):
            return False
        return row in self.spec.requirement and self.spec.requirement[row].binds is not Binds.PMS

    def ledger(self) -> Ledger:
        """How things stand now; what can only be told at the end is not in it before ``finish``."""
        return build(self._tally, self.spec, self.terms, frozenset(self.rules), self._about)

    def unobserved(self) -> tuple[Requirement, ...]:
        """Mandatory rows that have neither been kept nor broken so far."""
        return tuple(row for row in mandatory_rows(self.spec, self.terms) if not self._decided(row.id))

    def _decided(self, row: str) -> bool:
        tally = self._tally.rows.get(row)
        return tally is not None and (tally.results[Result.PASS] > 0 or tally.results[Result.FAIL] > 0)


def _by_note(watchers: Iterable[_W]) -> dict[NoteKind, tuple[_W, ...]]:
    given = tuple(watchers)
    return {kind: tuple(watcher for watcher in given if any(t is kind for t in watcher.judges)) for kind in NoteKind}


def _crash(error: Exception, number: int) -> Verdict:
    return Verdict(Result.ERROR, observed=_told(error), evidence=(number,))


def _told(error: Exception) -> str:
    return f"the rule broke: {type(error).__name__}: {error}"
