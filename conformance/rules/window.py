"""How long a status can be asked for: as long as its operation is among the newest ones.

Theory. The guide counts operations, and it is open in three points: whether a repeated id takes a second place, whether
look-ups take places, and whether a change of status makes an operation young again. So there are two counts of what
came after an operation: *surely*, which every reading agrees on, and *possibly*, which no reading exceeds. A status
that is gone is wrong while possibly is below the limit; one that is still there is wrong once surely has reached it.
"""

from __future__ import annotations

from conformance.rules.catalogue import observes, rule
from conformance.rules.evidence import (
    Told,
    lost_among_others,
    older_that_may_have_changed,
    told,
    understood,
)
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import RunsOn, Spec
from conformance.trace import Exchange, History, NoteKind, Operation, Sketch, call, each, guid, note, poll
from conformance.trace.history import spelled_alike
from conformance.wire import EMPTY_GUID

GONE = "operation_unknown"
LISTS = ("stations", "cases")


def start(operation: int | None, **parameters: object) -> Sketch:
    """A small operation of the server's own."""
    return call("create_patient", integration_id=f"P{operation}", last_name="Fox", operation=operation, **parameters)


def newer(count: int, first: int = 100) -> Sketch:
    """That many operations, each with an id of its own."""
    return each(range(first, first + count), lambda number: start(int(str(number))))


FIRST = start(1)
DONE = poll(1, "processed")
AT_STATION = start(1, station=7)
CAPITALS = call("create_patient", last_name="Fox", operation=str(guid(0xABCDEF)).upper())
LATE = AT_STATION + newer(1) + poll(1, "accepted") + poll(1, "processed")
LIST = call("list_stations", answer=[])
HEADS = start(2).but(verb="HEAD")


def _asked_in_small(status: str) -> Sketch:
    return poll(0xABCDEF, status)


def surely_newer(history: History, said: Told) -> int:
    """How many places were surely taken by operations that came after this one, and after its last change."""
    since = _unchanged_since(history, said)
    found = {
        other.id
        for other in history.operations[said.operation.serial + 1 :]
        if _surely_started(history, other) and since.before(other.call) and other.call.before(said.poll)
    }
    return len(found - {said.operation.id})


def _surely_started(history: History, operation: Operation) -> bool:
    """True for one that the server took; not for one that met others and was then unknown whenever it was asked for."""
    lost = history.company.met(operation.call) and set(operation.codes()) == {history.spec.code(GONE)}
    return understood(operation.call) and not lost


def _unchanged_since(history: History, said: Told) -> Exchange:
    """An exchange after which the operation surely kept the status now told."""
    operation = said.operation
    polls = list(said.earlier_polls)
    at_once = not operation.on_station and not history.works_later
    if said.status.name in (GONE, "awaiting") or (at_once and all(s.final for _, s in polls)):
        return operation.call
    same = [poll for poll, status in polls if status is said.status]
    return same[-1] if same else said.poll


def possibly_newer(history: History, said: Told) -> int:
    """How many places can have been taken since, under any reading."""
    later = history.newer(said.operation, said.poll).most
    if said.status.name != GONE or later >= said.spec.kept_operations:
        return later
    return later + _look_ups(history, said) + older_that_may_have_changed(history, said.operation)


def _look_ups(history: History, said: Told) -> int:
    return len(history.between(said.operation.call, said.poll, *look_ups(said.spec)))


def look_ups(spec: Spec) -> tuple[str, ...]:
    """Roles of the methods that bring an answer and know no operation."""
    return tuple(m.role for m in spec.methods if m.runs_on is RunsOn.ANSWER and "operation" not in m.by_role)


def _last_known(said: Told) -> Exchange | None:
    """The newest earlier poll that still told a status."""
    return next((poll for poll, status in said.earlier_polls if status.name != GONE), None)


def _started_since(history: History, operation: Operation, since: Exchange) -> bool:
    return any(not other.call.before(since) for other in history.operations[operation.serial + 1 :])


