"""Removals that came too late: a station had the operation already, or it was over.

Theory. Then the operation goes its own way. While a station has it, what such a removal is answered is open: false,
since nothing was removed, or true, since the id is known (reading REMOVE-AFTER-PICK-UP). A server is held to the one it
was seen to take. So whether an answer of true was a lie can be told at the end only, since a station may have been
faster unseen. What was handled exists no longer, and there is nothing to be removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.rules.catalogue import observes, rule
from conformance.rules.evidence import alone, named, nowhere, told, understood
from conformance.rules.marks import Mark
from conformance.rules.premises import may_be_forgotten
from conformance.rules.removal import (
    AT_STATION,
    DONE,
    GONE,
    NO,
    NO_STATION,
    REMOVED,
    SERVER,
    WAITS,
    YES,
    Said,
    answer,
    removals,
)
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation, call, poll

LATE = SERVER + poll(2, "processed") + call("remove_operation", operation=2, answer=True)
LATE_REFUSED = LATE.answered(False)
UNDER_WAY_REFUSED = (
    call("create_patient", integration_id="Z", last_name="Roe", station=7, operation=3)
    + poll(3, "accepted")
    + call("remove_operation", operation=3, answer=False)
)

UNDER_WAY = UNDER_WAY_REFUSED.answered(True)
STILL_REFUSED = UNDER_WAY_REFUSED + poll(3, "accepted")
OVER_REFUSED = (
    call("create_patient", integration_id="Y", last_name="Roe", station=7, operation=4)
    + poll(4, "processed")
    + call("remove_operation", operation=4, answer=False)
)


def out_of_pool(operation: Operation, removal: Exchange, spec: Spec) -> bool:
    """True when it was known before ``removal`` that a station had the operation, or that it was over."""
    names = {spec.status_by_code[c].name for c in operation.codes(removal) if c in spec.status_by_code}
    return bool(names - {"awaiting", "removed", GONE})


@rule(
    "REM-008",
    judges="get_status",
    when=Mark.REMOVAL,
    accepts=[AT_STATION + WAITS + YES + REMOVED, AT_STATION + NO + DONE, AT_STATION + WAITS + NO + poll(1, "accepted")],
    rejects=[
        STILL_REFUSED + AT_STATION + YES + DONE,
        STILL_REFUSED + AT_STATION + WAITS + YES + poll(1, "accepted") + DONE,
        AT_STATION + WAITS + YES + poll(1, "rejected_by_operator") + STILL_REFUSED,
    ],
    ignores=[
        UNDER_WAY_REFUSED + AT_STATION + YES + DONE,
        AT_STATION + YES + DONE,
        LATE_REFUSED + AT_STATION + YES + DONE,
        AT_STATION + DONE + YES + DONE,
        AT_STATION + poll(1, "accepted") + YES + DONE,
        LATE + AT_STATION + YES + DONE,
        AT_STATION + YES + DONE + AT_STATION,
    ],
)
def what_is_carried_out_was_not_removed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An answer of true means that the operation is not carried out; one of false, that it may be.

    An operation that went on although the answer was true is judged at the end.
    """
    said = told(history, query, spec)
    made = removals(said) if said is not None else []
    if said is None or not made or not said.operation.on_station or not alone(history, said.operation):
        return None
    answers = {answer(removal) for removal in made}
    if said.status.name == "removed":
        return holds(said.operation, *made, query) if Said.TRUE in answers else None
    went_on = said.status.name in ("accepted", "processed", "rejected_by_operator")
    return holds(said.operation, *made, query) if went_on and answers == {Said.FALSE} else None


@what_is_carried_out_was_not_removed.at_end
def nothing_removed_was_carried_out(history: History, spec: Spec) -> Iterable[Verdict]:
    refuses = _refuses_under_way(history, spec)
    for operation in _removable(history):
        removal = next((r for r in operation.removals if answer(r) is Said.TRUE), None)
        if removal is None or out_of_pool(operation, removal, spec):
            continue
        later = [poll for poll in operation.polls if removal.before(poll)]
        went_on = next((p for p in later if _name(p, spec) in _BY_STATION), None)
        if went_on is None:
            continue
        if not refuses:
            reason = "a station may have been faster, and this server was not seen to answer false then"
            yield undecided(reason, operation, removal, went_on)
            continue
        expected = f"{named(spec, 'removed')}, since exchange {removal.number} said that it was removed"
        observed = f"status {went_on.status_code} at exchange {went_on.number}"
        yield breaks(expected, observed, operation, removal, went_on)


