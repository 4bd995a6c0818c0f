"""How plays are performed: what is sent and noted, what is skipped, and where time passes."""

from dataclasses import replace

import pytest

from conformance.drive import Tier
from conformance.emulator.protocol import Response
from conformance.suite.play import AtOnce, Identity, NotPossible, Pause, Send
from conformance.suite.stage import Ending

LIST = Send("list_stations", {})


def steps_of(*asked):
    def steps(desk):
        for ask in asked:
            assert (yield ask) is not None

    return steps


def test_each_call_is_recorded_under_its_play(answering, play, calls):
    made = answering()
    made.stage.perform(play(steps_of(LIST, LIST), "a.play"))
    assert [(call.play, call.who) for call in calls(made.events)] == [("a.play", "suite")] * 2


def test_a_play_gets_what_came_of_its_calls(answering, play):
    seen = []

    def steps(desk):
        seen.append((yield LIST))
        seen.append((yield AtOnce((LIST, LIST))))
        seen.append((yield Pause()))

    answering(Response(503, body=b"later"), embedded=True).stage.perform(play(steps))
    assert [[exchange.http_status for exchange in each] for each in seen] == [[503], [503, 503], []]


def test_beginning_and_end_of_a_play_are_noted(answering, play, notes):
    made = answering()
    made.stage.perform(play(steps_of(LIST)), attempt=1)
    begin, end = notes(made.events, "play")
    assert begin == {"play": "a.play", "phase": "begin", "attempt": "1"}
    assert end == {"play": "a.play", "phase": "end", "ending": "done"}


def test_a_play_that_finds_no_ground_is_skipped_with_its_reason_and_aims(answering, play, notes):
    def steps(desk):
        yield LIST
        raise NotPossible("no such patient")

    made = answering()
    performed = made.stage.perform(play(steps, aims=("PAT-001", "PAT-002")))
    assert (performed.ending, performed.reason) == (Ending.SKIPPED, "no such patient")
    [skipped] = notes(made.events, "skipped")
    assert (skipped["reason"], skipped["aims"], skipped["whose"]) == ("no such patient", "PAT-001 PAT-002", "set-up")


def test_a_play_whose_needs_are_not_met_sends_nothing(answering, play, calls):
    made = answering()
    performed = made.stage.perform(play(steps_of(LIST), needs=("operator",)))
    assert performed.ending is Ending.SKIPPED
    assert performed.reason.startswith("nobody is at the stations (--operator")
    assert calls(made.events) == []


def test_a_play_that_breaks_down_is_our_fault(answering, play, notes):
    def steps(desk):
        yield LIST
        raise KeyError("case")

    made = answering()
    performed = made.stage.perform(play(steps))
    assert performed.ending is Ending.CRASHED
    assert isinstance(performed.error, KeyError)
    assert notes(made.events, "skipped")[0]["whose"] == "ours"


def test_calls_made_at_once_have_connections_of_their_own(answering, play, calls):
    made = answering()
    made.stage.perform(play(steps_of(AtOnce((LIST, replace(LIST, connection="mine"), LIST)))))
    assert [call.connection for call in calls(made.events)] == ["lane-1", "mine", "lane-3"]


@pytest.mark.parametrize(
    ("send", "header"),
    [
        (LIST, "Basic U2FtOnNlY3JldA=="),
        (replace(LIST, identity=Identity("Eva", "")), "Basic RXZhOg=="),
        (replace(LIST, authorization="Bearer x"), "Bearer x"),
        (replace(LIST, authorization=None), None),
    ],
)
def test_the_first_user_calls_unless_the_play_says_otherwise(answering, play, send, header):
    made = answering()
    made.stage.perform(play(steps_of(send)))
    assert made.requests[0].header("authorization") == header


def test_without_a_user_no_header_is_sent(answering, play):
    made = answering(users=())
    made.stage.perform(play(steps_of(LIST)))
    assert made.requests[0].header("authorization") is None


def test_a_server_that_starts_up_is_asked_once_more(answering, play, calls):
    answers = iter([Response(503), Response(200), Response(503)])
    made = answering(lambda request: next(answers))
    made.stage.perform(play(steps_of(LIST, LIST)))
    assert [call.reply.http_status for call in calls(made.events)] == [503, 200, 503]
    assert made.slept == [2.0]


def test_nothing_is_waited_for_where_the_clock_moves_with_the_calls(answering, play):
    made = answering()
    made.stage.perform(play(steps_of(Pause(), Pause())))
    assert made.slept == []


