"""What the list says of each station: host name, modules, the user who is signed in, and the time stamp."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

from conformance.rules.at_odds import UNLESS
from conformance.rules.catalogue import rule
from conformance.rules.evidence import YES
from conformance.rules.stations import declared, fixture, info, listing, pairs, records_of, told_apart
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, Sketch, hidden
from conformance.wire import TICKS_PER_DAY, TICKS_PER_SECOND, Moment, Record, Zone, ticks_of

TICKS_PER_HOUR = 3_600 * TICKS_PER_SECOND


@rule(
    "STN-009",
    judges="list_stations",
    accepts=[
        fixture() + listing(info(hostname="pc-7")),
        fixture(hostname="PC-7.clinic") + listing(info()),
        fixture(hostname="HOLM-PC") + listing(info(hostname="~4ui2ensfch7n.f4k5mp-PC")),
        listing(info()),
    ],
    rejects=[
        fixture() + listing(info(hostname="PC-8")),
        listing(info(hostname="")),
        listing(info(hostname=None)),
        listing(info(), info(8, hostname=" ")),
    ],
    ignores=[listing()],
)
def a_station_is_told_by_its_host_name(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """Every station has the name of its computer: the one declared, with or without its domain, where there is one."""
    records = records_of(answer)
    if not records:
        return None
    names = {station: fact for fact, station in declared(history, answer) if fact.data.get("hostname")}
    for record in records:
        station, found = record.guid("station"), record.text("hostname").strip()
        if not found:
            return breaks("the name of the computer", f"no host name of station {station}", answer)
        fact = names.get(station) if station is not None else None
        if fact is not None and _host(fact.data["hostname"]) != _host(found) and not hidden(found):
            expected = f"the host name {fact.data['hostname']} of station {station}, as was declared"
            return breaks(expected, f"{found}, {UNLESS}", fact, answer)
    return holds(answer)


def _host(name: str) -> str:
    return name.strip().casefold().partition(".")[0]


def modules(*pairs: tuple[str, str | None]) -> dict[str, object]:
    return info(modules=[{"id": id, "title": title} for id, title in pairs])


@rule(
    "STN-019",
    judges="list_stations",
    accepts=[
        listing(info()) * 2,
        listing(modules(("V.Scan", "Scan"), ("V.Model", "Model"))) + listing(modules(("V.Model", "Model"))),
        listing(modules(("V.Scan", "Scan"))) + listing(modules(("V.Model", "Model"))),
        fixture(modules="v.scan") + listing(modules(("V.Scan", "Scan"), ("V.Model", "Model"))),
        fixture(modules="V.Plan", connected="no") + listing(modules(("V.Scan", "Scan"))),
    ],
    rejects=[
        fixture(modules="V.Scan V.Model") + listing(modules(("V.Scan", "Scan"))),
        fixture(modules="V.Scan") + listing(modules(("V.Scan.2", "Scan"))),
        listing(modules(("", "Scan"))),
        listing(modules(("V.Scan", "Scan"), ("V.Scan", "Model"))),
        listing(modules(("V.Scan", "Scan"))) + listing(modules(("V.Scan.2", "Scan"))),
    ],
    ignores=[listing(info(modules=[])), listing(info(modules=None)), listing()],
)
def a_module_is_told_by_its_id(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """Each module of a station has an id of its own, which is the one that was declared, and the same in the next list.

    Where it was not declared what is installed at a station, nobody can tell whether a module is missing (STN-029).
    """
    installed = [list(record.records("modules")) for record in records_of(answer) or ()]
    if not any(installed):
        return None
    for found in installed:
        ids = [module.text("id").strip() for module in found]
        if "" in ids or len(set(ids)) != len(ids):
            return breaks(
                "an id of its own for each module of a station", f"the ids {', '.join(map(repr, ids))}", answer
            )
    for fact, station in declared(history, answer):
        record = next((each for each in records_of(answer) or () if each.guid("station") == station), None)
        absent = _absent(record, fact) if record is not None else ""
        if absent:
            return breaks(f"the module {absent} at station {station}, as was declared", f"none, {UNLESS}", fact, answer)
    for former, then, now in pairs(history, answer, "station"):
        old, new = told_apart(then.records("modules"), "title"), told_apart(now.records("modules"), "title")
        for title in old.keys() & new.keys():
            if old[title].text("id") != new[title].text("id"):
                expected = f"the module id {old[title].text('id')}, as at exchange {former.number}"
                return breaks(expected, new[title].text("id"), former, answer)
    return holds(answer)


def _absent(record: Record, fact: Note) -> str:
    """The id of a module that is not there though it was declared for a station in use; '' for none."""
    if fact.data.get("connected") not in YES:
        return ""
    ids = [module.text("id").strip() for module in record.records("modules")]
    told = {id.casefold() for id in ids}
    named = fact.data.get("modules", "").split()
    return "" if any(map(hidden, ids)) else next((id for id in named if id.casefold() not in told), "")


@rule(
    "STN-021",
    judges="list_stations",
    accepts=[listing(info())],
    rejects=[listing(modules(("V.Scan", ""))), listing(modules(("V.Scan", None)))],
    ignores=[listing(info(modules=[])), listing()],
)
def a_module_has_a_title(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """Every module has a name that people can read."""
    found = [module for record in records_of(answer) or () for module in record.records("modules")]
    if not found:
        return None
    without = next((module for module in found if not module.text("title").strip()), None)
    observed = f"no title of module {without.text('id')}" if without is not None else ""
    return judged(without is None, "the full name of each module", observed, answer)


def _ada(id: str) -> dict[str, object]:
    return info(operator_id=id, operator_name="Ada")


TWO_USERS = listing(_ada("x"), info(8, operator_id="y", operator_name="Bob"))


@rule(
    "STN-024",
    judges="list_stations",
    accepts=[
        listing(info()),
        listing(info(operator_id="", operator_name=None)),
        listing(info(operator_id="x", operator_name="Ada"), info(8, operator_id="x", operator_name="Ada")),
        listing(info(operator_id="x", operator_name="Ada"), info(8, operator_id="y", operator_name="Ada")),
        listing(_ada("x")) + listing(_ada("y")) + listing(_ada("x")),
        TWO_USERS + listing(_ada("x"), info(8, operator_id="y", operator_name="Bobby")),
        TWO_USERS + listing(_ada("x"), info(8, operator_id="x", operator_name="Ada")),
        fixture(operator_id="x", operator_name="Ada") + listing(_ada("x")),
        fixture(operator_id="x", operator_name="Ada") + listing(info(operator_id="x", operator_name="~4ui2ensfch7n")),
        fixture(operator_id="x", operator_name="Ada", connected="no") + listing(_ada("y")),
    ],
    rejects=[
        fixture(operator_id="x", operator_name="Ada") + listing(_ada("y")),
        fixture(operator_id="x", operator_name="Ada") + listing(info(operator_id="x", operator_name="Bob")),
        listing(info(operator_id=None)),
        listing(info(operator_name="")),
        listing(info(operator_id="x", operator_name="Ada"), info(8, operator_id="x", operator_name="Bob")),
        listing(info(operator_id="Ada", operator_name="x"), info(8, operator_id="Ada", operator_name="y")),
        listing(_ada("x")) + listing(_ada("y")) + listing(_ada("z")),
        TWO_USERS + listing(_ada("x"), info(8, operator_id="y", operator_name="Ada")),
    ],
    ignores=[listing()],
)
def id_and_name_are_those_of_one_user(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """Where a user is signed in, both name and id are told; one id never stands for two names.

    Nor is somebody a third person under the same name in three lists, one after the other, or called like somebody else
    of the list before. Where it was declared who is signed in at a station, it is nobody else.
    """
    names: dict[str, str] = {}
    for record in records_of(answer) or ():
        id, name = record.text("operator_id").strip(), record.text("operator_name").strip()
        if bool(id) != bool(name):
            observed = f"{'only the id' if id else 'only the name'} at station {record.guid('station')}"
            return breaks("name and id of the user who is signed in, or neither", observed, answer)
        if names.setdefault(id, name) != name:
            return breaks(f"one name for the user {id}", f"{names[id]} and {name}", answer)
    for fact, station in declared(history, answer):
        other = next((r for r in records_of(answer) or () if r.guid("station") == station and _is_other(r, fact)), None)
        if other is not None:
            expected = (
                f"{fact.data['operator_name']}, {fact.data['operator_id']}, at station {station}, as was declared"
            )
            observed = f"{other.text('operator_name')}, {other.text('operator_id')}, {UNLESS}"
            return breaks(expected, observed, fact, answer)
    for before, then, now in pairs(history, answer, "station"):
        if _is_called_like_another(then, now, records_of(before) or ()):
            expected = f"{then.text('operator_name')} as name of the user {now.text('operator_id')}, as before"
            return breaks(expected, f"{now.text('operator_name')}, which is another one's", before, answer)
        for earlier, first, _ in pairs(history, before, "station"):
            if first.get("station") == now.get("station") and _is_new_each_time(first, then, now):
                expected = f"the id {then.text('operator_id')} of {now.text('operator_name')}, as before"
                return breaks(
                    expected, f"another one in each list, now {now.text('operator_id')}", earlier, before, answer
                )
    return holds(answer) if records_of(answer) else None


def _is_other(record: Record, fact: Note) -> bool:
    """True when somebody else is told to be signed in than was declared, in full, for a station in use."""
    if fact.data.get("connected") not in YES or not fact.data.get("operator_name") or not fact.data.get("operator_id"):
        return False
    told = [(record.text(role).strip(), fact.data[role].strip()) for role in ("operator_name", "operator_id")]
    return any(shown and shown != known and not hidden(shown) for shown, known in told)


def _is_called_like_another(then: Record, now: Record, before: Sequence[Record]) -> bool:
    """True when the same id has another name, which was the name of another id in the list before."""
    id, name = now.text("operator_id").strip(), now.text("operator_name").strip()
    same = bool(id) and id == then.text("operator_id").strip() and name != then.text("operator_name").strip()
    named = {record.text("operator_id").strip() for record in before if record.text("operator_name").strip() == name}
    return same and bool(named) and id not in named


def _is_new_each_time(*records: Record) -> bool:
    """True when the same name stands beside another id in each record."""
    ids = {record.text("operator_id").strip() for record in records}
    names = {record.text("operator_name").strip() for record in records}
    return len(names) == 1 and names != {""} and len(ids) == len(records)


# -- the time stamp -------------------------------------------------------------------------------------------


def stamped(timestamp: str, date: str = "") -> Sketch:
    """A list of one station, with the server's own time in the Date header where one is given."""
    made = listing(info(timestamp=timestamp))
    return made.but(reply_headers={"date": date}) if date else made


