"""Removals: in time, too late, twice, of nothing, and what is left of the operation."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from conformance.suite.patient_steps import asks_for, shows_refusal
from conformance.suite.play import Ask, Desk, Dialog, Pause, Steps, play
from conformance.suite.plays.pool import (
    ask,
    attended,
    disconnected,
    look,
    misdirected,
    new_patient,
    no_station,
    refused,
    remove,
    unused,
)
from conformance.trace import Exchange

LATE = ("REM-008", "REM-010")
TRIES, QUICK_LOOKS = 3, 20


@play("removal.of-nothing", aims=("REM-003", "REM-004"))
def of_nothing(desk: Desk) -> Steps:
    """Ids that no operation was given."""
    first, second = unused(desk, "operation"), unused(desk, "operation")
    for operation in (first, second, first):
        yield from remove(desk, operation)


@play("removal.of-nothing-among-others", aims=("REM-003", "REM-006", "REM-002"), needs=("writes",))
def of_nothing_among_others(desk: Desk) -> Steps:
    """An id that no operation was given, while others wait in the pool."""
    waiting, station = desk.operation_id(), no_station(desk)
    yield from desk.one(new_patient(desk, waiting, station=station))
    yield from remove(desk, unused(desk, "operation"))
    yield from look(desk, waiting, 2)
    yield from remove(desk, waiting)
    yield from ask(desk, waiting)


@play("removal.unseen", aims=("REM-001", "REM-002", "REM-005"), needs=("writes",))
def unseen(desk: Desk) -> Steps:
    """An operation is removed before anybody asks for it."""
    operation = desk.operation_id()
    yield from desk.one(new_patient(desk, operation, station=disconnected(desk)))
    yield from remove(desk, operation)
    yield from look(desk, operation, 4)


@play("removal.one-of-three", aims=("REM-006", "REM-001", "STAT-024"), needs=("writes",))
def one_of_three(desk: Desk) -> Steps:
    """Of three operations for one station the middle one is removed, then the others."""
    station = no_station(desk)
    first, middle, last = (desk.operation_id() for _ in range(3))
    for operation in (first, middle, last):
        yield from desk.one(new_patient(desk, operation, station=station))
    yield from remove(desk, middle)
    for operation in (first, middle, last):
        yield from look(desk, operation, 2)
    for operation in (last, first):
        yield from remove(desk, operation)
        for other in (first, middle, last):
            yield from ask(desk, other)


@play("removal.at-another-station", aims=("REM-006", "STAT-024"), needs=("writes",))
def at_another_station(desk: Desk) -> Steps:
    """Operations wait for two stations; removing the one leaves the other."""
    first, second = desk.operation_id(), desk.operation_id()
    yield from desk.one(new_patient(desk, first, station=no_station(desk)))
    yield from desk.one(new_patient(desk, second, station=disconnected(desk)))
    yield from remove(desk, first)
    yield from look(desk, second, 2)
    yield from remove(desk, second)
    for operation in (first, second):
        yield from ask(desk, operation)


@play("removal.twice", aims=("REM-009", "REM-002", "REM-010"), needs=("writes",))
def twice(desk: Desk) -> Steps:
    """Operations are removed three times; and one that is over is removed, to see how such a call is answered.

    Some servers keep nothing for a station that does not exist, others nothing for one that is off.
    """
    over = desk.operation_id()
    for station in (no_station(desk), disconnected(desk)):
        operation = desk.operation_id()
        yield from desk.one(new_patient(desk, operation, station=station))
        for _ in range(3):
            yield from remove(desk, operation)
            yield from ask(desk, operation)
    yield from desk.done("create_patient", operation=over, **desk.patient())
    yield from remove(desk, over)
    yield from ask(desk, over)


@play("removal.leaves-nothing", aims=("REM-007", "REM-002"), needs=("writes",))
def leaves_nothing(desk: Desk) -> Steps:
    """A patient whose making was removed is as unknown to an update as any other, and can be made afterwards."""
    patient, operation = desk.patient(), desk.operation_id()
    yield from desk.done("update_patient", **desk.patient())
    yield from desk.one(desk.send("create_patient", operation=operation, station=no_station(desk), **patient))
    yield from ask(desk, operation)
    yield from remove(desk, operation)
    yield from ask(desk, operation)
    yield from desk.done("update_patient", **patient)
    yield from desk.done("create_patient", **desk.patient(integration_id=patient["integration_id"]))
    yield from ask(desk, operation)


@play("removal.changes-nobody", aims=("REM-002", "REM-001"), needs=("writes",))
def changes_nobody(desk: Desk) -> Steps:
    """The update of a patient is removed; the new patient id stays free, and the former one the patient's."""
    yield from shows_refusal(desk)
    patient, taken = desk.patient(), desk.fresh("patient_id")
    yield from desk.done("create_patient", **patient)
    operation, station = desk.operation_id(), no_station(desk)
    changed = {**patient, "patient_id": taken}
    yield from desk.one(desk.send("update_patient", operation=operation, station=station, **changed))
    yield from remove(desk, operation)
    yield from ask(desk, operation)
    yield from asks_for(desk, taken)
    yield from asks_for(desk, patient["patient_id"])


