"""Documents that mean harm, or that nobody meant: every one becomes a value, none is obeyed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.spec.objects import Spec
from conformance.wire import Document, Malformed, decode, decode_any

STATUS_XML = (
    '<?xml version="1.0" encoding="utf-8"?><RequestStatus xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
    "<RequestId>00000000-0000-0000-0000-000000000000</RequestId><StatusCode>101</StatusCode>"
    "<StatusDescription>M\u00fcller &lt; &#x141;</StatusDescription></RequestStatus>"
)
STATION_XML = (
    "<ArrayOfClientInfo><ClientInfo><TimeStamp>2019-11-14T13:14:20.7395144+02:00</TimeStamp><IsBusy>true</IsBusy>"
    "<Modules><ModuleInfo><Id>A</Id><Title /></ModuleInfo></Modules></ClientInfo></ArrayOfClientInfo>"
)
STATION_JSON = '[{"clientId":"5be65d15-31a2-442b-a93b-0bd65ec8abe9","isBusy":true,"modules":[{"id":"A"}]}]'

BOMB = (
    '<!DOCTYPE RequestStatus [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><RequestStatus><StatusDescription>&c;</StatusDescription>'
    "</RequestStatus>"
)
PLAIN_DOCTYPE = "<!DOCTYPE RequestStatus><RequestStatus />"


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        PLAIN_DOCTYPE.encode(),
        b"<?xml version='1.0'?><!-- > --><?x ?>\n" + PLAIN_DOCTYPE.encode(),
        PLAIN_DOCTYPE.encode("utf-16"),
        b"\xef\xbb\xbf" + PLAIN_DOCTYPE.encode(),
        PLAIN_DOCTYPE.encode("utf-16-be"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE RequestStatus><RequestStatus />',
        b'<!DOCTYPE RequestStatus SYSTEM "http://127.0.0.1:1/x.dtd"><RequestStatus />',
    ],
)
def test_a_document_type_declaration_is_refused(body: bytes, spec: Spec) -> None:
    read = decode(body, "status", spec)
    assert isinstance(read, Malformed)
    assert read.reason == "document type declaration" or "not well-formed" in read.reason


def test_an_external_entity_is_not_fetched(spec: Spec, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("patient", encoding="utf-8")
    body = (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<RequestStatus><StatusDescription>&x;</StatusDescription></RequestStatus>"
    )
    assert "patient" not in repr(decode(body.encode(), "status", spec))


def test_speaking_of_a_document_type_is_allowed(spec: Spec) -> None:
    body = b"<RequestStatus><StatusDescription><![CDATA[<!DOCTYPE html>]]></StatusDescription></RequestStatus>"
    read = decode(body, "status", spec)
    assert isinstance(read, Document)
    assert read.records[0].text("description") == "<!DOCTYPE html>"


def test_a_prologue_made_for_backtracking_is_read_at_once(spec: Spec) -> None:
    body = b"<?a ?>" * 5_000 + b"<RequestStatus>DOCTYPE</RequestStatus>"
    assert isinstance(decode(body, "status", spec), Document)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 100_000,
        b"<a>" * 5_000 + b"</a>" * 5_000,
        b"<RequestStatus>" + b"<StatusCode>" * 2_000 + b"</StatusCode>" * 2_000 + b"</RequestStatus>",
        b"[" * 100_000,
        b"[" * 400 + b"]" * 400,
        b'{"statusCode":' * 100_000,
        b"<RequestStatus>&undefined;</RequestStatus>",
        b"<RequestStatus>\0</RequestStatus>",
        STATUS_XML.encode() + b"\0",
        b"\0" * 100,
        b"<",
        b"<?xml",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"9" * 10_000,
        b"<RequestStatus a='1' a='2' />",
        b"<x:RequestStatus />",
    ],
)
@pytest.mark.parametrize("role", ["status", "removed", "image_bytes", "cases"])
def test_wild_bodies_are_malformed_and_nothing_worse(body: bytes, role: str, spec: Spec) -> None:
    read = decode(body, role, spec)
    assert isinstance(read, Malformed) or not read.records


def test_ten_million_characters_of_text_are_refused(spec: Spec) -> None:
    body = b"<RequestStatus><StatusDescription>" + b"x" * 10_100_000 + b"</StatusDescription></RequestStatus>"
    assert isinstance(decode(body, "status", spec), Malformed)


def test_a_photo_may_be_larger(spec: Spec) -> None:
    read = decode(b"<base64Binary>" + b"AAAA" * 3_000_000 + b"</base64Binary>", "image_bytes", spec)
    assert isinstance(read, Document)
    assert read.value == bytes(9_000_000)


def test_a_hundred_thousand_strangers_are_read(spec: Spec) -> None:
    read = decode(b"<RequestStatus>" + b"<a/>" * 100_000 + b"</RequestStatus>", "status", spec)
    assert isinstance(read, Document)
    assert read.records[0].repeated == ("a",)


@given(st.binary(), st.sampled_from(["stations", "status", "cases", "removed", "image_bytes"]), st.text(max_size=20))
def test_no_bytes_raise(spec: Spec, body: bytes, role: str, content_type: str) -> None:
    assert isinstance(decode(body, role, spec, content_type), Document | Malformed)
    assert isinstance(decode_any(body, spec, content_type), Document | Malformed)


@given(st.sampled_from([STATION_XML, STATUS_XML, STATION_JSON]), st.data())
def test_no_damage_raises(spec: Spec, sample: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sample)))
    until = data.draw(st.integers(at, min(len(sample), at + 40)))
    body = (sample[:at] + data.draw(st.text(max_size=5)) + sample[until:]).encode("utf-8", "replace")
    assert isinstance(decode(body, "status", spec), Document | Malformed)
    assert isinstance(decode_any(body, spec), Document | Malformed)
