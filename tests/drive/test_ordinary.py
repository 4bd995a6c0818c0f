"""What is read without http.client is read as http.client reads it, and nothing that it might read otherwise."""

import socket
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.drive import Limits, connection
from conformance.drive.connection import Connection
from conformance.drive.guard import Admitted
from conformance.drive.ordinary import ordinary_head

LIMITS = Limits(connect_s=5, call_s=5, body_bytes=1000)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 3\r\n\r\nabc"
PIECES = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 404\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 204 No\r\n",
    b"HTTP/1.1 100 C\r\n\r\n", b"Content-Length: 3\r\n", b"content-length:3\r\n", b"Content-Length: 2000\r\n",
    b"Content-Length: +3\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n",
    b"Connection: Keep-Alive\r\n", b"X:  a:b \t\r\n", b" folded\r\n", b"X: \xe4\x0b\r\n", b"X y: z\r\n", b"X:\r\n",
    b"\r\n", b"\n", b"abc", b"3\r\nabc\r\n0\r\n\r\n",
)  # fmt: skip


def said(data, slowly=False):
    """What comes of these bytes, and whether the connection may be used again; ``slowly`` by http.client alone."""
    here, there = socket.socketpair()
    with here, there, patch.object(connection, "ordinary_head", (lambda _: None) if slowly else ordinary_head):
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        used = Connection(SimpleNamespace(open=lambda _: here), LIMITS, lambda: 0.0)
        used.write(Admitted(b"GET / HTTP/1.1\r\n\r\n", "GET"))
        try:
            return used.read(), used._usable
        except Exception as wrong:
            return type(wrong), used._usable


@example([OK])
@example([OK[:-1]])
@example([OK, b"more"])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7))
def test_answers_are_read_as_by_http_client(pieces):
    data = b"".join(pieces)

    assert said(data) == said(data, slowly=True)


def test_an_ordinary_answer_does_not_need_it():
    assert ordinary_head(OK).headers == (("Content-Type", "application/xml"), ("Content-Length", "3"))
    assert ordinary_head(OK).size_bytes == len(OK) - 3


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        OK[:40],
        OK.replace(b"/1.1", b"/1.0"),
        OK.replace(b"200", b"204"),
        OK.replace(b"200", b"100"),
        OK.replace(b"Length: 3", b"Length: 3\r\nContent-Length: 3"),
        OK.replace(b"Length: 3", b"Length: 3\r\nTransfer-Encoding: chunked"),
        OK.replace(b"Length: 3", b"Length: -3"),
        OK.replace(b"Length: 3", b"Length: 3\r\n folded"),
        OK.replace(b"xml", b"xml\x0b"),
        OK.replace(b"xml", "xäml".encode("latin-1")),
        OK.replace(b"\r\n", b"\n"),
    ],
)
def test_what_can_be_read_in_two_ways_is_left_to_it(begin):
    assert ordinary_head(begin) is None
