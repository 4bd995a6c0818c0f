"""What the console says of the calls of a PMS: the judgements of a certification, in clear, in bounded memory."""

from uuid import uuid4

import pytest

from conformance.command import remarks as module
from conformance.command.remarks import Remarker, overhear
from conformance.emulator.clock import SteppedClock
from conformance.emulator.console import Ring, Said
from conformance.emulator.embedded import Embedded
from conformance.emulator.telling import NEW_DATA
from conformance.spec import Binds, load
from conformance.trace import NoteKind, Traffic
from conformance.wire import encode_basic, encode_query

ACCEPT = ("accept", "application/xml")
SAM = ("authorization", encode_basic("Sam", "qwerty123"))
USER = Said(NoteKind.CREDENTIALS, 0.0, {"user": "Sam", "password": "qwerty123", "complete": "yes"})


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def ring():
    return Ring(SteppedClock().ticks, lambda: [USER])


@pytest.fixture
def remarks(spec, ring):
    return Remarker(spec, ring)


@pytest.fixture
def call(spec, ring):
    """``call(role, query)`` is overheard."""

    def heard(role, query="", headers=(SAM, ACCEPT)):
        method = spec.method[role].name
        at_s = float(len(list(ring.newest())))
        target = f"{spec.service.base_path}/{method}?{query}"
        ring.exchange(Traffic("GET", target, tuple(headers), at_s, at_s + 0.1, 200, who="pms"))

    return heard


def broken(remarks, number):
    return {remark.requirement for remark in remarks(number) if remark.result == "fail"}


def test_a_right_call_has_kept_requirements_and_none_broken(call, remarks):
    call("list_stations")

    assert remarks(1)
    assert broken(remarks, 1) == set()


def test_a_wrong_call_has_a_remark_that_says_what_was_expected(spec, call, remarks):
    parameter = spec.method["create_patient"].by_role["last_name"].name
    call("create_patient", f"{parameter}=Fox")
    wrong = [remark for remark in remarks(1) if remark.result == "fail"]

    assert wrong
    assert all(remark.expected and remark.observed for remark in wrong)


def test_what_only_binds_the_server_is_not_remarked(spec, call, remarks):
    call("list_stations")

    assert [r for r in remarks(1) if spec.requirement[r.requirement].binds is Binds.SERVER] == []


def test_values_are_in_clear_and_passwords_are_not(call, remarks):
    call("get_status", "Id=no-guid-at-all")
    told = " ".join(remark.observed for remark in remarks(1))

    assert "no-guid-at-all" in told
    assert "qwerty123" not in told


def test_what_was_forgotten_has_no_remarks(call, remarks, ring):
    call("list_stations")
    ring.note(NoteKind.RUN, 1.0, data=NEW_DATA)

    assert remarks(1) == ()
    assert remarks(99) == ()


def test_with_new_data_nothing_of_before_is_held_against_a_call(spec, call, remarks, ring):
    sent = {"last_name": "Fox", "integration_id": "again", "operation": str(uuid4())}
    names = spec.method["create_patient"].by_role
    query = encode_query((names[role].name, text) for role, text in sent.items())
    call("create_patient", query)
    before = broken(remarks, 1)
    ring.note(NoteKind.RUN, 1.0, data=NEW_DATA)
    call("create_patient", query)

    assert broken(remarks, 3) == before == set()


def test_a_new_monitor_takes_over_and_goes_on_judging(call, remarks, monkeypatch):
    monkeypatch.setattr(module, "MOST_EVENTS", 3)
    for _ in range(12):
        call("create_patient")

    assert broken(remarks, 12) == broken(remarks, 1) != set()


def test_calls_that_nobody_looked_at_in_time_are_missing_and_nobody_is_blamed_for_that(call, remarks, ring):
    ring.kept = 2
    for _ in range(5):
        call("list_stations")

    assert remarks(3) == ()
    assert remarks(5)
    assert broken(remarks, 5) == set()


def test_a_running_emulator_shows_them(spec):
    with Embedded(spec) as running:
        before = len(running.emulator.listeners)
        overhear(running)

        assert len(running.emulator.listeners) == before + 1
