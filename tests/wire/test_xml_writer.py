"""Documents written, and read back whatever the style."""

from __future__ import annotations

import random
import uuid
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.spec.objects import Spec
from conformance.wire import (
    Document,
    Malformed,
    Record,
    Style,
    Zone,
    decode,
    encode,
    encode_json,
    ticks_of,
)
from tests.wire.moments import make_moment

SCHEMA = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

STATUS = {"operation": uuid.UUID(int=0), "code": 101, "description": "Müller < & > Ł"}

CASE = {
    "case": uuid.UUID(int=7),
    "patient_name": "John Smith",
    "integration_id": "123",
    "lab": None,
    "sent": make_moment(0, Zone.NONE),
    "indications": [{"from": 3, "to": 3, "name": "Crown", "shade": ""}],
    "images": [],
    "scans": [{"scan": uuid.UUID(int=8), "sectioned": False, "prepared": True}],
}

STATUS_ANSWER = (
    f"<RequestStatus {SCHEMA}><RequestId>00000000-0000-0000-0000-0000000000ab</RequestId>"
    "<StatusCode>4</StatusCode><StatusDescription>a &lt; b &amp; c &gt; d</StatusDescription></RequestStatus>"
)
STATIONS_ANSWER = (
    f"<ArrayOfClientInfo {SCHEMA}><ClientInfo><Hostname /><IsBusy>false</IsBusy><Modules /></ClientInfo>"
    "</ArrayOfClientInfo>"
)

GOLDEN = [
    ("removed", True, "<boolean>true</boolean>"),
    ("image_bytes", b"\x01\x02\x03\xff", "<base64Binary>AQID/w==</base64Binary>"),
    ("image_bytes", b"", "<base64Binary />"),
    ("image_bytes", None, f'<base64Binary {SCHEMA} xsi:nil="true" />'),
    ("cases", [], f"<ArrayOfCaseInfo {SCHEMA} />"),
    ("status", {}, f"<RequestStatus {SCHEMA} />"),
    ("status", {"operation": uuid.UUID(int=0xAB), "code": 4, "description": "a < b & c > d"}, STATUS_ANSWER),
    ("stations", [{"hostname": "", "busy": False, "modules": [], "operator_name": None}], STATIONS_ANSWER),
]


@pytest.mark.parametrize(("role", "content", "text"), GOLDEN)
def test_documents_are_written_as_xml_serializer_does(role: str, content: object, text: str, spec: Spec) -> None:
    assert encode(role, content, spec, Style()).decode() == text


def test_indentation_and_declaration_are_a_matter_of_style(spec: Spec) -> None:
    content = [{"hostname": "A", "modules": [{"id": "m"}]}]
    style = Style(declaration=True, indent=True, namespaces=False)
    assert encode("stations", content, spec, style).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n<ArrayOfClientInfo>\n  <ClientInfo>\n    <Hostname>A</Hostname>\n'
        "    <Modules>\n      <ModuleInfo>\n        <Id>m</Id>\n      </ModuleInfo>\n    </Modules>\n"
        "  </ClientInfo>\n</ArrayOfClientInfo>"
    )


def test_order_and_strangers_are_a_matter_of_style(spec: Spec) -> None:
    style = Style(namespaces=False, unknown=(("Moon", "full"),), order=sorted)
    content = {"operation": "x", "code": 4, "description": "d"}
    assert encode("status", content, spec, style).decode() == (
        "<RequestStatus><Moon>full</Moon><RequestId>x</RequestId><StatusCode>4</StatusCode>"
        "<StatusDescription>d</StatusDescription></RequestStatus>"
    )


def test_a_byte_order_mark_is_a_matter_of_style(spec: Spec) -> None:
    assert encode("removed", True, spec, Style(bom=True)).startswith(b"\xef\xbb\xbf<")
    assert encode("removed", True, spec, Style(bom=True, encoding="utf-16")).startswith(b"\xff\xfe<\0")


def test_what_an_encoding_lacks_is_written_as_a_reference(spec: Spec) -> None:
    style = Style(encoding="iso-8859-1", declaration=True)
    body = encode("status", STATUS, spec, style)
    assert b"M\xfcller" in body
    assert b"&#321;" in body


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\0b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\uffffb", "a\ufffdb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("]]>", "]]>"),
    ],
)
def test_what_xml_cannot_hold_is_replaced(text: str, read: str, spec: Spec) -> None:
    document = decode(encode("status", {"description": text}, spec), "status", spec)
    assert isinstance(document, Document)
    assert document.records[0].text("description") == read


