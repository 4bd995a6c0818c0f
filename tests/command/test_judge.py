"""``threedd judge``: what is printed, what is written, how it exits."""

import json

import pytest
from click.testing import CliRunner

from conformance.command.judge import judge
from conformance.judge import Monitor, Terms, journal_header
from conformance.trace import call, realise
from conformance.trace.journal import Journal


@pytest.fixture
def journal(real_spec, tmp_path):
    terms = Terms(real_spec.profile["server"])
    header = {**journal_header(real_spec, terms, {"subject": "a server"}), "spec_digest": "0" * 64}
    monitor = Monitor(real_spec, terms=terms, about={"subject": "a server"})
    path = tmp_path / "run.jsonl"
    with Journal(path, header) as writer:
        for event in realise(call("list_stations").but(body=b"<nonsense"), real_spec):
            writer.append(event)
            monitor.feed(event)
    return path, monitor.finish()


def run(*arguments):
    return CliRunner().invoke(judge, [str(argument) for argument in arguments])


def test_the_verdict_is_the_exit_code(journal):
    path, ledger = journal
    result = run(path)

    assert result.exit_code == ledger.exit_code
    assert ledger.verdict in result.output


def test_the_ledger_can_be_had_as_json(journal):
    path, ledger = journal

    assert run(path, "--json").stdout == ledger.to_json()


def test_reports_are_written_on_request(journal, tmp_path):
    path, ledger = journal
    run(path, "--out", tmp_path / "out")

    assert (tmp_path / "out" / "ledger.json").read_text(encoding="utf-8") == ledger.to_json()
    assert (tmp_path / "out" / "report.html").is_file()


def test_another_spec_than_the_recorded_one_is_told(journal):
    assert "recorded with dental-desktop-1.7 000000000000" in run(journal[0]).stderr


def test_a_recording_cut_short_is_an_error_of_the_set_up_unless_accepted(journal):
    rows = journal[0].read_bytes().splitlines(keepends=True)
    journal[0].write_bytes(b"".join(rows[:-1]))

    assert run(journal[0]).exit_code == 3
    assert "Judge it with --partial" in run(journal[0]).stderr
    assert run(journal[0], "--partial").exit_code in (1, 2)


def test_an_unknown_profile_is_an_error_of_the_set_up(journal):
    result = run(journal[0], "--profile", "nonsense")

    assert result.exit_code == 3
    assert "'nonsense' is not in dental-desktop-1.7; expected" in result.stderr


def test_a_file_that_is_no_recording_is_an_error_of_the_set_up(tmp_path):
    (tmp_path / "x.har").write_text(json.dumps({"log": {"entries": []}}), encoding="utf-8")
    result = run(tmp_path / "x.har")

    assert result.exit_code == 3
    assert "record while the PMS talks to the server" in result.stderr


def test_a_spec_that_cannot_be_read_is_an_error_of_the_set_up(journal, tmp_path):
    assert run(journal[0], "--spec", tmp_path).exit_code == 3
