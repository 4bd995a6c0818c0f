"""Ports: where connections come from, and the thread that serves them.

One `Loop` is one background thread with one event loop. All its listeners, connections and plain handlers run on that
thread, so whatever they share needs no lock. The main thread keeps Ctrl-C and only waits; that is what running in the
foreground means here.

Connections are accepted and their TLS handshake awaited by hand instead of by ``loop.create_server``: a handshake that
fails is then an exception with a reason, which can be recorded, and `stop` knows every socket that it has to close.
"""

from __future__ import annotations

import asyncio
import errno
import importlib.util
import itertools
import logging
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from conformance.emulator.framing import USUAL_LIMITS, Limits
from conformance.emulator.protocol import Connection, Handler, Rejected, Service, address_text

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535
BACKLOG = 128
HANDSHAKE_S = 10.0
SHUTDOWN_S = 1.0  # how long a closed TLS connection waits for the client's goodbye
EXHAUSTED_PAUSE_S = 0.1  # before accepting again when the system has no more sockets
GRACE_S = 2.0  # for connections to confirm that they are closed
WAKE_S = 0.2  # a wait without end cannot be interrupted on Windows

T = TypeVar("T")
OnError = Callable[[Exception], None]
OnRejected = Callable[[Rejected], None]


class ListenError(OSError):
    """The port cannot be opened: the set-up's fault."""


@dataclass(frozen=True)
class Address:
    """Where a listener can be reached."""

    host: str
    port: int

    def __str__(self) -> str:
        return address_text((self.host, self.port))


def log_error(error: Exception) -> None:
    """Log what a handler raised, with its traceback."""
    logging.getLogger(__name__).error("while serving a request", exc_info=error)


def ignore_rejected(rejected: Rejected) -> None:
    """Take no notice of bytes that never became a request."""


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The fastest event loop this platform has: uvloop where installed, otherwise Python's own."""
    if sys.platform != "win32" and importlib.util.find_spec("uvloop"):
        return cast(asyncio.AbstractEventLoop, importlib.import_module("uvloop").new_event_loop())
    return asyncio.new_event_loop()


class Loop:
    """A background thread with an event loop, and the listeners that live on it."""

    def __init__(
        self,
        *,
        on_error: OnError = log_error,
        new_event_loop: Callable[[], asyncio.AbstractEventLoop] = new_event_loop,
    ) -> None:
        self._on_error = on_error
        self._new_event_loop = new_event_loop
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listeners: list[Listener] = []
        self._asked_to_stop = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the thread; nothing happens when it runs already."""
        if self._thread:
            return
        loop = self._loop = self._new_event_loop()
        loop.set_exception_handler(self._on_loop_error)
        self._asked_to_stop.clear()
        self._thread = threading.Thread(target=_run, args=(loop,), name="listener", daemon=True)
        self._thread.start()

    def serve(
        self,
        handler: Handler,
        context: ssl.SSLContext | None = None,
        host: str | None = None,
        port: int = 0,
        *,
        on_error: OnError | None = None,
        on_rejected: OnRejected = ignore_rejected,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits = USUAL_LIMITS,
    ) -> Listener:
        """A started listener on this loop; errors go where the loop's go unless told otherwise."""
        listener = Listener(
            handler,
            context,
            host,
            port,
            loop=self,
            on_error=on_error or self._on_error,
            on_rejected=on_rejected,
            clock=clock,
            limits=limits,
        )
        listener.start()
        return listener

    def call_soon(self, function: Callable[[], object]) -> None:
        """Have the function called on the loop's thread, from any thread."""
        self._running().call_soon_threadsafe(function)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine run on the loop; not from the loop's own thread, which would wait for itself."""
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("the loop cannot wait for itself; from a handler use call_soon or ask_to_stop")
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    def ask_to_stop(self) -> None:
        """Make `wait` return; the only way to stop from within a handler."""
        self._asked_to_stop.set()

    def wait(self) -> None:
        """Block until somebody asks to stop. Ctrl-C is raised here, in the caller's thread."""
        while not self._asked_to_stop.wait(WAKE_S):
            pass

    def stop(self) -> None:
        """Close every listener and connection, cancel awaited handlers, end the thread."""
        if not self._thread:
            return
        for listener in tuple(self._listeners):
            listener.stop()
        self._asked_to_stop.set()
        loop = self._running()
        self.call_soon(loop.stop)
        self._thread.join()
        self._thread = self._loop = None

    def adopt(self, listener: Listener) -> None:
        """Stop this listener when the loop stops."""
        self._listeners.append(listener)

    def release(self, listener: Listener) -> None:
        """Forget a listener that is stopped."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the loop is not running; call start() first")
        return self._loop

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Clients that vanish or speak nonsense are no errors of ours; anything else is."""
        error = context.get("exception")
        if isinstance(error, OSError):
            return
        self._on_error(error if isinstance(error, Exception) else RuntimeError(str(context.get("message"))))


