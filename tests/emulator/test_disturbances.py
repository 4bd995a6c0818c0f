"""Disturbances: each does what it says, to the calls it is meant for, and the record tells."""

from __future__ import annotations

import json

import pytest

from conformance.emulator.disturbances import NATURES, Disturbance, Disturbances, Harm, Stage, What
from conformance.emulator.protocol import WireFault
from conformance.emulator.tampering import WRITTEN
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.wire import Document, Malformed, decode

DOCUMENTED = [what for what in What if NATURES[what].needs_document]
OF_STATUSES = (What.UNLISTED, What.OF_ANOTHER, What.TOLD_UNSUPPORTED, What.TOLD_NO_PATIENT, What.TOLD_NO_CASE)
DRESSED = [what for what in What if NATURES[what].harm is Harm.ALLOWED and what is not What.SLOW]


def test_every_one_is_described():
    assert set(NATURES) == set(What)
    assert {what for what in What if NATURES[what].stage is Stage.WRITING} == set(WRITTEN)


@pytest.mark.parametrize(
    ("what", "http_status"),
    [
        *(("http-503", 503), ("http-500", 500), ("http-400", 400), ("http-401", 401)),
        *(("redirect-elsewhere", 302), ("redirect-in-clear", 302)),
    ],
)
def test_a_call_that_somebody_else_answers_is_not_carried_out(practice, what, http_status):
    practice.emulator.disturb(what)
    assert practice.start("create_patient", 1, integration_id="D", last_name="D") == http_status
    assert practice.status(1) == "operation_unknown"


def test_a_service_that_starts_says_when_to_come_back(practice):
    practice.emulator.disturb("http-503-retry-after", seconds=7)
    assert ("Retry-After", "7") in practice.ask("list_stations").headers


@pytest.mark.parametrize(("what", "status"), [("reset-before", "operation_unknown"), ("reset-after", "processed")])
def test_a_reset_comes_before_or_after_the_work(practice, what, status):
    practice.emulator.disturb(what)
    response = practice.ask("create_patient", operation=_id(1), integration_id="D", last_name="D")
    assert response.wire is WireFault.RESET
    assert practice.status(1) == status


@pytest.mark.parametrize(("seconds", "hang_s"), [(0, 0), (12, 12)])
def test_a_call_that_hangs_is_carried_out(practice, seconds, hang_s):
    practice.emulator.disturb("hang", seconds=seconds)
    response = practice.ask("create_patient", operation=_id(1), integration_id="D", last_name="D")
    assert (response.wire, response.hang_s) == (WireFault.HANG, hang_s)
    assert practice.status(1) == "processed"


@pytest.mark.parametrize(
    ("what", "wire"),
    [("slow", WireFault.DRIP), ("truncated", WireFault.TRUNCATE), ("wrong-length", WireFault.SHORT_LENGTH)],
)
def test_the_wire_spoils_an_answer_that_is_right(practice, what, wire):
    right = practice.ask("find_cases", integration_id="SEED-1001").body
    practice.emulator.disturb(what)
    response = practice.ask("find_cases", integration_id="SEED-1001")
    assert (response.wire, response.body) == (wire, right)


@pytest.mark.parametrize("what", ["malformed-xml", "html-instead", "empty-body", "entity-bomb", "external-entity"])
def test_what_is_no_document_cannot_be_read(practice, spec, what):
    practice.emulator.disturb(what)
    response = practice.ask("list_stations")
    assert response.http_status == 200
    assert isinstance(decode(response.body, "stations", spec, response.headers[0][1]), Malformed)


def test_a_bomb_unfolds_to_gigabytes(practice):
    practice.emulator.disturb("entity-bomb")
    body = practice.ask("list_stations").body
    assert body.count(b"<!ENTITY") == 10
    assert body.endswith(b"<ArrayOfClientInfo>&b9;</ArrayOfClientInfo>")


