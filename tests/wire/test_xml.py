"""Documents read from every form that a server may choose."""

from __future__ import annotations

import codecs
import uuid

import pytest

from conformance.spec.objects import Spec
from conformance.wire import Document, Form, Malformed, Record, decode, decode_any, parse_xml_date

SCHEMA = 'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

STATION_XML = f"""<ArrayOfClientInfo {SCHEMA}>
  <ClientInfo>
    <OperatorId>
      c3015f21_364b9e1d
    </OperatorId>
    <TimeStamp>2019-11-14T13:14:20.7395144+02:00</TimeStamp>
    <ClientId>5be65d15-31a2-442b-a93b-0bd65ec8abe9</ClientId>
    <Hostname>UA-DTC-VHR</Hostname>
    <IsBusy>true</IsBusy>
    <Modules>
      <ModuleInfo>
        <Id>ThreeShape.TRIOS</Id>
        <Title>TRIOS</Title>
      </ModuleInfo>
    </Modules>
    <OperatorName />
  </ClientInfo>
</ArrayOfClientInfo>"""

STATION = {
    "operator_id": "c3015f21_364b9e1d",
    "timestamp": parse_xml_date("2019-11-14T13:14:20.7395144+02:00"),
    "station": uuid.UUID("5be65d15-31a2-442b-a93b-0bd65ec8abe9"),
    "hostname": "UA-DTC-VHR",
    "busy": True,
    "operator_name": "",
}

STATUS_XML = (
    f"<RequestStatus {SCHEMA}><RequestId>00000000-0000-0000-0000-000000000000</RequestId>"
    "<StatusCode>101</StatusCode><StatusDescription>Müller &lt; &amp; &gt; Ł</StatusDescription></RequestStatus>"
)

STATUS = {"operation": uuid.UUID(int=0), "code": 101, "description": "Müller < & > Ł"}

STATION_JSON = (
    '[{"operatorId":" c3015f21_364b9e1d ","timeStamp":"2019-11-14T13:14:20.7395144+02:00",'
    '"clientId":"5be65d15-31a2-442b-a93b-0bd65ec8abe9","hostname":"UA-DTC-VHR","isBusy":true,'
    '"modules":[{"id":"ThreeShape.TRIOS","title":"TRIOS"}],"operatorName":""}]'
)


def whole(document: Document | Malformed) -> Document:
    assert isinstance(document, Document)
    return document


def status(body: bytes, spec: Spec, content_type: str = "") -> Record:
    return whole(decode(body, "status", spec, content_type)).records[0]


def broken(document: Document | Malformed) -> Malformed:
    assert isinstance(document, Malformed)
    return document


def test_the_guides_layout_of_stations_is_read(spec: Spec) -> None:
    document = whole(decode(STATION_XML.encode(), "stations", spec))
    (station,) = document.records
    assert {role: station.get(role) for role in STATION} == STATION
    assert [module.text("title") for module in station.records("modules")] == ["TRIOS"]
    assert document.form == Form("xml", schema_prefixes=True, indented=True)


def test_a_record_keeps_the_order_of_its_elements(spec: Spec) -> None:
    (station,) = whole(decode(STATION_XML.encode(), "stations", spec)).records
    assert station.order[:3] == ("OperatorId", "TimeStamp", "ClientId")


DECLARED = '<?xml version="1.0" encoding="{}"?>'

FORMS = [
    (STATUS_XML.encode(), "utf-8", False, False),
    (DECLARED.format("utf-8").encode() + STATUS_XML.encode(), "utf-8", True, False),
    (codecs.BOM_UTF8 + STATUS_XML.encode(), "utf-8", False, True),
    (codecs.BOM_UTF8 + DECLARED.format("UTF-8").encode() + STATUS_XML.encode(), "utf-8", True, True),
    ((DECLARED.format("utf-16") + STATUS_XML).encode("utf-16"), "utf-16", True, True),
    (codecs.BOM_UTF16_BE + STATUS_XML.encode("utf-16-be"), "utf-16", False, True),
    (STATUS_XML.encode("utf-16-le"), "utf-16", False, False),
    (
        (DECLARED.format("iso-8859-2") + STATUS_XML).replace("ü", "&#252;").encode("iso-8859-2"),
        "iso-8859-2",
        True,
        False,
    ),
    ((DECLARED.format("us-ascii") + STATUS_XML).encode("ascii", "xmlcharrefreplace"), "us-ascii", True, False),
]


