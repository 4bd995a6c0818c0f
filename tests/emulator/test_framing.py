"""A stream of bytes becomes the same requests, however it is cut; what is no request is refused with a reason."""

import pytest

from conformance.emulator.framing import USUAL_LIMITS, Limits, Message, Reader, Unreadable

HOST = b"Host: localhost\r\n"
GET = b"GET /a?b=c HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhe\n\r\n2;x=y\r\nlo\r\n0\r\nTrailer: no\r\n\r\n"
UPGRADE = b"GET /up HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


def read_all(*pieces: bytes, limits: Limits = USUAL_LIMITS) -> list[Message]:
    reader = Reader(limits)
    messages = []
    for piece in pieces:
        reader.feed(piece)
        while message := reader.next():
            messages.append(message)
    return messages


def one_by_one(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def refusal(stream: bytes, limits: Limits = USUAL_LIMITS) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_all(stream, limits=limits)
    return caught.value


@pytest.mark.parametrize(
    ("stream", "method", "target", "body"),
    [
        (GET, "GET", "/a?b=c", b""),
        (POST, "POST", "/a", b"hello"),
        (CHUNKED, "POST", "/a", b"he\nlo"),
        (UPGRADE, "GET", "/up", b""),
        (b"\r\n\n" + GET, "GET", "/a?b=c", b""),
        (b"GET /a HTTP/1.0\r\n\r\n", "GET", "/a", b""),
        (b"GET http://localhost/a HTTP/1.1\r\n\r\n", "GET", "http://localhost/a", b""),
        (b"GET /a b?c=d e HTTP/1.1\r\n\r\n", "GET", "/a b?c=d e", b""),
        (b"GET /a?b=c  HTTP/1.1\r\n\r\n", "GET", "/a?b=c ", b""),
        (b"GET /a?b=c HTTP/1.1 HTTP/1.1\r\n\r\n", "GET", "/a?b=c HTTP/1.1", b""),
        ("GET /a?b=ü HTTP/1.1\r\n\r\n".encode("latin-1"), "GET", "/a?b=ü", b""),
        ("GET /a?b=ü c HTTP/1.1\r\n\r\n".encode(), "GET", "/a?b=\xc3\xbc c", b""),
        (b'GET /a?b="<>{}|\\^`[]$,: HTTP/1.1\r\n\r\n', "GET", '/a?b="<>{}|\\^`[]$,:', b""),
        (b"POST /a b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "POST", "/a b", b"hi"),
    ],
)
def test_a_request_is_the_same_at_once_and_byte_by_byte(stream: bytes, method: str, target: str, body: bytes) -> None:
    for pieces in ([stream], one_by_one(stream)):
        (message,) = read_all(*pieces)
        assert (message.method, message.target, bytes(message.body)) == (method, target, body)


def test_requests_in_one_piece_are_told_apart() -> None:
    messages = read_all(GET + POST + CHUNKED + UPGRADE + GET)
    assert [message.target for message in messages] == ["/a?b=c", "/a", "/a", "/up", "/a?b=c"]


def test_header_names_are_lower_case_and_keep_order_and_repetition() -> None:
    (message,) = read_all(b"GET / HTTP/1.1\r\nX-B: 1\r\nX-A:  2 \r\nX-B: \xe4\r\n\r\n")
    assert message.headers == [("x-b", "1"), ("x-a", "2"), ("x-b", "ä")]


def test_a_trailer_is_no_header() -> None:
    (message,) = read_all(CHUNKED)
    assert message.headers == [("transfer-encoding", "chunked")]


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: x, close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True),
    ],
)
def test_a_connection_stays_as_its_version_and_header_say(head: bytes, kept: bool) -> None:
    (message,) = read_all(head)
    assert message.keeps_connection is kept


@pytest.mark.parametrize(
    ("stream", "http_status", "reason"),
    [
        (b"\x16\x03\x01\x02", 400, "0x16"),
        (b"GET /a HTTP/1.1\r\nno colon\r\n\r\n", 400, "header"),
        (b"GET /a HTTP/1.1\nHost: a\n\n", 400, "CRLF"),
        (b"GET /a\tb HTTP/1.1\r\n\r\n", 400, "url"),
        (b"GET a HTTP/1.1\r\n\r\n", 400, "url"),
        (b"NONSENSE /a HTTP/1.1\r\n\r\n", 400, "method"),
        (b"GET /a b HTTP/1.1 \r\n\r\n", 400, "HTTP/"),
        (b"POST /a HTTP/1.1\r\nContent-Length: five\r\n\r\nhello", 400, "Content-Length"),
        (b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "chunk"),
        (b"GET /a\r\n\r\n", 505, "0.9"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "2.0"),
        (b"GET / HTTP/2.0\r\n\r\n", 505, "2.0"),
    ],
)
def test_what_is_no_request_is_refused(stream: bytes, http_status: int, reason: str) -> None:
    error = refusal(stream)
    assert error.http_status == http_status
    assert reason in error.reason
    assert stream.startswith(error.raw)
    assert error.raw


@pytest.mark.parametrize("stream", [GET, GET[:-4]])
def test_a_head_fits_to_the_byte(stream: bytes) -> None:
    read_all(stream, limits=Limits(head_bytes=len(stream)))
    assert refusal(stream, Limits(head_bytes=len(stream) - 1)).http_status == 431


@pytest.mark.parametrize("stream", [POST, CHUNKED])
def test_a_body_fits_to_the_byte(stream: bytes) -> None:
    size = len(stream.partition(b"\r\n\r\n")[2])
    assert len(read_all(stream, limits=Limits(body_bytes=size))) == 1
    assert refusal(stream, Limits(body_bytes=size - 1)).http_status == 413


def test_a_client_that_waits_for_leave_is_invited_once() -> None:
    reader = Reader(USUAL_LIMITS)
    reader.feed(b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert reader.next() is None
    assert (reader.invitation_due(), reader.invitation_due()) == (True, False)


def test_a_client_that_sends_its_body_at_once_is_not_invited() -> None:
    reader = Reader(USUAL_LIMITS)
    reader.feed(b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nh")
    assert reader.next() is None
    assert not reader.invitation_due()
