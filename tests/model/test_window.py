"""Which operations keep their status, and what a poll or a removal finds."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from conformance.model import step


@pytest.mark.parametrize(("newer", "status"), [(0, "processed"), (9, "processed"), (10, "operation_unknown")])
def test_the_status_of_ten_operations_is_kept(world, newer, status):
    world.do("create_patient", integration_id="N", last_name="New", operation=1)
    world.fill(newer)
    assert world.status(1) == status


@pytest.mark.parametrize(("newer", "status"), [(2, "processed"), (3, "operation_unknown")])
def test_another_spec_keeps_another_number(keeping, newer, status):
    world = keeping(3)
    world.do("create_patient", integration_id="N", last_name="New", operation=1)
    world.fill(newer)
    assert world.status(1) == status


def test_an_id_that_was_never_used_is_unknown(world):
    assert world.status(1) == "operation_unknown"


def test_polls_and_look_ups_take_no_place(world):
    world.do("create_patient", integration_id="N", last_name="New", operation=1)
    for _ in range(12):
        assert world.status(1) == "processed"
        assert world.find() == ["created", "scanned", "modelled"]


@pytest.mark.parametrize(("reading", "status"), [("no", "processed"), ("yes", "operation_unknown")])
def test_whether_look_ups_take_a_place_is_a_reading(world, reading, status):
    world.takes(READS_KEPT=reading).do("create_patient", integration_id="N", last_name="New", operation=1)
    for _ in range(10):
        world.do("list_stations")
    assert world.status(1) == status
    assert world.status(0) == "operation_unknown"


def test_an_operation_without_id_has_its_status_under_the_empty_one(world):
    world.do("create_patient", integration_id="N", last_name="New")
    assert world.status() == "processed"


def test_the_last_of_two_with_one_id_counts(world):
    world.do("create_patient", integration_id="N", last_name="New", operation=1)
    world.do("create_patient", integration_id="N", last_name="New", operation=1)
    assert world.status(1) == "integration_id_taken"


@pytest.mark.parametrize(("reading", "status"), [("two", "operation_unknown"), ("one", "processed")])
def test_whether_a_repeated_id_takes_two_places_is_a_reading(world, reading, status):
    world.takes(REPEATED_ID_PLACES=reading).do("create_patient", integration_id="N", last_name="New", operation=1)
    for _ in range(10):
        world.do("create_patient", operation=2)
    assert world.status(1) == status


def test_an_operation_in_the_pool_can_be_removed(world, station):
    world.do("select_patient", integration_id="M", station=station, operation=1)
    assert world.removed(1) is True
    assert world.status(1) == "removed"
    assert world.removed(1) is False


def test_an_unknown_operation_cannot_be_removed(world):
    assert world.removed(1) is False


@pytest.mark.parametrize(("reading", "answer"), [("answers-false", False), ("answers-true", True)])
def test_removing_what_a_station_has_does_nothing(world, station, reading, answer):
    world.takes(REMOVE_AFTER_PICK_UP=reading)
    world.do("select_patient", integration_id="M", station=station, operation=1)
    world.pick_up(1)
    assert world.removed(1) is answer
    assert world.status(1) == "accepted"


@pytest.mark.parametrize(("reading", "again"), [("newest", True), ("all", False)])
def test_removing_one_of_two_with_the_same_id(world, station, reading, again):
    world.takes(REMOVE_REPEATED_ID=reading)
    for _ in range(2):
        world.do("select_patient", integration_id="M", station=station, operation=1)
    assert world.removed(1) is True
    assert world.removed(1) is again


def test_an_operation_pushed_out_of_the_list_still_waits_in_the_pool(world, absent_station):
    world.do("select_patient", integration_id="M", station=absent_station, operation=1)
    world.fill(10)
    assert world.status(1) == "operation_unknown"
    assert world.removed(1) is True
    assert world.status(1) == "operation_unknown"


@pytest.mark.parametrize(("reading", "status"), [("start", "operation_unknown"), ("last-change", "removed")])
def test_whether_a_new_status_keeps_an_operation_longer_is_a_reading(world, absent_station, reading, status):
    world.takes(STATUS_AGE=reading).do("select_patient", integration_id="M", station=absent_station, operation=1)
    world.fill(9)
    assert world.removed(1) is True
    world.fill(1)
    assert world.status(1) == status


def test_a_forgotten_operation_does_not_come_back(world, absent_station):
    world.takes(STATUS_AGE="last-change").do("select_patient", integration_id="M", station=absent_station, operation=1)
    world.fill(10)
    assert world.removed(1) is True
    assert world.status(1) == "operation_unknown"


@pytest.mark.parametrize(
    ("readings", "http_status", "echoed"),
    [
        ({}, 200, 5),
        ({"UNKNOWN_OPERATION_HTTP": "not-found"}, 404, 5),
        ({"UNKNOWN_OPERATION_ECHO": "empty"}, 200, 0),
    ],
)
def test_how_an_unknown_operation_is_told_is_a_reading(world, readings, http_status, echoed):
    answer = world.takes(**readings).do("get_status", operation=5).answer
    assert (answer.http_status, answer.content["operation"].int) == (http_status, echoed)


@pytest.mark.parametrize(("reading", "status"), [("same", "processed"), ("other", "operation_unknown")])
def test_an_id_in_another_spelling_is_a_reading(world, reading, status):
    world.takes(OPERATION_ID_SPELLING=reading).do("create_patient", integration_id="N", last_name="New", operation=1)
    call = replace(world.call("get_status", operation=1), texts={"operation": str(UUID(int=1)).upper() + " "})
    outcome = step(world.state, call, world.spec, world.readings)[0]
    assert outcome.answer.content["code"] == world.spec.code(status)


def test_forgotten_operations_leave_nothing_behind(world):
    world.fill(50)
    assert len(world.state.operations) == 10
