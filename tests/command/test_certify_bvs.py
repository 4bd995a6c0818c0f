"""``threedd certify vdds-bvs`` and ``threedd vdds``, against the emulator as a program of its own."""

import http.client
import json
import re
import sys
from functools import partial
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from conformance.command.certify_bvs import vdds_bvs
from conformance.command.connection import Connection, left
from conformance.command.vdds import launcher, vdds
from conformance.drive import handover
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
def certify(tmp_path, monkeypatch):
    """``certify(*options)`` -> exit code, output, and the rows that failed. Files are looked at often."""
    monkeypatch.setattr(handover, "Patience", partial(handover.Patience, look_s=0.02, settle_s=0.02))

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


def test_a_patient_without_images_leaves_the_run_undecided(certify, register):
    code, output, failed = certify("--ini", str(register), "--patient", "nobody at all")

    assert failed == set(), output
    assert code == 2


def standings(tmp_path):
    rows = json.loads((tmp_path / "reports" / "latest" / "ledger.json").read_text(encoding="utf-8"))["rows"]
    return {row["id"]: (row["standing"], row["reason"]) for row in rows}


def test_what_the_run_may_not_try_is_told_and_does_not_decide(certify, register, tmp_path):
    code, output, _ = certify("--ini", str(register))

    assert code == 0, output
    assert standings(tmp_path)["VDDS-054"] == ("NOT_APPLICABLE", "no patient who has images was named (--patient)")
    assert standings(tmp_path)["VDDS-069"] == ("NOT_APPLICABLE", "nobody was to be handed over (--allow-writes)")


def test_a_register_that_names_no_program_is_judged_all_the_same(certify, register, tmp_path):
    program = str(tmp_path / "is-no-program.exe").encode()
    named = re.sub(
        rb"(?m)^(PATDATIMPORT|MMOINFEXPORT|MMOEXPORT)=.*\r",
        lambda m: m[1] + b"=" + program + b"\r",
        register.read_bytes(),
    )
    register.write_bytes(named)
    code, output, failed = certify("--ini", str(register))

    assert "VDDS-072" in failed, output
    assert "is-no-program.exe" in " ".join(output.split())
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


@pytest.fixture
def alone(tmp_path):
    """``alone(content)`` -> a register of these bytes in a folder of its own; without them there is none."""

    def make(content=None):
        folder = tmp_path / "windows"
        folder.mkdir()
        path = folder / "VDDS_MMI.INI"
        if content is not None:
            path.write_bytes(content)
        return path

    return make


def told(*arguments):
    """Exit code and output of ``threedd vdds``."""
    result = CliRunner().invoke(vdds, [str(each) for each in arguments], standalone_mode=False)
    return result.exit_code, f"{result.output}{result.exception or ''}"


@pytest.mark.parametrize(
    "content", [OTHERS, OTHERS.removesuffix(b"\r\n"), b"", b"[PVS]\nNAME1=A", OTHERS + b"\r\n\r\n"]
)
def test_a_register_is_byte_for_byte_what_it_was(alone, content):
    path = alone(content)
    told("register", "--ini", path)
    told("register", "--ini", path)
    told("unregister", "--ini", path)

    assert path.read_bytes() == content
    assert sorted(each.name for each in path.parent.iterdir() if "VDDS_MMI" in each.name) == ["VDDS_MMI.INI"]


def test_a_register_that_was_not_there_is_gone_again(alone):
    path = alone()
    told("register", "--ini", path)
    told("unregister", "--ini", path)

    assert not path.exists()


def test_what_others_change_meanwhile_stays(alone):
    path = alone(OTHERS)
    told("register", "--ini", path)
    path.write_bytes(path.read_bytes() + b"[NEW]\r\nNAME=new\r\n")
    told("unregister", "--ini", path)

    assert path.read_bytes() == OTHERS + b"[NEW]\r\nNAME=new\r\n"


REAL = b"[BVS]\r\nNAME1=THREESHAPE_BVS\r\n[THREESHAPE_BVS]\r\nNAME=3Shape\r\nPATDATIMPORT=C:\\3S\\A.EXE\r\n"


def test_the_entry_of_another_program_is_left_alone(alone):
    path = alone(REAL)
    code, output = told("register", "--ini", path)

    assert code != 0
    assert "is another program's. Give --replace" in output
    assert path.read_bytes() == REAL


def test_the_entry_of_another_program_comes_back(alone):
    path = alone(REAL)
    told("register", "--ini", path, "--replace")
    assert b"emulator" in path.read_bytes()
    told("unregister", "--ini", path)

    assert path.read_bytes() == REAL


def test_the_entry_of_another_program_is_not_taken_out(alone):
    path = alone(REAL)

    assert "is another program's" in told("unregister", "--ini", path)[1]
    assert path.read_bytes() == REAL


def test_a_register_that_is_read_only_is_told(alone):
    path = alone(OTHERS)
    path.chmod(0o444)
    code, output = told("register", "--ini", path)

    assert code != 0
    assert "is read-only; take that away" in output
    assert path.read_bytes() == OTHERS


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
def test_a_register_stays_as_readable_as_it_was(alone, mode):
    path = alone(OTHERS)
    path.chmod(mode)
    told("register", "--ini", path)
    assert path.stat().st_mode & 0o777 == mode
    told("unregister", "--ini", path)

    assert path.stat().st_mode & 0o777 == mode


def test_a_link_to_a_register_stays_a_link(alone, tmp_path):
    path = alone(OTHERS)
    link = tmp_path / "LINK.INI"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("this system lets nobody make links")
    told("register", "--ini", link)
    assert link.is_symlink()
    assert b"emulator" in path.read_bytes()
    told("unregister", "--ini", link)

    assert path.read_bytes() == OTHERS


def test_each_call_has_a_program_of_its_own(alone):
    path = alone(OTHERS)
    told("register", "--ini", path)
    keys = ("PATDATIMPORT=", "MMOINFEXPORT=", "MMOEXPORT=")
    programs = {line for line in path.read_text(encoding="latin-1").splitlines() if line.startswith(keys)}

    assert len({line.partition("=")[2] for line in programs}) == 3


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
