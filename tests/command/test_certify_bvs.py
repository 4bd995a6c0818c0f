"""``threedd certify vdds-bvs`` and ``threedd vdds``, against the emulator as a program of its own."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from conformance.command.certify_bvs import vdds_bvs
from conformance.command.connection import Connection, left
from conformance.command.vdds import launcher, vdds
from conformance.emulator.embedded import Embedded
from conformance.spec import load

SPEC = load()
OTHERS = b"; by hand\r\n[BVS]\r\nNAME1=OLD\r\n[OLD]\r\nNAME=M\xfcller \x81\r\n"


@pytest.fixture
def running(tmp_path):
    with (
        Embedded(SPEC) as emulator,
        left(tmp_path / "connection.json", Connection(emulator.control_url, emulator.token)),
    ):
        yield emulator


@pytest.fixture
def rich(running):
    """The integration id of a patient with images."""
    state = running.emulator.state
    mapped = [each for each in state.patients.values() if each.integration_id]
    return next(each.integration_id for each in mapped if any(case.images for case in state.cases_of(each)))


@pytest.fixture
def register(running, tmp_path, monkeypatch):
    """A register in which the emulator is entered beside another BVS."""
    monkeypatch.setenv("THREEDD_CONNECTION", str(tmp_path / "connection.json"))
    monkeypatch.setenv("THREEDD_VDDS_COPIES", str(tmp_path / "copies"))
    path = tmp_path / "VDDS_MMI.INI"
    path.write_bytes(OTHERS)
    result = CliRunner().invoke(vdds, ["register", "--ini", str(path)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return path


def put(running, **settings):
    place = urlsplit(running.control_url)
    port = http.client.HTTPConnection(place.hostname, place.port)
    port.request("PUT", "/vdds", json.dumps(settings), {"Authorization": f"Bearer {running.token}"})
    assert port.getresponse().status == 200
    port.close()


@pytest.fixture
def certify(tmp_path):
    """``certify(*options)`` -> exit code, output, and the rows that failed."""

    def run(*options):
        result = CliRunner().invoke(vdds_bvs, ["--out", str(tmp_path / "reports"), *options], standalone_mode=False)
        ledger = tmp_path / "reports" / "latest" / "ledger.json"
        rows = json.loads(ledger.read_text(encoding="utf-8"))["rows"] if ledger.exists() else []
        failed = {row["id"] for row in rows if row["counts"]["failed"]}
        return result.return_value if result.exception is None else result.exception, result.output, failed

    return run


def test_the_emulator_passes(certify, register, rich):
    code, output, failed = certify("--ini", str(register), "--patient", rich, "--allow-writes")

    assert failed == set(), output
    assert "PASS" in output
    assert code == 0


def test_a_fault_is_found(certify, register, running, rich):
    put(running, fault="miscounted")
    code, output, failed = certify("--ini", str(register), "--patient", rich)

    assert failed == {"VDDS-046"}, output
    assert code == 1


def test_a_program_that_answers_nothing_is_found(certify, tmp_path):
    code, output, failed = certify("--command", "git --version", "--limit", "0.3")

    assert failed == {"VDDS-040"}, output
    assert code == 1


def test_nothing_is_written_without_leave(certify, register, running):
    before = dict(running.emulator.state.patients)
    certify("--ini", str(register))

    assert running.emulator.state.patients == before


def test_unregistering_leaves_the_register_byte_for_byte(register):
    result = CliRunner().invoke(vdds, ["unregister", "--ini", str(register)])

    assert result.exit_code == 0
    assert register.read_bytes() == OTHERS


def test_a_launcher_never_takes_the_place_of_something_else(tmp_path):
    (tmp_path / "threedd-vdds-bvs").write_bytes(b"mine")

    with pytest.raises(Exception, match="is not ours"):
        launcher(tmp_path, windows=False)
    assert (tmp_path / "threedd-vdds-bvs").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"[BVS]\r\n", "lists no BVS"), (b"\0", "is no register"), (b"[BVS]\r\nNAME1=A\r\n", "names no program")],
)
def test_a_register_that_is_of_no_use_is_told(certify, tmp_path, content, problem):
    path = tmp_path / "X.INI"
    path.write_bytes(content)
    wrong, _, _ = certify("--ini", str(path))

    assert problem in str(wrong)


def test_one_way_to_the_bvs_has_to_be_named(certify):
    wrong, _, _ = certify()

    assert "name the BVS" in str(wrong)
