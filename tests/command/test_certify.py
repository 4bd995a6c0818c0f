"""``threedd certify server``: exit codes, the folder that is left, and runs that can be repeated."""

import os
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.judge import judge_recording, ledger_from_json
from conformance.spec import load

FILES = [
    *("allure-results", "ctrf.json", "journal.jsonl", "junit.xml"),
    *("ledger.json", "report.html", "summary.md", "trace.har"),
]


@pytest.fixture(scope="module")
def spec():
    return load()


def invoked(folder, *arguments, **environment):
    """Exit code, output, the folder that was left, and the ledger in it."""
    command = ["server", "--budget", "quick", "--out", folder / "reports", *arguments]
    done = CliRunner(env=environment).invoke(certify, [str(word) for word in command])
    latest = folder / "reports" / "latest"
    ledger = latest / "ledger.json"
    return SimpleNamespace(
        code=done.exit_code,
        output=done.output,
        folder=latest.resolve(),
        ledger=ledger_from_json(ledger.read_text(encoding="utf-8")) if ledger.is_file() else None,
    )


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """``certified(arguments)``: see ``invoked``."""
    monkeypatch.chdir(tmp_path)
    for name in ("THREEDD_USER", "THREEDD_PASSWORD", "THREEDD_USER2", "THREEDD_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return partial(invoked, tmp_path)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory):
    """A run against the embedded emulator, with nothing else asked for."""
    return invoked(tmp_path_factory.mktemp("ordinary"))


@pytest.fixture
def somewhere(spec, tmp_path):
    """``somewhere(faults)`` -> an emulator that stands for a server somewhere, and the options to reach it."""
    started = []

    def start(*faults):
        running = Embedded(spec, brisk_policy(3), faults=select(*faults))
        started.append(running)
        running.__enter__()
        authority = tmp_path / "authority.pem"
        authority.write_bytes(running.authority_pem.read_bytes())
        return (running.url, "--ca", authority, "--rate", "0", "--user", running.users[0].user)

    yield start
    for running in started:
        running.__exit__(None, None, None)


PASSWORD = {"THREEDD_PASSWORD": "qwerty123"}


def test_a_server_can_pass_without_a_single_write(certified):
    run = certified("--tier", "read-only", "--budget", "standard")

    assert (run.code, run.ledger.verdict.value) == (0, "PASS"), run.output


def test_the_embedded_emulator_conforms(ordinary):
    assert ordinary.output.startswith("certifying the embedded emulator\n")
    assert (ordinary.code, str(ordinary.ledger.verdict)) == (0, "PASS"), ordinary.output


def test_a_run_leaves_its_files(ordinary):
    assert sorted(path.name for path in ordinary.folder.iterdir()) == FILES


def test_the_journal_judged_again_gives_the_same_ledger(ordinary, spec):
    again = judge_recording(ordinary.folder / "journal.jsonl", spec).ledger
    assert again.to_json() == ordinary.ledger.to_json()


def test_the_same_run_gives_the_same_ledger_in_every_process(tmp_path):
    program = "from conformance.command.certify import certify; certify(prog_name='threedd certify')"
    arguments = ["server", "--budget", "quick", "--only", "[mp]*", "--out"]
    path = os.pathsep.join(sys.path)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments, str(tmp_path / hash_seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
        )
        for hash_seed in ("1", "2")
    ]
    assert [process.wait() for process in running] == [2, 2]
    first, second = ((tmp_path / hash_seed / "latest" / "ledger.json").read_bytes() for hash_seed in ("1", "2"))
    assert first == second


def test_a_broken_emulator_does_not(certified):
    done = certified("--emulator-fault", "knows-one-user", "--only", "security.*")
    assert (done.code, str(done.ledger.verdict)) == (1, "FAIL")
    assert [reason.partition(" ")[0] for reason in done.ledger.reasons] == ["SEC-004"]


def test_a_part_of_the_plays_certifies_nothing(certified):
    done = certified("--only", "security.*")
    assert (done.code, str(done.ledger.verdict)) == (2, "INCOMPLETE")
    assert any("not selected by --only" in reason for reason in done.ledger.reasons)


def test_a_run_that_is_broken_off_is_reported_as_far_as_it_came(certified, spec, monkeypatch):
    def interrupted(self, *_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.suite.run.Run.probe", interrupted)
    done = certified("--only", "probe.tls")
    assert (done.code, str(done.ledger.verdict)) == (2, "INCOMPLETE")
    assert done.ledger.reasons[0].startswith("the recording was cut short")
    again = judge_recording(done.folder / "journal.jsonl", spec, partial=True).ledger
    assert again.to_json() == done.ledger.to_json()


def test_when_the_runner_itself_breaks_down_that_is_told(certified, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("conformance.suite.plugin.items", broken)
    done = certified("--only", "security.every-user")
    assert done.code == 2
    assert "ZeroDivisionError" in done.output


@pytest.mark.parametrize("name", ["prepare.fixtures", "prepare.preflight", "prepare.stations"])
def test_what_goes_before_a_run_can_be_selected_as_reports_name_it(certified, somewhere, name):
    done = certified(*somewhere(), "--only", name, **PASSWORD)

    assert done.code == 2, done.output
    assert done.ledger.exchanges > 0


def test_a_server_somewhere_is_only_read(certified, somewhere):
    done = certified(*somewhere(), **PASSWORD)
    assert done.code == 2
    assert done.ledger.profile == "server-read-only"
    assert {method.role for method in done.ledger.methods if method.calls} <= {
        "list_stations",
        "get_status",
        "remove_operation",
        "find_cases",
        "fetch_image",
    }


def test_what_is_wrong_with_a_server_somewhere_is_found_without_writing(certified, somewhere):
    done = certified(*somewhere("lets-strangers-in"), **PASSWORD)
    assert (done.code, str(done.ledger.verdict)) == (1, "FAIL")


def test_credentials_that_are_refused_are_no_fault_of_the_server(certified, somewhere):
    done = certified(*somewhere(), THREEDD_PASSWORD="wrong")
    assert done.code == 3
    assert 'does not let the user "Sam" in' in done.output
    assert done.ledger is None


def test_a_password_is_asked_for_when_the_environment_has_none(certified, somewhere):
    assert "Password of Sam" in certified(*somewhere()).output


def test_nothing_listens_there(certified):
    done = certified("https://127.0.0.1:1", "--insecure")
    assert done.code == 3
    assert "nothing listens at that port" in done.output


def test_passwords_are_in_no_file_even_when_patients_are_recorded_in_clear(certified, somewhere):
    done = certified(*somewhere(), "--raw", **PASSWORD)
    texts = [path.read_text(encoding="utf-8") for path in done.folder.rglob("*.*") if path.is_file()]
    assert texts
    assert [text for text in texts if "qwerty123" in text or "U2FtOnF3ZXJ0eTEyMw" in text] == []


def test_the_report_says_how_to_repeat_the_run(certified):
    done = certified("--emulator-fault", "knows-one-user", "--seed", "3", "--only", "security.every-user")
    assert (
        done.ledger.about["repeat"] == "threedd certify server --emulator-fault knows-one-user --seed 3 --budget quick"
    )
