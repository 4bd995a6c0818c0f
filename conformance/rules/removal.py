"""Taking an operation out of the pool: what the answer says, and what becomes of the operation.

Whether a removal came in time is seen only by what follows it: a removed operation is removed for good, one that was
left goes on. Removals that came too late have a module of their own.
"""

from __future__ import annotations

from enum import StrEnum

from conformance.rules.catalogue import rule
from conformance.rules.evidence import Told, named, nowhere, ordinary, since, told
from conformance.rules.marks import Mark, at_server
from conformance.rules.origins import since_unknown
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Operation, State, call, fresh, guid, note, poll
from conformance.wire import Document

GONE = "operation_unknown"
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
SERVER = call("create_patient", integration_id="B", last_name="Fox", operation=2)
NO_STATION = note(NoteKind.FRESH, role="station", value=str(guid(7)))
NAMELESS = call("create_patient", integration_id="A", last_name="Fox", station=7)
YES = call("remove_operation", operation=1, answer=True)
NO = call("remove_operation", operation=1, answer=False)
WAITS = poll(1, "awaiting")
REMOVED = poll(1, "removed")
DONE = poll(1, "processed")


class Said(StrEnum):
    """What a removal was answered."""

    TRUE = "true"
    FALSE = "false"
    NOTHING = "nothing that can be read"


def answer(removal: Exchange) -> Said:
    """The answer to a removal."""
    document = removal.document
    value = document.value if isinstance(document, Document) and removal.succeeded else None
    if not isinstance(value, bool):
        return Said.NOTHING
    return Said.TRUE if value else Said.FALSE


def removals(said: Told) -> list[Exchange]:
    """Removals of the operation that were over before the look at it."""
    return [r for r in said.operation.removals if r.before(said.poll)]


