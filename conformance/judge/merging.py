"""Shards of one run joined into one ledger: what the run would have said if one process had made all of it.

Theory. The ledgers of the shards cannot be added up. A row that was not observed in one may be kept in another; a
doubtful point that each shard answers in one way may be answered in two ways by both; a reading that was seen in one
leaves nothing to judge in another; and some verdicts are given at the end, of everything together: that a removal was
promised in vain is only a breach of a server that was *seen* to refuse late removals, wherever it was seen. So the
shards are judged again from their events, and what is added up are totals, before anything is made of them.

- What is judged when it happens rests on what came before it at the same server. Each shard had a server, a PMS and
  data of its own, so each is a history of its own; nothing that one proves is held against another.
- What is judged at the end rests on the whole run. So it is asked once, of one history of all shards, one after the
  other. In it equal names of two shards are kept apart (patients, stations, operations and orders get names of their
  own), since they are not the same thing; in what is told of it they have their own names again.
- One thing is lost. A rule that needs a habit of the server which an earlier play has shown stays silent when that
  play was in another shard. What it would have said is missing then: a row may be NOT_OBSERVED that a serial run
  sees, or a breach be seen by fewer rules. In a serial run the same depends on the order of the plays.

A raw recording holds names that cannot be told from other words; so each of its shards is asked for itself.

Events are numbered on through all shards, and begin when those of the shard before have ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from conformance.judge.ledger import Ledger
from conformance.judge.monitor import Monitor
from conformance.judge.recording import RAW
from conformance.judge.tally import KEPT, MOST_GROUPS, Group, RowTally, Take, Tally
from conformance.judge.terms import Terms
from conformance.judge.verdicts import build
from conformance.rules import Result, Rule, Verdict, catalogue
from conformance.spec import Spec
from conformance.trace import TOKEN, Event, Handover, Note, NoteKind, Recorded, from_json, to_json

OTHER_SHARD = "shard"
"""``whose`` of a SKIPPED note about something that another shard plays."""
GAP_S = 1.0
_NAMES = re.compile(rf"{TOKEN.pattern}|\b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b", re.I)
"""Tokens and GUIDs: what all that a shard has for itself goes by in its journal."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_NOBODY = str(UUID(int=0))


@dataclass(frozen=True)
class Part:
    """What one shard recorded."""

    events: Sequence[Event]
    cut_short: bool = False


@dataclass(frozen=True)
class Merged:
    """The run as a whole."""

    ledger: Ledger
    events: Sequence[Event]
    """Of all shards, numbered as the ledger's evidence is."""


def merge(
    parts: Sequence[Part],
    spec: Spec,
    terms: Terms,
    about: Mapping[str, str],
    rules: Mapping[str, Rule] | None = None,
) -> Merged:
    """The ledger of all parts on these terms. Parts are taken in the order given; it shows in the numbers only.

    A part that was cut short leaves the run without a PASS, and nothing is asked for at its end, as ever. ``rules``
    default to all there are.
    """
    rules = catalogue() if rules is None else rules
    lined_up = in_line(parts)
    tallies = [_judged(events, spec, terms, rules) for events in lined_up]
    cut_short = any(part.cut_short for part in parts)
    for together in [[events] for events in lined_up] if RAW in about else [lined_up]:
        tallies += [] if cut_short else [_at_the_end(together, spec, terms, rules)]
    total = added_up(tallies)
    everything = [event for events in lined_up for event in events]
    total.cut_short_after = everything[-1].number if cut_short and everything else None
    able = frozenset(_Shard(spec, rules, terms=terms).rules)
    ledger = build(total, spec, terms, able, {**about, "shards": _spans(lined_up)})
    return Merged(ledger, everything)


def _spans(lined_up: Sequence[Sequence[Event]]) -> str:
    spans = [f"{events[0].number} to {events[-1].number}" for events in lined_up if events]
    return f"{len(lined_up)}, events {', '.join(spans)}"


# -- one after the other --------------------------------------------------------------------------------------


def in_line(parts: Sequence[Part]) -> list[list[Event]]:
    """The events of each part, without what it tells of the others, as if it had been recorded after those before."""
    found, numbers, seconds = [], 0, 0.0
    for part in parts:
        own = [event for event in part.events if not _is_of_another(event)]
        moved = [_moved(event, numbers, seconds) for event in own]
        if moved:
            numbers, seconds = moved[-1].number, max(map(_ended_s, moved)) + GAP_S
        found.append(moved)
    return found


def _is_of_another(event: Event) -> bool:
    return isinstance(event, Note) and event.kind is NoteKind.SKIPPED and event.data.get("whose") == OTHER_SHARD


def _moved(event: Event, numbers: int, seconds: float) -> Event:
    number = event.number + numbers
    if isinstance(event, Recorded):
        return replace(event, number=number, started_s=event.started_s + seconds, finished_s=event.finished_s + seconds)
    if isinstance(event, Handover):
        return replace(event, number=number, at_s=event.at_s + seconds, about=event.about and event.about + numbers)
    if isinstance(event, Note) and event.kind is NoteKind.DISTURBED and event.data.get("number", "").isdigit():
        data = {**event.data, "number": str(int(event.data["number"]) + numbers)}
        return replace(event, number=number, at_s=event.at_s + seconds, data=data)
    return replace(event, number=number, at_s=event.at_s + seconds)


