"""``threedd replay``: three answers, by exit code."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.command.main import threedd
from conformance.command.replay import Answer, _answer
from conformance.judge import Standing
from conformance.report import Capsule

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


def test_a_capsule_without_a_play_says_what_to_do(capsule):
    result = CliRunner().invoke(threedd, ["replay", capsule(play="")])

    assert result.exit_code == 3
    assert "Run what its commands say." in result.output
