"""Faults: each does what it says, and a fault without hooks does nothing."""

from __future__ import annotations

from uuid import UUID

import pytest

from conformance.emulator.faults import Fault, faults, select

NEW = {"integration_id": "N", "last_name": "New"}
MAPPED = {"integration_id": "SEED-1001"}


def fill(practice, count):
    for number in range(count):
        practice.start("create_patient", 1000 + number)


def remove(practice, operation):
    return practice.document("remove_operation", operation=str(UUID(int=operation))).value


def test_every_fault_has_a_name_and_says_what_it_does():
    assert all(fault.does.endswith(".") and " " not in fault.name for fault in faults().values())


def test_an_emulator_gets_faults_of_its_own():
    assert faults()["keeps-one-more"] is not faults()["keeps-one-more"]


def test_a_fault_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="no fault is called 'sloth'; expected one of"):
        select("sloth")


def test_a_fault_without_hooks_changes_nothing(opened, station):
    right, same = opened(), opened(faults=(Fault(),))
    for practice in (right, same):
        practice.start("create_patient", 1, station, **NEW)
    assert [right.ask("get_status", operation=str(UUID(int=1))) for _ in range(5)] == [
        same.ask("get_status", operation=str(UUID(int=1))) for _ in range(5)
    ]


@pytest.mark.parametrize(("name", "kept"), [("forgets-one-earlier", 8), ("keeps-one-more", 10)])
def test_faults_of_the_window(opened, name, kept):
    practice = opened(faults=select(name))
    practice.start("create_patient", 1, **NEW)
    fill(practice, kept)
    assert practice.status(1) == "processed"
    fill(practice, 1)
    assert practice.status(1) == "operation_unknown"


def test_keeps_no_status_without_id(opened):
    practice = opened(faults=select("keeps-no-status-without-id"))
    practice.ask("create_patient", **NEW)
    assert practice.emulator.state.patient("N") is not None
    assert practice.status(0) == "operation_unknown"


def test_tells_another_id(opened):
    practice = opened(faults=select("tells-another-id"))
    assert practice.records("get_status", operation=str(UUID(int=1)))[0].guid("operation") == UUID(int=0)


@pytest.mark.parametrize(
    ("name", "answers"),
    [("removes-but-says-no", [False, False]), ("says-yes-to-every-removal", [True, True])],
)
def test_faults_of_removal(opened, station, name, answers):
    practice = opened(faults=select(name))
    practice.start("select_patient", 1, station, **MAPPED)
    assert [remove(practice, 1), remove(practice, 2)] == answers
    assert practice.path(1) == ["removed"]


def test_carries_out_what_was_removed(opened, station):
    practice = opened(faults=select("carries-out-what-was-removed"))
    practice.start("create_patient", 1, station, **NEW)
    assert remove(practice, 1) is True
    assert practice.path(1) == ["removed"]
    assert practice.emulator.state.patient("N") is not None


def test_keeps_stuck_operations(opened, station, absent_station):
    practice = opened(faults=select("keeps-stuck-operations"))
    practice.emulator.hold()
    practice.start("select_patient", 1, absent_station, **MAPPED)
    practice.start("select_patient", 2, station, **MAPPED)
    assert [remove(practice, 1), remove(practice, 2)] == [False, True]
    assert practice.status(1) == "awaiting"


def test_forgets_the_reason(opened, station):
    practice = opened(faults=select("forgets-the-reason"))
    practice.decide(1, "page", "cancel")
    practice.start("select_patient", 1, station, **MAPPED)
    assert practice.path(1)[-1] == "processed"
