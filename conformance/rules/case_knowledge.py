"""What is known of a patient's cases when a search is sent, and which of them it clearly wants.

Theory. A search is judged by what was declared before the run and by what other searches for the same patient have
shown, as long as nobody can have worked on the cases in between. The answers do not tell a case's status; it is known
where it was declared, or where searches for one status alone have found the case, all for the same one.

Dates decide only at a distance. The guide does not say whether bounds are included, in which zone a bound without a
zone is read, or whether a day alone means all of it; within that doubt a case is neither inside nor outside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, Note, NoteKind, State, doubtful, listing, per_exchange
from conformance.trace.events import TWIN
from conformance.trace.history import once
from conformance.wire import (
    TICKS_PER_DAY,
    DateFormat,
    Document,
    Moment,
    Record,
    Zone,
    date_format,
    parse_guid,
    parse_parameter_date,
    parse_xml_date,
    ticks_of,
)

SKIPPED_HTTP = frozenset({0, 401, 403, 406, 429, 503})
"""No answer, no entry, not in the wanted form, too many calls, still starting up: other clauses speak of these."""

OURS = frozenset({"suite", "schemathesis", "sketch"})
"""Senders during whose runs nobody else works on the server."""

PEOPLE_S = 30.0
"""How far apart two calls of anybody else may be and still see the same cases: people work there meanwhile."""

LOOK_BACK = 32
"""How many earlier searches count. What was seen before them says nothing new as a rule, and costs time."""

STATES: Mapping[str, str] = {"is_created": "created", "is_scanned": "scanned", "is_modelled": "modelled"}
"""Role of a status parameter -> the status it asks for, as fixtures call it."""

BOUNDS: Mapping[str, str] = {
    "created_from": "created",
    "created_to": "created",
    "delivered_from": "delivery",
    "delivered_to": "delivery",
}
"""Role of a date parameter -> role of the case's field that it bounds."""

RANGES = (("created_from", "created_to"), ("delivered_from", "delivered_to"))

_NEAR = TICKS_PER_DAY + TICKS_PER_DAY // 12  # 26 hours: the widest distance of two zones
_VAGUE = 2 * TICKS_PER_DAY  # and a whole day more or less where a zone or a time of day is missing
_ERA = (ticks_of(datetime(1990, 1, 1)), ticks_of(datetime(2100, 1, 1)))  # no case was made outside of it
_PLAIN_FLAGS = {"True": True, "False": False}  # as the guide writes them; whether other spellings count is a reading


@dataclass(frozen=True)
class Criteria:
    """What a search asks for besides the patient."""

    wanted: frozenset[str]
    """Roles of the status parameters that are true."""
    denied: frozenset[str]
    """Roles of those that are given and false."""
    bounds: Mapping[str, Moment]
    sure: bool
    """False when something is written in a way that servers may read differently."""

    @property
    def count(self) -> int:
        """How many criteria must be met at once; statuses are one together."""
        return len(self.bounds) + bool(self.wanted)


@per_exchange
def criteria(search: Exchange) -> Criteria:
    method = search.method
    assert method is not None
    wanted: set[str] = set()
    denied: set[str] = set()
    bounds: dict[str, Moment] = {}
    sure = not search.repeated and not doubtful(search, "integration_id")
    for role, text in search.values.items():
        kind = method.by_role[role].kind
        if kind is Kind.BOOLEAN:
            flag = _PLAIN_FLAGS.get(text)
            sure = sure and flag is not None
            (wanted if flag else denied).add(role)
        elif kind is Kind.DATE:
            moment = parse_parameter_date(text)
            sure = sure and date_format(text) in (DateFormat.ISO, DateFormat.ISO_TIME)
            if isinstance(moment, Moment):
                bounds[role] = moment
    clear = all(not pair.flaws for pair in search.pairs)
    return Criteria(frozenset(wanted), frozenset(denied), bounds, sure and clear)


def ordinary(exchange: Exchange) -> bool:
    """True for an everyday call: not the odd arm of a probe, which may fail for reasons of its own."""
    probe = exchange.probe
    return exchange.verb == "GET" and (probe is None or probe.arm == TWIN)


@per_exchange
def readable(search: Exchange) -> bool:
    """True when every record of the answer has an id that can be read; what is wrong otherwise is said elsewhere."""
    document = search.document
    if not isinstance(document, Document):
        return document is None
    return not document.unknown and all(record.guid("case") for record in document.records)


def documented(exchange: Exchange, spec: Spec) -> bool:
    """True when neither address nor parameter names excuse another answer than the documented one."""
    method = exchange.method
    if method is None or exchange.http_status in SKIPPED_HTTP or exchange.unknown or exchange.repeated:
        return False
    return exchange.path == f"{spec.service.base_path}/{method.name}"


def patient_of(search: Exchange) -> str:
    return search.values.get("integration_id", "")