_HANDLED = frozenset({"processed", "rejected_by_operator", "navigation_failed", "internal_error", "exception"})
_BY_STATION = _HANDLED | {"accepted"}


def _name(poll: Exchange, spec: Spec) -> str:
    status = spec.status_by_code.get(poll.status_code) if poll.status_code is not None else None
    return status.name if status is not None else ""


def _removable(history: History) -> Iterator[Operation]:
    for operation in history.operations:
        if operation.removals and operation.on_station and understood(operation.call) and alone(history, operation):
            yield operation


def _came_late(history: History, spec: Spec) -> list[tuple[Operation, Exchange]]:
    """Removals that surely came too late, of operations still known; those about stations tell more."""
    found = [
        (operation, removal)
        for operation in history.operations
        if operation.removals and understood(operation.call) and alone(history, operation)
        for removal in operation.removals
        if out_of_pool(operation, removal, spec) and not may_be_forgotten(history, operation, removal, spec)
    ]
    return [pair for pair in found if pair[0].on_station] or found


def _refuses_under_way(history: History, spec: Spec) -> bool:
    """True when removals of operations that a station had, and had not ended, were answered, and always by false.

    One that was accepted before and after the removal was so meanwhile; any other may have been over unseen.
    """
    late = [(o, r) for o, r in _came_late(history, spec) if o.on_station and not _is_over(o, r, spec)]
    still = [(o, r) for o, r in late if any(r.before(p) and _name(p, spec) == "accepted" for p in o.polls)]
    told_so = [answer(removal) for _, removal in still]
    return bool(told_so) and all(said is Said.FALSE for said in told_so)


def _refuses_when_late(history: History, spec: Spec) -> bool | None:
    """True when removals that surely came too late were always answered by false; None when there were none.

    What a station has still in hand may be answered otherwise than what it has ended, and only the latter tells how
    one that was removed is.
    """
    late = _came_late(history, spec)
    over = [(o, removal) for o, removal in late if o.on_station and _is_over(o, removal, spec)]
    told_so = [said for _, removal in over or late if (said := answer(removal)) is not Said.NOTHING]
    return all(said is Said.FALSE for said in told_so) if told_so else None


def _is_over(operation: Operation, removal: Exchange, spec: Spec) -> bool:
    """True when a final status was known before the removal."""
    return any(spec.status_by_code[c].final for c in operation.codes(removal) if c in spec.status_by_code)


@observes(
    "REMOVE-AFTER-PICK-UP",
    judges="remove_operation",
    shows=[
        (AT_STATION + poll(1, "accepted") + YES, "answers-true"),
        (AT_STATION + poll(1, "accepted") + NO, "answers-false"),
        (AT_STATION + WAITS + YES, ""),
        (AT_STATION + poll(1, "processed") + YES, ""),
        (SERVER + YES, ""),
    ],
)
def answer_to_a_removal_that_came_late(history: History, removal: Exchange, spec: Spec) -> str | None:
    """Seen where a station was known to have the operation, and the operation not to be over."""
    operation, told_so = history.asked(removal), answer(removal)
    if operation is None or not understood(operation.call) or not alone(history, operation):
        return None
    if told_so is Said.NOTHING or not out_of_pool(operation, removal, spec):
        return None
    if may_be_forgotten(history, operation, removal, spec):
        return None  # then no operation with that id is known
    if _is_over(operation, removal, spec):
        return None  # what is over may be answered otherwise than what is under way
    return "answers-true" if told_so is Said.TRUE else "answers-false"


