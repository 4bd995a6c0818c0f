"""``threedd certify pms --interface vdds``: a right PVS passes, a wrong one fails for what it does wrong."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command import certifying_beside
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
        ("utf-8", "vdds-letters", {"VDDS-014"}),
        ("console", "vdds-letters", {"VDDS-014"}),
        ("year-one", "vdds-bare", {"VDDS-008"}),
        ("made-up", "vdds-bare", {"VDDS-026"}),
        ("never-wrong", "vdds-stranger", {"VDDS-021"}),
        ("never-wrong", "vdds-refused", {"VDDS-021"}),
        ("never-wrong", "vdds-login", {"VDDS-021"}),
        ("never-wrong", "vdds-partial", {"VDDS-039"}),
        ("impatient", "vdds-slow", {"VDDS-020"}),
        ("spoils-images", "vdds-images", {"VDDS-022"}),
        ("ready-at-once", "vdds-patient", {"VDDS-003"}),
        ("loses-images", "vdds-images", {"VDDS-029"}),
        ("images-of-another", "vdds-two-patients", {"VDDS-019", "VDDS-038"}),
        ("other-names", "vdds-patient", {"VDDS-012"}),
        ("wrong-program", "vdds-patient", {"VDDS-035"}),
        ("hopeful", "vdds-silent", {"VDDS-021"}),
        ("never-happy", "vdds-patient", {"VDDS-036"}),
        ("twice", "vdds-patient", {"VDDS-020"}),
        ("empty-files", "vdds-patient", {"VDDS-001"}),
        ("from-zero", "vdds-images", {"VDDS-010", "VDDS-023"}),
        ("windows-1252", "vdds-foreign-letters", {"VDDS-081"}),
        ("escapes", "vdds-signs", {"VDDS-017"}),
        ("two-names", "vdds-patient", {"VDDS-015", "VDDS-017"}),
        ("old-first-names", "vdds-update", {"VDDS-017"}),
        ("old-birthdays", "vdds-update", {"VDDS-018"}),
        ("old-birthdays", "vdds-taken-away", {"VDDS-026"}),
        ("once-only", "vdds-update", {"VDDS-083"}),
        ("first-image", "vdds-images", {"VDDS-038"}),
        ("turned-round", "vdds-images", {"VDDS-037"}),
        ("closes-gaps", "vdds-partial", {"VDDS-037"}),
        ("keeps-twice", "vdds-images", {"VDDS-082"}),
        ("rewrites-register", "vdds-patient", {"VDDS-080"}),
        ("switches", "vdds-images", {"VDDS-024"}),
    ],
)
def test_a_wrong_pvs_fails_for_what_it_does_wrong(certify, fault, scenario, rows):
    _, output, failed = certify("--driver", sender(fault), "--only", scenario)

    assert failed == rows, output


@pytest.mark.parametrize("fault", ["empty-files", "from-zero"])
def test_what_cannot_be_answered_is_the_fault_of_the_pvs(certify, fault):
    code, output, _ = certify("--driver", sender(fault), "--only", "vdds-images")

    assert "FAIL" in output
    assert "VOID" not in output
    assert code == 1


def test_who_does_not_tell_which_images_are_kept_has_lost_none(certify):
    _, output, failed = certify("--driver", sender("tells-no-images"), "--only", "vdds-images")

    assert failed == set(), output


@pytest.mark.parametrize("fault", ["windows-1252", "apart"])
def test_letters_that_windows_1252_has_are_written_by_everybody(certify, fault):
    _, output, failed = certify("--driver", sender(fault), "--only", "vdds-letters")

    assert failed == set(), output


def test_nobody_has_to_wait_for_a_program(certify):
    _, output, failed = certify("--driver", sender("goes-on"), "--only", "vdds-patient,vdds-update,vdds-slow")

    assert failed == set(), output


def test_what_was_never_handed_over_is_not_done(certify, monkeypatch):
    monkeypatch.setattr(certifying_beside, "LATE_S", 0.1)
    _, output, failed = certify("--driver", sender("forgets-changes"), "--only", "vdds-update")

    assert failed == {"VDDS-021"}, output


def test_a_start_without_a_file_is_told(certify):
    code, output, failed = certify("--driver", sender("no-file"), "--only", "vdds-patient")

    assert failed == {"VDDS-024"}, output
    assert code == 2


PROGRAM = r"""
import os, subprocess, sys, time
from pathlib import Path
register = Path(os.environ["THREEDD_VDDS_REGISTER"]).read_text(encoding="cp1252")
program = next(line.partition("=")[2] for line in register.splitlines() if line.startswith("PATDATIMPORT="))
call = Path(sys.argv[1])
sides = ["PVS=THREEDD_PVS", "BVS=THREESHAPE_BVS"]
lines = ["[PATIENT]", *sides, "PATID=17", "LASTNAME=Fox", "FIRSTNAME=Ann", "BIRTHDAY=19840229"]
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