@pytest.mark.parametrize(("body", "encoding", "declaration", "bom"), FORMS)
def test_every_encoding_gives_the_same_values(
    body: bytes, encoding: str, declaration: bool, bom: bool, spec: Spec
) -> None:
    document = whole(decode(body, "status", spec))
    assert document.records[0].values == STATUS
    assert (document.form.encoding, document.form.declaration, document.form.bom) == (encoding, declaration, bom)


@pytest.mark.parametrize(("body", "encoding", "declaration", "bom"), FORMS)
@pytest.mark.parametrize("cut", [1, 2, 3, 20])
def test_a_truncated_document_is_malformed(
    body: bytes, encoding: str, declaration: bool, bom: bool, cut: int, spec: Spec
) -> None:
    assert "not well-formed" in broken(decode(body[:-cut], "status", spec)).reason


def test_blanks_after_the_document_are_nothing(spec: Spec) -> None:
    assert status(STATUS_XML.encode() + b"\r\n \n", spec).values == STATUS


@pytest.mark.parametrize("tail", [b"x", b"<a/>", b"</RequestStatus>"])
def test_anything_else_after_the_document_is_malformed(tail: bytes, spec: Spec) -> None:
    assert "not well-formed" in broken(decode(STATUS_XML.encode() + tail, "status", spec)).reason


def test_a_charset_counts_where_the_body_is_silent(spec: Spec) -> None:
    body = STATUS_XML.replace("Ł", "L").encode("latin-1")
    assert status(body, spec, 'application/xml; charset="iso-8859-1"').text("description") == "Müller < & > L"


def test_a_charset_does_not_overrule_a_declaration(spec: Spec) -> None:
    body = (DECLARED.format("utf-8") + STATUS_XML).encode()
    assert status(body, spec, "text/xml; charset=iso-8859-1").values == STATUS


def test_an_unknown_charset_is_passed_over(spec: Spec) -> None:
    assert status(STATUS_XML.encode(), spec, "text/xml; charset=klingon").values == STATUS


def test_a_string_labelled_utf16_is_read_and_noted(spec: Spec) -> None:
    document = whole(decode((DECLARED.format("utf-16") + STATUS_XML).encode(), "status", spec))
    assert document.records[0].values == STATUS
    assert document.form.flaws == ("mislabelled-encoding",)


@pytest.mark.parametrize(
    ("body", "content_type", "flaws"),
    [
        (STATUS_XML.encode(), "text/xml; charset=utf-16", ("mislabelled-encoding",)),
        ((DECLARED.format("utf-8") + STATUS_XML).encode(), "text/xml; charset=iso-8859-1", ("charset-differs",)),
        ((DECLARED.format("UTF-8") + STATUS_XML).encode(), "text/xml; charset=utf8", ()),
        ((DECLARED.format("utf-8") + STATUS_XML).encode(), "text/xml; charset=klingon", ()),
        (codecs.BOM_UTF8 + (DECLARED.format("iso-8859-1") + STATUS_XML).encode(), "", ("mark-differs",)),
        (codecs.BOM_UTF8 + (DECLARED.format("utf-8") + STATUS_XML).encode(), "", ()),
        ((DECLARED.format("utf-16") + STATUS_XML).encode("utf-16"), "", ()),
        ((DECLARED.format("utf-16") + STATUS_XML).encode("utf-16-le"), "", ("utf-16-without-mark",)),
        ((DECLARED.format("utf-16le") + STATUS_XML).encode("utf-16-le"), "", ()),
    ],
)
def test_what_is_said_of_the_encoding_and_is_not_so_is_noted(
    body: bytes, content_type: str, flaws: tuple[str, ...], spec: Spec
) -> None:
    document = whole(decode(body, "status", spec, content_type))
    assert document.form.flaws == flaws


