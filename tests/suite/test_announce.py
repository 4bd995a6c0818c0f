"""What an operator is told of an operation before it is called."""

from uuid import UUID

import pytest

from conformance.drive import OperatorError, Start
from conformance.suite.announce import start_of
from conformance.suite.play import AtOnce, Dialog, Send
from conformance.suite.stage import Ending

STATION, OPERATION = UUID(int=7), UUID(int=8)
AT_STATION = {"station": str(STATION), "operation": str(OPERATION)}
EVE = {"what": "unmapped_patient", "first_name": "Eve", "last_name": "Old"}


def test_an_operation_at_a_station_is_told_with_its_patient(spec):
    send = Send("create_patient", {**AT_STATION, "integration_id": "q1", "last_name": "Fox", "merge": "true"})
    told = start_of(send, spec, (), {str(STATION): "TRIOS-1"})
    assert told == Start(
        OPERATION, STATION, "TRIOS-1", "create_patient", {"integration_id": "q1", "last_name": "Fox"}, {}
    )


def test_data_of_somebody_who_was_there_before_are_kept_apart(spec):
    send = Send("create_patient", {**AT_STATION, "integration_id": "q1", "first_name": "Eve", "last_name": "Old"})
    told = start_of(send, spec, (EVE,), {})
    assert told.patient == {"integration_id": "q1"}
    assert told.prepared == {"first_name": "Eve", "last_name": "Old"}


@pytest.mark.parametrize(
    "send",
    [
        Send("get_status", {"operation": str(OPERATION)}),
        Send("create_patient", {"operation": str(OPERATION)}),
        Send("create_patient", {"station": str(STATION)}),
        Send("create_patient", {**AT_STATION, "station": "no GUID"}),
        Send("no_such_method", AT_STATION),
    ],
    ids=lambda send: f"{send.role}-{len(send.parameters)}",
)
def test_what_comes_up_at_no_station_is_not_told(spec, send):
    assert start_of(send, spec, (), {}) is None


def at_station(desk):
    operation = desk.operation_id()
    desk.decide(operation, desk.station(), Dialog.NEW_PATIENT, "save")
    yield desk.send("create_patient", operation=operation, station=desk.station(), **desk.patient())
    yield from desk.settle(operation)


def test_the_operator_is_told_before_the_call_is_made(embedded, play, calls):
    told = []
    made = embedded(starting=lambda start: told.append((start, len(calls(made.events)))))
    before = len(calls(made.events))
    made.stage.perform(play(at_station))
    [(start, so_far)] = told
    assert so_far == before
    assert str(start.station) == made.stage.stations[0]
    assert start.hostname in {fixture.get("hostname") for fixture in made.stage.target.fixtures}


def test_host_names_come_from_the_server_where_none_are_declared(embedded, play):
    told = []
    made = embedded(starting=told.append, fixtures=())
    made.stage.perform(play(at_station))
    assert told[0].hostname


def test_an_operator_who_cannot_has_the_play_skipped_and_nothing_is_called(embedded, play, calls, notes):
    def unwilling(start):
        raise OperatorError("not today")

    made = embedded(starting=unwilling)
    before = len(calls(made.events))
    performed = made.stage.perform(play(at_station, aims=("PAT-001",)))
    assert (performed.ending, performed.reason) == (Ending.SKIPPED, "not today")
    assert len(calls(made.events)) == before
    assert notes(made.events, "skipped")[-1]["reason"] == "not today"


def test_each_of_several_simultaneous_operations_is_told(embedded, play):
    def two(desk):
        sends = [desk.send("create_patient", operation=desk.operation_id(), station=desk.station()) for _ in "ab"]
        yield AtOnce(tuple(sends))

    told = []
    embedded(starting=told.append).stage.perform(play(two))
    assert len({start.operation for start in told}) == 2
