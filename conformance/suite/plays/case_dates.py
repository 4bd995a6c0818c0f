"""Searches by date: bounds between, at and beyond the dates of known cases, and ranges that are impossible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from conformance.spec import Spec
from conformance.suite.case_steps import (
    FIND,
    RANGES,
    STATUSES,
    TRUE,
    between,
    cases_of,
    dates,
    day,
    instant,
    owners,
    search,
    span,
)
from conformance.suite.patient_steps import created
from conformance.suite.play import Desk, NotPossible, Play, Steps, play

FAR = (
    ("1992-03-04", "2098-05-06"),
    ("1992-03-04T05:06:07", "2098-05-06T07:08:09"),
    ("1992-02-29", "2096-02-29"),
    ("1992-12-31T23:59:59", "2096-12-31T23:59:59"),
)
ROWS = {"created_from": "FND-020", "created_to": "FND-021", "delivered_from": "FND-022", "delivered_to": "FND-023"}
MOST_BOUNDS = 8
BESIDE = timedelta(days=3)
"""So near to a date a bound can be and still clearly be before or after it, whatever the zones are."""
CLOSE = timedelta(days=2, hours=12)
"""The same for a bound that says at which moment, even if the case's date does not."""
IMPOSSIBLE = {"created_from": "FND-030", "delivered_from": "FND-031"}


def plays(spec: Spec) -> Iterable[Play]:
    """Every bound between known dates, near them, and far from all; and every range that a patient can be asked for."""
    fixtures, writes = frozenset({"fixtures"}), frozenset({"writes"})
    for first, last, field in RANGES:
        aims = (ROWS[first], ROWS[last], "FND-033")
        yield Play(f"case-dates.far.{field}", aims, fixtures, partial(_far, ends=(first, last)), "")
        for role in (first, last):
            steps = partial(_between, role=role, field=field)
            yield Play(f"case-dates.between.{role.replace('_', '-')}", (ROWS[role],), fixtures, steps, "")
        steps = partial(_windows, ends=(first, last), field=field)
        yield Play(f"case-dates.window.{field}", ("FND-024", ROWS[first], ROWS[last]), fixtures, steps, "")
        yield Play(
            f"case-dates.near.{field}", ("FND-032",), fixtures, partial(_near, ends=(first, last), field=field), ""
        )
        impossible = (IMPOSSIBLE[first], "FND-032")
        of_owner = partial(_impossible, ends=(first, last), whose=_an_owner)
        yield Play(f"case-dates.impossible.{field}", impossible, fixtures, of_owner, "")
        of_new = partial(_impossible, ends=(first, last), whose=None)
        yield Play(f"case-dates.impossible.{field}.new-patient", impossible, writes, of_new, "")


def _an_owner(desk: Desk) -> str:
    return owners(desk)[0]


def _far(desk: Desk, ends: tuple[str, str]) -> Steps:
    """Bounds before and after everything: each keeps all or leaves out all."""
    first, last = ends
    for patient in owners(desk)[:2]:
        yield from cases_of(desk, patient)
        for early, late in FAR:
            for role in ends:
                yield from search(desk, patient, **{role: early})
                yield from search(desk, patient, **{role: late})
            yield from search(desk, patient, **{first: early, last: late})


def _between(desk: Desk, role: str, field: str) -> Steps:
    """One bound between every two neighbouring dates, as a day and as a moment; and some days beside each date."""
    tried = False
    for patient in owners(desk)[:2]:
        known = dates(desk, patient, (yield from cases_of(desk, patient)), field)
        for bound in between(known)[:MOST_BOUNDS]:
            tried = True
            yield from search(desk, patient, **{role: day(bound)})
            yield from search(desk, patient, **{role: instant(bound)})
        for date in known[1:4]:
            for bound in (date - BESIDE, date + BESIDE):
                yield from search(desk, patient, **{role: day(bound)})
            for bound in (date - CLOSE, date + CLOSE):
                yield from search(desk, patient, **{role: instant(bound)})
    if not tried:
        raise NotPossible(f"no two cases of one patient have a {field} date at some distance")


def _windows(desk: Desk, ends: tuple[str, str], field: str) -> Steps:
    """A window around each case alone, around all but the first and the last, and between two cases."""
    first, last = ends
    for patient in owners(desk)[:1]:
        known = dates(desk, patient, (yield from cases_of(desk, patient)), field)
        for date in known[:MOST_BOUNDS]:
            yield from search(desk, patient, **span(first, last, date - BESIDE, date + BESIDE))
        gaps = between(known)
        if len(gaps) > 1:
            yield from search(desk, patient, **span(first, last, gaps[0], gaps[-1]))
            yield from search(desk, patient, **span(first, last, gaps[0], gaps[0] + timedelta(hours=1)))


