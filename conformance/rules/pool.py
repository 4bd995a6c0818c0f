"""Where an operation is carried out: by the server at once, or by the one station it names."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.rules.catalogue import observes, rule
from conformance.rules.evidence import Told, listed, named, nowhere, on_server, pressed, told, understood
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Operation, Sketch, call, each, guid, note, poll

CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
SELECT = call("select_patient", integration_id="A", station=7, operation=1)
DONE = poll(1, "processed")
NO_STATION = note(NoteKind.FRESH, role="station", value=str(guid(7)))
SAVE = note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="new_patient", button="save")

ENOUGH_LOOKS = 20
"""So many looks at an operation that did not move are a server that forgot it, not one that takes its time."""


def station(connected: str) -> Sketch:
    return note(NoteKind.FIXTURE, what="station", station=str(guid(7)), hostname="PC", connected=connected)


def _others(count: int) -> Sketch:
    """So many operations with ids of their own."""
    return each(range(50, 50 + count), lambda number: call("create_patient", last_name="Fox", operation=number))


@rule(
    "POOL-002",
    judges="get_status",
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
        NO_STATION + SELECT + poll(1, "navigation_failed"),
    ],
    ignores=[
        AT_STATION + DONE,
        station("yes") + AT_STATION + DONE,
        AT_STATION + NO_STATION + DONE,
        NO_STATION + CREATE + DONE,
        NO_STATION + AT_STATION + poll(1, "operation_unknown"),
    ],
)
def only_the_named_station_carries_an_operation_out(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An operation for a station that is not connected waits or fails; nobody else carries it out."""
    said = told(history, query, spec)
    if said is None or not said.operation.on_station or said.status.name == "operation_unknown":
        return None
    absent = nowhere(history, said.operation.station, said.operation.call)
    if not absent:
        return None
    done = said.status.name == "processed" or said.status.assigned_by in ("station", "operator")
    expected = f"{named(spec, 'awaiting')} or a failure: station {said.operation.station} is not connected"
    return judged(not done, expected, said.observed, absent, said.operation, query)


@observes(
    "UNKNOWN-STATION",
    judges="get_status",
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
    ],
    ignores=[
        station("yes") + AT_STATION + SAVE + poll(1, "awaiting") * (ENOUGH_LOOKS - 1),
        station("yes") + AT_STATION + poll(1, "awaiting") * ENOUGH_LOOKS,
        station("no") + AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
        AT_STATION + SAVE + poll(1, "awaiting") * ENOUGH_LOOKS,
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


def _left_open(history: History, spec: Spec) -> Iterable[Told]:
    """Operations whose last status of many is not final."""
    for operation in history.operations:
        if len(operation.polls) >= ENOUGH_LOOKS and understood(operation.call):
            last = operation.polls[-1]
            status = spec.status_by_code.get(last.status_code if last.status_code is not None else 0)
            if status is not None and not status.final:
                yield Told(last, operation, status, spec)


def _attended(history: History, operation: Operation) -> bool:
    """True when the station is known to be there and the operator was told what to press, other than nothing."""
    buttons = pressed(history, operation).values() if operation.on_station else ()
    if not buttons or "no_answer" in buttons or nowhere(history, operation.station, operation.call):
        return False
    return _declared(history, operation) or listed(history, operation.station, operation.call) is not None


def _declared(history: History, operation: Operation) -> bool:
    wanted = str(operation.station)
    return any(n.data.get("station") == wanted and "connected" in n.data for n in history.notes(NoteKind.FIXTURE))


@rule(
    "POOL-008",
    judges="get_status",
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
