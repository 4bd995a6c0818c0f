"""``threedd judge FOLDER``: every journal judged by itself, whoever does it and in whatever order."""

import json
import os
import shutil

import pytest
from click.testing import CliRunner

from conformance.command import judging_many
from conformance.command.judge import judge
from conformance.command.judging_many import Line, exit_code_of
from tests.bundles import BAD, GOOD, OTHER, record, spec_with


@pytest.fixture(scope="module")
def spec_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    spec_with(folder)
    return next((folder / "specs").iterdir())


@pytest.fixture
def tiny(real_spec, tmp_path_factory):
    return spec_with(tmp_path_factory.mktemp("spec"))


@pytest.fixture
def folder(tmp_path, tiny):
    """Four journals: three that can be judged, of which one tells of a breach, and one that was cut short."""
    runs = tmp_path / "runs"
    record(runs / "good", tiny, GOOD)
    record(runs / "deep" / "other", tiny, OTHER, about={"subject": "Prax 4"})
    record(runs / "bad", tiny, BAD)
    record(runs / "cut", tiny, GOOD)
    whole = (runs / "cut" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (runs / "cut" / "journal.jsonl").write_bytes(b"".join(whole[:-1]))
    return runs


@pytest.fixture
def run(spec_folder):
    """``run(arguments)`` -> what came of the command."""

    def called(*arguments):
        return CliRunner().invoke(judge, [*map(str, arguments), "--spec", str(spec_folder)])

    return called


def ledgers(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.ledger.json")}


def test_each_journal_has_a_line_and_the_worst_is_the_exit_code(folder, run):
    result = run(folder, "--workers", 1)

    assert result.exit_code == 3
    assert "FAIL             1                5  bad/journal.jsonl (Prax 3; profile tiny" in result.output
    assert "cut/journal.jsonl: has no footer: the recording stopped after event" in result.output
    assert result.output.endswith("4 journals: 2 PASS, 1 FAIL, 1 not judged\n")


def test_a_violation_outweighs_what_is_open():
    lines = [Line("a", exit_code=0), Line("b", exit_code=1), Line("c", exit_code=2)]

    assert exit_code_of(lines) == 1
    assert exit_code_of([lines[0], lines[2]]) == 2
    assert exit_code_of([*lines, Line("d")]) == 3


def test_the_ledgers_lie_beside_the_journals_and_equal_those_of_the_runs(folder, run):
    run(folder, "--workers", 1)

    assert sorted(ledgers(folder)) == [
        *("bad/journal.ledger.json", "deep/other/journal.ledger.json", "good/journal.ledger.json"),
    ]
    assert (folder / "good" / "journal.ledger.json").read_bytes() == (folder / "good" / "ledger.json").read_bytes()


def test_the_ledgers_can_be_written_elsewhere(folder, run, tmp_path):
    run(folder, "--workers", 1, "--out", tmp_path / "out")

    assert ledgers(folder) == {}
    assert "deep/other/journal.ledger.json" in ledgers(tmp_path / "out")


def test_two_workers_come_to_what_one_comes_to(folder, run, tmp_path):
    alone = run(folder, "--workers", 1, "--json", "--out", tmp_path / "one")
    together = run(folder, "--workers", 2, "--json", "--out", tmp_path / "two")

    assert together.stdout == alone.stdout
    assert ledgers(tmp_path / "two") == ledgers(tmp_path / "one")


def test_the_table_can_be_had_as_json(folder, run):
    body = json.loads(run(folder, "--workers", 1, "--json").stdout)

    assert (body["format"], body["exit_code"]) == ("threedd-judged", 3)
    assert [(line["journal"], line["verdict"], line["exit_code"]) for line in body["journals"]] == [
        ("bad/journal.jsonl", "FAIL", 1),
        ("cut/journal.jsonl", "", 3),
        ("deep/other/journal.jsonl", "PASS", 0),
        ("good/journal.jsonl", "PASS", 0),
    ]


def test_a_journal_that_was_cut_short_counts_when_that_is_accepted(folder, run):
    body = json.loads(run(folder, "--workers", 1, "--json", "--partial").stdout)

    assert [line["verdict"] for line in body["journals"]] == ["FAIL", "INCOMPLETE", "PASS", "PASS"]


def test_a_file_that_is_no_journal_is_told_and_does_not_end_it(folder, run):
    (folder / "notes.jsonl").write_text("[]\n", encoding="utf-8", newline="\n")
    result = run(folder, "--workers", 1)

    assert "notes.jsonl: line 1 is no JSON object" in result.output
    assert "5 journals: 2 PASS, 1 FAIL, 2 not judged" in result.output


@pytest.mark.skipif(os.name == "nt", reason="only some may make links there")
def test_a_link_to_another_run_is_not_judged_twice(folder, run):
    (folder / "latest").symlink_to("good", target_is_directory=True)

    assert "4 journals: " in run(folder, "--workers", 1).output


def test_a_journal_of_another_spec_is_told(folder, run, real_spec):
    body = json.loads(CliRunner().invoke(judge, [str(folder), "--profile", "server", "--json"]).stdout)

    assert body["journals"][0]["note"].startswith("recorded with dental-desktop-1.7 ")


def test_what_a_journal_tells_of_itself_cannot_write_over_the_table(tmp_path, tiny, run):
    record(tmp_path / "runs" / "a", tiny, GOOD, about={"subject": "Prax\x1b[2J"})

    assert "\x1b" not in run(tmp_path / "runs", "--workers", 1).output


def test_a_folder_with_nothing_to_judge_is_an_error_of_the_set_up(run, tmp_path):
    result = run(tmp_path)

    assert result.exit_code == 3
    assert "holds nothing to judge; expected journals (.jsonl)" in result.stderr


def test_one_file_needs_no_workers(folder, run):
    assert "are for a folder of journals" in run(folder / "good" / "journal.jsonl", "--workers", 2).stderr


def test_a_worker_of_another_build_is_told(folder, tiny, monkeypatch, tmp_path):
    wish = judging_many.Wish(folder, tiny, "", False, tmp_path, 1, "")
    tasks = list(judging_many._tasks(wish))
    monkeypatch.setattr(judging_many, "__version__", "9.9")

    assert "this worker has build 9.9, expected " in judging_many.judged_one(tiny, tasks[0]).trouble


def test_the_longest_journals_are_judged_first(folder, tiny, tmp_path):
    shutil.copy(folder / "good" / "journal.jsonl", folder / "longest.jsonl")
    with (folder / "longest.jsonl").open("ab") as file:
        file.write(b"\n" * 10_000)

    assert next(judging_many._tasks(judging_many.Wish(folder, tiny, "", False, None, 2, ""))).name == "longest.jsonl"