def _near(desk: Desk, ends: tuple[str, str], field: str) -> Steps:
    """At a case's date, a second and a day to either side: which side it lies on is a reading.

    And ranges of nothing, of two seconds, of one day and of two, which are all possible.
    """
    second, whole_day = timedelta(seconds=1), timedelta(days=1)
    for patient in owners(desk)[:1]:
        known = dates(desk, patient, (yield from cases_of(desk, patient)), field)
        for date in known[:2]:
            for role in ends:
                for bound in (date, date - second, date + second):
                    yield from search(desk, patient, **{role: instant(bound)})
                for bound in (date - whole_day, date, date + whole_day):
                    yield from search(desk, patient, **{role: day(bound)})
            for early, late in ((date, date), (date - second, date + second)):
                yield from search(desk, patient, **dict(zip(ends, (instant(early), instant(late)), strict=True)))
            for early, late in ((date, date), (date, date + whole_day), (date - whole_day, date)):
                yield from search(desk, patient, **span(*ends, early, late))


@play("case-dates.both-ranges", aims=("FND-024", *ROWS.values()), needs=("fixtures",))
def creation_and_delivery_together(desk: Desk) -> Steps:
    """Bounds on creation and delivery at once, each pair of ends, around the middle of the cases."""
    for patient in owners(desk)[:1]:
        found = yield from cases_of(desk, patient)
        middles = [_middle(between(dates(desk, patient, found, field))) for _, _, field in RANGES]
        for created_role in RANGES[0][:2]:
            for delivered_role in RANGES[1][:2]:
                for status in ({}, {"is_modelled": TRUE}):
                    bounds = {created_role: middles[0], delivered_role: middles[1]}
                    yield from search(desk, patient, **bounds, **status)
        yield from search(desk, patient, **span(*RANGES[0][:2], *_wide()), **span(*RANGES[1][:2], *_wide()))


def _middle(gaps: Sequence[datetime]) -> str:
    if not gaps:
        raise NotPossible("no two cases of the patient have dates at some distance")
    return day(gaps[len(gaps) // 2])


def _wide() -> tuple[datetime, datetime]:
    return datetime.fromisoformat(FAR[0][0]), datetime.fromisoformat(FAR[0][1])


RANGES_OF_DAYS = (
    ("2019-02-02", "2019-02-01"),
    ("2020-01-01", "2019-12-31"),
    ("2024-03-01", "2024-02-29"),
    ("2100-01-01", "1995-01-01"),
    ("2019-10-01", "2019-09-30"),
    ("2019-02-01T10:00:01", "2019-02-01T10:00:00"),
    ("2019-02-01T10:00:00Z", "2019-02-01T09:59:59Z"),
    ("2019-02-02T00:00:00", "2019-02-01T23:59:59"),
)
"""Ranges that end before they begin, from years to a second; each is possible the other way round."""


def _impossible(desk: Desk, ends: tuple[str, str], whose: Callable[[Desk], str] | None) -> Steps:
    """Each impossible range, its good twin with the ends exchanged, one that holds a instant, and either end alone."""
    patient = whose(desk) if whose is not None else (yield from created(desk))["integration_id"]
    first, last = ends
    for later, earlier in RANGES_OF_DAYS:
        yield from search(desk, patient, **{first: earlier, last: later})
        yield from search(desk, patient, **{first: later, last: earlier})
        yield from search(desk, patient, **{last: earlier, first: later})
    for same in ("2019-02-01", "2019-02-01T10:00:00", "2019-02-01T10:00:00Z"):
        yield from search(desk, patient, **{first: same, last: same})
    yield from search(desk, patient, **{first: "2098-01-01"})
    yield from search(desk, patient, **{last: "1992-01-01"})


@play("case-dates.any-order", aims=("TRN-006", "FND-024"), needs=("fixtures",))
def bounds_in_any_order(desk: Desk) -> Steps:
    """Ranges that hold some of the cases, the end before the beginning in the query, and the patient last."""
    patient = owners(desk)[0]
    found = yield from cases_of(desk, patient)
    for first, last, field in RANGES:
        gaps = between(dates(desk, patient, found, field))
        if len(gaps) < 2:
            continue
        for early, late in ((gaps[0], gaps[1]), (gaps[0], gaps[-1])):
            send = desk.send(FIND, integration_id=patient, **span(first, last, early, late))
            yield send
            yield replace(send, order=lambda pairs: tuple(reversed(pairs)))


@play("case-dates.one-range-impossible", aims=("FND-030", "FND-031", "FND-033"), needs=("fixtures",))
def one_range_impossible_and_the_other_not(desk: Desk) -> Steps:
    """Both impossible, each alone beside a possible one, and ends of different ranges that contradict nothing."""
    patient = owners(desk)[0]
    good, bad = ("2019-01-01", "2019-12-31"), ("2019-12-31", "2019-01-01")
    for created_range, delivered_range in ((bad, bad), (bad, good), (good, bad), (good, good)):
        both = dict(zip((*RANGES[0][:2], *RANGES[1][:2]), (*created_range, *delivered_range), strict=True))
        yield from search(desk, patient, **both)
        for status in STATUSES:
            yield from search(desk, patient, **both, **{status: TRUE})
    yield from search(desk, patient, created_from="2019-12-31", delivered_to="2019-01-01")
    yield from search(desk, patient, created_to="2019-01-01", delivered_from="2019-12-31")
