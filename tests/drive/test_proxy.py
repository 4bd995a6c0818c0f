"""The recording proxy: every byte passes, every ending passes, and what was exchanged is on record."""

import contextlib
import http.client
import select
import socket
import ssl
import struct
import sys
import threading
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.drive import place, trusting, unchecked
from conformance.drive.messages import Bounds
from conformance.drive.proxy import Entrance, Patience, Proxy, Watcher, listening
from conformance.emulator.tls import TlsSettings, protect

TIMEOUT_S = 20
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
GET = b"GET /a HTTP/1.1\r\nHost: pc\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
ODD = b"gET  /a?n=J\xf6rg Fox&n HTTP/1.1\r\nhOsT:pc\r\nx-A :  1\r\nX-a: 2\r\nbroken\r\n folded\r\n\r\n"
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# -- what a server does with a connection ---------------------------------------------------------------------


def echo(sock):
    """Says everything back, and ends when the caller ends."""
    while data := sock.recv(65536):
        sock.sendall(data)


def answer(*pieces):
    """Reads a request, then sends these pieces."""

    def act(sock):
        read_head(sock)
        for piece in pieces:
            sock.sendall(piece)

    return act


def reset(*pieces):
    """Reads a request, sends these pieces, lets them arrive, and breaks the connection."""

    def act(sock):
        read_head(sock)
        for piece in pieces:
            sock.sendall(piece)
            sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    return act


def silent(sock):
    """Reads until the caller ends, and says nothing."""
    while sock.recv(65536):
        pass


def read_head(sock):
    """Up to the empty line; nothing where the other side ends before."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = sock.recv(65536)
        if not piece:
            return b""
        data += piece
    return data


def read_all(sock):
    """Everything until the other side ends."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def read_just(sock, size):
    data = b""
    while len(data) < size:
        data += sock.recv(size - len(data)) or pytest.fail(f"ended after {data!r}")
    return data


def swap(sock, data):
    """What comes back while ``data`` is sent: on one thread, as two must not use one SSLSocket at a time."""
    sock.setblocking(False)
    left, back = memoryview(data), bytearray()
    while len(back) < len(data):
        select.select([sock], [sock] if left else [], [], TIMEOUT_S / 10)
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            left = left[sock.send(left[:65536]) :] if left else left
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            back += sock.recv(65536) or pytest.fail(f"ended after {len(back)} bytes")
    return bytes(back)


class Server:
    """A listening socket whose connections are served by ``act`` on threads."""

    def __init__(self, act, context=None):
        self.act, self.context = act, context
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(TIMEOUT_S)
        with contextlib.suppress(OSError), client:
            if self.context is None:
                self.act(client)
            else:
                with self.context.wrap_socket(client, server_side=True) as secure:
                    self.act(secure)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Ticking:
    now_s = 0.0

    def __call__(self):
        self.now_s += 0.001
        return self.now_s


@pytest.fixture(scope="module")
def protection(tmp_path_factory):
    return protect(TlsSettings(), tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def between(protection):
    """``between(act, ...)`` -> a proxy before a server: ``open()`` connects, ``finish()`` stops it and gives what it
    recorded."""
    with contextlib.ExitStack() as stack:

        def start(act, *, tls=False, port=None, trust=None, **options):
            pem = protection.paths.authority_pem.read_text(encoding="ascii")
            server = Server(act, protection.context if tls else None)
            stack.callback(server.close)
            traffic, remarks, arrived = [], [], threading.Condition()

            def arrives_in(kept):
                def arrives(each):
                    with arrived:
                        kept.append(each)
                        arrived.notify_all()

                return arrives

            entrance = Entrance(listening(), protection.context if tls else None)
            where = place(f"{'https' if tls else 'http'}://localhost:{port or server.port}/base")
            context = (trust or trusting(pem)) if tls else None
            watcher = Watcher(arrives_in(traffic), arrives_in(remarks))
            running = stack.enter_context(contextlib.ExitStack())
            proxy = running.enter_context(Proxy(entrance, where, context, watcher, Ticking(), **options))
            address = entrance.socket.getsockname()[:2]

            def connect(secure=tls):
                sock = stack.enter_context(socket.create_connection(address, timeout=TIMEOUT_S))
                return (
                    stack.enter_context(trusting(pem).wrap_socket(sock, server_hostname="localhost"))
                    if secure
                    else sock
                )

            def recorded(count):
                """Waits until so many are recorded."""
                with arrived:
                    assert arrived.wait_for(lambda: len(traffic) >= count, TIMEOUT_S), traffic
                return list(traffic)

            def remarked():
                """Waits for the first remark."""
                with arrived:
                    assert arrived.wait_for(lambda: remarks, TIMEOUT_S)
                return list(remarks)

            def finish():
                running.close()
                return traffic

            return SimpleNamespace(
                open=connect,
                recorded=recorded,
                finish=finish,
                proxy=proxy,
                server=server,
                remarked=remarked,
                address=address,
            )

        yield start


either = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


# -- bytes ----------------------------------------------------------------------------------------------------


@either
def test_any_bytes_in_any_pieces_pass_both_ways_unchanged(between, tls):
    """Garbage, broken messages and whole ones alike."""
    proxy = between(echo, tls=tls)
    some = st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([GET, OK, ODD, b"\r\n\r\n"])), max_size=8)

    @many
    @given(some)
    def passes(sent):
        with proxy.open() as caller:
            for piece in sent:
                caller.sendall(piece)
            assert read_just(caller, len(b"".join(sent))) == b"".join(sent)

    passes()
    assert proxy.proxy.failure is None


