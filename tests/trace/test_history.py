"""What the history answers at once, however long it is."""

import pytest

from conformance.spec import default_folder, load
from conformance.trace import Exchange, History, NoteKind, call, guid, note, poll, realise
from conformance.trace.history import once

SPEC = load(default_folder())
CREATE = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
PRESSED = note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="merge", button="new")
SAVED = note(NoteKind.DECISION, operation=str(guid(1)), station=str(guid(7)), dialog="new_patient", button="save")


@pytest.fixture
def history():
    return History(SPEC)


@pytest.fixture
def told(history):
    """Takes a sketch in; returns its exchanges."""

    def take_in(sketch):
        seen = [history.append(event) for event in realise(sketch, SPEC)]
        return [each for each in seen if isinstance(each, Exchange)]

    return take_in


def test_a_thought_is_worked_out_once_until_the_next_event(history, told):
    asked = []
    think = once(lambda history, about: asked.append(about))
    think(history, 1)
    think(history, 1)
    think(history, 2)
    told(call("list_stations", answer=[]))
    think(history, 1)

    assert asked == [1, 2, 1]


def test_a_station_counts_as_used_once_it_was_given_an_operation(history, told):
    told(CREATE)

    assert [history.was_used(guid(number)) for number in (7, 8)] == [True, False]


def test_all_that_was_pressed_for_an_operation_is_known_in_order(history, told):
    told(CREATE + PRESSED + SAVED)

    assert [noted.data["button"] for noted in history.decisions(history.operations[0])] == ["new", "save"]
    assert history.decision(history.operations[0]).data["button"] == "save"


def test_an_operation_keeps_the_final_statuses_that_were_seen_of_it(history, told):
    told(CREATE + poll(1, "accepted") + poll(1, "processed"))

    assert [name for name, _ in history.operations[0].ends] == ["processed"]


def test_the_first_search_that_shows_a_case_is_known(history, told):
    search = call("find_cases", integration_id="A", answer=[{"case": guid(5)}])
    first, _ = told(search + search)

    assert history.first_listed(guid(5)) is first
    assert history.first_listed(guid(6)) is None


def test_searches_and_fetches_of_an_image_are_known_by_both_ids(history, told):
    images = [{"image": guid(7), "name": "a.png"}]
    search = call("find_cases", integration_id="A", answer=[{"case": guid(5), "images": images}])
    listing, fetch = told(search + call("fetch_image", case=5, image=7))

    assert history.cases.listings_of_image(guid(5), guid(7)) == [listing]
    assert history.cases.fetches_of_image(guid(5), guid(7)) == [fetch]
    assert history.cases.fetches_of_image(guid(7), guid(5)) == ()
