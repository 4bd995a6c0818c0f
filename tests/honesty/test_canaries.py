"""No password, name, id or image that went over the wire is in any file of a run, however it is spelt."""

import zipfile
from random import Random

import pytest

from conformance.judge import IN_CLEAR, RAW, Monitor
from conformance.spec import load
from tests.honesty.canaries import (
    DATED,
    FIGURES,
    MARK,
    SAID_BACK,
    YEAR,
    Cage,
    Heard,
    hostile,
    hostile_files,
    hostile_lines,
    judged,
    leaks,
    leave,
    listening,
    notes,
    verdicts,
)
from tests.honesty.canary_runs import beside
from tests.honesty.inside import run_inside

SPEC = load()


@pytest.fixture(scope="module")
def run() -> Heard:
    with listening(Heard()) as heard:
        run_inside(SPEC, share=0.1, seed=1)
    return heard


def left_by(heard: Heard, folder) -> list[str]:
    events = heard.events(SPEC)
    leave(events, judged(events, SPEC), SPEC, folder)
    return leaks(folder)


def test_a_run_of_the_suite_leaves_no_canary(run, tmp_path):
    assert left_by(run, tmp_path) == []


def test_nor_does_one_whose_server_says_everything_back(tmp_path):
    cage = Cage(Random(1))
    said = Heard(notes(cage)).but(hostile(SPEC, cage, 300))
    assert left_by(said, tmp_path) == []


def test_nor_do_command_lines_that_say_it_wherever_they_can(tmp_path):
    assert left_by(Heard(hostile_lines(SPEC, Cage(Random(3)), 300)), tmp_path) == []


def test_nor_do_transfer_files_that_say_it_wherever_they_can(tmp_path):
    assert left_by(Heard(hostile_files(SPEC, Cage(Random(4)), 300)), tmp_path) == []


@pytest.mark.parametrize("interface", ["cli", "vdds"])
def test_nor_does_a_whole_run_beside_rest_with_its_bundle(interface, tmp_path):
    left = beside(SPEC, tmp_path, interface)
    assert (left.leaks, left.otherwise) == ([], [])


def test_the_search_looks_into_archives(tmp_path):
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", f"{MARK} " * 9)
    assert "bundle.zip!a.txt" in {leak.partition(": ")[0] for leak in leaks(tmp_path)}


@pytest.mark.parametrize("said", [*SAID_BACK.values()])
def test_the_search_knows_every_way_of_saying_a_date_back(said, tmp_path):
    (tmp_path / "a.txt").write_text(said(f"{YEAR}-03-17"), encoding="utf-8")
    assert leaks(tmp_path)


@pytest.mark.parametrize("value", [MARK, FIGURES])
@pytest.mark.parametrize("way", sorted(SAID_BACK.keys() - DATED))
def test_the_search_knows_every_way_of_saying_a_value_back(way, value, tmp_path):
    (tmp_path / "a.txt").write_text(SAID_BACK[way](value), encoding="utf-8")
    assert leaks(tmp_path)


def test_the_search_finds_what_is_left_in_clear(run, tmp_path):
    events = run.events(SPEC, raw=True)
    leave(events, judged(events, SPEC), SPEC, tmp_path)
    assert {leak.partition(":")[0] for leak in leaks(tmp_path)} >= {"journal.jsonl", "trace.har"}


def test_redaction_changes_no_verdict(run):
    raw, redacted = judged(run.events(SPEC, raw=True), SPEC), judged(run.events(SPEC), SPEC)
    assert verdicts(redacted) == verdicts(raw)


def test_a_raw_recording_holds_no_password(tmp_path):
    cage = Cage(Random(2))
    said = [each for each in notes(cage) if "password" in each[2]]
    events = Heard(said).events(SPEC, raw=True)
    leave(events, judged(events, SPEC), SPEC, tmp_path)
    assert leaks(tmp_path) == []


def test_every_page_of_a_raw_recording_says_so(tmp_path):
    leave([], Monitor(SPEC, about={"subject": "x", RAW: IN_CLEAR}).finish(), SPEC, tmp_path)
    assert IN_CLEAR in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert IN_CLEAR in (tmp_path / "summary.md").read_text(encoding="utf-8")
