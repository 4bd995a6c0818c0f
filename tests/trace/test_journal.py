"""Journals: what is written comes back, and whatever is wrong with one is told."""

import json

import pytest

from conformance.spec import default_folder, load
from conformance.trace import NoteKind, call, note, poll, realise
from conformance.trace.journal import Journal, JournalError, is_cut_short, is_journal, read_journal

SPEC = load(default_folder())
EVENTS = realise(
    call("create_patient", integration_id="A", last_name="Fox", birth_date="2001-02-03", operation=1)
    + poll(1, "processed")
    + note(NoteKind.RUN, seed="7")
    + call("list_stations", answer=[]).probe("case", "1", "twin")
    + call("list_stations").lost(),
    SPEC,
)
HEADER = {"harness": "0.1.0", "spec": SPEC.name, "subject": "a server", "profile": "server", "seed": "7"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


@pytest.fixture
def whole(path):
    with Journal(path, HEADER) as journal:
        list(map(journal.append, EVENTS))
    return path


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def rewrite(path, rows):
    path.write_bytes(b"".join(rows))
    return path


def read(path, partial=False):
    header, events = read_journal(path, partial)
    return header, list(events)


def test_what_was_written_is_read(whole):
    header, events = read(whole)

    assert header == HEADER
    assert events == EVENTS


def test_the_footer_counts_the_events_and_keeps_the_verdict(path):
    journal = Journal(path, HEADER)
    journal.append(EVENTS[0])
    journal.close("PASS")
    last = json.loads(lines(path)[-1])

    assert last["footer"]["events"] == 1
    assert last["verdict"] == "PASS"


def test_an_event_is_with_the_operating_system_as_soon_as_it_is_appended(path):
    journal = Journal(path, HEADER)
    journal.append(EVENTS[0])

    assert len(lines(path)) == 2
    journal.close()


def test_a_journal_is_never_written_over(whole):
    with pytest.raises(FileExistsError):
        Journal(whole, HEADER)


def test_nothing_is_appended_after_the_footer(path):
    journal = Journal(path, HEADER, buffered=True)
    journal.close()

    with pytest.raises(ValueError, match="closed"):
        journal.append(EVENTS[0])


def test_closing_twice_writes_one_footer(path):
    journal = Journal(path, HEADER)
    journal.close()
    journal.close()

    assert len(lines(path)) == 2


def test_a_run_that_breaks_leaves_no_footer(path):
    with pytest.raises(KeyError), Journal(path, HEADER):
        raise KeyError("the run broke")

    assert len(lines(path)) == 1


def test_a_recording_cut_short_is_recognised(whole):
    rewrite(whole, lines(whole)[:4])

    with pytest.raises(JournalError, match=r"^run.jsonl has no footer: the recording stopped after event 3. Judge it"):
        read(whole)


def test_a_recording_cut_short_is_read_on_request(whole):
    rewrite(whole, lines(whole)[:4])

    assert read(whole, partial=True)[1] == EVENTS[:3]


def test_a_recording_cut_within_a_line_is_read_up_to_that_line_on_request(whole):
    rewrite(whole, [*lines(whole)[:4], lines(whole)[4][:30]])

    assert read(whole, partial=True)[1] == EVENTS[:3]


def test_a_recording_cut_within_a_line_is_recognised(whole):
    rewrite(whole, [*lines(whole)[:4], lines(whole)[4][:30]])

    with pytest.raises(JournalError, match="stopped after event 3"):
        read(whole)


def test_a_recording_that_has_only_a_header_stopped_before_the_first_event(whole):
    rewrite(whole, lines(whole)[:1])

    with pytest.raises(JournalError, match="stopped before the first event"):
        read(whole)


@pytest.mark.parametrize("partial", [True, False])
def test_a_changed_value_is_found_by_the_digest(whole, partial):
    whole.write_bytes(whole.read_bytes().replace(b'"http_status":200', b'"http_status":201', 1))

    with pytest.raises(JournalError, match="changed after it was recorded"):
        read(whole, partial)


def test_a_lost_line_is_found_by_the_count(whole):
    rows = lines(whole)
    rewrite(whole, rows[:2] + rows[3:])

    with pytest.raises(JournalError, match="holds 5 events, and its footer counts 6"):
        read(whole)


def test_swapped_lines_are_found(whole):
    rows = lines(whole)
    rewrite(whole, [rows[0], rows[2], rows[1], *rows[3:]])

    with pytest.raises(JournalError, match="line 3 has event 1 after event 2"):
        read(whole)


def test_two_recordings_in_one_file_are_refused(whole):
    rewrite(whole, lines(whole) * 2)

    with pytest.raises(JournalError, match="goes on after its footer"):
        read(whole)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "run.jsonl is empty"),
        (b"\x89PNG\r\n\x1a\n", "line 1 is no text"),
        (b"hello\n", 'line 1 is no JSON: "hello"'),
        (b"[]\n", "line 1 is no JSON object"),
        (b'{"log": {}}\n', "line 1 has no format"),
        (b'{"format": "other"}\n', 'expected the header of a "threedd-journal"'),
        (b'{"format": "threedd-journal", "version": 2}\n', "has version 2, and this build reads up to 1"),
        (b'{"format": "threedd-journal", "version": 1}\n{]\n', 'line 2 is no JSON: "{]"'),
        (b'{"format": "threedd-journal", "version": 1}\n{"event":"x"}\n', "line 2 is no event"),
        (b'{"format": "threedd-journal", "version": 1}\n{"footer":3}\n', "has the footer 3"),
    ],
)
def test_what_is_no_journal_is_told_with_line_and_remedy(path, content, told):
    path.write_bytes(content)

    with pytest.raises(JournalError) as caught:
        read(path)
    assert told in str(caught.value)
    assert str(caught.value).endswith((".", "again."))


def test_a_journal_is_known_by_its_first_line(whole, tmp_path):
    other = tmp_path / "other.har"
    other.write_text('{"log": {}}', encoding="utf-8")

    assert is_journal(whole)
    assert not is_journal(other)


def test_whether_a_journal_was_cut_short_is_told_from_its_end(whole):
    assert not is_cut_short(whole)
    assert is_cut_short(rewrite(whole, lines(whole)[:4]))


def resumed(path, events=()):
    journal = Journal.resumed(path)
    with journal:
        list(map(journal.append, events))
    return journal


def test_a_journal_that_was_cut_short_goes_on_where_it_was(whole):
    rewrite(whole, lines(whole)[:3])
    resumed(whole, EVENTS[2:])

    assert list(read_journal(whole)[1]) == EVENTS


def test_half_a_line_at_its_end_gives_way(whole):
    rewrite(whole, [*lines(whole)[:3], lines(whole)[3][:20]])
    resumed(whole, EVENTS[2:])

    assert list(read_journal(whole)[1]) == EVENTS


def test_a_journal_that_is_complete_does_not_go_on(whole):
    before = whole.read_bytes()

    with pytest.raises(JournalError, match="has its footer"):
        Journal.resumed(whole)
    assert whole.read_bytes() == before


def test_a_journal_that_was_changed_does_not_go_on(whole):
    rewrite(whole, [*lines(whole)[:2], b"{}\n"])

    with pytest.raises(JournalError, match="is no event"):
        Journal.resumed(whole)
