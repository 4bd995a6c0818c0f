"""Every status code of the guide can be brought about by calls and decisions alone."""

from __future__ import annotations

from uuid import UUID

import pytest

MAPPED = {"integration_id": "SEED-1001"}
NEW = {"integration_id": "N", "last_name": "New"}

SITUATIONS = {
    "processed": ("create_patient", NEW, None, []),
    "last_name_missing": ("create_patient", {"integration_id": "N"}, None, []),
    "integration_id_missing": ("create_patient", {"last_name": "New"}, None, []),
    "integration_id_taken": ("create_patient", {**MAPPED, "last_name": "New"}, None, []),
    "patient_id_taken": ("create_patient", {**NEW, "patient_id": "MONO-1"}, None, []),
    "integration_id_unknown": ("update_patient", NEW, None, []),
    "unsupported": ("select_patient", MAPPED, None, []),
    "case_id_missing": ("select_case", {}, "station", []),
    "case_unknown": ("select_case", {"case": "00000000-0000-0000-0000-0000000000ff"}, "station", []),
    "awaiting": ("select_patient", MAPPED, "absent", []),
    "rejected_by_operator": ("create_patient", NEW, "station", [("new_patient", "cancel")]),
    "navigation_failed": ("select_patient", MAPPED, "station", [("page", "navigation_failed")]),
    "station_silent": ("select_patient", MAPPED, "station", [("page", "no_answer")]),
    "exception": ("create_case", MAPPED, "station", [("page", "exception")]),
    "internal_error": ("create_case", MAPPED, "station", [("page", "internal_error")]),
}


@pytest.mark.parametrize("status", SITUATIONS)
def test_a_status_can_be_provoked(practice, station, absent_station, status):
    role, values, where, decisions = SITUATIONS[status]
    place = {"station": station, "absent": absent_station, None: 0}[where]
    for dialog, button in decisions:
        practice.decide(1, dialog, button)
    practice.start(role, 1, place, **values)
    assert practice.path(1, polls=40)[-1] == status


def test_removed_accepted_and_unknown_can_be_seen_as_well(practice, station, absent_station):
    assert practice.status(1) == "operation_unknown"
    practice.start("select_patient", 1, absent_station, **MAPPED)
    assert practice.document("remove_operation", operation=str(_id(1))).value is True
    assert practice.status(1) == "removed"
    practice.start("select_patient", 2, station, **MAPPED)
    assert practice.path(2) == ["awaiting", "accepted", "processed"]


def test_no_status_is_left_out(spec):
    seen = {*SITUATIONS, "accepted", "removed", "operation_unknown"}
    assert seen == set(spec.status)


def test_the_text_of_a_status_is_the_guides(practice, spec):
    practice.start("create_patient", 1, **NEW)
    record = practice.records("get_status", operation=str(_id(1)))[0]
    assert record.text("description") == spec.status["processed"].text
    assert record.guid("operation") == _id(1)


def _id(number):
    return UUID(int=number)
