"""The ladder: what ends a run before it begins, and what does not."""

import ssl
from datetime import UTC, datetime

import pytest

from conformance.drive import Driver, EmulatorOperator, basic
from conformance.emulator.protocol import Response, WireFault
from conformance.suite.ladder import Ladder, Rung, Standing
from conformance.suite.play import Identity
from conformance.suite.preflight import Unready, preflight

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)

XML = (("Content-Type", "application/xml"),)
STATIONS = Response(200, XML, b"<ArrayOfClientInfo/>")
PAGE = Response(200, (("Content-Type", "text/html; charset=utf-8"),), b"<!DOCTYPE html><html><p>Log in</html>")
UNREADABLE = Response(200, XML, b"<ArrayOfClientInfo>")


def only(role_answers, other):
    """Answers by the first words of the method's name."""

    def answer(request):
        return next((answer for word, answer in role_answers.items() if word in request.target), other)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        STATIONS,
        only({"Available": Response(401)}, STATIONS),
        only({"Available": Response(500)}, STATIONS),
        only({"Status": Response(404)}, STATIONS),
        only({"Available": Response(200, wire=WireFault.RESET)}, STATIONS),
        only({"Available": PAGE}, STATIONS),
        UNREADABLE,
    ],
    ids=["right", "one-401", "one-500", "one-404", "one-lost", "one-page", "unreadable"],
)
def test_a_server_that_is_worth_judging_is_judged(answering, answer):
    preflight(answering(answer).stage)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(401), 'does not let the user "Sam" in; check THREEDD_USER'),
        (Response(403), 'does not let the user "Sam" in'),
        (Response(404), "nothing of the service is at http://"),
        (Response(302, (("Location", "/login"),)), "sends callers elsewhere .HTTP 302, HTTP 302, Location: /login"),
        (PAGE, "a web page is at http://.*a log-in page or a proxy in between"),
        (Response(401), "wrong service: it names no way to log in .no WWW-Authenticate.*v3.*port 5484 or 5492"),
        (Response(401, (("WWW-Authenticate", "Bearer realm=x"),)), "wrong service: it offers Bearer"),
        (Response(407), "a proxy asks for credentials of its own"),
        (Response(502), "a proxy or gateway answers for .* does not reach the service behind it"),
        (Response(504), "a proxy or gateway"),
        (Response(503), "is not available yet .HTTP 503"),
        (Response(200, wire=WireFault.RESET), "gives no answer .reset.: the connection is closed at once"),
    ],
)
def test_what_would_make_every_play_meaningless_ends_the_run(answering, answer, told):
    with pytest.raises(Unready, match=told):
        preflight(answering(answer).stage)


def test_a_server_that_asks_for_credentials_nobody_gave(answering):
    with pytest.raises(Unready, match="set THREEDD_USER and THREEDD_PASSWORD"):
        preflight(answering(Response(401), users=()).stage)


def test_a_closed_port_is_told_as_such(answering):
    made = answering()
    made.listener.stop()
    with pytest.raises(Unready, match="nothing listens at that port"):
        preflight(made.stage)


def test_a_certificate_that_is_not_trusted_is_told_as_such(embedded):
    made = embedded()
    made.stage.driver = Driver(made.running.url, made.stage.driver.recorder, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    with pytest.raises(Unready, match="name its authority with --ca"):
        preflight(made.stage)


def test_a_wrong_password_of_a_server_that_offers_basic_is_that_alone(answering):
    asking = Response(401, (("WWW-Authenticate", 'Basic realm="3DD"'),))
    with pytest.raises(Unready) as told:
        preflight(answering(asking).stage)
    assert "wrong service" not in str(told.value)


@pytest.mark.parametrize(
    ("password", "told"),
    [("", "the password is empty"), ("secret ", "the password begins or ends with a blank")],
)
def test_an_odd_password_is_pointed_out(answering, password, told):
    with pytest.raises(Unready, match=told):
        preflight(answering(Response(401), users=(Identity("Sam", password),)).stage)


@pytest.mark.parametrize("path", ["/", "/base/WebService/", "/DentalDesktop/WebService/"])
def test_the_service_one_level_off_is_found(answering, path):
    def answer(request):
        return STATIONS if request.target.startswith(path + "Get") else Response(404)

    with pytest.raises(Unready, match=f"It is at http://.*{path.rstrip('/')}: give that address"):
        preflight(answering(answer).stage)


@pytest.fixture
def climbed():
    """``climbed(stage)`` -> the remarks made on the way, by rung."""

    def climb(stage, now=NOON):
        steps = []
        preflight(stage, Ladder(steps.append), lambda: now)
        return {step.rung: step.text for step in steps if step.standing is Standing.REMARK}

    return climb


def test_a_proxy_in_between_is_worth_a_remark(answering, climbed):
    through = Response(200, (*XML, ("Via", "1.1 squid")), STATIONS.body)
    assert "something stands in between (Via: 1.1 squid)" in climbed(answering(through).stage)[Rung.SERVICE]


def test_calls_without_credentials_that_are_answered_are_for_the_run_to_find(answering, climbed):
    assert "the run will tell" in climbed(answering(STATIONS).stage)[Rung.STRANGERS]


def test_a_clock_that_is_far_off_is_worth_a_remark(answering, climbed):
    late = Response(200, (*XML, ("Date", "Tue, 04 Mar 2025 09:00:00 GMT")), STATIONS.body)
    assert "180 minutes apart; set the one that is wrong" in climbed(answering(late).stage)[Rung.CLOCK]


def test_clocks_that_agree_are_no_remark(answering, climbed):
    right = Response(200, (*XML, ("Date", "Tue, 04 Mar 2025 12:01:00 GMT")), STATIONS.body)
    assert Rung.CLOCK not in climbed(answering(right).stage)


def test_another_user_who_is_not_let_in_is_told_and_kept(answering, climbed):
    def answer(request):
        return Response(401) if request.header("authorization") == basic("Eva", "other") else STATIONS

    made = answering(answer, users=(Identity("Sam", "secret"), Identity("Eva", "other")))
    assert '"Eva" is not let in; check the name and the password' in climbed(made.stage)[Rung.CREDENTIALS]
    assert [user.user for user in made.stage.target.users] == ["Sam", "Eva"]


def test_a_control_port_that_is_not_there_ends_the_run(answering):
    made = answering(STATIONS, operator=EmulatorOperator("http://127.0.0.1:1", "token"))
    with pytest.raises(Unready, match="cannot be reached"):
        preflight(made.stage)


def test_remarks_are_recorded_without_naming_anybody(answering, notes):
    def answer(request):
        return Response(401) if request.header("authorization") == basic("Eva", "other") else STATIONS

    patient = {"what": "patient", "integration_id": "QA-7"}
    case = {"what": "case", "integration_id": "QA-7", "case": "11111111-2222-3333-4444-555555555555"}
    made = answering(answer, users=(Identity("Sam", "secret"), Identity("Eva", "other")), fixtures=(patient, case))
    preflight(made.stage)
    (told,) = [data["set-up"] for data in notes(made.events, "run") if "set-up" in data]
    assert "[credentials] a user is not let in" in told
    assert [name for name in ("Sam", "Eva", "QA-7") if name in told] == []
