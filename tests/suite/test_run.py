"""Stimuli of a run: what they raise, what is provoked once more, and what the ledger gets to know."""

import contextlib

import pytest

from conformance.drive import Tier
from conformance.emulator.protocol import Response
from conformance.judge import RunVerdict
from conformance.suite.budget import Budget, Search
from conformance.suite.play import NotPossible, Pause, Send
from conformance.suite.run import Broken, Crashed, Skipped

LIST = Send("list_stations", {})
ANONYMOUS = Send("list_stations", {}, authorization=None)


def anonymous(desk):
    yield ANONYMOUS


def nothing_there(desk):
    yield LIST
    raise NotPossible("nothing there")


def wrong(desk):
    yield LIST
    raise ZeroDivisionError("ours")


def confirmed(notes, made):
    return [(note["row"], note["play"], note["again"]) for note in notes(made.events, "confirmed")]


def test_a_play_that_meets_nothing_wrong_returns(embedded, run_on, play):
    assert run_on(embedded()).perform(play(anonymous)) is None


def test_a_play_that_meets_something_wrong_says_what(embedded, run_on, play):
    with pytest.raises(Broken, match=r"SEC-001 FAIL \(Authorization\).*\n  expected .*\n  observed HTTP 200"):
        run_on(embedded("lets-strangers-in")).perform(play(anonymous))


def test_a_finding_is_provoked_once_more(embedded, run_on, play, notes):
    made = embedded("lets-strangers-in")
    with pytest.raises(Broken):
        run_on(made).perform(play(anonymous))
    assert ("SEC-001", "a.play", "yes") in confirmed(notes, made)


def test_a_finding_that_does_not_come_again_is_told_as_such(embedded, run_on, play, notes):
    made = embedded("lets-strangers-in")
    sends = iter([ANONYMOUS, LIST])

    def first_time_only(desk):
        yield next(sends)

    with pytest.raises(Broken):
        run_on(made).perform(play(first_time_only))
    assert ("SEC-001", "a.play", "no") in confirmed(notes, made)


def test_what_was_confirmed_is_not_provoked_again(embedded, run_on, play, notes, calls):
    made = embedded("lets-strangers-in")
    run = run_on(made)
    for name in ("a.play", "b.play"):
        with pytest.raises(Broken):
            run.perform(play(anonymous, name))
    assert {name for _, name, _ in confirmed(notes, made)} == {"a.play"}
    assert len([call for call in calls(made.events) if call.play == "b.play"]) == 1


def test_a_play_that_finds_no_ground_is_skipped(embedded, run_on, play):
    with pytest.raises(Skipped, match="nothing there"):
        run_on(embedded()).perform(play(nothing_there))


def test_a_play_that_breaks_down_makes_the_run_an_error(embedded, run_on, play):
    run = run_on(embedded())
    with pytest.raises(Crashed, match="ZeroDivisionError: ours"):
        run.perform(play(wrong))
    ledger = run.finish()
    assert ledger.verdict is RunVerdict.ERROR
    assert ledger.reasons == ("a.play broke down: ZeroDivisionError: ours",)


def test_the_reason_of_a_skipped_play_reaches_the_rows_it_aims_at(embedded, run_on, play):
    run = run_on(embedded())
    with pytest.raises(Skipped):
        run.perform(play(nothing_there, aims=("SEC-003",)))
    assert run.finish().row("SEC-003").reason == "a.play was skipped: nothing there"


def test_what_is_not_selected_is_told_as_left_out(embedded, run_on):
    run = run_on(embedded(), only="transport.*")
    run.prepare()
    assert {play.name.partition(".")[0] for play in run.plays()} == {"transport"}
    assert "not selected by --only transport.*" in run.finish().row("SEC-005").reason


def test_the_probes_below_http_find_a_right_server_right(embedded, run_on):
    run = run_on(embedded())
    run.probe()
    assert run.finish().row("SEC-009").standing == "PASS"


def test_an_authority_that_is_not_the_expected_one_is_found_and_looked_at_again(embedded, run_on, notes):
    made = embedded(thumbprint="00" * 20)
    with pytest.raises(Broken, match="SEC-009"):
        run_on(made).probe()
    assert confirmed(notes, made) == [("SEC-009", "probe.tls", "yes")]


def test_a_server_without_tls_is_found_to_answer_plain_http(answering, run_on):
    with pytest.raises(Broken, match="SEC-010"):
        run_on(answering(Response(401))).probe()