@play("removal.of-what-the-server-did", aims=("REM-010", "REM-012", "STAT-018"), needs=("writes",))
def of_what_the_server_did(desk: Desk) -> Steps:
    """Operations that the server has carried out, refused or turned down are removed; they stay what they are."""
    for start in (new_patient, refused, misdirected):
        operation = desk.operation_id()
        yield from desk.one(start(desk, operation))
        yield from desk.settle(operation)
        yield from remove(desk, operation)
        yield from look(desk, operation, 2)


@play("removal.after-pick-up", aims=LATE, needs=("writes", "operator"))
def after_pick_up(desk: Desk) -> Steps:
    """A station has taken the operation when it is removed; it goes on to its end.

    Tried a few times where the station is so quick that nobody sees it at work.
    """
    for _ in range(TRIES):
        operation = yield from attended(desk, desk.station())
        seen = yield from _picked_up(desk, operation)
        yield from remove(desk, operation)
        yield from desk.settle(operation)
        yield from ask(desk, operation)
        if seen == desk.spec.code("accepted"):
            return


def _picked_up(desk: Desk, operation: str) -> Generator[Ask, list[Exchange], int | None]:
    """Asks until the operation waits no longer, at first as fast as can be; its status then."""
    for number in range(desk.spec.kept_operations * 4):
        seen = yield from ask(desk, operation)
        if seen.status_code != desk.spec.code("awaiting"):
            return seen.status_code
        if number >= QUICK_LOOKS:
            yield Pause()
    return None


@play("removal.after-the-end", aims=(*LATE, "REM-012", "STAT-018"), needs=("writes", "operator"))
def after_the_end(desk: Desk) -> Steps:
    """A station has finished the operation when it is removed."""
    for button in ("save", "cancel"):
        operation = yield from attended(desk, desk.station(), button)
        yield from desk.settle(operation)
        yield from remove(desk, operation)
        yield from look(desk, operation, 2)


@play("removal.race", aims=("REM-008", "REM-007"), needs=("writes", "operator"))
def race(desk: Desk) -> Steps:
    """An operation for a connected station is removed at once; either it was in time, or the station was.

    Some time may pass before, in which nobody asks how it stands, or somebody does.
    """
    other = unused(desk, "operation")
    for calls, looks in ((0, 0), (1, 0), (2, 0), (4, 0), (0, 1)):
        operation = yield from attended(desk, desk.station())
        for _ in range(calls):
            yield from ask(desk, other)
        for _ in range(looks):
            yield from ask(desk, operation)
        yield from remove(desk, operation)
        yield from desk.settle(operation)
        yield from look(desk, operation, 3)


