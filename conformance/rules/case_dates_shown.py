"""What a PMS says it understood of dates of cases, images and scans, beside what the server told it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from conformance.rules.at_odds import at_odds
from conformance.rules.case_sketches import NEVER, case, image, scan, search
from conformance.rules.cases_shown import ONE, case_shown, cases_found, fields_agree, matched, part_shown, understood
from conformance.rules.catalogue import rule
from conformance.rules.shown import Shown, given, guid_of, same_moment
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, guid, shown
from conformance.wire import Moment

DATES = ("created", "sent", "delivery")
SENT = search(case(1, sent="2020-01-20T23:30:00+02:00"))
OF_DATABASE = search(case(1, sent="1753-01-01T00:00:00Z"))
LATE = search(case(1, sent="2020-01-20T23:40:00Z"))
EARLY = search(case(1, sent="2020-01-20T00:20:00Z"))
DATED = search(case(1, images=[image(7)], scans=[scan(9, 17, 32)]))


def _taken_at(text: str) -> Sketch:
    return part_shown("image", {"case": guid(1), "image": guid(7), "timestamp": text})


def _scanned_at(text: str) -> Sketch:
    return part_shown("scan", {"case": guid(1), "scan": guid(9), "timestamp": text})


@rule(
    "INF-052",
    judges=NoteKind.ORDER,
    accepts=[
        understood(ONE, case_shown()),
        understood(SENT, case_shown(sent="2020-01-20T21:30:00Z")),
        understood(SENT, case_shown(sent="2020-01-21")),
        understood(SENT, case_shown(sent="2020-01-20T23:30:00")),
        understood(LATE, case_shown(sent="2020-01-20")),
        understood(LATE, case_shown(sent="2020-01-21")),
        understood(EARLY, case_shown(sent="2020-01-19")),
        understood(EARLY, case_shown(sent="2020-01-20")),
        understood(search(case(1, sent="2020-01-20T11:00:00Z")), case_shown(sent="2020-01-19")),
        understood(search(case(1, sent="2020-01-20T11:00:00Z")), case_shown(sent="2020-01-21")),
        understood(search(case(1, sent="2020-01-20T00:20:00")), case_shown(sent="2020-01-21")),
        understood(DATED, _taken_at("2020-01-11T11:00:00+02:00"), _scanned_at("2020-01-11")),
    ],
    rejects=[
        understood(LATE, case_shown(sent="2020-01-19")),
        understood(LATE, case_shown(sent="2020-01-22")),
        understood(EARLY, case_shown(sent="2020-01-18")),
        understood(EARLY, case_shown(sent="2020-01-21")),
        understood(DATED, case_shown(), _taken_at("2020-01-10T10:00:00Z")),
        understood(DATED, case_shown(), _scanned_at("2020-01-11T09:00:00+01:00")),
        understood(SENT, case_shown(sent="2020-01-20T23:30:00Z")),
        understood(SENT, case_shown(sent="2020-01-24")),
        understood(SENT, case_shown(sent="")),
        understood(ONE, case_shown(created="2020-10-01")),
        understood(ONE, case_shown(delivery="soon")),
    ],
    ignores=[
        understood(ONE),
        understood(ONE, shown("case", case=1, lab="A Lab")),
        understood(search(case(1, images=[{"image": guid(7), "name": "a.png"}])), _taken_at("2020-01-10")),
        understood(DATED, _taken_at("")),
    ],
)
def a_case_has_the_dates_that_it_came_with(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The same instant in any zone, the local time, or the day; those of its images and scans as well.

    Minimal dates have a row of their own.
    """
    found = cases_found(history, note)
    parts = _dated_parts(found) if found is not None else []
    if found is None or not parts:
        return fields_agree(found, note, DATES)
    wrong = next(((what, who, text, value) for what, who, value, text in parts if not same_moment(text, value)), None)
    if wrong is not None:
        what, who, text, value = wrong
        observed = at_odds(what, who, "timestamp", text, value)
        return breaks("each date as the answer tells it", observed, found.source, note)
    return fields_agree(found, note, DATES) or holds(found.source, note)


DATED_PARTS = {"images": "image", "scans": "scan"}
"""Role of the list -> what its items are called, and the role of their id."""


def _dated_parts(found: Shown) -> list[tuple[str, UUID | None, Moment, str]]:
    """Each image and scan of which the answer tells a date and the PMS shows one: what, its id, when, and as shown.

    Few programs show these dates, and none shown is no wrong one.
    """
    told = {
        (what, record.guid("case"), part.guid(what)): part.moment("timestamp")
        for record in found.records
        for role, what in DATED_PARTS.items()
        for part in record.records(role)
    }
    rows = [(what, row) for what in DATED_PARTS.values() for row in found.order.items(what)]
    dated = [(what, told.get((what, guid_of(row, "case"), guid_of(row, what))), row) for what, row in rows]
    return [
        (what, guid_of(row, what), value, text)
        for what, value, row in dated
        if value is not None and (text := given(row, "timestamp"))
    ]


@rule(
    "INF-041",
    judges=NoteKind.ORDER,
    accepts=[understood(ONE, case_shown(sent=""))],
    rejects=[understood(ONE, case_shown(sent=NEVER)), understood(ONE, case_shown(sent="2001-01-01"))],
    ignores=[
        understood(SENT, case_shown(sent=NEVER)),
        understood(ONE, shown("case", case=1)),
        understood(OF_DATABASE, case_shown(sent="1753-01-01")),
    ],
)
def a_case_that_was_never_sent_has_no_date(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The least of all dates means never, and nobody sees it."""
    return _shown_as_never(history, note, lambda sent: sent.is_of_year_one)


@rule(
    "INF-054",
    judges=NoteKind.ORDER,
    accepts=[understood(OF_DATABASE, case_shown(sent=""))],
    rejects=[understood(OF_DATABASE, case_shown(sent="1753-01-01"))],
    ignores=[understood(ONE, case_shown(sent=NEVER))],
)
def the_least_date_of_a_database_is_no_date(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The guide gives no value, so nobody can be held to another one than the least of all."""
    return _shown_as_never(history, note, lambda sent: sent.is_minimal and not sent.is_of_year_one)


def _shown_as_never(history: History, note: Note, means_never: Callable[[Moment], bool]) -> Verdict | None:
    found = cases_found(history, note)
    shown_sent = [
        (given(row, "sent"), record.get("sent")) for record, row in (matched(found) if found is not None else ())
    ]
    texts = [text for text, sent in shown_sent if text is not None and isinstance(sent, Moment) and means_never(sent)]
    if found is None or not texts:
        return None
    dated = [text for text in texts if text.strip()]
    return judged(not dated, "no date of sending", dated[0] if dated else "", found.source, note)
