"""Shards joined: what the whole run would have said, and nothing that only seems so since there were several."""

from dataclasses import replace

import pytest

from conformance.judge import RAW, Again, RunVerdict, Standing, Terms, Waiver
from conformance.judge.merging import OTHER_SHARD, Part, in_line, merge
from conformance.rules import breaks, holds, observers, undecided
from conformance.spec import Binds
from conformance.trace import Handover, NoteKind, call, note, poll, realise

LIST = call("list_stations", answer=[])
BROKEN = LIST.refused(400)
STARTED = call("create_patient", integration_id="A", last_name="Fox", operation=1)
READING = "EMPTY-CASE-LIST"
EMPTY_ROOT, NO_BODY = (
    next(sketch for sketch, take in observers()[READING].shows if take == name) for name in ("empty-root", "no-body")
)


@pytest.fixture
def one(small):
    return small.requirement("ONE-001")


@pytest.fixture
def joined(small):
    """``joined(spec, rules, sketches...)`` -> the merged run of so many shards."""

    def join(spec, rules, *sketches, about=None, cut_short=False, **terms):
        parts = [Part(small.events(sketch, play=f"play-{number}")) for number, sketch in enumerate(sketches)]
        parts[-1] = replace(parts[-1], cut_short=cut_short)
        return merge(parts, spec, Terms(spec.profiles[0], **terms), about or {}, rules)

    return join


# -- what is added up -----------------------------------------------------------------------------------------


def test_one_part_alone_says_what_the_run_says(real_spec, small):
    terms = Terms(real_spec.profile["server"])
    events = realise(LIST + STARTED + poll(1, "processed") + BROKEN, real_spec)
    monitor = small.monitor(real_spec, None, watching=None, terms=terms)
    for event in events:
        monitor.feed(event)
    merged = merge([Part(events)], real_spec, terms, {}).ledger

    assert replace(merged, about={}) == monitor.finish()


def test_a_row_that_one_shard_kept_is_kept(small, one, joined):
    ledger = joined(small.spec(one), small.rules("ONE-001"), STARTED, LIST).ledger

    assert (ledger.row("ONE-001").standing, ledger.verdict) == (Standing.PASS, RunVerdict.PASS)


def test_a_row_that_one_shard_broke_is_broken_whatever_the_others_say(small, one, joined):
    ledger = joined(small.spec(one), small.rules("ONE-001"), LIST * 3, BROKEN + BROKEN, LIST + BROKEN).ledger

    assert (ledger.row("ONE-001").standing, ledger.verdict) == (Standing.FAIL, RunVerdict.FAIL)
    assert (ledger.row("ONE-001").counts.passed, ledger.row("ONE-001").counts.failed) == (4, 3)


def test_what_went_wrong_in_the_same_way_is_one_finding(small, one, joined):
    (finding,) = joined(small.spec(one), small.rules("ONE-001"), LIST, BROKEN * 2, BROKEN).ledger.findings

    assert finding.occurrences == 3
    assert finding.plays == ("play-1", "play-2")
    assert finding.exchanges == (4, 5, 7)


def test_a_row_that_no_shard_saw_leaves_the_run_incomplete(small, one, joined):
    ledger = joined(small.spec(one), small.rules("ONE-001"), STARTED, STARTED).ledger

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert "no exchange triggered it" in ledger.reasons[0]


def test_a_finding_that_was_provoked_again_in_its_shard_is_reproducible(small, one, joined):
    again = note(NoteKind.CONFIRMED, row="ONE-001", play="play-1", again="yes")
    (finding,) = joined(small.spec(one), small.rules("ONE-001"), LIST, BROKEN + again).ledger.findings

    assert finding.reproducible is Again.YES