@either
def test_many_bytes_pass_both_ways_at_once(between, tls):
    data = bytes(range(256)) * 20_000

    assert swap(between(echo, tls=tls).open(), data) == data


def test_a_request_arrives_as_it_was_written(between):
    heard = []
    proxy = between(lambda sock: (heard.append(read_head(sock)), sock.sendall(OK)))
    caller = proxy.open()
    caller.sendall(ODD)

    assert read_all(caller) == OK
    assert heard == [ODD]


def test_the_host_alone_is_renamed_on_request(between):
    heard = []
    proxy = between(lambda sock: (heard.append(read_head(sock)), sock.sendall(OK)), rename_host=True)
    caller = proxy.open()
    caller.sendall(ODD)

    assert read_all(caller) == OK
    assert heard == [ODD.replace(b"hOsT:pc", f"hOsT:localhost:{proxy.server.port}".encode())]
    assert proxy.recorded(1)[0].headers[0] == ("hOsT", "pc")


def test_a_body_passes_before_its_end_has_come(between):
    go_on = threading.Event()

    def act(sock):
        read_head(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        go_on.wait(TIMEOUT_S)
        sock.sendall(b"cd")

    caller = between(act).open()
    caller.sendall(GET)
    beginning = read_just(caller, 40)
    go_on.set()

    assert beginning.endswith(b"ab")
    assert read_all(caller) == b"cd"


def test_a_body_that_is_too_long_for_the_record_passes(between):
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20_000
    proxy = between(answer(long), bounds=Bounds(body_bytes=1000))
    caller = proxy.open()
    caller.sendall(GET)

    assert read_all(caller) == long
    assert [each.lost for each in proxy.recorded(1)] == ["too-large"]


def test_leave_to_go_on_passes(between):
    def act(sock):
        read_head(sock)
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert sock.recv(2) == b"xy"
        sock.sendall(OK)

    proxy = between(act)
    caller = proxy.open()
    caller.sendall(b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert read_just(caller, 25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    caller.sendall(b"xy")

    assert read_all(caller) == OK
    assert [(each.verb, each.http_status) for each in proxy.recorded(1)] == [("POST", 200)]


# -- connections ----------------------------------------------------------------------------------------------


@either
def test_one_connection_of_the_caller_is_one_to_the_server(between, tls):
    served = []

    def act(sock):
        served.append(sock)
        while read_head(sock):
            sock.sendall(OK)

    proxy = between(act, tls=tls)
    for _ in range(2):
        caller = proxy.open()
        for _ in range(3):
            caller.sendall(GET)
            assert read_just(caller, len(OK)) == OK

    assert len(served) == 2
    assert [each.connection for each in proxy.recorded(6)] == ["1"] * 3 + ["2"] * 3
    assert {each.who for each in proxy.recorded(6)} == {"pms"}


def test_calls_in_a_row_keep_their_order(between):
    def act(sock):
        for name in (read_just(sock, len(GET)) for _ in range(3)):
            sock.sendall(OK.replace(b"hi", name[5:6] * 2))

    proxy = between(act)
    caller = proxy.open()
    caller.sendall(GET + GET.replace(b"/a", b"/b") + GET.replace(b"/a", b"/c"))

    assert read_all(caller) == b"".join(OK.replace(b"hi", each * 2) for each in (b"a", b"b", b"c"))
    assert [(each.target, each.body) for each in proxy.recorded(3)] == [("/a", b"aa"), ("/b", b"bb"), ("/c", b"cc")]


@either
def test_a_caller_that_has_said_all_still_gets_its_answer(between, tls):
    def act(sock):
        assert read_all(sock) == GET
        sock.sendall(OK)

    proxy = between(act, tls=tls)
    caller = proxy.open()
    caller.sendall(GET)
    (half_closed_tls if tls else half_closed)(caller)

    assert [(each.http_status, each.lost) for each in proxy.recorded(1)] == [(200, "")]


def half_closed(caller):
    caller.shutdown(socket.SHUT_WR)
    assert read_all(caller) == OK


def half_closed_tls(caller):
    """Says goodbye and nothing else; what comes back is read by ``unwrap``, which ends with the server's goodbye."""
    with contextlib.suppress(OSError):
        caller.unwrap()


@pytest.mark.parametrize(
    ("sent", "lost"),
    [(b"", "reset"), (OK[:-1], "truncated"), (b"nonsense\r\n\r\n", "malformed-http")],
    ids=["nothing", "cut off", "no HTTP"],
)
def test_what_a_server_sends_instead_of_an_answer_passes_and_is_recorded_as_lost(between, sent, lost):
    proxy = between(answer(sent))
    caller = proxy.open()
    caller.sendall(GET)

    assert read_all(caller) == sent
    assert [(each.target, each.lost) for each in proxy.recorded(1)] == [("/a", lost)]


def test_an_answer_that_a_reset_breaks_off_is_recorded_as_lost(between):
    proxy = between(reset(OK[:-1]))
    caller = proxy.open()
    caller.sendall(GET)
    assert read_just(caller, len(OK) - 1) == OK[:-1]
    caller.sendall(b"x")

    with pytest.raises(ConnectionResetError):
        caller.recv(1)
    assert [each.lost for each in proxy.recorded(1)] == ["reset"]


def test_a_reset_of_the_server_reaches_the_caller_as_one(between):
    caller = between(reset()).open()
    caller.sendall(GET)

    with pytest.raises(ConnectionResetError):
        caller.recv(1)


def test_a_server_that_is_not_there_is_recorded(between):
    with listening() as taken:
        nobody = taken.getsockname()[1]
    proxy = between(echo, port=nobody)
    caller = proxy.open()
    caller.sendall(GET)

    assert [(each.target, each.lost) for each in proxy.recorded(1)] == [("/a", "refused")]
    with pytest.raises(ConnectionResetError):
        caller.recv(1)


def test_a_server_that_is_not_believed_gets_nothing(between, tmp_path):
    other = protect(TlsSettings(), tmp_path).paths.authority_pem.read_text(encoding="ascii")
    heard = []
    proxy = between(lambda sock: heard.append(sock.recv(1)), tls=True, trust=trusting(other))
    proxy.open().sendall(GET)

    assert [each.lost for each in proxy.recorded(1)] == ["tls"]
    assert heard == []


def test_a_caller_that_gives_up_on_a_silent_server_is_on_record(between):
    proxy = between(silent, patience=Patience(half_open_s=0.01))
    with proxy.open() as caller:
        caller.sendall(GET)

    assert [(each.target, each.lost) for each in proxy.recorded(1)] == [("/a", "caller-gone")]


def test_a_caller_that_breaks_the_connection_is_on_record(between):
    asked = threading.Event()
    proxy = between(lambda sock: (read_head(sock), asked.set(), silent(sock)))
    caller = proxy.open()
    caller.sendall(GET)
    asked.wait(TIMEOUT_S)
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    caller.close()

    assert [(each.target, each.lost) for each in proxy.recorded(1)] == [("/a", "caller-gone")]


def test_what_is_under_way_when_the_recording_ends_is_on_record(between):
    asked = threading.Event()
    proxy = between(lambda sock: (read_head(sock), asked.set(), sock.recv(1)))
    caller = proxy.open()
    caller.sendall(GET)
    asked.wait(TIMEOUT_S)

    assert [(each.target, each.lost) for each in proxy.finish()] == [("/a", "recording-ended")]


def test_a_caller_that_does_not_trust_the_proxy_is_remarked(between):
    proxy = between(echo, tls=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(socket.create_connection(proxy.address), server_hostname="localhost")

    assert "TLS" in proxy.remarked()[0]


def test_a_caller_without_tls_is_remarked(between):
    proxy = between(echo, tls=True)
    caller = proxy.open(secure=False)
    caller.sendall(GET)
    with contextlib.suppress(ConnectionResetError):
        read_all(caller)

    assert proxy.remarked() == ["connection 1: no TLS with the caller (HTTP_REQUEST)"]


def test_a_proxy_in_the_environment_does_not_matter(between, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    caller = between(answer(OK)).open()
    caller.sendall(GET)

    assert read_all(caller) == OK


def test_bytes_pass_on_when_the_recording_breaks(between):
    proxy = between(answer(OK))
    proxy.proxy.failure = None
    proxy.proxy._watcher.record = lambda traffic: 1 / 0
    for _ in range(2):
        caller = proxy.open()
        caller.sendall(GET)
        assert read_all(caller) == OK

    proxy.finish()
    assert isinstance(proxy.proxy.failure, ZeroDivisionError)


def test_an_ordinary_client_notices_nothing(between, protection):
    def act(sock):
        for body in (b"one", b"two"):
            read_head(sock)
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n" + body + b"\r\n0\r\n\r\n")

    proxy = between(act, tls=True)
    client = http.client.HTTPSConnection(*proxy.address, context=unchecked(), timeout=TIMEOUT_S)
    with contextlib.closing(client):
        for body in (b"one", b"two"):
            client.request("GET", "/a")
            assert client.getresponse().read() == body

    assert [each.body for each in proxy.recorded(2)] == [b"one", b"two"]