@pytest.mark.parametrize(
    ("written", "spellings"), [("true", ()), (" false ", ()), ("True", ("True",)), ("1", ("1",)), ("perhaps", ())]
)
def test_spellings_of_booleans_other_than_those_of_the_samples_are_noted(
    written: str, spellings: tuple[str, ...], spec: Spec
) -> None:
    body = STATION_XML.replace(">true<", f">{written}<").encode()
    assert whole(decode(body, "stations", spec)).form.booleans == spellings


def test_undeclared_latin1_is_malformed(spec: Spec) -> None:
    assert "not well-formed" in broken(decode(STATUS_XML.replace("Ł", "").encode("latin-1"), "status", spec)).reason


@pytest.mark.parametrize(
    ("root", "namespace", "prefixed"),
    [
        ('<RequestStatus xmlns="urn:x">{}</RequestStatus>', "urn:x", False),
        ('<q:RequestStatus xmlns:q="urn:x">{}</q:RequestStatus>', "urn:x", True),
        ("<RequestStatus>{}</RequestStatus>", "", False),
    ],
)
def test_names_are_compared_without_namespace(root: str, namespace: str, prefixed: bool, spec: Spec) -> None:
    document = whole(decode(root.format("<StatusCode>4</StatusCode>").encode(), "status", spec))
    assert document.records[0].number("code") == 4
    assert (document.form.root_namespace, document.form.prefixed) == (namespace, prefixed)


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("<StatusCode>-1</StatusCode>", -1),
        ("<StatusCode>\n  4\t</StatusCode>", 4),
        ("<StatusCode><!-- four -->4</StatusCode>", 4),
        ("<StatusCode>1<?pause?>0</StatusCode>", 10),
        ("<StatusCode><![CDATA[4]]></StatusCode>", 4),
        ("<StatusCode>&#52;</StatusCode>", 4),
        ('<StatusCode xsi:nil="true" />', None),
        ('<StatusCode xsi:nil="true"></StatusCode><StatusCode>4</StatusCode>', 4),
        ('<StatusCode xsi:nil="false">4</StatusCode>', 4),
        ("", None),
    ],
)
def test_values_are_what_any_xml_reader_sees(inner: str, value: int | None, spec: Spec) -> None:
    record = status(f"<RequestStatus {SCHEMA}>{inner}</RequestStatus>".encode(), spec)
    assert record.get("code") == value


@pytest.mark.parametrize(
    ("inner", "role", "reason"),
    [
        ("<StatusCode>four</StatusCode>", "code", "not an integer"),
        ("<StatusCode />", "code", "empty where an integer was expected"),
        ("<StatusCode>2147483648</StatusCode>", "code", "integer wider than 32 bits"),
        ("<StatusCode>\u0664</StatusCode>", "code", "not an integer"),
        ("<StatusCode>4<b/></StatusCode>", "code", "elements where a value was expected"),
        ("<RequestId>1</RequestId>", "operation", "not a GUID"),
        ("<RequestId/>", "operation", "empty where a GUID was expected"),
    ],
)
def test_a_value_that_does_not_parse_is_malformed_in_its_place(inner: str, role: str, reason: str, spec: Spec) -> None:
    record = status(f"<RequestStatus>{inner}<StatusDescription>d</StatusDescription></RequestStatus>".encode(), spec)
    value = record.get(role)
    assert isinstance(value, Malformed)
    assert value.reason == reason
    assert record.text("description") == "d"


def test_text_where_records_belong_is_malformed_in_its_place(spec: Spec) -> None:
    body = b"<ArrayOfClientInfo><ClientInfo><Modules>none</Modules></ClientInfo></ArrayOfClientInfo>"
    (station,) = whole(decode(body, "stations", spec)).records
    assert station.get("modules") == Malformed("text where records were expected", "none")
    assert station.records("modules") == ()


