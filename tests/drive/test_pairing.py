"""Exchanges found in two streams of bytes, whatever the pieces in which they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.drive.messages import Bounds, HostNamer
from conformance.drive.pairing import GONE, RESET, Pairing

GET = b"GET /a?b=c HTTP/1.1\r\nHost: pc\r\n\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\nHost: pc\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\nT: t\r\n\r\n"
UNTIL_THE_END = b"HTTP/1.0 200 OK\r\n\r\nhi"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
SMALL = Bounds(head_bytes=200, body_bytes=10)

UNDERSTOOD = {
    "one after the other": (GET * 2, OK * 2, [(200, b"hi"), (200, b"hi")]),
    "chunks": (GET * 2, CHUNKED + OK, [(200, b"hi"), (200, b"hi")]),
    "until the connection ends": (GET, UNTIL_THE_END, [(200, b"hi")]),
    "no content": (GET * 2, EMPTY + OK, [(204, b""), (200, b"hi")]),
    "not modified": (GET * 2, b"HTTP/1.1 304 X\r\nContent-Length: 7\r\n\r\n" + OK, [(304, b""), (200, b"hi")]),
    "HEAD announces what it does not bring": (HEAD + GET, OK[:-2] + OK, [(200, b""), (200, b"hi")]),
    "leave to go on": (
        b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nxy" + GET,
        CONTINUE + OK + OK,
        [(200, b"hi"), (200, b"hi")],
    ),
    "a request in chunks": (
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + GET,
        OK * 2,
        [(200, b"hi"), (200, b"hi")],
    ),
    "an upgrade that is not taken": (GET.replace(b"Host", b"Upgrade: h2c\r\nHost") + GET, OK * 2, [(200, b"hi")] * 2),
    "an upgrade": (GET, b"HTTP/1.1 101 Switching\r\n\r\n\x00\x01HTTP/1.1 200 OK\r\n\r\n", [(101, b"")]),
    "a tunnel": (b"CONNECT pc:1 HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n\x16\x03", [(200, b"")]),
    "line feeds alone": (b"GET /a HTTP/1.1\nHost: pc\n\n", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", [(200, b"hi")]),
    "blank lines between": (b"\r\n" + GET + b"\r\n" + GET, OK * 2, [(200, b"hi"), (200, b"hi")]),
    "blanks in a target": (b"GET /a?n=van der Berg HTTP/1.1\r\n\r\n", OK, [(200, b"hi")]),
    "a header without a colon": (GET.replace(b"Host: pc", b"Host pc"), OK, [(200, b"hi")]),
    "two equal lengths": (GET, OK.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n"), [(200, b"hi")]),
}
BROKEN_ANSWERS = {
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "malformed-http"),
    "two lengths": (OK.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"), "malformed-http"),
    "a length that is none": (OK.replace(b"h: 2", b"h: -2"), "malformed-http"),
    "a chunk without size": (CHUNKED.replace(b"1;x=y", b"zz"), "malformed-http"),
    "a chunk that is too long": (CHUNKED.replace(b"\r\nh\r\n", b"\r\nhh\r\n"), "malformed-http"),
    "an endless head": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300, "malformed-http"),
    "more than is kept": (b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + b"x" * 11, "too-large"),
    "an early end": (OK[:-1], "truncated"),
    "an early end in a head": (OK[:10], "truncated"),
    "nothing": (b"", "reset"),
}
BROKEN_REQUESTS = {
    "no HTTP": (b"\x16\x03\x01\x02\x00", ("", "", "start-line")),
    "no version": (b"GET /a\r\n\r\n", ("", "", "request-line")),
    "an endless head": (b"GET /" + b"x" * 300, ("", "", "head-too-long")),
    "a length that is none": (
        b"POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        ("POST", "/a", "content-length"),
    ),
    "a strange coding": (b"POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", ("POST", "/a", "transfer-encoding")),
    "a head answered before its end": (b"GET /a HTTP/1.1\r\nHost", ("", "", "answered-early")),
}


def ticking():
    ticks = iter(range(10_000))
    return lambda: float(next(ticks))


def pairing(bounds=SMALL):
    return Pairing("1", bounds, ticking(), "pms")


def exchanged(sent, received, cut=None, lost=RESET):
    """Everything that is found when the streams come in pieces of that size, and the server then ends its own."""
    seen = pairing()
    for piece in pieces(sent, cut):
        seen.sent(piece)
    for piece in pieces(received, cut):
        seen.received(piece)
    if lost == RESET:
        seen.ended()
    seen.over(lost)
    return seen.done()


def pieces(data, size):
    return [data[at : at + (size or len(data))] for at in range(0, len(data), size or len(data))] if data else []


in_pieces = pytest.mark.parametrize("cut", [None, 1, 7])


@in_pieces
@pytest.mark.parametrize(("sent", "received", "found"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_answers_belong_to_the_oldest_request(sent, received, found, cut):
    assert [(each.http_status, each.body) for each in exchanged(sent, received, cut)] == found


@in_pieces
@pytest.mark.parametrize(("received", "lost"), BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS)
def test_an_answer_that_cannot_be_read_is_lost_for_a_reason(received, lost, cut):
    found = exchanged(GET, received, cut)

    assert [(each.target, each.http_status, each.lost) for each in found] == [("/a?b=c", 0, lost)]


@pytest.mark.parametrize(("sent", "found"), BROKEN_REQUESTS.values(), ids=BROKEN_REQUESTS)
def test_a_request_that_cannot_be_read_has_a_flaw_and_its_answer(sent, found):
    (only,) = exchanged(sent, b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n")

    assert (only.verb, only.target, only.flaw) == found
    assert only.http_status == 400


def test_what_is_sent_after_a_switch_is_no_request():
    seen = pairing()
    seen.sent(GET)
    seen.received(b"HTTP/1.1 101 Switching\r\n\r\n")
    seen.sent(GET)
    seen.over(RESET)

    assert len(seen.done()) == 1


def test_what_comes_after_a_broken_request_is_no_exchange():
    assert len(exchanged(b"GET /a\r\n\r\n" + GET, OK * 2)) == 1


def test_an_answer_that_nobody_asked_for_is_no_exchange():
    assert exchanged(b"", b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n") == []


def test_calls_of_a_caller_that_went_away_are_lost():
    assert [each.lost for each in exchanged(GET * 2, OK[:-1], lost=GONE)] == [GONE, GONE]


def test_a_reset_does_not_end_an_answer_that_lasts_until_the_end():
    seen = pairing()
    seen.sent(GET)
    seen.received(UNTIL_THE_END)
    seen.over(RESET)

    assert [(each.http_status, each.lost) for each in seen.done()] == [(0, RESET)]


def test_headers_are_kept_as_they_came():
    (only,) = exchanged(b"GET /a HTTP/1.1\r\nhOST:pc\r\nX-Long: one\r\n  two\r\nX-Empty:\r\n\r\n", OK)

    assert only.headers == (("hOST", "pc"), ("X-Long", "one two"), ("X-Empty", ""))


def test_a_request_begins_with_its_first_byte_and_ends_with_the_last_of_its_answer():
    (only,) = exchanged(GET, OK, cut=1)

    assert (only.started_s, only.finished_s) == (0.0, 2.0)


@given(st.lists(st.binary(max_size=60)), st.lists(st.binary(max_size=60)))
def test_no_bytes_break_it(sent, received):
    seen = pairing()
    for piece in sent:
        seen.sent(piece)
    for piece in received:
        seen.received(piece)
    seen.ended()
    seen.over(RESET)

    assert not seen.asked


parts = st.sampled_from(
    [b"GET /", b" HTTP/1.1", b"\r\n", b"\n", b"Content-Length: 3", b"Transfer-Encoding: chunked", b"3"]
)
answers = st.sampled_from([b"HTTP/1.1 ", b"200 OK", b"204 X", b"\r\n", b"\n\n", b"Content-Length: 3", b"abc", b"0"])


@given(st.lists(parts).map(b"".join), st.lists(answers).map(b"".join), st.integers(1, 9))
def test_the_size_of_the_pieces_does_not_matter(sent, received, size):
    def facts(found):
        return [(e.verb, e.target, e.headers, e.http_status, e.body, e.lost, e.flaw) for e in found]

    assert facts(exchanged(sent, received, size)) == facts(exchanged(sent, received))


@in_pieces
def test_the_host_is_renamed_and_nothing_else(cut):
    stream = b"GET /Host: HTTP/1.1\r\nX-Host: a\r\nhOsT:  pc:1\r\nA: b\r\n\r\n"
    body = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nHost: pc\n"
    namer = HostNamer(SMALL, "real:5484")
    sent = b"".join(namer.pass_on(piece) for piece in pieces(stream + body + stream, cut)) + namer.rest()

    renamed = stream.replace(b"pc:1", b"real:5484")
    assert sent == renamed + body + renamed


@given(st.lists(parts).map(b"".join), st.integers(1, 9))
def test_a_stream_without_a_host_passes_the_namer_unchanged(stream, size):
    namer = HostNamer(SMALL, "real:5484")

    assert b"".join(map(namer.pass_on, pieces(stream, size))) + namer.rest() == stream
