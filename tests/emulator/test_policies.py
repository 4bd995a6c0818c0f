"""Named policies: each shows what it is named for, from its seed, and the record says which one it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from conformance.emulator.embedded import Embedded
from conformance.emulator.policies import POLICIES, named
from conformance.emulator.policy import Freedom, Policy
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.wire import decode

START = Policy(pick_up_delay_s=0.7, processing_delay_s=1.0)


@pytest.fixture
def under(opened):
    """``under(*names, seed=0)`` opens a practice under these policies."""

    def open_(*names, seed=0, **others):
        return opened(named(names, replace(START, seed=seed)), **others)

    return open_


STARTING = "late-503-while-starting"


@pytest.mark.parametrize("name", [name for name in POLICIES if name != STARTING])
def test_under_every_policy_a_patient_can_be_made(under, name, station):
    practice = under(name)
    practice.start("create_patient", 1, station, integration_id="P", last_name="P")
    practice.emulator.advance(300)
    practice.ask("list_stations")
    assert practice.emulator.state.patient("P") is not None


def test_a_patient_can_be_made_once_the_service_has_started(under, station):
    practice = under(STARTING)
    for _ in range(5):
        practice.ask("list_stations")
    practice.start("create_patient", 1, station, integration_id="P", last_name="P")
    practice.emulator.advance(300)
    practice.ask("list_stations")
    assert practice.emulator.state.patient("P") is not None


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_says_why(name):
    assert POLICIES[name].why.startswith(("A PMS", "The same answer"))
    assert POLICIES[name].why.endswith(".")


def test_a_quiet_server_uses_no_freedom(under):
    practice = under("quiet")
    assert practice.emulator.policy == replace(START, freedoms=frozenset(), names=("quiet",))


def test_several_add_up():
    policy = named(["other-element-order", "unknown-elements"], START)
    assert policy.freedoms == {Freedom.ELEMENT_ORDER, Freedom.UNKNOWN_ELEMENTS}
    assert policy.names == ("other-element-order", "unknown-elements")


def test_one_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no policy is called 'nonsense'; expected one of quiet, every-freedom"):
        named(["nonsense"], START)


def test_a_late_station_leaves_an_operation_waiting(under, station):
    practice = under("late-pick-up")
    practice.start("create_case", 1, station, integration_id="SEED-1001")
    assert practice.path(1, 5) == ["awaiting"]


def test_a_slow_operator_keeps_it_in_progress(under, station):
    practice = under("slow-operator")
    practice.start("create_case", 1, station, integration_id="SEED-1001")
    assert practice.path(1, 60)[-1] == "accepted"


def test_a_service_that_starts_answers_once_and_then_not_for_a_while(under):
    practice = under(STARTING)
    statuses = [practice.ask("list_stations").http_status for _ in range(7)]
    assert statuses == [200, 503, 503, 503, 503, 200, 200]


def test_another_pms_pushes_statuses_out(under):
    practice = under("history-filled-by-another-pms")
    practice.start("create_patient", 1, integration_id="P", last_name="P")
    assert practice.path(1, 60) == ["processed", "operation_unknown"]


def test_another_pms_does_not_touch_the_data(under, seed):
    practice = under("history-filled-by-another-pms")
    practice.path(1, 60)
    assert practice.emulator.state.patients == seed.state.patients


def test_busy_stations_work(under, station):
    practice = under("busy-station")
    busy = {record.values["busy"] for record in practice.records("list_stations")}
    practice.start("create_case", 1, station, integration_id="SEED-1001")
    assert (busy, practice.path(1)[-1]) == ({True}, "processed")


def test_what_a_policy_does_to_prepared_data_is_declared(spec):
    with Embedded(spec, named(["busy-station"], START)) as running:
        stations = [facts for facts in running.fixtures() if facts["what"] == "station" and facts["connected"] == "yes"]
    assert {facts["busy"] for facts in stations} == {"yes"}


def test_every_third_operation_is_left_by_its_station(under, station):
    practice = under("station-that-leaves")
    for operation in (1, 2, 3, 4):
        practice.start("create_case", operation, station, integration_id="SEED-1001")
    practice.emulator.advance(300)
    assert [practice.status(operation) for operation in (1, 2, 3, 4)] == [
        "processed",
        "processed",
        "station_silent",
        "processed",
    ]


def test_who_does_not_ask_for_xml_gets_json(under):
    assert under("json-to-a-json-first-accept").ask("list_stations").body.startswith(b"[")


def test_elements_come_in_another_order(under):
    practice = under("other-element-order")
    assert len({practice.ask("find_cases", integration_id="SEED-1001").body for _ in range(5)}) == 5


def test_dates_have_offsets_of_their_own(under):
    body = under("other-time-zones").ask("find_cases", integration_id="SEED-1001").body
    assert len(set(re.findall(rb"[+-]\d\d:\d\d<", body))) > 2


@pytest.mark.parametrize("name", POLICIES)
def test_the_same_seed_gives_the_same_answers(under, name, spec):
    first, second = under(name, seed=7), under(name, seed=7)
    for _ in range(3):
        assert first.ask("find_cases", integration_id="SEED-1001") == second.ask(
            "find_cases", integration_id="SEED-1001"
        )


@pytest.mark.parametrize("name", POLICIES)
def test_every_document_stays_readable(under, name, spec):
    practice = under(name)
    response = practice.ask("find_cases", integration_id="SEED-1001")
    assert decode(response.body, "cases", spec, response.headers[0][1]).records


class TestRecord:
    @pytest.fixture
    def events(self):
        return []

    @pytest.fixture
    def recorder(self, events, spec):
        return Recorder(spec, Redactor(spec, b"key"), [events.append])

    def test_the_policy_is_announced(self, under, recorder, events):
        under("history-filled-by-another-pms", "late-pick-up", seed=5, recorder=recorder)
        run, foreign = events[-2:]
        assert (run.kind, run.data["policy"], run.data["seed"]) == (
            NoteKind.RUN,
            "history-filled-by-another-pms late-pick-up",
            "5",
        )
        assert foreign.kind is NoteKind.FOREIGN

    def test_a_change_is_announced(self, under, recorder, events):
        practice = under("quiet", recorder=recorder)
        practice.emulator.reconfigure(readings={"XML-BOM": "present"})
        assert events[-1].data == {"policy": "quiet", "seed": "0", "readings": "XML-BOM=present"}
