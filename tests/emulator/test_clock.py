"""Two kinds of time."""

from __future__ import annotations

from datetime import UTC, datetime

from conformance.emulator.clock import RealClock, SteppedClock
from conformance.wire import TICKS_PER_SECOND, ticks_of

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def test_a_stepped_clock_moves_with_calls_only():
    clock = SteppedClock(0.5, MOMENT)
    assert (clock.now_s(), clock.ticks()) == (0.0, ticks_of(MOMENT))
    clock.tick()
    clock.advance(2.0)
    assert (clock.now_s(), clock.ticks()) == (2.5, ticks_of(MOMENT) + 25 * TICKS_PER_SECOND // 10)


def test_a_real_clock_moves_by_itself_and_can_skip():
    clock = RealClock(monotonic=lambda: 7.0, today=lambda: MOMENT)
    clock.tick()
    assert clock.now_s() == 7.0
    clock.advance(3.0)
    assert (clock.now_s(), clock.ticks()) == (10.0, ticks_of(MOMENT) + 3 * TICKS_PER_SECOND)


def test_no_clock_goes_back():
    for clock in (SteppedClock(), RealClock(monotonic=lambda: 7.0)):
        before = clock.now_s()
        clock.advance(-5.0)
        assert clock.now_s() == before
