"""Generated sequences: quiet on a right server, short and confirmed on a wrong one, the same for the same seed."""

import gc
import weakref

import pytest

from conformance.suite.budget import MACHINE, Search
from conformance.suite.machine import SHORTEST, Explorer

SMALL = Search(examples=3, steps=20, tries=40)


@pytest.fixture
def explored(embedded):
    """``explored(faults)`` -> what was found, and the stage on which."""

    def explore(*faults, search=SMALL):
        made = embedded(*faults)
        made.found = Explorer(made.stage, made.oracle, search).explore()
        return made

    return explore


def targets(made, calls):
    return [call.request.target for call in calls(made.events)]


def test_nothing_is_found_in_a_right_server(explored, calls):
    made = explored()
    assert made.found == []
    assert len(calls(made.events)) > SMALL.examples * SMALL.steps // 2


def test_the_same_seed_sends_the_same_calls(explored, calls):
    assert targets(explored(), calls) == targets(explored(), calls)


def test_every_method_gets_its_turn(explored, calls, spec):
    made = explored(search=Search(examples=8, steps=30, tries=0))
    sent = "\n".join(targets(made, calls))
    assert [method.name for method in spec.methods if f"/{method.name}" not in sent] == []


def test_what_is_broken_is_found_and_provoked_once_more(explored, notes):
    made = explored("lacks-a-method")
    rows = [found.breach.requirement for found in made.found]
    assert rows
    confirmed = notes(made.events, "confirmed")
    assert [(note["row"], note["play"], note["again"]) for note in confirmed] == [(row, MACHINE, "yes") for row in rows]


def test_the_shortest_sequence_stands_in_the_recording_under_its_own_name(explored, calls):
    made = explored("lacks-a-method")
    [row] = [found.breach.requirement for found in made.found[:1]]
    shortest = [call for call in calls(made.events) if call.play == f"{SHORTEST}.{row}"]
    assert 0 < len(made.found[0].steps) <= SMALL.steps
    assert shortest


def test_each_row_is_found_once(explored):
    rows = [found.breach.requirement for found in explored("lacks-a-method").found]
    assert len(rows) == len(set(rows))


def test_what_was_known_before_is_not_found_again(explored, embedded):
    made = explored("lacks-a-method")
    again = Explorer(made.stage, made.oracle, SMALL).explore()
    assert {found.breach.requirement for found in again}.isdisjoint(f.breach.requirement for f in made.found)


def test_no_more_sequences_are_begun_than_allowed(explored):
    made = explored("lacks-a-method")
    explorer = Explorer(made.stage, made.oracle, Search(examples=2, steps=5, tries=0))
    explorer.explore()
    assert explorer.spent <= 2


def test_nothing_of_an_exploration_is_kept_when_it_is_over(embedded):
    made = embedded()
    explorer = Explorer(made.stage, made.oracle, Search(examples=1, steps=5, tries=0))
    explorer.explore()
    gone = weakref.ref(explorer)
    del explorer
    gc.collect()
    assert gone() is None


def test_a_status_kept_too_long_is_found_and_needs_no_more_operations_than_it_takes(explored, spec):
    [found] = explored("keeps-one-more", search=Search(examples=25, steps=30, tries=60)).found
    assert len(found.steps) == spec.kept_operations + 1
    assert found.again
