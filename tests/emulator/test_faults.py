"""Faults: every hook is asked, each at its place, and a fault without hooks does nothing."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from conformance.emulator.faults import Fault, faults, select
from conformance.emulator.protocol import Response
from conformance.model import EMPTY_GUID, AddOperation, Patient, SetStatus

NEW = {"integration_id": "N", "last_name": "New"}
MAPPED = {"integration_id": "SEED-1001"}


def fill(practice, count):
    for number in range(count):
        practice.start("create_patient", 1000 + number)


def remove(practice, operation):
    return practice.document("remove_operation", operation=str(UUID(int=operation))).value


def without_records(outcome):
    return replace(outcome, changes=tuple(c for c in outcome.changes if not isinstance(c, AddOperation)))


def forgotten(change):
    return replace(change, status="processed") if isinstance(change, SetStatus) else change


class KeepsOneMore(Fault):
    def spec(self, spec):
        return replace(spec, kept_operations=spec.kept_operations + 1)


class ChecksAtOnce(Fault):
    def readings(self, readings):
        return {**readings, "CHECKS-AT": "server"}


class KnowsOneMorePatient(Fault):
    def state(self, state):
        state.put_patient(Patient(state.last_patient + 1, "Extra", integration_id="X"))


class UnderstandsNoQuery(Fault):
    def request(self, request):
        return replace(request, target=request.target.partition("?")[0])


class LetsNobodyIn(Fault):
    def admits(self, header, admitted, users):
        return False


class IgnoresIds(Fault):
    def call(self, call, state):
        return replace(call, values={role: v for role, v in call.values.items() if role != "operation"})


class KeepsNoStatusWithoutId(Fault):
    def outcomes(self, call, outcomes, state):
        return outcomes if call.guid("operation") != EMPTY_GUID else tuple(map(without_records, outcomes))


class SaysYesToEveryRemoval(Fault):
    def answer(self, call, answer, state):
        return replace(answer, content=True) if call.role == "remove_operation" else answer


class IsAlwaysUnavailable(Fault):
    def response(self, request, response):
        return Response(503)


class PicksUpLate(Fault):
    def pick_up_delay(self, operation, delay_s):
        return delay_s + 5.0


class ForgetsTheReason(Fault):
    def finish(self, operation, answers, outcomes, state):
        return tuple(replace(outcome, changes=tuple(map(forgotten, outcome.changes))) for outcome in outcomes)


def test_every_fault_has_a_name_and_says_what_it_does():
    assert faults()
    assert all(fault.does.endswith(".") and " " not in fault.name for fault in faults().values())


def test_an_emulator_gets_faults_of_its_own():
    name = next(iter(faults()))
    assert faults()[name] is not faults()[name]


def test_faults_are_selected_by_name():
    names = list(faults())[:2]
    assert [fault.name for fault in select(*names)] == names


def test_a_fault_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match=r"no fault is called 'sloth'; expected one of the \d+ that .*--list-faults"):
        select("sloth")


def test_the_one_that_may_have_been_meant_is_named():
    with pytest.raises(ValueError, match=r"no fault is called 'knows-one-usr', perhaps \"knows-one-user\"; .{50,120}$"):
        select("knows-one-usr")


def test_a_fault_without_hooks_changes_nothing(opened, station):
    right, same = opened(), opened(faults=(Fault(),))
    for practice in (right, same):
        practice.start("create_patient", 1, station, **NEW)
    assert [right.ask("get_status", operation=str(UUID(int=1))) for _ in range(5)] == [
        same.ask("get_status", operation=str(UUID(int=1))) for _ in range(5)
    ]


def test_a_fault_may_change_the_facts(opened):
    practice = opened(faults=(KeepsOneMore(),))
    practice.start("create_patient", 1, **NEW)
    fill(practice, 10)
    assert practice.status(1) == "processed"
    fill(practice, 1)
    assert practice.status(1) == "operation_unknown"


def test_a_fault_may_change_the_readings(opened, station):
    practice = opened(faults=(ChecksAtOnce(),))
    practice.start("select_patient", 1, station, integration_id="nobody")
    assert practice.status(1) == "integration_id_unknown"


def test_a_fault_may_change_the_data_also_after_a_reset(opened):
    practice = opened(faults=(KnowsOneMorePatient(),))
    practice.emulator.reset()
    assert practice.emulator.state.patient("X").last_name == "Extra"


def test_a_fault_may_misread_the_request(opened):
    practice = opened(faults=(UnderstandsNoQuery(),))
    practice.start("create_patient", 1, **NEW)
    assert practice.status(0) == "last_name_missing"


def test_a_fault_may_decide_who_is_let_in(opened):
    assert opened(faults=(LetsNobodyIn(),)).ask("list_stations").http_status == 401


def test_a_fault_may_misunderstand_the_call(opened):
    practice = opened(faults=(IgnoresIds(),))
    practice.start("create_patient", 1, **NEW)
    assert practice.emulator.state.newest(UUID(int=0)).status == "processed"


def test_a_fault_may_change_what_comes_of_a_call(opened):
    practice = opened(faults=(KeepsNoStatusWithoutId(),))
    practice.ask("create_patient", **NEW)
    assert practice.emulator.state.patient("N") is not None
    assert practice.status(0) == "operation_unknown"


def test_a_fault_may_change_what_is_told(opened):
    assert remove(opened(faults=(SaysYesToEveryRemoval(),)), 1) is True


def test_a_fault_may_change_the_http_answer(opened):
    assert opened(faults=(IsAlwaysUnavailable(),)).ask("list_stations").http_status == 503


def test_a_fault_may_make_stations_late(opened, station):
    practice = opened(faults=(PicksUpLate(),))
    practice.start("select_patient", 1, station, **MAPPED)
    assert [practice.status(1) for _ in range(8)].count("awaiting") == 6


def test_a_fault_may_change_how_a_station_ends(opened, station):
    practice = opened(faults=(ForgetsTheReason(),))
    practice.decide(1, "new_patient", "cancel")
    practice.start("create_patient", 1, station, **NEW)
    assert practice.path(1)[-1] == "processed"
    assert practice.emulator.state.patient("N") is None


def test_faults_add_up(opened):
    practice = opened(faults=(KeepsOneMore(), KeepsOneMore(), SaysYesToEveryRemoval()))
    assert practice.emulator.spec.kept_operations == 12
    assert remove(practice, 1) is True
