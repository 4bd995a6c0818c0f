"""What a PMS says it understood of a list of stations, beside the list that it got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from conformance.rules.at_odds import at_odds
from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.polling import OPERATIONS
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Kind, Spec
from conformance.trace import (
    Exchange,
    History,
    Note,
    NoteKind,
    Order,
    Sketch,
    call,
    done,
    guid,
    hidden,
    note,
    order,
    poll,
    shown,
)
from conformance.trace.orders import PMS
from conformance.wire import (
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    Document,
    Malformed,
    Moment,
    Record,
    Value,
    Zone,
    parse_guid,
    parse_xml_date,
)

TRUE_ALL_THE_SAME = frozenset({"", "optional-elements-left-out", "elements-of-the-sample"})
"""What may be done on purpose to an answer that still tells what the server meant."""
Row = Mapping[str, str]
"""A thing that was shown, by field role."""


@dataclass(frozen=True)
class Shown:
    """An order to look something up that was answered, and the last answer of the server to it.

    ``records`` are those of every sound answer, since a search may be made in parts; of a case the newest counts.
    """

    order: Order
    end: Note
    source: Exchange
    records: Sequence[Record]

    @property
    def done(self) -> bool:
        return self.order.answer == "done"


def looked_up(history: History, note: Note, does: str, role: str) -> Shown | None:
    """What ``note`` ends: an order of this kind whose last call of that method brought a sound answer.

    None where nobody could say what the PMS shows.
    """
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != does or order_.answer not in ANSWERED:
        return None
    if note.data.get("untold"):
        return None
    calls = order_.of(role)
    if not calls or not _sound(calls[-1]) or isinstance(calls[-1].document, Malformed):
        return None
    return Shown(order_, note, calls[-1], _records(calls if role == "find_cases" else calls[-1:]))


def _records(calls: Sequence[Exchange]) -> Sequence[Record]:
    sound = [e.document for e in calls if _sound(e) and isinstance(e.document, Document)]
    records = [record for document in sound for record in document.records]
    newest = {record.guid("case"): record for record in records if record.guid("case") is not None}
    return tuple(newest.values()) if newest else tuple(records)


def _sound(exchange: Exchange) -> bool:
    return exchange.succeeded and exchange.disturbed in TRUE_ALL_THE_SAME


def given(row: Row, role: str) -> str | None:
    """The text that was shown for a field; None where the PMS does not tell of it."""
    return row.get(role, "") if role in row.get("fields", "").split() else None


def guid_of(row: Row, role: str) -> UUID | None:
    found = parse_guid(row.get(role, ""))
    return found if isinstance(found, UUID) else None


def differs(record: Record, row: Row, role: str) -> bool:
    """True when the PMS shows something else than it was told. What cannot be read in the answer is left to it."""
    text, value = given(row, role), record.get(role)
    if text is None or isinstance(value, Malformed):
        return False
    return not means(text, value)


def means(text: str, value: Value | None) -> bool:
    """True when the text says the same as the value of an answer; an absent value is shown as none."""
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, UUID):
        return parse_guid(text) == value
    if isinstance(value, Moment):
        return same_moment(text, value)
    if value is None:
        return text.strip() in ("", "false")
    return _same_text(text.split(), str(value).split())


def _same_text(words: list[str], others: list[str]) -> bool:
    """Word by word. Where a name was met in one of two free texts only, redaction leaves nothing to compare."""
    some = any(hidden(word) for word in (*words, *others))
    whole = all(word.startswith("~") for word in (*words, *others))
    return words == others or (some and not whole and bool(words) and bool(others))


_HOUR = 3_600 * TICKS_PER_SECOND
_ZONES = 14 * _HOUR
_WESTERNMOST, _EASTERNMOST = -12 * _HOUR, 14 * _HOUR


def same_moment(text: str, value: Moment) -> bool:
    """The same instant; without a zone, or as a date alone, one that it can be somewhere on earth."""
    if value.is_minimal:
        return True
    found = parse_xml_date(text)
    if isinstance(found, Malformed):
        return False
    a_day = len(text) <= len("2019-11-14")
    if a_day and value.zone is not Zone.NONE:
        return _may_be_the_day(found.ticks, value.ticks)
    slack = TICKS_PER_SECOND
    if Zone.NONE in (found.zone, value.zone):
        slack = _ZONES + TICKS_PER_DAY if a_day else _ZONES
    return abs(found.ticks - value.ticks) <= slack


def _may_be_the_day(midnight: int, instant: int) -> bool:
    """True when the clocks of some zone show that day at the instant: most days around it, but not both."""
    return instant + _WESTERNMOST - TICKS_PER_DAY < midnight <= instant + _EASTERNMOST


def odd(record: Record, spec: Spec) -> bool:
    """True for a record with elements that are unknown, left out or in an order of their own."""
    return bool(oddities(record, spec))


def oddities(record: Record, spec: Spec) -> frozenset[str]:
    """What is out of the ordinary about a record: elements that are unknown, left out, or not where they belong.

    Of an order of its own it also tells whether the first element is another one: who reads by place loses the id.
    """
    names = [field.name for field in spec.record[record.type].fields]
    known = [name for name in record.order if name in names]
    found = {f"{record.type} with {name}" for name in record.unknown}
    found |= {f"{record.type} without {name}" for name in names if name not in known}
    if known != [name for name in names if name in known]:
        found.add(f"{record.type} in another order")
    if known[:1] != names[:1]:
        found.add(f"{record.type} with another beginning")
    return frozenset(found).union(*(oddities(part, spec) for part in _parts(record, spec)))


def _parts(record: Record, spec: Spec) -> list[Record]:
    lists = [field.role for field in spec.record[record.type].fields if field.kind is Kind.RECORDS]
    return [part for role in lists for part in record.records(role)]


# -- stations -------------------------------------------------------------------------------------------------

STALE_S = 180
"""So old a list is no news any more; one that is kept for a minute is, where clocks run a little fast."""

TWO = call("list_stations", answer=[{"station": guid(n), "hostname": f"PC-{n}", "busy": False} for n in (7, 8)])
UNTOLD = note(NoteKind.ORDER, order="1", phase="end", answer="done", status_code="", told="yes", untold="yes")
FIRST = shown("station", station=7, hostname="PC-7", busy="false")
SECOND = shown("station", station=8, hostname="PC-8")


def _offered(*rows: Sketch, answer: str = "done") -> Sketch:
    return order("list_stations") + TWO + sum(rows, Sketch(())) + done(answer)


ONE_BUSY = call("list_stations", answer=[{"station": guid(n), "hostname": f"PC-{n}", "busy": n == 8} for n in (7, 8)])

NOTHING = Sketch(())


def _to_station(number: int, answer: str, calls: Sketch = NOTHING) -> Sketch:
    """An order for this station, and the calls that it led to."""
    return order("select_patient", person="17", at="station", station=str(guid(number))) + calls + done(answer)


RESTARTED = order("restart", "2") + done(name="2")


def _long(seconds: int) -> Sketch:
    """An order that takes so long."""
    return order("select_patient", "2", person="17") + poll(1, "awaiting") * seconds + done(name="2")


def _from_memory(since: Sketch = NOTHING, answer: str = "done", *, fetched: bool = True) -> Sketch:
    """A list that was fetched, what happened since, and the list shown once more without a call."""
    again = shown("station", "3", station=7, hostname="PC-7")
    first = _offered(FIRST, SECOND) if fetched else NOTHING
    return first + since + order("list_stations", "3") + again + done(answer, "3")


@rule(
    "STN-028",
    judges=NoteKind.ORDER,
    accepts=[
        _offered(FIRST, SECOND),
        _offered(SECOND, FIRST),
        _from_memory(_long(STALE_S // 2)),
        _offered(shown("station", hostname="PC-7"), shown("station", hostname="PC-8")),
        ONE_BUSY + _to_station(8, "done", call("select_patient", integration_id="A", station=8)),
    ],
    rejects=[
        _offered(FIRST),
        _offered(shown("station", hostname="PC-7")),
        _offered(shown("station", hostname="PC-7"), shown("station", hostname="PC-9")),
        ONE_BUSY + _to_station(8, "refused"),
        _offered(),
        _offered(FIRST, SECOND, shown("station", station=9)),
        _offered(FIRST, SECOND, SECOND),
        _offered(answer="failed"),
        _from_memory(RESTARTED),
        _from_memory(_long(STALE_S)),
        _from_memory(fetched=False),
    ],
    ignores=[
        _from_memory(RESTARTED, "failed", fetched=False),
        order("list_stations") + done(),
        ONE_BUSY + _to_station(8, "refused", call("list_stations", answer=[])),
        _to_station(8, "refused"),
        ONE_BUSY + _to_station(8, "refused") + _to_station(7, "refused"),
        _offered(shown("station", busy="no")),
        order("list_stations") + TWO.refused(500) + done("failed"),
        order("list_stations") + TWO + done("unsaid"),
        order("list_stations") + TWO + UNTOLD,
        TWO,
    ],
)
def every_station_is_offered(history: History, note: Note, spec: Spec) -> Verdict | None:
    """All stations of the list, each once, and no others; of a list that was asked for not long ago."""
    found = looked_up(history, note, "list_stations", "list_stations")
    if found is None:
        return _shown_from_memory(history, note)
    rows = found.order.items("station")
    if any(given(row, "station") is None for row in rows):
        return _offered_by_name(found, rows)
    told = {record.guid("station") for record in found.records}
    offered = [guid_of(row, "station") for row in rows]
    kept = told == set(offered) and not repeated(offered)
    return judged(kept, f"the {len(told)} stations of the list", seen_of(told, offered), found.source, note)


def _offered_by_name(found: Shown, rows: Sequence[Row]) -> Verdict | None:
    """The same where ids are not told: by the names of the computers, if those are."""
    names = [given(row, "hostname") for row in rows]
    told = {record.text("hostname") for record in found.records}
    if None in names or "" in told or len(told) != len(found.records):
        return None
    expected = f"the {len(told)} stations of the list, by their names"
    observed = f"{len(told & set(names))} of them and {len(set(names) - told)} others"
    return judged(told == set(names) and len(names) == len(told), expected, observed, found.source, found.end)


def _shown_from_memory(history: History, note: Note) -> Verdict | None:
    """Stations that are shown without a look whether they are still there: for a moment that is nobody's harm.

    Counted is only the time in which the PMS had something to do: between two orders clocks are put forward.
    """
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != "list_stations" or order_.answer != "done":
        return None
    if note.data.get("untold") or not order_.items("station") or order_.of("list_stations"):
        return None
    known = (e for e in reversed(history.of("list_stations")) if e.who in PMS and e.succeeded)
    newest = next(known, None)
    expected = "stations of a list that is asked for"
    if newest is None:
        return breaks(expected, "stations, and no list ever", note)
    since = [o for o in history.orders.all if o.end is not None and newest.number < o.end.number < order_.begin.number]
    worked_s = sum(o.end.at_s - max(o.begin.at_s, newest.finished_s) for o in since if o.end is not None)
    if any(o.does == "restart" for o in since):
        return breaks(expected, "those of a list from before the program was started", newest, note)
    return breaks(expected, "those of an old list", newest, note) if worked_s >= STALE_S else None


def repeated(shown: Sequence[UUID | None]) -> set[UUID]:
    """Ids of what is shown more than once."""
    return {number for number, times in Counter(shown).items() if number is not None and times > 1}


def seen_of(told: Set[UUID | None], shown: Sequence[UUID | None]) -> str:
    """How much of what was told is shown, in words for a finding."""
    twice = len(repeated(shown))
    more = f", {twice} more than once" if twice else ""
    return f"{len(told & set(shown))} of them and {len(set(shown) - told)} others{more}"


@every_station_is_offered.at_end
def busy_stations_get_their_work(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each order for a station that was busy by the newest list: the user has decided, and a busy station takes it."""
    for order_ in history.orders.all:
        chosen, end = parse_guid(order_.data.get("station", "")), order_.end
        if not isinstance(chosen, UUID) or end is None or order_.answer not in ANSWERED:
            continue
        listed = next((e for e in reversed(history.of("list_stations")) if _sound(e) and e.number < end.number), None)
        if listed is None or not _is_busy(chosen, listed.document):
            continue
        if order_.of(*OPERATIONS):
            yield holds(listed, end)
        elif order_.answer == "refused" and not _refused_elsewhere(history, order_, listed.document):
            yield breaks("the operation sent, though the station is busy", "the PMS refused", listed, end)