def _ended_s(event: Event) -> float:
    return event.finished_s if isinstance(event, Recorded) else event.at_s


# -- judging --------------------------------------------------------------------------------------------------


class _Shard(Monitor):
    """A monitor that hands out its totals."""

    def totals(self) -> Tally:
        """What was judged so far."""
        return self._tally

    def last_totals(self) -> Tally:
        """What is judged at the end, and nothing else."""
        self._tally = Tally()
        self.finish()
        return self._tally


def _judged(events: Iterable[Event], spec: Spec, terms: Terms, rules: Mapping[str, Rule]) -> Tally:
    monitor = _Shard(spec, rules, terms=terms)
    for event in events:
        monitor.feed(event)
    return monitor.totals()


def _at_the_end(lined_up: Sequence[Sequence[Event]], spec: Spec, terms: Terms, rules: Mapping[str, Rule]) -> Tally:
    ending = {row: rule for row, rule in rules.items() if rule.end is not None}
    monitor = _Shard(spec, ending, terms=terms, watching={})
    names = _Names()
    for shard, events in enumerate(lined_up):
        for event in events:
            monitor.feed(names.apart(event, shard))
    totals = monitor.last_totals()
    for group in (group for row in totals.rows.values() for group in row.groups.values()):
        group.first = replace(group.first, verdict=names.back_in(group.first.verdict))
    return totals


class _Names:
    """Names of their own for what each shard has for itself, and the way back."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def apart(self, event: Event, shard: int) -> Event:
        """The event as the one history has it; what belongs to the first shard keeps its names."""
        if not shard:
            return event
        row = json.loads(_NAMES.sub(lambda found: self._other(found[0], shard), json.dumps(to_json(event))))
        if isinstance(row.get("probe"), dict):
            row["probe"]["pair"] += f"/{shard}"
        if "order" in row.get("data", ()):
            row["data"]["order"] = f"{shard}.{row['data']['order']}"
        return from_json(row)

    def back_in(self, verdict: Verdict) -> Verdict:
        """The verdict, told with the names that the journals have."""
        return replace(verdict, expected=self._back(verdict.expected), observed=self._back(verdict.observed))

    def _back(self, text: str) -> str:
        return _NAMES.sub(lambda found: self._known.get(found[0], found[0]), text)

    def _other(self, name: str, shard: int) -> str:
        if name == _NOBODY:
            return name
        if name[0] == "~":
            sign = "".join(_LETTERS[shard >> shift & 31] for shift in (5, 0))
            other = f"~{sign}{name[3:13]}" + (f".{sign}{name[16:]}" if name[13:] else "")
        else:
            other = f"{(int(name[:8], 16) + shard * 0x9E3779B1) & 0xFFFFFFFF:08x}{name[8:]}"
        self._known[other] = name
        return other


# -- adding up ------------------------------------------------------------------------------------------------


def added_up(tallies: Iterable[Tally]) -> Tally:
    """One tally of all; what came first stays first."""
    total = Tally()
    for tally in tallies:
        _add_verdicts(total, tally)
        _add_sightings(total, tally)
        _add_facts(total, tally)
    return total


def _add_verdicts(total: Tally, more: Tally) -> None:
    for row, tally in more.rows.items():
        own = total.rows[row]
        own.results.update(tally.results)
        own.plays |= tally.plays
        own.kept.update(tally.kept)
        for key, group in tally.groups.items():
            _add_group(own, key, group)
    for about, answers in more.confirmed.items():
        total.confirmed[about] |= answers


def _add_group(own: RowTally, key: tuple[Result, str, str], more: Group) -> None:
    if key not in own.groups:
        same = [known for known in own.groups if known[0] is key[0]]
        if len(same) < MOST_GROUPS:
            own.groups[key] = more
            return
        key = same[-1]
    group = own.groups[key]
    group.count += more.count
    group.plays.update(more.plays)
    group.who.update(more.who)
    group.exchanges = list(dict.fromkeys((*group.exchanges, *more.exchanges)))[:KEPT]


def _add_sightings(total: Tally, more: Tally) -> None:
    for reading, takes in more.takes.items():
        for name, take in takes.items():
            known = total.takes[reading].get(name)
            total.takes[reading][name] = Take(take.count + known.count, known.first) if known else take
    for code, status in more.statuses.items():
        own = total.statuses[code]
        own.answers += status.answers
        own.operations |= status.operations
        own.first = own.first or status.first
    for role, ends in more.calls.items():
        total.calls[role].update(ends)
    total.chances |= more.chances
    total.used |= more.used
    total.ordered = total.ordered or more.ordered
    total.events += more.events
    total.exchanges += more.exchanges


def _add_facts(total: Tally, more: Tally) -> None:
    for reading, why in more.broken_observers.items():
        total.broken_observers.setdefault(reading, why)
    total.broken_plays.update(more.broken_plays)
    total.skipped.update(more.skipped)
    total.withheld |= more.withheld
    for name, told in more.facts.items():
        known = total.facts.get(name, "")
        if told != known and told not in known.split(", "):
            total.facts[name] = f"{known}, {told}" if known else told
