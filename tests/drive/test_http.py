"""What the driver sends, what it records, and what it never does."""

import socket
import time

import pytest

from conformance.drive import Admitted, Driver, Limits, place
from conformance.drive.connection import Address, Connection
from conformance.emulator.protocol import Response, WireFault
from conformance.emulator.tls import TlsSettings

XML = (("Content-Type", "application/xml"),)
ABC = Response(200, XML, b"<boolean>true</boolean>")


def test_an_exchange_is_recorded_with_its_answer(served, get):
    event = served(ABC).send(get(play="a-play"))
    assert (event.reply.http_status, event.reply.body) == (200, "<boolean>true</boolean>")
    assert (event.who, event.play, event.lost) == ("suite", "a-play", "")


def test_the_answer_comes_after_the_question(served, get):
    event = served().send(get())
    assert event.started_s < event.finished_s


@pytest.mark.parametrize(
    "target",
    ["/base/x?a=1&a=2", "/base/x?a b=c", "/base/x?name=M%C3%BCller", "/base/x?a=%zz", "/base/../x", "/base/x?ü=ö", "*"],
)
def test_a_target_goes_out_exactly_as_given(served, target, get):
    server = served()
    server.send(get(target))
    assert server.requests[0].target == target


def test_headers_go_out_as_given_and_no_others(served, get):
    server = served()
    server.send(get(headers=(("Host", "somewhere"), ("accept", "text/html"))))
    assert server.requests[0].headers == (("host", "somewhere"), ("accept", "text/html"))


def test_calls_of_one_name_share_a_connection(served, get):
    server = served()
    for name in ("main", "main", "other"):
        server.send(get(connection=name))
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_a_connection_closed_in_between_is_opened_anew(served, get):
    server = served(Response(200, wire=WireFault.CLOSE))
    events = [server.send(get()) for _ in range(3)]
    assert [event.lost for event in events] == ["", "", ""]


def test_redirections_are_not_followed(served, get):
    server = served(Response(302, (("Location", "/elsewhere"),)))
    assert server.send(get()).reply.http_status == 302
    assert len(server.requests) == 1


def test_an_answer_to_head_has_no_body(served, get):
    server = served(ABC)
    server.send(get(verb="HEAD"))
    assert server.send(get()).reply.http_status == 200


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(200, wire=WireFault.RESET), "reset"),
        (Response(200, body=b"x" * 500, wire=WireFault.TRUNCATE), "truncated"),
        (Response(200, body=b"x" * 1001), "too-large"),
        (Response(200, body=b"x" * 1001, wire=WireFault.CHUNKED), "too-large"),
    ],
)
def test_an_answer_that_does_not_come_whole_is_lost(served, answer, reason, get):
    assert served(answer).send(get()).lost == reason


def test_a_lost_call_is_never_sent_again(served, get):
    server = served(Response(200, wire=WireFault.RESET))
    server.send(get())
    assert len(server.requests) == 1


def test_the_call_after_a_lost_one_has_a_new_connection(served, get):
    answers = iter([ABC, Response(200, wire=WireFault.RESET), ABC])
    server = served(lambda request: next(answers))
    assert [server.send(get()).lost for _ in range(3)] == ["", "reset", ""]
    assert [request.connection for request in server.requests] == [1, 1, 2]


@pytest.mark.parametrize("wire", [WireFault.DRIP, WireFault.HANG])
def test_the_time_limit_counts_for_the_whole_answer(served, wire, get):
    slow = Response(200, body=b"x" * 400, wire=wire, drip_s=0.001)
    server = served(slow, step_s=0.02, limits=Limits(call_s=0.3))
    assert server.send(get()).lost == "timeout"


def test_bytes_that_are_no_http_are_recorded_as_such(recorded, get):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        driver = Driver(f"http://127.0.0.1:{listening.getsockname()[1]}/base", recorded.recorder, None)
        pending = driver._begin(get(), Admitted(b"GET / HTTP/1.1\r\n\r\n", "GET"))
        accepted, _ = listening.accept()
        with accepted:
            accepted.sendall(b"SSH-2.0-OpenSSH\r\n")
        assert driver._finish(pending).lost == "malformed-http"
        driver.close()


def test_a_closed_port_is_refused(served, recorded, get):
    server = served()
    server.listener.stop()
    assert server.send(get()).lost == "refused"


def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(served, get):
    assert served(trusted=False).send(get()).lost == "tls"


def test_plain_http_is_spoken_to_a_plain_address(served, get):
    assert served(ABC, tls=TlsSettings(plain=True)).send(get()).reply.http_status == 200


def test_calls_sent_together_overlap_each_other(served, get):
    events = served().driver.send_together([get(connection=name) for name in "abc"])
    assert max(event.started_s for event in events) < min(event.finished_s for event in events)


def test_what_is_kept_back_of_a_request_is_sent_later():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        connection = Connection(Address(*listening.getsockname(), None), Limits(), time.monotonic)
        accepted, _ = listening.accept()
        with accepted:
            connection.write(Admitted(b"GET / HTTP/1.1\r\n\r\n", "GET"), kept_back=1)
            assert accepted.recv(100) == b"GET / HTTP/1.1\r\n\r"
            connection.write_rest()
            assert accepted.recv(100) == b"\n"
        connection.close()


def test_calls_sent_together_are_recorded_in_the_order_given(served, recorded, get):
    served().driver.send_together([get(f"/base/{name}", connection=name) for name in "cab"])
    assert [event.request.target for event in recorded.exchanges] == ["/base/c", "/base/a", "/base/b"]


def test_calls_sent_together_need_connections_of_their_own(served, get):
    with pytest.raises(ValueError, match="Give each a name of its own"):
        served().driver.send_together([get(connection="a"), get(connection="a")])


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://host:5484/a/b/", "host:5484"),
        ("https://host/a", "host"),
        ("http://host:80", "host"),
        ("https://[::1]:5484/a", "[::1]:5484"),
    ],
)
def test_the_host_header_names_the_port_unless_it_is_the_usual_one(url, authority):
    assert place(url).authority == authority


@pytest.mark.parametrize("url", ["host:5484", "ftp://host/a", "https:///a", ""])
def test_what_is_no_base_url_is_refused(url):
    with pytest.raises(ValueError, match="Write it in full"):
        place(url)
