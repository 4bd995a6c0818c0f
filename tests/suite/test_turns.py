"""Plays that take turns: what overlaps, what does not, and what is performed once more."""

from itertools import groupby

import pytest

from conformance.drive import Tier
from conformance.suite.performance import WITHOUT_ID, Ending, takes_places, touched
from conformance.suite.play import AtOnce, NotPossible, Pause, Send
from conformance.suite.turns import LOSSES, Turns, mixed

LIST = Send("list_stations", {})
HERE, THERE = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
STATIONS = tuple({"what": "station", "station": station} for station in (HERE, THERE))
OPERATION = "33333333-3333-3333-3333-333333333333"
LOOK = Send("get_status", {"operation": OPERATION})
AT_HERE, AT_THERE = (Send("select_patient", {"station": at, "operation": OPERATION}) for at in (HERE, THERE))


def asking(*asked):
    def steps(desk):
        for ask in asked:  # noqa: UP028 - what a play is sent back would be too much for a tuple's iterator
            yield ask

    return steps


@pytest.fixture
def taking_turns(answering, play, calls):
    """``taking_turns(lanes, name=what it asks...)`` -> the turns when all are through, and who called in what order."""

    def go(lanes, needs=None, **asked):
        made = answering(embedded=False, granted=Tier.FULL, fixtures=STATIONS)
        made.stage.find_stations()
        turns = Turns(made.stage, lanes)
        needs = needs or {}
        plays = [play(asking(*each), name, needs=needs.get(name, ())) for name, each in asked.items()]
        turns.expect(plays)
        made.performed = [turns.until(each) for each in plays]
        made.callers = [event.play for event in calls(made.events)]
        return made

    return go


def test_while_one_play_waits_the_others_go_on(taking_turns):
    made = taking_turns(2, a=(LIST, Pause(), LIST), b=(LIST, Pause(), LIST))
    assert made.callers == ["a", "b", "a", "b"]


def test_they_wait_at_the_same_time(taking_turns):
    waits = (LIST, *[Pause()] * 5, LIST)
    alone, together = taking_turns(1, a=waits, b=waits), taking_turns(2, a=waits, b=waits)
    assert sum(together.slept) < 0.6 * sum(alone.slept)


def test_in_one_lane_they_come_one_after_the_other(taking_turns):
    made = taking_turns(1, a=(LIST, Pause(), LIST), b=(LIST, Pause(), LIST))
    assert made.callers == ["a", "a", "b", "b"]


def test_no_more_are_under_way_than_there_are_lanes(taking_turns):
    made = taking_turns(2, a=(LIST,) * 3, b=(LIST,) * 3, c=(LIST,) * 3)
    assert set(made.callers[:4]) == {"a", "b"}


def test_a_play_that_counts_is_alone(taking_turns):
    made = taking_turns(3, {"b": ("alone",)}, a=(LIST, LIST), b=(LIST, LIST), c=(LIST, LIST))
    assert made.callers == ["a", "a", "b", "b", "c", "c"]


def test_a_station_that_one_play_uses_no_other_uses_until_it_ends(taking_turns):
    made = taking_turns(2, a=(AT_HERE, Pause(), LIST), b=(LIST, AT_HERE, LIST))
    assert made.callers == ["a", "b", "a", "b", "b"]


def test_at_different_stations_they_overlap(taking_turns):
    made = taking_turns(2, a=(AT_HERE, Pause(), AT_HERE), b=(AT_THERE, Pause(), AT_THERE))
    assert made.callers == ["a", "b", "a", "b"]


def test_plays_that_would_wait_for_one_another_both_come_to_an_end(taking_turns):
    made = taking_turns(2, a=(AT_HERE, AT_THERE), b=(AT_THERE, AT_HERE))
    assert [each.ending for each in made.performed] == [Ending.DONE] * 2