NOON = "Mon, 06 May 2024 12:00:00 GMT"


@rule(
    "STN-026",
    judges="list_stations",
    accepts=[
        stamped("2024-05-06T14:00:01+02:00", NOON),
        stamped("2019-11-14T13:14:20.7395144+02:00"),
        stamped("2024-05-07T01:00:00", NOON),
        stamped("2024-05-06T12:30:00Z", NOON),
    ],
    rejects=[
        stamped("0001-01-01T00:00:00"),
        stamped("1753-01-01T00:00:00Z", NOON),
        stamped("2024-05-09T12:00:00Z", NOON),
        stamped("2024-05-06T13:00:00Z", NOON),
        stamped("2034-05-06T12:00:00", NOON),
    ],
    ignores=[stamped("yesterday", NOON), listing()],
)
def a_time_stamp_is_a_moment_that_was(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """A time stamp is no stand-in for never, and no time to come by the clock of the server that sent it.

    Clocks of stations and of the server differ, but by less than zones do; a time without a zone has a day. The
    server's own clock is told by its Date header.
    """
    found = _stamps(answer)
    if not found:
        return None
    now = _date(answer)
    for moment in found:
        if moment.is_minimal:
            return breaks("the time at which the information was made", moment.text, answer)
        if now is not None and moment.earliest > now + _tolerance(moment):
            sent = answer.event.reply.headers["date"] if answer.event.reply else ""
            return breaks(f"no time after the answer, which was sent on {sent}", moment.text, answer)
    return holds(answer)


def _tolerance(moment: Moment) -> int:
    return TICKS_PER_DAY // 32 if moment.earliest == moment.latest else TICKS_PER_DAY


def _stamps(answer: Exchange) -> list[Moment]:
    found = (record.moment("timestamp") for record in records_of(answer) or ())
    return [moment for moment in found if moment is not None]


def _date(answer: Exchange) -> int | None:
    """Ticks of the answer's Date header."""
    text = answer.event.reply.headers.get("date", "") if answer.event.reply else ""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return ticks_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@rule(
    "STN-030",
    judges="list_stations",
    accepts=[stamped("2024-05-06T11:59:59Z", NOON), stamped("2024-05-05T13:00:00Z", NOON)],
    rejects=[stamped("2024-05-04T11:00:00Z", NOON), stamped("2019-11-14T13:14:20", NOON)],
    ignores=[stamped("2019-11-14T13:14:20"), stamped("0001-01-01T00:00:00", NOON)],
)
def a_time_stamp_is_recent(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """What the list says of a station is not older than a day."""
    now, found = _date(answer), [moment for moment in _stamps(answer) if not moment.is_minimal]
    if now is None or not found:
        return None
    oldest = min(found, key=lambda moment: moment.latest)
    recent = oldest.latest >= now - TICKS_PER_DAY
    return judged(recent, "a time stamp of the last day before the answer", oldest.text, answer)


@rule(
    "STN-027",
    judges="list_stations",
    accepts=[
        stamped("2024-05-06T11:00:00Z") + stamped("2024-05-06T11:00:01Z"),
        stamped("2024-05-06T11:00:00Z") * 2,
        stamped("2024-05-06T11:00:00Z") + stamped("2024-05-06T12:59:59+02:00"),
        stamped("2024-10-27T02:59:00") + stamped("2024-10-27T02:01:00"),
    ],
    rejects=[
        stamped("2024-05-06T11:00:00Z") + stamped("2024-05-06T10:59:00Z"),
        stamped("2024-05-06T11:00:00") + stamped("2024-05-06T09:00:00"),
    ],
    ignores=[stamped("2024-05-06T11:00:00Z"), stamped("2024-05-06T11:00:00Z") + listing(info(8))],
)
def time_stamps_do_not_run_backwards(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """What a list says of a station is not older than what the list before said.

    A few seconds are forgiven to a clock that is set right, and an hour to one that does not tell its zone.
    """
    seen = None
    for former, then, now in pairs(history, answer, "station"):
        old, new = then.moment("timestamp"), now.moment("timestamp")
        if old is None or new is None or (old.zone is Zone.NONE) != (new.zone is Zone.NONE):
            continue
        seen = former
        slack = TICKS_PER_HOUR if new.zone is Zone.NONE else _CLOCK_CORRECTION
        if new.ticks < old.ticks - slack:
            return breaks(f"a time not before {old.text}, that of exchange {former.number}", new.text, former, answer)
    return holds(seen, answer) if seen is not None else None


_CLOCK_CORRECTION = 5 * TICKS_PER_SECOND
