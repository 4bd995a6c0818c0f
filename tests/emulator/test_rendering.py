"""How answers are written: always valid, and in every form that a reading names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from conformance.emulator.policy import Freedom, Policy
from conformance.spec import default_folder
from conformance.wire import Malformed

WRITING = [
    ("XML-DECLARATION", "present"),
    ("XML-BOM", "present"),
    ("XML-LAYOUT", "indented"),
    ("XML-LAYOUT", "padded"),
    ("ELEMENT-ORDER", "alphabetical"),
    ("ELEMENT-ORDER", "any"),
    ("FRACTION-DIGITS", "seven"),
    ("FRACTION-DIGITS", "none"),
    ("DATE-ZONE", "utc"),
    ("DATE-ZONE", "offset"),
    ("DATE-ZONE", "none"),
    ("MINIMAL-DATE", "year-1753"),
    ("XML-CONTENT-TYPE", "text-xml"),
    ("LEFT-OUT-FIELDS", "not-listed"),
    ("LEFT-OUT-FIELDS", "not-in-sample"),
    ("LEFT-OUT-FIELDS", "empty"),
]
CASES = {"integration_id": "SEED-1001"}


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(default_folder() / "messages.xsd"))


def bodies(practice, seed):
    case, image = next((c.id, c.images[0].id) for c in seed.state.cases.values() if c.images)
    yield practice.ask("list_stations").body
    yield practice.ask("find_cases", **CASES).body
    yield practice.ask("find_cases", integration_id="SEED-1002").body
    yield practice.ask("get_status", operation="00000000-0000-0000-0000-000000000001").body
    yield practice.ask("remove_operation", operation="00000000-0000-0000-0000-000000000001").body
    yield practice.ask("fetch_image", case=str(case), image=str(image)).body


def valid(schema, body):
    schema.assertValid(etree.fromstring(body))
    return True


def with_readings(opened, **readings):
    named = {name.replace("_", "-"): take for name, take in readings.items()}
    return opened(Policy(readings=named, freedoms=frozenset()))


def test_plain_documents_are_valid(opened, seed, schema):
    assert all(valid(schema, body) for body in bodies(opened(), seed))


@pytest.mark.parametrize(("point", "take"), WRITING)
def test_documents_stay_valid_in_every_form(opened, seed, schema, point, take):
    assert all(valid(schema, body) for body in bodies(with_readings(opened, **{point: take}), seed))


@pytest.mark.parametrize("number", range(20))
def test_documents_stay_valid_whatever_is_varied(opened, seed, schema, number):
    freedoms = frozenset(Freedom) - {Freedom.UNKNOWN_ELEMENTS}
    assert all(valid(schema, body) for body in bodies(opened(Policy(seed=number, freedoms=freedoms)), seed))


@pytest.mark.parametrize(("point", "take"), [*WRITING, ("UNKNOWN-ELEMENTS", "some")])
def test_every_form_says_the_same(opened, seed, point, take):
    plain, other = opened(), with_readings(opened, **{point: take})
    expected = [_facts(record) for record in plain.records("find_cases", **CASES)]
    assert [_facts(record) for record in other.records("find_cases", **CASES)] == expected


def _facts(record):
    images = {image.guid("image") for image in record.records("images")}
    scans = [(s.guid("scan"), s.number("from"), s.text("type"), s.get("prepared")) for s in record.records("scans")]
    return record.guid("case"), record.text("lab"), record.moment("sent").is_minimal, images, scans


@pytest.mark.parametrize(
    ("readings", "begins"),
    [
        ({}, b"<ArrayOfClientInfo xmlns:xsd="),
        ({"XML_DECLARATION": "present"}, b'<?xml version="1.0" encoding="utf-8"?><Array'),
        ({"XML_BOM": "present"}, b"\xef\xbb\xbf<Array"),
    ],
)
def test_how_a_document_begins(opened, readings, begins):
    assert with_readings(opened, **readings).ask("list_stations").body.startswith(begins)


@pytest.mark.parametrize(
    ("readings", "created", "sent"),
    [
        ({}, "2023-03-21T12:30:45.125Z", "0001-01-01T00:00:00"),
        ({"DATE_ZONE": "utc"}, "2023-03-21T12:30:45.125Z", "0001-01-01T00:00:00Z"),
        ({"DATE_ZONE": "offset"}, "2023-03-21T14:30:45.125+02:00", "0001-01-01T00:00:00+02:00"),
        ({"DATE_ZONE": "none"}, "2023-03-21T14:30:45.125", "0001-01-01T00:00:00"),
        ({"FRACTION_DIGITS": "seven"}, "2023-03-21T12:30:45.1250000Z", "0001-01-01T00:00:00"),
        ({"FRACTION_DIGITS": "none"}, "2023-03-21T12:30:45Z", "0001-01-01T00:00:00"),
        ({"MINIMAL_DATE": "year-1753"}, "2023-03-21T12:30:45.125Z", "1753-01-01T00:00:00"),
    ],
)
def test_how_dates_are_written(opened, readings, created, sent):
    record = with_readings(opened, **readings).records("find_cases", **CASES)[2]
    assert (record.moment("created").text, record.moment("sent").text) == (created, sent)


def test_time_stamps_and_sent_dates_have_an_offset_as_in_the_samples(practice):
    assert practice.records("list_stations")[0].moment("timestamp").text.endswith("+02:00")
    assert practice.records("find_cases", **CASES)[3].moment("sent").text == "2023-05-03T10:54:22+02:00"


@pytest.mark.parametrize(
    ("reading", "record", "missing"),
    [
        ("none", "case", set()),
        ("not-in-sample", "case", {"created", "modelled"}),
        ("empty", "case", {"indications", "images", "scans"}),
        ("not-listed", "image", {"timestamp"}),
    ],
)
def test_which_fields_are_left_out(opened, spec, reading, record, missing):
    records = with_readings(opened, LEFT_OUT_FIELDS=reading).records("find_cases", **CASES)
    found = records[-1] if record == "case" else records[2].records("images")[0]
    assert set(spec.record[record].by_role) - set(found.values) == missing


@pytest.mark.parametrize("order", ["declared", "alphabetical"])
def test_the_order_of_elements(opened, spec, order):
    record = with_readings(opened, ELEMENT_ORDER=order).records("list_stations")[0]
    declared = [field.name for field in spec.record["station"].fields]
    assert list(record.order) == (declared if order == "declared" else sorted(declared))


def test_a_reading_asked_for_is_not_varied(opened, spec):
    practice = opened(Policy(readings={"ELEMENT-ORDER": "declared", "UNKNOWN-ELEMENTS": "none", "DATE-ZONE": "utc"}))
    records = [practice.records("list_stations")[0] for _ in range(10)]
    assert {record.order for record in records} == {tuple(field.name for field in spec.record["station"].fields)}
    assert {record.moment("timestamp").text[-1] for record in records} == {"Z"}


def test_freedoms_vary_order_elements_and_zones(opened):
    practice = opened(Policy(seed=3))
    records = [practice.records("list_stations")[0] for _ in range(30)]
    assert len({record.order for record in records}) > 10
    assert {bool(record.unknown) for record in records} == {True, False}
    assert len({record.moment("timestamp").text[-6:] for record in records}) > 3


@pytest.mark.parametrize(
    ("reading", "accept", "content_type"),
    [
        ("xml-always", "application/json", "application/xml; charset=utf-8"),
        ("negotiated", "application/json, text/plain, */*", "application/json; charset=utf-8"),
        ("negotiated", "application/xml", "application/xml; charset=utf-8"),
        ("negotiated", None, "application/json; charset=utf-8"),
    ],
)
def test_negotiation_is_a_reading(opened, reading, accept, content_type):
    practice = with_readings(opened, CONTENT_NEGOTIATION=reading)
    request = practice.request("list_stations")
    headers = (*request.headers, ("accept", accept)) if accept else request.headers
    assert practice.emulator.handle(replace(request, headers=headers)).headers[0][1] == content_type


def test_negotiated_json_says_the_same(opened):
    practice = with_readings(opened, CONTENT_NEGOTIATION="negotiated")
    assert not isinstance(practice.document("find_cases", **CASES), Malformed)


def test_a_primitive_may_carry_a_namespace(opened):
    body = with_readings(opened, PRIMITIVE_NAMESPACE="serialization").ask("remove_operation").body
    assert body == b'<boolean xmlns="http://schemas.microsoft.com/2003/10/Serialization/">false</boolean>'


@pytest.mark.parametrize(("reading", "ends"), [("empty-root", b"/>"), ("no-body", b"")])
def test_a_list_without_cases(opened, reading, ends):
    response = with_readings(opened, EMPTY_CASE_LIST=reading).ask("find_cases", integration_id="SEED-1002")
    assert response.http_status == 200
    assert response.body[-2:] == ends


def test_a_method_without_output_has_an_empty_body(practice):
    response = practice.ask("create_patient", integration_id="N", last_name="New")
    assert (response.http_status, [name for name, _ in response.headers], response.body) == (200, ["Date"], b"")
