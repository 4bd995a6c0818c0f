"""When stations take operations, and what they wait for."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from conformance.emulator.policy import ASKS_A_PERSON, Freedom, Policy

MAPPED = {"integration_id": "SEED-1001"}
NEW = {"integration_id": "N", "last_name": "New"}
PLAIN = Policy(freedoms=frozenset())


def test_a_poll_sees_one_status_after_the_other(practice, station):
    practice.start("select_patient", 1, station, **MAPPED)
    assert [practice.status(1) for _ in range(4)] == ["awaiting", "accepted", "processed", "processed"]


def test_delays_differ_where_the_policy_is_free(opened, station):
    practice = opened(Policy(freedoms=frozenset({Freedom.DELAYS}), pick_up_delay_s=3.0))
    seen = set()
    for number in range(1, 9):
        practice.start("select_patient", number, station, **MAPPED)
        seen.add([practice.status(number) for _ in range(10)].count("awaiting"))
    assert len(seen) > 2


def test_operations_of_one_station_do_not_overtake_each_other(opened, station):
    for number in range(20):
        practice = opened(Policy(seed=number))
        practice.start("create_patient", 1, station, **NEW)
        practice.start("select_patient", 2, station, integration_id="N")
        practice.path(1)
        assert practice.status(2) == "processed"


def test_a_held_station_takes_nothing_until_it_is_released(practice, station):
    practice.emulator.hold(station)
    practice.start("select_patient", 1, station, **MAPPED)
    assert practice.path(1) == ["awaiting"]
    practice.emulator.release(station)
    assert practice.path(1) == ["accepted", "processed"]


def test_all_stations_can_be_held(practice, station):
    practice.emulator.hold()
    practice.start("select_patient", 1, station, **MAPPED)
    assert practice.path(1) == ["awaiting"]
    practice.emulator.release()
    assert practice.path(1)[-1] == "processed"


def test_an_operation_waits_for_its_station_to_connect(practice, absent_station):
    practice.start("select_patient", 1, absent_station, **MAPPED)
    assert practice.path(1, polls=60) == ["awaiting"]
    practice.emulator.set_station(replace(practice.emulator.state.stations[absent_station], connected=True))
    assert practice.path(1)[-1] == "processed"


def test_an_operation_for_an_absent_station_may_be_given_up(opened, absent_station):
    practice = opened(replace(PLAIN, silence_limit_s=5.0, readings={"UNKNOWN-STATION": "silent"}))
    practice.start("select_patient", 1, absent_station, **MAPPED)
    assert practice.path(1) == ["awaiting", "station_silent"]


def test_a_station_that_connects_in_time_is_not_given_up(opened, absent_station):
    policy = replace(PLAIN, silence_limit_s=5.0, readings={"UNKNOWN-STATION": "silent"}, operator=ASKS_A_PERSON)
    practice = opened(policy)
    practice.start("create_patient", 1, absent_station, **NEW)
    practice.path(1, polls=3)
    practice.emulator.set_station(replace(practice.emulator.state.stations[absent_station], connected=True))
    assert practice.path(1) == ["accepted"]


def test_a_silent_station_is_given_up_after_the_limit(opened, station):
    practice = opened(replace(PLAIN, processing_delay_s=0.0, silence_limit_s=10.0))
    practice.decide(1, "page", "no_answer")
    practice.start("select_patient", 1, station, **MAPPED)
    statuses = [practice.status(1) for _ in range(16)]
    assert statuses.count("accepted") == 10
    assert statuses[-1] == "station_silent"


def test_a_dialog_stays_open_until_a_person_decides(opened, station):
    practice = opened(replace(PLAIN, operator=ASKS_A_PERSON))
    practice.start("create_patient", 1, station, **NEW)
    assert practice.path(1, polls=60) == ["awaiting", "accepted"]
    assert list(practice.emulator.stations.asking.values()) == ["new_patient"]
    practice.decide(1, "new_patient", "cancel")
    assert practice.status(1) == "rejected_by_operator"
    assert practice.emulator.stations.asking == {}


def test_decisions_for_any_operation_are_used_so_many_times(practice, station):
    practice.emulator.decide("page", "internal_error", times=2)
    for number in (1, 2, 3):
        practice.start("select_patient", number, station, **MAPPED)
    assert [practice.path(number)[-1] for number in (1, 2, 3)] == ["internal_error", "internal_error", "processed"]


def test_decisions_can_be_kept_for_one_station(practice, station, seed):
    other = next(s.id for s in seed.state.stations.values() if s.connected and s.id != station)
    practice.emulator.decide("page", "cancel", station=other)
    practice.start("select_patient", 1, station, **MAPPED)
    practice.start("select_patient", 2, other, **MAPPED)
    assert [practice.path(number)[-1] for number in (1, 2)] == ["processed", "rejected_by_operator"]


@pytest.mark.parametrize(
    ("dialog", "button", "problem"),
    [
        ("cofee", "save", "no dialog is called 'cofee'; expected one of page, new_patient, merge, sync."),
        ("sync", "save", "the dialog sync has no button 'save'; expected one of apply, keep, cancel."),
    ],
)
def test_a_button_that_does_not_exist_is_an_error(practice, dialog, button, problem):
    with pytest.raises(ValueError) as error:
        practice.emulator.decide(dialog, button)
    assert str(error.value) == problem


def test_time_can_be_moved_on_without_a_call(practice, station):
    practice.start("select_patient", 1, station, **MAPPED)
    practice.emulator.advance(60.0)
    assert practice.emulator.state.newest(UUID(int=1)).status == "processed"


def test_a_removed_operation_is_never_handled(practice, station):
    practice.start("create_patient", 1, station, **NEW)
    practice.ask("remove_operation", operation=str(UUID(int=1)))
    assert practice.path(1, polls=40) == ["removed"]
    assert practice.emulator.state.patient("N") is None
