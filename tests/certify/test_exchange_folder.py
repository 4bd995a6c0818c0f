"""An exchange folder that two programs use: what is on record of it, and what is left out."""

import pytest

from conformance.certify.exchange_folder import ExchangeFolder
from conformance.drive.handover import requests
from conformance.spec import load
from conformance.trace import Recorder, Redactor
from conformance.wire.vdds_ini import parse_ini

SPEC = load()
FACTS = SPEC.vdds
ASK = requests(FACTS, "A_PVS", "A_BVS")
CALL = ASK.patient({"person": "000417", "last_name": "Fox", "first_name": "Ann", "birth_date": "19840229"})
LIST = ASK.information("000417")
SECTION = FACTS.call["patient_import"].section


def ready(content, **more):
    ini = parse_ini(content)
    section = ini.sections[0]
    for key, value in {FACTS.handshake.ready: FACTS.handshake.finished, **more}.items():
        ini = ini.written(section, key, value)
    return ini.encode()


class Watched:
    """The folder, a clock that the test moves, and what was recorded."""

    def __init__(self, folder):
        self.folder = folder
        self.events = []
        self.at_s = 0.0
        recorder = Recorder(SPEC, Redactor(SPEC, b"key"), [self.events.append])
        self.exchange = ExchangeFolder(SPEC, recorder, folder, lambda: self.at_s)

    def looks(self, times=2, every_s=0.05):
        for _ in range(times):
            self.exchange.look()
            self.at_s += every_s
        return self

    def puts(self, content, name="a.tmp"):
        (self.folder / name).write_bytes(content)
        return self

    def removes(self, name="a.tmp"):
        (self.folder / name).unlink()
        return self

    def waits(self, seconds):
        self.at_s += seconds
        return self.looks(1)

    def ends(self):
        self.exchange.finish()
        return self

    def seen(self):
        return [(event.direction, event.kind, event.flaw) for event in self.events]


CALLED, ANSWERED = ("call", "patient_import", ""), ("answer", "patient_import", "")


@pytest.fixture
def watched(tmp_path):
    return Watched(tmp_path).looks()


def test_a_call_and_its_answer_are_on_record(watched):
    watched.puts(CALL).looks().puts(ready(CALL)).looks().waits(1)

    assert watched.seen() == [CALLED, ANSWERED]
    assert watched.events[1].about == watched.events[0].number
    assert watched.events[1].has("stayed")
    assert watched.events[1].has("compared")


def test_an_answer_that_is_removed_at_once_is_on_record(watched):
    watched.puts(CALL).looks().puts(ready(CALL)).looks(1).removes().looks().waits(1)

    assert watched.seen() == [CALLED, ANSWERED]
    assert not watched.events[1].has("stayed")


def test_a_call_that_was_seen_once_counts_when_its_answer_shows_that_it_was_whole(watched):
    watched.puts(CALL).looks(1).puts(ready(CALL)).looks().ends()

    assert watched.seen() == [CALLED, ANSWERED]


@pytest.mark.parametrize("cut", [20, 60])
def test_a_call_that_is_half_written_is_read_again(watched, cut):
    watched.puts(CALL[:cut]).looks(1).puts(CALL).looks().puts(ready(CALL)).looks().ends()

    assert watched.seen() == [CALLED, ANSWERED]
    assert watched.events[0].values["person"]
    assert watched.events[0].values["ready"] == "0"


def test_a_call_of_which_a_half_alone_was_seen_is_counted_and_not_judged(watched):
    watched.puts(CALL[:60]).looks(1).puts(ready(CALL)).looks().ends()

    assert watched.seen() == []
    assert watched.exchange.count.lost == 1


def test_an_answer_that_is_half_written_is_read_again(watched):
    listed = ready(LIST) + b"[MMOS]\r\nCOUNT=0\r\n"
    watched.puts(LIST).looks().puts(ready(LIST)).looks(1).puts(listed).looks().waits(1)

    assert [event.direction for event in watched.events] == ["call", "answer"]
    assert watched.events[1].fact("count") == ("0",)
    assert watched.events[1].has("stayed")


def test_what_changes_once_it_is_ready_is_told(watched):
    listed = ready(LIST) + b"[MMOS]\r\nCOUNT=0\r\n"
    watched.puts(LIST).looks().puts(ready(LIST)).looks(3).puts(listed).looks().waits(1)

    assert watched.events[1].has("changed-when-ready")
    assert watched.events[1].has("no-list")
    assert len(watched.events) == 2


