"""What may come of a call that starts an operation."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from conformance.model import Instant, step

PATIENT = {"integration_id": "N", "last_name": "New", "first_name": "Nell", "patient_id": "PN"}

REFUSALS = [
    ("create_patient", {"integration_id": "N"}, "last_name_missing"),
    ("create_patient", {"integration_id": "N", "last_name": ""}, "last_name_missing"),
    ("create_patient", {"last_name": "New"}, "integration_id_missing"),
    ("create_patient", {"last_name": "New", "integration_id": ""}, "integration_id_missing"),
    ("create_patient", {"last_name": "New", "integration_id": "M"}, "integration_id_taken"),
    ("create_patient", {"last_name": "New", "integration_id": "N", "patient_id": "P"}, "patient_id_taken"),
    ("update_patient", {"last_name": "New"}, "integration_id_missing"),
    ("update_patient", {"integration_id": "M"}, "last_name_missing"),
    ("update_patient", {"integration_id": "N", "last_name": "New"}, "integration_id_unknown"),
    ("update_patient", {"integration_id": "M", "last_name": "New", "patient_id": "P2"}, "patient_id_taken"),
    ("select_patient", {"integration_id": "M"}, "unsupported"),
    ("create_case", {"integration_id": "M"}, "unsupported"),
    ("select_case", {"case": 601}, "unsupported"),
    ("select_patient", {"integration_id": "", "station": 501}, "integration_id_missing"),
    ("create_case", {"station": 501}, "integration_id_missing"),
    ("select_case", {"station": 501}, "case_id_missing"),
    ("select_case", {"station": 501, "case": 0}, "case_id_missing"),
]


@pytest.mark.parametrize(("role", "values", "status"), REFUSALS)
def test_a_broken_condition_gives_its_status(world, role, values, status):
    assert world.labels(role, **values) == [status]
    world.do(role, **values, operation=7)
    assert world.status(7) == status


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("create_patient", PATIENT),
        ("create_patient", {"integration_id": "m", "last_name": "New", "patient_id": "p"}),
        ("create_patient", {"integration_id": "N", "last_name": "New", "patient_id": ""}),
        ("create_patient", {"integration_id": "N", "last_name": "Fox", "first_name": "Ada"}),
        ("update_patient", {"integration_id": "M", "last_name": "New"}),
        ("update_patient", {"integration_id": "M", "last_name": "New", "patient_id": "P"}),
    ],
)
def test_an_operation_on_the_server_is_processed_at_once(world, role, values):
    assert world.labels(role, **values) == ["processed"]


@pytest.mark.parametrize(
    ("order", "labels"),
    [
        ("any", ["last_name_missing", "integration_id_missing"]),
        ("listed", ["last_name_missing"]),
        ("reversed", ["integration_id_missing"]),
    ],
)
def test_several_broken_conditions_leave_a_choice(world, order, labels):
    assert world.takes(CHECK_ORDER=order).labels("create_patient") == labels


def test_a_created_patient_is_there_afterwards(world):
    world.do("create_patient", **PATIENT, birth_date=Instant(5))
    made = world.state.patient("N")
    assert (made.full_name, made.patient_id, made.birth_date) == ("Nell New", "PN", 5)
    assert world.labels("create_patient", **PATIENT)[0] == "integration_id_taken"


def test_an_update_erases_what_it_leaves_out(world):
    world.do("update_patient", integration_id="M", last_name="Wolf")
    updated = world.state.patient("M")
    assert (updated.last_name, updated.first_name, updated.patient_id, updated.birth_date) == ("Wolf", "", "", None)


def test_an_erased_patient_id_is_free_again(world):
    world.do("update_patient", integration_id="M", last_name="Wolf")
    assert world.labels("create_patient", integration_id="N", last_name="New", patient_id="P") == ["processed"]


def test_merging_has_no_effect_on_the_server(world):
    world.do("create_patient", integration_id="N", last_name="Smith", first_name="John", merge=True)
    assert len(world.state.patients) == 4


def test_a_refused_operation_changes_no_patient(world):
    before = dict(world.state.patients)
    for role, values, _ in REFUSALS:
        world.do(role, **values)
    assert world.state.patients == before


@pytest.mark.parametrize("role", ["create_patient", "update_patient", "select_patient", "create_case", "select_case"])
def test_an_operation_for_a_station_waits_in_the_pool(world, role, station):
    values = {"integration_id": "M" if role != "create_patient" else "N", "last_name": "New", "case": 601}
    known = {name: values[name] for name in values if name in world.spec.method[role].by_role}
    assert world.labels(role, **known, station=station) == ["awaiting"]
    world.do(role, **known, station=station, operation=3)
    assert world.status(3) == "awaiting"


@pytest.mark.parametrize(
    ("place", "labels"),
    [("split", ["awaiting"]), ("server", ["integration_id_unknown"]), ("station", ["awaiting"])],
)
def test_who_looks_for_the_patient_is_a_reading(world, station, place, labels):
    assert world.takes(CHECKS_AT=place).labels("select_patient", integration_id="N", station=station) == labels


@pytest.mark.parametrize(
    ("place", "labels"),
    [("split", ["integration_id_missing"]), ("server", ["integration_id_missing"]), ("station", ["awaiting"])],
)
def test_who_looks_for_missing_parameters_is_a_reading(world, station, place, labels):
    assert world.takes(CHECKS_AT=place).labels("select_patient", station=station) == labels


def test_a_status_that_only_stations_give_is_left_to_the_station(world, station):
    world.takes(CHECKS_AT="server", UNKNOWN_PATIENT_AT_STATION="navigation_failed")
    assert world.labels("select_patient", integration_id="N", station=station) == ["awaiting"]


@pytest.mark.parametrize(
    ("reading", "label"), [("waits", "awaiting"), ("silent", "awaiting"), ("unsupported", "unsupported")]
)
@pytest.mark.parametrize("station", [502, 999])
def test_an_operation_for_an_absent_station(world, station, reading, label):
    values = {"integration_id": "M", "station": station}
    assert world.takes(UNKNOWN_STATION=reading).labels("select_patient", **values) == [label]


@pytest.mark.parametrize(("reading", "http_status"), [("ok", 200), ("accepted", 202), ("no-content", 204)])
def test_a_method_without_output_answers_with_a_success_of_its_own(world, reading, http_status):
    outcome = world.takes(NO_OUTPUT_STATUS=reading).outcomes("create_patient", **PATIENT)[0]
    assert (outcome.answer.http_status, outcome.answer.document) == (http_status, "")


@pytest.mark.parametrize(("reading", "http_status"), [("success", 200), ("bad-request", 400)])
def test_a_missing_parameter_leaves_a_status_whatever_http_says(world, reading, http_status):
    outcome = world.takes(MISSING_MANDATORY_HTTP=reading).do("create_patient", integration_id="N", operation=4)
    assert outcome.answer.http_status == http_status
    assert world.status(4) == "last_name_missing"


@pytest.mark.parametrize(("reading", "label"), [("value", "processed"), ("missing", "last_name_missing")])
def test_a_blank_last_name_is_a_reading(world, reading, label):
    assert world.takes(BLANK_TEXT=reading).labels("create_patient", integration_id="N", last_name="  ") == [label]


@pytest.mark.parametrize(("reading", "label"), [("no-value", "processed"), ("value-when-written", "patient_id_taken")])
def test_a_second_empty_patient_id_is_a_reading(world, reading, label):
    world.takes(EMPTY_PATIENT_ID=reading)
    world.do("create_patient", integration_id="A", last_name="New", patient_id="")
    assert world.labels("create_patient", integration_id="B", last_name="New", patient_id="") == [label]
    assert world.labels("create_patient", integration_id="B", last_name="New") == ["processed"]


@pytest.mark.parametrize(
    ("reading", "status"),
    [("integration_id_missing", "integration_id_missing"), ("integration_id_unknown", "integration_id_unknown")],
)
def test_the_spec_names_the_reading_of_a_refusal(world, reading, status):
    assert world.takes(MISSING_INTEGRATION_ID=reading).labels("create_patient", last_name="New") == [status]


@pytest.mark.parametrize(
    ("role", "point"),
    [("create_patient", "MALFORMED-WRITE-VALUE"), ("get_status", "MALFORMED-READ-VALUE")],
)
@pytest.mark.parametrize(("reading", "http_status"), [("refused", 400), ("not-found", 404), ("defaulted", 200)])
def test_a_malformed_value_is_refused_or_left_out(world, role, point, reading, http_status):
    world.readings[point] = reading
    call = replace(world.call(role), malformed=("operation",))
    outcome = step(world.state, call, world.spec, world.readings)[0]
    assert outcome.answer.http_status == http_status
    assert bool(outcome.changes) == (reading == "defaulted" and role == "create_patient")


@pytest.mark.parametrize(
    ("role", "values", "point", "status"),
    [
        ("select_patient", {"integration_id": "M"}, "STATION_MISSING", "integration_id_missing"),
        ("create_case", {"integration_id": "M"}, "STATION_MISSING", "exception"),
        ("select_case", {"case": 601}, "CASE_STATION_MISSING", "case_id_missing"),
    ],
)
def test_a_missing_station_is_a_reading(world, role, values, point, status):
    assert world.takes(**{point: status}).labels(role, **values) == [status]


@pytest.mark.parametrize(("reading", "labels"), [("missing", ["case_id_missing"]), ("unknown", ["case_unknown"])])
def test_the_empty_case_id_is_a_reading(world, reading, labels):
    world.takes(EMPTY_CASE_ID=reading, CHECKS_AT="server")
    assert world.labels("select_case", case=0, station=501) == labels
    assert world.labels("select_case", station=501) == ["case_id_missing"]


def test_no_call_changes_the_state_by_itself(world, station):
    before = world.state.copy()
    names = ("", "M", "N")
    for role, name, place in product(world.spec.method, names, (0, station)):
        declared = world.spec.method[role].by_role
        values = {"integration_id": name, "last_name": name, "station": place, "operation": 1, "case": 601}
        world.outcomes(role, **{key: value for key, value in values.items() if key in declared})
    assert world.state == before


def test_a_copy_goes_its_own_way(world):
    other = world.state.copy()
    world.do("create_patient", **PATIENT, operation=1)
    assert other.patient("N") is None
    assert other.kept == ()
    assert world.state.patient("N") is not None