def _kept(history: History, said: Told, expected: str, *evidence: Exchange) -> Verdict | None:
    """The verdict for an operation that must still be known, if possibly newer ones are below the limit."""
    if said.status.name != GONE:
        return holds(said.operation, *evidence, said.poll)
    count = possibly_newer(history, said)
    if count >= said.spec.kept_operations or lost_among_others(history, said.operation, said.poll):
        return None  # whether calls at the same moment disturb one another is a clause of its own
    if history.notes(NoteKind.FOREIGN):
        return undecided("another party uses the server and may have pushed the status out", said.operation, said.poll)
    observed = (
        f"{said.observed}, with at most {count} newer of {said.spec.kept_operations}"
        " (another program at work on this server would explain it; none is declared)"
    )
    return breaks(expected, observed, said.operation, *evidence, said.poll)


# -- the clauses ----------------------------------------------------------------------------------------------


@rule(
    "STAT-010",
    judges="get_status",
    accepts=[FIRST + poll(1, "processed"), call("select_case", case=3, operation=1) + poll(1, "unsupported")],
    rejects=[FIRST + poll(1, GONE), call("create_case", integration_id="A", station=7, operation=1) + poll(1, GONE)],
    ignores=[
        FIRST.refused(400) + poll(1, GONE),
        FIRST.lost() + poll(1, GONE),
        poll(1, GONE),
        start(None) + poll(0, GONE),
        FIRST + newer(1) + poll(1, GONE),
    ],
)
def every_method_with_an_id_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The newest operation is known under the id it was given, whatever method started it.

    Triggered by the first look at an operation that nothing came after.
    """
    said = told(history, query, spec)
    if said is None or said.operation.id == EMPTY_GUID or not _first_look_at_newest(history, said):
        return None
    call = said.operation.call
    name = call.method.name if call.method else ""
    return _kept(history, said, f"a status of the operation that {name} started at exchange {call.number}")


@rule(
    "STAT-012",
    judges="get_status",
    accepts=[start(None) + poll(0, "processed"), start(0) + poll(0, "processed")],
    rejects=[start(None) + poll(0, GONE), start(0) + poll(0, GONE)],
    ignores=[FIRST + poll(1, "processed"), FIRST + poll(0, GONE)],
)
def an_operation_without_an_id_is_known_under_the_empty_one(
    history: History, query: Exchange, spec: Spec
) -> Verdict | None:
    """An operation that was given no id has its status under the empty GUID."""
    said = told(history, query, spec)
    if said is None or said.operation.id != EMPTY_GUID or not _first_look_at_newest(history, said):
        return None
    return _kept(history, said, f"the status of the operation without an id of exchange {said.operation.call.number}")


def _first_look_at_newest(history: History, said: Told) -> bool:
    return _last_known(said) is None and history.newer(said.operation, said.poll).most == 0


@rule(
    "POOL-006",
    judges="get_status",
    when=Mark.AGAIN,
    accepts=[FIRST + poll(1, "processed") * 2, AT_STATION + poll(1, "awaiting") * 3 + poll(1, "processed")],
    rejects=[FIRST + poll(1, "processed") + poll(1, GONE), AT_STATION + poll(1, "awaiting") + poll(1, GONE)],
    ignores=[FIRST + poll(1, GONE), FIRST + poll(1, "processed") + newer(1) + poll(1, GONE)],
)
def asking_uses_nothing_up(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A status that was told once is told again, as long as no other operation came."""
    said = told(history, query, spec)
    before = _last_known(said) if said is not None else None
    if said is None or before is None or _started_since(history, said.operation, before):
        return None
    return _kept(history, said, f"a status, as at exchange {before.number}: asking changes nothing", before)