@rule(
    "REM-009",
    judges=(),
    accepts=[
        AT_STATION + YES + REMOVED + NO,
        LATE + AT_STATION + YES + REMOVED + YES,
        UNDER_WAY + LATE_REFUSED + AT_STATION + YES + REMOVED + YES,
    ],
    rejects=[
        LATE_REFUSED + AT_STATION + YES + YES,
        LATE_REFUSED + AT_STATION + YES + REMOVED + YES,
        UNDER_WAY + OVER_REFUSED + AT_STATION + YES + REMOVED + YES,
    ],
    ignores=[
        AT_STATION + YES + YES,
        AT_STATION + NO + YES,
        AT_STATION + YES + AT_STATION + YES,
        AT_STATION + YES.lost() + YES,
        AT_STATION + YES + REMOVED + poll(1, GONE) + NO,
    ],
)
def an_operation_is_removed_once(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """A second removal finds nothing to remove; judged at the end, by how the server answers late removals."""
    return None


@an_operation_is_removed_once.at_end
def no_operation_was_removed_twice(history: History, spec: Spec) -> Iterable[Verdict]:
    refuses = _refuses_when_late(history, spec)
    for operation in _removable(history):
        first = next((r for r in operation.removals if answer(r) is Said.TRUE), None)
        if first is None or any(_name(poll, spec) == GONE for poll in operation.polls):
            continue
        for second in (r for r in operation.removals if first.before(r)):
            if answer(second) is Said.NOTHING:
                continue
            if answer(second) is Said.TRUE and refuses is None:
                yield undecided("this server was not seen to answer removals that come late", operation, first, second)
                continue
            expected = f"false, since it was removed at exchange {first.number}"
            yield judged(answer(second) is Said.FALSE or not refuses, expected, "true", operation, first, second)


@rule(
    "REM-010",
    judges="get_status",
    when=Mark.REMOVAL,
    accepts=[AT_STATION + poll(1, "accepted") + NO + DONE, AT_STATION + DONE + YES + DONE],
    rejects=[
        AT_STATION + poll(1, "accepted") + NO + REMOVED,
        AT_STATION + DONE + YES + REMOVED,
        SERVER + poll(2, "processed") + YES.but(parameters={"operation": 2}) + poll(2, "removed"),
    ],
    ignores=[AT_STATION + WAITS + YES + REMOVED, AT_STATION + poll(1, "accepted") + DONE],
)
def a_late_removal_changes_nothing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that its station had taken, or that was over, goes on as if nobody had called for its removal."""
    said = told(history, query, spec)
    if said is None or said.status.name == GONE:
        return None
    late = next((r for r in removals(said) if out_of_pool(said.operation, r, spec)), None)
    if late is None:
        return None
    expected = f"its own course: exchange {late.number} came when it had left the pool"
    return judged(said.status.name != "removed", expected, said.observed, said.operation, late, query)


@rule(
    "REM-012",
    judges="remove_operation",
    accepts=[LATE_REFUSED, OVER_REFUSED, AT_STATION + poll(1, "rejected_by_operator") + NO],
    rejects=[LATE, OVER_REFUSED.answered(True), AT_STATION + poll(1, "rejected_by_operator") + YES],
    ignores=[
        UNDER_WAY,
        AT_STATION + YES,
        AT_STATION + YES + REMOVED + YES,
        AT_STATION + poll(1, "station_silent") + YES,
        AT_STATION + DONE + AT_STATION + YES,
        AT_STATION + DONE + YES.lost(),
    ],
)
def what_was_handled_cannot_be_removed(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """The operation was carried out, or ended at its station, and that was known before; nobody else had its id.

    Where a station was silent, or a condition was not met, the operation may still lie in the pool.
    """
    operation, said = history.asked(removal), answer(removal)
    if operation is None or said is Said.NOTHING or not understood(operation.call) or not alone(history, operation):
        return None
    handled = [p for p in operation.polls if p.before(removal) and _name(p, spec) in _HANDLED]
    if not handled:
        return None
    expected = f"false, since it was over at exchange {handled[0].number}"
    return judged(said is Said.FALSE, expected, "true", operation, handled[0], removal)


@observes(
    "REMOVE-REPEATED-ID",
    judges=("remove_operation", "get_status"),
    shows=[
        (NO_STATION + AT_STATION * 2 + YES + WAITS, "oldest"),
        (NO_STATION + AT_STATION * 2 + YES + WAITS + YES, "oldest"),
        (NO_STATION + AT_STATION + YES + WAITS, ""),
        (NO_STATION + AT_STATION * 2 + YES + YES, "newest"),
        (NO_STATION + AT_STATION * 2 + YES + NO, "all"),
        (NO_STATION + AT_STATION + YES + NO, ""),
        (AT_STATION * 2 + YES + NO, ""),
    ],
)
def operations_that_one_removal_takes(history: History, seen: Exchange, spec: Spec) -> str | None:
    """Seen where two operations of one id waited for a station that is not connected.

    Between two removals the newest waits still, or the second removal finds another one or none.
    """
    waiting = list(history.with_id(seen))
    if len(waiting) != _TWO or not all(nowhere(history, o.station, o.call) and understood(o.call) for o in waiting):
        return None
    made = waiting[1].removals
    if waiting[0].removals or not made or answer(made[0]) is not Said.TRUE:
        return None
    waits = [p for p in waiting[1].polls if made[0].before(p) and _name(p, spec) == "awaiting"]
    if seen in waits:
        return "oldest"
    if waits or len(made) != _TWO or made[1] is not seen:
        return None
    return {Said.TRUE: "newest", Said.FALSE: "all"}.get(answer(seen))


_TWO = 2
