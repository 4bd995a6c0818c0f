"""What a report tells of the orders that a PMS was given."""

from dataclasses import replace

import pytest

from conformance.report.scenes import MOST_ORDERS, Scenes, _limited
from conformance.spec import load
from conformance.trace import History, Note, NoteKind, call, realise

SPEC = load()


def played(orders):
    """A history in which a PMS was given so many orders, each of which it met with one call."""
    history, number = History(SPEC), 1
    history.append(Note(0, 0.0, NoteKind.PLAY, {"play": "a-scene", "phase": "begin", "title": "Somebody is found"}))
    [listed] = list(realise(call("list_stations", answer=[]), SPEC))[-1:]
    for order in map(str, range(1, orders + 1)):
        begin = {"order": order, "play": "a-scene", "phase": "begin", "does": "list_stations", "last_name": "~fox"}
        shown = {"order": order, "what": "station", "fields": "hostname busy", "hostname": "ROOM-1", "busy": ""}
        end = {"order": order, "phase": "end", "answer": "done", "status_code": "4", "told": "yes"}
        events = [
            Note(number, float(number), NoteKind.ORDER, begin),
            replace(listed, number=number + 1, who="pms", started_s=float(number), finished_s=number + 0.5),
            Note(number + 2, number + 0.6, NoteKind.SHOWN, shown),
            Note(number + 3, number + 0.7, NoteKind.ORDER, end),
        ]
        for event in events:
            history.append(event)
        number += 4
    return Scenes(history, {})


def test_an_order_tells_what_was_said_called_answered_and_shown():
    scene = played(1).of(("a-scene",), (2,))
    [told] = scene.orders

    assert (scene.title, told.does, told.details) == ("Somebody is found", "list stations", (("last_name", "~fox"),))
    assert told.calls[0].startswith("2. GetAvailableClientList: HTTP 200")
    assert told.answer == "done; the user was shown a message, status 4 named"
    assert told.shown == ("station: hostname ROOM-1",)


@pytest.mark.parametrize(("evidence", "judged"), [((2,), "1"), ((6,), "2"), ((2, 8), "2")])
def test_the_order_in_which_it_came_up_is_marked(evidence, judged):
    orders = played(3).of(("a-scene",), evidence).orders

    assert [told.order for told in orders if told.judged] == [judged]


def test_a_long_scene_is_cut_to_what_led_to_the_finding():
    scene = played(MOST_ORDERS + 5).of(("a-scene",), (4 * (MOST_ORDERS + 3) + 2,))

    assert (len(scene.orders), scene.left_out) == (MOST_ORDERS, 5)
    assert scene.orders[-1].judged


def test_what_a_finding_names_is_told_whatever_has_to_be_left_out():
    lines = [f"station: station {number}" for number in range(20)]

    assert _limited(lines, 3) == (*lines[:3], "... and 17 more")
    assert _limited(lines, 3, ["station 17"]) == (*lines[:2], lines[17], "... and 17 more")


def test_where_nobody_was_told_anything_there_is_no_scene():
    assert played(1).of(("another",), (2,)) is None
