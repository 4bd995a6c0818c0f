"""The reasons for which an operation is not carried out: which hold for a call, and which status each leads to.

The spec lists them per method (``Method.outcomes``). Which is told when several hold, and whether the server or the
station finds out, is left open by the guide and decided by readings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.model import readings as points
from conformance.model.call import Call
from conformance.model.readings import Readings
from conformance.model.state import Patient, State
from conformance.spec import Condition, Spec
from conformance.spec.objects import Outcome as Refusal

NEW_OPERATION = "start"
STATION_FINDS = frozenset({Condition.UNKNOWN, Condition.TAKEN})
"""What needs a look at the data, and so may be left to the station."""


class Checker(StrEnum):
    """Who is checking."""

    SERVER = "server"  # before a station gets it
    STATION = "station"  # after
    ALONE = "alone"  # the server, for an operation that no station will see


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator has decided about the data of a call."""

    patient: Patient | None
    """The existing patient that gets them; None for a new one."""
    applies: bool = True
    """False when the old data are kept."""


def refusals(
    state: State, call: Call, spec: Spec, readings: Readings, checker: Checker, choice: Choice | None = None
) -> tuple[str, ...]:
    """Names of the statuses that may be told, the default first; empty when nothing is wrong.

    ``choice`` is None as long as nobody was asked.
    """
    found = [
        _status(refusal, call, readings)
        for refusal in spec.method[call.role].outcomes
        if _holds(refusal, state, call, readings, checker, choice)
    ]
    names = [name for name in dict.fromkeys(found) if _possible(name, spec, checker)]
    return _told(names, readings)


def lacks_mandatory(call: Call, spec: Spec, readings: Readings) -> bool:
    """True when a parameter is missing whose absence the method answers with a status of its own."""
    missing = (r for r in spec.method[call.role].outcomes if r.condition is Condition.MISSING)
    return any(is_missing(call, refusal.parameter, readings) for refusal in missing)


def is_missing(call: Call, role: str, readings: Readings) -> bool:
    """True when the parameter has no value, or one that counts as none."""
    if role == "case" and role in call.values and readings[points.EMPTY_CASE_ID] == "unknown":
        return False
    if not call.has_value(role):
        return True
    return readings[points.BLANK_TEXT] == "missing" and role in call.texts and not call.texts[role].strip()


def _status(refusal: Refusal, call: Call, readings: Readings) -> str:
    if refusal.reading:
        return readings[refusal.reading]
    if refusal.condition is Condition.NO_STATION:
        return readings[points.CASE_STATION_MISSING if call.role == "select_case" else points.STATION_MISSING]
    return refusal.status


def _told(names: list[str], readings: Readings) -> tuple[str, ...]:
    order = readings[points.CHECK_ORDER]
    if order == "any":
        return tuple(names)
    return tuple(names[:1] if order == "listed" else names[-1:])


def _possible(status: str, spec: Spec, checker: Checker) -> bool:
    """False for a status that only a station can give, as long as no station has the operation."""
    return checker is Checker.STATION or NEW_OPERATION in spec.status[status].follows


def _holds(
    refusal: Refusal, state: State, call: Call, readings: Readings, checker: Checker, choice: Choice | None
) -> bool:
    if checker is Checker.SERVER and _left_to_the_station(refusal.condition, readings):
        return False
    match refusal.condition:
        case Condition.MISSING:
            return is_missing(call, refusal.parameter, readings)
        case Condition.NO_STATION:
            return not call.has_value(refusal.parameter)
        case Condition.UNKNOWN:
            return not is_missing(call, refusal.parameter, readings) and not _exists(state, call, refusal.parameter)
        case Condition.TAKEN:
            return _is_taken(state, call, refusal.parameter, readings, checker, choice)


def _left_to_the_station(condition: Condition, readings: Readings) -> bool:
    place = readings[points.CHECKS_AT]
    if condition is Condition.NO_STATION or place == "server":
        return False
    return place == "station" or condition in STATION_FINDS


def _exists(state: State, call: Call, role: str) -> bool:
    if role == "case":
        return call.guid(role) in state.cases
    return state.patient(call.text(role)) is not None


def _is_taken(state: State, call: Call, role: str, readings: Readings, checker: Checker, choice: Choice | None) -> bool:
    if role == "integration_id":
        return state.patient(call.text(role)) is not None
    undecided = choice is None and checker is not Checker.ALONE and merges(call)
    if undecided and readings[points.MERGED_PATIENT_ID] == "after-choice":
        return False
    if choice is not None and not choice.applies:
        return False
    own = choice.patient if choice is not None else _subject(state, call)
    others = (holder for holder in state.holders_of(call.text(role)) if own is None or holder.key != own.key)
    return _counts(call, role, readings) and any(True for _ in others)


def merges(call: Call) -> bool:
    """True when the caller wants similar patients to be offered at the station."""
    return call.flag("merge")


def _subject(state: State, call: Call) -> Patient | None:
    """The patient that the call is about; nobody when it is to make a new one."""
    return None if call.role == "create_patient" else state.patient(call.text("integration_id"))


def _counts(call: Call, role: str, readings: Readings) -> bool:
    """True when the parameter has a value that must be unique."""
    if call.has_value(role):
        return True
    return readings[points.EMPTY_PATIENT_ID] == "value-when-written" and role in call.texts
