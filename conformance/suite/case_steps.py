"""Steps that plays about cases are made of: patients with cases, searches for them, and bounds between their dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from conformance.suite.play import Ask, Desk, NotPossible
from conformance.trace import Exchange
from conformance.wire import Document, Moment, Record, parse_xml_date

FIND, FETCH = "find_cases", "fetch_image"
TRUE, FALSE = "True", "False"
STATUSES = ("is_created", "is_scanned", "is_modelled")
RANGES = (("created_from", "created_to", "created"), ("delivered_from", "delivered_to", "delivery"))
APART = timedelta(days=6)
"""Dates at least so far apart have a bound between them that no zone can move past either."""

Waiting = Generator[Ask, list[Exchange], Exchange]
Listing = Generator[Ask, list[Exchange], Sequence[Record]]


def owners(desk: Desk, least: int = 1) -> Sequence[str]:
    """Integration ids of patients declared to have cases, most cases first; of all declared ones where none are known.

    Raises NotPossible when there are fewer than ``least``.
    """
    declared = [each.get("integration_id", "") for each in desk.fixtures("patient")]
    counted = Counter(each.get("integration_id", "") for each in desk.fixtures("case"))
    found = [patient for patient, _ in counted.most_common() if patient] or [each for each in declared if each]
    if len(found) < least:
        raise NotPossible(f"needs {least} declared patients with cases; {len(found)} are known")
    return found


def search(desk: Desk, patient: str | None, **criteria: str | None) -> Waiting:
    """One search."""
    return (yield from desk.one(desk.send(FIND, integration_id=patient, **criteria)))


def cases_of(desk: Desk, patient: str) -> Listing:
    """The records of all cases of a patient."""
    return records((yield from search(desk, patient)))


def records(exchange: Exchange) -> Sequence[Record]:
    return exchange.document.records if isinstance(exchange.document, Document) else ()


def pictured(found: Sequence[Record]) -> Sequence[tuple[str, str]]:
    """Every case and image that the records list, as texts."""
    return [
        (str(record.guid("case")), str(entry.guid("image")))
        for record in found
        for entry in record.records("images")
        if record.guid("case") and entry.guid("image")
    ]


def any_case(desk: Desk) -> Generator[Ask, list[Exchange], tuple[str, str]]:
    """A patient with cases and the id of one. Raises NotPossible when no search finds any."""
    for patient in owners(desk)[:3]:
        for record in (yield from cases_of(desk, patient)):
            case = record.guid("case")
            if case is not None and case != UUID(int=0):
                return patient, str(case)
    raise NotPossible("no declared patient has a case")


# -- dates ----------------------------------------------------------------------------------------------------


def dates(desk: Desk, patient: str, found: Sequence[Record], field: str) -> Sequence[datetime]:
    """The distinct dates of the cases in universal time, in order: as listed, and as declared for want of that."""
    listed = [record.moment(field) for record in found]
    declared = [parse_xml_date(each.get(field, "")) for each in desk.fixtures("case", integration_id=patient)]
    for moments in (listed, declared):
        known = {_utc(each) for each in moments if isinstance(each, Moment) and not each.is_minimal}
        if known:
            return sorted(known)
    return []


def _utc(moment: Moment) -> datetime:
    return datetime.min + timedelta(microseconds=moment.ticks // 10)


def between(known: Sequence[datetime]) -> Sequence[datetime]:
    """The middle of every two neighbouring dates that lie far enough apart."""
    pairs = pairwise(known)
    return [earlier + (later - earlier) / 2 for earlier, later in pairs if later - earlier >= APART]


def day(date: datetime) -> str:
    return date.date().isoformat()


def instant(date: datetime) -> str:
    """To the second, in universal time."""
    return date.replace(microsecond=0).isoformat() + "Z"


def span(first: str, last: str, early: datetime, late: datetime) -> Mapping[str, str]:
    """A range of whole days, as parameters."""
    return {first: day(early), last: day(late)}
