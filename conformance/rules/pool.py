"""Where an operation is carried out: by the server at once, or by the one station it names."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.rules.carried_out import asked_in_vain
from conformance.rules.case_sketches import patient
from conformance.rules.catalogue import observes, rule
from conformance.rules.evidence import Told, listed, named, nowhere, on_server, pressed, told, understood
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Operation, Sketch, State, call, each, guid, note, poll

CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
AT_STATION_TOO = call("create_patient", integration_id="B", last_name="Fox", station=7, operation=1)
SELECT = call("select_patient", integration_id="A", station=7, operation=1)
DONE = poll(1, "processed")
NO_STATION = note(NoteKind.FRESH, role="station", value=str(guid(7)))
SAVE = note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="new_patient", button="save")
SAVE_ELSEWHERE = note(
    NoteKind.DECISION, operation=str(guid(1)), station=str(guid(8)), dialog="new_patient", button="save"
)
ELSEWHERE = call("create_patient", integration_id="B", last_name="Fox", station=8, operation=1)

ENOUGH_LOOKS = 20
"""So many looks at an operation that did not move are a server that forgot it, not one that takes its time."""


def station(connected: str) -> Sketch:
    return note(NoteKind.FIXTURE, what="station", station=str(guid(7)), hostname="PC", connected=connected)


def left(connected: str) -> Sketch:
    """The station leaves in the middle of the run, or comes back."""
    return note(NoteKind.STATION, station=str(guid(7)), connected=connected)


IN_CAPITALS = (
    note(NoteKind.FIXTURE, what="station", station=str(guid(10)), hostname="PC", connected="yes")
    + call("create_patient", integration_id="A", last_name="Fox", station=str(guid(10)).upper(), operation=1)
    + note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(10)), dialog="new_patient", button="save")
)
TWO = SAVE + AT_STATION + SAVE + AT_STATION_TOO
"""Two patients to be saved at one station, by operations with one id."""


def _missed(looks: int, other: str = "processed") -> Sketch:
    """The second is through, is looked at so often, and then nobody has the integration id of the first.

    ``other`` tells how an update under that of the second ends.
    """
    update = call("update_patient", integration_id="A", last_name="Fox", operation=2)
    known = call("update_patient", integration_id="B", last_name="Fox", operation=3)
    return DONE * looks + update + poll(2, "integration_id_unknown") + known + poll(3, other)


def _others(count: int) -> Sketch:
    """So many operations with ids of their own."""
    return each(range(50, 50 + count), lambda number: call("create_patient", last_name="Fox", operation=number))


@rule(
    "POOL-002",
    judges="get_status",
    when=Mark.TOLD_AT_STATION,
    accepts=[
        NO_STATION + AT_STATION + poll(1, "awaiting"),
        NO_STATION + AT_STATION + poll(1, "station_silent"),
        station("no") + SELECT + poll(1, "awaiting"),
        NO_STATION + AT_STATION + poll(1, "unsupported"),
    ],
    rejects=[
        NO_STATION + AT_STATION + DONE,
        NO_STATION + SELECT + poll(1, "accepted"),
        station("no") + AT_STATION + poll(1, "awaiting") + poll(1, "rejected_by_operator"),
        patient("A") + NO_STATION + SELECT + poll(1, "navigation_failed"),
    ],
    ignores=[
        NO_STATION + SELECT + poll(1, "navigation_failed"),
        AT_STATION + DONE,
        station("yes") + AT_STATION + DONE,
        AT_STATION + NO_STATION + DONE,
        NO_STATION + CREATE + DONE,
        NO_STATION + AT_STATION + poll(1, "operation_unknown"),
    ],
)
def only_the_named_station_carries_an_operation_out(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation for a station that is not connected waits or fails; nobody else carries it out.

    A server that looks for the patient first may tell of an unknown one (reading UNKNOWN-PATIENT-AT-STATION).
    """
    said = told(history, query, spec)
    if said is None or not said.operation.on_station or said.status.name == "operation_unknown":
        return None
    if _told_of_nobody(history, said, spec):
        return None
    absent = nowhere(history, said.operation.station, said.operation.call)
    if not absent:
        return None
    done = said.status.name == "processed" or said.status.assigned_by in ("station", "operator")
    expected = f"{named(spec, 'awaiting')} or a failure: station {said.operation.station} is not connected"
    return judged(not done, expected, said.observed, absent, said.operation, query)


