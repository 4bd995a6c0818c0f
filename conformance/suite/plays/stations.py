"""The list of stations: again and again, and while stations work."""

from __future__ import annotations

from conformance.suite.play import Desk, Pause, Steps, play
from conformance.suite.plays.pool import ask, attended, disconnected, new_patient, no_station, remove
from conformance.suite.together import alone_and_together

LISTS = ("STN-001", "STN-002", "STN-003", "STN-005", "STN-009", "STN-011", "STN-019", "STN-024", "STN-026", "STN-030")


@play("stations.again-and-again", aims=(*LISTS, "STN-006", "STN-027"))
def again_and_again(desk: Desk) -> Steps:
    """Some lists in a row."""
    for _ in range(4):
        yield from desk.one(desk.send("list_stations"))
        yield Pause()


@play("stations.at-once", aims=(*LISTS, "TRN-020"), needs=("concurrency",))
def at_once(desk: Desk) -> Steps:
    """Some lists one after the other, and then at the same moment."""
    yield from alone_and_together(desk, [desk.send("list_stations")] * 4)
    yield from desk.one(desk.send("list_stations"))


@play("stations.called-but-absent", aims=("STN-003", "STN-005"), needs=("writes",))
def called_but_absent(desk: Desk) -> Steps:
    """Operations for stations that are not there bring none of them into the list."""
    for station in (no_station(desk), disconnected(desk)):
        operation = desk.operation_id()
        yield from desk.one(new_patient(desk, operation, station=station))
        yield from desk.one(desk.send("list_stations"))
        yield from ask(desk, operation)
        yield from remove(desk, operation)
        yield from ask(desk, operation)
    yield from desk.one(desk.send("list_stations"))


@play("stations.while-one-works", aims=("STN-002", "STN-006", "STN-027"), needs=("writes", "operator"))
def while_one_works(desk: Desk) -> Steps:
    """Lists before, during and after an operation at a station."""
    yield from desk.one(desk.send("list_stations"))
    operation = yield from attended(desk, desk.station())
    for _ in range(3):
        yield from desk.one(desk.send("list_stations"))
        yield from ask(desk, operation)
        yield Pause()
    yield from desk.settle(operation)
    yield from desk.one(desk.send("list_stations"))