def test_where_plain_http_reaches_nothing_and_tls_is_not_spoken_nothing_can_be_said_of_tls(answering, run_on):
    with pytest.raises(Skipped, match="not reached over HTTPS"):
        run_on(answering(Response(400))).probe()


def test_what_was_mixed_and_decided_nothing_is_performed_once_more_alone(answering, run_on, play, calls, monkeypatch):
    listing = play(lambda desk: (yield desk.send("list_stations")), "listing", aims=("TRN-001",))
    pausing = play(lambda desk: (yield Pause()), "pausing", aims=("PAT-001",))
    monkeypatch.setattr("conformance.suite.run.collect", lambda spec: (listing, pausing))
    made = answering(embedded=False, granted=Tier.FULL)
    run = run_on(made, only="*ing")
    for each in run.plays():
        with contextlib.suppress(Broken):
            run.perform(each)
    run.look_again()
    begun = [event.data["play"] for event in made.events if getattr(event, "data", {}).get("phase") == "begin"]
    assert begun.count("listing") == 2  # it was broken, and provoked once more
    assert begun[-1] == "pausing"
    assert begun.count("pausing") == 2


def test_what_was_performed_in_order_needs_no_second_look(answering, run_on):
    with pytest.raises(Skipped, match="no plays were mixed"):
        run_on(answering()).look_again()


@pytest.mark.parametrize("generator", ["explore", "fuzz"])
def test_nothing_is_generated_for_a_server_that_may_not_be_written_to(answering, run_on, calls, generator):
    made = answering(embedded=False)
    with pytest.raises(Skipped, match="--allow-writes"):
        getattr(run_on(made), generator)()
    assert calls(made.events) == []


def test_a_budget_without_calls_leaves_schemathesis_out(embedded, run_on):
    with pytest.raises(Skipped, match="the tiny budget has no calls for it"):
        run_on(embedded()).fuzz()


def test_what_schemathesis_meets_is_told_once_per_row(embedded, run_on):
    budget = Budget("small", Search(0, 0, 0), fuzz_calls=60)
    with pytest.raises(Broken) as broken:
        run_on(embedded("lacks-a-method"), budget).fuzz()
    told = [line.partition(" ")[0] for line in str(broken.value).splitlines() if " FAIL (" in line]
    assert told
    assert sorted(told) == sorted(set(told))


def test_what_the_machine_meets_is_told(embedded, run_on):
    budget = Budget("small", Search(examples=3, steps=20, tries=10), fuzz_calls=0)
    with pytest.raises(Broken, match="FAIL"):
        run_on(embedded("lacks-a-method"), budget).explore()


@pytest.mark.parametrize(
    ("generator", "place"),
    [("explore", "machine.Explorer.explore"), ("probe", "run.Prober.versions"), ("fuzz", "fuzz.Fuzzer.run")],
)
def test_a_generator_that_breaks_down_makes_the_run_an_error(embedded, run_on, monkeypatch, generator, place):
    monkeypatch.setattr(f"conformance.suite.{place}", lambda self: 1 // 0)
    run = run_on(embedded(), Budget("small", Search(1, 1, 1), fuzz_calls=1))
    with pytest.raises(Crashed, match="ZeroDivisionError"):
        getattr(run, generator)()
    assert run.finish().verdict is RunVerdict.ERROR


def test_a_run_that_was_cut_short_is_never_a_pass(embedded, run_on):
    ledger = run_on(embedded()).finish(cut_short=True)
    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert ledger.reasons[0].startswith("the recording was cut short after event")


def test_a_budget_may_leave_plays_out_and_says_so(embedded, run_on, notes):
    made = embedded()
    run = run_on(made, Budget("hasty", Search(0, 0, 0), fuzz_calls=0, plays={"security.no-effect": 1}))
    run.prepare()
    assert [play.name for play in run.plays()] == ["security.no-effect"]
    assert {note["reason"] for note in notes(made.events, "skipped")} == {"left out by --budget hasty"}


def test_what_is_asked_for_by_name_is_played_whatever_the_budget(embedded, run_on):
    budget = Budget("hasty", Search(0, 0, 0), fuzz_calls=0, plays={"security.no-effect": 1})
    run = run_on(embedded(), budget, only="security.every-user")
    assert [play.name for play in run.plays()] == ["security.every-user"]


def test_a_budget_without_sequences_says_so(embedded, run_on):
    with pytest.raises(Skipped, match="the hasty budget has no calls for it"):
        run_on(embedded(), Budget("hasty", Search(0, 0, 0), fuzz_calls=0)).explore()
