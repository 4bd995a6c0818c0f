"""Operations on their way: in the pool, at a station, several at once; and small steps that other plays share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from conformance.spec import Method, RunsOn, Spec
from conformance.suite.play import Ask, AtOnce, Desk, Dialog, NotPossible, Pause, Play, Send, Steps, play
from conformance.suite.together import alone_and_together
from conformance.trace import Exchange, NoteKind

Asking = Generator[Ask, list[Exchange], Exchange]
WRITES = frozenset({"writes"})
LONG_LOOK = 25
"""So many looks that what still lies there then was left lying."""
STATION_ROWS = ("POOL-004", "STAT-020", "STAT-021", "STAT-025")


# -- small steps ----------------------------------------------------------------------------------------------


def ask(desk: Desk, operation: str) -> Asking:
    """One look at the status."""
    return (yield from desk.one(desk.send("get_status", operation=operation)))


def look(desk: Desk, operation: str, times: int) -> Steps:
    """So many looks, with time between them."""
    for _ in range(times):
        yield from ask(desk, operation)
        yield Pause()


def remove(desk: Desk, operation: str) -> Asking:
    """Calls for the removal of an operation."""
    return (yield from desk.one(desk.send("remove_operation", operation=operation)))


def no_station(desk: Desk) -> str:
    """The id of a station that does not exist, noted as such."""
    return unused(desk, "station")


def unused(desk: Desk, role: str) -> str:
    """A GUID that is no operation's, station's or case's, noted as such."""
    value = desk.operation_id()
    desk.note(NoteKind.FRESH, role=role, value=value)
    return value


def disconnected(desk: Desk) -> str:
    """A station that is known to the server and not connected; one that does not exist where none is declared."""
    known = desk.fixtures("station", connected="no")
    return known[0]["station"] if known else no_station(desk)


def new_patient(desk: Desk, operation: str | None, **changes: str) -> Send:
    """A patient that the server, or a station, can make."""
    return desk.send("create_patient", operation=operation, **desk.patient(), **changes)


def refused(desk: Desk, operation: str | None) -> Send:
    """A small operation that comes to nothing, since the last name is missing."""
    patient = desk.patient(last_name="", patient_id="")
    named = {role: value for role, value in patient.items() if value}
    return desk.send("create_patient", operation=operation, **named)


def misdirected(desk: Desk, operation: str | None) -> Send:
    """A small operation that comes to nothing, since only a station could do it."""
    return desk.send("select_case", operation=operation, case=unused(desk, "case"))


def attended(
    desk: Desk, station: str, button: str = "save", dialog: str = Dialog.NEW_PATIENT
) -> Generator[Ask, list[Exchange], str]:
    """Starts a new patient at a station whose operator knows what to press; returns the operation's id."""
    operation = desk.operation_id()
    desk.decide(operation, station, dialog, button)
    yield from desk.one(new_patient(desk, operation, station=station))
    return operation


def small(desk: Desk, method: Method, **parameters: str) -> Send:
    """A call of ``method`` with an operation id, valid as far as the call itself goes."""
    operation = desk.operation_id()
    if method.role == "create_patient":
        return new_patient(desk, operation, **parameters)
    if "case" in method.by_role:
        return desk.send(method.role, operation=operation, case=unused(desk, "case"), **parameters)
    patient = desk.fresh("integration_id")
    names = {"last_name": desk.text("Fox")} if "last_name" in method.by_role else {}
    return desk.send(method.role, operation=operation, integration_id=patient, **names, **parameters)


# -- every method ---------------------------------------------------------------------------------------------


def plays(spec: Spec) -> Iterable[Play]:
    """Each method that starts an operation: on the server, and for stations that are not there."""
    for method in spec.methods:
        if not method.starts_operation:
            continue
        only_there = ("STAT-026",) if method.runs_on is RunsOn.STATION else ("POOL-009",)
        own = ("STAT-010", "POOL-003", "POOL-006", "POOL-008", *only_there)
        stuck = ("STAT-010", "POOL-002", "REM-005", "REM-001", "REM-002")
        yield Play(f"pool.on-the-server.{method.role}", own, WRITES, _on_the_server(method), "")
        yield Play(f"pool.no-such-station.{method.role}", stuck, WRITES, _nowhere(method, no_station), "")
        yield Play(f"pool.not-connected.{method.role}", stuck, WRITES, _nowhere(method, disconnected), "")


