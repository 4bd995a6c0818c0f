"""Faults of the criteria of a search: statuses and dates that are taken for others, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from conformance.emulator.faults.case_search import (
    CREATED,
    FIND,
    FOUND,
    MODELLED,
    SCANNED,
    Cases,
    Choose,
    Finds,
    Refuses,
    Understands,
    asked,
    dated,
    of_patient,
    without,
)
from conformance.emulator.faults.overlay import Fault
from conformance.model import Call, Case, CaseState, Instant, Outcome, State, answered
from conformance.model.filters import RANGES, STATES, TICKS_PER_DAY

FIVE_DAYS = 5 * TICKS_PER_DAY

# -- by status ----------------------------------------------------------------------------------------------------


def loses(role: str) -> Choose:
    """Asked for this status alone, the last of several cases is not found."""

    def choose(right: Cases, call: Call, state: State) -> Cases:
        return right[:-1] if asked(call) == {role} and not dated(call) and len(right) > 1 else right

    return choose


def adds(roles: set[str], more: Callable[[Case], bool]) -> Choose:
    """Asked for these statuses, other cases of the patient are found as well."""

    def choose(right: Cases, call: Call, state: State) -> Cases:
        if asked(call) != roles or dated(call):
            return right
        return [case for case in of_patient(call, state) if case in right or more(case)]

    return choose


def first_status_only(right: Cases, call: Call, state: State) -> Cases:
    """Of several statuses, the one documented first counts."""
    wanted = asked(call)
    if len(wanted) < 2 or dated(call):
        return right
    first = next(STATES[role] for role in STATES if role in wanted)
    return [case for case in right if case.state is first]


def false_as_true(call: Call, state: State) -> Call:
    """Where no status is true, those said to be false are taken for wanted."""
    if asked(call):
        return call
    return replace(call, values={role: True if role in STATES else v for role, v in call.values.items()})


STATUSES = (
    Finds("loses-created-cases", "Does not find the last case not scanned yet.", ("FND-010",), loses(CREATED)),
    Finds("loses-scanned-cases", "Does not find the last scanned case.", ("FND-011",), loses(SCANNED)),
    Finds("loses-modelled-cases", "Does not find the last modelled case.", ("FND-012",), loses(MODELLED)),
    Finds(
        "finds-scans-among-the-created",
        "Finds scanned cases that were sent when those are asked for that are not scanned yet.",
        ("FND-010", "FND-018"),
        adds({CREATED}, lambda case: case.state is CaseState.SCANNED and case.sent is not None),
    ),
    Finds(
        "finds-the-modelled-among-the-scanned",
        "Finds modelled cases among the scanned ones: they have scans as well.",
        ("FND-011",),
        adds({SCANNED}, lambda case: case.state is CaseState.MODELLED and bool(case.scans)),
    ),
    Finds(
        "takes-the-sent-for-modelled",
        "Finds cases that were sent among the modelled ones.",
        ("FND-012",),
        adds({MODELLED}, lambda case: case.sent is not None),
    ),
    Finds(
        "hears-one-status-only",
        "Of several statuses asked for, heeds the first one only.",
        ("FND-013",),
        first_status_only,
    ),
    Finds(
        "fills-the-gap-between-statuses",
        "Finds scanned cases as well when created and modelled ones are asked for.",
        ("FND-015",),
        adds({CREATED, MODELLED}, lambda case: True),
    ),
    Understands(
        "takes-any-mention-for-true",
        "Searches for the statuses that are said to be false, when none is true.",
        ("FND-016",),
        false_as_true,
    ),
)


# -- by date ------------------------------------------------------------------------------------------------------


def deaf_to(role: str, other: str) -> Callable[[Call, State], Call]:
    """Without its counterpart, a bound does not count."""

    def change(call: Call, state: State) -> Call:
        return without(call, role) if other not in call.values else call

    return change


def late_by_days(role: str, other: str, ticks: int) -> Callable[[Call, State], Call]:
    """A bound alone is moved."""

    def change(call: Call, state: State) -> Call:
        bound = call.instant(role)
        if bound is None or other in call.values:
            return call
        moved = Instant(max(0, bound.ticks + ticks), bound.whole_day)
        return replace(call, values={**call.values, role: moved})

    return change


def both_ranges(call: Call) -> bool:
    return all(any(role in call.values for role in ends) for ends in RANGES)


class TakesImpossibleRanges(Fault):
    """Finds nothing in a range that ends before it begins, instead of refusing it."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], which: int, least: int, most: int) -> None:
        """``which`` of the two ranges; by how many ticks its end must come before its beginning: from least to most."""
        self.name, self.does, self.breaks = name, does, breaks
        self._first, self._last = RANGES[which]
        self._others = RANGES[1 - which]
        self._least = least
        self._most = most

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        first, last = call.instant(self._first), call.instant(self._last)
        if call.role != FIND or first is None or last is None or any(role in call.values for role in self._others):
            return outcomes
        taken = self._least <= first.ticks - last.ticks <= self._most
        return (answered(FOUND, []),) if taken else outcomes


