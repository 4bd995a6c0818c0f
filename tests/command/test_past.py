"""What the journal of an interrupted run says about where it stopped, and what is kept beside it."""

from dataclasses import replace

import pytest

from conformance.command.kept import Options, begun, found
from conformance.command.past import NOTHING, past_of
from conformance.spec import load
from conformance.trace import NoteKind, call, done, note, order, realise
from conformance.trace.journal import Journal, JournalError

OPTIONS = Options(True, "", "", "pms", "*", 0, False, False, "Chair 9", 1234, "rest")
BEGUN = note(NoteKind.RUN, steps="create_patient find_cases")
FIRST = note(NoteKind.PLAY, play="a", phase="begin") + order("create_patient", "1") + done("unsupported", "1")
AT_SERVER = order("create_patient", "1", at="server") + done("unsupported", "1")
FIRST += note(NoteKind.PLAY, play="a", phase="end", ending="unsupported")
SECOND = note(NoteKind.PLAY, play="b", phase="begin") + order("find_cases", "2") + call("find_cases", answer=[])


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def past(spec, tmp_path):
    """``past(sketch)`` -> what a journal says that was cut short after it."""

    def read(sketch, digest=None):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        journal = Journal(path, {"spec": spec.name, "spec_digest": digest or spec.digest})
        for event in realise(sketch, spec):
            journal.append(event)
        journal._file.close()
        return past_of(path, spec)

    return read


def test_scenarios_that_have_ended_are_through(past):
    assert past(BEGUN + FIRST + SECOND).through == {"a"}


def test_what_was_open_is_known(past):
    found_ = past(BEGUN + FIRST + SECOND)
    assert (found_.open_order, found_.open_play, found_.orders) == ("2", "b", 2)


def test_nothing_is_open_between_two_scenarios(past):
    found_ = past(BEGUN + FIRST)
    assert (found_.open_order, found_.open_play) == ("", "")


def test_what_the_pms_declared_and_could_not_do_is_known(past):
    found_ = past(BEGUN + FIRST)
    assert (found_.declared, found_.unsupported) == ({"create_patient", "find_cases"}, {("create_patient", "")})


def test_what_could_not_be_done_in_one_place_may_be_done_in_another(past):
    assert past(BEGUN + AT_SERVER).unsupported == {("create_patient", "server")}


def test_a_scenario_that_was_interrupted_is_not_through(past):
    ended = note(NoteKind.PLAY, play="b", phase="end", ending="interrupted")
    assert past(BEGUN + FIRST + SECOND + ended).through == {"a"}


def test_each_session_makes_persons_of_its_own(past):
    assert NOTHING.made < past(BEGUN).made < past(BEGUN + BEGUN).made


def test_time_and_numbers_go_on(past):
    found_ = past(BEGUN + FIRST + SECOND)
    assert found_.last == found_.events[-1].number
    assert found_.last_s >= found_.events[-1].finished_s


def test_a_run_of_another_spec_cannot_go_on(past):
    with pytest.raises(JournalError, match="was begun with another state of"):
        past(BEGUN, digest="0" * 64)


def test_a_run_that_has_ended_cannot_go_on(spec, tmp_path):
    with Journal(tmp_path / "journal.jsonl", {"spec": spec.name, "spec_digest": spec.digest}) as journal:
        pass
    with pytest.raises(JournalError, match="that run is complete"):
        past_of(journal.path, spec)


# -- what is kept -----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path):
    (tmp_path / "journal.jsonl").write_bytes(b"")
    made = begun(tmp_path)
    made.note(OPTIONS)
    return made


def test_what_is_kept_is_found_again(kept):
    assert found(kept.run) == (kept, OPTIONS)


def test_nothing_is_kept_of_a_run_that_is_over(kept):
    kept.forget()
    assert [path.name for path in kept.run.iterdir()] == ["journal.jsonl"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("resume.key", "no key"),
        ("resume.key", "abcd"),
        ("options.json", "{"),
        ("options.json", "[]"),
        ("options.json", '{"manual": 1}'),
    ],
)
def test_what_is_damaged_is_told(kept, name, content):
    (kept.run / "resume" / name).write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="begin anew"):
        found(kept.run)


def test_options_may_change_while_the_run_goes_on(kept):
    kept.note(replace(OPTIONS, port=99))
    assert found(kept.run)[1].port == 99
