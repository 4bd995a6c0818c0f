"""Dialects: off unless asked for, and then as the field notes have them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request
from conformance.emulator.serve import Settings, embedded
from conformance.spec import Mark
from conformance.wire import Document, decode, encode_basic

PROCESS = "RequestProcessPatient"
XML = """<?xml version="1.0"?>
<ProcessPatientRequest xmlns="urn:older"><ClientId>{station}</ClientId><Patient>
<DateOfBirth>1990-05-17T00:00:00</DateOfBirth>
<FirstName>Ada</FirstName><LastName>Moor</LastName><PatientId>OLD-1</PatientId></Patient>
<RequestId>00000000-0000-0000-0000-000000000001</RequestId><RequestType>CreatePatient</RequestType></ProcessPatientRequest>"""


@pytest.fixture
def speaking(opened):
    """``speaking(*names)`` opens a practice whose server speaks these dialects."""
    return lambda *names: opened(Policy(freedoms=frozenset(), dialects=names))


def ask(practice, verb, target, body=b"", headers=None):
    user = practice.seed.users[0]
    known = (("authorization", encode_basic(user.user, user.password)),) if headers is None else headers
    path = f"{practice.spec.service.base_path}/{target}"
    return practice.emulator.handle(Request(verb, path, known, body, 1, "", 0.0))


@pytest.mark.parametrize(
    ("verb", "target"),
    [("GET", "serviceStatus"), ("GET", "status"), ("GET", "GetCasesInformation?LastName=X"), ("POST", PROCESS)],
)
def test_nothing_of_it_is_there_unless_asked_for(practice, verb, target):
    assert ask(practice, verb, target).http_status == 404


def test_every_dialect_says_where_it_comes_from(spec):
    assert [dialect.name for dialect in spec.dialects] == [
        "web-service",
        "negotiating",
        "service-status",
        "older-methods",
    ]
    assert {dialect.mark for dialect in spec.dialects} <= {Mark.OBSERVED, Mark.GUESSED}
    assert all(dialect.source for dialect in spec.dialects)


def test_the_status_of_the_service_needs_no_credentials(speaking):
    response = ask(speaking("service-status"), "GET", "serviceStatus", headers=())
    assert response.http_status == 200
    assert "/DentalDesktop/WebService/CreatePatient" in json.loads(response.body)["endpoints"]


def test_the_older_methods_need_them(speaking):
    practice = speaking("older-methods")
    assert ask(practice, "GET", "GetCasesInformation?LastName=Lindqvist", headers=()).http_status == 401
    assert ask(practice, "POST", PROCESS, b"{}", headers=()).http_status == 401


@pytest.mark.parametrize(
    ("query", "patients"),
    [
        ("LastName=lindqvist", {"Anna Lindqvist"}),
        ("lastname=Lindqvist&firstname=anna", {"Anna Lindqvist"}),
        ("LastName=Lindqvist&FirstName=Bea", set()),
        ("FirstName=Anna", set()),
    ],
)
def test_cases_are_found_by_name(speaking, spec, query, patients):
    response = ask(speaking("older-methods"), "GET", f"GetCasesInformation?{query}")
    document = decode(response.body, "cases", spec, response.headers[0][1])
    assert isinstance(document, Document)
    assert {record.text("patient_name") for record in document.records} == patients


def test_a_posted_document_begins_an_operation(speaking, station):
    practice = speaking("older-methods")
    assert ask(practice, "POST", PROCESS, XML.format(station=station).encode()).http_status == 200
    assert practice.path(1)[-1] == "processed"
    patient = practice.emulator.state.patient("OLD-1")
    assert (patient.first_name, patient.last_name, patient.birth_date is None) == ("Ada", "Moor", False)


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("CreatePatient", "create_patient"),
        ("UpdatePatient", "update_patient"),
        ("ActivatePatient", "select_patient"),
        ("CreateCase", "create_case"),
        ("OpenCase", "select_case"),
    ],
)
def test_every_type_of_request_is_an_operation_of_the_guide(speaking, station, kind, role):
    practice = speaking("older-methods")
    body = {"RequestType": kind, "ClientId": str(station), "RequestId": "00000000-0000-0000-0000-000000000001"}
    ask(practice, "POST", PROCESS, json.dumps({**body, "Patient": {"PatientId": "SEED-1001"}}).encode())
    assert [operation.role for operation in practice.emulator.state.operations.values()] == [role]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"nonsense", "400 Bad Request: the body is not XML; send XML or JSON.\n"),
        (b"{", "400 Bad Request: the body is no JSON; send XML or JSON.\n"),
        (b'{"RequestType": "Sing"}', "400 Bad Request: RequestType is 'Sing'; expected one of CreatePatient, Update"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "400 Bad Request: "),
    ],
)
def test_a_body_that_says_nothing_is_refused(speaking, body, problem):
    response = ask(speaking("older-methods"), "POST", PROCESS, body)
    assert (response.http_status, response.body.decode()[: len(problem)]) == (400, problem)


def test_a_json_first_caller_gets_json(speaking):
    practice = speaking("negotiating")
    assert practice.ask("list_stations").body.startswith(b"[")


def test_the_guides_methods_stay_as_they_are(speaking, practice):
    many = speaking("service-status", "older-methods")
    assert many.ask("find_cases", integration_id="SEED-1001").body == (
        practice.ask("find_cases", integration_id="SEED-1001").body
    )


def test_one_that_does_not_exist_is_refused(speaking):
    with pytest.raises(ValueError, match="no dialect is called 'klingon'; expected one of web-service"):
        speaking("klingon")


def test_another_generation_has_a_port_and_a_certificate_of_its_own(spec):
    made = embedded(spec, Settings(dialects=("web-service",)))
    assert (made.ports.port, made.tls.self_signed, made.tls.leaf_name) == (5492, True, "3Shape Web Service")
    assert embedded(spec, Settings(dialects=("web-service",), port=0)).ports.port == 0


def test_a_spec_without_dialects_has_none(opened, spec):
    bare = replace(spec, dialects=())
    with pytest.raises(ValueError, match="expected one of none: this spec has no dialects"):
        embedded(bare, Settings(dialects=("web-service",)))