def _is_busy(station: UUID, listed: object) -> bool:
    records = listed.records if isinstance(listed, Document) else ()
    return any(record.guid("station") == station and record.get("busy") is True for record in records)


def _refused_elsewhere(history: History, own: Order, listed: object) -> bool:
    """True when the PMS refuses the same of stations that are not busy: then it is not for that."""
    alike = (o for o in history.orders.all if o.does == own.does and o.answer == "refused" and not o.of(*OPERATIONS))
    chosen = (parse_guid(o.data.get("station", "")) for o in alike if o.data.get("station"))
    return any(isinstance(station, UUID) and not _is_busy(station, listed) for station in chosen)


@rule(
    "FLOW-003",
    judges=NoteKind.ORDER,
    accepts=[_offered(FIRST, SECOND)],
    rejects=[
        _offered(shown("station", station=7, hostname="PC-8")),
        _offered(shown("station", station=7)),
        _offered(shown("station", station=7, hostname=str(guid(7)))),
        _offered(FIRST, shown("station", station=8, hostname="PC-8", busy="true")),
    ],
    ignores=[_offered(), _offered(shown("station", station=9, hostname="PC-9"))],
)
def stations_are_shown_as_people_know_them(history: History, note: Note, spec: Spec) -> Verdict | None:
    """By the name of the computer, where the server told one; and busy when it is busy."""
    found = looked_up(history, note, "list_stations", "list_stations")
    told = {record.guid("station"): record for record in found.records} if found is not None else {}
    rows = [
        (told[who], row)
        for row in (found.order.items("station") if found else ())
        if (who := guid_of(row, "station")) in told
    ]
    if found is None or not rows:
        return None
    roles = ("hostname", "busy", "operator_name")
    wrong = [(record, row, role) for record, row in rows for role in roles if differs(record, row, role)]
    wrong += [
        (record, row, "hostname")
        for record, row in rows
        if record.text("hostname") and not row.get("hostname", "").strip()
    ]
    if not wrong:
        return holds(found.source, note)
    record, row, role = wrong[0]
    observed = at_odds("station", record.guid("station"), role, row.get(role, ""), record.get(role))
    return breaks("each station's own name and state", observed, found.source, note)
