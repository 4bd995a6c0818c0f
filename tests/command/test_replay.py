"""``threedd replay``: three answers, by exit code."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.main import threedd
from conformance.command.replay import Answer, _answer
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.judge import Standing
from conformance.report import Capsule
from conformance.spec import load

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
    assert "Nothing was sent." in told


def test_nor_does_one_that_no_fault_of_the_emulator_shows(found, tmp_path):
    unknown = found | {"emulator": {"faults": [], "command": ""}}

    assert answered(unknown, tmp_path)[:2] == (1, "STILL FAILING")


ELSEWHERE = "https://host:5484/DentalDesktop"


@pytest.mark.parametrize("more", [(), ("--allow-writes",), ("--ca", __file__)])
def test_a_finding_about_a_server_elsewhere_is_not_shown_on_another(found, tmp_path, monkeypatch, more):
    monkeypatch.chdir(tmp_path)
    code, answer, told = answered(found | {"against": ELSEWHERE}, tmp_path, *more)

    assert (code, answer) == (3, "")
    assert told == ""


def test_unless_it_is_asked_for(found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, answer, told = answered(found | {"against": ELSEWHERE}, tmp_path, "--embedded")

    assert (code, answer) == (1, "STILL FAILING")
    assert "shares-integration-ids; it says nothing of https://host:5484" in told


@pytest.mark.parametrize("where", [("--rate", "5", "https://127.0.0.1:1"), ("https://127.0.0.1:1",), ()])
def test_it_is_played_where_the_options_or_the_target_file_say(found, tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threedd.toml").write_text('[server]\nurl = "https://127.0.0.1:1"\n', encoding="utf-8")
    path = tmp_path / "capsule.json"
    path.write_text(json.dumps(found | {"against": ELSEWHERE}), encoding="utf-8")
    result = CliRunner().invoke(threedd, ["replay", str(path), *where])

    assert result.exit_code == 3
    assert "127.0.0.1:1" in result.output


@pytest.mark.parametrize(
    ("about", "more", "told"),
    [
        ({"kind": "pms"}, ("https://host",), "the finding is about a PMS"),
        ({"kind": "pms", "play": ""}, ("--driver", "drv"), "names nothing to play"),
        ({"play": ""}, ("https://host",), "names nothing to play"),
        ({}, ("--driver", "drv"), "the finding is about a server"),
        ({}, ("--recorded", "https://host"), "--recorded sends nothing"),
        ({}, ("--faultless", "https://host"), "--faultless is the embedded emulator"),
        ({}, ("--nonsense",), "No such option"),
    ],
)
def test_what_cannot_be_used_is_told_and_not_passed_over(found, tmp_path, about, more, told):
    path = tmp_path / "capsule.json"
    path.write_text(json.dumps(found | about), encoding="utf-8")
    result = CliRunner().invoke(threedd, ["replay", str(path), *more])

    assert "STILL FAILING" not in result.output
    assert told in result.output


def test_what_did_not_come_about_is_told_with_the_option_that_brings_it_about(found, tmp_path):
    lacking = found | {"requirement": "UPD-026", "play": "stations.update-cancelled"}
    code, _, told = answered(lacking, tmp_path, "--faultless", "--tier", "read-only")

    assert code == 2
    assert "(--allow-writes)" in told


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


@pytest.fixture(scope="module")
def anew():
    """The environment in which the commands of a finding reach an emulator that was started anew."""
    with Embedded(load(), brisk_policy(0), faults=select("shares-integration-ids")) as running:
        user = running.users[0]
        place = {"THREEDD_URL": running.url, "THREEDD_USER": user.user, "THREEDD_PASSWORD": user.password}
        yield {**os.environ, **place}


def test_the_script_of_a_finding_sends_its_calls_again(found, anew):
    done = subprocess.run([sys.executable, "-c", found["script"]], env=anew, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n200\n") == len(found["sequence"])


@pytest.mark.skipif(shutil.which("curl") is None or os.name == "nt", reason="needs curl and a POSIX shell")
def test_so_do_its_commands(found, anew):
    address = "/".join(anew["THREEDD_URL"].split("/")[:3])
    lines = [line for line in found["commands"] if line.startswith(("THREEDD_URL=", "curl "))]
    pasted = "\n".join(f"THREEDD_URL={address}" if line.startswith("THREEDD_URL=") else line for line in lines)
    done = subprocess.run(["sh", "-c", pasted], env=anew, capture_output=True, text=True)

    assert done.stdout.count("HTTP/1.1 200") == len(found["sequence"])


def test_a_replay_says_what_the_rules_say_of_the_recording_too(found, tmp_path):
    code, answer, told = answered(found, tmp_path, "--faultless")

    assert (code, answer) == (0, "FIXED")
    assert "the recorded calls are judged alike" in told
    assert "sent" not in told
