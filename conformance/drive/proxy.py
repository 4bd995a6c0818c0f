"""A reverse proxy that records: what passes through is the same bytes, in both directions, in every state of decay.

Theory. For each connection of a caller there is one to the server, and two tasks that carry bytes as they come. What
they carry is shown to a ``Pairing`` beside the way, which finds messages in it if there are any; whatever it makes of
them, the bytes have gone. How a stream ends is carried as well: with a goodbye, without one, or by a reset. An exchange
is recorded once its last byte has been handed on. Its connection waits for that, so that no more than one answer per
connection is in memory; other connections go on.

What cannot be passed on: a refused connection to the server. By then the caller is connected to the proxy, so its first
request is read, recorded as lost, and the connection is reset.

The proxy lives on a thread of its own. ``record`` is called on another one, in the order in which exchanges end.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from conformance.drive.channel import Channel, connected
from conformance.drive.http import Place, why
from conformance.drive.messages import Bounds, HostNamer
from conformance.drive.pairing import GONE, RESET, Pairing
from conformance.trace import Traffic

LOOPBACK = "127.0.0.1"
BACKLOG = 128
EXHAUSTED_PAUSE_S = 0.1  # before accepting again when the system has no more sockets
RECORDING_ENDED = "recording-ended"
"""The proxy was stopped before the answer had come."""


@dataclass(frozen=True)
class Patience:
    """How long the proxy waits on its own account. A server may take as long as its caller does."""

    connect_s: float = 10.0
    half_open_s: float = 30.0
    """For more bytes in one direction, after the other one has ended."""


def listening(host: str = LOOPBACK, port: int = 0) -> socket.socket:
    """A socket that callers can connect to from now on; port 0 for any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


@dataclass(frozen=True)
class Entrance:
    """The side towards the callers: the listening socket, and the TLS to present (None: speak without)."""

    socket: socket.socket
    context: ssl.SSLContext | None = None

    @property
    def authority(self) -> str:
        """Host and port at which callers reach it."""
        host, port = self.socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass
class Watcher:
    """Who is told. Both are called from threads of the proxy."""

    record: Callable[[Traffic], object]
    remark: Callable[[str], object] = field(default=lambda text: None)
    """A connection that brought no call that could be recorded, in words."""


@dataclass(eq=False)
class _Pair:
    """The two channels of one connection, and what is known of their traffic."""

    serial: str
    client: Channel
    server: Channel
    pairing: Pairing
    moved: int = 0
    """How many pieces have come so far."""
    lost: str = ""
    """Why answers will not come any more, as far as the first thing tells that went wrong."""

    def loses(self, why: str) -> None:
        self.lost = self.lost or why


