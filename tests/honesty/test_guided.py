"""Guided: what the guide itself shows is understood and accepted, or a reading says why not."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.emulator.clock import SteppedClock
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request
from conformance.emulator.seed import load_seed
from conformance.emulator.server import Emulator
from conformance.spec import load
from conformance.wire import Document, bind, decode_any, encode_basic, parse_query

GUIDE = Path(__file__).parents[2] / "fixtures" / "guide"
ADDRESSES = (GUIDE / "urls.txt").read_text(encoding="utf-8").split()
MISSPELT = {"DelivertyDateTo"}  # in an example of the guide; see the reading UNKNOWN-PARAMETER


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_names_a_method_and_its_parameters(address, spec):
    parts = urlsplit(address)
    method = spec.method_by_folded_name[parts.path.rpartition("/")[2].casefold()]
    bound = bind(method, parse_query(parts.query), spec)

    assert parts.path == f"{spec.service.base_path}/{method.name}"
    assert parts.port == spec.service.port
    assert set(bound.unknown) <= MISSPELT


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_is_taken_by_the_emulator(address, spec):
    prepared = load_seed(spec)
    emulator = Emulator(spec, Policy(), SteppedClock(), prepared.users, prepared.state)
    user = prepared.users[0]
    headers = (("authorization", encode_basic(user.user, user.password)),)
    target = address.partition("localhost:5484")[2]

    response = emulator.handle(Request("GET", target, headers, b"", 1, "", 0.0))

    assert response.http_status in (200, 202, 204, 404)  # 404 where it asks for a case that is not in the seed


@pytest.mark.parametrize("name", ["ClientList.xml", "RequestStatus.xml", "Cases.xml"])
def test_every_document_decodes_without_a_malformed_field(name, spec):
    document = decode_any((GUIDE / name).read_bytes(), spec)

    assert isinstance(document, Document)
    assert document.records
    assert "Malformed" not in repr(document)


def test_the_example_credentials_are_encoded_as_shown():
    assert encode_basic("Sam", "qwerty123") == "Basic U2FtOnF3ZXJ0eTEyMw=="
