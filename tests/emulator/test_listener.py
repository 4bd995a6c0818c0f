"""Ports: opened, shared by one loop, kept in spite of rude clients, and closed without a trace."""

import asyncio
import contextlib
import gc
import http.client
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.emulator.certificates import Paths, issue_leaf, make_authority, server_context, write
from conformance.emulator.listener import Address, Listener, ListenError, Loop, new_event_loop
from conformance.emulator.protocol import Rejected, Request, Response

PATIENCE_S = 10.0
NewLoop = Callable[[], asyncio.AbstractEventLoop]
either_loop = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, new_event_loop], ids=["python", "fastest"])


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return write(issue_leaf(make_authority("some root")), tmp_path_factory.mktemp("certificates"))


def answer(text: str) -> Callable[[Request], Response]:
    return lambda request: Response(200, (), text.encode())


def get(address: Address, paths: Paths | None = None) -> bytes:
    """One request on a connection of its own."""
    with contextlib.closing(connect(address, paths)) as client:
        client.request("GET", "/")
        return client.getresponse().read()


def connect(address: Address, paths: Paths | None = None) -> http.client.HTTPConnection:
    if paths is None:
        return http.client.HTTPConnection(address.host, address.port, timeout=PATIENCE_S)
    context = ssl.create_default_context(cafile=str(paths.authority_pem))
    return http.client.HTTPSConnection(address.host, address.port, timeout=PATIENCE_S, context=context)


def test_a_listener_without_host_is_reached_over_loopback_at_a_port_of_its_own() -> None:
    with Listener(answer("here")) as listener:
        assert listener.address.host == "127.0.0.1"
        assert str(listener.address) == f"127.0.0.1:{listener.address.port}"
        assert get(listener.address) == b"here"


def test_a_listener_can_start_again() -> None:
    listener = Listener(answer("here"))
    for _ in range(2):
        assert get(listener.start()) == b"here"
        assert listener.start() == listener.address
        listener.stop()
        listener.stop()


@either_loop
def test_two_listeners_share_one_thread(new_loop: NewLoop, paths: Paths) -> None:
    threads: set[int] = set()

    def handler(request: Request) -> Response:
        threads.add(threading.get_ident())
        return Response(200)

    with Loop(new_event_loop=new_loop) as loop:
        protocol, control = loop.serve(handler, server_context(paths)), loop.serve(handler)
        get(protocol.address, paths)
        get(control.address)
        assert len(threads) == 1


@either_loop
def test_one_listener_stops_and_the_other_stays(new_loop: NewLoop) -> None:
    with Loop(new_event_loop=new_loop) as loop:
        first, second = loop.serve(answer("first")), loop.serve(answer("second"))
        address = first.address
        first.stop()
        with pytest.raises(ConnectionRefusedError):
            get(address)
        assert get(second.address) == b"second"


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    with Listener(answer("first")) as first:
        port = first.address.port
        with pytest.raises(ListenError, match=rf"port {port} on 127.0.0.1 is in use; .*another port"):
            Listener(answer("second"), port=port).start()
        assert get(first.address) == b"first"


@pytest.mark.parametrize(
    ("host", "port", "hint"),
    [("192.0.2.1", 0, "use 127.0.0.1"), ("127.0.0.1", 65536, "between 1 and 65535"), ("no host", 0, "use 127.0.0.1")],
)
def test_an_address_that_cannot_be_opened_is_named_with_a_way_out(host: str, port: int, hint: str) -> None:
    with pytest.raises(ListenError, match=hint):
        Listener(answer("never"), host=host, port=port).start()


def test_a_closed_port_can_be_opened_again_at_once() -> None:
    with Listener(answer("first")) as first:
        address = first.address
        kept = connect(address)
        kept.request("GET", "/")
        kept.getresponse().read()
    with contextlib.closing(kept), Listener(answer("second"), port=address.port) as second:
        assert get(second.address) == b"second"


@either_loop
def test_fifty_clients_at_once_are_all_served(new_loop: NewLoop, paths: Paths) -> None:
    with Loop(new_event_loop=new_loop) as loop, ThreadPoolExecutor(50) as clients:
        address = loop.serve(answer("here"), server_context(paths)).address
        assert list(clients.map(lambda _: get(address, paths), range(50))) == [b"here"] * 50


