"""``threedd certify pms --interface vdds``: a right PVS passes, a wrong one fails for what it does wrong."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.certify_pms import pms

SENDER = Path(__file__).parents[2] / "fixtures" / "pms" / "vdds" / "sender.py"


@pytest.fixture
def certify(tmp_path, monkeypatch):
    """``certify(*options)`` -> exit code, output, and the rows that failed."""
    monkeypatch.setenv("PYTHONPATH", str(SENDER.parents[3]))

    def run(*options):
        given = ["--interface", "vdds", "--out", str(tmp_path / "reports"), *options]
        result = CliRunner().invoke(pms, given, standalone_mode=False)
        ledger = tmp_path / "reports" / "latest" / "ledger.json"
        rows = json.loads(ledger.read_text(encoding="utf-8"))["rows"] if ledger.exists() else []
        failed = {row["id"] for row in rows if row["counts"]["failed"]}
        return result.return_value if result.exception is None else result.exception, result.output, failed

    return run


def sender(fault=""):
    return f'"{sys.executable}" "{SENDER}" {fault}'


def test_a_right_pvs_passes(certify):
    code, output, failed = certify("--driver", sender())

    assert failed == set(), output
    assert "PASS" in output
    assert code == 0


@pytest.mark.parametrize(
    ("fault", "scenario", "rows"),
    [
        ("german-date", "vdds-patient", {"VDDS-007", "VDDS-018"}),
        ("english-sex", "vdds-patient", {"VDDS-009"}),
        ("another-number", "vdds-update", {"VDDS-016"}),
        ("capitals", "vdds-patient", {"VDDS-017"}),
        ("utf-8", "vdds-letters", {"VDDS-014", "VDDS-017"}),
        ("year-one", "vdds-bare", {"VDDS-008"}),
        ("made-up", "vdds-bare", {"VDDS-026"}),
        ("never-wrong", "vdds-stranger", {"VDDS-021"}),
        ("never-wrong", "vdds-refused", {"VDDS-021"}),
        ("never-wrong", "vdds-login", {"VDDS-021"}),
        ("never-wrong", "vdds-partial", {"VDDS-021"}),
        ("impatient", "vdds-slow", {"VDDS-020"}),
        ("spoils-images", "vdds-images", {"VDDS-022"}),
        ("ready-at-once", "vdds-patient", {"VDDS-003"}),
    ],
)
def test_a_wrong_pvs_fails_for_what_it_does_wrong(certify, fault, scenario, rows):
    _, output, failed = certify("--driver", sender(fault), "--only", scenario)

    assert failed == rows, output


PROGRAM = r"""
import os, subprocess, sys, time
from pathlib import Path
register = Path(os.environ["THREEDD_VDDS_REGISTER"]).read_text(encoding="cp1252")
program = next(line.partition("=")[2] for line in register.splitlines() if line.startswith("PATDATIMPORT="))
call = Path(sys.argv[1])
lines = ["[PATIENT]", "PVS=A_PVS", "BVS=A_BVS", "PATID=17", "LASTNAME=Fox", "FIRSTNAME=Ann", "BIRTHDAY=19840229"]
call.write_bytes("\r\n".join([*lines, "SEX=" + sys.argv[2], "READY=0", ""]).encode("cp1252"))
subprocess.run([program, str(call)], check=True)
assert "READY=1" in call.read_text(encoding="cp1252")
"""


@pytest.fixture
def pvs(tmp_path):
    """``pvs(sex)`` -> the command of a program that hands one patient over, by the register that it is told."""
    script = tmp_path / "pvs.py"
    script.write_text(PROGRAM, encoding="utf-8", newline="\n")
    return lambda sex: f'"{sys.executable}" "{script}" "{tmp_path / "call.tmp"}" {sex}'


def test_whoever_goes_by_the_register_is_watched(certify, pvs):
    code, output, failed = certify("--run", pvs("W"))

    assert failed == set(), output
    assert "PASS" in output
    assert code == 0


def test_what_a_watched_program_does_wrong_is_found_while_it_runs(certify, pvs):
    code, output, failed = certify("--run", pvs("F"))

    assert failed == {"VDDS-009"}, output
    assert code == 1


def test_a_watch_in_which_nothing_comes_is_incomplete_and_says_what_to_do(certify):
    code, output, failed = certify("--for", "0")

    assert failed == set()
    assert "Let the PMS go by the register" in output
    assert "to do next: A patient is handed over" in output
    assert code == 2


def test_options_that_do_not_go_together_are_named(certify):
    wrong, _, _ = certify("--manual", "--watch", ".")

    assert "--manual has a person use the PMS" in str(wrong)
