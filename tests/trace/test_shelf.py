"""What was put away comes back as it was, and judgements do not depend on what is at hand."""

import pytest

from conformance.judge import Monitor
from conformance.spec import load
from conformance.trace import History, Recorded, call, note, poll, realise
from conformance.trace.events import NoteKind
from conformance.trace.exchange import read
from conformance.trace.journal import Journal, Pages
from conformance.trace.shelf import Shelf

SPEC = load()
CASE = {"case": "?", "integration_id": "A", "images": [{"image": "?", "name": "photo.jpeg"}]}
TWICE = (
    note(NoteKind.FRESH, role="integration_id", value="A")
    + call("create_patient", integration_id="A", last_name="Fox", operation=1)
    + poll(1, "awaiting")
    + poll(1, "processed")
    + call("find_cases", integration_id="A", answer=[CASE])
    + call("create_patient", integration_id="A", last_name="Fox", operation=2)
    + poll(2, "integration_id_taken")
    + call("find_cases", integration_id="A", answer=[])
)


@pytest.fixture
def events():
    return realise(TWICE, SPEC)


@pytest.fixture
def pages(events, tmp_path):
    """Of a journal with these events, of which two are kept in memory."""
    with Journal(tmp_path / "run.jsonl", {}) as journal:
        for event in events:
            journal.append(event)
    return Pages(tmp_path / "run.jsonl", keep=2)


def test_an_exchange_comes_back_as_it_was(pages, events):
    history = History(SPEC, Shelf(SPEC, pages.exchange, room=1))

    for event in pages:
        history.append(event)

    whole = [read(event, SPEC) for event in events if isinstance(event, Recorded)]
    assert [each.event for each in history.exchanges] == [each.event for each in whole]
    assert [each.document for each in history.exchanges] == [each.document for each in whole]
    assert [each.pairs for each in history.exchanges] == [each.pairs for each in whole]


def test_only_so_many_are_whole(pages):
    history = History(SPEC, Shelf(SPEC, pages.exchange, room=2))

    for event in pages:
        history.append(event)

    assert [each.at_hand for each in history.exchanges] == [False] * 5 + [True] * 2


def test_the_ledger_does_not_depend_on_what_is_at_hand(pages, events):
    few, all_of_them = Monitor(SPEC, shelf=Shelf(SPEC, pages.exchange, room=1)), Monitor(SPEC)

    for event in pages:
        few.feed(event)
    for event in events:
        all_of_them.feed(event)

    assert few.finish().to_json() == all_of_them.finish().to_json()


def test_pages_can_be_leafed_through_again(pages, events):
    assert list(pages) == events
    assert list(pages) == events
    assert (pages[0], pages[-1], list(pages[1:3]), len(pages)) == (events[0], events[-1], events[1:3], len(events))


def test_of_pages_exchanges_only_are_had_by_number(pages, events):
    last = list(pages)[-1]

    assert pages.exchange(last.number) == last
    with pytest.raises(LookupError, match="no exchange 1 so far"):
        pages.exchange(1)