def test_an_external_entity_stays_on_this_computer(practice):
    practice.emulator.disturb("external-entity")
    assert b'SYSTEM "http://127.0.0.1:9/' in practice.ask("list_stations").body


def test_a_huge_body_is_a_document_with_blanks(practice):
    practice.emulator.disturb("huge-body")
    body = practice.ask("list_stations").body
    assert len(body) > 16_000_000
    assert body.rstrip().endswith(b"</ArrayOfClientInfo>")


def test_json_comes_whatever_is_accepted(practice):
    practice.emulator.disturb("json-instead")
    response = practice.ask("list_stations")
    assert response.headers[0] == ("Content-Type", "application/json; charset=utf-8")
    assert json.loads(response.body)


@pytest.mark.parametrize("what", DRESSED)
def test_a_document_in_another_dress_says_the_same(practice, spec, what):
    right = practice.document("find_cases", integration_id="SEED-1001")
    practice.emulator.disturb(what)
    response = practice.ask("find_cases", integration_id="SEED-1001")
    document = decode(response.body, "cases", spec, response.headers[0][1])
    assert isinstance(document, Document)
    assert [each.text("case") for each in document.records] == [each.text("case") for each in right.records]


@pytest.mark.parametrize(
    ("what", "shows"),
    [
        ("byte-order-mark", b"\xef\xbb\xbf"),
        ("declaration", b"<?xml"),
        ("indented", b"\n  <ClientInfo>"),
        ("unknown-elements", b"Revision>"),
        ("other-namespace-prefixes", b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'),
    ],
)
def test_a_dress_shows_in_one_answer_and_in_no_other(practice, what, shows):
    practice.emulator.disturb(what)
    first, second = practice.ask("list_stations").body, practice.ask("list_stations").body
    assert (shows in first, shows in second) == (True, False)


@pytest.mark.parametrize("what", DRESSED)
def test_every_dress_is_one_that_a_conforming_server_may_wear(spec, what):
    point, take = WRITTEN.get(what, ("XML-LAYOUT", "compact"))
    assert take in spec.reading[point].conforming


@pytest.mark.parametrize(
    ("what", "code"), [("told-unsupported", 5), ("told-patient-unknown", 106), ("told-case-unknown", 104)]
)
def test_what_an_operation_is_said_to_have_come_to_is_said_of_it_from_then_on_and_of_no_other(
    practice, spec, what, code
):
    practice.emulator.disturb(what)
    for _ in range(2):
        record = practice.document("get_status", operation=_id(1)).records[0]
        assert (record.get("code"), record.text("description")) == (code, spec.status_by_code[code].text)
    assert practice.status(2) == "operation_unknown"


def test_the_status_of_another_operation_is_told_once(practice, spec):
    practice.emulator.disturb("status-of-another")
    record = practice.document("get_status", operation=_id(1)).records[0]
    assert (record.get("code"), record.text("description")) == (4, spec.status_by_code[4].text)
    assert practice.status(1) == "operation_unknown"


def test_a_status_that_nobody_knows_has_a_number_that_the_table_lacks(practice, spec):
    practice.emulator.disturb("unlisted-status")
    assert practice.document("get_status", operation=_id(1)).records[0].get("code") not in spec.status_by_code


def test_the_status_of_another_operation_names_another_one(practice):
    practice.start("create_patient", 1, integration_id="D", last_name="D")
    practice.emulator.disturb("status-of-another")
    assert str(practice.document("get_status", operation=_id(1)).records[0].guid("operation")) != _id(1)


def test_only_the_method_that_is_meant_is_disturbed(practice):
    practice.emulator.disturb("http-500", method="CreateCase")
    assert practice.ask("list_stations").http_status == 200
    assert practice.ask("create_case").http_status == 500


def test_some_calls_are_left_alone_first_and_some_more_are_disturbed(practice):
    practice.emulator.disturb("http-503", after=2, times=2)
    assert [practice.ask("list_stations").http_status for _ in range(6)] == [200, 200, 503, 503, 200, 200]


def test_one_answer_has_one_disturbance(practice):
    practice.emulator.disturb("html-instead")
    practice.emulator.disturb("http-503")
    assert [practice.ask("list_stations").http_status for _ in range(3)] == [200, 503, 200]


def test_what_needs_a_document_waits_for_one(practice):
    practice.emulator.disturb("truncated")
    assert practice.ask("create_case").wire is WireFault.NONE
    assert practice.ask("list_stations").wire is WireFault.TRUNCATE


def test_a_refusal_leaves_what_needs_a_document_waiting(practice):
    practice.emulator.disturb("truncated")
    practice.ask("find_cases", created_from="2024-02-02", created_to="2024-01-01", integration_id="SEED-1001")
    practice.ask("list_stations")
    assert practice.emulator.disturbances.waiting() == ()


def test_a_reset_forgets_those_that_wait(practice):
    practice.emulator.disturb("http-503")
    practice.emulator.reset()
    assert practice.ask("list_stations").http_status == 200


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"what": "rain"}, "no disturbance is called 'rain'; expected one of http-503"),
        ({"what": "http-503", "method": "rain"}, "no method is called 'rain'; expected one of GetAvailable"),
        ({"what": "http-503", "times": 0}, "times is 0; expected from 1"),
        ({"what": "http-503", "after": -1}, "after is -1; expected from 0"),
        ({"what": "slow", "seconds": 1e9}, "seconds is 1000000000.0; expected from 0 to 3600."),
    ],
)
def test_what_cannot_be_is_refused(practice, arguments, problem):
    with pytest.raises(ValueError, match=problem):
        practice.emulator.disturb(**arguments)


