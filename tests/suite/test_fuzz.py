"""Schemathesis as a producer: bounded, recorded, reproducible, and judged by nobody but the rules."""

import pytest

from conformance.suite.budget import FUZZ
from conformance.suite.fuzz import Fuzzer

CALLS = 60
READING = ("list_stations", "get_status", "remove_operation", "find_cases", "fetch_image")


@pytest.fixture
def fuzzed(embedded):
    """``fuzzed(faults)`` -> the stage on which it took place."""

    def fuzz(*faults, **changes):
        made = embedded(*faults, **changes)
        made.fuzzer = Fuzzer(made.stage, made.oracle, CALLS)
        made.fuzzer.run()
        return made

    return fuzz


def sent(made, calls):
    return [call for call in calls(made.events) if call.who == FUZZ]


def test_the_number_of_calls_is_limited(fuzzed, calls):
    assert CALLS // 2 < len(sent(fuzzed(), calls)) <= CALLS


def test_the_same_seed_sends_the_same_calls(fuzzed, calls):
    first, second = ([call.request.target for call in sent(fuzzed(), calls)] for _ in range(2))
    assert first == second


def test_a_right_server_breaks_nothing(fuzzed):
    assert fuzzed().oracle.breaches == []


def test_operations_have_ids_that_are_asked_about_afterwards(fuzzed, calls):
    targets = [call.request.target for call in sent(fuzzed(), calls)]
    started = [target for target in targets if "/CreatePatient?" in target]
    asked = [target.partition("Id=")[2] for target in targets if "/GetRequestStatusById?" in target]
    assert [target for target in started if not any(operation in target for operation in asked)] == []


def test_what_is_broken_is_provoked_once_more(fuzzed, notes):
    made = fuzzed("lacks-a-method")
    rows = {breach.requirement for breach in made.oracle.breaches}
    assert rows
    confirmed = notes(made.events, "confirmed")
    assert {note["row"] for note in confirmed} == rows
    assert {(note["play"], note["again"]) for note in confirmed} == {(FUZZ, "yes")}


def test_a_server_that_may_not_be_written_to_gets_no_operations(fuzzed, calls, spec):
    targets = [call.request.target for call in sent(fuzzed(embedded=False), calls)]
    methods = {target.partition("?")[0].rpartition("/")[2] for target in targets}
    assert methods
    assert methods <= {spec.method[role].name for role in READING}