@play("removal.race-for-a-patient", aims=("REM-008", "REM-007"), needs=("writes", "operator"))
def race_for_a_patient(desk: Desk) -> Steps:
    """A removal in time, at a station that would have made the patient: nobody is there afterwards."""
    yield from _made_and_removed(desk)


@play("removal.while-the-station-works", aims=("REM-001", "REM-007"), needs=("writes", "operator", "alone"))
def while_the_station_works(desk: Desk) -> Steps:
    """The same while the station has others to work on before, so that the removal is hardly ever too late.

    They are its own, so that the station has come to the one that was removed when the patient is looked for.
    """
    earlier = []
    for _ in range(4):
        earlier.append((yield from attended(desk, desk.station())))
    yield from _made_and_removed(desk, *earlier)


def _made_and_removed(desk: Desk, *earlier: str) -> Steps:
    station, operation, patient = desk.station(), desk.operation_id(), desk.patient()
    desk.decide(operation, station, "new_patient", "save")
    yield from desk.one(desk.send("create_patient", operation=operation, station=station, **patient))
    yield from remove(desk, operation)
    for other in earlier:
        yield from ask(desk, operation)  # what waits still now had waited when it was to be removed
        yield from desk.settle(other)
    yield from desk.settle(operation)
    yield from look(desk, operation, 4)
    yield from desk.done("update_patient", **patient)


@play("removal.without-id", aims=("REM-001", "REM-002", "STAT-012"), needs=("writes",))
def without_an_id(desk: Desk) -> Steps:
    """An operation without an id is removed under the empty one."""
    yield from desk.one(new_patient(desk, None, station=no_station(desk)))
    yield from ask(desk, desk.spec.empty_guid)
    yield from remove(desk, desk.spec.empty_guid)
    yield from look(desk, desk.spec.empty_guid, 2)


@play("removal.of-the-empty-id", aims=("REM-006", "REM-003"), needs=("writes",))
def of_the_empty_id_that_nothing_has(desk: Desk) -> Steps:
    """Nothing is removed under the empty id while operations with ids of their own wait."""
    waiting = [desk.operation_id() for _ in range(2)]
    for operation in waiting:
        yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from desk.one(desk.send("remove_operation", operation=desk.spec.empty_guid))
    for operation in waiting:
        yield from ask(desk, operation)
        yield from remove(desk, operation)


@play("removal.used-again", aims=("STAT-016", "POOL-004"), needs=("writes", "operator"))
def a_removed_id_is_used_again(desk: Desk) -> Steps:
    """An id whose operation was removed belongs to a new one, which the station carries out."""
    operation, station = desk.operation_id(), desk.station()
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from remove(desk, operation)
    desk.decide(operation, station, Dialog.NEW_PATIENT, "save")
    yield from desk.one(new_patient(desk, operation, station=station))
    yield from desk.settle(operation)
    yield from ask(desk, operation)


@play("removal.watched", aims=("REM-002",), needs=("writes",))
def watched_on_a_connection_of_its_own(desk: Desk) -> Steps:
    """Whoever asks for nothing else on a connection is told of the removal all the same."""
    operation = desk.operation_id()
    watch = replace(desk.send("get_status", operation=operation), connection="watching")
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from desk.one(watch)
    yield from remove(desk, operation)
    for _ in range(2):
        yield from desk.one(watch)


@play("removal.of-a-repeated-id", aims=("REM-002", "STAT-016"), needs=("writes",))
def of_a_repeated_id(desk: Desk) -> Steps:
    """Shows which operations a removal takes when two with one id wait."""
    operation, station = desk.operation_id(), no_station(desk)
    for _ in range(2):
        yield from desk.one(new_patient(desk, operation, station=station))
    for _ in range(2):
        yield from remove(desk, operation)
        yield from ask(desk, operation)