class TestRecord:
    @pytest.fixture
    def recorded(self, opened, spec):
        events = []
        return opened(recorder=Recorder(spec, Redactor(spec, b"key"), [events.append])), events

    @pytest.mark.parametrize(
        ("what", "harm", "disturbed"),
        [
            ("html-instead", "hostile", "html-instead"),
            ("indented", "allowed", ""),
            ("optional-elements-left-out", "allowed", "optional-elements-left-out"),
        ],
    )
    def test_a_note_goes_before_the_exchange_and_names_it(self, recorded, what, harm, disturbed):
        practice, events = recorded
        practice.emulator.disturb(what)
        practice.ask("list_stations")
        note, exchange = events[-2:]
        assert (note.kind, note.data) == (
            NoteKind.DISTURBED,
            {"what": what, "method": "GetAvailableClientList", "number": str(exchange.number), "harm": harm},
        )
        assert exchange.disturbed == disturbed

    def test_an_answer_that_is_lost_is_recorded_as_lost(self, recorded):
        practice, events = recorded
        practice.emulator.disturb("reset-after")
        practice.ask("list_stations")
        assert (events[-1].lost, events[-1].reply) == ("reset", None)

    @pytest.mark.parametrize("what", [what for what in What if what not in OF_STATUSES])
    def test_every_one_can_be_recorded(self, recorded, what):
        practice, events = recorded
        practice.emulator.disturb(what)
        practice.ask("find_cases", integration_id="SEED-1001")
        assert events[-2].data["what"] == what

    @pytest.mark.parametrize("what", OF_STATUSES)
    def test_those_of_statuses_leave_everything_else_alone(self, recorded, what):
        practice, events = recorded
        practice.emulator.disturb(what)
        practice.ask("list_stations")
        practice.ask("get_status", operation=_id(1))
        assert (events[-2].data["what"], events[-1].disturbed, events[-3].disturbed) == (what, what, "")


def test_a_queue_counts_only_calls_that_fit():
    queue = Disturbances((Disturbance(What.HTTP_503, method="create_case", after=1),))
    assert queue.choose("list_stations", True) is None
    assert queue.choose("create_case", False) is None
    assert queue.choose("create_case", False) is not None


def _id(number):
    return f"00000000-0000-0000-0000-{number:012}"
