"""``threedd merge``: what it takes, what it refuses, and what it leaves."""

import json
import shutil

import pytest
from click.testing import CliRunner

from conformance.command.merge import merge
from conformance.judge import ledger_from_json
from tests.bundles import ABOUT, BAD, GOOD, OTHER, SHORT, record, spec_with

FEW = ("STAT-001", "STN-001", "STN-004")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return spec_with(tmp_path_factory.mktemp("tiny"), FEW)


@pytest.fixture
def shard(tmp_path, tiny):
    """``shard("1/2", sketch)`` -> the folder of that shard."""

    def recorded(which, sketch=GOOD, name="", spec=tiny, **settings):
        about = {**ABOUT, "shard": which, "sharded": "abc", **settings.pop("about", {})}
        place = tmp_path / (name or which.replace("/", "-of-"))
        return record(place, spec, sketch, about=about, **settings)

    return recorded


@pytest.fixture
def run(tmp_path, tiny):
    """``run(folders)`` -> exit code, output and the ledger that was left."""

    def called(*folders, spec=tiny):
        out = tmp_path / "merged"
        arguments = [*map(str, folders), "--out", str(out), "--spec", str(spec.folder)]
        result = CliRunner().invoke(merge, arguments)
        ledger = out / "ledger.json"
        text = ledger.read_text(encoding="utf-8") if ledger.is_file() else ""
        return result, ledger_from_json(text) if text else None

    return called


def test_two_shards_make_one_run(shard, run):
    result, ledger = run(shard("1/2"), shard("2/2", OTHER))

    assert result.exit_code == 0
    assert (ledger.verdict, ledger.about["subject"], ledger.exchanges) == ("PASS", "Prax 3", 9)
    assert "shard" not in ledger.about
    assert ledger.about["shards"].startswith("2, events 1 to ")


def test_what_no_shard_kept_alone_may_be_kept_by_all(shard, run):
    first, second = shard("1/2", SHORT), shard("2/2", GOOD)

    assert ledger_from_json((first / "ledger.json").read_text(encoding="utf-8")).verdict == "INCOMPLETE"
    assert run(first, second)[1].verdict == "PASS"


def test_a_breach_in_one_shard_fails_the_run(shard, run):
    result, ledger = run(shard("1/2"), shard("2/2", BAD))

    assert (result.exit_code, ledger.verdict) == (1, "FAIL")


def test_the_order_in_which_shards_are_named_does_not_matter(shard, run, tmp_path):
    shards = shard("1/3"), shard("2/3", OTHER), shard("3/3", BAD)
    _, forwards = run(*shards)
    shutil.rmtree(tmp_path / "merged")

    assert run(*reversed(shards))[1] == forwards


def test_the_report_and_the_journals_are_left(shard, run, tmp_path):
    first = shard("1/2")
    run(first, shard("2/2"))
    merged = tmp_path / "merged"

    assert {"ledger.json", "report.html", "summary.md", "junit.xml", "trace.har"} <= {p.name for p in merged.iterdir()}
    kept = merged / "shards" / "1-of-2" / "journal.jsonl"
    assert kept.read_bytes() == (first / "journal.jsonl").read_bytes()


def test_the_journals_of_a_merged_run_can_be_merged_again(shard, run, tmp_path):
    _, ledger = run(shard("1/2"), shard("2/2", OTHER))
    (tmp_path / "merged").rename(tmp_path / "first")

    assert run(tmp_path / "first")[1] == ledger


def test_a_folder_with_the_shards_below_is_enough(shard, run, tmp_path):
    for number in (1, 2):
        shard(f"{number}/2", name=f"artifacts/job-{number}/run")
    shutil.copytree(tmp_path / "artifacts" / "job-1" / "run", tmp_path / "artifacts" / "job-1" / "latest")

    assert run(tmp_path / "artifacts")[1].verdict == "PASS"


def test_the_ledger_can_be_had_as_json(shard, tiny, tmp_path):
    arguments = [
        str(shard("1/2")),
        str(shard("2/2")),
        "--out",
        str(tmp_path / "m"),
        "--spec",
        str(tiny.folder),
        "--json",
    ]

    assert json.loads(CliRunner().invoke(merge, arguments).stdout)["verdict"] == "PASS"


# -- what cannot be merged ------------------------------------------------------------------------------------


def refused(result):
    outcome, ledger = result
    assert (outcome.exit_code, ledger) == (3, None)
    return outcome.stderr


def test_a_missing_shard_is_named(shard, run):
    assert "2 of 3 shards are there, and 2/3 missing" in refused(run(shard("1/3"), shard("3/3")))


def test_a_shard_that_is_there_twice_is_refused(shard, run):
    assert "shard 1/2 is there twice" in refused(run(shard("1/2"), shard("1/2", name="again"), shard("2/2")))


def test_shards_of_different_divisions_are_refused(shard, run):
    assert "shards of different divisions" in refused(run(shard("1/2"), shard("2/3")))


def test_a_run_that_is_no_shard_is_refused(tmp_path, tiny, run):
    assert "is no shard but a run of its own" in refused(run(record(tmp_path / "whole", tiny)))


@pytest.mark.parametrize(
    ("what", "settings"),
    [
        ("subject", {"about": {"subject": "Prax 4"}}),
        ("harness", {"about": {"harness": "threedd-conformance 9"}}),
        ("seed", {"about": {"seed": "8"}}),
        ("set of plays", {"about": {"sharded": "def"}}),
        ("profile", {"profile": "server"}),
    ],
)
def test_shards_of_different_runs_are_refused(shard, run, what, settings):
    told = refused(run(shard("1/2"), shard("2/2", **settings)))

    assert told.startswith(f"Error: {what} of ")
    assert "shards of different runs; run the whole again" in told


def test_shards_recorded_with_different_specs_are_refused(shard, run, tmp_path):
    other = spec_with(tmp_path / "other", (*FEW, "PAT-022"))

    assert "spec digest of " in refused(run(shard("1/2"), shard("2/2", spec=other)))


def test_shards_of_two_days_are_of_one_run(shard, run):
    assert run(shard("1/2", on="2026-01-31"), shard("2/2", on="2026-02-01"))[1].verdict == "PASS"


def test_a_journal_that_was_cut_short_is_refused_unless_accepted(shard, tiny, tmp_path, run):
    first, second = shard("1/2"), shard("2/2")
    lines = (second / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (second / "journal.jsonl").write_bytes(b"".join(lines[:-1]))

    assert "has no footer" in refused(run(first, second))
    arguments = [str(first), str(second), "--out", str(tmp_path / "m"), "--spec", str(tiny.folder), "--partial"]
    assert CliRunner().invoke(merge, arguments).exit_code == 2


def test_a_folder_without_a_journal_is_refused(run, tmp_path):
    (tmp_path / "nothing").mkdir()

    assert "nothing holds no journal.jsonl" in refused(run(tmp_path / "nothing"))


def test_nothing_is_written_over(shard, run, tmp_path):
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "mine.txt").write_text("mine", encoding="utf-8")

    assert "holds files already" in refused(run(shard("1/2"), shard("2/2")))