class Proxy:
    """A listening proxy, as a context manager."""

    def __init__(
        self,
        entrance: Entrance,
        place: Place,
        context: ssl.SSLContext | None,
        watcher: Watcher,
        clock: Callable[[], float],
        *,
        bounds: Bounds | None = None,
        patience: Patience | None = None,
        rename_host: bool = False,
        who: str = "pms",
    ) -> None:
        """``context`` is for the connections to ``place``; None for a server without TLS. Closes the entrance."""
        self.entrance = entrance
        self.place = place
        self.failure: Exception | None = None
        """What broke in the recording, if ever. Bytes pass on nevertheless, and nothing is recorded any more."""
        self._context = context
        self._watcher = watcher
        self._clock = clock
        self._bounds = bounds or Bounds()
        self._patience = patience or Patience()
        self._rename_host = rename_host
        self._who = who
        self._serials = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._started = threading.Event()

    def __enter__(self) -> Self:
        self.entrance.socket.setblocking(False)
        self._recording = ThreadPoolExecutor(1, "recording")
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="proxy", daemon=True)
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops. Calls that are under way are recorded as lost; all is recorded when this returns."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._recording.shutdown()

    # -- connections ------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        accepting = self._loop.create_task(self._accept())
        self._started.set()
        await self._stopping.wait()
        await _cancelled(accepting)
        self.entrance.socket.close()
        await _cancelled(*self._tasks)
        await asyncio.gather(*self._endings, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                caller, _ = await self._loop.sock_accept(self.entrance.socket)
            except OSError:
                await asyncio.sleep(EXHAUSTED_PAUSE_S)
                continue
            task = self._loop.create_task(self._serve(caller, str(next(self._serials))))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, caller: socket.socket, serial: str) -> None:
        client = Channel(caller, self.entrance.context)
        pairing = Pairing(serial, self._bounds, self._clock, self._who)
        try:
            async with asyncio.timeout(self._patience.connect_s):
                await client.shake_hands()
        except OSError as wrong:
            self._watcher.remark(f"connection {serial}: no TLS with the caller ({_reason(wrong)})")
            client.close()
            return
        except asyncio.CancelledError:
            client.close()
            raise
        try:
            server = await self._reached()
        except OSError as wrong:
            await self._unreachable(client, pairing, why(wrong))
        except asyncio.CancelledError:
            client.reset()
            raise
        else:
            await self._carry(_Pair(serial, client, server, pairing))

    async def _reached(self) -> Channel:
        """A channel to the server. Raises OSError."""
        async with asyncio.timeout(self._patience.connect_s):
            sock = await connected(self.place.host, self.place.port)
            server = Channel(sock, self._context, server_name=self.place.host)
            try:
                await server.shake_hands()
            except BaseException:
                server.close()
                raise
        return server

    async def _unreachable(self, client: Channel, pairing: Pairing, lost: str) -> None:
        """Reads what the caller wanted, so that it is on record that it could not be had."""
        try:
            with contextlib.suppress(OSError):
                async with asyncio.timeout(self._patience.connect_s):
                    while not pairing.asked and (data := await client.read()):
                        pairing.sent(data)
            pairing.over(lost)
            await self._record(pairing)
        finally:
            client.reset()

    async def _carry(self, pair: _Pair) -> None:
        """Carries bytes both ways until both have ended, or nothing comes any more after one of them has."""
        forth, back = self._loop.create_task(self._forth(pair)), self._loop.create_task(self._back(pair))
        both = {forth, back}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            moved = -1
            while any(not task.done() for task in both) and not _failed(both) and pair.moved != moved:
                moved = pair.moved
                await asyncio.wait(both, timeout=self._patience.half_open_s)
        except asyncio.CancelledError:
            pair.lost = RECORDING_ENDED
            raise
        finally:  # on a task of its own, which nobody cancels
            ending = self._loop.create_task(self._end(pair, both))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            await asyncio.shield(ending)

    async def _end(self, pair: _Pair, both: set[asyncio.Task[None]]) -> None:
        """Leaves nothing open, and nothing unrecorded."""
        await _cancelled(*both)
        for channel in (pair.client, pair.server):
            if _failed(both):
                channel.reset()
            else:
                channel.close()
        if pair.pairing.interrupted and pair.lost != RECORDING_ENDED:
            self._watcher.remark(f"connection {pair.serial} ended within the head of a request, which is not recorded")
        pair.pairing.over(pair.lost or RESET)
        await self._record(pair.pairing)

    async def _forth(self, pair: _Pair) -> None:
        """The caller's bytes to the server. Raises _Broken when the caller is gone."""
        namer = HostNamer(self._bounds, self.place.authority) if self._rename_host else None
        while data := await self._read(pair, pair.client):
            self._show(pair.pairing.sent, data)
            if not await _taken(pair.server.write(namer.pass_on(data) if namer else data)):
                return  # it takes no more, and may yet answer
        pair.loses(GONE)
        if namer:
            await _taken(pair.server.write(namer.rest()))
        await pair.server.end(goodbye=pair.client.said_goodbye)

    async def _back(self, pair: _Pair) -> None:
        """The server's bytes to the caller. Raises _Broken when either is gone."""
        while data := await self._read(pair, pair.server):
            taken = await _taken(pair.client.write(data))
            self._show(pair.pairing.received, data)
            await self._record(pair.pairing)
            if not taken:
                pair.loses(GONE)
                raise _Broken
        pair.pairing.ended()
        pair.loses(RESET)
        pair.pairing.over(pair.lost)
        await self._record(pair.pairing)
        await pair.client.end(goodbye=pair.server.said_goodbye)

    async def _read(self, pair: _Pair, channel: Channel) -> bytes:
        try:
            data = await channel.read()
        except OSError as wrong:
            called = channel is pair.server
            pair.loses(why(wrong) if called else GONE)
            if isinstance(wrong, ssl.SSLError):
                who = "server" if called else "caller"
                self._watcher.remark(f"connection {pair.serial}: the {who} broke off TLS ({_reason(wrong)})")
            raise _Broken from wrong
        pair.moved += 1
        return data

    # -- the record -------------------------------------------------------------------------------------------

    def _show(self, look: Callable[[bytes], None], data: bytes) -> None:
        """Whatever goes wrong in looking at the bytes, they pass."""
        try:
            look(data)
        except Exception as failure:
            self.failure = self.failure or failure

    async def _record(self, pairing: Pairing) -> None:
        """Returns when all that has come to its end is recorded; it will be, even if nobody waits any more."""
        told = [asyncio.wrap_future(self._recording.submit(self._tell, traffic)) for traffic in pairing.done()]
        if told:
            await asyncio.wait(told)

    def _tell(self, traffic: Traffic) -> None:
        if self.failure is not None:
            return
        try:
            self._watcher.record(traffic)
        except Exception as failure:
            self.failure = failure


class _Broken(Exception):
    """A channel failed: the other one shall hear of it."""


def _failed(tasks: Iterable[asyncio.Task[None]]) -> bool:
    return any(task.done() and not task.cancelled() and task.exception() is not None for task in tasks)


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """Returns when all of them are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _taken(writing: Awaitable[None]) -> bool:
    """False when the other side takes no more."""
    try:
        await writing
    except OSError:
        return False
    return True


def _reason(wrong: OSError) -> str:
    return str(getattr(wrong, "reason", None) or wrong or type(wrong).__name__)