def test_an_answer_that_is_written_key_by_key_is_one_answer(watched):
    begun = LIST + b"[MMOS]\r\nCOUNT=0\r\n"
    watched.puts(LIST).looks().puts(begun).looks(3).puts(ready(begun)).looks().waits(1)

    assert [event.direction for event in watched.events] == ["call", "answer"]
    assert watched.events[1].fact("count") == ("0",)


def test_a_call_that_nobody_answers_is_told_once_a_user_could_have_logged_in(watched):
    watched.puts(CALL).looks().waits(1).waits(FACTS.login_limit_s + 60).ends()

    assert watched.seen() == [CALLED, ("answer", "", "never-ready")]


def test_a_call_that_waits_when_the_watch_ends_is_left_open(watched):
    watched.puts(CALL).looks().waits(1).waits(FACTS.login_limit_s - 60).ends()

    assert watched.seen() == [CALLED, ("answer", "", "unseen")]
    assert watched.exchange.count.lost == 1


def test_a_file_that_vanishes_unanswered_blames_nobody(watched):
    watched.puts(CALL).looks().removes().looks(1).waits(1)

    assert watched.seen() == [CALLED, ("answer", "", "unseen")]


def test_a_file_that_is_away_for_a_moment_is_the_same_file(watched):
    watched.puts(CALL).looks().removes().looks(1).puts(ready(CALL)).looks().waits(1)

    assert watched.seen() == [CALLED, ANSWERED]


def test_a_file_may_carry_one_call_after_the_other(watched):
    other = CALL.replace(b"000417", b"000418")
    watched.puts(CALL).looks().puts(ready(CALL)).looks().puts(other).looks().puts(ready(other)).looks().ends()

    assert watched.seen() == [CALLED, ANSWERED, CALLED, ANSWERED]


def test_the_same_call_again_comes_behind_the_answer_to_the_first(watched):
    watched.puts(CALL).looks().puts(ready(CALL)).looks()
    watched.puts(CALL, "b.tmp").looks(1).puts(ready(CALL), "b.tmp").looks().ends()

    assert watched.seen() == [CALLED, ANSWERED, CALLED, ANSWERED]


def test_what_lay_there_before_is_no_news(tmp_path):
    (tmp_path / "old.tmp").write_bytes(CALL)
    (tmp_path / "done.tmp").write_bytes(ready(CALL))
    watched = Watched(tmp_path).looks().waits(1000).ends()

    assert watched.events == []


def test_an_old_call_that_is_answered_is_on_record(tmp_path):
    (tmp_path / "old.tmp").write_bytes(CALL)
    watched = Watched(tmp_path).looks().puts(ready(CALL), "old.tmp").looks().waits(1)

    assert watched.seen() == [CALLED, ANSWERED]


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"[Settings]\r\nX=1\r\n", b"hello"])
def test_files_of_others_are_left_alone(watched, content):
    watched.puts(content).looks(3).waits(1).ends()

    assert watched.events == []
    assert watched.exchange.count.others == 1


def test_a_file_of_another_format_is_a_wrong_call(watched):
    watched.puts(f"[{FACTS.wrong_sections[0]}]\r\nX=1\r\n".encode()).looks().waits(1)

    assert watched.seen() == [("call", "", "")]


def test_copies_that_were_taken_away_already_are_no_lost_ones(watched, tmp_path):
    call = ASK.copies(["AB/1", "AB/2"])
    there = tmp_path / "1.jpg"
    there.write_bytes(b"\xff\xd8\xff")
    section, prefix = FACTS.exports.section, FACTS.exports.prefix
    paths = f"[{section}]\r\n{prefix}1={there}\r\n{prefix}2={tmp_path / '2.jpg'}\r\n".encode()
    watched.looks().puts(call).looks().puts(ready(call) + paths).looks().ends()

    assert [item.facts[:2] for item in watched.events[1].items] == [("exists", "size:3"), ("unseen", "extension:JPG")]


def test_nothing_is_written(watched, tmp_path):
    watched.puts(CALL).looks().puts(ready(CALL)).looks().waits(1).ends()

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.tmp": ready(CALL)}
