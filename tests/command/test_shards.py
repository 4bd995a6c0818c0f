"""How a run is dealt out to shards, and what the end of a shard says."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from conformance.command.dealing import exit_code_of, played_elsewhere, plays_dealt, print_end, scenarios_dealt, word_of
from conformance.command.shards import Shard, dealt, in_header, shard_from
from conformance.judge import Terms, Waiver
from conformance.spec.scenarios import pms_scenarios
from conformance.trace import NoteKind, call, note

KEPT, BROKEN = call("list_stations", answer=[]), call("list_stations", answer=[]).refused(400)
COUNTS = [1, 2, 3, 5, 8]


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("2/3", Shard(2, 3)), ("10/12", Shard(10, 12))])
def test_a_shard_is_a_number_of_a_count(text, shard):
    assert shard_from(text) == shard
    assert str(shard) == text


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1", "1/0", "-1/2", "1/2/3", "a/b", " 1/2"])
def test_anything_else_is_no_shard(text):
    with pytest.raises(ValueError, match=r"expected NUMBER/COUNT"):
        shard_from(text)


def test_the_dearest_are_dealt_first_and_to_whoever_has_least():
    assert dealt({"a": 1, "b": 5, "c": 2, "d": 2}, 2) == {"b": 1, "c": 2, "d": 2, "a": 1 + 1}


def test_what_is_dealt_depends_on_names_and_not_on_their_order():
    assert dealt({"a": 1, "b": 1, "c": 1}, 2) == dealt({"c": 1, "b": 1, "a": 1}, 2)


@pytest.mark.parametrize("count", COUNTS)
def test_all_shards_of_a_server_play_everything_once(real_spec, count):
    everything = set(plays_dealt(real_spec, 1))
    own = [everything - set(played_elsewhere(real_spec, Shard(number, count))) for number in range(1, count + 1)]

    assert sorted(name for names in own for name in names) == sorted(everything)


@pytest.mark.parametrize("count", COUNTS)
def test_all_shards_of_a_pms_play_everything_once(real_spec, count):
    everything = pms_scenarios(real_spec)
    own = [scenarios_dealt(everything, Shard(number, count))[0] for number in range(1, count + 1)]

    assert sorted(each.name for played in own for each in played) == sorted(each.name for each in everything)


@pytest.mark.parametrize("count", COUNTS)
def test_shards_of_a_server_have_about_as_many_plays(real_spec, count):
    numbers = list(plays_dealt(real_spec, count).values())
    played = [numbers.count(number) for number in range(1, count + 1)]

    assert max(played) - min(played) <= 30


def test_the_generators_are_in_different_shards(real_spec):
    numbers = plays_dealt(real_spec, 2)

    assert {numbers["schemathesis"], numbers["machine"]} == {1, 2}


def test_scenarios_that_wait_by_the_clock_of_the_world_are_in_different_shards(real_spec):
    own, elsewhere = scenarios_dealt(pms_scenarios(real_spec), Shard(1, 2))

    assert len({"hang", "long-waits"} & {each.name for each in own}) == 1
    assert all(why == "it belongs to shard 2/2" for _, why in elsewhere)


def test_what_is_played_elsewhere_is_said_with_its_shard(real_spec):
    assert set(played_elsewhere(real_spec, Shard(1, 3)).values()) == {
        *("it belongs to shard 2/3", "it belongs to shard 3/3"),
    }


def test_the_header_tells_one_set_of_plays_from_another():
    one, same, other = (in_header(Shard(1, 2), names) for names in (["a", "b"], ["b", "a"], ["a"]))

    assert one == same
    assert one["shard"] == "1/2"
    assert one["sharded"] != other["sharded"]


# -- the end --------------------------------------------------------------------------------------------------


@pytest.fixture
def part(small):
    """``part(sketch)`` -> the ledger of shard 1 of 2."""

    def ended(sketch, shard="1/2", **terms):
        rows = (small.requirement("ONE-001"), small.requirement("TWO-001"))
        spec = small.spec(*rows)
        rules = small.rules("ONE-001") | {"TWO-001": small.rule("TWO-001", lambda *seen: None)}
        about = {"shard": shard} if shard else {}
        return small.run(sketch, spec, rules, terms=Terms(spec.profiles[0], **terms), about=about)

    return ended


def told(ledger):
    console = Console(file=StringIO(), width=200)
    print_end(ledger, console)
    return console.file.getvalue()


OTHERS = note(NoteKind.SKIPPED, play="x", reason="it belongs to shard 2/2", aims="TWO-001", whose="shard")


def test_a_shard_in_which_nothing_was_broken_is_a_part_and_ends_with_zero(part):
    ledger = part(KEPT + OTHERS)

    assert (word_of(ledger), exit_code_of(ledger)) == ("PART", 0)
    assert "PART  Shard 1/2 of a run. Nothing was broken in it, and it has no verdict of its own." in told(ledger)
    assert "1 of 2 mandatory rows were decided in it\n  1 belong to other shards\n" in told(ledger)
    assert "INCOMPLETE" not in told(ledger)


def test_a_row_that_this_shard_should_have_seen_is_named(part):
    assert "  1 have not been seen yet: TWO-001\n" in told(part(KEPT))


def test_a_breach_in_a_shard_is_one_of_the_run(part):
    ledger = part(BROKEN + OTHERS)

    assert (word_of(ledger), exit_code_of(ledger)) == ("FAIL", 1)
    assert "FAIL  Shard 1/2 of a run. Something was broken in it" in told(ledger)


def test_a_rule_that_broke_down_in_a_shard_leaves_it_undecided(part):
    assert exit_code_of(part(call("list_stations", answer=[]).refused(418))) == 2


def test_a_shard_that_was_broken_off_is_undecided(part):
    ledger = replace(part(KEPT), reasons=("the recording was cut short after event 2",))

    assert (word_of(ledger), exit_code_of(ledger)) == ("INCOMPLETE", 2)


def test_a_waiver_that_this_shard_does_not_need_may_be_needed_in_another(part):
    waiver = Waiver("ONE-001", "QA", "fixed soon", "2030-01-01")

    assert exit_code_of(part(KEPT + OTHERS, waivers=(waiver,))) == 0


def test_a_run_that_is_no_shard_ends_as_ever(part):
    ledger = part(KEPT, shard="")

    assert (word_of(ledger), exit_code_of(ledger)) == ("INCOMPLETE", 2)
    assert "INCOMPLETE" in told(ledger)
    assert exit_code_of(replace(ledger, about={"shard": "1/2"})) == 0