@rule(
    "STAT-014",
    judges="get_status",
    when=Mark.FOLLOWED,
    accepts=[
        lambda spec: FIRST + newer(spec.kept_operations - 1) + poll(1, "processed"),
        lambda spec: AT_STATION + newer(spec.kept_operations - 1) + poll(1, "awaiting"),
        FIRST + newer(1) + poll(1, "processed"),
    ],
    rejects=[
        lambda spec: FIRST + newer(spec.kept_operations - 1) + poll(1, GONE),
        FIRST + newer(1) + poll(1, GONE),
        FIRST + poll(1, "processed") + newer(4) + poll(1, GONE),
        lambda spec: FIRST + newer(spec.kept_operations) + start(1) + newer(1, 50) + poll(1, GONE),
    ],
    ignores=[
        lambda spec: FIRST + newer(spec.kept_operations) + poll(1, GONE),
        lambda spec: FIRST + newer(1) + LIST * spec.kept_operations + poll(1, GONE),
        lambda spec: FIRST + start(2) * spec.kept_operations + poll(1, GONE),
        FIRST + note(NoteKind.FOREIGN, what="operation") + newer(3) + poll(1, GONE),
        FIRST + poll(1, GONE),
    ],
)
def the_newest_operations_keep_their_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The status of an operation is told while it is among as many newest ones as the server keeps.

    Triggered when others came after it. Calls that merely may have started one are counted as if they had.
    """
    said = told(history, query, spec)
    if said is None:
        return None
    before, count = _last_known(said), history.newer(said.operation, said.poll).most
    untouched = before is not None and not _started_since(history, said.operation, before)
    if count == 0 or untouched or count >= spec.kept_operations:
        return None
    return _kept(history, said, f"the status of operation {said.operation.id}, since {spec.kept_operations} are kept")


@rule(
    "STAT-015",
    judges="get_status",
    when=Mark.FOLLOWED,
    accepts=[
        lambda spec: FIRST + newer(spec.kept_operations) + poll(1, GONE),
        lambda spec: AT_STATION + poll(1, "awaiting") + newer(spec.kept_operations) + poll(1, GONE),
    ],
    rejects=[
        lambda spec: FIRST + newer(spec.kept_operations) + poll(1, "processed"),
        lambda spec: AT_STATION + newer(spec.kept_operations) + poll(1, "awaiting"),
        lambda spec: AT_STATION + poll(1, "processed") + newer(spec.kept_operations) + poll(1, "processed"),
        lambda spec: FIRST + newer(spec.kept_operations - 1) + DONE + newer(1, 50) + DONE,
    ],
    ignores=[
        lambda spec: FIRST + newer(spec.kept_operations - 1) + poll(1, "processed"),
        lambda spec: AT_STATION + newer(spec.kept_operations) + poll(1, "processed"),
        lambda spec: FIRST + start(2) * spec.kept_operations + poll(1, "processed"),
        lambda spec: FIRST + newer(spec.kept_operations).refused(400) + poll(1, "processed"),
        lambda spec: FIRST + HEADS * spec.kept_operations + poll(1, "processed"),
    ],
)
def the_oldest_operations_are_forgotten(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation is unknown once as many newer ones came as the server keeps."""
    said = told(history, query, spec)
    if said is None:
        return None
    count = surely_newer(history, said)
    if count < spec.kept_operations:
        return None
    if said.status.name == GONE:
        return holds(said.operation, said.poll)
    expected = f"{spec.code(GONE)}, since {count} newer operations were started and {spec.kept_operations} are kept"
    return breaks(expected, said.observed, said.operation, said.poll)


# -- the readings ---------------------------------------------------------------------------------------------


