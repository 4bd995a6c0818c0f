"""Waivers and a baseline go with every way to certify, not with those alone that come first to mind."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pms"
WAIVER = '[[waiver]]\nrequirement = "{}"\nowner = "QA"\nreason = "known"\nexpires = {}\n'


@pytest.fixture
def run(tmp_path, monkeypatch):
    """``run(*words)`` -> exit code, output, and the ledger as JSON."""
    monkeypatch.setenv("PYTHONPATH", str(FIXTURES.parents[1]))

    def certified(*words, out="reports"):
        result = CliRunner().invoke(certify, [*words, "--out", str(tmp_path / out)])
        ledger = tmp_path / out / "latest" / "ledger.json"
        return result.exit_code, result.output, json.loads(ledger.read_text(encoding="utf-8"))

    return certified


def waiving(tmp_path, row, expires="2999-12-31"):
    path = tmp_path / "waivers.toml"
    path.write_text(WAIVER.format(row, expires), encoding="utf-8")
    return ["--waivers", str(path)]


def sender(interface, fault=""):
    program = FIXTURES / ("command-line" if interface == "cli" else "vdds") / "sender.py"
    return ["pms", "--interface", interface, "--driver", f'"{sys.executable}" "{program}" {fault}']


def standing(ledger, row):
    return next(each["standing"] for each in ledger["rows"] if each["id"] == row)


@pytest.mark.parametrize(
    ("interface", "fault", "scenario", "row"),
    [("cli", "year-one", "send-bare", "CLI-021"), ("vdds", "english-sex", "vdds-patient", "VDDS-009")],
)
def test_a_broken_row_can_be_waived_beside_rest(run, tmp_path, interface, fault, scenario, row):
    _, _, without = run(*sender(interface, fault), "--only", scenario)
    _, told, waived = run(*sender(interface, fault), "--only", scenario, *waiving(tmp_path, row), out="waived")

    assert standing(without, row) in ("FAIL", "ADVISORY"), told
    assert standing(waived, row) == "WAIVED"


def test_a_waiver_that_is_not_needed_fails_beside_rest(run, tmp_path):
    code, told, _ = run(*sender("cli"), *waiving(tmp_path, "CLI-015"))

    assert code == 1
    assert "the waiver of CLI-015 is no longer needed" in " ".join(told.split())


def test_what_became_worse_is_told_beside_rest(run, tmp_path):
    run(*sender("vdds"), "--only", "vdds-patient", out="before")
    baseline = ["--baseline", str(tmp_path / "before" / "latest")]
    code, told, _ = run(*sender("vdds", "english-sex"), "--only", "vdds-patient", *baseline)

    assert code == 1
    assert "since the baseline:" in told
    assert "worse   VDDS-009" in told


def test_a_watch_is_measured(run, tmp_path):
    watch = ["pms", "--port", "0", "--for", "0"]
    run(*watch, out="before")
    baseline = ["--baseline", str(tmp_path / "before" / "latest")]
    _, told, ledger = run(*watch, *baseline, *waiving(tmp_path, "TRN-003"))

    assert "since the baseline:" in told
    assert standing(ledger, "TRN-003") == "WAIVED"


def test_a_bvs_is_measured(run, tmp_path):
    asked = ["vdds-bvs", "--command", "git --version", "--limit", "0.3"]
    before, _, _ = run(*asked, out="before")
    _, told, ledger = run(*asked, "--baseline", str(tmp_path / "before" / "latest"), *waiving(tmp_path, "VDDS-040"))

    assert before == 1
    assert standing(ledger, "VDDS-040") == "WAIVED"
    assert "since the baseline:" in told


def test_the_ledger_of_a_bvs_is_printed_for_programs(run):
    _, told, ledger = run("vdds-bvs", "--command", "git --version", "--limit", "0.3", "--json")

    assert json.loads(told[told.index("{") :]) == ledger
