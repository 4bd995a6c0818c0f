"""``threedd replay``: three answers, by exit code."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.main import threedd
from conformance.command.replay import Answer, _answer
from conformance.judge import Standing
from conformance.report import Capsule

SENDERS = Path(__file__).parents[2] / "fixtures" / "pms"
CAPSULE = Capsule("TWO-001", "Text.", "a", "b", "server", "server", "a.play", "0", "standard", "yes", ())


@pytest.mark.parametrize(
    ("standing", "reproducible", "answer"),
    [
        (Standing.FAIL, "yes", Answer.STILL_FAILING),
        (Standing.ADVISORY, "no", Answer.STILL_FAILING),
        (Standing.PASS, "yes", Answer.FIXED),
        (Standing.PASS, "not tried", Answer.FIXED),
        (Standing.PASS, "no", Answer.CANNOT_REPRODUCE),
        (Standing.NOT_OBSERVED, "yes", Answer.CANNOT_REPRODUCE),
        (Standing.INCONCLUSIVE, "yes", Answer.CANNOT_REPRODUCE),
        (Standing.ERROR, "yes", Answer.CANNOT_REPRODUCE),
    ],
)
def test_the_answer_follows_the_row(standing, reproducible, answer):
    assert _answer(replace(CAPSULE, reproducible=reproducible), standing)[0] is answer


@pytest.fixture
def capsule(tmp_path):
    """The path of a capsule with these values."""

    def write(**values):
        body = {
            **{name: getattr(CAPSULE, name) for name in Capsule.__dataclass_fields__ if name != "faults"},
            "recorded": [],
            "format": "threedd-capsule",
            "version": 1,
            "emulator": {"faults": ["shares-integration-ids"], "command": ""},
            **values,
        }
        path = tmp_path / "capsule.json"
        path.write_text(json.dumps(body), encoding="utf-8")
        return str(path)

    return write


def test_a_capsule_is_shown_on_the_emulator_and_fixed_without_its_fault(capsule):
    path = capsule(requirement="PAT-014", play="patients.integration-id-taken")
    broken = CliRunner().invoke(threedd, ["replay", path])
    right = CliRunner().invoke(threedd, ["replay", path, "--faultless"])

    assert (broken.exit_code, broken.stdout.split("  ")[0]) == (1, "STILL FAILING")
    assert (right.exit_code, right.stdout.split("  ")[0]) == (0, "FIXED")


def test_a_capsule_of_a_pms_asks_for_the_driver(capsule):
    result = CliRunner().invoke(threedd, ["replay", capsule(kind="pms")])

    assert "--driver" in result.output
    assert result.exit_code != 0


@pytest.mark.parametrize(
    ("interface", "fault", "row", "play"),
    [("command-line", "capitals", "CLI-022", "send-patient"), ("vdds", "german-date", "VDDS-007", "vdds-patient")],
)
def test_one_over_another_interface_is_played_over_that(capsule, monkeypatch, interface, fault, row, play):
    monkeypatch.setenv("PYTHONPATH", str(SENDERS.parents[1]))
    path = capsule(kind="pms", profile="", requirement=row, play=play)
    driver = f'"{sys.executable}" "{SENDERS / interface / "sender.py"}"'
    broken = CliRunner().invoke(threedd, ["replay", path, "--driver", f"{driver} {fault}"])
    right = CliRunner().invoke(threedd, ["replay", path, "--driver", driver])

    assert (broken.exit_code, broken.stdout.split("  ")[0]) == (1, "STILL FAILING")
    assert (right.exit_code, right.stdout.split("  ")[0]) == (0, "FIXED")


def test_a_capsule_without_a_play_says_what_to_do(capsule):
    result = CliRunner().invoke(threedd, ["replay", capsule(play="")])

    assert result.exit_code == 3
    assert "Run what its commands say." in result.output


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The body of the capsule of a finding of our own emulator with a fault."""
    out = tmp_path_factory.mktemp("found")
    play = ["--only", "patients.integration-id-taken", "--budget", "quick"]
    given = ["certify", "server", "--emulator-fault", "shares-integration-ids", "--out", str(out), *play]
    CliRunner().invoke(threedd, given)
    return json.loads((out / "latest" / "capsules" / "PAT-014-1.json").read_text(encoding="utf-8"))


def answered(body, tmp_path, *options):
    """Exit code and first words of a replay."""
    path = tmp_path / "capsule.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    result = CliRunner().invoke(threedd, ["replay", str(path), *options])
    return result.exit_code, result.stdout.partition("  ")[0], result.stdout


def test_what_was_recorded_is_judged_again_without_any_server(found, tmp_path):
    code, answer, told = answered(found, tmp_path, "--recorded")

    assert (code, answer) == (1, "STILL FAILING")
    assert "nothing was sent" in told


def test_a_finding_of_a_server_elsewhere_needs_no_server_either(found, tmp_path):
    elsewhere = found | {"emulator": {"faults": [], "command": ""}}

    assert answered(elsewhere, tmp_path)[:2] == (1, "STILL FAILING")


def test_nor_does_traffic_that_was_watched(found, tmp_path):
    assert answered(found | {"play": "", "kind": "pms"}, tmp_path)[:2] == (1, "STILL FAILING")


def test_rules_that_were_corrected_are_told(found, tmp_path):
    kept = [event for event in found["recorded"] if event["number"] != found["evidence"][0]]
    code, answer, told = answered(found | {"recorded": kept}, tmp_path, "--recorded")

    assert (code, answer) == (2, "CANNOT REPRODUCE")
    assert "the rules have changed" in told


def test_a_row_that_is_gone_is_told(found, tmp_path):
    code, _, told = answered(found | {"requirement": "PAT-999"}, tmp_path, "--recorded")

    assert code == 2
    assert "has no PAT-999 any more" in told


def test_without_a_recording_it_is_said_where_to_look(capsule):
    result = CliRunner().invoke(threedd, ["replay", capsule(), "--recorded"])

    assert result.exit_code == 3
    assert "judge the journal of its run" in result.output


def test_a_replay_says_what_the_rules_say_of_the_recording_too(found, tmp_path):
    code, answer, told = answered(found, tmp_path, "--faultless")

    assert (code, answer) == (0, "FIXED")
    assert "the recorded calls are judged alike" in told
