"""What a play has at hand."""

from uuid import UUID

import pytest

from conformance.drive import Tier
from conformance.emulator.protocol import Response
from conformance.suite.desk import LEAST_LOOKS, MOST_OVERDUE, SHORTEST_LIMIT_S, Endurance
from conformance.suite.play import NotPossible, Pause
from conformance.suite.target import Patience, lacking

STATUS = "<RequestStatus><RequestId>{0}</RequestId><StatusCode>{1}</StatusCode></RequestStatus>"
OPERATION = "2446cb63-2f79-4f4d-9da6-c24a17755bc5"


def answers(*codes):
    """A server whose status answers are these, the last one for ever."""
    left = list(codes)

    def answer(request):
        code = left.pop(0) if len(left) > 1 else left[0]
        body = STATUS.format(OPERATION, code) if isinstance(code, int) else code
        return Response(200, (("Content-Type", "application/xml"),), body.encode())

    return answer


def made_up(desk):
    return desk.text(), desk.operation_id(), desk.patient()


def test_the_same_play_makes_up_the_same_things(answering):
    stage = answering().stage
    assert made_up(stage.desk("a.play")) == made_up(stage.desk("a.play"))


@pytest.mark.parametrize(("play", "attempt"), [("a.play", 1), ("another.play", 0)])
def test_another_play_or_attempt_makes_up_other_things(answering, play, attempt):
    stage = answering().stage
    assert made_up(stage.desk("a.play")) != made_up(stage.desk(play, attempt))


def test_another_seed_or_prefix_makes_up_other_things(answering):
    desks = [answering(**change).stage.desk("a.play") for change in ({}, {"seed": 2}, {"prefix": "z"})]
    assert len({desk.operation_id() for desk in desks}) == 3


def test_texts_carry_the_prefix_of_the_run(answering):
    assert answering(prefix="run7").stage.desk("a.play").text("Fox").startswith("Foxrun7")


def test_an_operation_id_is_a_guid(answering):
    assert UUID(answering().stage.desk("a.play").operation_id()).version == 4


def test_fresh_ids_are_noted(answering, notes):
    made = answering()
    value = made.stage.desk("a.play").fresh("patient_id")
    assert notes(made.events, "fresh") == [{"role": "patient_id", "value": value}]


def test_a_patient_has_fresh_ids_but_for_those_that_were_given(answering, notes):
    made = answering()
    patient = made.stage.desk("a.play").patient(integration_id="known")
    assert patient["integration_id"] == "known"
    assert notes(made.events, "fresh") == [{"role": "patient_id", "value": patient["patient_id"]}]


def test_a_spelling_of_ones_own_may_have_been_used_on_a_server_somewhere(answering):
    with pytest.raises(NotPossible, match="cannot be known"):
        answering(embedded=False).stage.desk("a.play").fresh("integration_id", "ÅÄÖ")


def test_a_spelling_with_the_prefix_of_the_run_was_not(answering):
    assert answering(embedded=False).stage.desk("a.play").fresh("integration_id", "ÅQÖ") == "ÅQÖ"


def test_a_number_of_the_run_was_not_either(answering):
    desk = answering(embedded=False).stage.desk("a.play")
    digits = desk.digits()
    assert digits.isdecimal()
    assert not digits.startswith("0")
    assert desk.fresh("patient_id", f"0{digits}1") == f"0{digits}1"


def test_runs_have_numbers_of_their_own(answering):
    digits = [answering(prefix=prefix).stage.desk("a.play").digits() for prefix in ("run7", "run8")]
    assert digits[0][:14] != digits[1][:14]


def test_the_emulator_began_with_this_run(answering):
    assert answering().stage.desk("a.play").fresh("integration_id", "ÅÄÖ") == "ÅÄÖ"


def test_a_station_that_is_not_there_makes_a_play_impossible(answering):
    with pytest.raises(NotPossible, match="needs 1 connected stations; 0 are known"):
        answering().stage.desk("a.play").station()


def test_fixtures_are_found_by_what_they_are_and_by_facts(answering):
    cases = tuple(
        {"what": "case", "case": name, "state": state} for name, state in (("1", "created"), ("2", "scanned"))
    )
    desk = answering(fixtures=(*cases, {"what": "image"})).stage.desk("a.play")
    assert [case["case"] for case in desk.fixtures("case")] == ["1", "2"]
    assert [case["case"] for case in desk.fixtures("case", state="scanned")] == ["2"]


def test_nobody_can_be_told_to_press_anything(answering):
    with pytest.raises(NotPossible, match="nobody is at the stations"):
        answering().stage.desk("a.play").decide(OPERATION, OPERATION, "merge", "new")


def test_what_the_operator_was_told_is_noted(embedded, notes):
    made = embedded()
    desk = made.stage.desk("a.play")
    desk.decide(OPERATION, desk.station(), "page", "proceed")
    assert notes(made.events, "decision") == [
        {"operation": OPERATION, "station": desk.station(), "dialog": "page", "button": "proceed"}
    ]