def test_what_came_of_a_play_is_known_however_late_it_is_asked_for(taking_turns):
    made = taking_turns(3, a=(LIST,) * 9, b=(LIST,), c=())
    assert [each.play.name for each in made.performed] == ["a", "b", "c"]


def test_a_play_that_finds_no_ground_leaves_the_others_alone(answering, play):
    def steps(desk):
        yield LIST
        raise NotPossible("no such patient")

    made = answering(embedded=False)
    turns = Turns(made.stage, 2)
    plays = [play(steps, "a"), play(asking(LIST, LIST), "b")]
    turns.expect(plays)
    assert [turns.until(each).ending for each in plays] == [Ending.SKIPPED, Ending.DONE]


class Loses:
    """A play that loses a status at its first attempt."""

    def __init__(self):
        self.attempts = 0

    def __call__(self, desk):
        self.attempts += 1
        desk.lost_statuses = int(self.attempts == 1)
        yield LIST


def test_a_play_that_lost_a_status_among_others_is_performed_once_more_alone(answering, play, calls):
    made = answering(embedded=False)
    turns = Turns(made.stage, 2)
    plays = [play(Loses(), "a"), play(asking(LIST, Pause(), LIST), "b"), play(asking(LIST), "c")]
    turns.expect(plays)
    assert [turns.until(each).ending for each in plays] == [Ending.DONE] * 3
    assert [event.play for event in calls(made.events)][-1] == "a"


def test_where_statuses_get_lost_plays_are_no_longer_mixed(answering, play, calls):
    made = answering(embedded=False)
    turns = Turns(made.stage, 2)
    losing = [play(Loses(), f"loses-{index}") for index in range(LOSSES)]
    plays = [*losing, *(play(asking(*[LIST, Pause()] * 3), f"later-{index}") for index in range(3))]
    turns.expect(plays)
    for each in plays:
        turns.until(each)
    later = [event.play for event in calls(made.events) if event.play != "later-0" and "later" in event.play]
    assert [name for name, _ in groupby(later)] == ["later-1", "later-2"]


def test_those_at_stations_come_first_and_those_that_must_be_alone_last(play):
    plays = [play(asking(), "a", needs=("alone",)), play(asking(), "b"), play(asking(), "c", needs=("operator",))]
    assert [each.name for each in mixed(plays)] == ["c", "b", "a"]


def test_while_one_waits_the_others_leave_its_status_in_place(taking_turns, spec):
    waits = (AT_HERE, *[Pause(), LOOK] * 9)
    made = taking_turns(2, a=waits, b=(LIST,) * 30)
    last_look = len(made.callers) - made.callers[::-1].index("a")
    assert made.callers[:last_look].count("b") <= spec.kept_operations - 2
    assert made.callers.count("b") == 30


@pytest.mark.parametrize(
    ("asked", "places"),
    [(Pause(), 0), (LIST, 1), (AT_HERE, 1), (LOOK, 0), (Send("remove_operation", {}), 0), (AtOnce((LIST, LOOK)), 1)],
)
def test_calls_that_may_push_a_status_out(asked, places):
    assert takes_places(asked) == places


@pytest.mark.parametrize(
    ("asked", "things"),
    [
        (None, set()),
        (Pause(), set()),
        (LIST, set()),
        (Send("select_patient", {"station": HERE, "operation": THERE}), {HERE}),
        (Send("find_cases", {"integration_id": "P1"}), {"p1"}),
        (Send("create_patient", {"integration_id": "new", "operation": HERE}), set()),
        (Send("create_patient", {"integration_id": "new"}), {WITHOUT_ID}),
        (Send("get_status", {"operation": "00000000-0000-0000-0000-000000000000"}), {WITHOUT_ID}),
        (AtOnce((Send("find_cases", {"integration_id": "P1"}), AT_HERE)), {"p1", HERE}),
    ],
)
def test_what_a_call_has_in_common_with_those_of_other_plays(spec, asked, things):
    assert touched(asked, frozenset({HERE, "p1"}), spec) == things
