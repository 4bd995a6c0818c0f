"""A recording judged gives the ledger of the run that wrote it, byte for byte."""

import gc

import pytest

from conformance.judge import Monitor, RunVerdict, Terms, Waiver, journal_header, judge_recording
from conformance.trace import NoteKind, call, note, poll, realise
from conformance.trace.har import write_har
from conformance.trace.journal import Journal, JournalError

SKETCH = (
    call("list_stations", answer=[{"station": "?"}])
    + call("create_patient", integration_id="A", last_name="Fox", operation=1)
    + poll(1, "processed")
    + poll(1, "awaiting")
    + note(NoteKind.SKIPPED, play="p", reason="r", aims="")
)


@pytest.fixture
def live(real_spec, tmp_path):
    """A run that was judged while it was recorded: its journal and its ledger."""
    terms = Terms(real_spec.profile["server"], (Waiver("TRN-001", "QA", "x", "2025-01-01"),), {}, on="2025-06-01")
    about = {"harness": "0.1.0", "subject": "a server", "seed": "7"}
    header = journal_header(real_spec, terms, about)
    monitor = Monitor(real_spec, terms=terms, about=about)
    path = tmp_path / "run.jsonl"
    with Journal(path, header) as journal:
        for event in realise(SKETCH, real_spec):
            journal.append(event)
            monitor.feed(event)
    return path, monitor.finish()


def test_the_ledger_is_that_of_the_live_run(live, real_spec):
    path, ledger = live

    assert judge_recording(path, real_spec).ledger.to_json() == ledger.to_json()


def test_the_collector_of_garbage_runs_again_afterwards(live, real_spec):
    judge_recording(live[0], real_spec)

    assert gc.isenabled()


def test_neither_path_nor_time_of_day_is_in_the_ledger(live, real_spec, tmp_path):
    path, ledger = live
    moved = path.rename(tmp_path / "elsewhere.jsonl")

    assert judge_recording(moved, real_spec).ledger.to_json() == ledger.to_json()
    assert "2025-06-01" not in ledger.to_json()


def test_another_profile_can_be_judged(live, real_spec):
    assert judge_recording(live[0], real_spec, profile="server-read-only").ledger.profile == "server-read-only"


def test_a_recording_cut_short_is_refused(live, real_spec):
    rows = live[0].read_bytes().splitlines(keepends=True)
    live[0].write_bytes(b"".join(rows[:-1]))

    with pytest.raises(JournalError, match="has no footer"):
        judge_recording(live[0], real_spec)


def test_a_recording_cut_short_never_passes(live, small, real_spec):
    rows = live[0].read_bytes().splitlines(keepends=True)
    live[0].write_bytes(b"".join(rows[:3]))
    ledger = judge_recording(live[0], real_spec, partial=True).ledger

    assert ledger.verdict is not RunVerdict.PASS
    assert ledger.events == 2


def test_a_run_that_would_pass_is_incomplete_when_cut_short(small):
    monitor = small.monitor(small.spec(small.requirement("ONE-001")), small.rules("ONE-001"))
    [monitor.feed(event) for event in small.events(call("list_stations", answer=[]))]
    ledger = monitor.finish(cut_short=True)

    assert (ledger.verdict, ledger.reasons) == ("INCOMPLETE", ("the recording was cut short after event 2",))


def test_our_own_archive_gives_the_same_rows_as_the_journal(live, real_spec, tmp_path):
    ledger = live[1]
    write_har(realise(SKETCH, real_spec), tmp_path / "trace.har", real_spec, "0.1.0")
    judged = judge_recording(tmp_path / "trace.har", real_spec, profile="server").ledger

    assert [(row.id, row.counts) for row in judged.rows] == [(row.id, row.counts) for row in ledger.rows]


def test_an_archive_is_judged_alike_wherever_it_lies(real_spec, tmp_path):
    for name in ("a.har", "b.har"):
        write_har(realise(SKETCH, real_spec), tmp_path / name, real_spec, "0.1.0")
    first, second = (judge_recording(tmp_path / name, real_spec).ledger.to_json() for name in ("a.har", "b.har"))

    assert first == second