def for_nobody(history: History, exchange: Exchange) -> bool:
    """True for a search turned down with HTTP 400 whose patient may be unknown: reading FIND-UNKNOWN-PATIENT."""
    if exchange.role != "find_cases" or exchange.http_status != 400:
        return False
    return history.proofs.integration_id(patient_of(exchange), exchange).state is not State.PRESENT


# -- other searches -------------------------------------------------------------------------------------------


def undisturbed(history: History, first: Exchange, last: Exchange) -> bool:
    """True when nobody but the senders of these calls can have worked on the cases in between."""
    foreign = history.notes(NoteKind.FOREIGN)
    if foreign and foreign[-1].number > first.number:
        return False
    ours = first.who in OURS and last.who in OURS
    return ours or last.started_s - first.finished_s <= PEOPLE_S


def trusted(history: History, note: Note, search: Exchange) -> bool:
    """True for what was declared before, as long as nobody else was seen at work since."""
    foreign = history.notes(NoteKind.FOREIGN)
    return note.number < search.number and not (foreign and foreign[-1].number > note.number)


@once
def earlier(history: History, search: Exchange) -> Sequence[Exchange]:
    """Earlier searches for the same patient that can be compared with this one, newest first."""
    found: list[Exchange] = []
    for other in reversed(history.cases.searches(patient_of(search))):
        if other is search or not other.before(search) or not ordinary(other) or not readable(other):
            continue
        if not undisturbed(history, other, search) or len(found) == LOOK_BACK:
            break
        found.append(other)
    return found


def owner_of(history: History, number: UUID, record: Record, search: Exchange) -> tuple[str, int] | None:
    """Whose case it is and the number of the event that says so, or None where that is not known."""
    for noted in history.cases.declared("case", number):
        if noted.number < search.number and noted.data.get("integration_id"):
            return noted.data["integration_id"], noted.number
    for seen in history.cases.sightings(number):
        asked_for, told = patient_of(seen.exchange), seen.record.text("integration_id")
        compared = seen.exchange.before(search) and undisturbed(history, seen.exchange, search)
        if compared and asked_for and told in ("", asked_for):
            return asked_for, seen.exchange.number
    own = record.text("integration_id")
    return (own, search.number) if own and (own == patient_of(search) or history.cases.in_use(own)) else None


@once
def own_cases(history: History, search: Exchange) -> Mapping[UUID, Record] | None:
    """What an everyday search found, without cases that are known to be somebody else's; None where it found no list.

    Those others are a breach of their own, and would only make it look as if criteria did not work.
    """
    found, mine = listing(search), patient_of(search)
    if found is None or not mine or not ordinary(search) or not readable(search):
        return None
    owners = {case: owner_of(history, case, record, search) for case, record in found.items()}
    return {case: found[case] for case, owner in owners.items() if owner is None or owner[0] == mine}


# -- cases ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownCase:
    """What is known of a case from elsewhere than the answer that is judged."""

    id: UUID
    created: Moment | None
    delivery: Moment | None
    state: str
    """created, scanned or modelled; '' where that is not known."""
    declared: bool
    """True when its state was declared, not gathered from searches."""
    seen: bool
    """True when some search has found it; one that never was is missing everywhere, not from one search."""
    numbers: tuple[int, ...]

    def moment(self, field: str) -> Moment | None:
        return self.created if field == "created" else self.delivery


@once
def known_cases(history: History, search: Exchange) -> Mapping[UUID, KnownCase]:
    """The patient's cases as declared, and as earlier searches showed them."""
    found: dict[UUID, KnownCase] = {}
    others = earlier(history, search)
    states = _states(others)
    for other in others:
        for case, record in (listing(other) or {}).items():
            if case not in found and not _somebody_elses(history, case, record, search):
                state = next(iter(states[case])) if len(states[case]) == 1 else ""
                created, delivery = record.moment("created"), record.moment("delivery")
                found[case] = KnownCase(case, created, delivery, state, False, True, (other.number,))
    for note in history.cases.declared_cases(patient_of(search)):
        named = parse_guid(note.data.get("case", ""))
        if isinstance(named, UUID) and trusted(history, note, search):
            found[named] = _declared(named, note.number, note.data, found.get(named))
    return found


def _somebody_elses(history: History, case: UUID, record: Record, search: Exchange) -> bool:
    owner = owner_of(history, case, record, search)
    return owner is not None and owner[0] != patient_of(search)


def _states(searches: Sequence[Exchange]) -> Mapping[UUID, set[str]]:
    """Case -> the statuses under which searches for a single status have found it.

    Empty until each status was searched for alone: a search that finds too much would speak for all its cases.
    """
    states: dict[UUID, set[str]] = defaultdict(set)
    alone: set[str] = set()
    for search in searches:
        wish = criteria(search)
        if wish.sure and len(wish.wanted) == 1:
            alone.update(wish.wanted if not wish.bounds else ())
            for case in listing(search) or {}:
                states[case].update(STATES[role] for role in wish.wanted)
    return states if alone == STATES.keys() else defaultdict(set)


