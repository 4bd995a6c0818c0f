"""The emulator's HTTP surface: who is let in, which addresses there are, what a call leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.emulator.clock import SteppedClock
from conformance.emulator.faults import Fault
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request, WireFault
from conformance.emulator.server import Emulator
from conformance.trace import NoteKind, Recorded, Recorder, Redactor
from conformance.wire import encode_basic

ODD_PARTS = [
    *("RequestId=", "ClientId=zzz", "DateOfBirth=99.99.9999", "Id=%00%ff", "IsCreated=2", "CreationDateTo=0000", "="),
    *("IntegrationId=%", "LastName=<x/>", "lastname=b", "CaseId={", "DateOfBirth=00010101", "MergePatient"),
]


def with_header(request, name, value):
    kept = tuple(pair for pair in request.headers if pair[0] != name)
    return replace(request, headers=kept if value is None else (*kept, (name, value)))


@pytest.mark.parametrize(
    ("header", "http_status"),
    [
        (encode_basic("Sam", "qwerty123"), 200),
        (encode_basic("Zoë Çelik", "Grüße-2024"), 200),
        (encode_basic("front-desk", "open:sesame:7"), 200),
        (encode_basic("night-duty", ""), 200),
        (encode_basic("night-duty", "x"), 401),
        (encode_basic("Sam", "qwerty123").replace("Basic", "basic"), 200),
        (encode_basic("Sam", "Qwerty123"), 401),
        (encode_basic("sam", "qwerty123"), 401),
        (encode_basic("Sam", ""), 401),
        ("Bearer abc", 401),
        ("Basic !!!", 401),
        ("", 401),
        (None, 401),
    ],
)
def test_only_users_are_let_in(practice, header, http_status):
    request = with_header(practice.request("list_stations"), "authorization", header)
    assert practice.emulator.handle(request).http_status == http_status


@pytest.mark.parametrize(("reading", "names"), [("named", ["WWW-Authenticate"]), ("absent", [])])
def test_whether_the_scheme_is_named_is_a_reading(opened, reading, names):
    practice = opened(Policy(readings={"UNAUTHORIZED-CHALLENGE": reading}))
    response = practice.emulator.handle(with_header(practice.request("list_stations"), "authorization", None))
    assert [name for name, _ in response.headers if name not in ("Content-Type", "Date")] == names


@pytest.mark.parametrize(
    ("reading", "name", "value", "header"),
    [
        ("utf-8", "CREDENTIAL-CHARSET", 200, "Basic Wm/DqyDDh2VsaWs6R3LDvMOfZS0yMDI0"),
        ("utf-8", "CREDENTIAL-CHARSET", 401, "Basic Wm/rIMdlbGlrOkdy/N9lLTIwMjQ="),
        ("latin-1", "CREDENTIAL-CHARSET", 401, "Basic Wm/DqyDDh2VsaWs6R3LDvMOfZS0yMDI0"),
        ("latin-1", "CREDENTIAL-CHARSET", 200, "Basic Wm/rIMdlbGlrOkdy/N9lLTIwMjQ="),
        ("both", "CREDENTIAL-CHARSET", 200, "Basic Wm/DqyDDh2VsaWs6R3LDvMOfZS0yMDI0"),
        ("both", "CREDENTIAL-CHARSET", 200, "Basic Wm/rIMdlbGlrOkdy/N9lLTIwMjQ="),
        ("refused", "AUTHORIZATION-SCHEME-CASE", 401, "basic U2FtOnF3ZXJ0eTEyMw=="),
        ("refused", "AUTHORIZATION-SCHEME-CASE", 200, "Basic U2FtOnF3ZXJ0eTEyMw=="),
    ],
)
def test_what_http_leaves_open_about_credentials_is_a_reading(opened, reading, name, value, header):
    practice = opened(Policy(readings={name: reading}))
    request = with_header(practice.request("list_stations"), "authorization", header)
    assert practice.emulator.handle(request).http_status == value


@pytest.mark.parametrize(
    ("verb", "path", "http_status"),
    [
        ("GET", "/DentalDesktop/WebService/GetAvailableClientList", 200),
        ("GET", "/DentalDesktop/WebService/GetAvailableClientList?", 200),
        ("GET", "/dentaldesktop/webservice/getavailableclientlist", 200),
        ("GET", "/DentalDesktop/WebService/GetAvailable%43lientList", 200),
        ("GET", "https://localhost:5484/DentalDesktop/WebService/GetAvailableClientList", 200),
        ("GET", "/DentalDesktop/WebService/GetAvailableClientList/", 404),
        ("GET", "/DentalDesktop/WebService/Nothing", 404),
        ("GET", "/DentalDesktop/WebService/", 404),
        ("GET", "/", 404),
        ("GET", "*", 404),
        ("GET", "", 404),
        ("POST", "/DentalDesktop/WebService/GetAvailableClientList", 405),
        ("HEAD", "/DentalDesktop/WebService/GetAvailableClientList", 405),
        ("DELETE", "/DentalDesktop/WebService/CreatePatient", 405),
        ("POST", "/DentalDesktop/WebService/Nothing", 404),
    ],
)
def test_addresses_and_verbs(practice, verb, path, http_status):
    request = replace(practice.request("list_stations"), method=verb, target=path)
    assert practice.emulator.handle(request).http_status == http_status


def test_method_names_may_be_case_sensitive(opened):
    practice = opened(Policy(readings={"METHOD-NAME-CASE": "exact"}))
    request = practice.request("list_stations")
    assert practice.emulator.handle(request).http_status == 200
    assert practice.emulator.handle(replace(request, target=request.target.lower())).http_status == 404


def test_a_call_that_is_not_let_in_changes_nothing(practice):
    request = practice.request("create_patient", integration_id="N", last_name="New")
    practice.emulator.handle(with_header(request, "authorization", None))
    assert practice.emulator.state.patient("N") is None
    assert practice.emulator.state.operations == {}


def test_a_verb_that_is_not_allowed_changes_nothing(practice):
    request = practice.request("create_patient", integration_id="N", last_name="New")
    practice.emulator.handle(replace(request, method="POST"))
    assert practice.emulator.state.patient("N") is None


def test_what_is_created_is_found(practice):
    assert practice.start("create_patient", 1, integration_id="N &+ü", last_name="Neu", first_name="Ä") == 200
    assert practice.status(1) == "processed"
    assert practice.emulator.state.patient("N &+ü").full_name == "Ä Neu"


def test_reset_brings_the_seed_back(practice, seed):
    practice.start("create_patient", 1, integration_id="N", last_name="New")
    practice.emulator.reset()
    assert practice.emulator.state == seed.state
    assert practice.status(1) == "operation_unknown"


def test_an_image_comes_back_byte_for_byte(practice, seed):
    for case in seed.state.cases.values():
        for image in case.images:
            document = practice.document("fetch_image", case=str(case.id), image=str(image.id))
            assert document.value == image.content


def test_the_same_seed_gives_the_same_answers(opened):
    policy = Policy(seed=11)
    first, second = opened(policy), opened(policy)
    asked = ["list_stations", "find_cases", "find_cases", "list_stations"]
    values = {"list_stations": {}, "find_cases": {"integration_id": "SEED-1001"}}
    assert [first.ask(r, **values[r]) for r in asked] == [second.ask(r, **values[r]) for r in asked]


@settings(max_examples=300, deadline=None)
@given(
    verb=st.sampled_from(["GET", "POST", "HEAD", "get", ""]),
    method=st.sampled_from(["CreatePatient", "GetCasesForPatient", "GetAttachedImage", "RemoveRequestById", "x", ""]),
    query=st.text(st.characters(max_codepoint=255), max_size=60) | st.lists(st.sampled_from(ODD_PARTS)).map("&".join),
    headers=st.lists(st.tuples(st.sampled_from(["authorization", "accept", "host"]), st.text(max_size=20)), max_size=3),
)
def test_hostile_requests_are_answered(spec, seed, verb, method, query, headers):
    emulator = Emulator(spec, Policy(), SteppedClock(), seed.users, seed.state)
    known = ("authorization", encode_basic("Sam", "qwerty123"))
    target = f"{spec.service.base_path}/{method}?{query}"
    for sent in (tuple(headers), (known, *headers)):
        response = emulator.handle(Request(verb, target, sent, b"\xff", 1, "", 0.0))
        assert response.http_status in (200, 400, 401, 404, 405)


class TestRecording:
    def recorded(self, opened, spec, faults=()):
        events = []
        recorder = Recorder(spec, Redactor(spec, b"key"), [events.append])
        return opened(faults=faults, recorder=recorder), events

    def test_every_exchange_is_recorded_as_the_pms_sent_it(self, opened, spec):
        practice, events = self.recorded(opened, spec)
        practice.start("create_patient", 1, integration_id="N", last_name="Secret")
        practice.status(1)
        exchanges = [event for event in events if isinstance(event, Recorded)]
        assert [event.who for event in exchanges] == ["pms", "pms"]
        assert [event.reply.http_status for event in exchanges] == [200, 200]
        assert exchanges[0].finished_s <= exchanges[1].started_s
        assert "Secret" not in str(events)

    def test_users_and_decisions_are_noted(self, opened, spec, station):
        practice, events = self.recorded(opened, spec)
        practice.start("create_patient", 1, station, integration_id="N", last_name="New")
        practice.path(1)
        notes = [event for event in events if not isinstance(event, Recorded)]
        assert [note.kind for note in notes] == [NoteKind.CREDENTIALS] * 5 + [NoteKind.DECISION] * 2
        assert [(n.data["dialog"], n.data["button"]) for n in notes[5:]] == [
            ("page", "proceed"),
            ("new_patient", "save"),
        ]

    def test_a_station_that_leaves_or_comes_back_is_noted(self, opened, spec, station):
        practice, events = self.recorded(opened, spec)
        its = practice.emulator.state.stations[station]
        for state in (replace(its, connected=False), replace(its, connected=False, busy=True), its):
            practice.emulator.set_station(state)
        notes = [event.data for event in events if getattr(event, "kind", None) is NoteKind.STATION]

        assert notes == [{"station": str(station), "connected": connected} for connected in ("no", "yes")]

    def test_an_answer_that_never_leaves_is_recorded_as_lost(self, opened, spec):
        class Resets(Fault):
            def response(self, request, response):
                return replace(response, wire=WireFault.RESET)

        practice, events = self.recorded(opened, spec, faults=(Resets(),))
        practice.ask("list_stations")
        assert (events[-1].reply, events[-1].lost) == (None, "reset")
