"""The emulator of the command line with a data folder, TLS versions of one's own, and a record."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import replace

import pytest

from conformance.emulator.serve import Settings, embedded, serve
from conformance.emulator.store import FILE, StoreError
from conformance.trace import NoteKind, Recorder, Redactor
from conformance.wire import encode_basic

QUIET = Settings(port=0, freedoms=frozenset())


def create(integration_id):
    """Somebody who creates a patient in a running emulator."""

    def call(running):
        address, user = running.address, running.users[0]
        trusted = ssl.create_default_context(cafile=running.authority_pem)
        connection = http.client.HTTPSConnection(address.host, address.port, context=trusted, timeout=10)
        target = f"{running.spec.service.base_path}/CreatePatient?IntegrationId={integration_id}&LastName=Fox"
        connection.request("GET", target, headers={"Authorization": encode_basic(user.user, user.password)})
        assert connection.getresponse().status == 200
        connection.close()

    return call


def control(running, path, body):
    connection = http.client.HTTPConnection(running.control_url.removeprefix("http://"), timeout=10)
    connection.request("POST", path, json.dumps(body), headers={"Authorization": f"Bearer {running.token}"})
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture
def run(spec, tmp_path):
    """Serves as long as somebody calls, and gives what it said."""

    def served(wait=lambda running: None, **changed):
        said = []
        serve(spec, replace(QUIET, **{"data": tmp_path / "data", **changed}), said.append, wait)
        return said

    return served


def mapped(running):
    return set(running.emulator.state.mapped)


def line(said, word):
    return next(each for each in said if each.split()[0] == word)


def test_what_a_call_changed_is_there_in_the_next_run(run):
    run(create("D1"))
    found = []
    said = run(lambda running: found.extend(mapped(running)))

    assert "D1" in found
    assert "1 operations, from an earlier run)" in line(said, "data")


def test_certificates_are_kept_beside_the_data(run, tmp_path):
    first, second = run(), run()
    assert line(first, "thumbprint") == line(second, "thumbprint")
    assert str(tmp_path / "data" / "certificates") in line(first, "authority")


def test_certificates_can_be_kept_elsewhere(run, tmp_path):
    assert str(tmp_path / "mine") in line(run(certificates=tmp_path / "mine"), "authority")


def test_those_of_another_kind_are_kept_apart(spec, run):
    dialects = tuple(dialect.name for dialect in spec.dialects if dialect.certificate)
    usual, other = line(run(), "thumbprint"), line(run(dialects=dialects), "thumbprint")

    assert usual != other
    assert [line(run(), "thumbprint"), line(run(dialects=dialects), "thumbprint")] == [usual, other]


def test_those_of_a_fault_are_not_kept(run):
    first = line(run(), "thumbprint")
    assert line(run(faults=("names-its-own-host",)), "thumbprint")
    assert line(run(), "thumbprint") == first


def test_fresh_begins_with_the_seed(run):
    run(create("D1"))
    found = []
    said = run(lambda running: found.extend(mapped(running)), fresh=True)

    assert "D1" not in found
    assert "0 operations, as seeded)" in line(said, "data")


def test_a_fresh_start_is_kept_too(run):
    run(create("D1"))
    run(fresh=True)
    found = []
    run(lambda running: found.extend(mapped(running)))

    assert "D1" not in found


def test_what_the_control_port_changed_is_there_in_the_next_run(run, station):
    run(lambda running: control(running, "/stations", {"station": str(station), "hostname": "RENAMED"}))
    found = []
    run(lambda running: found.append(running.emulator.state.stations[station].hostname))

    assert found == ["RENAMED"]


def test_a_reset_is_kept(run):
    def create_and_reset(running):
        create("D1")(running)
        control(running, "/reset", {})

    run(create_and_reset)
    found = []
    run(lambda running: found.extend(mapped(running)))

    assert "D1" not in found


def test_a_reset_goes_back_to_the_seed_in_a_later_run_as_well(run):
    run(create("D1"))
    found = []

    def reset(running):
        control(running, "/reset", {})
        found.extend(mapped(running))

    run(reset)
    assert "D1" not in found
    assert "SEED-1001" in found


def test_without_a_folder_nothing_is_written(run, tmp_path):
    run(create("D1"), data=None)
    assert list(tmp_path.iterdir()) == []


def test_a_second_emulator_on_the_same_folder_is_told_so(run):
    with pytest.raises(StoreError, match="in use, probably by a second emulator"):
        run(lambda running: run())


def test_a_damaged_file_is_told(run, tmp_path):
    run()
    (tmp_path / "data" / FILE).write_bytes(b"damaged")
    with pytest.raises(StoreError, match="damaged or no file of an emulator"):
        run()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"hostnames": ("another.local",)}, r"is not for another\.local; delete it"),
        ({"readings": {"CHAIN-PRESENTED": "without-authority"}}, "a certificate alone is to be presented"),
    ],
)
def test_kept_certificates_that_do_not_fit_are_not_thrown_away(run, changed, problem):
    first = line(run(), "thumbprint")
    with pytest.raises(ValueError, match=problem):
        run(**changed)
    assert line(run(), "thumbprint") == first


@pytest.mark.parametrize(
    ("lowest", "highest", "spoken"), [("", "1.2", "TLSv1.2"), ("1.3", "", "TLSv1.3"), ("1.2", "1.2", "TLSv1.2")]
)
def test_tls_versions_are_those_that_were_asked_for(spec, lowest, highest, spoken):
    with embedded(spec, replace(QUIET, tls_minimum=lowest, tls_maximum=highest)) as running:
        trusted = ssl.create_default_context(cafile=running.authority_pem)
        with (
            socket.create_connection((running.address.host, running.address.port)) as plain,
            trusted.wrap_socket(plain, server_hostname="localhost") as protected,
        ):
            assert protected.version() == spoken


def test_a_client_below_the_lowest_version_is_turned_away(spec):
    with embedded(spec, replace(QUIET, tls_minimum="1.3")) as running:
        old = ssl.create_default_context(cafile=running.authority_pem)
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection((running.address.host, running.address.port)) as plain,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(plain, server_hostname="localhost")


def test_the_lowest_version_cannot_be_above_the_highest(spec):
    with pytest.raises(ValueError, match=r"lowest TLS version is 1\.3 and the highest 1\.0"):
        embedded(spec, replace(QUIET, tls_minimum="1.3", tls_maximum="1.0"))


def test_a_record_begins_with_what_is_there(spec, run, tmp_path):
    run(create("D1"))
    events = []
    recorder = Recorder(spec, Redactor(spec, b"key" * 11), [events.append])
    settings = replace(QUIET, data=tmp_path / "data", seed=5)
    serve(spec, settings, lambda said: None, create("D2"), recorder)

    kinds = [event.kind if hasattr(event, "kind") else "exchange" for event in events]
    assert kinds[-1] == "exchange"
    assert {NoteKind.CREDENTIALS, NoteKind.RUN, NoteKind.FIXTURE} <= set(kinds[:-1])
    runs = {name: value for event in events[:-1] if event.kind is NoteKind.RUN for name, value in event.data.items()}
    assert (runs["seed"], runs["data"]) == ("5", "from an earlier run")