def _declared(case: UUID, number: int, data: Mapping[str, str], seen: KnownCase | None) -> KnownCase:
    dates = {field: parse_xml_date(data.get(field, "")) for field in ("created", "delivery")}
    created, delivery = (
        date if isinstance(date, Moment) else seen.moment(field) if seen is not None else None
        for field, date in dates.items()
    )
    state = data.get("state", "")
    known = state in STATES.values()
    gathered = seen.state if seen is not None else ""
    return KnownCase(case, created, delivery, state if known else gathered, known, seen is not None, (number,))


def as_listed(case: UUID, record: Record, search: Exchange) -> KnownCase:
    """A case of which nothing is known but what the judged answer itself says."""
    return KnownCase(case, record.moment("created"), record.moment("delivery"), "", False, True, (search.number,))


# -- inside and outside ---------------------------------------------------------------------------------------


class Side(Enum):
    INSIDE = 1
    OUTSIDE = 2
    DOUBTFUL = 3


def side(case: KnownCase, role: str, bound: Moment) -> Side:
    """On which side of one bound the case clearly lies."""
    date = case.moment(BOUNDS[role])
    if date is None and BOUNDS[role] == "created":
        first, last, slack = *_ERA, 0
    elif date is None or date.is_minimal:
        return Side.DOUBTFUL
    else:
        first = last = date.ticks
        slack = _NEAR if Zone.NONE not in (date.zone, bound.zone) else _VAGUE
    if role.endswith("_from"):
        return _side(first - slack >= bound.ticks, last + slack < bound.ticks)
    return _side(last + slack <= bound.ticks, first - slack > bound.ticks)


def _side(inside: bool, outside: bool) -> Side:
    return Side.INSIDE if inside else Side.OUTSIDE if outside else Side.DOUBTFUL


def within(case: KnownCase, wish: Criteria) -> bool:
    """True when the case clearly lies within every bound."""
    return all(side(case, role, bound) is Side.INSIDE for role, bound in wish.bounds.items())


def in_state(case: KnownCase, wish: Criteria) -> Side:
    """Whether the case is in a status that the search asks for; a search that asks for none takes all."""
    if not wish.wanted:
        return Side.DOUBTFUL if wish.denied else Side.INSIDE
    if not case.state:
        return Side.DOUBTFUL
    return Side.INSIDE if case.state in {STATES[role] for role in wish.wanted} else Side.OUTSIDE


def surely_wanted(case: KnownCase, wish: Criteria) -> bool:
    return wish.sure and within(case, wish) and in_state(case, wish) is Side.INSIDE


# -- ranges ---------------------------------------------------------------------------------------------------


def order(first: Moment, last: Moment) -> Side:
    """Whether a range from ``first`` to ``last`` is possible (INSIDE), impossible (OUTSIDE), or a matter of reading."""
    gap = first.ticks - last.ticks
    slack = 0 if _zone(first) == _zone(last) else _NEAR
    whole_day = TICKS_PER_DAY if is_day(last) and not is_day(first) else 0
    if gap <= -slack:
        return Side.INSIDE
    impossible = gap >= slack + whole_day if slack or whole_day else gap > 0
    return Side.OUTSIDE if impossible else Side.DOUBTFUL


def _zone(moment: Moment) -> str:
    return moment.text.strip()[-6:] if moment.zone is Zone.OFFSET else moment.zone.value


def is_day(moment: Moment) -> bool:
    """True for a date without a time."""
    return ":" not in moment.text


def ranges(wish: Criteria) -> Mapping[str, Side]:
    """The ranges with two ends, by the role of the first, and whether each is possible."""
    return {
        first: order(wish.bounds[first], wish.bounds[last])
        for first, last in RANGES
        if first in wish.bounds and last in wish.bounds
    }


# -- words ----------------------------------------------------------------------------------------------------


def parameter(spec: Spec, role: str) -> str:
    """How the parameter of a search is spelled."""
    return spec.method["find_cases"].by_role[role].name


def asked(search: Exchange, spec: Spec) -> str:
    """The criteria of a search in words; without the patient."""
    method = spec.method["find_cases"]
    texts = [f"{method.by_role[role].name}={text}" for role, text in search.values.items() if role != "integration_id"]
    return " and ".join(texts) or "no criterion"


def amount(found: Sized) -> str:
    """How many cases, in words."""
    return "1 case" if len(found) == 1 else f"{len(found) or 'no'} cases"


def statuses(wish: Criteria) -> str:
    """The statuses that a search asks for, in words."""
    return " and ".join(STATES[role] for role in STATES if role in wish.wanted)