def _on_the_server(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        send = small(desk, method)
        yield from desk.one(send)
        yield from desk.settle(send.parameters["operation"])
        yield from look(desk, send.parameters["operation"], 2)

    return steps


def _nowhere(method: Method, where: Callable[[Desk], str]) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        send = small(desk, method, station=where(desk))
        operation = send.parameters["operation"]
        yield from desk.one(send)
        yield from look(desk, operation, 4)
        yield from remove(desk, operation)
        yield from look(desk, operation, 2)

    return steps


@play("pool.not-connected.known", aims=("POOL-002", "REM-001", "REM-005", "STAT-010"), needs=("writes",))
def for_somebody_who_is_there(desk: Desk) -> Steps:
    """What a station could do at once waits for it, and can be taken back: nothing is wrong with the calls."""
    patient = desk.patient()
    yield from desk.done("create_patient", **patient)
    whom = {"integration_id": patient["integration_id"]}
    for role, values in (("select_patient", whom), ("create_case", whom), ("update_patient", patient)):
        operation = desk.operation_id()
        yield from desk.one(desk.send(role, operation=operation, station=disconnected(desk), **values))
        yield from look(desk, operation, 3)
        yield from remove(desk, operation)
        yield from look(desk, operation, 2)


# -- at a station ---------------------------------------------------------------------------------------------


@play("pool.step-by-step", aims=(*STATION_ROWS, "POOL-006", "STAT-018"), needs=("writes", "operator"))
def step_by_step(desk: Desk) -> Steps:
    """One operation at a station, looked at all the way and some times more when it is over."""
    operation = yield from attended(desk, desk.station())
    yield from ask(desk, operation)
    yield from ask(desk, operation)
    yield from desk.settle(operation)
    yield from look(desk, operation, 3)


@play("pool.proceed", aims=STATION_ROWS, needs=("writes", "operator"))
def a_page_opens(desk: Desk) -> Steps:
    """A mapped patient is selected at a station; no dialog comes up."""
    patient, station, operation = desk.patient(), desk.station(), desk.operation_id()
    yield from desk.done("create_patient", **patient)
    desk.decide(operation, station, Dialog.PAGE, "proceed")
    selected = {"integration_id": patient["integration_id"], "station": station}
    yield from desk.done("select_patient", operation=operation, **selected)


@play(
    "pool.two-stations",
    aims=(*STATION_ROWS, "STAT-022", "POOL-002"),
    needs=("writes", "operator", "several-stations"),
)
def two_stations(desk: Desk) -> Steps:
    """Two stations work at the same time; one operator saves, the other cancels."""
    first = yield from attended(desk, desk.station(0), "save")
    second = yield from attended(desk, desk.station(1), "cancel")
    for _ in range(3):
        yield from ask(desk, first)
        yield from ask(desk, second)
        yield Pause()
    yield from desk.settle(second)
    yield from desk.settle(first)
    yield from ask(desk, second)


@play("pool.three-at-one-station", aims=(*STATION_ROWS, "STAT-022"), needs=("writes", "operator"))
def three_at_one_station(desk: Desk) -> Steps:
    """Three operations lie in the pool for one station, each with another end."""
    started = []
    for button in ("save", "cancel", "save"):
        started.append((yield from attended(desk, desk.station(), button)))
    for operation in reversed(started):
        yield from ask(desk, operation)
    for operation in started:
        yield from desk.settle(operation)
    for operation in reversed(started):
        yield from ask(desk, operation)


@play("pool.one-waits-others-go-on", aims=("POOL-002", "POOL-004", "POOL-008", "REM-006"), needs=("writes", "operator"))
def one_waits_others_go_on(desk: Desk) -> Steps:
    """While one operation waits for a station that is not there, a station and the server go on working."""
    waiting, on_server = desk.operation_id(), desk.operation_id()
    yield from desk.one(new_patient(desk, waiting, station=disconnected(desk)))
    working = yield from attended(desk, desk.station())
    yield from desk.one(new_patient(desk, on_server))
    yield from ask(desk, waiting)
    yield from desk.settle(on_server)
    yield from desk.settle(working)
    yield from ask(desk, waiting)
    yield from remove(desk, waiting)
    for operation in (waiting, working, on_server):
        yield from ask(desk, operation)


@play("pool.waits-for-nobody", aims=("POOL-002", "POOL-006", "REM-005"), needs=("writes",))
def waits_for_nobody(desk: Desk) -> Steps:
    """An operation for a station that is not there is looked at for long, to see what becomes of it."""
    operation = desk.operation_id()
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from look(desk, operation, LONG_LOOK)
    yield from remove(desk, operation)
    yield from ask(desk, operation)


@play("pool.busy-station", aims=("STN-012", "POOL-004"), needs=("writes", "operator", "fixtures"))
def busy_station(desk: Desk) -> Steps:
    """A station that is in use gets an operation, and another one its like."""
    busy = desk.fixtures("station", connected="yes", busy="yes")
    if not busy:
        raise NotPossible("no connected station is declared to be busy")
    yield from desk.one(desk.send("list_stations"))
    yield from desk.settle((yield from attended(desk, busy[0]["station"])))
    yield from desk.one(desk.send("list_stations"))
    yield from desk.settle((yield from attended(desk, desk.station())))


@play("pool.same-id-twice", aims=("STAT-016", "MAP-007", "POOL-004"), needs=("writes", "operator"))
def two_in_the_pool_with_one_id(desk: Desk) -> Steps:
    """Two operations with one id lie in the pool of a station; both are carried out, as later updates show.

    Another one comes first, so that the station is at work while they arrive.
    """
    operation, station = desk.operation_id(), desk.station()
    patients = [desk.patient(), desk.patient()]
    earlier = yield from attended(desk, station)
    for patient in patients:
        desk.decide(operation, station, Dialog.NEW_PATIENT, "save")
        yield desk.send("create_patient", operation=operation, station=station, **patient)
    yield from desk.settle(earlier)
    yield from desk.settle(operation)
    yield from look(desk, operation, 6)
    for patient in patients:
        found = yield from desk.done("update_patient", **{**patient, "patient_id": None})
        if found.status_code == desk.spec.code("integration_id_unknown"):
            yield from look(desk, operation, LONG_LOOK)
            yield from desk.done("update_patient", **{**patient, "patient_id": None})


@play("pool.at-once", aims=("STAT-010", "STAT-005", "STAT-014", "TRN-020"), needs=("writes", "concurrency", "alone"))
def at_once(desk: Desk) -> Steps:
    """Five operations of the server's arrive at the same moment, with different ends.

    Those are asked for by themselves and at once as well, while nobody else has pushed any of them out.
    """
    ids = [desk.operation_id() for _ in range(5)]
    makers = (new_patient, refused, misdirected, new_patient, refused)
    yield AtOnce(tuple(make(desk, operation) for make, operation in zip(makers, ids, strict=True)))
    for operation in ids:
        yield from desk.settle(operation)
    yield from alone_and_together(desk, [desk.send("get_status", operation=operation) for operation in ids])


@play("pool.mended-update", aims=("FLOW-016", "STAT-034"), needs=("writes",))
def mended_update(desk: Desk) -> Steps:
    """An update with the patient id of another patient, and then with one that is free."""
    owner, other = desk.patient(), desk.patient()
    yield from desk.done("create_patient", **owner)
    yield from desk.done("create_patient", **other)
    yield from desk.done("update_patient", **{**other, "patient_id": owner["patient_id"]})
    yield from desk.done("update_patient", **{**other, "patient_id": desk.fresh("patient_id")})
