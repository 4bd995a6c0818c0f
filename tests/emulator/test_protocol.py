"""What a client sees on the socket: order, framing, refusals, and each fault of the wire; in clear and over TLS."""

import asyncio
import contextlib
import http.client
import queue
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from conformance.emulator.certificates import Paths, issue_leaf, make_authority, server_context, write
from conformance.emulator.framing import Limits
from conformance.emulator.listener import Address, Loop, new_event_loop
from conformance.emulator.protocol import (
    EXCESS_BYTES,
    READ_AHEAD_BYTES,
    Handler,
    Rejected,
    Request,
    Response,
    WireFault,
    encode,
)

PATIENCE_S = 10.0
NOWHERE = Address("", 0)
GET = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
XML = (("Content-Type", "application/xml"),)


class Client:
    """A raw client: what it sends is what goes out, and it reads one answer at a time."""

    def __init__(self, address: Address, context: ssl.SSLContext | None) -> None:
        plain = socket.create_connection((address.host, address.port), timeout=PATIENCE_S)
        self.socket = plain
        if context:
            self.socket = context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def head(self) -> tuple[int, http.client.HTTPMessage]:
        """Status and headers of the next answer; its body is not read."""
        status = int(self.file.readline().split()[1])
        return status, http.client.parse_headers(self.file)

    def answer(self) -> tuple[int, bytes]:
        """Status of the next answer, and as much body as it promises."""
        status, headers = self.head()
        return status, self.file.read(int(headers["Content-Length"]))

    def rest(self) -> bytes:
        """Everything until the server closes."""
        return self.file.read()


@dataclass
class Server:
    """A served port that answers by path; what reached it is kept."""

    context: ssl.SSLContext | None
    answers: dict[str, Handler] = field(default_factory=dict)
    requests: queue.Queue[Request] = field(default_factory=queue.Queue)
    errors: queue.Queue[Exception] = field(default_factory=queue.Queue)
    rejected: queue.Queue[Rejected] = field(default_factory=queue.Queue)
    address: Address = NOWHERE
    loop: Loop = field(default_factory=Loop)

    def handle(self, request: Request) -> Response | Awaitable[Response]:
        self.requests.put(request)
        return self.answers.get(request.target, echo)(request)

    def client(self) -> Client:
        return Client(self.address, self.context)

    def saw(self) -> Request:
        return self.requests.get(timeout=PATIENCE_S)


def echo(request: Request) -> Response:
    return Response(200, XML, f"<{request.method}>{request.target}</{request.method}>".encode("latin-1") + request.body)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return write(issue_leaf(make_authority("some root")), folder)


@pytest.fixture(params=["clear", "tls"])
def context(request: pytest.FixtureRequest, paths: Paths) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    if request.param == "clear":
        return None, None
    return server_context(paths), ssl.create_default_context(cafile=str(paths.authority_pem))


@pytest.fixture(params=[asyncio.new_event_loop, new_event_loop], ids=["python", "fastest"])
def server(
    request: pytest.FixtureRequest, context: tuple[ssl.SSLContext | None, ssl.SSLContext | None]
) -> Iterator[Server]:
    server = Server(context[1])
    with Loop(new_event_loop=request.param) as loop:
        limits = Limits(head_bytes=1000, body_bytes=100_000)
        server.loop = loop
        server.address = loop.serve(
            server.handle,
            context[0],
            limits=limits,
            clock=lambda: 7.5,
            on_error=server.errors.put,
            on_rejected=server.rejected.put,
        ).address
        yield server


def broken(wire: WireFault, body: bytes = b"0123456789") -> Callable[[Request], Response]:
    return lambda request: Response(200, XML, body, wire, drip_s=0)


def test_a_connection_is_kept(server: Server) -> None:
    with server.client() as client:
        for path in (b"/1", b"/2"):
            client.send(GET % path)
            assert client.answer() == (200, b"<GET>%s</GET>" % path)
    assert server.saw().connection == server.saw().connection


def test_connections_are_numbered(server: Server) -> None:
    for number in (1, 2):
        with server.client() as client:
            client.send(GET % b"/")
            client.answer()
        assert server.saw().connection == number


def test_a_request_tells_where_it_came_from_and_when(server: Server) -> None:
    with server.client() as client:
        client.send(b"GET / HTTP/1.1\r\nX-Some: Thing\r\n\r\n")
        client.answer()
        host, port = client.socket.getsockname()
    request = server.saw()
    assert (request.peer, request.received_s) == (f"{host}:{port}", 7.5)
    assert (request.header("x-SOME"), request.header("absent")) == ("Thing", None)
    assert request.tls.startswith("TLSv1") is (server.context is not None)


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    async def late(request: Request) -> Response:
        await asyncio.sleep(0)
        return echo(request)

    server.answers["/late"] = late
    with server.client() as client:
        client.send(GET % b"/1" + GET % b"/late" + GET % b"/2")
        assert [client.answer()[1] for _ in range(3)] == [b"<GET>/1</GET>", b"<GET>/late</GET>", b"<GET>/2</GET>"]


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    with server.client() as client:
        for byte in b"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi":
            client.send(bytes([byte]))
        assert client.answer() == (200, b"<POST>/a</POST>hi")


