"""How fast a run may call, and how often."""

from types import SimpleNamespace

import pytest

from conformance.drive import Allowance, CallsSpent


@pytest.fixture
def made():
    """``made(...)`` -> an allowance, and how long it has slept."""

    def make(**limits):
        state = SimpleNamespace(now_s=100.0, slept=[])

        def sleep(seconds):
            state.slept.append(seconds)
            state.now_s += seconds

        return Allowance(lambda: state.now_s, sleep=sleep, **limits), state

    return make


def test_calls_keep_their_distance(made):
    allowance, state = made(between_calls_s=5)
    for _ in range(3):
        allowance.take()
    assert state.slept == [5, 5]


def test_no_waiting_where_time_passed_anyway(made):
    allowance, state = made(between_calls_s=5)
    allowance.take()
    state.now_s += 7
    allowance.take()
    assert state.slept == []


def test_calls_made_at_once_are_waited_for_afterwards(made):
    allowance, state = made(between_calls_s=2)
    allowance.take(3)
    allowance.take()
    assert state.slept == [6]


def test_no_call_beyond_the_last(made):
    allowance, _ = made(most_calls=2)
    allowance.take()
    with pytest.raises(CallsSpent, match=r"all 2 calls are spent \(--max-calls\)"):
        allowance.take(2)
    allowance.take()
    with pytest.raises(CallsSpent):
        allowance.take()
    assert allowance.taken == 2
