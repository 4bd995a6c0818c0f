"""Calls that are made alone and then all at once."""

from types import SimpleNamespace

import pytest

from conformance.suite.play import AtOnce, Send
from conformance.suite.together import alone_and_together

LIST, FIND = Send("list_stations", {}), Send("find_cases", {"integration_id": "A"})


def one(send):
    return (yield send)


@pytest.fixture
def asked():
    """What the steps ask for, with two rounds."""
    names = iter("abc")
    return list(alone_and_together(SimpleNamespace(text=lambda prefix: next(names), one=one), [LIST, FIND]))


def test_each_is_made_alone_first(asked):
    assert [(send.role, send.probe.pair, send.probe.arm) for send in asked[:2]] == [
        ("list_stations", "a", "twin"),
        ("find_cases", "b", "twin"),
    ]


def test_then_all_are_made_at_once_with_another_one_first_each_time(asked):
    assert [isinstance(each, AtOnce) for each in asked[2:4]] == [True, True]
    assert [[send.probe.pair for send in each.sends] for each in asked[2:4]] == [["a", "b"], ["b", "a"]]


def test_each_round_is_an_arm_of_its_own(asked):
    assert [{send.probe.arm for send in each.sends} for each in asked[2:4]] == [{"at-once-1"}, {"at-once-2"}]


def test_at_last_each_is_made_alone_again(asked):
    assert [(send.probe.pair, send.probe.arm) for send in asked[4:]] == [("a", "afterwards"), ("b", "afterwards")]
