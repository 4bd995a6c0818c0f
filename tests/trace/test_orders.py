"""Orders given to a PMS bind together what it was told, the calls it made meanwhile, and what it says it understood."""

import pytest

from conformance.spec import load
from conformance.trace import History, NoteKind, call, done, handed, invoke, order, realise, shown
from conformance.trace.handing import back, patient

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


FOX = order("send_by_command_line", person="17", last_name="Fox", birth_date="1970-02-28")
ROE = order("send_by_command_line", "2", person="18", last_name="Roe", birth_date="1970-03-01")
USED_FOR_FOX, USED_FOR_ROE = invoke("-last_name=Fox", "-birth_date=28.2.1970"), invoke("-last_name=Roe")


def test_a_use_that_fits_an_earlier_order_only_is_belated(orders):
    [first, second], history = orders(FOX + done() + ROE + USED_FOR_FOX + USED_FOR_ROE + done(name="2"))
    late, own = history.invocations

    assert (first.belated, second.aside, second.invocations) == ([late], [late], [own])
    assert history.orders.of(late) is None
    assert history.orders.belated(late) is first


def test_a_use_that_fits_no_order_belongs_to_the_open_one(orders):
    [_, second], _ = orders(FOX + USED_FOR_FOX + done() + ROE + invoke("-last_name=Ray") + done(name="2"))

    assert len(second.invocations) == 1


def test_a_use_after_the_last_order_is_known_by_its_record(orders):
    [first], history = orders(FOX + done() + USED_FOR_FOX)

    assert first.used
    assert history.orders.of(history.invocations[0]) is None


def test_an_answer_belongs_to_the_order_of_its_call(orders):
    sent = order("send_by_vdds", person="17", last_name="Fox") + handed(patient()) + done("failed")
    [first, second], history = orders(sent + order("send_by_vdds", "2", person="18") + handed(back(patient())))

    assert history.orders.of(history.handovers[1]) is first
    assert second.handovers == []


def test_a_call_waits_for_its_answer(orders):
    [told], _ = orders(order("send_by_vdds", person="17", last_name="Fox") + handed(patient()))
    [answered], _ = orders(order("send_by_vdds", person="17", last_name="Fox") + handed(patient(), back(patient())))

    assert (told.unanswered, answered.unanswered) == (True, False)