def _told_of_nobody(history: History, said: Told, spec: Spec) -> bool:
    call = said.operation.call
    if call.role not in OF_A_PATIENT or said.status.name not in spec.reading["UNKNOWN-PATIENT-AT-STATION"].conforming:
        return False
    return history.proofs.integration_id(call.values.get("integration_id", ""), call).state is not State.PRESENT


OF_A_PATIENT = ("select_patient", "create_case")


@observes(
    "UNKNOWN-STATION",
    judges="get_status",
    when=Mark.TOLD_AT_STATION,
    shows=[
        (NO_STATION + AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS, "waits"),
        (NO_STATION + AT_STATION + poll(1, "station_silent"), "silent"),
        (NO_STATION + AT_STATION + poll(1, "unsupported"), "unsupported"),
        (AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS, ""),
        (NO_STATION + AT_STATION + poll(1, "awaiting") * 3, ""),
    ],
)
def fate_of_an_operation_for_no_station(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen once such an operation has a result, or has waited for many looks."""
    said = told(history, query, spec)
    if said is None or not nowhere(history, said.operation.station, said.operation.call):
        return None
    takes = {"station_silent": "silent", "unsupported": "unsupported"}
    if said.status.name == "awaiting":
        return "waits" if len(said.operation.polls) == ENOUGH_LOOKS else None
    return takes.get(said.status.name)


@rule(
    "POOL-003",
    judges="get_status",
    when=Mark.TOLD_AT_SERVER,
    accepts=[CREATE + DONE, CREATE + poll(1, "integration_id_taken")],
    rejects=[
        CREATE + poll(1, "rejected_by_operator"),
        CREATE + poll(1, "station_silent"),
        call("select_case", case=3, operation=1) + poll(1, "navigation_failed"),
        CREATE + poll(1, "internal_error"),
    ],
    ignores=[
        AT_STATION + poll(1, "rejected_by_operator"),
        CREATE + poll(1, "accepted"),
        lambda spec: AT_STATION + CREATE + _others(spec.kept_operations) + poll(1, "rejected_by_operator"),
    ],
)
def what_the_server_does_involves_no_station(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation that names no station has no status that only a station or its operator brings about."""
    said = told(history, query, spec)
    if said is None or said.operation.on_station or not said.status.final:
        return None
    foreign = said.status.assigned_by in ("station", "operator") or said.status.name == "station_silent"
    expected = "a result of the server's own, since no station was named"
    return judged(not foreign, expected, said.observed, said.operation, query)


@rule(
    "POOL-004",
    judges="get_status",
    when=Mark.TOLD_AT_STATION,
    accepts=[
        station("yes") + AT_STATION + SAVE + poll(1, "awaiting") + poll(1, "accepted"),
        station("yes") + AT_STATION + SAVE + poll(1, "awaiting") * 40 + DONE,
    ],
    rejects=[
        station("yes") + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + AT_STATION + SAVE + poll(1, "accepted") + poll(1, "accepted") * ENOUGH_LOOKS,
        call("list_stations", answer=[{"station": guid(7), "busy": True}])
        + AT_STATION
        + SAVE
        + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + ELSEWHERE + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + TWO + _missed(ENOUGH_LOOKS),
        station("yes") + left("no") + left("yes") + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
    ],
    ignores=[
        station("yes") + TWO + _missed(ENOUGH_LOOKS - 1),
        station("yes") + TWO + _missed(ENOUGH_LOOKS, "integration_id_unknown"),
        station("yes") + AT_STATION + SAVE + AT_STATION_TOO + _missed(ENOUGH_LOOKS),
        TWO + _missed(ENOUGH_LOOKS),
        station("yes") + ELSEWHERE + SAVE_ELSEWHERE + AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + AT_STATION + SAVE + poll(1, "awaiting") * (ENOUGH_LOOKS - 1),
        station("yes") + AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("no") + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        IN_CAPITALS + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + left("no") + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("yes") + AT_STATION + SAVE + left("no") + left("yes") + poll(1, "awaiting") * ENOUGH_LOOKS,
        call("create_patient", integration_id="A", last_name="Fox", station=7, operation="?") * 2,
    ],
)
def a_station_deals_with_its_operations(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A connected station takes its operations out of the pool and finishes them.

    Missed at the end, for operations whose operator was told what to press and that were looked at often.
    """
    said = told(history, query, spec)
    if said is None or not _attended(history, said.operation):
        return None
    by_station = said.status.assigned_by in ("station", "operator") or said.status.name == "processed"
    moved = by_station and not any(status is said.status for status in said.earlier)
    return holds(said.operation, query) if moved else None


@a_station_deals_with_its_operations.at_end
def no_operation_is_left_lying(history: History, spec: Spec) -> Iterable[Verdict]:
    for said in _left_open(history, spec):
        operation = said.operation
        if _attended(history, operation) and not operation.removals:
            expected = f"station {operation.station} to deal with it, since it is connected and attended"
            yield breaks(expected, f"{said.observed}, after {len(operation.polls)} looks", operation, said.poll)
    yield from _pushed_aside(history, spec)


def _pushed_aside(history: History, spec: Spec) -> Iterable[Verdict]:
    """Creations that were to be saved, yet brought nobody in, long after the next one with their id was through."""
    unknown = spec.code("integration_id_unknown")
    for first in history.operations:
        later = _next_at_its_station(history, first, spec)
        if later is None or not _known_afterwards(history, later, spec):
            continue
        for update in history.proofs.writes(first.call.values.get("integration_id", "")):
            looks = [p for p in later.polls if p.before(update.call) and p.status_code == spec.code("processed")]
            if update.role == "update_patient" and unknown in update.codes() and len(looks) >= ENOUGH_LOOKS:
                expected = f"station {first.station} to make the patient, since it is connected and attended"
                yield breaks(expected, f"nobody, as exchange {update.call.number} was told", first, later, update)
                break


def _known_afterwards(history: History, made: Operation, spec: Spec) -> bool:
    """True when an update was processed under the id of that patient: what the station saves is mapped."""
    writes = history.proofs.writes(made.call.values.get("integration_id", ""))
    return any(o.role == "update_patient" and spec.code("processed") in o.codes() for o in writes)


def _next_at_its_station(history: History, first: Operation, spec: Spec) -> Operation | None:
    """The one operation that has the id of ``first`` too, if both are creations there that were to be saved."""
    if first.superseded is None or not first.on_station or first.role != "create_patient" or first.removals:
        return None
    alike = history.with_id(first.call)
    if len(alike) != _TWO:  # none has an id that is no GUID
        return None
    later = alike[-1]
    if later.station != first.station or not understood(first.call) or not understood(later.call):
        return None
    return later if _told_at(history, first) == ["save", "save"] and _is_connected(history, first) else None


_TWO = 2


def _left_open(history: History, spec: Spec) -> Iterable[Told]:
    """Operations whose last status of many is not final."""
    for operation in history.operations:
        if asked_in_vain(operation) and understood(operation.call):
            last = operation.polls[-1]
            status = spec.status_by_code.get(last.status_code if last.status_code is not None else 0)
            if status is not None and not status.final:
                yield Told(last, operation, status, spec)


def _attended(history: History, operation: Operation) -> bool:
    """True when the station is known to be there and the operator was told what to press, other than nothing.

    A station in capitals that is not listed so is one that a server may not know: values are case sensitive
    (OPERATION-ID-SPELLING).
    """
    if operation.call.values.get("station", "").isupper() and not _is_listed_in_capitals(history, operation):
        return False
    buttons = _buttons(history, operation) if operation.on_station else ()
    return bool(buttons) and "no_answer" not in buttons and _is_connected(history, operation)


def _is_connected(history: History, operation: Operation) -> bool:
    if nowhere(history, operation.station, operation.call) or _was_away(history, operation):
        return False
    return _declared(history, operation) or listed(history, operation.station, operation.call) is not None


def _is_listed_in_capitals(history: History, operation: Operation) -> bool:
    shown = listed(history, operation.station, operation.call)
    reply = shown[0].event.reply if shown is not None else None
    return reply is not None and str(operation.station).upper() in reply.body


def _was_away(history: History, operation: Operation) -> bool:
    """True when the station had left before the operation was started, or left before it was looked at last."""
    until = operation.polls[-1].number if operation.polls else operation.call.number
    seen = [
        (n.number, n.data.get("connected") == "no")
        for n in history.notes(NoteKind.STATION)
        if n.data.get("station") == str(operation.station) and n.number < until
    ]
    before = [away for number, away in seen if number < operation.call.number]
    return any(before[-1:]) or any(away for number, away in seen if number > operation.call.number)


def _buttons(history: History, operation: Operation) -> Iterable[str]:
    """What was to be pressed for it, and for no other operation that has its id and its station."""
    alike = history.with_id(operation.call)
    if len(alike) == 1 or any(o is not operation and o.station == operation.station for o in alike):
        return pressed(history, operation).values()
    return _told_at(history, operation)


def _told_at(history: History, operation: Operation) -> list[str]:
    """What the operator of its station was told to press for its id, in order."""
    where = str(operation.station)
    return [n.data.get("button", "") for n in history.decisions(operation) if n.data.get("station") == where]


def _declared(history: History, operation: Operation) -> bool:
    wanted = str(operation.station)
    return any(n.data.get("station") == wanted and "connected" in n.data for n in history.notes(NoteKind.FIXTURE))


@rule(
    "POOL-008",
    judges="get_status",
    when=Mark.TOLD_AT_SERVER,
    accepts=[CREATE + DONE, call("select_case", operation=1) + poll(1, "unsupported")],
    rejects=[CREATE + poll(1, "awaiting"), CREATE + poll(1, "awaiting") + DONE],
    ignores=[AT_STATION + poll(1, "awaiting"), CREATE + poll(1, "operation_unknown")],
)
def the_server_does_its_part_at_once(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The first look at an operation of the server's shows its result."""
    said = told(history, query, spec)
    if said is None or said.operation.on_station or said.status.name == "operation_unknown" or said.earlier:
        return None
    return judged(said.status.final, "a result at the first look", said.observed, said.operation, query)


@rule(
    "POOL-009",
    judges="get_status",
    when=Mark.TOLD_AT_SERVER,
    accepts=[CREATE + DONE, CREATE + poll(1, "awaiting") * 30 + DONE],
    rejects=[CREATE + poll(1, "awaiting") * ENOUGH_LOOKS],
    ignores=[CREATE + poll(1, "awaiting") * (ENOUGH_LOOKS - 1), AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS],
)
def the_server_comes_to_a_result(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation of the server's ends; missed at the end, for those that were looked at often."""
    said = told(history, query, spec)
    if said is None or not on_server(said.operation) or said.status.name == "operation_unknown":
        return None
    return holds(said.operation, query) if said.status.final else None


@the_server_comes_to_a_result.at_end
def nothing_stays_open_on_the_server(history: History, spec: Spec) -> Iterable[Verdict]:
    for said in _left_open(history, spec):
        if not said.operation.on_station:
            observed = f"{said.observed}, after {len(said.operation.polls)} looks"
            yield breaks("a result of what the server does itself", observed, said.operation, said.poll)
