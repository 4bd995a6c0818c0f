"""What plays ask of a person: the figures are those of a run, and the order spares walking."""

from collections import Counter
from dataclasses import replace

import pytest

from conformance.drive.operators.words import cannot, needs_nobody
from conformance.suite import scenario
from conformance.suite.plays import collect
from conformance.suite.target import Target, Tier
from conformance.suite.trips import DIALOGS, ELSEWHERE, dialogs, in_trips, round_of, stations
from conformance.trace import NoteKind
from tests.honesty.inside import run_inside


@pytest.fixture(scope="module")
def every(spec):
    return (*collect(spec), *scenario.plays(spec))


@pytest.fixture(scope="module")
def decided(spec):
    """Play -> stations of the decisions for which a person is needed, in a run where everything goes well."""
    found, playing = {}, ""
    for event in run_inside(spec).events:
        data = dict(getattr(event, "data", ()))
        playing = data["play"] if "phase" in data else playing
        if getattr(event, "kind", None) is NoteKind.DECISION and not _nobody(data):
            found.setdefault(playing, []).append(data["station"])
    return found


def _nobody(decision):
    press = decision["dialog"], decision["button"]
    return needs_nobody(*press) or cannot(*press)


def test_as_many_dialogs_are_told_as_a_run_asks_for(every, decided):
    told = {play.name: dialogs(play) for play in every}
    assert {name: count for name, count in told.items() if count} == {name: len(at) for name, at in decided.items()}


def test_the_stations_are_those_that_a_run_goes_to(every, decided):
    first = Counter(at[0] for at in decided.values()).most_common(1)[0][0]
    elsewhere = {name for name, at in decided.items() if set(at) != {first}}
    assert {play.name for play in every if stations(play) == 2} == elsewhere


def test_no_play_has_figures_that_does_not_exist(every):
    assert {*DIALOGS, *ELSEWHERE} <= {play.name for play in every}


def test_first_comes_what_needs_nobody_then_one_station_then_the_others(every):
    trips = [stations(play) for play in in_trips(every)]
    assert trips == sorted(trips)
    assert set(trips) == {0, 1, 2}


def test_plays_of_one_trip_stay_in_their_order(every):
    ordered = in_trips(every)
    assert [play for play in ordered if not stations(play)] == [play for play in every if not stations(play)]


@pytest.fixture
def target(attended):
    return Target("http://x", (), None, attended, "q", 1, granted=Tier.FULL, fixtures=({"what": "station"},))


@pytest.fixture
def attended():
    class Somebody:
        def available(self):
            return True

        def decide(self, station, operation, dialog, button):
            """Says nothing."""

    return Somebody()


def test_a_round_is_what_all_plays_ask(every, target):
    told = round_of(every, target, 2)
    assert told.dialogs == sum(map(dialogs, every))
    assert (told.stations, told.minutes) == (2, -(-told.dialogs * 40 // 60))


def test_with_one_station_there_is_less_to_do_and_nowhere_to_walk(every, target):
    told = round_of(every, target, 1)
    assert told.dialogs < sum(map(dialogs, every))
    assert told.stations == 1


def test_what_the_target_lacks_is_not_asked_for(every, target):
    told = round_of([play for play in every if "fixtures" not in play.needs], target, 2)
    assert told.dialogs < round_of(every, target, 2).dialogs


def test_a_run_that_writes_nothing_needs_nobody(every, target):
    told = round_of(every, replace(target, granted=Tier.READ_ONLY), 2)
    assert (told.dialogs, told.stations, told.minutes) == (0, 0, 0)
