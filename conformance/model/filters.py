"""Which cases a search wants: two ranges of dates and a choice of states."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.model import readings as points
from conformance.model.call import Call, Instant
from conformance.model.readings import Readings
from conformance.model.state import Case, CaseState

RANGES = (("created_from", "created_to"), ("delivered_from", "delivered_to"))
STATES: Mapping[str, CaseState] = {
    "is_created": CaseState.CREATED,
    "is_scanned": CaseState.SCANNED,
    "is_modelled": CaseState.MODELLED,
}
TICKS_PER_DAY = 864_000_000_000


def impossible(call: Call, readings: Readings) -> bool:
    """True when a range ends before it begins. One that ends where it begins is possible."""
    return any(_ends_early(call.instant(first), call.instant(last), readings) for first, last in RANGES)


def wanted(case: Case, call: Call, readings: Readings) -> bool:
    """True when the case lies in both ranges, bounds included, and is in one of the states asked for."""
    (made_from, made_to), (due_from, due_to) = RANGES
    made = _inside(case.created, call.instant(made_from), call.instant(made_to), readings)
    due = _delivered(case.delivery, call.instant(due_from), call.instant(due_to), readings)
    return made and due and case.state in chosen_states(call, readings)


def chosen_states(call: Call, readings: Readings) -> frozenset[CaseState]:
    """The states asked for: the union of those that are true, all where none is named."""
    true = frozenset(state for role, state in STATES.items() if call.flag(role))
    named = frozenset(state for role, state in STATES.items() if role in call.values)
    if true or not named:
        return true or frozenset(CaseState)
    match readings[points.EXPLICIT_FALSE]:
        case "excludes":
            return frozenset(CaseState) - named
        case "selects-nothing":
            return frozenset()
    return frozenset(CaseState)


def _ends_early(first: Instant | None, last: Instant | None, readings: Readings) -> bool:
    return first is not None and last is not None and first.ticks > _end(last, readings)


def _delivered(date: int | None, first: Instant | None, last: Instant | None, readings: Readings) -> bool:
    if date is None and (first or last) and readings[points.NO_DELIVERY_DATE] != "compared":
        return readings[points.NO_DELIVERY_DATE] == "kept"
    return _inside(date or 0, first, last, readings)


def _inside(date: int, first: Instant | None, last: Instant | None, readings: Readings) -> bool:
    begin, end = first.ticks if first else date - 1, _end(last, readings) if last else date + 1
    if readings[points.RANGE_ENDS] == "exclusive":
        return begin < date < end
    return begin <= date <= end


def _end(last: Instant, readings: Readings) -> int:
    if last.whole_day and readings[points.LAST_DAY] == "whole-day":
        return last.ticks + TICKS_PER_DAY - 1
    return last.ticks