@either_loop
@pytest.mark.parametrize("rude", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 100, b""])
def test_a_client_that_does_not_speak_tls_is_cut_off_and_recorded(
    new_loop: NewLoop, paths: Paths, rude: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    rejected: queue.Queue[Rejected] = queue.Queue()
    errors: queue.Queue[Exception] = queue.Queue()
    with Loop(new_event_loop=new_loop, on_error=errors.put) as loop:
        address = loop.serve(answer("here"), server_context(paths), on_rejected=rejected.put, clock=lambda: 7.5).address
        with socket.create_connection((address.host, address.port), timeout=PATIENCE_S) as client:
            client.sendall(rude)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                assert b"HTTP" not in client.makefile("rb").read()
            host, port = client.getsockname()
        record = rejected.get(timeout=PATIENCE_S)
        assert (record.http_status, record.connection, record.peer) == (0, 1, f"{host}:{port}")
        assert record.reason.startswith("TLS handshake failed")
        assert get(address, paths) == b"here"
    assert errors.empty()
    assert not caplog.records


@either_loop
def test_a_client_that_refuses_the_certificate_is_recorded(new_loop: NewLoop, paths: Paths) -> None:
    rejected: queue.Queue[Rejected] = queue.Queue()
    with Loop(new_event_loop=new_loop) as loop:
        context = server_context(paths, maximum_version=ssl.TLSVersion.TLSv1_2)
        address = loop.serve(answer("here"), context, on_rejected=rejected.put).address
        client = http.client.HTTPSConnection(address.host, address.port, context=ssl.create_default_context())
        with pytest.raises(ssl.SSLCertVerificationError), contextlib.closing(client):
            client.request("GET", "/")
        assert "TLS handshake failed" in rejected.get(timeout=PATIENCE_S).reason


@either_loop
def test_stopping_cuts_every_connection_and_leaves_nothing_open(new_loop: NewLoop, paths: Paths) -> None:
    cancelled: queue.Queue[str] = queue.Queue()
    waiting = threading.Event()

    async def for_ever(request: Request) -> Response:
        waiting.set()
        try:
            await asyncio.get_running_loop().create_future()
            return Response(200)
        finally:
            cancelled.put("cancelled")

    loop = Loop(new_event_loop=new_loop)
    loop.start()
    secure, clear = loop.serve(answer("here"), server_context(paths)).address, loop.serve(for_ever).address
    with contextlib.ExitStack() as clients:
        idle = clients.enter_context(contextlib.closing(connect(secure, paths)))
        idle.request("GET", "/")
        idle.getresponse().read()
        silent = clients.enter_context(socket.create_connection((secure.host, secure.port), timeout=PATIENCE_S))
        asking = clients.enter_context(contextlib.closing(connect(clear)))
        asking.request("GET", "/")
        assert waiting.wait(PATIENCE_S)
        loop.stop()
        assert idle.sock.recv(1) == b""
        assert silent.recv(1) == b""
        assert asking.sock.recv(1) == b""
    assert cancelled.get(timeout=PATIENCE_S) == "cancelled"
    gc.collect()  # what was left open would warn now, and warnings are errors here


def test_a_handler_can_end_the_wait_but_not_stop_its_own_loop() -> None:
    def handler(request: Request) -> Response:
        listener.loop.ask_to_stop()
        listener.loop.stop()
        return Response(200)

    errors: list[Exception] = []
    listener = Listener(handler, on_error=errors.append)
    with listener:
        get(listener.address)
        listener.wait()
    (error,) = errors
    assert "ask_to_stop" in str(error)


def test_a_function_is_called_on_the_loop() -> None:
    called: queue.Queue[threading.Thread] = queue.Queue()
    with Loop() as loop:
        loop.call_soon(lambda: called.put(threading.current_thread()))
        assert called.get(timeout=PATIENCE_S) is not threading.current_thread()


def test_a_fault_of_ours_on_the_loop_is_told() -> None:
    errors: queue.Queue[Exception] = queue.Queue()
    with Loop(on_error=errors.put) as loop:
        loop.call_soon(lambda: 1 // 0)
        assert isinstance(errors.get(timeout=PATIENCE_S), ZeroDivisionError)


@pytest.mark.parametrize("use", [lambda: Loop().call_soon(print), lambda: Listener(answer("")).address])
def test_what_is_not_started_says_so(use: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match="call start"):
        use()


def test_a_loop_listens_on_ipv6_where_there_is_one() -> None:
    listener = Listener(answer("here"), host="::1")
    try:
        listener.start()
    except ListenError:
        pytest.skip("this computer has no IPv6")
    with listener:
        assert str(listener.address) == f"[::1]:{listener.address.port}"
        assert get(listener.address) == b"here"