def test_strangers_are_named_where_they_stand(spec: Spec) -> None:
    body = (
        b"<ArrayOfClientInfo><Weather/><ClientInfo><Moon>full</Moon>"
        b"<Modules><Planet/><ModuleInfo><Sun/></ModuleInfo></Modules></ClientInfo></ArrayOfClientInfo>"
    )
    document = whole(decode(body, "stations", spec))
    (station,) = document.records
    assert document.unknown == ("Weather",)
    assert station.unknown == ("Moon", "Modules/Planet")
    assert station.records("modules")[0].unknown == ("Sun",)


def test_the_first_of_repeated_fields_counts(spec: Spec) -> None:
    body = b"<RequestStatus>" + b"<StatusCode>1</StatusCode><StatusCode>4</StatusCode>" * 2 + b"</RequestStatus>"
    record = status(body, spec)
    assert record.number("code") == 1
    assert record.repeated == ("StatusCode",)


@pytest.mark.parametrize(
    "body", ["<ArrayOfCaseInfo />", "<ArrayOfCaseInfo>\n</ArrayOfCaseInfo>", f'<ArrayOfCaseInfo {SCHEMA} xsi:nil="1"/>']
)
def test_a_list_may_be_empty(body: str, spec: Spec) -> None:
    assert whole(decode(body.encode(), "cases", spec)).records == ()


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"\xef\xbb\xbf"])
def test_an_empty_body_says_so(body: bytes, spec: Spec) -> None:
    assert broken(decode(body, "cases", spec)) == Malformed("empty body", "")


def test_another_root_is_named_beside_the_expected_one(spec: Spec) -> None:
    found = broken(decode(b"<html><body/></html>", "cases", spec))
    assert found == Malformed("root element: expected ArrayOfCaseInfo, found html", "html")


def test_a_document_is_found_by_its_root(spec: Spec) -> None:
    assert whole(decode_any(STATUS_XML.encode(), spec)).role == "status"
    assert "expected ArrayOfClientInfo or" in broken(decode_any(b"<html/>", spec)).reason


BOOLEANS = [
    ("<boolean>true</boolean>", "", True, "xml"),
    ('<boolean xmlns="http://schemas.microsoft.com/2003/10/Serialization/">false</boolean>', "", False, "xml"),
    ("<boolean>\n true\n</boolean>", "", True, "xml"),
    ("true", "", True, "bare"),
    ("False", "text/plain", False, "bare"),
    (" TRUE\r\n", "", True, "bare"),
    ("true", "application/json", True, "json"),
    ('"true"', "application/json", True, "json"),
]


@pytest.mark.parametrize(("body", "content_type", "value", "syntax"), BOOLEANS)
def test_a_boolean_answer_has_many_forms(body: str, content_type: str, value: bool, syntax: str, spec: Spec) -> None:
    document = whole(decode(body.encode(), "removed", spec, content_type))
    assert document.value is value
    assert document.form.syntax == syntax
    assert decode_any(body.encode(), spec, content_type) == document or syntax != "xml"


@pytest.mark.parametrize("body", ["maybe", "2", "{}", "[true]", "<string>true</string>"])
def test_other_bodies_are_no_boolean(body: str, spec: Spec) -> None:
    document = decode(body.encode(), "removed", spec)
    assert isinstance(document, Malformed) or isinstance(document.value, Malformed)


PIXELS = bytes(range(256))
BASE64 = (
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJT"
    "VFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaan"
    "qKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7"
    "/P3+/w=="
)

IMAGES = [
    (f"<base64Binary>{BASE64}</base64Binary>".encode(), "", "xml"),
    (f"<b:base64Binary xmlns:b='urn:x'>{BASE64[:100]}\r\n{BASE64[100:]}\n</b:base64Binary>".encode(), "", "xml"),
    (f'"{BASE64}"'.encode(), "application/json", "json"),
    (BASE64.encode(), "text/plain", "bare"),
    (PIXELS, "image/jpeg", "bare"),
    (PIXELS, "application/octet-stream", "bare"),
]