@observes(
    "REPEATED-ID-PLACES",
    judges="get_status",
    when=Mark.FOLLOWED,
    shows=[
        (lambda spec: FIRST + start(2) * spec.kept_operations + poll(1, GONE), "two"),
        (lambda spec: FIRST + start(2) * spec.kept_operations + poll(1, "processed"), "one"),
        (lambda spec: FIRST + newer(spec.kept_operations) + poll(1, GONE), ""),
    ],
)
def places_of_a_repeated_id(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where repeated ids alone make the difference between kept and pushed out."""
    said = told(history, query, spec)
    if said is None or history.notes(NoteKind.FOREIGN):
        return None
    later = history.operations[said.operation.serial + 1 :]
    if len(later) < spec.kept_operations or not all(understood(o.call) and o.call.before(query) for o in later):
        return None
    if len({o.id for o in later} - {said.operation.id}) >= spec.kept_operations:
        return None
    if said.status.name != GONE:
        return "one"
    return None if _look_ups(history, said) or older_that_may_have_changed(history, said.operation) else "two"


@observes(
    "READS-KEPT",
    judges="get_status",
    shows=[
        (lambda spec: FIRST + LIST * spec.kept_operations + poll(1, GONE), "yes"),
        (lambda spec: FIRST + newer(spec.kept_operations - 1) + LIST + poll(1, "processed"), "no"),
        (lambda spec: FIRST + LIST * spec.kept_operations + poll(1, "processed"), ""),
        (lambda spec: FIRST + newer(spec.kept_operations - 2) + LIST * 2 + poll(1, "processed"), ""),
    ],
)
def places_of_look_ups(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where look-ups alone make the difference between kept and pushed out.

    All of them have the same id, which is none, so that they may share one place: a status that is still there tells
    that they take none only where one place was all that was left.
    """
    said = told(history, query, spec)
    if said is None or history.notes(NoteKind.FOREIGN):
        return None
    newer = history.newer(said.operation, query)
    if newer.most + newer.others < spec.kept_operations:
        return None
    between = history.between(said.operation.call, query, *look_ups(spec))
    served = [exchange for exchange in between if exchange.succeeded and exchange.before(query)]
    lists = sum(exchange.method is not None and exchange.method.answer in LISTS for exchange in served)
    if said.status.name != GONE:
        return "no" if newer.least == spec.kept_operations - 1 and lists else None
    others = newer.most + older_that_may_have_changed(history, said.operation)
    return "yes" if others < spec.kept_operations <= newer.most + len(served) else None


@observes(
    "STATUS-AGE",
    judges="get_status",
    when=Mark.FOLLOWED,
    shows=[
        (lambda spec: AT_STATION + newer(spec.kept_operations) + poll(1, "processed"), "last-change"),
        (lambda spec: LATE + newer(spec.kept_operations - 1, 50) + poll(1, GONE), "start"),
        (lambda spec: LATE + newer(spec.kept_operations - 1, 50) + poll(1, "processed"), "last-change"),
        (lambda spec: AT_STATION + newer(spec.kept_operations) + poll(1, GONE), ""),
        (lambda spec: FIRST + newer(spec.kept_operations) + poll(1, GONE), ""),
    ],
)
def age_of_a_status(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where an operation changed after newer ones had come, and those alone would push it out."""
    said = told(history, query, spec)
    if said is None or history.newer(said.operation, query).least < spec.kept_operations:
        return None
    if said.status.name != GONE:
        return "last-change" if surely_newer(history, said) < spec.kept_operations else None
    waited = next((poll for poll, status in said.earlier_polls if not status.final), None)
    known = _last_known(said)
    if waited is None or known is None or known is waited:
        return None
    since = [o for o in history.operations[said.operation.serial + 1 :] if not o.call.before(waited)]
    return "start" if len(since) + _look_ups(history, said) < spec.kept_operations else None


@observes(
    "OPERATION-ID-SPELLING",
    judges="get_status",
    shows=[
        (CAPITALS + _asked_in_small("processed"), "same"),
        (CAPITALS + _asked_in_small(GONE), "other"),
        (FIRST + DONE, ""),
    ],
)
def spelling_of_an_id(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where the newest operation is asked for under its id in another spelling."""
    operation = next(reversed(history.with_id(query)), None)
    if operation is None or not understood(operation.call) or spelled_alike(operation.call, query):
        return None
    if (
        query.repeated
        or query.status_code is None
        or not operation.call.before(query)
        or history.newer(operation, query).most
    ):
        return None
    return "other" if query.status_code == spec.code(GONE) else "same"
