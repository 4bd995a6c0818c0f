"""Servers that mean harm, or that are out of their mind: each becomes a recorded exchange, and the run goes on.

Raw sockets on this computer, through the real driver, recorder and monitor, into a journal that judges the same.
"""

import contextlib
import gzip
import socket
import struct
import sys
import threading
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.drive import Driver, Limits, Outgoing, Tier, basic, guard_at, place
from conformance.drive.connection import Address
from conformance.judge import Monitor, about_from, judge_recording
from conformance.spec import load
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

SPEC = load()
BASE = SPEC.service.base_path
METHODS = {role: SPEC.method[role].name for role in ("list_stations", "get_status", "find_cases", "fetch_image")}
SECRET = "correct-horse-battery"
AUTHORIZATION = basic("Sam", SECRET)
XML = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HEADER = {"harness": "test", "subject": "a server", "spec": SPEC.name, "spec_digest": SPEC.digest}
QUICK = Limits(connect_s=5, call_s=0.3, body_bytes=1_000_000)
SMALL = Limits(connect_s=5, call_s=60, body_bytes=100_000)
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
STATUS = (
    b"<RequestStatus><RequestId>00000000-0000-0000-0000-000000000000</RequestId><StatusCode>%b</StatusCode>"
    b"<StatusDescription>%b</StatusDescription></RequestStatus>"
)
BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<RequestStatus x="&c;"><StatusDescription>&c;</StatusDescription></RequestStatus>'
)


class Ticking:
    """A clock that moves by a hundredth each time somebody looks."""

    now_s = 0.0

    def __call__(self):
        self.now_s += 0.01
        return self.now_s


# -- what a server does with a connection, after it has read the request --------------------------------------


def say(body, head=XML):
    """A whole answer."""
    return lambda client: client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def raw(data):
    """These bytes, and the end."""

    def act(client):
        client.sendall(data)
        client.close()

    return act


def for_ever(first, piece):
    """These bytes, and then these again and again."""

    def act(client):
        client.sendall(first)
        while True:
            client.sendall(piece)

    return act


def reset(first=b""):
    def act(client):
        client.sendall(first)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()

    return act


def hang(first=b""):
    def act(client):
        client.sendall(first)
        client.recv(1)

    return act


@pytest.fixture
def hostile(tmp_path):
    """``hostile(act, ...)`` -> a driver beside a server that does this on every connection, and what it recorded."""
    with contextlib.ExitStack() as stack:

        def start(act, limits=SMALL):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            seen = []
            threading.Thread(target=_accept, args=(listening, act, seen), daemon=True).start()
            journal = Journal(tmp_path / "journal.jsonl", HEADER)
            stack.callback(journal.close)
            monitor = Monitor(SPEC, about=about_from(HEADER))
            events = []
            recorder = Recorder(SPEC, Redactor(SPEC, b"key"), [journal.append, monitor.feed, events.append])
            url = f"http://127.0.0.1:{listening.getsockname()[1]}{BASE}"
            guard = guard_at(place(url), SPEC, Tier.READ_ONLY)
            driver = Driver(url, recorder, None, clock=Ticking(), limits=limits, guard=guard)
            stack.callback(driver.close)
            return SimpleNamespace(
                driver=driver, journal=journal, monitor=monitor, events=events, seen=seen, recorder=recorder
            )

        yield start


def _accept(listening, act, seen):
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            threading.Thread(target=_serve, args=(client, act, seen), daemon=True).start()


def _serve(client, act, seen):
    with contextlib.suppress(OSError), client:
        received = b""
        while piece := client.recv(65536):
            received += piece
            if received.endswith(b"\r\n\r\n"):
                seen.append(received)
                received = b""
                act(client)


def call(made, role="get_status"):
    query = "?Id=0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c" if role == "get_status" else ""
    headers = (("Host", made.driver.place.authority), ("Authorization", AUTHORIZATION))
    return made.driver.send(Outgoing(f"{BASE}/{METHODS[role]}{query}", headers))


