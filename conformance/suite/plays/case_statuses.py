"""Searches by status: each alone, every set of them, none, false, and with dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from conformance.suite.case_steps import (
    FALSE,
    FIND,
    RANGES,
    STATUSES,
    TRUE,
    between,
    cases_of,
    dates,
    day,
    owners,
    search,
    span,
)
from conformance.suite.play import Desk, Steps, play
from conformance.trace import Probe
from conformance.trace.events import TWIN

ALONE = ("FND-010", "FND-011", "FND-012", "FND-017", "FND-018", "INF-035")


def sets(least: int) -> Iterator[Mapping[str, str]]:
    """Every set of at least so many statuses that are asked for."""
    for size in range(least, len(STATUSES) + 1):
        for chosen in combinations(STATUSES, size):
            yield dict.fromkeys(chosen, TRUE)


def _patients(desk: Desk) -> Sequence[str]:
    return owners(desk)[:3]


@play("case-statuses.one-by-one", aims=ALONE, needs=("fixtures",))
def one_status_after_the_other(desk: Desk) -> Steps:
    """Each status alone, all cases, then each once more: now it is known under which one every case is found."""
    for patient in _patients(desk):
        yield from cases_of(desk, patient)
        for turn in (STATUSES, tuple(reversed(STATUSES))):
            for status in turn:
                yield from search(desk, patient, **{status: TRUE})
        yield from cases_of(desk, patient)


@play("case-statuses.together", aims=("FND-013", "FND-015", "FND-014"), needs=("fixtures",))
def statuses_together(desk: Desk) -> Steps:
    """Every set of two and of three, each status known before; the others left out, then said to be false."""
    for patient in _patients(desk):
        for chosen in sets(1):
            yield from search(desk, patient, **chosen)
        for chosen in sets(2):
            rest = {status: FALSE for status in STATUSES if status not in chosen}
            yield from search(desk, patient, **chosen, **rest)
            yield from search(desk, patient, **rest, **chosen)
        yield from cases_of(desk, patient)


@play("case-statuses.as-the-guide-writes-it", aims=ALONE, needs=("fixtures",))
def one_true_and_two_false(desk: Desk) -> Steps:
    """All three given and one of them true, in every order, as in the guide's sample address."""
    for patient in _patients(desk):
        for wanted in STATUSES:
            for turn in (STATUSES, tuple(reversed(STATUSES))):
                yield from search(desk, patient, **{s: TRUE if s == wanted else FALSE for s in turn})


@play("case-statuses.false", aims=("FND-016",), needs=("fixtures",))
def false_alone(desk: Desk) -> Steps:
    """Each set of statuses said to be false, none true; and after each what was meant in full."""
    for patient in _patients(desk):
        for chosen in sets(1):
            yield from search(desk, patient, **chosen)
        for chosen in sets(1):
            yield from search(desk, patient, **dict.fromkeys(chosen, FALSE))
        yield from cases_of(desk, patient)


@play("case-statuses.with-dates", aims=("FND-024", "FND-015", *ALONE), needs=("fixtures",))
def statuses_within_dates(desk: Desk) -> Steps:
    """Each status with a range that holds all cases, one that holds some, and one that holds none."""
    for patient in _patients(desk)[:1]:
        known = dates(desk, patient, (yield from cases_of(desk, patient)), "created")
        middle = day(known[len(known) // 2]) if known else "2023-06-30"
        for chosen in sets(1):
            yield from search(desk, patient, **chosen, created_from="1995-01-01", created_to="2095-01-01")
            yield from search(desk, patient, **chosen, created_from=middle)
            yield from search(desk, patient, **chosen, delivered_to=middle)
            yield from search(desk, patient, **chosen, created_from="2095-01-01")


NOTHING = "1992-02-29"
"""A day on which no case was made or delivered."""
WISHES: tuple[Mapping[str, str], ...] = (
    *({status: TRUE} for status in STATUSES),
    {STATUSES[0]: TRUE, STATUSES[1]: FALSE, STATUSES[2]: FALSE},
    {STATUSES[1]: FALSE, STATUSES[2]: FALSE},
)


@play(
    "case-statuses.with-each-bound", aims=("FND-020", "FND-021", "FND-022", "FND-023", "FND-024"), needs=("fixtures",)
)
def each_bound_with_each_status(desk: Desk) -> Steps:
    """From alone, to alone, both, and a day that holds nothing, of creation and of delivery, with each status."""
    patient = owners(desk)[0]
    found = yield from cases_of(desk, patient)
    for wish in WISHES:
        yield from search(desk, patient, **wish)
    for first, last, field in RANGES:
        gaps = between(dates(desk, patient, found, field))
        middle = day(gaps[len(gaps) // 2]) if gaps else NOTHING
        both = span(first, last, gaps[0], gaps[-1]) if gaps else {}
        for bounds in ({first: middle}, {last: middle}, both, {first: NOTHING, last: NOTHING}):
            for wish in WISHES:
                yield from search(desk, patient, **bounds, **wish)


@play("case-statuses.spelling", aims=(), needs=("fixtures",))
def true_in_other_letters(desk: Desk) -> Steps:
    """Each status as the guide writes it, then in small letters and in capitals: a reading, not a requirement."""
    for patient in _patients(desk)[:1]:
        yield from cases_of(desk, patient)
        for status in STATUSES:
            for arm, text in (("lower", TRUE.lower()), ("upper", TRUE.upper())):
                pair = desk.text("boolean-case-")
                for each, value in ((TWIN, TRUE), (arm, text)):
                    send = desk.send(FIND, integration_id=patient, **{status: value})
                    yield from desk.one(replace(send, probe=Probe("boolean-case", pair, each)))