def test_raw_blanks_and_letters_reach_the_handler_as_they_came(server: Server) -> None:
    with server.client() as client:
        client.send("GET /a?b=Jo Smith ü HTTP/1.1\r\n\r\n".encode("latin-1"))
        assert client.answer()[0] == 200
    assert server.saw().target == "/a?b=Jo Smith ü"


def test_head_is_answered_without_a_body(server: Server) -> None:
    with server.client() as client:
        client.send(b"HEAD /a HTTP/1.1\r\n\r\n" + GET % b"/b")
        status, headers = client.head()
        assert (status, headers["Content-Length"]) == (200, str(len("<HEAD>/a</HEAD>")))
        assert client.answer() == (200, b"<GET>/b</GET>")


@pytest.mark.parametrize("http_status", [204, 304])
def test_some_statuses_have_no_body_and_no_length(server: Server, http_status: int) -> None:
    server.answers["/none"] = lambda request: Response(http_status)
    with server.client() as client:
        client.send(GET % b"/none" + GET % b"/b")
        status, headers = client.head()
        assert (status, headers["Content-Length"]) == (http_status, None)
        assert client.answer() == (200, b"<GET>/b</GET>")


def test_a_client_that_asks_for_leave_gets_it(server: Server) -> None:
    with server.client() as client:
        client.send(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert client.head()[0] == 100
        client.send(b"hi")
        assert client.answer() == (200, b"<POST>/</POST>hi")


@pytest.mark.parametrize("head", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"])
def test_a_connection_ends_when_the_client_wants_it(server: Server, head: bytes) -> None:
    with server.client() as client:
        client.send(head + GET % b"/unheard")
        status, headers = client.head()
        assert (status, headers["Connection"]) == (200, "close")
        assert client.rest() == b"<GET>/</GET>"
    assert server.requests.qsize() == 1


@pytest.mark.parametrize(
    ("sent", "http_status"),
    [
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 200_000, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 100001\r\n\r\n" + b"x" * 100_001, 413),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
    ],
    ids=lambda value: value if isinstance(value, int) else value[:30],
)
def test_what_cannot_be_read_is_refused_recorded_and_ends_the_connection(
    server: Server, sent: bytes, http_status: int
) -> None:
    with server.client() as client:
        client.send(GET % b"/good" + sent)
        assert client.answer()[0] == 200
        status, headers = client.head()
        assert (status, headers["Connection"]) == (http_status, "close")
    rejected = server.rejected.get(timeout=PATIENCE_S)
    assert (rejected.http_status, rejected.connection, rejected.received_s) == (http_status, 1, 7.5)
    assert sent.startswith(rejected.raw[:30])
    assert server.requests.qsize() == 1


def test_a_refused_client_is_cut_off(server: Server) -> None:
    with server.client() as client:
        client.send(b"nonsense / HTTP/1.1\r\n\r\n" + GET % b"/unheard")
        assert client.answer()[0] == 400
        assert client.rest() == b""


def raising(request: Request) -> Response:
    raise LookupError("secret")


async def raising_late(request: Request) -> Response:
    raise LookupError("secret")


def unwritable(request: Request) -> Response:
    return Response(200, (("X", "two\r\nlines"),))


@pytest.mark.parametrize(
    ("handler", "error"), [(raising, LookupError), (raising_late, LookupError), (unwritable, ValueError)]
)
def test_a_failing_handler_is_answered_500_and_told_on(
    server: Server, handler: Handler, error: type[Exception]
) -> None:
    server.answers["/fails"] = handler
    with server.client() as client:
        client.send(GET % b"/fails" + GET % b"/works")
        status, body = client.answer()
        assert (status, b"secret" in body, error.__name__.encode() in body) == (500, False, True)
        assert client.answer()[0] == 200
    assert isinstance(server.errors.get(timeout=PATIENCE_S), error)


def test_reset_resets(server: Server) -> None:
    server.answers["/"] = broken(WireFault.RESET)
    with server.client() as client:
        client.send(GET % b"/")
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):  # the latter is how OpenSSL tells it
            client.rest()


def test_truncate_promises_all_and_sends_half(server: Server) -> None:
    server.answers["/"] = broken(WireFault.TRUNCATE)
    with server.client() as client:
        client.send(GET % b"/")
        status, headers = client.head()
        assert (status, headers["Content-Length"]) == (200, "10")
        assert client.rest() == b"01234"


def test_a_short_length_leaves_bytes_that_spoil_the_next_answer(server: Server) -> None:
    server.answers["/"] = broken(WireFault.SHORT_LENGTH)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/next")
        assert client.answer() == (200, b"01234")
        assert client.file.readline() == b"56789HTTP/1.1 200 OK\r\n"


def test_a_long_length_swallows_the_next_answer(server: Server) -> None:
    server.answers["/"] = broken(WireFault.LONG_LENGTH)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/next")
        _, body = client.answer()
        assert len(body) == 10 + EXCESS_BYTES
        assert body.startswith(b"0123456789HTTP/1.1 200 OK\r\n")


def test_drip_is_a_full_answer_before_the_next(server: Server) -> None:
    server.answers["/"] = broken(WireFault.DRIP)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/next")
        assert [client.answer()[1] for _ in range(2)] == [b"0123456789", b"<GET>/next</GET>"]


@pytest.mark.parametrize("context", ["tls"], indirect=True)  # a record of TLS is never joined with the next
def test_drip_comes_byte_by_byte(server: Server) -> None:
    server.answers["/"] = broken(WireFault.DRIP)
    with server.client() as client:
        client.send(GET % b"/")
        assert [client.socket.recv(100) for _ in range(5)] == [b"H", b"T", b"T", b"P", b"/"]


def test_hang_answers_nothing_until_the_server_stops(server: Server) -> None:
    server.answers["/"] = broken(WireFault.HANG)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/unheard")
        server.saw()
        client.socket.settimeout(0)
        with pytest.raises((BlockingIOError, ssl.SSLWantReadError)):
            client.socket.recv(1)
        client.socket.settimeout(PATIENCE_S)
        server.loop.stop()
        with contextlib.suppress(ssl.SSLEOFError):
            assert client.socket.recv(1) == b""
    assert server.requests.empty()


def test_a_hang_with_an_end_closes_the_connection(server: Server) -> None:
    server.answers["/"] = lambda request: Response(200, wire=WireFault.HANG, hang_s=0.01)
    with server.client() as client:
        client.send(GET % b"/")
        with contextlib.suppress(ssl.SSLEOFError, ConnectionResetError):
            assert client.socket.recv(1) == b""


def test_close_is_a_full_answer_and_the_last(server: Server) -> None:
    server.answers["/"] = broken(WireFault.CLOSE)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/unheard")
        _, headers = client.head()
        assert (headers["Connection"], headers["Content-Length"]) == ("close", "10")
        assert client.rest() == b"0123456789"


@pytest.mark.parametrize("body", [b"", b"0", b"0123456789"])
def test_chunked_is_a_full_answer_in_chunks(server: Server, body: bytes) -> None:
    server.answers["/"] = broken(WireFault.CHUNKED, body)
    with server.client() as client:
        client.send(GET % b"/" + GET % b"/next")
        response = http.client.HTTPResponse(client.socket)
        response.begin()
        assert (response.headers["Transfer-Encoding"], response.headers["Content-Length"]) == ("chunked", None)
        assert response.read() == body
        response.close()


def test_a_client_that_does_not_read_loses_nothing(server: Server) -> None:
    large = b"x" * 500_000
    server.answers["/large"] = lambda request: Response(200, XML, large)
    with server.client() as client:
        client.send(GET % b"/large" * 20)
        assert all(client.answer() == (200, large) for _ in range(20))


def test_a_client_that_sends_ahead_loses_nothing(server: Server) -> None:
    gate = asyncio.Event()

    async def wait(request: Request) -> Response:
        await gate.wait()
        return echo(request)

    server.answers["/wait"] = wait
    ahead = GET % b"/next"
    count = READ_AHEAD_BYTES // len(ahead) + 1000
    with server.client() as client:
        client.send(GET % b"/wait" + ahead * count)
        server.saw()
        server.loop.call_soon(gate.set)
        assert client.answer() == (200, b"<GET>/wait</GET>")
        assert all(client.answer() == (200, b"<GET>/next</GET>") for _ in range(count))


def test_a_client_may_leave_before_its_answer(server: Server) -> None:
    gate = asyncio.Event()
    done: queue.Queue[str] = queue.Queue()

    async def wait(request: Request) -> Response:
        await gate.wait()
        done.put("finished")
        return echo(request)

    server.answers["/wait"] = wait
    with server.client() as client:
        client.send(GET % b"/wait")
        server.saw()
    server.loop.call_soon(gate.set)
    assert done.get(timeout=PATIENCE_S) == "finished"
    with server.client() as client:
        client.send(GET % b"/")
        assert client.answer()[0] == 200
    assert server.errors.empty()


@pytest.mark.parametrize("http_status", [200, 299, 404])
def test_an_answer_names_its_status(http_status: int) -> None:
    assert encode(Response(http_status)).startswith(b"HTTP/1.1 %d " % http_status)
