"""Running totals of a run: everything the ledger needs, in memory that does not grow with the traffic.

Findings are grouped as they come in: the same row with the same expectation and the same observation, but for the ids,
tokens and event numbers in them, is one finding with many occurrences.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from conformance.rules import Result, Verdict
from conformance.trace import TOKEN, Exchange, Note, NoteKind

KEPT = 10  # occurrences and plays shown per finding
MOST_GROUPS = 25  # of one row and result; what goes beyond is counted with the last
_VARYING = (
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (TOKEN, "<value>"),
    (re.compile(r"\b(exchange|event|note|call|poll)(s?) \d+(?:(?:, | and |, and )\d+)*"), r"\1\2 <n>"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?"), "<date>"),
    (re.compile(r'\b(shown|told|sent|recorded|before) "[^"]*"'), r'\1 "<text>"'),
    (re.compile(r"\b\d+ (days (?:earlier|later))"), r"<n> \1"),
    (re.compile(r"\bNN?\b"), "NN"),  # of a date: whoever writes no zeros before figures writes them in both ways
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict on one event."""

    requirement: str
    verdict: Verdict
    number: int
    """Of the judged event."""
    play: str
    """The stimulus it belongs to; '' for traffic outside any."""
    who: str
    """Who sent the judged call; '' for a note."""


@dataclass
class Group:
    """Judgements that say the same."""

    first: Judgement
    count: int = 0
    exchanges: list[int] = field(default_factory=list)
    plays: dict[str, None] = field(default_factory=dict)
    who: dict[str, None] = field(default_factory=dict)

    def add(self, judgement: Judgement) -> None:
        self.count += 1
        self.plays[judgement.play] = self.who[judgement.who] = None
        if len(self.exchanges) < KEPT and judgement.number not in self.exchanges:
            self.exchanges.append(judgement.number)


@dataclass
class RowTally:
    results: Counter[Result] = field(default_factory=Counter)
    plays: set[str] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)
    """How often it was kept, by stimulus."""
    groups: dict[tuple[Result, str, str], Group] = field(default_factory=dict)

    def add(self, judgement: Judgement) -> None:
        verdict = judgement.verdict
        self.results[verdict.result] += 1
        self.plays.add(judgement.play)
        if verdict.result is Result.PASS:
            self.kept[judgement.play] += 1
        else:
            self._enter(judgement)

    def _enter(self, judgement: Judgement) -> None:
        verdict = judgement.verdict
        key = (verdict.result, shape(verdict.expected), shape(verdict.observed))
        if key not in self.groups:
            same = [known for known in self.groups if known[0] is verdict.result]
            if len(same) >= MOST_GROUPS:
                key = same[-1]
            else:
                self.groups[key] = Group(judgement)
        self.groups[key].add(judgement)


@dataclass
class Take:
    count: int
    first: int


@dataclass
class StatusTally:
    answers: int = 0
    operations: set[int] = field(default_factory=set)
    first: int = 0


@dataclass
class Tally:
    rows: dict[str, RowTally] = field(default_factory=lambda: defaultdict(RowTally))
    takes: dict[str, dict[str, Take]] = field(default_factory=lambda: defaultdict(dict))
    broken_observers: dict[str, str] = field(default_factory=dict)
    calls: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    statuses: dict[int, StatusTally] = field(default_factory=lambda: defaultdict(StatusTally))
    broken_plays: dict[str, str] = field(default_factory=dict)
    """Stimuli that went wrong by themselves, and how."""
    skipped: dict[tuple[str, str, tuple[str, ...]], None] = field(default_factory=dict)
    confirmed: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    facts: dict[str, str] = field(default_factory=dict)
    """What RUN notes told."""
    chances: set[str] = field(default_factory=set)
    """Roles of methods that a PMS called, and of records that it showed."""
    used: set[tuple[str, str]] = field(default_factory=set)
    """The same with each parameter that it gave, and each field that it told."""
    withheld: set[str] = field(default_factory=set)
    """Rows of stimuli that somebody other than the subject kept from taking place."""
    ordered: bool = False
    """True when a PMS was told what to do."""
    events: int = 0
    exchanges: int = 0
    cut_short_after: int | None = None
    """Number of the last event of a recording that was cut short."""

    def judged(self, judgement: Judgement) -> None:
        self.rows[judgement.requirement].add(judgement)

    def took(self, reading: str, take: str, number: int) -> None:
        known = self.takes[reading].get(take)
        if known is None:
            self.takes[reading][take] = Take(1, number)
        else:
            known.count += 1

    def exchange(self, exchange: Exchange, operation: int) -> None:
        """Counts a call; ``operation`` is the number of the call that started what a status answer is about, or 0."""
        self.exchanges += 1
        how = "lost" if not exchange.answered else "succeeded" if exchange.succeeded else "refused"
        self.calls[exchange.role][how] += 1
        code = exchange.status_code
        if code is not None and exchange.succeeded:
            status = self.statuses[code]
            status.answers += 1
            status.first = status.first or exchange.number
            if operation:
                status.operations.add(operation)

    def conduct(self, exchange: Exchange) -> None:
        """What a PMS made use of in a call of its own."""
        if exchange.role:
            self.chances.add(exchange.role)
            self.used.update((exchange.role, role) for role in exchange.values if exchange.given(role))

    def note(self, note: Note) -> None:
        data = note.data
        if note.kind is NoteKind.ORDER:
            self.ordered = True
        elif note.kind is NoteKind.SHOWN:
            what = data.get("what", "")
            self.chances.add(what)
            self.used.update((what, role) for role in data.get("fields", "").split())
        if note.kind is NoteKind.SKIPPED:
            self.skipped[data.get("play", ""), data.get("reason", ""), tuple(data.get("aims", "").split())] = None
            if data.get("whose") != "subject":
                self.withheld.update(data.get("aims", "").split())
            if data.get("whose") == "ours":
                self.broken_plays[data.get("play", "")] = data.get("reason", "")
        elif note.kind is NoteKind.CONFIRMED:
            self.confirmed[data.get("row", ""), data.get("play", "")].add(data.get("again", ""))
        elif note.kind is NoteKind.RUN:
            self.facts.update(data)


def shape(phrase: str) -> str:
    """The phrase without what differs from occurrence to occurrence."""
    for pattern, stand_in in _VARYING:
        phrase = pattern.sub(stand_in, phrase)
    return phrase
