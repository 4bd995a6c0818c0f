"""``threedd certify pms --interface cli``: a right PMS passes, a wrong one fails for what it does wrong."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command import certifying_beside
from conformance.command.certify_pms import pms

SENDER = Path(__file__).parents[2] / "fixtures" / "pms" / "command-line" / "sender.py"


@pytest.fixture
def certify(tmp_path, monkeypatch):
    """``certify(*options)`` -> exit code, output, and the standing of each row."""
    monkeypatch.setenv("PYTHONPATH", str(SENDER.parents[3]))

    def run(*options):
        given = ["--interface", "cli", "--out", str(tmp_path / "reports"), *options]
        result = CliRunner().invoke(pms, given, standalone_mode=False)
        ledger = tmp_path / "reports" / "latest" / "ledger.json"
        rows = json.loads(ledger.read_text(encoding="utf-8"))["rows"] if ledger.exists() else []
        return result.return_value if result.exception is None else result.exception, result.output, rows

    return run


def sender(fault=""):
    return f'"{sys.executable}" "{SENDER}" {fault}'


def failed(rows):
    return {row["id"] for row in rows if row["counts"]["failed"]}


def test_a_right_pms_passes(certify):
    code, output, rows = certify("--driver", sender())

    assert failed(rows) == set(), output
    assert "PASS" in output
    assert code == 0


@pytest.mark.parametrize("habit", ["goes-on", "refuses-odd-names"])
def test_nobody_is_blamed_for_a_habit(certify, habit):
    code, output, rows = certify("--driver", sender(habit))

    assert failed(rows) == set(), output
    assert code == 0


@pytest.mark.parametrize(
    ("fault", "scenario", "rows"),
    [
        ("quotes-by-hand", "send-backslash", {"CLI-005"}),
        ("quotes-nothing", "send-blanks", {"CLI-006"}),
        ("another-id-each-time", "send-update", {"CLI-026"}),
        ("capitals", "send-patient", {"CLI-022"}),
        ("no-integration-id", "send-patient", {"CLI-015"}),
        ("slashes", "send-patient", {"CLI-011"}),
        ("quotes-by-hand", "send-injection", {"CLI-022", "CLI-025"}),
        ("lone-hyphen", "send-patient", {"CLI-011"}),
        ("line-break", "send-injection", {"CLI-022"}),
        ("capitals", "send-injection", {"CLI-022"}),
        ("another-day", "send-patient", {"CLI-020", "CLI-023"}),
        ("forgets-changes", "send-update", {"CLI-028"}),
        ("old-name", "send-update", {"CLI-022"}),
        ("old-first-name", "send-update-one-datum", {"CLI-022"}),
        ("old-date", "send-update-one-datum", {"CLI-023"}),
        ("old-id", "send-update-one-datum", {"CLI-024"}),
        ("old-first-name", "send-taken-away", {"CLI-025"}),
        ("old-date", "send-taken-away", {"CLI-025"}),
        ("old-id", "send-taken-away", {"CLI-041"}),
        ("nought-as-id", "send-two-without-ids", {"CLI-041"}),
        ("one-for-two-blanks", "send-inner-blanks", {"CLI-022"}),
        ("no-percent", "send-signs", {"CLI-022"}),
        ("cuts-names", "send-long-names", {"CLI-022"}),
        ("two-figures", "send-birth-dates", {"CLI-023"}),
    ],
)
def test_a_wrong_pms_fails_for_what_it_does_wrong(certify, monkeypatch, fault, scenario, rows):
    monkeypatch.setattr(certifying_beside, "LATE_S", 0.1)
    code, output, found = certify("--driver", sender(fault), "--only", scenario)

    assert failed(found) == rows, output
    assert code == 1


@pytest.mark.parametrize(
    ("habit", "scenario", "rows"),
    [
        ("year-one", "send-bare", {"CLI-021"}),
        ("short-dates", "send-patient", {"CLI-020"}),
        ("accents-apart", "send-letters", {"CLI-046"}),
        ("says-it-twice", "send-patient", {"CLI-044"}),
        ("one-before", "send-two", {"CLI-043"}),
        ("refuses-changes", "send-update-one-datum", {"CLI-042"}),
    ],
)
def test_what_the_guide_leaves_open_is_advice(certify, habit, scenario, rows):
    code, output, found = certify("--driver", sender(habit), "--only", scenario)

    assert failed(found) == rows, output
    assert code == 2  # the other scenarios are missing


def test_whoever_starts_the_program_is_watched(certify, tmp_path):
    program = "import os, subprocess; subprocess.run([os.environ['THREEDD_COMMAND_LINE'], '-lastname=Fox'])"
    script = tmp_path / "uses.py"
    script.write_text(program, encoding="utf-8", newline="\n")
    code, output, rows = certify("--run", f'"{sys.executable}" "{script}"')

    assert failed(rows) == {"CLI-015", "CLI-017"}, output
    assert code == 1


def test_a_watch_in_which_nothing_comes_is_incomplete_and_says_what_to_do(certify):
    code, output, rows = certify("--for", "0")

    assert failed(rows) == set()
    assert "Let the PMS start" in output
    assert "to do next" in output
    assert code == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [(["--port", "1"], "has no port"), (["--driver", "x", "--for", "1"], "are for watching")],
)
def test_options_that_do_not_go_together_are_named(certify, options, problem):
    assert problem in str(certify(*options)[0])
