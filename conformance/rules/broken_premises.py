"""Verdicts on how an operation ended, given the conditions it was under; the rules on patients share them.

A broken condition must show in the status. Where several are broken any of their statuses is right; where one more
is open, its status proves nothing. A status that complains of a condition which is met is wrong for sure.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.rules.evidence import (
    listed,
    lost_among_others,
    nowhere,
    older_that_may_have_changed,
    refused_anyhow,
)
from conformance.rules.premises import (
    Ending,
    Premise,
    Standing,
    accepted_names,
    ending,
    long_values,
    plain,
    premises,
    told,
)
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import Condition, Spec
from conformance.trace import Button, Exchange, History

_ENDED_ELSEWHERE = frozenset({"removed", "station_silent", "navigation_failed"})
_BREAKDOWNS = frozenset({"exception", "internal_error"})


def interrupted(history: History, end: Ending) -> bool:
    """True when something at the station may have ended it before its conditions counted."""
    if not end.operation.on_station:
        return False
    name, pressed = end.status.name, set(history.proofs.decisions(end.operation).values())
    if name == "unsupported":
        return bool(nowhere(history, end.operation.station, end.query))
    if name == "rejected_by_operator":
        return not pressed or Button.CANCEL in pressed
    return name in _ENDED_ELSEWHERE or (name in _BREAKDOWNS and name in pressed)


def refusal(
    history: History,
    query: Exchange,
    spec: Spec,
    row: str,
    role: str,
    condition: Condition,
    parameter: str,
    about: Callable[[Exchange], bool] = lambda call: True,
) -> Verdict | None:
    """The verdict where this condition, and no other, is broken for a call that ``about`` is true of."""
    end = ending(history, query, spec, role)
    premise = end.premise(condition, parameter) if end is not None else None
    if end is None or premise is None or premise.standing is not Standing.BROKEN or not about(end.call):
        return None
    if len(end.broken) > 1:
        return None
    return on_refusal(history, end, premise, accepted_names(premise.outcome, row, spec), spec)


def on_refusal(history: History, end: Ending, premise: Premise, names: frozenset[str], spec: Spec) -> Verdict | None:
    """PASS for one of ``names``, FAIL for any other end but one that the station or an open condition explains."""
    if end.status.name in names:
        return holds(*premise.evidence, end.operation, end.query)
    if interrupted(history, end) or _may_lack_its_station(history, end):
        return undecided(f"it ended with {told([end.status.name], spec)} at the station", end.operation, end.query)
    if end.status.name in open_names(end, spec):
        return None
    return breaks(
        f"{told(names, spec)} ({why(end, premise)})",
        told([end.status.name], spec),
        *premise.evidence,
        end.operation,
        end.query,
    )


def _may_lack_its_station(history: History, end: Ending) -> bool:
    """True when it is unsupported, as servers may say at once where the station named is not connected."""
    if end.status.name != "unsupported" or not end.operation.on_station:
        return False
    return listed(history, end.operation.station, end.call) is None


def open_names(end: Ending, spec: Spec) -> frozenset[str]:
    """The statuses of the conditions that may be broken or not."""
    names = [accepted_names(p.outcome, "", spec) for p in end.premises if p.standing is Standing.OPEN]
    return frozenset().union(*names)


def several(history: History, query: Exchange, spec: Spec, row: str, role: str) -> Verdict | None:
    """The verdict where more than one condition is broken: the status of any of them will do."""
    end = ending(history, query, spec, role)
    if end is None or len(end.broken) < 2:
        return None
    names = frozenset[str]().union(*(accepted_names(p.outcome, row, spec) for p in end.broken))
    if end.status.name in names:
        return holds(end.operation, end.query)
    elsewhere = interrupted(history, end) or _may_lack_its_station(history, end)
    if elsewhere or end.status.name in open_names(end, spec):
        return undecided(f"it ended with {told([end.status.name], spec)} for another reason", end.operation, end.query)
    reasons = " and ".join(why(end, premise) for premise in end.broken)
    evidence = [number for premise in end.broken for number in premise.evidence]
    observed = told([end.status.name], spec)
    return breaks(f"{told(names, spec)} ({reasons})", observed, *evidence, end.operation, end.query)


def leaves_a_record(history: History, query: Exchange, spec: Spec, role: str) -> Verdict | None:
    """The verdict on a look at an operation that had to be refused: its status must be there.

    Not triggered once as many calls came in between as could have pushed the status out under any reading.
    """
    operation = history.polled(query)
    if operation is None or operation.role != role or not _refused_for_sure(history, query):
        return None
    newer = history.newer(operation, query)
    if newer.most + newer.others >= spec.kept_operations:
        return None
    gone = query.status_code == spec.code("operation_unknown")
    if gone and newer.most + older_that_may_have_changed(history, operation) >= spec.kept_operations:
        return None
    if not gone:
        return holds(operation, query)
    if not operation.call.succeeded and refused_anyhow(history, operation.call, lambda call: False):
        return None
    if lost_among_others(history, operation, query):
        return None  # whether calls at the same moment disturb one another is a clause of its own
    return breaks("a status that tells why the call failed", told(["operation_unknown"], spec), operation, query)


def _refused_for_sure(history: History, query: Exchange) -> bool:
    operation = history.polled(query)
    if operation is None or not plain(operation.call) or not operation.call.answered:
        return False
    if not operation.call.succeeded and long_values(operation.call):
        return False  # turned down for a text that was too long, perhaps, before anything was made of it
    return any(p.standing is Standing.BROKEN for p in premises(history, operation, query))


def not_blamed(
    history: History, query: Exchange, spec: Spec, role: str, condition: Condition, parameter: str
) -> Verdict | None:
    """The verdict where this condition is met: its status would be wrong. None while some other condition is broken."""
    end = ending(history, query, spec, role)
    premise = end.premise(condition, parameter) if end is not None else None
    if end is None or premise is None or premise.standing is not Standing.MET or end.broken:
        return None
    if end.status.name != premise.outcome.status or end.status.name in open_names(end, spec):
        return holds(end.operation, end.query)
    expected = f"no complaint about {_name(end, parameter)}, which {_MET[condition]}"
    return breaks(expected, told([end.status.name], spec), *premise.evidence, end.operation, end.query)


def given_is_not_missing(history: History, query: Exchange, spec: Spec, role: str) -> Verdict | None:
    """The verdict on a call that gives a value for each mandatory parameter: none is reported missing."""
    found = None
    for outcome in spec.method[role].outcomes:
        if outcome.condition is Condition.MISSING:
            found = not_blamed(history, query, spec, role, Condition.MISSING, outcome.parameter)
            if found is None or found.expected:
                return found
    return found


_MET = {
    Condition.MISSING: "is given",
    Condition.UNKNOWN: "a patient has",
    Condition.TAKEN: "nobody else has",
    Condition.NO_STATION: "names a station",
}


def why(end: Ending, premise: Premise) -> str:
    """The broken condition in words."""
    name = _name(end, premise.outcome.parameter)
    proven = f", proven by event {premise.evidence[0]}" if premise.evidence else ""
    match premise.outcome.condition:
        case Condition.MISSING:
            return f"{name} has no value"
        case Condition.NO_STATION:
            return f"{name} names no station"
        case Condition.TAKEN:
            return f"{name} is in use already{proven}"
        case Condition.UNKNOWN:
            return f"no {'case' if premise.outcome.parameter == 'case' else 'patient'} has that {name}{proven}"


def _name(end: Ending, parameter: str) -> str:
    method = end.call.method
    return method.by_role[parameter].name if method is not None else parameter
