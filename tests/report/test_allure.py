"""Results for Allure from a ledger: what pytest would leave, for the runs that pytest does not run."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conformance.report import view_of, write_all
from conformance.report.allure import allure_results

ENDED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STATUS = {"PASS": "passed", "FAIL": "failed", "ERROR": "broken"}


@pytest.fixture
def results(runs):
    """``results(run)`` -> the results by the id of their requirement, and every file by its name."""

    def made(name, ended=ENDED):
        files = dict(allure_results(runs[name].view, runs[name].events, ended))
        bodies = [json.loads(text) for file, text in files.items() if file.endswith("-result.json")]
        return {body["name"].partition(" ")[0]: body for body in bodies}, files

    return made


def labels(body):
    return {label["name"]: label["value"] for label in body["labels"]}


def test_each_row_of_the_profile_has_a_result_with_its_status(runs, results):
    found, _ = results("fail")
    rows = [row for row in runs["fail"].ledger.rows if row.in_profile]

    assert {row.id: STATUS.get(row.standing, "skipped") for row in rows} == {
        row: body["status"] for row, body in found.items()
    }


def test_interface_heading_and_severity_are_labels(results):
    found, _ = results("fail")
    told = labels(found["TWO-001"])

    assert (told["epic"], told["feature"], told["severity"]) == ("Webservice (REST)", "/CreatePatient", "blocker")


def test_a_run_by_another_interface_is_called_so(runs):
    run = runs["pass"]
    about = {**run.ledger.about, "interface": "VDDS media"}
    view = view_of(replace(run.ledger, about=about), run.spec, run.events)
    (body,) = [json.loads(text) for _, text in allure_results(view, run.events, ENDED)]

    assert labels(body)["epic"] == "VDDS media"


def test_what_a_finding_rests_on_is_attached(results):
    found, files = results("fail")
    attached = found["TWO-001"]["attachments"]

    assert attached[-1]["name"].endswith("(judged)")
    assert all(each["source"] in files for each in attached)
    assert "expected status 107" in found["TWO-001"]["statusDetails"]["message"]


def test_a_requirement_has_one_history_over_all_runs(results):
    before, _ = results("fail")
    after, _ = results("fail", ENDED + timedelta(days=1))

    assert {row: body["historyId"] for row, body in before.items()} == {
        row: body["historyId"] for row, body in after.items()
    }
    assert len({body["historyId"] for body in before.values()}) == len(before)
    assert not {body["uuid"] for body in before.values()} & {body["uuid"] for body in after.values()}


def test_they_come_in_the_order_of_the_ledger(runs, results):
    found, _ = results("fail")
    rows = [row.id for row in runs["fail"].ledger.rows if row.in_profile]

    assert sorted(found, key=lambda row: found[row]["start"]) == rows


def test_what_pytest_left_stays(runs, tmp_path):
    (tmp_path / "allure-results").mkdir()
    write_all(runs["pass"].ledger, runs["pass"].spec, tmp_path, runs["pass"].events, ended=ENDED)

    assert list((tmp_path / "allure-results").iterdir()) == []


def test_nothing_is_written_for_a_recording_whose_day_is_not_known(runs, tmp_path):
    write_all(runs["pass"].ledger, runs["pass"].spec, tmp_path, runs["pass"].events)

    assert not (tmp_path / "allure-results").exists()
    assert "<dt>Date</dt>" not in (tmp_path / "report.html").read_text(encoding="utf-8")
