"""The emulator's command: its catalogue of faults, and what it says of wrong options."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from conformance.command.emulator import emulator
from conformance.command.judge import judge
from conformance.emulator.faults import faults
from conformance.emulator.policies import POLICIES
from conformance.trace.journal import read_journal


@pytest.fixture
def invoke():
    return lambda *arguments: CliRunner().invoke(emulator, arguments)


def test_every_fault_is_listed_with_what_it_does_and_breaks(invoke):
    listed = json.loads(invoke("--list-faults").output)

    assert [row["name"] for row in listed] == sorted(faults())
    assert all(row["does"] and row["breaks"] for row in listed)


def test_every_policy_is_listed_with_the_weakness_that_it_exposes(invoke):
    listed = json.loads(invoke("--list-policies").output)
    assert [row["name"] for row in listed] == list(POLICIES)
    assert all(row["exposes"] for row in listed)


def test_every_dialect_is_listed_as_outside_the_guide(invoke):
    listed = json.loads(invoke("--list-dialects").output)
    assert listed[-1]["methods"] == ["GET GetCasesInformation (observed)", "POST RequestProcessPatient (observed)"]
    assert {row["mark"] for row in listed} == {"observed, outside the guide"}


def test_what_was_chosen_stands_in_the_greeting(invoke, served):
    told = invoke("--port", "0", "--policy", "late-pick-up", "--dialect", "older-methods").output
    assert "policy       late-pick-up: A PMS that gives up" in told
    assert "dialect      older-methods: " in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--port", "0", "--fault", "no-such-fault"), "no fault is called 'no-such-fault'"),
        (("--port", "0", "--reading", "XML-BOM"), "write ID=NAME"),
        (("--port", "0", "--reading", "NO-SUCH=thing"), "no reading is called 'NO-SUCH'"),
        (("--port", "0", "--policy", "no-such"), "no policy is called 'no-such'; expected one of quiet"),
        (("--port", "0", "--dialect", "no-such"), "no dialect is called 'no-such'; expected one of web-service"),
    ],
)
def test_a_wrong_option_is_told_with_what_would_be_right(invoke, arguments, told):
    result = invoke(*arguments)

    assert result.exit_code == 3
    assert told in result.output


@pytest.fixture
def served(monkeypatch):
    """Stops as soon as it serves."""
    monkeypatch.setattr("conformance.emulator.listener.Loop.wait", lambda loop: None)


def test_what_is_recorded_can_be_judged(invoke, served, tmp_path):
    journal = tmp_path / "new" / "journal.jsonl"
    assert invoke("--port", "0", "--plain", "--journal", str(journal)).exit_code == 0
    judged = CliRunner().invoke(judge, [str(journal)])

    assert (judged.exit_code, "INCOMPLETE" in judged.output) == (2, True)


def test_a_journal_tells_by_what_the_emulator_ran_but_no_folder(invoke, served, tmp_path):
    journal = tmp_path / "journal.jsonl"
    options = ("--plain", "--seed", "7", "--fault", "keeps-one-more", "--data", str(tmp_path / "data"))
    invoke("--port", "0", *options, "--journal", str(journal))
    header = read_journal(journal)[0]

    told = json.loads(header["settings"])
    assert (header["server"], header["seed"]) == ("emulator", "7")
    assert told == {"port": 0, "faults": ["keeps-one-more"], "seed": 7, "freedoms": [], "data": "..."}


def test_no_journal_is_written_over(invoke, served, tmp_path):
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"precious")
    result = invoke("--port", "0", "--journal", str(journal))

    assert (result.exit_code, journal.read_bytes()) == (3, b"precious")
    assert "is there already" in result.output


def test_no_journal_is_left_by_what_could_not_start(invoke, served, tmp_path):
    (tmp_path / "emulator.sqlite").write_bytes(b"damaged")
    result = invoke("--port", "0", "--data", str(tmp_path), "--journal", str(tmp_path / "journal.jsonl"))

    assert (result.exit_code, (tmp_path / "journal.jsonl").exists()) == (3, False)
    assert "is damaged or no file of an emulator" in result.output


def test_nothing_slow_is_imported_to_serve():
    """Each of these takes longer than all the rest together."""
    slow = "pytest hypothesis schemathesis rich conformance.rules conformance.suite conformance.drive"
    code = f"import sys, conformance.command.emulator; print(*sys.modules.keys() & {set(slow.split())})"
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")

    assert (started.returncode, started.stdout.strip(), started.stderr) == (0, "", "")
