"""Which readings of a bound a server takes: its ends, and a last day without a time."""

from __future__ import annotations

from conformance.rules.case_knowledge import (
    BOUNDS,
    RANGES,
    Criteria,
    KnownCase,
    criteria,
    is_day,
    known_cases,
    ordinary,
    within,
)
from conformance.rules.case_sketches import case, search
from conformance.rules.catalogue import observes
from conformance.spec import Spec
from conformance.trace import Exchange, History, listing
from conformance.wire import TICKS_PER_DAY, Zone

FIRST, SECOND = case(1), case(2)
TWO = search(FIRST, SECOND)


def _at_the_bound(history: History, exchange: Exchange, role: str) -> list[tuple[KnownCase, bool]]:
    """Known cases that meet everything but, perhaps, this bound; and whether each was found."""
    found, wish = listing(exchange), criteria(exchange)
    if (
        found is None
        or not ordinary(exchange)
        or not wish.sure
        or role not in wish.bounds
        or wish.wanted
        or wish.denied
    ):
        return []
    others = {name: bound for name, bound in wish.bounds.items() if name != role}
    rest = Criteria(frozenset(), frozenset(), others, True)
    known = known_cases(history, exchange).values()
    return [(one, one.id in found) for one in known if one.moment(BOUNDS[role]) is not None and within(one, rest)]


@observes(
    "RANGE-ENDS",
    judges="find_cases",
    shows=[
        (TWO + search(SECOND, created_from="2020-02-10T10:00:00Z"), "inclusive"),
        (TWO + search(created_from="2020-02-10T10:00:00Z"), "exclusive"),
        (TWO + search(FIRST, delivered_to="2021-01-10T11:00:00Z"), "inclusive"),
        (TWO + search(created_to="2020-01-10T10:00:00Z"), ""),
        (TWO + search(FIRST, SECOND, created_from="2020-01-10"), ""),
    ],
)
def whether_bounds_are_included(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen at a bound that equals a case's date. Answers may cut fractions off: then an upper bound shows nothing."""
    wish = criteria(exchange) if exchange.role == "find_cases" else None
    for role, bound in wish.bounds.items() if wish is not None else ():
        for one, found in _at_the_bound(history, exchange, role):
            date = one.moment(BOUNDS[role])
            if date is None or date.zone is Zone.NONE or bound.zone is Zone.NONE or date.ticks != bound.ticks:
                continue
            if found:
                return "inclusive"
            if role in {first for first, _ in RANGES}:
                return "exclusive"
    return None


_MORNING, _EVENING = TICKS_PER_DAY // 4, 3 * TICKS_PER_DAY // 4


@observes(
    "LAST-DAY",
    judges="find_cases",
    shows=[
        (TWO + search(FIRST, created_to="2020-01-10"), "whole-day"),
        (TWO + search(created_to="2020-01-10"), "midnight"),
        (TWO + search(FIRST, delivered_to="2021-01-10"), "whole-day"),
        (TWO + search(FIRST, created_to="2020-01-11"), ""),
        (TWO + search(FIRST, created_to="2020-01-10T00:00:00"), ""),
    ],
)
def whether_a_last_day_counts_as_a_whole(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen at a case of that very day, at an hour that most zones have on the same day."""
    wish = criteria(exchange) if exchange.role == "find_cases" else None
    for role, bound in wish.bounds.items() if wish is not None else ():
        if role in {first for first, _ in RANGES} or not is_day(bound):
            continue
        for one, found in _at_the_bound(history, exchange, role):
            date = one.moment(BOUNDS[role])
            if date is not None and _MORNING <= date.ticks - bound.ticks <= _EVENING:
                return "whole-day" if found else "midnight"
    return None