@pytest.mark.parametrize(("body", "content_type", "syntax"), IMAGES)
def test_an_image_has_many_forms(body: bytes, content_type: str, syntax: str, spec: Spec) -> None:
    document = whole(decode(body, "image_bytes", spec, content_type))
    assert document.value == PIXELS
    assert document.form.syntax == syntax


def test_an_image_of_no_bytes_and_no_image_are_told_apart(spec: Spec) -> None:
    assert whole(decode(b"<base64Binary />", "image_bytes", spec)).value == b""
    nil = f'<base64Binary {SCHEMA} xsi:nil="true" />'.encode()
    assert whole(decode(nil, "image_bytes", spec)).value is None


def test_text_that_is_no_base64_is_malformed_in_its_place(spec: Spec) -> None:
    value = whole(decode(b"<base64Binary>A*</base64Binary>", "image_bytes", spec)).value
    assert isinstance(value, Malformed)
    assert value.reason.startswith("not Base64")


def test_raw_bytes_without_a_type_are_malformed(spec: Spec) -> None:
    assert isinstance(decode(PIXELS, "image_bytes", spec), Malformed)


def test_a_server_that_answers_json_is_recognised(spec: Spec) -> None:
    document = whole(decode(STATION_JSON.encode(), "stations", spec, "application/json; charset=utf-8"))
    (station,) = document.records
    assert document.form.syntax == "json"
    assert {role: station.get(role) for role in STATION} == STATION
    assert station.records("modules")[0].text("id") == "ThreeShape.TRIOS"
    assert station.order[:2] == ("OperatorId", "TimeStamp")
    assert decode_any(STATION_JSON.encode(), spec) == document


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"StatusCode":4}', 4),
        ('{"statusCode":"4"}', 4),
        ('{"statusCode":null}', None),
        ('{"statusCode":4,"StatusCode":5}', 4),
        ('{"statusCode":true}', Malformed("a JSON value that is no integer", "True")),
        ('{"statusCode":[[]]}', Malformed("a JSON value that is no integer", "[...]")),
        ('{"statusCode":4.5}', Malformed("a JSON value that is no integer", "4.5")),
    ],
)
def test_members_are_fields_of_the_same_name(body: str, code: object, spec: Spec) -> None:
    assert status(body.encode(), spec).get("code") == code


def test_repeated_and_unknown_members_are_named(spec: Spec) -> None:
    record = status(b'{"statusCode":4,"StatusCode":5,"moon":1}', spec)
    assert record.repeated == ("StatusCode",)
    assert record.unknown == ("moon",)


@pytest.mark.parametrize("body", ["[]", "null", '{"cases":[]}'])
def test_a_json_list_may_be_empty(body: str, spec: Spec) -> None:
    assert whole(decode(body.encode(), "cases", spec)).records == ()


@pytest.mark.parametrize("body", ["[1]", "7", '"text"', '{"a":1}', "{", "not json", "[{}, 3]"])
def test_json_of_another_shape_is_malformed(body: str, spec: Spec) -> None:
    assert isinstance(decode(body.encode(), "cases", spec), Malformed)


def test_half_a_character_in_json_does_no_harm(spec: Spec) -> None:
    assert status(b'{"statusDescription":"\\ud800x"}', spec).text("description") == "\ufffdx"


@pytest.mark.parametrize(
    ("body", "role"),
    [('{"statusCode":4}', "status"), ("true", "removed"), ("True", "removed"), ('[{"caseId":"x"}]', "cases")],
)
def test_a_body_without_a_root_is_found_by_its_shape(body: str, role: str, spec: Spec) -> None:
    assert whole(decode_any(body.encode(), spec)).role == role


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"hello", b"\xff\x00", b'{"a":1}'])
def test_a_body_of_no_known_shape_is_malformed(body: bytes, spec: Spec) -> None:
    assert isinstance(decode_any(body, spec), Malformed)


def test_an_image_type_tells_its_document(spec: Spec) -> None:
    assert whole(decode_any(PIXELS, spec, "image/png")).value == PIXELS