def test_a_value_without_text_is_our_own_error(spec: Spec) -> None:
    with pytest.raises(TypeError, match="no text on the wire"):
        encode("status", {"code": object()}, spec)


def test_nested_records_and_empty_lists_come_back(spec: Spec) -> None:
    document = decode(encode("cases", [CASE], spec), "cases", spec)
    assert isinstance(document, Document)
    (case,) = document.records
    assert case.get("lab") is None
    assert case.get("images") == ()
    assert case.records("scans")[0].get("prepared") is True
    assert case.records("indications")[0].number("from") == 3


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")).map(
    lambda text: text.strip(" ")
)
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).flatmap(
    lambda moment: st.builds(make_moment, st.just(ticks_of(moment)), st.sampled_from(Zone), st.integers(-840, 840))
)


def records(role: str, fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: Record(role, values))


MODULES = st.lists(records("module", {"id": TEXT, "title": TEXT}), max_size=3).map(tuple)
STATIONS = st.lists(
    records(
        "station",
        {
            "station": st.uuids(),
            "hostname": TEXT,
            "busy": st.booleans(),
            "operator_name": TEXT,
            "timestamp": MOMENTS,
            "modules": MODULES,
        },
    ),
    max_size=3,
)
STYLES = (
    st.builds(
        Style,
        declaration=st.booleans(),
        encoding=st.just("utf-8"),
        bom=st.booleans(),
        indent=st.booleans(),
        namespaces=st.booleans(),
        pad=st.booleans(),
        unknown=st.sampled_from([(), (("Moon", "full"), ("Sun", ""))]),
        order=st.none() | st.integers().map(lambda seed: lambda names: random.Random(seed).sample(names, len(names))),
    )
    | st.builds(Style, encoding=st.just("utf-16"), bom=st.just(True), declaration=st.booleans())
    | st.builds(Style, encoding=st.just("iso-8859-1"), declaration=st.just(True), indent=st.booleans())
)


def bare(record: Record) -> dict[str, object]:
    """The values of a record without what style adds around them."""
    return {
        role: [bare(inner) for inner in value] if isinstance(value, tuple) else value
        for role, value in record.values.items()
    }


@given(STATIONS, STYLES)
def test_every_style_is_read_back(spec: Spec, stations: list[Record], style: Style) -> None:
    document = decode(encode("stations", stations, spec, style), "stations", spec)
    assert isinstance(document, Document)
    assert [bare(record) for record in document.records] == [bare(record) for record in stations]
    assert {name for record in document.records for name in record.unknown} <= {"Moon", "Sun"}


@given(STATIONS, st.booleans())
def test_json_is_read_back(spec: Spec, stations: list[Record], camel: bool) -> None:
    document = decode(encode_json("stations", stations, spec, camel), "stations", spec, "application/json")
    assert isinstance(document, Document)
    assert [bare(record) for record in document.records] == [bare(record) for record in stations]


@pytest.mark.parametrize(("role", "content"), [("removed", False), ("image_bytes", b"\x01\xff")])
def test_primitive_json_is_read_back(role: str, content: object, spec: Spec) -> None:
    document = decode(encode_json(role, content, spec), role, spec, "application/json")
    assert isinstance(document, Document)
    assert document.value == content


@given(st.text(), STYLES)
def test_any_text_gives_a_document(spec: Spec, text: str, style: Style) -> None:
    document = decode(encode("status", {"description": text}, spec, style), "status", spec)
    assert isinstance(document, Document)


def test_wrong_values_can_be_written_on_purpose(spec: Spec) -> None:
    document = decode(encode("status", {"code": "four", "operation": "?"}, spec), "status", spec)
    assert isinstance(document, Document)
    assert document.records[0].get("code") == Malformed("not an integer", "four")


def test_what_is_written_is_valid_by_the_schema(spec: Spec) -> None:
    schema = etree.XMLSchema(etree.parse(spec.folder / "messages.xsd"))
    assert schema.validate(etree.fromstring(encode("status", STATUS, spec)))