class Listener:
    """One open port. Without a ``loop`` it has its own, which starts and stops with it.

    ``context`` None means plain HTTP; ``host`` None means loopback; ``port`` 0 lets the system choose.
    """

    def __init__(
        self,
        handler: Handler,
        context: ssl.SSLContext | None = None,
        host: str | None = None,
        port: int = 0,
        *,
        loop: Loop | None = None,
        on_error: OnError = log_error,
        on_rejected: OnRejected = ignore_rejected,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits = USUAL_LIMITS,
    ) -> None:
        self._service = Service(handler, clock, on_error, on_rejected, limits)
        self._context = context
        self._wanted = Address(host or LOOPBACK, port)
        self._own_loop = loop is None
        self._loop = loop or Loop(on_error=on_error)
        self._address: Address | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self._serials = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> Address:
        """Where it listens, with the port that the system chose."""
        if self._address is None:
            raise RuntimeError(f"nothing listens at {self._wanted} yet; call start() first")
        return self._address

    @property
    def loop(self) -> Loop:
        """The loop it lives on."""
        return self._loop

    def start(self) -> Address:
        """Bind, and serve from now on. Raises `ListenError`."""
        if self._address is not None:
            return self._address
        opened = opened_at(self._wanted)
        self._address = Address(self._wanted.host, opened.getsockname()[1])
        self._loop.start()
        self._loop.run(self._begin(opened))
        self._loop.adopt(self)
        return self._address

    def wait(self) -> None:
        """Block until somebody asks the loop to stop, or Ctrl-C."""
        self._loop.wait()

    def stop(self) -> None:
        """Close the port and, without waiting for the clients' goodbye, every connection."""
        if self._address is None:
            return
        self._loop.run(self._end())
        self._loop.release(self)
        self._address = None
        if self._own_loop:
            self._loop.stop()

    def drop(self) -> None:
        """Break every connection off; the port stays open."""
        self._loop.run(self._abort())

    async def _abort(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()

    async def _begin(self, opened: socket.socket) -> None:
        self._accepting = asyncio.get_running_loop().create_task(self._accept(opened))

    async def _end(self) -> None:
        opening = [task for task in (self._accepting, *self._opening) if task]
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        closed = [connection.closed for connection in self._connections]
        for connection in tuple(self._connections):
            connection.abort()
        if closed:
            await asyncio.wait(closed, timeout=GRACE_S)

    async def _accept(self, opened: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with opened:
            while True:
                try:
                    client, _ = await loop.sock_accept(opened)
                except OSError as error:
                    self._service.on_error(error)
                    await asyncio.sleep(EXHAUSTED_PAUSE_S)
                    continue
                task = loop.create_task(self._open_connection(client))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    async def _open_connection(self, client: socket.socket) -> None:
        """Shake hands; from then on the connection lives by itself."""
        connection = Connection(self._service, next(self._serials), self._connections)
        peer = _peer(client)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                client,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S if self._context else None,
                ssl_shutdown_timeout=SHUTDOWN_S if self._context else None,
            )
        except OSError as error:  # whatever a client does to a handshake
            reason = f"TLS handshake failed: {getattr(error, 'reason', None) or error}"
            now_s = self._service.clock()
            self._service.on_rejected(Rejected(0, reason, b"", connection.serial, peer, now_s))


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """The thread: serve until stopped, then leave nothing behind."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def opened_at(wanted: Address) -> socket.socket:
    """A listening socket that does not block. Raises `ListenError`.

    On Windows a port that somebody else holds is not shared: no address reuse is asked for.
    """
    if not 0 <= wanted.port <= HIGHEST_PORT:
        raise ListenError(f"{wanted.port} is no port; choose one between 1 and {HIGHEST_PORT}, or 0 for any free one.")
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    try:
        socket.getaddrinfo(wanted.host, wanted.port, family, socket.SOCK_STREAM)
        opened = socket.create_server((wanted.host, wanted.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ListenError(_why_not(wanted, error)) from error
    opened.setblocking(False)
    return opened


def _why_not(wanted: Address, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        held = f"port {wanted.port} on {wanted.host} is in use; end the program that holds it"
        return f"{held}, or choose another port (0 takes any free one)."
    if error.errno == errno.EACCES:
        return f"port {wanted.port} on {wanted.host} is reserved or needs an administrator; choose one above 1023."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{wanted.host!r} is no address of this computer; use {LOOPBACK}, or 0.0.0.0 for all its addresses."
    return f"cannot listen on {wanted}: {error}; choose another address or port."


def _peer(client: socket.socket) -> str:
    try:
        return address_text(client.getpeername())
    except OSError:
        return ""
