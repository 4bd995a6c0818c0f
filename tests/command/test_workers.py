"""``--workers`` and ``--shard``: whoever plays what, the run comes to the same."""

import os
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.command.merge import merge
from conformance.judge import judge_recording, ledger_from_json

RIGHT = Path(__file__).parents[2] / "fixtures" / "pms" / "python" / "right.py"
DRIVER = shlex.join([sys.executable, str(RIGHT)]) if os.name != "nt" else f'"{sys.executable}" "{RIGHT}"'
SERVER = ("server", "--embedded", "--budget", "quick", "--only", "removal.*,stations.*,status.*,probe.*")
UNDECIDED = 2  # a few plays do not show everything
PMS = ("pms", "--driver", DRIVER, "--only", "create-*,update-*,find-*")


def run(folder, *arguments):
    return CliRunner().invoke(certify, [*map(str, arguments), "--out", str(folder)])


def ledger(folder):
    return ledger_from_json((folder / "ledger.json").read_text(encoding="utf-8"))


def standings(folder):
    return {row.id: row.standing for row in ledger(folder).rows}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run of the server by one process."""
    folder = tmp_path_factory.mktemp("alone")
    run(folder, *SERVER)
    return folder / "latest"


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """The same in two shards, one after the other: what came of each, and its folder."""
    folders = [tmp_path_factory.mktemp(f"shard-{number}") for number in (1, 2)]
    return [(run(folder, *SERVER, "--shard", f"{number}/2"), folder) for number, folder in enumerate(folders, 1)]


def test_two_workers_come_to_what_one_process_comes_to(alone, tmp_path):
    result = run(tmp_path, *SERVER, "--workers", 2)

    assert result.exit_code == UNDECIDED, result.output
    assert "2 workers, each with an emulator of its own\n  shard 1/2 is through" in result.output
    assert standings(tmp_path / "latest") == standings(alone)
    assert ledger(tmp_path / "latest").about["repeat"] == ledger(alone).about["repeat"]


def test_shards_that_are_merged_come_to_what_one_process_comes_to(alone, shards, tmp_path):
    result = CliRunner().invoke(merge, [*(str(folder) for _, folder in shards), "--out", str(tmp_path / "merged")])

    assert result.exit_code == UNDECIDED, result.output
    assert standings(tmp_path / "merged") == standings(alone)


def test_a_shard_says_that_it_is_one_and_ends_with_zero(shards):
    result, _ = shards[0]

    assert result.exit_code == 0
    assert "PART  Shard 1/2 of a run. Nothing was broken in it" in result.output
    assert "INCOMPLETE" not in result.output


def test_the_journal_of_a_shard_gives_the_ledger_of_the_shard(shards, real_spec):
    run_folder = (shards[1][1] / "latest").resolve()

    assert judge_recording(run_folder / "journal.jsonl", real_spec).ledger == ledger(run_folder)


def test_two_drivers_come_to_what_one_comes_to(tmp_path):
    one, two = run(tmp_path / "one", *PMS), run(tmp_path / "two", *PMS, "--workers", 2)

    assert two.exit_code == one.exit_code, two.output
    assert standings(tmp_path / "two" / "latest") == standings(tmp_path / "one" / "latest")
    assert (tmp_path / "two" / "latest").resolve().name.endswith("-right-pms")


def test_a_shard_without_a_scenario_is_an_error_of_the_set_up(tmp_path):
    result = run(tmp_path, "pms", "--driver", DRIVER, "--only", "hang", "--shard", "2/2")

    assert result.exit_code == 3
    assert "shard 2/2 has nothing to play, of 1 scenarios; take fewer shards." in result.output


def test_what_a_worker_could_not_do_is_told(tmp_path):
    result = run(tmp_path, "server", "--emulator-fault", "gremlins", "--workers", 2)

    assert result.exit_code == 3
    assert "shard 1/2 ended with 3:" in result.output
    assert "no fault is called 'gremlins'" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("server", "https://localhost", "--workers", 2), "is one server; certify it with --shard 1/N to N/N"),
        (("server", "--embedded", "--workers", 2, "--shard", "1/2"), "leave out --shard, or --workers"),
        (("server", "--embedded", "--shard", "3/2"), "expected NUMBER/COUNT"),
        (("pms", "--driver", "x", "--workers", 2, "--shard", "1/2"), "leave out --shard, or --workers"),
        (("pms", "--manual", "--workers", 2), "go with --driver over REST"),
        (("pms", "--shard", "1/2"), "go with --driver over REST"),
        (("pms", "--driver", "x", "--interface", "cli", "--shard", "1/2"), "go with --driver over REST"),
    ],
)
def test_a_run_that_cannot_be_divided_is_refused_with_the_reason(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    result = run(tmp_path / "out", *arguments)

    assert result.exit_code in (2, 3)
    assert told in " ".join(result.output.replace("│", " ").split())
