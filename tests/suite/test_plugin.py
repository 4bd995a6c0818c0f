"""pytest as the runner: which items there are, how they end, and what is left on disk."""

import json
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from conformance.suite.plays import collect
from conformance.suite.plugin import execute


@pytest.fixture
def executed(embedded, run_on, tmp_path, monkeypatch):
    """``executed(faults, only=...)`` -> pytest's exit code, the cases of junit.xml by node id, and the run."""
    monkeypatch.chdir(tmp_path)

    def start(*faults, only="security.*", **changes):
        run = run_on(embedded(*faults, **changes), only=only, again="threedd certify server")
        told = []
        run.on_result = lambda nodeid, outcome, broken: told.append((nodeid, outcome, broken))
        run.prepare()
        folder = tmp_path / "run"
        folder.mkdir()
        code = execute(run, folder)
        cases = {
            f"{case.get('classname')}::{case.get('name')}": case
            for case in ElementTree.parse(folder / "junit.xml").iter("testcase")
        }
        return SimpleNamespace(code=code, cases=cases, run=run, folder=folder, told=told)

    return start


def test_every_stimulus_and_every_requirement_is_an_item(executed, spec):
    cases = executed().cases
    assert "plays::security.every-user" in cases
    assert [case for case in cases if case.startswith("requirements::")] == [
        f"requirements::{row}" for row in spec.profile["server"].requirements
    ]


def test_everything_selected_has_its_group(executed, spec, monkeypatch):
    few = [play for play in collect(spec) if play.name.startswith("security.e")]
    monkeypatch.setattr("conformance.suite.run.collect", lambda spec: few)
    groups = [nodeid.partition("::")[0] for nodeid in executed(only="*").cases]
    assert list(dict.fromkeys(groups)) == ["plays", "scenarios", "probes", "generated", "requirements"]


def test_the_requirements_come_last(executed):
    told = [nodeid.partition("::")[0] for nodeid, _, _ in executed().told]
    assert told == sorted(told)


def test_a_right_server_fails_no_item(executed):
    done = executed()
    assert done.code == 0
    assert [nodeid for nodeid, outcome, _ in done.told if outcome == "failed"] == []


def test_a_broken_requirement_fails_its_item_and_that_of_the_play(executed):
    done = executed("lets-strangers-in")
    failed = [nodeid for nodeid, outcome, _ in done.told if outcome == "failed"]
    assert done.code == 1
    assert "requirements::SEC-001" in failed
    assert any(nodeid.startswith("plays::") for nodeid in failed)


def test_the_message_names_requirement_expectation_observation_evidence_and_a_way_to_see_it_again(executed):
    failure = executed("lets-strangers-in").cases["requirements::SEC-001"].find("failure")
    lines = (failure.text or "").splitlines()
    assert lines[0].startswith("SEC-001 FAIL (Authorization): ")
    assert lines[1].startswith("  expected HTTP 401")
    assert lines[2] == "  observed HTTP 200"
    assert "first at events" in lines[3]
    assert "provoked once more: yes" in lines[3]
    assert lines[-1].startswith("to see it again: threedd certify server --only ")


def test_a_requirement_without_a_verdict_is_skipped_with_the_reason(executed):
    skipped = executed().cases["requirements::TRN-005"].find("skipped")
    assert (skipped.get("message") or "").startswith("NOT_OBSERVED: ")


def test_a_play_that_did_not_take_place_is_skipped_with_the_reason(executed):
    skipped = executed(fixtures=(), only="transport.encoding.find_cases").cases["plays::transport.encoding.find_cases"]
    assert "declared as a fixture" in (skipped.find("skipped").get("message") or "")


def test_a_play_that_broke_down_fails_with_its_traceback(executed, monkeypatch):
    monkeypatch.setattr("conformance.suite.desk.StageDesk.send", lambda *a, **k: 1 // 0)
    failure = executed(only="security.every-user").cases["plays::security.every-user"].find("failure")
    assert "ZeroDivisionError" in (failure.text or "")


def test_allure_has_epic_feature_suite_and_severity(executed):
    results = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (executed().folder / "allure-results").glob("*-result.json")
    ]
    [row] = [result for result in results if result["fullName"] == "requirements#SEC-001"]
    assert row["name"].startswith("SEC-001 ")
    assert row["name"].removeprefix("SEC-001 ") in row["description"]
    labels = {label["name"]: label["value"] for label in row["labels"]}
    assert {labels[name] for name in ("epic", "feature", "suite", "severity")} == {
        "Webservice (REST)",
        "Authorization",
        "blocker",
    }


def test_the_current_folder_has_no_say(executed, tmp_path, monkeypatch):
    (tmp_path / "conftest.py").write_text("raise RuntimeError('loaded')\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert executed(only="security.every-user").code == 0


def test_nothing_is_left_but_the_files_of_the_run(executed, tmp_path):
    executed(only="machine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["allure-results", "junit.xml"]
