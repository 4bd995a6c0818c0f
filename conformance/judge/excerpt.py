"""The part of a recording on which one finding shows again, small enough to be handed on and judged by itself.

Theory. What a rule goes by is the history, and most of a history has nothing to do with a finding. First the evidence
alone is judged, then what was played around it, then all that came before. Of the first that shows the same - the same
row, in the same words, on the same events - pieces are left out, large ones first, as long as it shows. Nothing is made
up: an excerpt is events of the recording, in their order, with their numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from conformance.judge.ledger import Finding, Ledger, Standing
from conformance.judge.monitor import Monitor
from conformance.judge.tally import Judgement, shape
from conformance.rules import Result, Rule, catalogue
from conformance.spec import Spec
from conformance.trace import Event, Note, NoteKind

MOST_EVENTS = 400
"""Kept of one finding. One that takes more is shown by the journal."""
MOST_JUDGED = 100_000
"""Events that may be judged again for the excerpts of one run, and ..."""
MOST_FOR_ONE = 20_000
"""... for one of them."""
A_MONITOR = 10
"""What it costs to begin, in events."""
_ALWAYS = frozenset({NoteKind.CREDENTIALS, NoteKind.FIXTURE, NoteKind.FRESH, NoteKind.STATION, NoteKind.CHAIN})
"""What was known before anything was played."""


def judged_again(row: str, events: Sequence[Event], spec: Spec) -> Ledger:
    """The ledger of the events by the rule of one row alone."""
    monitor = Monitor(spec, _rule_of(row), watching={})
    for event in events:
        monitor.feed(event)
    return monitor.finish()


def shown_in(finding: Finding, events: Sequence[Event], spec: Spec) -> bool:
    """True when the events by themselves bring the finding about."""
    rules = _rule_of(finding.requirement)
    monitor = Monitor(spec, rules, watching={})
    for event in events:
        if any(_is_told(judgement, finding) for judgement in monitor.feed(event)):
            return True
    if not any(rule.end for rule in rules.values()):
        return False  # a ledger takes as long as a hundred events
    return any(_same(each, finding) for each in monitor.finish().findings)


def _rule_of(row: str) -> dict[str, Rule]:
    return {rule.id: rule for rule in catalogue().values() if rule.id == row}


def _is_told(judgement: Judgement, finding: Finding) -> bool:
    verdict = judgement.verdict
    if judgement.requirement != finding.requirement or verdict.result is not Result.FAIL:
        return False
    told = _words(verdict.expected.removeprefix("expected "), verdict.observed.removeprefix("observed "))
    return verdict.evidence == finding.evidence and told == _words(finding.expected, finding.observed)


def _same(found: Finding, wanted: Finding) -> bool:
    broken = found.requirement == wanted.requirement and found.standing in (Standing.FAIL, Standing.ADVISORY)
    told = _words(found.expected, found.observed) == _words(wanted.expected, wanted.observed)
    return broken and told and found.evidence == wanted.evidence


def _words(expected: str, observed: str) -> tuple[str, str]:
    return shape(expected), shape(observed)


@dataclass
class Excerpts:
    """Makes the excerpts of one run."""

    spec: Spec
    events: Sequence[Event]
    left: int = MOST_JUDGED

    def of(self, finding: Finding) -> tuple[Event, ...]:
        """The events; none where it takes too many, or where that is not found out in time."""
        if not finding.requirement or not finding.evidence or finding.standing is Standing.ERROR:
            return ()
        allowed = min(self.left, MOST_FOR_ONE)
        if allowed <= 0:
            return ()
        for numbers in self._candidates(finding):
            if len(numbers) > allowed:
                break
            candidate = [self._by_number[number] for number in sorted(numbers)]
            allowed -= self._spend(len(candidate))
            if shown_in(finding, candidate, self.spec):
                kept = self._shrunk(finding, candidate, allowed)
                return tuple(kept) if len(kept) <= MOST_EVENTS else ()
        return ()

    def _candidates(self, finding: Finding) -> Iterator[Set[int]]:
        """Numbers, from the evidence alone to all there is; each has more than the one before."""
        size = 0
        for numbers in self._growing(finding):
            if len(numbers) > size:
                size = len(numbers)
                yield numbers

    def _growing(self, finding: Finding) -> Iterator[Set[int]]:
        last = max(finding.evidence)
        numbers = {number for number in finding.evidence if number in self._by_number}
        yield numbers
        yield (numbers := numbers | {number for number in self._known if number <= last})
        played = (number for play in finding.plays if play for number in self._played.get(play, ()))
        yield (numbers := numbers | {number for number in played if number <= last})
        yield {number for number in self._by_number if number <= last}
        yield self._by_number.keys()

    @cached_property
    def _by_number(self) -> dict[int, Event]:
        return {event.number: event for event in self.events}

    @cached_property
    def _known(self) -> list[int]:
        return [event.number for event in self.events if _is_known(event)]

    @cached_property
    def _played(self) -> dict[str, list[int]]:
        """Numbers of the events of each play."""
        found: dict[str, list[int]] = defaultdict(list)
        for event in self.events:
            found[_play(event)].append(event.number)
        return found

    def _shrunk(self, finding: Finding, events: list[Event], allowed: int) -> list[Event]:
        """Without whatever can be left out, as far as ``allowed`` events go."""
        piece = len(events) // 2
        while piece:
            place = 0
            while place < len(events):
                fewer = events[:place] + events[place + piece :]
                if len(fewer) > allowed:
                    return events
                allowed -= self._spend(len(fewer))
                if fewer and shown_in(finding, fewer, self.spec):
                    events = fewer
                else:
                    place += piece
            piece //= 2
        return events

    def _spend(self, events: int) -> int:
        cost = events + A_MONITOR
        self.left -= cost
        return cost


def _is_known(event: Event) -> bool:
    return isinstance(event, Note) and event.kind in _ALWAYS


def _play(event: Event) -> str:
    return event.data.get("play", "") if isinstance(event, Note) else event.play