def test_elsewhere_a_play_that_only_looks_waits_longer_and_longer(answering, play):
    look = Send("get_status", {})
    made = answering(embedded=False)
    made.stage.perform(play(steps_of(*[Pause(), look] * 12)))
    expected = [0.05, 0.05, 0.06, 0.09, 0.14, 0.22, 0.33, 0.5, 0.76, 1.0, 1.0, 1.0]
    assert made.slept == pytest.approx(expected, abs=0.05)


def test_another_call_makes_the_next_wait_short_again(answering, play):
    made = answering(embedded=False)
    made.stage.perform(play(steps_of(*[Pause()] * 5, LIST, Pause())))
    assert made.slept == pytest.approx([0.05, 0.05, 0.05, 0.08, 0.12, 0.05], abs=0.02)


@pytest.mark.parametrize("role", ["create_patient", "update_patient", "select_patient", "create_case", "select_case"])
def test_no_operation_is_sent_to_a_server_that_may_not_be_written_to(answering, play, calls, role):
    made = answering(embedded=False)
    performed = made.stage.perform(play(steps_of(Send(role, {}))))
    assert performed.ending is Ending.SKIPPED
    assert calls(made.events) == []


def test_with_leave_to_write_operations_are_sent(answering, play, calls):
    made = answering(embedded=False, granted=Tier.OWN_DATA, prefix="qxyz")
    made.stage.perform(play(steps_of(Send("create_patient", {}))))
    assert len(calls(made.events)) == 1


def test_stations_are_those_declared_to_be_connected_free_ones_first(answering):
    declared = [("busy", "yes", "yes"), ("gone", "no", "no"), ("free", "yes", "no")]
    fixtures = tuple({"what": "station", "station": s, "connected": c, "busy": b} for s, c, b in declared)
    made = answering(fixtures=fixtures)
    made.stage.prepare()
    assert made.stage.stations == ("free", "busy")


def test_without_declarations_the_server_is_asked_for_its_stations(embedded, calls):
    made = embedded(fixtures=())
    assert len(made.stage.stations) >= 2
    assert calls(made.events)[0].play == "prepare.stations"


def test_users_and_fixtures_are_noted_before_the_first_call(embedded, notes):
    made = embedded()
    assert {note["complete"] for note in notes(made.events, "credentials")} == {"yes"}
    assert {note["what"] for note in notes(made.events, "fixture")} >= {"patient", "case", "image", "station"}


def test_who_else_may_call_a_server_somewhere_is_not_known(answering, notes):
    made = answering(embedded=False)
    made.stage.declare()
    assert [sorted(note) for note in notes(made.events, "credentials")] == [["password", "user"]]


@pytest.mark.parametrize(("spread", "stations"), [(False, {"1"}), (True, {"1", "2", "3"})])
def test_plays_are_spread_over_the_stations_that_are_not_busy(answering, spread, stations):
    declared = [("1", "no"), ("busy", "yes"), ("2", "no"), ("3", "no")]
    made = answering(fixtures=tuple({"what": "station", "station": s, "busy": b} for s, b in declared))
    made.stage.find_stations()
    made.stage.spread = spread
    desks = [made.stage.desk(f"play.{index}") for index in range(20)]
    assert {desk.station() for desk in desks} == stations
    assert {desk.station(3) for desk in desks} == {"busy"}
    assert all({desk.station(index) for index in range(3)} == {"1", "2", "3"} for desk in desks)


def test_calls_that_may_not_be_made_at_once_are_not_prepared_for(answering, play, calls):
    gathered = []
    made = answering(embedded=False, gather=gathered.append)
    both = AtOnce((LIST, Send("remove_operation", {})))
    performed = made.stage.perform(play(steps_of(both)))
    assert (performed.ending, gathered, calls(made.events)) == (Ending.SKIPPED, [], [])
    assert performed.reason.startswith("not sent: GET RemoveRequestById may change something")


STATION = "92596a3f-610d-5e7b-8e87-391536b13bbf"
SHOUTED = f"<ArrayOfClientInfo><ClientInfo><ClientId>{STATION.upper()}</ClientId></ClientInfo></ArrayOfClientInfo>"


@pytest.mark.parametrize(("listed", "sent"), [(SHOUTED, STATION.upper()), (SHOUTED.lower(), STATION), ("", STATION)])
def test_an_id_is_sent_back_as_the_server_writes_it(answering, listed, sent):
    stage = answering(Response(200, (("Content-Type", "application/xml"),), listed.encode())).stage
    stage.find_stations()
    call = stage.desk("a.play").send("select_patient", integration_id="A", station=STATION)
    assert call.parameters == {"integration_id": "A", "station": sent}
