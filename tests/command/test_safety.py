"""What a run does to a server, seen from the server's side: the emulator that stands for it records every request."""

from functools import partial
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.command.tiers import granted
from conformance.drive import Tier
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.judge import judge_recording, ledger_from_json
from conformance.spec import load
from conformance.trace import Note, Recorder, Redactor, read

PASSWORD = {"THREEDD_PASSWORD": "qwerty123"}


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def watched(spec, tmp_path):
    """An emulator, everything that reached it, and the options that lead there."""
    events = []
    recorder = Recorder(spec, Redactor(spec, b"server's own", raw=True), [events.append])
    with Embedded(spec, brisk_policy(3), recorder=recorder) as running:
        before = running.emulator.state.copy()
        options = (running.url, "--ca", running.authority_pem, "--rate", "0", "--user", running.users[0].user)
        yield SimpleNamespace(running=running, events=events, before=before, options=options)


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """``certified(arguments)`` -> exit code, output, folder and ledger of a run."""
    monkeypatch.chdir(tmp_path)
    return partial(_invoked, tmp_path)


def _invoked(folder, *arguments):
    command = ["server", "--budget", "quick", "--out", folder / "reports", *arguments]
    done = CliRunner(env=PASSWORD).invoke(certify, [str(word) for word in command])
    latest = folder / "reports" / "latest"
    ledger = latest / "ledger.json"
    return SimpleNamespace(
        code=done.exit_code,
        output=done.output,
        folder=latest,
        ledger=ledger_from_json(ledger.read_text(encoding="utf-8")) if ledger.is_file() else None,
    )


def calls(watched, spec):
    """Every request that the server got."""
    return [read(event, spec) for event in watched.events if not isinstance(event, Note)]


def roles(watched, spec):
    """Of every request that the server got; the list of stations is asked for in odd spellings as well."""
    listed = spec.method["list_stations"].name
    oddly = {f"/%{ord(listed[0]):02X}{listed[1:]}", f"/{listed}/."}
    found = {next((odd for odd in oddly if call.path.endswith(odd)), call.role) for call in calls(watched, spec)}
    return {"list_stations" if role in oddly else role for role in found}


def reasons(run):
    return {skipped.reason for skipped in run.ledger.skipped}


def test_a_read_only_run_writes_nothing(spec, watched, certified):
    run = certified(*watched.options)
    assert run.code in (0, 2), run.output
    assert roles(watched, spec) == {"list_stations", "get_status", "find_cases", "fetch_image"}
    assert {call.event.request.verb for call in calls(watched, spec)} == {"GET"}
    assert watched.running.emulator.state == watched.before


def test_rows_say_why_they_were_not_observed(watched, certified):
    run = certified(*watched.options, "--profile", "server")
    assert "writing to the server is not allowed (--allow-writes)" in " ".join(run.ledger.row("PAT-001").reason.split())


def test_a_run_that_observes_reads_nothing_of_patients(spec, watched, certified):
    certified(*watched.options, "--tier", "observe")
    assert roles(watched, spec) == {"list_stations", "get_status"}
    assert watched.running.emulator.state == watched.before


def test_a_run_that_writes_leaves_alone_what_was_there(spec, watched, certified):
    run = certified(*watched.options, "--allow-writes", "--only", "pat*,up*")
    after = watched.running.emulator.state
    assert run.ledger.row("PAT-001").counts.passed > 0, run.output
    assert {key: after.patients[key] for key in watched.before.patients} == watched.before.patients
    assert len(after.patients) > len(watched.before.patients)
    assert {key: after.cases[key] for key in watched.before.cases} == watched.before.cases


def test_a_run_ends_when_its_calls_are_spent(spec, watched, certified):
    run = certified(*watched.options, "--allow-writes", "--max-calls", "40")
    assert (run.code, str(run.ledger.verdict)) == (2, "INCOMPLETE"), run.output
    assert "not sent: all 40 calls are spent (--max-calls)" in reasons(run)
    assert len(calls(watched, spec)) == 40
    assert judge_recording(run.folder / "journal.jsonl", spec).ledger == run.ledger


def test_so_few_calls_that_nothing_can_be_prepared(watched, certified):
    run = certified(*watched.options, "--max-calls", "1")
    assert run.code == 3
    assert "all 1 calls are spent (--max-calls)" in run.output


@pytest.mark.parametrize(
    ("asked", "in_file", "allow_writes", "expected"),
    [
        (None, None, False, Tier.READ_ONLY),
        (None, None, True, Tier.OWN_DATA),
        (None, Tier.FULL, True, Tier.FULL),
        (None, Tier.FULL, False, Tier.READ_ONLY),
        (None, Tier.OBSERVE, False, Tier.OBSERVE),
        ("full", Tier.OWN_DATA, True, Tier.FULL),
        ("own-data", Tier.FULL, True, Tier.OWN_DATA),
        ("observe", Tier.FULL, False, Tier.OBSERVE),
    ],
)
def test_how_far_a_run_may_go(asked, in_file, allow_writes, expected):
    assert granted(asked, in_file, allow_writes=allow_writes) is expected


def test_nothing_is_written_without_leave(watched, certified):
    run = certified(*watched.options, "--tier", "full")
    assert run.code != 0
    assert "--tier full writes to the server; add --allow-writes" in run.output
    assert calls(watched, load()) == []


def test_a_target_file_that_forbids_writing_is_not_overruled_silently(certified, watched, tmp_path):
    (tmp_path / "threedd.toml").write_text('[writes]\ntier = "read-only"\n', encoding="utf-8")
    run = certified(*watched.options, "--allow-writes")
    assert run.code == 3
    assert "correct one of them" in run.output


def test_where_others_use_the_server_it_is_on_record(watched, certified):
    run = certified(*watched.options, "--shared", "--only", "stations*")
    journal = (run.folder / "journal.jsonl").read_text(encoding="utf-8")
    assert "others are said to use the server during the run" in journal


def test_what_was_left_on_the_server_is_told(watched, certified):
    run = certified(*watched.options, "--allow-writes", "--only", "patients.ordinary")
    new = len(watched.running.emulator.state.patients) - len(watched.before.patients)
    assert f"left on the server: {new} patient" in run.output
    assert "Left behind on the server" in (run.folder / "summary.md").read_text(encoding="utf-8")
