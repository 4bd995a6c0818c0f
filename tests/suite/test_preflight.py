"""The ladder: what ends a run before it begins, and what does not."""

from dataclasses import replace

import pytest

from conformance.drive import Driver
from conformance.emulator.protocol import Response, WireFault
from conformance.suite.preflight import Unready, preflight

XML = (("Content-Type", "application/xml"),)
STATIONS = Response(200, XML, b"<ArrayOfClientInfo/>")
PAGE = Response(200, (("Content-Type", "text/html"),), b"<html><p>unclosed")


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
        PAGE,
    ],
    ids=["right", "one-401", "one-500", "one-404", "one-lost", "unreadable"],
)
def test_a_server_that_is_worth_judging_is_judged(answering, answer):
    preflight(answering(answer).stage)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(401), 'does not let the user "Sam" in; check THREEDD_USER'),
        (Response(403), 'does not let the user "Sam" in'),
        (Response(404), "nothing of the service is at http://"),
        (Response(302, (("Location", "/login"),)), "HTTP 302, HTTP 302"),
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


def test_a_name_that_nobody_knows_is_told_as_such(answering, monkeypatch):
    made = answering()
    made.stage.driver = Driver("https://nowhere.invalid/x", made.stage.driver.recorder, None)
    with pytest.raises(Unready, match=r'the name "nowhere\.invalid" cannot be resolved'):
        preflight(made.stage)


def test_a_certificate_that_is_not_trusted_is_told_as_such(embedded):
    made = embedded()
    url = made.running.url
    made.stage.driver = Driver(url, made.stage.driver.recorder, _trusting_nobody())
    with pytest.raises(Unready, match="name its authority with --ca"):
        preflight(replace_target(made.stage, url))


def replace_target(stage, url):
    stage.target = replace(stage.target, url=url)
    return stage


def _trusting_nobody():
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
