"""The plays of a quick run: they exist, find nine faults of ten, and stay quick."""

from conformance.spec import load
from conformance.suite import scenario
from conformance.suite.budget import STAGES
from conformance.suite.plays import collect
from conformance.suite.quick import QUICK
from tests.honesty import quick

SAMPLE = 80
"""Every so many-th of the faults is tried here; ``python -m tests.honesty quick`` tries them all."""
MOST_CALLS = 700


def test_every_play_named_there_exists():
    spec = load()
    assert set(QUICK) <= {play.name for play in (*collect(spec), *scenario.plays(spec))}


def test_every_fault_named_there_exists():
    assert {fault for _, faults in QUICK.values() for fault in faults} <= set(quick.faults_of_plays())


def test_nine_faults_of_ten_are_found():
    found = {fault for _, faults in QUICK.values() for fault in faults}
    assert len(found) >= quick.SHARE * len(quick.faults_of_plays())


def test_what_is_said_to_be_found_is_found():
    found = [fault for _, faults in QUICK.values() for fault in faults]
    assert [fault for fault in sorted(found)[::SAMPLE] if not quick.seen(fault, STAGES)[1]] == []


def test_it_takes_few_calls():
    assert quick.calls(STAGES) < MOST_CALLS


def test_what_it_must_have_seen_is_what_its_plays_decide():
    assert sorted(load().profile["server-quick"].mandatory) == sorted(quick.rows_seen(STAGES))


def test_the_most_faults_per_call_come_first_and_as_much_of_a_play_as_it_takes():
    found = {"a": {"long": 1, "short": 1}, "b": {"long": 1}, "c": {"long": 3}, "d": {}}
    cost = {("long", 1): 4, ("long", 2): 6, ("long", 3): 8, ("short", 1): 3}
    assert quick.cover(found, cost, 0.5) == {"long": 1}
    assert quick.cover(found, cost, 1.0) == {"long": 3}
