"""Generated steps turned into calls, and lists of steps made short."""

from types import SimpleNamespace

import pytest

from conformance.suite.play import AtOnce
from conformance.suite.strategies import ABSENT, FRESH, NIL, Call, Look, Source, Together, Value
from conformance.suite.walk import Walk, one_by_one, shortest


@pytest.fixture
def walked(answering, spec):
    """``walked(steps)`` -> what they send, one mapping of parameters per call."""
    fixtures = tuple({"what": "case", "case": f"case-{n}"} for n in (1, 2))

    def walk(*steps, stations=("station-1", "station-2")):
        stage = answering(fixtures=fixtures).stage
        stage.stations = stations
        walk = Walk(stage.desk("a.play"))
        asked = [ask for step in steps for ask in walk.take(step)]
        sent = [send for ask in asked for send in (ask.sends if isinstance(ask, AtOnce) else (ask,))]
        return SimpleNamespace(sent=[dict(send.parameters) for send in sent], sends=sent, asked=asked, walk=walk)

    return walk


def create(**values):
    return Call("create_patient", values)


def used(index=0, source=Source.USED):
    return Value(source, index)


def test_a_fresh_value_is_never_the_same(walked):
    first, second = walked(create(last_name=FRESH), create(last_name=FRESH)).sent
    assert first["last_name"] != second["last_name"]


def test_a_used_value_is_one_that_was_sent_before_newest_first(walked):
    sent = walked(create(patient_id=FRESH), create(patient_id=FRESH), create(patient_id=used(1))).sent
    assert sent[2] == sent[0]


def test_where_nothing_was_used_yet_a_fresh_value_stands_in(walked):
    assert walked(create(last_name=used())).sent[0]["last_name"]


def test_another_case_has_the_same_letters(walked):
    first, second = (
        one["patient_id"]
        for one in walked(create(patient_id=FRESH), create(patient_id=used(0, Source.OTHER_CASE))).sent
    )
    assert first != second
    assert first == second.swapcase()


def test_an_odd_value_is_fresh_and_ends_oddly(walked):
    assert walked(create(last_name=Value(Source.ODD, text="<b>"))).sent[0]["last_name"].endswith("<b>")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (ABSENT, {}),
        (Value(Source.TEXT), {"station": ""}),
        (NIL, {"station": "00000000-0000-0000-0000-000000000000"}),
        (Value(Source.KNOWN, 1), {"station": "station-2"}),
        (Value(Source.KNOWN, 0, spelling="upper"), {"station": "STATION-1"}),
    ],
)
def test_stations_are_named_in_several_ways(walked, value, sent):
    assert walked(create(station=value)).sent == [sent]


def test_known_cases_are_those_declared(walked):
    assert walked(Call("select_case", {"case": Value(Source.KNOWN, 3)})).sent == [{"case": "case-2"}]


def test_a_look_without_an_operation_sends_nothing(walked):
    assert walked(Look(0)).sent == []


def test_a_look_goes_back_from_the_newest_operation(walked):
    first, second, newest, older = walked(create(operation=FRESH), create(operation=FRESH), Look(0), Look(1)).sent
    assert newest == second
    assert older == first


def test_calls_at_the_same_moment_may_share_ids(walked):
    done = walked(Together((create(integration_id=FRESH), create(integration_id=used()))))
    assert [len(ask.sends) for ask in done.asked] == [2]
    assert done.sent[0] == done.sent[1]


def test_the_same_calls_can_be_made_one_by_one():
    first, second = create(integration_id=FRESH), create()
    assert one_by_one([Look(1), Together((first, second)), first]) == [Look(1), first, second, first]


def test_a_step_says_who_calls_and_whether_the_connection_ends(walked, answering):
    ordinary, closing = walked(create(), Call("create_patient", {}, user=5, closes=True)).sends
    assert (dict(ordinary.headers), dict(closing.headers)) == ({}, {"Connection": "close"})
    assert ordinary.identity == closing.identity  # there is but one


def test_an_operation_without_an_id_is_looked_at_under_the_empty_one(walked, spec):
    assert walked(create(operation=ABSENT), Look(0)).sent[1] == {"operation": spec.empty_guid}


def test_at_the_end_one_operation_more_is_looked_at_than_the_server_keeps(walked, spec):
    done = walked(*[create(operation=FRESH)] * (spec.kept_operations + 5))
    looked_at = [send.parameters["operation"] for send in done.walk.end()]
    assert looked_at == [one["operation"] for one in done.sent[4:]]


@pytest.mark.parametrize(
    ("needed", "count"),
    [({3}, 20), ({0, 19}, 20), ({5, 6, 7}, 20), (set(range(8)), 8), ({0}, 1)],
)
def test_the_shortest_list_holds_what_is_needed_and_no_more(needed, count):
    assert set(shortest(range(count), lambda tried: needed <= set(tried), tries=500)) == needed


def test_the_number_of_tries_is_limited():
    tried = []
    shortest(range(64), lambda steps: bool(tried.append(steps)), tries=7)
    assert len(tried) == 7


def test_a_list_that_cannot_be_made_shorter_stays():
    assert shortest("abc", lambda tried: False, tries=100) == ["a", "b", "c"]
