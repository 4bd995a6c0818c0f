"""``threedd emulator`` as a process: what it prints is all that a stranger needs to call each method."""

import shlex
import ssl
from base64 import b64encode
from http.client import HTTPConnection, HTTPSConnection
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from lxml import etree

from conformance.emulator.policy import Freedom
from conformance.emulator.serve import FREEDOMS
from conformance.spec import default_folder

from .process import emulator_process

OPTIONS = ("--pick-up", "0", "--processing", "0")
SCHEMA = etree.XMLSchema(etree.parse(default_folder() / "messages.xsd"))


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """The greeting of a running process."""
    with emulator_process(*OPTIONS, "--certificates", tmp_path_factory.mktemp("certificates")) as process:
        yield process.said


@pytest.fixture(scope="module")
def get(said):
    """``get(method, **parameters)`` as the first user, trusting the printed authority only."""
    address = urlsplit(said["address"][0])
    trusted = ssl.create_default_context(cafile=said["authority"][0])
    user, _, password, *_ = said["user"]
    credentials = b64encode(f"{user}:{password}".encode()).decode("ascii")

    def call(method, **parameters):
        connection = HTTPSConnection(address.hostname, address.port, context=trusted, timeout=30)
        target = f"{address.path}/{method}?{urlencode(parameters)}"
        connection.request("GET", target, headers={"Authorization": f"Basic {credentials}"})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return SimpleNamespace(status=reply.status, body=body)

    return call


@pytest.fixture(scope="module")
def known(said, get):
    """Values for every parameter: the printed station and patient, one of its cases, and an image of that case."""
    patient, station = said["patient"][0], said["station"][0]
    image = etree.fromstring(get("GetCasesForPatient", IntegrationId=patient).body).find(".//AttachedImageInfo")
    return {
        "IntegrationId": patient,
        "ClientId": station,
        "CaseId": image.xpath("string(ancestor::CaseInfo/CaseId)"),
        "AttachedImageId": image.xpath("string(AttachedImageId|Id)"),
    }


@pytest.mark.parametrize(
    ("method", "given", "root"),
    [
        ("GetAvailableClientList", (), "ArrayOfClientInfo"),
        ("GetRequestStatusById", (), "RequestStatus"),
        ("RemoveRequestById", (), "boolean"),
        ("GetCasesForPatient", ("IntegrationId",), "ArrayOfCaseInfo"),
        ("GetAttachedImage", ("CaseId", "AttachedImageId"), "base64Binary"),
    ],
)
def test_a_document_of_the_guide_comes_back(get, known, method, given, root):
    reply = get(method, Id=uuid4(), **{name: known[name] for name in given})

    assert reply.status == 200
    document = etree.fromstring(reply.body)
    SCHEMA.assertValid(document)
    assert document.tag == root


@pytest.mark.parametrize(
    ("method", "given", "more"),
    [
        ("CreatePatient", (), {"LastName": "Fox", "IntegrationId": "printed-1"}),
        ("UpdatePatient", ("IntegrationId",), {"LastName": "Fox"}),
        ("SelectPatient", ("IntegrationId", "ClientId"), {}),
        ("CreateCase", ("IntegrationId", "ClientId"), {}),
        ("SelectCase", ("CaseId", "ClientId"), {}),
    ],
)
def test_an_operation_is_taken_and_has_a_status(get, known, method, given, more):
    operation = uuid4()
    reply = get(method, RequestId=operation, **{name: known[name] for name in given}, **more)
    status = etree.fromstring(get("GetRequestStatusById", Id=operation).body)

    assert (reply.status, reply.body) == (200, b"")
    SCHEMA.assertValid(status)
    assert status.findtext("RequestId") == str(operation)
    assert status.findtext("StatusCode") != "404"


def test_the_printed_command_names_authority_user_and_a_method(said):
    assert shlex.split(said["try"][0]) == [
        "curl",
        "--cacert",
        said["authority"][0],
        "--user",
        f"{said['user'][0]}:{said['user'][2]}",
        f"{said['address'][0]}/GetAvailableClientList",
    ]


def test_the_printed_console_opens_and_shows_the_stations(said):
    address = urlsplit(said["console"][0])
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("GET", f"{address.path}?{address.query}")
    signed_in = connection.getresponse()
    signed_in.read()
    connection.request("GET", signed_in.headers["Location"], headers={"Cookie": signed_in.headers["Set-Cookie"]})
    page = connection.getresponse()
    text = page.read().decode()
    connection.close()

    assert (signed_in.status, page.status) == (303, 200)
    assert said["station"][0] in text


def test_everything_but_strange_elements_varies():
    assert {Freedom.UNKNOWN_ELEMENTS} == set(Freedom) - FREEDOMS
