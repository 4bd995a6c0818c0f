"""The list of connected stations: which are in it, what it says of each, and that being busy hinders nothing.

What a station is like is known from what was declared before the run; without that, lists are held against
themselves and against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from conformance.rules.at_odds import UNLESS
from conformance.rules.catalogue import rule
from conformance.rules.evidence import YES, Told, decided, listed, ordinary, pressed, told, understood
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Operation, Sketch, call, guid, note, poll
from conformance.wire import EMPTY_GUID, Document, Record, parse_guid

AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
SAVE = note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="new_patient", button="save")
ENOUGH_LOOKS = 20


def fixture(number: int = 7, **facts: str) -> Sketch:
    known = {"hostname": f"PC-{number}", "connected": "yes", **facts}
    return note(NoteKind.FIXTURE, what="station", station=str(guid(number)), **known)


def info(number: int = 7, **fields: object) -> dict[str, object]:
    """One record of a list, whole; None leaves a field out."""
    whole: dict[str, object] = {
        "station": guid(number),
        "hostname": f"PC-{number}",
        "busy": False,
        "modules": [{"id": "Vendor.Scan", "title": "Scan"}],
        "operator_id": f"id-{number}",
        "operator_name": f"Somebody {number}",
        "timestamp": "2024-05-06T07:08:09Z",
    }
    return {**whole, **fields}


def listing(*records: dict[str, object]) -> Sketch:
    return call("list_stations", answer=list(records))


def records_of(answer: Exchange) -> tuple[Record, ...] | None:
    """The stations of a list; None where the answer holds no list."""
    document = answer.document
    readable = isinstance(document, Document) and document.role == "stations" and answer.succeeded
    return document.records if readable and isinstance(document, Document) else None


def declared(history: History, answer: Exchange) -> Iterator[tuple[Note, UUID]]:
    """The stations that were declared before this list, with their ids."""
    for fact in history.notes(NoteKind.FIXTURE):
        station = parse_guid(fact.data.get("station", "")) if fact.data.get("what") == "station" else None
        if isinstance(station, UUID) and fact.number < answer.number:
            yield fact, station


# -- the list -------------------------------------------------------------------------------------------------


@rule(
    "STN-001",
    judges="list_stations",
    accepts=[listing(info()), listing()],
    rejects=[
        listing().but(body=b"<html />"),
        listing().but(body=b"none", content_type="text/plain"),
        listing().refused(500),
        fixture() + listing().but(content=None, http_status=204),
    ],
    ignores=[listing().refused(401), listing().lost(), listing().but(content=None, http_status=204)],
)
def the_list_is_a_document_of_stations(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """The answer is the document of stations; nothing at all can only stand for an empty list."""
    if not ordinary(answer, spec):
        return None
    root, document = spec.document["stations"].root, answer.document
    if not answer.succeeded:
        return breaks(f"HTTP 200 with an {root} document", f"HTTP {answer.http_status}", answer)
    if document is None:
        there = [fact for fact, _ in declared(history, answer) if fact.data.get("connected") in YES]
        return breaks(f"an {root} document", "no body", there[0], answer) if there else None
    return judged(records_of(answer) is not None, f"an {root} document", getattr(document, "reason", "another"), answer)


@rule(
    "STN-002",
    judges="list_stations",
    accepts=[fixture() + listing(info()), fixture() + fixture(8) + listing(info(8), info(), info(9))],
    rejects=[fixture() + listing(), fixture() + fixture(8) + listing(info(8)), fixture() + listing(info(), info(7))],
    ignores=[listing(info()), fixture(connected="no") + listing(), fixture() + listing(info(station="7"))],
)
def every_connected_station_is_listed(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """Each station that was declared to be connected stands in the list, once."""
    return _membership(history, answer, wanted=1)


@rule(
    "STN-003",
    judges="list_stations",
    accepts=[fixture(connected="no") + listing(), fixture(8, connected="no") + fixture() + listing(info())],
    rejects=[fixture(connected="no") + listing(info()), fixture(8, connected="no") + listing(info(), info(8))],
    ignores=[fixture() + listing(info()), listing(info())],
)
def no_other_station_is_listed(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """A station that was declared not to be connected does not stand in the list."""
    return _membership(history, answer, wanted=0)


def _membership(history: History, answer: Exchange, *, wanted: int) -> Verdict | None:
    records = records_of(answer)
    facts = [(f, s) for f, s in declared(history, answer) if "connected" in f.data]
    facts = [(f, s) for f, s in facts if (f.data["connected"] in YES) == bool(wanted)]
    if records is None or not facts:
        return None
    for fact, station in facts:
        found = sum(record.guid("station") == station for record in records)
        if not found and any(record.guid("station") is None for record in records):
            return None  # it may be the one whose id cannot be read, which another row judges
        if found != wanted:
            state = "connected" if wanted else "not connected"
            times = ("is not listed", "is listed")[found] if found <= 1 else f"is listed {found} times"
            return breaks(
                f"station {station} {'once' if wanted else 'not'} in the list: it is {state}", times, fact, answer
            )
    return holds(*(fact for fact, _ in facts), answer)


@rule(
    "STN-005",
    judges="list_stations",
    accepts=[listing(info(), info(8))],
    rejects=[listing(info(), info()), listing(info(), info(7, hostname="PC-8")), listing(info(0))],
    ignores=[listing(), listing(info(station="?"))],
)
def an_id_names_one_station(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """No two records have the same id, and none has the empty one, which stands for the server."""
    ids = [found for record in records_of(answer) or () if (found := record.guid("station")) is not None]
    if not ids:
        return None
    if EMPTY_GUID in ids:
        return breaks("an id for each station", f"the empty id {EMPTY_GUID}", answer)
    twice = next((found for found in ids if ids.count(found) > 1), None)
    return judged(twice is None, "an id of its own for each station", f"the id {twice} twice", answer)


def previous(history: History, answer: Exchange) -> Exchange | None:
    """The newest list that was received before this one was asked for."""
    lists = (e for e in reversed(history.of("list_stations")) if e.before(answer))
    return next((e for e in lists if records_of(e) is not None), None)


def pairs(history: History, answer: Exchange, role: str) -> Iterator[tuple[Exchange, Record, Record]]:
    """(earlier list, record then, record now) for stations that two successive lists tell by the same value."""
    former, records = previous(history, answer), records_of(answer)
    if former is None or records is None:
        return
    then, now = told_apart(records_of(former) or (), role), told_apart(records, role)
    for value in then.keys() & now.keys():
        yield former, then[value], now[value]


def told_apart(records: Sequence[Record], role: str) -> dict[str | UUID, Record]:
    """Records by a field, without those that share its value."""
    values = [record.get(role) for record in records]
    return {
        value: record
        for value, record in zip(values, records, strict=True)
        if isinstance(value, str | UUID) and value and values.count(value) == 1
    }


@rule(
    "STN-006",
    judges="list_stations",
    accepts=[listing(info()) * 2, listing(info(), info(8)) + listing(info(8), info())],
    rejects=[
        listing(info()) + listing(info(9, hostname="PC-7")),
        listing(info(), info(8)) + listing(info(7, hostname="PC-8")),
    ],
    ignores=[listing(info()), listing(info()) + listing(info(8)), listing(info(), info(9, hostname="PC-7")) * 2],
)
def a_station_keeps_its_id(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """A station is listed under the id it had in the list before; told by its host name where that is the only one."""
    seen = None
    for former, then, now in pairs(history, answer, "hostname"):
        seen = former
        if then.guid("station") != now.guid("station"):
            expected = f"the id {then.guid('station')} of host {then.text('hostname')} at exchange {former.number}"
            return breaks(expected, f"the id {now.guid('station')}", former, answer)
    return holds(seen, answer) if seen is not None else None


# -- busy ----------------------------------------------------------------------------------------------------


@rule(
    "STN-011",
    judges="list_stations",
    accepts=[fixture(busy="yes") + listing(info(busy=True)), fixture(busy="no") + listing(info())],
    rejects=[fixture(busy="yes") + listing(info()), fixture(busy="no") + listing(info(busy=True))],
    ignores=[
        listing(info()),
        fixture() + listing(info(busy=True)),
        fixture(busy="no") + AT_STATION + listing(info(busy=True)),
        fixture(busy="yes") + listing(),
    ],
)
def busy_is_said_of_stations_in_use(history: History, answer: Exchange, spec: Spec) -> Verdict | None:
    """A station that was declared to be in use is busy, one that was declared idle is not.

    Not triggered for a station that was given an operation: its operator may have come.
    """
    evidence = []
    for fact, station in declared(history, answer):
        found = next((r.get("busy") for r in records_of(answer) or () if r.guid("station") == station), None)
        if "busy" not in fact.data or not isinstance(found, bool) or history.was_used(station):
            continue
        if found is not (fact.data["busy"] in YES):
            expected = f"{'true' if not found else 'false'} for station {station}, as was declared"
            return breaks(expected, f"{str(found).lower()}, {UNLESS}", fact, answer)
        evidence.append(fact)
    return holds(*evidence, answer) if evidence else None


BUSY = listing(info(busy=True))


@rule(
    "STN-012",
    judges="get_status",
    when=Mark.TOLD_AT_STATION,
    accepts=[
        BUSY + AT_STATION + poll(1, "awaiting") + poll(1, "accepted"),
        BUSY + AT_STATION + poll(1, "processed"),
        BUSY + AT_STATION + poll(1, "rejected_by_operator"),
    ],
    rejects=[
        BUSY + AT_STATION + poll(1, "station_silent"),
        BUSY + AT_STATION + poll(1, "unsupported"),
        BUSY + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
    ],
    ignores=[
        listing(info()) + AT_STATION + poll(1, "station_silent"),
        BUSY + listing(info()) + AT_STATION + poll(1, "processed"),
        BUSY + AT_STATION + poll(1, "awaiting") * 3,
        BUSY
        + AT_STATION
        + note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="page", button="no_answer")
        + poll(1, "station_silent"),
    ],
)
def a_busy_station_works_all_the_same(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A station that was listed as busy takes its operations and carries them out."""
    said = told(history, query, spec)
    if said is None or not _busy(history, said.operation) or decided(history, said.operation) == "station_silent":
        return None
    if said.status.name in ("station_silent", "unsupported"):
        return breaks(
            "the operation to be carried out, although the station is busy", said.observed, said.operation, query
        )
    by_station = said.status.assigned_by in ("station", "operator") or said.status.name == "processed"
    return holds(said.operation, query) if by_station else None


@a_busy_station_works_all_the_same.at_end
def no_busy_station_let_one_lie(history: History, spec: Spec) -> Iterable[Verdict]:
    for operation in history.operations:
        buttons = pressed(history, operation).values()
        waited = operation.codes()[-1:] == [spec.code("awaiting")] and len(operation.polls) >= ENOUGH_LOOKS
        if (
            waited
            and buttons
            and "no_answer" not in buttons
            and understood(operation.call)
            and _busy(history, operation)
        ):
            said = Told(operation.polls[-1], operation, spec.status["awaiting"], spec)
            expected = "the operation to be taken by its station, although that is busy"
            yield breaks(expected, f"{said.observed}, after {len(operation.polls)} looks", operation, said.poll)


def _busy(history: History, operation: Operation) -> bool:
    found = listed(history, operation.station, operation.call) if operation.on_station else None
    return found is not None and found[1].get("busy") is True
