"""What a station does with an operation, dialog by dialog."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from conformance.model import Instant, candidates

ENDINGS = [
    ("cancel", "rejected_by_operator"),
    ("navigation_failed", "navigation_failed"),
    ("no_answer", "station_silent"),
    ("exception", "exception"),
    ("internal_error", "internal_error"),
    ("proceed", "processed"),
]
SMITH = {"integration_id": "N", "last_name": "smith", "first_name": "JOHN", "patient_id": "PN", "merge": True}


def at_station(world, station, role, **values):
    world.do(role, **values, station=station, operation=1)
    world.pick_up(1)


def test_an_operation_picked_up_is_accepted_and_out_of_the_pool(world, station):
    at_station(world, station, "select_patient", integration_id="M")
    assert world.status(1) == "accepted"
    assert world.state.pool == {}


@pytest.mark.parametrize(("button", "status"), ENDINGS)
@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("select_patient", {"integration_id": "M"}),
        ("create_case", {"integration_id": "M"}),
        ("select_case", {"case": 602}),
    ],
)
def test_how_the_page_opens_decides_a_selection(world, station, role, values, button, status):
    at_station(world, station, role, **values)
    assert world.asked(1, page=button) is None
    assert world.end(1, page=button) == status


@pytest.mark.parametrize(
    ("role", "values", "status"),
    [
        ("select_patient", {"integration_id": "X"}, "integration_id_unknown"),
        ("create_case", {"integration_id": "X"}, "integration_id_unknown"),
        ("select_case", {"case": 999}, "case_unknown"),
        ("update_patient", {"integration_id": "X", "last_name": "New"}, "integration_id_unknown"),
        ("create_patient", {"integration_id": "M", "last_name": "New"}, "integration_id_taken"),
        ("create_patient", {"integration_id": "N", "last_name": "New", "patient_id": "P"}, "patient_id_taken"),
    ],
)
def test_the_station_finds_what_the_server_left_to_it(world, station, role, values, status):
    at_station(world, station, role, **values)
    assert world.asked(1) is None
    assert world.end(1) == status


def test_a_selection_changes_nothing(world, station):
    patients, cases = dict(world.state.patients), dict(world.state.cases)
    at_station(world, station, "select_patient", integration_id="M")
    world.end(1)
    assert (world.state.patients, world.state.cases) == (patients, cases)


def test_a_started_case_belongs_to_the_patient(world, station):
    patient = world.state.patient("M")
    before = list(world.state.cases_of(patient))
    at_station(world, station, "create_case", integration_id="M")
    world.end(1)
    assert len(list(world.state.cases_of(patient))) == len(before) + 1


def test_exception_and_text_stand_in_the_description(world, station):
    at_station(world, station, "select_patient", integration_id="M")
    world.end(1, page="exception")
    text = world.operation(1).description
    assert "<" not in text
    assert "InvalidOperationException" in text


class TestNewPatient:
    VALUES = MappingProxyType({"integration_id": "N", "last_name": "New", "patient_id": "PN"})

    @pytest.mark.parametrize(
        ("button", "status", "exists"), [("save", "processed", True), ("cancel", "rejected_by_operator", False)]
    )
    def test_the_operator_saves_or_cancels(self, world, station, button, status, exists):
        at_station(world, station, "create_patient", **self.VALUES)
        assert world.asked(1) == "new_patient"
        assert world.asked(1, new_patient=button) is None
        assert world.end(1, new_patient=button) == status
        assert (world.state.patient("N") is not None) == exists

    def test_an_id_taken_while_the_dialog_was_open_is_refused(self, world, station):
        at_station(world, station, "create_patient", **self.VALUES)
        world.do("create_patient", integration_id="N", last_name="Faster", operation=2)
        assert world.end(1, new_patient="save") == "integration_id_taken"

    def test_a_merge_without_similar_patients_may_ask_nothing(self, world, station):
        world.takes(MERGE_WITHOUT_MATCH="created-at-once")
        at_station(world, station, "create_patient", **self.VALUES, merge=True)
        assert world.asked(1) is None
        assert world.end(1) == "processed"
        assert world.state.patient("N") is not None

    @pytest.mark.parametrize("values", [{"merge": False}, {"merge": True, "last_name": "Nobody"}, {}])
    def test_without_merging_or_without_similar_patients_it_is_shown(self, world, station, values):
        at_station(world, station, "create_patient", **{**self.VALUES, **values})
        assert world.asked(1) == "new_patient"


class TestMerge:
    def test_similar_unmapped_patients_are_offered(self, world, station):
        at_station(world, station, "create_patient", **SMITH)
        assert world.asked(1) == "merge"
        offered = candidates(world.state, world.operation(1), world.readings)
        assert [patient.key for patient in offered] == [2, 3]

    def test_mapped_patients_are_not_offered(self, world, station):
        at_station(world, station, "create_patient", integration_id="N", last_name="Fox", first_name="Ada", merge=True)
        assert world.asked(1) == "new_patient"

    @pytest.mark.parametrize(("reading", "dialog"), [("same-letters", "new_patient"), ("same-last-name", "merge")])
    def test_how_similar_they_must_be_is_a_reading(self, world, station, reading, dialog):
        world.takes(SIMILAR_NAMES=reading)
        at_station(world, station, "create_patient", **{**SMITH, "first_name": "Jane"})
        assert world.asked(1) == dialog

    def test_a_new_patient_can_be_made_after_all(self, world, station):
        at_station(world, station, "create_patient", **SMITH)
        assert world.asked(1, merge="new") is None
        assert world.end(1, merge="new") == "processed"
        assert world.state.patient("N").key == 4

    def test_cancelling_maps_nobody(self, world, station):
        at_station(world, station, "create_patient", **SMITH)
        assert world.end(1, merge="cancel") == "rejected_by_operator"
        assert world.state.patient("N") is None

    @pytest.mark.parametrize(
        ("button", "status", "patient"),
        [
            ("apply", "processed", ("N", "smith", "JOHN", "PN")),
            ("keep", "processed", ("N", "Smith", "John", "P2")),
            ("cancel", "rejected_by_operator", ("", "Smith", "John", "P2")),
        ],
    )
    def test_different_data_are_put_to_the_operator(self, world, station, button, status, patient):
        at_station(world, station, "create_patient", **SMITH)
        assert world.asked(1, merge="existing") == "sync"
        assert world.end(1, merge="existing", sync=button) == status
        found = world.state.patients[2]
        assert (found.integration_id, found.last_name, found.first_name, found.patient_id) == patient

    def test_equal_data_are_not(self, world, station):
        same = {"last_name": "SMITH", "first_name": "john", "patient_id": "P3", "integration_id": "N", "merge": True}
        world.state.put_patient(replace(world.state.patients[2], last_name="Other"))
        at_station(world, station, "create_patient", **same)
        assert world.asked(1, merge="existing") is None
        assert world.end(1, merge="existing") == "processed"
        assert world.state.patient("N").key == 3

    @pytest.mark.parametrize(("name", "key"), [("P3", 3), ("john SMITH", 3), ("P2", 2)])
    def test_the_operator_may_choose_among_them(self, world, station, name, key):
        at_station(world, station, "create_patient", **SMITH)
        assert world.end(1, patient=name, merge="existing", sync="keep") == "processed"
        assert world.state.patient("N").key == key

    def test_choosing_somebody_who_is_not_offered_is_closing_the_dialog(self, world, station):
        at_station(world, station, "create_patient", **SMITH)
        assert world.end(1, patient="Ada Fox", merge="existing") == "rejected_by_operator"

    @pytest.mark.parametrize(
        ("pressed", "status"),
        [
            ({"merge": "existing", "sync": "apply"}, "processed"),
            ({"merge": "new"}, "patient_id_taken"),
        ],
    )
    def test_the_chosen_patient_may_have_the_patient_id_already(self, world, station, pressed, status):
        at_station(world, station, "create_patient", **{**SMITH, "patient_id": "P2"})
        assert world.end(1, **pressed) == status

    def test_a_patient_id_held_by_another_stops_the_merge_unless_old_data_are_kept(self, world, station):
        at_station(world, station, "create_patient", **{**SMITH, "patient_id": "P"})
        assert world.endings(1, merge="existing", sync="apply") == ["patient_id_taken"]
        assert world.endings(1, merge="existing", sync="keep") == ["processed"]

    @pytest.mark.parametrize(("reading", "label"), [("after-choice", "awaiting"), ("at-once", "patient_id_taken")])
    def test_when_the_patient_id_is_checked_is_a_reading(self, world, station, reading, label):
        world.takes(MERGED_PATIENT_ID=reading, CHECKS_AT="server")
        values = {**SMITH, "patient_id": "P2"}
        assert world.labels("create_patient", **values, station=station) == [label]


class TestUpdate:
    VALUES = MappingProxyType({"integration_id": "M", "last_name": "Wolf"})

    @pytest.mark.parametrize(
        ("button", "status", "name"),
        [
            ("apply", "processed", "Wolf"),
            ("keep", "processed", "Ada Fox"),
            ("cancel", "rejected_by_operator", "Ada Fox"),
        ],
    )
    def test_the_operator_decides_which_data_stay(self, world, station, button, status, name):
        at_station(world, station, "update_patient", **self.VALUES)
        assert world.asked(1) == "sync"
        assert world.end(1, sync=button) == status
        assert world.state.patient("M").full_name == name

    def test_keeping_may_count_as_rejecting(self, world, station):
        world.takes(KEPT_OLD_DATA="rejected_by_operator")
        at_station(world, station, "update_patient", **self.VALUES)
        assert world.end(1, sync="keep") == "rejected_by_operator"

    @pytest.mark.parametrize(("reading", "dialog"), [("always", "sync"), ("when-different", None)])
    def test_an_update_without_news(self, world, station, reading, dialog):
        born = Instant(world.state.patient("M").birth_date)
        world.takes(UPDATE_DIALOG=reading)
        same = {"integration_id": "M", "last_name": "Fox", "first_name": "Ada", "patient_id": "P", "birth_date": born}
        at_station(world, station, "update_patient", **same)
        assert world.asked(1) == dialog
