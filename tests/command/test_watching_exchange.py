"""``--watch``: a PMS and a BVS exchange transfer files in a folder, and the run only looks at them."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.certify.exchange_folder import ExchangeFolder
from conformance.command.certify_bvs import vdds_bvs
from conformance.command.certify_pms import pms

PROGRAMS = Path(__file__).parents[2] / "fixtures" / "pms" / "vdds" / "exchange.py"
CALL = b"[MMOIDS]\r\nPVS=P\r\nCOUNT=1\r\nMMOID1=A\r\nREADY=0\r\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "exchange"
    made.mkdir()
    return made


@pytest.fixture
def ledger(tmp_path):
    """What was found, once a run is over: its verdict, the rows that failed, and those that were observed."""

    def read():
        found = json.loads((tmp_path / "reports" / "latest" / "ledger.json").read_text(encoding="utf-8"))
        failed = {row["id"] for row in found["rows"] if row["counts"]["failed"]}
        return found["verdict"], failed, {row["id"] for row in found["rows"] if row["counts"]["passed"]}

    return read


@pytest.fixture
def run(tmp_path):
    def it(command, *options):
        given = [*options, "--out", str(tmp_path / "reports")]
        result = CliRunner().invoke(command, given, standalone_mode=False)
        return result.return_value if result.exception is None else result.exception, result.output

    return it


def programs(folder, fault=""):
    return f'"{sys.executable}" "{PROGRAMS}" "{folder}" {fault}'


def watching(folder):
    return ["--interface", "vdds", "--watch", str(folder)]


def test_a_right_exchange_passes(run, folder, ledger):
    code, output = run(pms, *watching(folder), "--run", programs(folder))

    assert ledger()[:2] == ("PASS", set()), output
    assert {"VDDS-003", "VDDS-009", "VDDS-010", "VDDS-019", "VDDS-053", "VDDS-054"} <= ledger()[2]
    assert "3 calls, 3 answers" in output
    assert code == 0


@pytest.mark.parametrize(
    ("fault", "row", "verdict"),
    [("english-sex", "VDDS-009", "FAIL"), ("miscounted", "VDDS-046", "PASS"), ("halves", "VDDS-058", "PASS")],
)
def test_what_is_wrong_with_either_side_is_found(run, folder, ledger, fault, row, verdict):
    _, output = run(pms, *watching(folder), "--run", programs(folder, fault))

    assert row in ledger()[1], output
    assert ledger()[0] == verdict


def test_what_was_not_seen_is_named(run, folder, ledger):
    code, output = run(pms, *watching(folder), "--for", "0")

    assert ledger()[0] == "INCOMPLETE"
    assert "to do next: A patient is handed over" in output
    assert code == 2


@pytest.fixture
def stopped(monkeypatch, folder):
    """A call that waits is there at the second look, and Ctrl-C comes at the fourth."""
    looks = []
    look = ExchangeFolder.look

    def looked(exchange):
        looks.append(1)
        if len(looks) == 2:
            (folder / "a.tmp").write_bytes(CALL)
        if len(looks) == 4:
            raise KeyboardInterrupt
        look(exchange)

    monkeypatch.setattr(ExchangeFolder, "look", looked)


@pytest.mark.usefixtures("stopped")
def test_ctrl_c_ends_the_watch_with_its_report(run, folder, ledger):
    code, output = run(vdds_bvs, "--watch", str(folder))

    assert ledger()[:2] == ("INCOMPLETE", set()), output
    assert "1 call, no answer" in output
    assert "not judged" in output
    assert code == 2


def test_the_entry_of_a_bvs_that_is_watched_is_judged_as_well(run, folder, tmp_path, ledger):
    register = tmp_path / "VDDS_MMI.INI"
    register.write_bytes(b"[BVS]\r\nNAME1=MINI\r\n[MINI]\r\nPATDATIMPORT=C:\\MINI.EXE\r\n")
    code, output = run(vdds_bvs, "--watch", str(folder), "--ini", str(register), "--for", "0")

    assert "VDDS-071" in ledger()[1], output
    assert "VDDS-070" in ledger()[2]
    assert code == 1


@pytest.mark.parametrize(
    ("command", "options", "problem"),
    [
        (pms, ["--watch", "."], "goes with --interface vdds"),
        (pms, ["--interface", "cli", "--watch", "."], "goes with --interface vdds"),
        (pms, ["--interface", "vdds", "--watch", ".", "--driver", "x"], "looks on while others act"),
        (vdds_bvs, ["--watch", ".", "--patient", "17"], "--watch calls nothing"),
        (vdds_bvs, ["--command", "x", "--for", "1"], "--for is for watching"),
    ],
)
def test_options_that_do_not_go_together_are_named(run, command, options, problem):
    assert problem in str(run(command, *options)[0])