def one_moment(call: Call, state: State) -> bool:
    """A range ends where it begins."""
    return any(call.instant(first) is not None and call.instant(first) == call.instant(last) for first, last in RANGES)


def only_a_beginning(call: Call, state: State) -> bool:
    """A search has one bound, and it lies ahead of every case."""
    bound = call.instant(RANGES[0][0])
    if bound is None or len(call.values) != 2 or state.patient(call.text("integration_id")) is None:
        return False
    return all(case.created < bound.ticks for case in state.cases.values())


def made_after_delivery(call: Call, state: State) -> bool:
    """The beginning of one range comes after the end of the other, and neither has its counterpart."""
    first, last = call.instant(RANGES[0][0]), call.instant(RANGES[1][1])
    if first is None or last is None or RANGES[0][1] in call.values or RANGES[1][0] in call.values:
        return False
    return first.ticks > last.ticks


DATES = (
    Understands(
        "deaf-to-the-beginning",
        "Finds cases made before the bound when no other bound is given.",
        ("FND-020",),
        deaf_to("created_from", "created_to"),
    ),
    Understands(
        "ends-late",
        "Finds cases made up to five days after the bound when no other is given.",
        ("FND-021",),
        late_by_days("created_to", "created_from", FIVE_DAYS),
    ),
    Understands(
        "delivers-early",
        "Does not find cases delivered within five days of the bound when no other is given.",
        ("FND-022",),
        late_by_days("delivered_from", "delivered_to", FIVE_DAYS),
    ),
    Understands(
        "deaf-to-the-last-delivery",
        "Finds cases delivered after the bound when no other is given.",
        ("FND-023",),
        deaf_to("delivered_to", "delivered_from"),
    ),
    Finds(
        "cannot-count-to-two",
        "Finds nothing when both kinds of dates are given.",
        ("FND-024",),
        lambda right, call, state: [] if both_ranges(call) else right,
    ),
    Finds(
        "forgets-a-status-within-dates",
        "Finds no modelled cases when they are asked for within dates.",
        ("FND-024",),
        lambda right, call, state: [] if dated(call) and asked(call) == {MODELLED} else right,
    ),
    TakesImpossibleRanges(
        "takes-impossible-creations",
        "Finds nothing in a range of creation dates that ends before it begins.",
        ("FND-030",),
        0,
        1,
        10_000 * TICKS_PER_DAY * 10,
    ),
    TakesImpossibleRanges(
        "takes-impossible-deliveries",
        "Finds nothing in a range of delivery dates that ends before it begins.",
        ("FND-031",),
        1,
        1,
        10_000 * TICKS_PER_DAY * 10,
    ),
    TakesImpossibleRanges(
        "compares-days-only",
        "Takes a range of creation dates for possible that ends a second before it begins.",
        ("FND-030",),
        0,
        1,
        TICKS_PER_DAY - 1,
    ),
    Refuses(
        "refuses-single-moments",
        "Answers HTTP 400 to a range that ends where it begins.",
        ("FND-032",),
        HTTPStatus.BAD_REQUEST,
        one_moment,
    ),
    Refuses(
        "refuses-the-future",
        "Answers HTTP 400 to a single bound that lies ahead of every case.",
        ("FND-007", "FND-033", "TRN-008"),
        HTTPStatus.BAD_REQUEST,
        only_a_beginning,
    ),
    Refuses(
        "mixes-the-ranges-up",
        "Answers HTTP 400 when cases must be made after the last day on which they may be delivered.",
        ("FND-007", "FND-033"),
        HTTPStatus.BAD_REQUEST,
        made_after_delivery,
    ),
)