def judged_alike(made):
    """Whether the journal, read again, gives the ledger of the run."""
    made.driver.close()
    ledger = made.monitor.finish()
    made.journal.close()
    return judge_recording(made.journal.path, SPEC).ledger == ledger


# -- no answer comes of it ------------------------------------------------------------------------------------

LOST = {
    "endless-body": (for_ever(XML + b"\r\n", b"x" * 65536), "too-large"),
    "endless-header-lines": (for_ever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100), "malformed-http"),
    "endless-header": (for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000), "malformed-http"),
    "endless-status-line": (for_ever(b"HTTP/1.1 200 ", b"y" * 1000), "malformed-http"),
    "endless-interim-answers": (for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), "too-large"),
    "endless-chunks": (for_ever(CHUNKED, b"1\r\nx\r\n" * 10000), "too-large"),
    "endless-trailers": (for_ever(CHUNKED + b"0\r\n", b"X: y\r\n" * 10000), "too-large"),
    "chunk-of-negative-size": (for_ever(CHUNKED + b"-1\r\n", b"x" * 65536), "too-large"),
    "chunk-without-size": (raw(CHUNKED + b"nonsense\r\n"), "truncated"),
    "chunk-of-enormous-size": (raw(CHUNKED + b"F" * 30 + b"\r\nabc"), "truncated"),
    "length-too-long": (raw(XML + b"Content-Length: 100\r\n\r\n<a/>"), "truncated"),
    "length-enormous": (raw(XML + b"Content-Length: 99999999999999999999\r\n\r\n<a/>"), "truncated"),
    "drip": (for_ever(b"H", b""), "timeout"),
    "hang": (hang(), "timeout"),
    "hang-in-headers": (hang(b"HTTP/1.1 200 OK\r\nX: "), "timeout"),
    "hang-in-body": (hang(XML + b"Content-Length: 10\r\n\r\n<a"), "timeout"),
    "close": (raw(b""), "reset"),
    "reset": (reset(), "reset"),
    "reset-in-body": (reset(XML + b"Content-Length: 10\r\n\r\n<a"), "reset"),
    "http-0.9": (raw(b"<html>hello</html>"), "malformed-http"),
    "http-2": (raw(b"HTTP/2.0 200 OK\r\n\r\n"), "malformed-http"),
    "no-status": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), "malformed-http"),
    "status-enormous": (raw(b"HTTP/1.1 99999999 OK\r\n\r\n"), "malformed-http"),
    "tls-alert": (raw(b"\x15\x03\x01\x00\x02\x02\x28"), "malformed-http"),
    "nuls": (raw(b"\0" * 100), "malformed-http"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_no_answer_is_lost_for_a_known_reason_and_the_next_call_is_made(hostile, name):
    act, reason = LOST[name]
    made = hostile(act, QUICK if reason == "timeout" else SMALL)
    assert [call(made).lost for _ in range(2)] == [reason, reason]
    assert len(made.seen) == 2
    assert judged_alike(made)


# -- answers that nobody can read -----------------------------------------------------------------------------

UNREADABLE = {
    "broken": STATUS % (b"1", b"<"),
    "cut": STATUS[:60],
    "bomb": BOMB,
    "external-entity": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><RequestStatus>&x;</RequestStatus>',
    "external-dtd": b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><RequestStatus/>',
    "bomb-in-utf-16": BOMB.decode().encode("utf-16"),
    "bomb-in-utf-7": b'<?xml version="1.0" encoding="UTF-7"?>' + BOMB.replace(b"<!", b"+ADwAIQ-"),
    "deep": b"<a>" * 50_000,
    "many": b"<r>" + b"<a/>" * 1_100_000 + b"</r>",
    "many-attributes": b"<r " + b" ".join(b'a%d=""' % number for number in range(1_000_100)) + b"/>",
    "gzip": gzip.compress(b"\0" * 10_000_000),
    "nuls": b"\0" * 1_000_000,
    "json-deep": b"[" * 500_000,
    "json-integer": b"9" * 500_000,
    "json-many": b"[" + b"{}," * 400_000 + b"{}]",
    "prologue": b"<!---->" * 140_000 + b"<!DOCTYPE",
    "latin": STATUS % (b"1", b"\xfc\xff"),
}
ROOMY = Limits(connect_s=5, call_s=30, body_bytes=16_000_000)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_nobody_can_read_is_a_flaw_and_a_finding(hostile, name):
    made = hostile(say(UNREADABLE[name]), ROOMY)
    event = call(made)
    assert (event.lost, event.reply.http_status) == ("", 200)
    assert event.reply.flaw
    assert len(event.reply.body) < 5000
    failed = {row.id for row in made.monitor.ledger().rows if row.counts.failed}
    assert failed
    assert judged_alike(made)


def test_no_file_is_read_for_a_document(hostile, tmp_path):
    secret = tmp_path / "patients.txt"
    secret.write_text("Fox", encoding="utf-8")
    entity = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><RequestStatus>&x;</RequestStatus>'
    made = hostile(say(entity.encode()))
    assert "Fox" not in repr(call(made))


# -- answers that can be read, and are strange ----------------------------------------------------------------

STRANGE = {
    "status-code-enormous": STATUS % (b"9" * 100_000, b"x"),
    "text-long": STATUS % (b"1", b"word " * 1_000_000),
    "words-many": b"<ArrayOfCase><Case><PatientName>%b</PatientName></Case></ArrayOfCase>" % (b"w " * 1_000_000),
    "stranger-long": b"<RequestStatus><Note>%b</Note></RequestStatus>" % (b"w " * 1_000_000),
    "attributes": b"<RequestStatus %b/>" % b" ".join(b'a%d="Fox"' % number for number in range(20_000)),
    "json-surrogate": b'{"statusCode": "\\ud800", "statusDescription": "\\udfff"}',
    "utf-16": (STATUS % (b"1", b"x")).decode().encode("utf-16"),
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?>' + STATUS % (b"1", b"x"),
}


@pytest.mark.parametrize("role", METHODS)
@pytest.mark.parametrize("name", STRANGE)
def test_what_is_strange_is_kept_in_bounds(hostile, name, role):
    made = hostile(say(STRANGE[name]), ROOMY)
    event = call(made, role)
    assert (event.lost, event.reply.http_status) == ("", 200)
    assert len(event.reply.body) < 1_100_000
    assert judged_alike(made)


def test_attributes_name_nobody(hostile):
    made = hostile(say(b'<ArrayOfCase patient="Fox"><Case>Fox<CaseId name="Fox"/>Fox</Case></ArrayOfCase>'))
    assert "Fox" not in repr(call(made, "find_cases"))


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nContent-Length: 400\r\n",
        b"Content-Length: -4\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n",
        b"Content-Type: a\r\nContent-Type: b\r\n",
        b"Content-Type: application/xml; charset=no-such-thing\r\n",
        b"X\xff\xfe: \x00\x01\x0b\x85\r\n folded\r\n",
        b": nameless\r\nno colon\r\n",
        b"Content-Encoding: gzip\r\nTransfer-Encoding: gzip\r\n",
    ],
)
def test_strange_headers_are_survived(hostile, headers):
    made = hostile(raw(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n<a/>"))
    event = call(made)
    assert event.lost or event.reply.http_status == 200
    assert judged_alike(made)


@pytest.mark.parametrize("http_status", [101, 103, 204, 205, 304, 299, 600, 999])
def test_any_status_is_survived(hostile, http_status):
    made = hostile(raw(b"HTTP/1.1 %d X\r\nContent-Length: 4\r\n\r\n<a/>" % http_status))
    assert call(made).reply.http_status == http_status
    assert judged_alike(made)


# -- answers that nobody asked for ----------------------------------------------------------------------------


def test_a_second_answer_is_not_taken_for_that_to_the_next_call(hostile):
    answers = iter([b"first", b"third"])

    def twice(client):
        asked_for = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: %b\r\n\r\n" % next(answers)
        client.sendall(asked_for + b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nServer: second\r\n\r\n")

    made = hostile(twice)
    assert [call(made).reply.headers["server"] for _ in range(2)] == ["first", "third"]


def test_a_length_that_is_too_short_does_not_spoil_the_next_answer(hostile):
    made = hostile(lambda client: client.sendall(XML + b"Content-Length: 5\r\n\r\n<a/><b/>"))
    assert [call(made).reply.http_status for _ in range(3)] == [200] * 3


# -- credentials ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("http_status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere(hostile, http_status):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        where = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x"
        made = hostile(say(b"", b"HTTP/1.1 %d Moved\r\nLocation: %b\r\n" % (http_status, where.encode())))
        assert call(made).reply.http_status == http_status
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


@pytest.mark.parametrize(
    "echo",
    [
        lambda: say(STATUS % (b"1", AUTHORIZATION.encode())),
        lambda: say(STATUS % (b"1", b"Sam:" + SECRET.encode())),
        lambda: say(b"<RequestStatus><Note>%b</Note></RequestStatus>" % SECRET.encode()),
        lambda: say(b"<RequestStatus x='%b'/>" % SECRET.encode()),
        lambda: say(b"not xml " + SECRET.encode()),
        lambda: say(b"", b"HTTP/1.1 302 F\r\nLocation: http://x/?auth=" + AUTHORIZATION.encode() + b"\r\n"),
        lambda: say(b"", b"HTTP/1.1 302 F\r\nLocation: http://Sam:" + SECRET.encode() + b"@x/\r\n"),
        lambda: say(b"", b"HTTP/1.1 401 N\r\nWWW-Authenticate: Basic realm=" + AUTHORIZATION.encode() + b"\r\n"),
        lambda: say(b"", b"HTTP/1.1 200 N\r\nServer: " + SECRET.encode() + b"\r\n"),
        lambda: raw(AUTHORIZATION.encode()),
    ],
)
def test_what_the_server_says_back_of_credentials_is_not_kept(hostile, echo):
    made = hostile(echo())
    call(made)
    call(made)
    made.driver.close()
    made.journal.close()
    kept = made.journal.path.read_text(encoding="utf-8")
    assert SECRET not in kept
    assert AUTHORIZATION.split()[1] not in kept


# -- anything at all ------------------------------------------------------------------------------------------


class _Socket:
    """Answers with these bytes, in pieces."""

    def __init__(self, data, size):
        self._data, self._size = data, size

    def settimeout(self, seconds):
        pass

    def sendall(self, data):
        pass

    def recv(self, size):
        return b""

    def recv_into(self, buffer):
        piece = self._data[: min(self._size, len(buffer))]
        self._data = self._data[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self):
        pass


GOOD = XML + b"Content-Length: %d\r\n\r\n" % len(STATUS % (b"1", b"x")) + STATUS % (b"1", b"x")
ANYTHING = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=60).map(lambda data: b"HTTP/1.1 200 OK\r\n" + data),
    st.binary(max_size=60).map(lambda data: XML + b"\r\n" + data),
    st.binary(max_size=60).map(lambda data: CHUNKED + data),
    st.tuples(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=5)).map(
        lambda cut: GOOD[: cut[0]] + cut[2] + GOOD[cut[1] :]
    ),
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANYTHING, st.sampled_from([1, 7, 65536]), st.sampled_from(list(METHODS)))
def test_whatever_comes_back_becomes_an_exchange(data, size, role):
    recorder = Recorder(SPEC, Redactor(SPEC, b"key"), [Monitor(SPEC, {}, watching={}).feed])
    guard = guard_at(place(f"http://host{BASE}"), SPEC, Tier.READ_ONLY)
    driver = Driver(f"http://host{BASE}", recorder, None, clock=Ticking(), guard=guard)
    with patch.object(Address, "open", lambda self, timeout_s: _Socket(data, size)):
        event = driver.send(Outgoing(f"{BASE}/{METHODS[role]}", (("Host", "host"),)))
    assert (event.lost in {"too-large", "truncated", "reset", "malformed-http"}) is (event.reply is None)
    assert bool(event.lost) is (event.reply is None)