@rule(
    "REM-004",
    judges="remove_operation",
    accepts=[YES, NO, YES.but(body=b"true", content_type="text/plain")],
    rejects=[
        YES.answered("maybe"),
        YES.but(body=b"", content=None),
        YES.answered(""),
        YES.but(body=b"removed", content_type="text/plain"),
        YES.refused(404),
        YES.refused(500),
    ],
    ignores=[YES.refused(401), YES.lost(), call("remove_operation", operation="?").refused(400)],
)
def a_removal_is_answered_with_a_boolean(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """The answer is true or false, whatever id was named."""
    if not ordinary(removal, spec):
        return None
    if not removal.succeeded:
        return breaks("HTTP 200 with true or false", f"HTTP {removal.http_status}", removal)
    document = removal.document
    observed = "no body" if document is None else getattr(document, "reason", "") or "no Boolean in the document"
    return judged(answer(removal) is not Said.NOTHING, "true or false", observed, removal)


@rule(
    "REM-001",
    judges="get_status",
    when=Mark.REMOVAL,
    accepts=[AT_STATION + WAITS + YES + REMOVED, AT_STATION + YES + REMOVED],
    rejects=[
        AT_STATION + WAITS + NO + WAITS,
        AT_STATION + NO + REMOVED,
        NAMELESS + poll(0, "awaiting") + call("remove_operation", operation=0, answer=False) + poll(0, "awaiting"),
    ],
    ignores=[
        AT_STATION + NO + DONE,
        AT_STATION + WAITS + YES + DONE,
        AT_STATION + YES + NO + REMOVED,
        AT_STATION + poll(1, "accepted") + NO + WAITS,
        AT_STATION + YES,
    ],
)
def what_waits_in_the_pool_can_be_removed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A removal of an operation that still waits is answered with true, and removes it.

    That it waited is proven by what is seen after it: it still waits, or it is removed.
    """
    return _in_time(told(history, query, spec))


def _in_time(said: Told | None) -> Verdict | None:
    if said is None or not said.operation.on_station:
        return None
    made = removals(said)
    answers = [answer(removal) for removal in made]
    if not made or Said.NOTHING in answers or len(made) != len(said.operation.removals):
        return None
    if Said.TRUE in answers:
        alone_true = len(answers) == 1 and said.status.name == "removed"
        return holds(said.operation, *made, said.poll) if alone_true else None
    if said.status.name not in ("awaiting", "removed") or _had_left(said, made[-1]):
        return None
    state = "it still waited" if said.status.name == "awaiting" else "it was removed indeed"
    expected = f"true at exchange {made[-1].number}, since {state} at exchange {said.poll.number}"
    return breaks(expected, "false", said.operation, *made, said.poll)


def _had_left(said: Told, removal: Exchange) -> bool:
    """True when it was seen before the removal that the operation waited no longer."""
    return any(status.name != "awaiting" and poll.before(removal) for poll, status in said.earlier_polls)


@rule(
    "REM-005",
    judges="get_status",
    when=Mark.REMOVAL,
    accepts=[NO_STATION + AT_STATION + WAITS + YES + REMOVED],
    rejects=[NO_STATION + AT_STATION + WAITS + NO + WAITS, NO_STATION + AT_STATION + NO + REMOVED],
    ignores=[
        AT_STATION + WAITS + NO + WAITS,
        NO_STATION + AT_STATION + NO + poll(1, "station_silent"),
        NO_STATION + AT_STATION + NO + poll(1, "unsupported"),
    ],
)
def what_is_stuck_in_the_pool_can_be_removed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that waits for a station which is not connected can be removed."""
    said = told(history, query, spec)
    stuck = said is not None and nowhere(history, said.operation.station, said.operation.call)
    return _in_time(said) if stuck else None


@rule(
    "REM-002",
    judges="get_status",
    when=Mark.REMOVAL,
    accepts=[AT_STATION + YES + REMOVED],
    rejects=[
        AT_STATION + YES + WAITS,
        AT_STATION + WAITS + YES + WAITS + REMOVED,
        AT_STATION * 2 + YES * 2 + WAITS,
        AT_STATION + REMOVED + AT_STATION + YES + WAITS,
    ],
    ignores=[
        AT_STATION * 2 + YES + WAITS,
        AT_STATION + NO + WAITS,
        AT_STATION + YES.lost() + WAITS,
        AT_STATION + YES + DONE,
        AT_STATION + YES + poll(1, GONE),
    ],
)
def what_was_removed_waits_no_longer(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """After a removal that was answered with true the operation is removed, and does not wait in the pool."""
    said = told(history, query, spec)
    removal = next((r for r in removals(said) if answer(r) is Said.TRUE), None) if said is not None else None
    if said is None or removal is None or said.status.name not in ("removed", "awaiting"):
        return None
    if said.status.name == "awaiting" and _may_have_meant_another(history, said):
        return None
    expected = f"{named(spec, 'removed')}, since exchange {removal.number} said that it was removed"
    return judged(said.status.name == "removed", expected, said.observed, said.operation, removal, query)


def _may_have_meant_another(history: History, said: Told) -> bool:
    """True when older operations with the same id waited as well, more than removals that may have taken them."""
    older = [o for o in history.with_id(said.poll) if o.serial < said.operation.serial and not o.ends]
    return len([r for r in removals(said) if answer(r) is Said.TRUE]) <= len(older)


@rule(
    "REM-003",
    judges="remove_operation",
    accepts=[note(NoteKind.FRESH, role="operation", value=str(guid(1))) + NO],
    rejects=[
        note(NoteKind.FRESH, role="operation", value=str(guid(1))) + YES,
        AT_STATION + note(NoteKind.FRESH, role="operation", value=str(guid(3))) + YES.but(parameters={"operation": 3}),
    ],
    ignores=[YES, NO, AT_STATION + YES, SERVER + NO],
)
def what_was_never_there_is_not_removed(history: History, removal: Exchange, spec: Spec) -> Verdict | None:
    """A removal under an id that no operation was given is answered with false."""
    wanted, told_so = removal.guid("operation"), answer(removal)
    if wanted is None or told_so is Said.NOTHING or removal.repeated or history.with_id(removal):
        return None
    number = history.minted("operation", wanted, removal)
    if not number:
        return None
    expected = f"false, since no operation was given the id {wanted}"
    return judged(told_so is Said.FALSE, expected, "true", number, removal)


OTHER = call("create_patient", integration_id="B", last_name="Fox", station=7, operation=2)


@rule(
    "REM-006",
    judges="get_status",
    when=Mark.TOLD_AT_STATION,
    accepts=[AT_STATION + OTHER + YES + poll(2, "awaiting"), AT_STATION + OTHER + YES + poll(2, "processed")],
    rejects=[AT_STATION + OTHER + YES + poll(2, "removed"), OTHER + NO + poll(2, "removed")],
    ignores=[AT_STATION + YES + REMOVED, AT_STATION + OTHER + poll(2, "removed"), YES + OTHER + poll(2, "awaiting")],
)
def only_the_operation_named_is_removed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A removal leaves every operation with another id as it was."""
    said = told(history, query, spec)
    if said is None or not said.operation.on_station:
        return None
    made = since(history, "remove_operation", said.operation.call)
    ids = {removal.guid("operation") for removal in made}
    if not made or None in ids or said.operation.id in ids:
        return None
    expected = f"another status: exchange {made[0].number} removed an operation with another id"
    return judged(said.status.name != "removed", expected, said.observed, said.operation, made[0], query)


@rule(
    "REM-007",
    judges="get_status",
    when=(at_server("create_patient"), at_server("update_patient")),
    accepts=[
        fresh("A")
        + AT_STATION
        + YES
        + REMOVED
        + call("update_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "integration_id_unknown"),
        fresh("A")
        + AT_STATION
        + YES
        + REMOVED
        + call("create_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "processed"),
        fresh("A")
        + AT_STATION
        + YES
        + REMOVED
        + call("update_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "integration_id_unknown")
        + call("create_patient", integration_id="A", last_name="Fox", operation=4)
        + poll(4, "integration_id_taken"),
    ],
    rejects=[
        call("update_patient", integration_id="N", last_name="Fox", operation=8)
        + poll(8, "integration_id_unknown")
        + fresh("A")
        + AT_STATION
        + YES
        + REMOVED
        + call("update_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "processed"),
        fresh("A")
        + AT_STATION
        + YES
        + REMOVED
        + call("create_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "integration_id_taken"),
    ],
    ignores=[
        AT_STATION
        + YES
        + REMOVED
        + call("update_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "processed"),
        fresh("A")
        + AT_STATION
        + NO
        + call("update_patient", integration_id="A", last_name="Fox", operation=3)
        + poll(3, "processed"),
        fresh("A") + call("update_patient", integration_id="A", last_name="Fox", operation=3) + poll(3, "processed"),
    ],
)
def what_was_removed_has_no_effect(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A patient that a removed operation would have made is not there.

    Seen by what the server says of that integration id to a later operation of its own.
    """
    said = told(history, query, spec)
    if said is None or said.operation.role not in ("create_patient", "update_patient") or said.operation.on_station:
        return None
    if said.status.name not in ("processed", "integration_id_unknown", "integration_id_taken"):
        return None
    call = said.operation.call
    proof = history.proofs.integration_id(call.values.get("integration_id", ""), call, query)
    removed = next((o for o in since_unknown(proof, history) if _would_have_made_it(o, call, spec)), None)
    if removed is None or proof.state is not State.ABSENT:
        return None
    updated = said.status.name == "processed" and said.operation.role == "update_patient"
    if updated and not history.proofs.refused_like("integration_id_unknown", said.operation):
        return None
    there = (said.status.name == "processed") == (said.operation.role == "update_patient")
    expected = f"no patient under this integration id: the operation of exchange {removed.call.number} was removed"
    return judged(not there, expected, said.observed, removed, *removed.removals[:1], said.operation, query)


def _would_have_made_it(operation: Operation, call: Exchange, spec: Spec) -> bool:
    """True for the making of a patient that was known to be removed when ``call`` was sent."""
    removed = spec.code("removed") in operation.codes(call) and bool(operation.removals)
    return operation.role == "create_patient" and removed