def test_what_a_shard_left_to_others_is_not_told_as_skipped(small, one, joined):
    left = note(NoteKind.SKIPPED, play="x", reason="it belongs to shard 2/2", aims="ONE-001", whose=OTHER_SHARD)
    skipped = note(NoteKind.SKIPPED, play="y", reason="no operator", aims="ONE-001", whose="set-up")
    ledger = joined(small.spec(one), small.rules("ONE-001"), left + skipped, STARTED).ledger

    assert [each.play for each in ledger.skipped] == ["y"]


def test_a_play_that_broke_down_in_one_shard_makes_the_run_an_error(small, one, joined):
    crash = note(NoteKind.SKIPPED, play="y", reason="TypeError", aims="", whose="ours")

    assert joined(small.spec(one), small.rules("ONE-001"), LIST, LIST + crash).ledger.verdict is RunVerdict.ERROR


def test_a_waiver_that_one_shard_needs_is_needed(small, one, joined):
    waiver = Waiver("ONE-001", "QA", "fixed in the next release", "2030-06-30")
    ledger = joined(small.spec(one), small.rules("ONE-001"), LIST, BROKEN, waivers=(waiver,)).ledger

    assert (ledger.row("ONE-001").standing, ledger.verdict) == (Standing.WAIVED, RunVerdict.PASS)


def test_a_part_that_was_cut_short_leaves_the_run_without_a_pass(small, one, joined):
    ledger = joined(small.spec(one), small.rules("ONE-001"), LIST, LIST, cut_short=True).ledger

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert ledger.reasons == ("the recording was cut short after event 4",)


# -- readings -------------------------------------------------------------------------------------------------


def test_a_reading_that_two_shards_saw_in_two_ways_is_a_finding(small, one, joined, real_spec):
    spec = replace(small.spec(one), readings=(real_spec.reading[READING],))
    one_way = joined(spec, small.rules("ONE-001"), NO_BODY, NO_BODY).ledger
    two_ways = joined(spec, small.rules("ONE-001"), NO_BODY, EMPTY_ROOT).ledger

    assert one_way.findings == ()
    assert [finding.expected for finding in two_ways.findings] == ["one reading throughout"]
    assert [(seen.take, seen.count, seen.first) for seen in two_ways.readings[0].seen] == [
        ("empty-root", 1, 6),
        ("no-body", 1, 3),
    ]


def test_a_row_is_moot_only_under_a_reading_that_no_shard_saw_otherwise(small, real_spec, joined):
    row = small.requirement("ONE-001", moot_under=((READING, "no-body"),))
    spec = replace(small.spec(row), readings=(real_spec.reading[READING],))

    def standing(*sketches):
        return joined(spec, small.rules("ONE-001"), *sketches).ledger.row("ONE-001").standing

    assert standing(STARTED, NO_BODY) is Standing.NOT_APPLICABLE
    assert standing(EMPTY_ROOT, NO_BODY) is Standing.NOT_OBSERVED


# -- the end --------------------------------------------------------------------------------------------------


def _refuser(small):
    """At the end: a breach for each 500, if a 400 was seen anywhere in the run; else undecided."""

    def end(history, spec):
        refused = [each for each in history.exchanges if each.http_status == 400]
        for each in history.exchanges:
            if each.http_status == 500:
                yield (
                    breaks("no 500", f"one at exchange {each.number}", each)
                    if refused
                    else undecided("who knows", each)
                )

    return {"ONE-001": small.rule("ONE-001", lambda history, event, spec: None, end=end)}


def test_what_is_judged_at_the_end_rests_on_all_shards(small, one, joined):
    trouble = LIST.refused(500)
    alone = joined(small.spec(one), _refuser(small), trouble).ledger
    whole = joined(small.spec(one), _refuser(small), trouble, BROKEN).ledger

    assert alone.row("ONE-001").standing is Standing.INCONCLUSIVE
    assert whole.row("ONE-001").standing is Standing.FAIL
    assert whole.findings[0].observed == "one at exchange 2"


