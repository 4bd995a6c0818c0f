"""The emulator on real sockets: TLS, the control port, and what it says of itself."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from dataclasses import replace
from uuid import UUID

import pytest

from conformance.emulator.clock import RealClock
from conformance.emulator.embedded import Embedded
from conformance.emulator.faults import Fault, faults
from conformance.emulator.serve import Settings, embedded, serve
from conformance.wire import Document, decode, encode_basic


@pytest.fixture(scope="module")
def running(spec):
    with Embedded(spec) as running:
        yield running


def context(running):
    return ssl.create_default_context(cafile=running.authority_pem)


def get(running, path="/GetAvailableClientList", authorization=None, tls=None):
    user = running.users[0]
    address = running.address
    connection = http.client.HTTPSConnection(address.host, address.port, context=tls or context(running), timeout=10)
    try:
        header = authorization or encode_basic(user.user, user.password)
        connection.request("GET", running.spec.service.base_path + path, headers={"Authorization": header})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def control(running, verb, path, body=None, token=None):
    connection = http.client.HTTPConnection(running.control_url.removeprefix("http://"), timeout=10)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(verb, path, body=text, headers={"Authorization": f"Bearer {token or running.token}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_a_client_that_trusts_the_authority_is_served(running, spec):
    status, headers, body = get(running)
    assert (status, headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert isinstance(decode(body, "stations", spec), Document)


def test_a_client_that_does_not_is_not(running):
    with pytest.raises(ssl.SSLCertVerificationError):
        get(running, tls=ssl.create_default_context())


def test_a_stranger_is_turned_away(running):
    assert get(running, authorization="Basic eDp5")[0] == 401


def test_the_address_is_that_of_the_methods(running, spec):
    assert running.url == f"https://127.0.0.1:{running.address.port}{spec.service.base_path}"


def test_the_thumbprint_is_that_of_the_authority(running):
    der = ssl.PEM_cert_to_DER_cert(running.authority_pem.read_text(encoding="ascii"))
    assert running.thumbprint == hashlib.sha1(der).hexdigest()


def test_fixtures_tell_what_was_there_at_the_start(running):
    assert {fact["what"] for fact in running.fixtures()} >= {"station", "patient", "unmapped_patient", "case", "image"}


def test_an_operation_at_a_station_is_decided_through_the_control_port(running, station):
    operation = "00000000-0000-0000-0000-0000000000aa"
    body = {"dialog": "new_patient", "button": "cancel", "operation": operation}
    assert control(running, "POST", "/decisions", body) == (200, {})
    get(running, f"/CreatePatient?IntegrationId=C1&LastName=New&RequestId={operation}&ClientId={station}")
    assert control(running, "POST", "/clock", {"advance_s": 30})[0] == 200
    operations = control(running, "GET", "/state")[1]["operations"]
    assert {o["operation"]: o["status"] for o in operations}[operation] == "rejected_by_operator"


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "problem"),
    [
        ("GET", "/nothing", None, 404, "GET /nothing is not known; expected one of GET /state"),
        ("POST", "/state", None, 404, "POST /state is not known"),
        ("POST", "/decisions", {}, 400, "dialog is None; expected a text."),
        ("POST", "/decisions", {"dialog": "sync", "button": "save"}, 400, "the dialog sync has no button 'save'"),
        ("POST", "/decisions", {"dialog": "sync", "button": "keep", "station": "x"}, 400, "station is 'x'; expected a"),
        ("POST", "/decisions", {"dialog": "sync", "button": "keep", "times": 0}, 400, "a decision for 0 times"),
        ("POST", "/clock", {"advance_s": -1}, 400, "advance_s is -1.0; expected seconds from 0 to 86400."),
        ("POST", "/clock", {"advance_s": True}, 400, "advance_s is True; expected a number."),
        ("POST", "/stations", {}, 400, "station is missing"),
        ("POST", "/stations", {"station": "5be65d15-31a2-442b-a93b-0bd65ec8abe9", "busy": 1}, 400, "busy is 1; expect"),
        ("POST", "/hold", [], 400, "the body is a JSON list; send an object."),
    ],
)
def test_a_wrong_request_to_the_control_port_says_what_is_wrong(running, verb, path, body, status, problem):
    answered, content = control(running, verb, path, body)
    assert answered == status
    assert content["error"].startswith(problem)


def test_the_control_port_wants_its_token(running):
    assert control(running, "GET", "/state", token="guess")[0] == 401


def test_stations_can_be_added_held_and_released(running, spec):
    new = {"station": "00000000-0000-0000-0000-0000000000bb", "hostname": "ROOM-9", "busy": True}
    assert control(running, "POST", "/stations", new)[0] == 200
    assert control(running, "POST", "/hold", {"station": new["station"]})[0] == 200
    listed = control(running, "GET", "/state")[1]["stations"][-1]
    assert (listed["hostname"], listed["busy"], listed["held"]) == ("ROOM-9", True, True)
    assert control(running, "POST", "/release")[0] == 200
    assert control(running, "GET", "/state")[1]["stations"][-1]["held"] is False


def test_reset_forgets_everything(running):
    get(running, "/CreatePatient?IntegrationId=R1&LastName=New")
    assert control(running, "POST", "/reset") == (200, {})
    assert control(running, "GET", "/state")[1]["operations"] == []


def test_faults_are_listed(running):
    rows = control(running, "GET", "/faults")[1]["faults"]
    assert {"name", "does", "breaks", "active"} == set(rows[0])
    assert not any(row["active"] for row in rows)


class NoTls(Fault):
    name = "no-tls"

    def tls(self, settings):
        return replace(settings, plain=True)


def test_a_fault_may_take_the_tls_away(spec):
    with Embedded(spec, faults=(NoTls(),)) as running:
        assert running.url.startswith("http://")
        connection = http.client.HTTPConnection(running.address.host, running.address.port, timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().status == 401
        connection.close()


def test_certificates_can_be_kept_for_the_next_run(spec, tmp_path):
    thumbprints = []
    for _ in range(2):
        with Embedded(spec, certificates=tmp_path) as running:
            thumbprints.append(running.thumbprint)
            assert get(running)[0] == 200
    assert thumbprints[0] == thumbprints[1]


def test_a_dialog_can_be_decided_from_within(spec, station):
    with Embedded(spec) as running:
        running.decide("page", "cancel", operation=UUID(int=5))
        get(running, f"/SelectPatient?IntegrationId=SEED-1001&RequestId={UUID(int=5)}&ClientId={station}")
        running.emulator.advance(60)
        assert running.emulator.state.newest(UUID(int=5)).status == "rejected_by_operator"


class TestServe:
    def test_it_says_where_it_is_and_stops_when_told(self, spec):
        said = []
        serve(spec, Settings(port=0, faults=(next(iter(faults())),)), said.append, wait=lambda running: None)
        text = "\n".join(said)
        assert "not for clinical use" in text
        assert "user         Sam   password qwerty123" in text
        assert f"fault        {next(iter(faults()))}" in text
        assert "curl --cacert" in text
        assert f"{spec.service.base_path}/GetAvailableClientList" in text

    def test_ctrl_c_ends_it_quietly(self, spec):
        def interrupted(running):
            raise KeyboardInterrupt

        said = []
        serve(spec, Settings(port=0), said.append, wait=interrupted)
        assert said[-1] == "Stopped."

    def test_its_port_is_that_of_the_spec_and_its_clock_runs(self, spec):
        made = embedded(spec, Settings())
        assert made.ports.port == spec.service.port
        assert isinstance(made.clock, RealClock)

    @pytest.mark.parametrize(
        "settings", [Settings(faults=("no-such-fault",)), Settings(port=0, readings={"NO-SUCH-READING": "x"})]
    )
    def test_what_does_not_exist_is_the_set_ups_fault(self, spec, settings):
        with pytest.raises(ValueError, match=r"no-such-fault|NO-SUCH-READING"):
            serve(spec, settings, wait=lambda running: None)


def test_a_crowd_that_is_announced_has_to_be_a_number(running):
    status, answer = control(running, "POST", "/crowd", {"calls": "four"})
    assert (status, answer) == (400, {"error": "calls is 'four'; expected a whole number."})
