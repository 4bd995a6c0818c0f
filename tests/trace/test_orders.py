"""Orders given to a PMS bind together what it was told, the calls it made meanwhile, and what it says it understood."""

import pytest

from conformance.spec import load
from conformance.trace import History, NoteKind, call, done, order, realise, shown

LIST = call("list_stations", answer=[])
CASE = shown("case", case=5, sent="")
NAMED = order("find_cases", person="17", last_name="Fox")


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def orders(spec):
    """``orders(sketch)`` -> the orders of its history, and the history."""

    def made(sketch):
        history = History(spec)
        for event in realise(sketch, spec):
            history.append(event)
        return history.orders.all, history

    return made


def test_an_order_holds_the_calls_made_while_it_was_open(orders):
    [first, second], history = orders(LIST + order("list_stations") + LIST + done() + LIST + order("reset", "2") + LIST)

    assert [exchange.number for exchange in first.exchanges] == [4]
    assert len(second.exchanges) == 1
    assert history.orders.of(history.exchanges[0]) is None
    assert history.orders.of(history.exchanges[1]) is first


def test_an_order_tells_what_was_answered(orders):
    [answered], _ = orders(order("update_patient") + done("refused", status_code="105", told="yes"))

    assert (answered.answer, answered.status_code, answered.told) == ("refused", 105, True)


def test_an_order_without_an_answer_has_none(orders):
    [lost], _ = orders(order("update_patient") + LIST)

    assert (lost.answer, lost.status_code, lost.told, lost.end) == ("", None, False, None)


def test_what_was_shown_belongs_to_its_order(orders):
    [told], history = orders(NAMED + CASE + done())

    assert [item["what"] for item in told.items("case")] == ["case"]
    assert told.items("image") == []
    assert history.orders.told_by(history.notes(NoteKind.SHOWN)[0]) is told


def test_who_is_meant_is_told_by_tokens_only(orders):
    [told], _ = orders(NAMED)

    assert told.person.startswith("~")
    assert "Fox" not in str(told.data)


def test_the_same_value_has_the_same_token_in_an_order_and_in_a_call(orders):
    [told], history = orders(NAMED + call("create_patient", last_name="Fox", integration_id="A"))

    assert history.exchanges[0].values["last_name"] == told.data["last_name"]