def test_what_is_judged_at_the_end_is_judged_once(small, one, joined):
    assert joined(small.spec(one), _refuser(small), LIST.refused(500), BROKEN).ledger.row("ONE-001").counts.failed == 1


def test_nothing_is_asked_at_the_end_of_what_was_cut_short(small, one, joined):
    ledger = joined(small.spec(one), _refuser(small), LIST.refused(500), BROKEN, cut_short=True).ledger

    assert ledger.row("ONE-001").counts.triggered == 0


def _same_twice(small):
    """At the end: a breach for each operation whose id another one has."""

    def end(history, spec):
        ids = [operation.id for operation in history.operations]
        for operation in history.operations:
            if ids.count(operation.id) > 1:
                yield breaks("an id of its own", f"{operation.id}", operation)
            else:
                yield holds(operation)

    return {"ONE-001": small.rule("ONE-001", lambda history, event, spec: None, end=end)}


def test_equal_names_in_two_shards_are_not_the_same_thing(small, one, joined):
    row = joined(small.spec(one), _same_twice(small), STARTED, STARTED).ledger.row("ONE-001")

    assert (row.standing, row.counts.passed) == (Standing.PASS, 2)


def test_what_is_told_of_a_later_shard_has_the_names_of_its_journal(small, one, joined):
    twice = joined(small.spec(one), _same_twice(small), LIST, STARTED + STARTED).ledger

    assert twice.findings[0].observed == "00000000-0000-0000-0000-000000000001"


def test_in_a_raw_recording_each_shard_is_asked_for_itself(small, one, joined):
    raw = joined(small.spec(one), _refuser(small), LIST.refused(500), BROKEN, about={RAW: "in clear"}).ledger

    assert raw.row("ONE-001").standing is Standing.INCONCLUSIVE


def test_our_own_server_that_misbehaved_in_one_shard_makes_the_run_void(small, joined):
    rows = (small.requirement("ONE-001"), small.requirement("TWO-001", binds=Binds.PMS))
    spec = small.spec(*rows, binds=Binds.PMS, include=("TWO-001",))
    ledger = joined(spec, small.rules("ONE-001"), LIST, BROKEN, about={"server": "emulator"}).ledger

    assert ledger.verdict is RunVerdict.VOID


# -- the events -----------------------------------------------------------------------------------------------


def test_events_are_numbered_on_and_none_begins_before_the_shard_before_has_ended(small):
    first, second = in_line([Part(small.events(LIST)), Part(small.events(LIST + LIST))])

    assert [event.number for event in (*first, *second)] == [1, 2, 3, 4, 5]
    assert second[0].at_s > first[-1].finished_s


def test_what_names_an_event_by_its_number_names_it_still(small):
    tampered = note(NoteKind.DISTURBED, number="3", what="hang") + LIST
    _, second = in_line([Part(small.events(LIST)), Part(small.events(tampered))])

    assert second[1].data["number"] == str(second[2].number)


def test_an_answer_file_is_about_its_call_still(real_spec):
    called = Handover(1, 1.0, "pms", "call", "", 0, "", {}, (), ())
    answered = replace(called, number=2, direction="answer", about=1)
    _, second = in_line([Part(realise(LIST, real_spec)), Part([called, answered])])

    assert [(event.number, event.about) for event in second] == [(3, 0), (4, 3)]


def test_the_ledger_says_which_events_are_whose(small, one, joined):
    ledger = joined(small.spec(one), small.rules("ONE-001"), LIST, LIST + LIST).ledger

    assert ledger.about["shards"] == "2, events 1 to 2, 3 to 5"


def test_facts_that_differ_from_shard_to_shard_are_all_told(small, one, joined):
    shards = [LIST + note(NoteKind.RUN, tier="full", prefix=prefix) for prefix in ("a", "b", "a")]
    about = joined(small.spec(one), small.rules("ONE-001"), *shards).ledger.about

    assert (about["tier"], about["prefix"]) == ("full", "a, b")
