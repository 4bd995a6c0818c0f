"""The picture of operations: nothing is lost from the table, and the picture stays small."""

import pytest

from conformance.report.timeline import MOST_BARS, timeline
from conformance.spec import load
from conformance.trace import History, call, poll, realise

SPEC = load()
MADE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", operation=2, station=7)


def drawn(sketch, evidence=()):
    history = History(SPEC)
    for event in realise(sketch, SPEC):
        history.append(event)
    return timeline(history, SPEC, evidence, {})


@pytest.mark.parametrize(
    ("sketch", "kinds"),
    [
        (MADE, ["open"]),
        (MADE + poll(1, "processed"), ["open", "done"]),
        (MADE + poll(1, "awaiting") + poll(1, "accepted") + poll(1, "processed"), ["open", "done"]),
        (MADE + poll(1, "integration_id_taken"), ["open", "ended"]),
    ],
)
def test_a_bar_tells_how_the_operation_went(sketch, kinds):
    [bar] = drawn(sketch).bars

    assert [part.kind for part in bar.parts] == kinds


def test_what_overlaps_lies_one_below_the_other_and_stations_have_lanes():
    picture = drawn(MADE + AT_STATION + poll(1, "processed") + poll(2, "processed"))

    assert next(lane.name for lane in picture.lanes) == "server"
    assert len({bar.y for bar in picture.bars}) == 2


def test_operations_that_are_not_drawn_are_counted():
    picture = drawn((MADE + poll(1, "processed")) * (MOST_BARS + 5))

    assert len(picture.bars) <= MOST_BARS
    assert picture.left_out == MOST_BARS + 5 - len(picture.bars)
    assert [count.operations for count in picture.counts] == [MOST_BARS + 5]


def test_operations_that_findings_rest_on_are_always_drawn():
    sketch = (MADE + poll(1, "processed")) * (2 * MOST_BARS)
    last = realise(sketch, SPEC)[-1].number

    assert [bar.found for bar in drawn(sketch, {last}).bars].count(True) == 1


def test_a_recording_without_operations_draws_nothing():
    assert drawn(call("list_stations", answer=[])).bars == ()