@pytest.mark.parametrize(
    ("codes", "looks"),
    [
        ((4,), 1),
        ((-1, -1, 0, 0, 1), 5),
        ((404,), 1),
        ((77,), 1),
        (("nonsense",), 3),
        (("nonsense", -1, "nonsense", "nonsense", 4), 5),
    ],
    ids=["final", "on-its-way", "forgotten", "unheard-of", "unreadable", "readable-now-and-then"],
)
def test_polling_ends_when_there_is_nothing_to_wait_for(answering, codes, looks):
    made = answering(answers(*codes))
    made.stage.act(made.stage.desk("a.play").settle(OPERATION), "a.play")
    assert len(made.requests) == looks


def test_polling_ends_after_enough_looks_where_the_clock_moves_with_the_calls(answering):
    made = answering(answers(-1), patience=Patience(looks=7))
    made.stage.act(made.stage.desk("a.play").settle(OPERATION), "a.play")
    assert len(made.requests) == 7


@pytest.mark.parametrize(("code", "limits"), [(-1, Patience(0.02, 900.0)), (0, Patience(900.0, 0.02))])
def test_elsewhere_polling_ends_when_the_time_is_up(answering, code, limits):
    made = answering(answers(code), patience=limits, embedded=False)
    made.stage.act(made.stage.desk("a.play").settle(OPERATION), "a.play")
    assert len(made.requests) == LEAST_LOOKS


@pytest.mark.parametrize(("overdue", "spent"), [(0, False), (MOST_OVERDUE, True)])
def test_a_server_that_leaves_all_lying_gets_no_looks_beyond_the_limit(overdue, spent):
    assert Endurance(overdue).spent == spent


def test_looks_are_apart_from_each_other(answering):
    asked = answering(answers(-1, 4)).stage.desk("a.play").settle(OPERATION)
    look = next(asked)
    assert look.role == "get_status"
    assert look.parameters == {"operation": OPERATION}


def test_an_operation_gets_an_id_of_its_own(answering):
    made = answering(answers(4))
    steps = made.stage.desk("a.play").done("create_patient", last_name="Fox")
    operation = next(steps).parameters["operation"]
    assert steps.send([]).parameters == {"operation": operation}


def test_an_operation_without_an_id_is_asked_about_under_the_empty_one(answering, spec):
    made = answering(answers(4))
    steps = made.stage.desk("a.play").done("create_patient", last_name="Fox", operation=None)
    assert "operation" not in next(steps).parameters
    assert steps.send([]).parameters == {"operation": spec.empty_guid}


def test_between_two_looks_others_may_act(answering):
    made = answering(answers(-1))
    steps = made.stage.desk("a.play").settle(OPERATION)
    exchanges = made.stage.answer(next(steps), "a.play")
    assert isinstance(steps.send(exchanges), Pause)


UNDECLARED = "nothing is declared to have been prepared on the server (threedd init writes a file to declare it in)"


@pytest.mark.parametrize(
    ("needs", "changes", "reason"),
    [
        (("writes",), {}, ""),
        (("writes",), {"embedded": False}, "writing to the server is not allowed (--allow-writes)"),
        (("writes",), {"embedded": False, "granted": Tier.OWN_DATA, "prefix": "qxyz"}, ""),
        (("operator",), {}, "nobody is at the stations (--operator, or --control of an emulator)"),
        (("users",), {}, "no second user is known (a second [[user]], or THREEDD_USER2)"),
        (("restart",), {}, "the target cannot be restarted from here"),
        (("concurrency", "fixtures"), {}, UNDECLARED),
        (("tls",), {}, "the target is not reached over HTTPS"),
    ],
)
def test_what_a_target_lacks_is_told(answering, needs, changes, reason):
    assert lacking(needs, answering(**changes).stage.target, stations=1) == reason


def test_several_stations_are_more_than_one(answering):
    target = answering().stage.target
    assert [bool(lacking(("several-stations",), target, count)) for count in (1, 2)] == [True, False]


@pytest.mark.parametrize(("overdue", "allowed_s"), [(0, 30.0), (MOST_OVERDUE - 1, 30.0), (MOST_OVERDUE, 3.0)])
def test_after_many_waits_in_vain_a_run_waits_less(overdue, allowed_s):
    assert Endurance(overdue).allowed_s(30.0) == allowed_s


def test_a_short_limit_is_not_made_shorter_than_a_look_takes():
    assert Endurance(MOST_OVERDUE).allowed_s(2.0) == SHORTEST_LIMIT_S


def test_each_wait_in_vain_counts_for_all_plays(answering):
    made = answering(answers(-1), embedded=False, patience=Patience(pick_up_s=0.5, processing_s=0.5))
    for name in ("one", "another"):
        made.stage.act(made.stage.desk(name).settle("11111111-1111-1111-1111-111111111111"), name)
    assert made.stage.desk("third")._endurance.overdue == 2
