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
        ("never-wrong", "vdds-stranger", {"VDDS-021"}),
        ("spoils-images", "vdds-images", {"VDDS-022"}),
        ("ready-at-once", "vdds-patient", {"VDDS-003"}),
    ],
)
def test_a_wrong_pvs_fails_for_what_it_does_wrong(certify, fault, scenario, rows):
    _, output, failed = certify("--driver", sender(fault), "--only", scenario)

    assert failed == rows, output


def test_options_that_do_not_go_together_are_named(certify):
    wrong, _, _ = certify("--manual")

    assert "--interface vdds goes without --manual" in str(wrong)
