"""HTTP/1.1 on a socket: `Request` values out of bytes, bytes out of `Response` values, broken on demand.

`framing` cuts the stream, `encode` turns a response into bytes with right or wrong lengths, and `Connection` is the
asyncio protocol between the two. One request is answered at a time, so pipelined answers keep their order; while an
answer is outstanding, or the client does not read, nothing more is parsed and reading pauses.

A plain handler is answered within the call that brought its bytes. Only an awaitable costs a task.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import cast

from conformance.emulator.framing import USUAL_LIMITS, Limits, Message, Reader, Unreadable

READ_AHEAD_BYTES = 256 * 1024  # how much a client may send beyond the request that is being answered
EXCESS_BYTES = 64  # how much more than there is LONG_LENGTH promises
LINGER_S = 0.5  # how long a client may take to read why it was turned away

PHRASES = {int(status): status.phrase for status in HTTPStatus}
BODILESS = frozenset((HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED))
PLAIN_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)

# l_onoff, l_linger: on with no time means that closing sends RST instead of FIN. Windows has shorts there.
LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class WireFault(Enum):
    """What happens to an answer below HTTP's meaning. CLOSE and CHUNKED are correct, merely unusual."""

    NONE = "none"
    RESET = "reset"  # the connection is reset, no byte is answered
    TRUNCATE = "truncate"  # right Content-Length, half of the body, then closed
    SHORT_LENGTH = "short-length"  # Content-Length of half the body, all of it sent, connection kept
    LONG_LENGTH = "long-length"  # Content-Length beyond the body, connection kept: the client waits for the rest
    DRIP = "drip"  # byte by byte, Response.drip_s apart
    HANG = "hang"  # no answer; the connection stays until somebody closes it
    CLOSE = "close"  # full answer, Connection: close
    CHUNKED = "chunked"  # full answer in chunks, no Content-Length


ENDS_CONNECTION = frozenset((WireFault.TRUNCATE, WireFault.CLOSE))


@dataclass(frozen=True)
class Request:
    """One request as it came.

    ``target`` is the raw request target decoded as latin-1: blanks and bytes that a client failed to encode are still
    there. Header names are lower-case, in the order of the wire. ``received_s`` is the clock at the last byte.
    ``tls`` is the protocol version spoken, e.g. ``TLSv1.2``, and empty without TLS.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    peer: str
    received_s: float
    tls: str = ""
    beside: int = 0
    """How many others came at the same moment, as far as they were announced."""

    def header(self, name: str) -> str | None:
        """The first header of this name (any case), None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)


@dataclass(frozen=True)
class Response:
    """What to answer. Its headers are without Content-Length, Transfer-Encoding and Connection, which are added.

    ``drip_s`` is the pause between two bytes of a DRIP. ``hang_s`` is how long a HANG lasts before the connection is
    closed; 0 means until somebody else closes it.
    """

    http_status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    wire: WireFault = WireFault.NONE
    drip_s: float = 0.01
    hang_s: float = 0.0


@dataclass(frozen=True)
class Rejected:
    """Bytes that never became a request: a malformed one, or a connection whose TLS handshake failed.

    ``http_status`` is what was answered, 0 when nothing could be; ``raw`` what was received, as far as it was kept.
    """

    http_status: int
    reason: str
    raw: bytes
    connection: int
    peer: str
    received_s: float


Handler = Callable[[Request], Response | Awaitable[Response]]


@dataclass(frozen=True)
class Service:
    """Whom a connection serves, and whom it tells. ``on_error`` gets what the handler raised."""

    handler: Handler
    clock: Callable[[], float]
    on_error: Callable[[Exception], None]
    on_rejected: Callable[[Rejected], None]
    limits: Limits = USUAL_LIMITS


def encode(response: Response, *, head_only: bool = False, keep_alive: bool = True) -> bytes:
    """The bytes of an answer, as its fault wants them. An empty body has no half: its short length is right.

    Raises ValueError (also UnicodeEncodeError) when a header cannot be written as one line of latin-1.
    """
    status, body, wire = response.http_status, response.body, response.wire
    lines = [f"HTTP/1.1 {status} {PHRASES.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if status not in BODILESS:
        lines.append(_framing(response))
    lines.append("Connection: keep-alive" if keep_alive else "Connection: close")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError(f"a header of {response.headers!r} holds a line break; expected one line each")
    if head_only or status in BODILESS:
        body = b""
    elif wire is WireFault.TRUNCATE:
        body = body[: len(body) // 2]
    elif wire is WireFault.CHUNKED:
        body = _chunked(body)
    return head.encode("latin-1") + b"\r\n\r\n" + body


def _framing(response: Response) -> str:
    size = len(response.body)
    match response.wire:
        case WireFault.CHUNKED:
            return "Transfer-Encoding: chunked"
        case WireFault.SHORT_LENGTH:
            size //= 2
        case WireFault.LONG_LENGTH:
            size += EXCESS_BYTES
    return f"Content-Length: {size}"


def _chunked(body: bytes) -> bytes:
    """Two chunks where the body allows it, so that a client has to join them."""
    middle = (len(body) + 1) // 2
    chunks = [chunk for chunk in (body[:middle], body[middle:]) if chunk]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


class Connection(asyncio.Protocol):
    """One client. Registers itself in ``connections`` while it is open."""

    def __init__(self, service: Service, serial: int, connections: set[Connection]) -> None:
        self._service = service
        self.serial = serial
        self._connections = connections
        self._reader = Reader(service.limits)
        self._outstanding = False  # an answer is; stays true once the connection shall bring no more requests
        self._writable = True
        self._reading = True
        self._draining = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._loop = asyncio.get_running_loop()
        self.closed = self._loop.create_future()
        self._peer = address_text(transport.get_extra_info("peername"))
        tls = transport.get_extra_info("ssl_object")
        self._tls = (tls.version() or "") if tls else ""
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._outstanding = True
        if self._timer:
            self._timer.cancel()
        self._connections.discard(self)
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._serve()

    def data_received(self, data: bytes) -> None:
        if not self._draining:
            self._reader.feed(data)
            self._serve()

    def abort(self) -> None:
        """Drop the connection now. A handler still awaited is cancelled."""
        if self._task:
            self._task.cancel()
        self._transport.abort()

    def _serve(self) -> None:
        """Answer until an answer is outstanding, the client stops reading, or bytes run out."""
        try:
            while not self._outstanding and self._writable:
                message = self._reader.next()
                if message is None:
                    if self._reader.invitation_due():
                        self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    break
                self._answer(message)
            self._throttle(self._reader.waiting_bytes > READ_AHEAD_BYTES)
        except Unreadable as error:
            self._reject(error)

    def _throttle(self, throttled: bool) -> None:
        if throttled == self._reading and not self._transport.is_closing():
            (self._transport.pause_reading if throttled else self._transport.resume_reading)()
            self._reading = not throttled

    def _answer(self, message: Message) -> None:
        service = self._service
        headers, body = tuple(message.headers), bytes(message.body)
        now_s = service.clock()
        request = Request(message.method, message.target, headers, body, self.serial, self._peer, now_s, self._tls)
        self._outstanding = True
        try:
            answer = service.handler(request)
        except Exception as error:  # the handler's fault must not take the server down
            answer = self._failed(error)
        if isinstance(answer, Response):
            self._send(message, answer)
        else:
            self._task = self._loop.create_task(self._await(message, answer))

    async def _await(self, message: Message, answer: Awaitable[Response]) -> None:
        try:
            response = await answer
        except Exception as error:
            response = self._failed(error)
        self._task = None
        if not self._transport.is_closing():
            self._send(message, response)
            self._serve()

    def _failed(self, error: Exception) -> Response:
        self._service.on_error(error)
        return Response(500, PLAIN_TEXT, f"The handler failed: {type(error).__name__}.\n".encode())

    def _send(self, message: Message, response: Response) -> None:
        if response.wire is WireFault.HANG:
            if response.hang_s:
                self._timer = self._loop.call_later(response.hang_s, self._transport.abort)
            return
        if response.wire is WireFault.RESET:
            self._reset()
            return
        keep_alive = message.keeps_connection and response.wire not in ENDS_CONNECTION
        head_only = message.method == "HEAD"
        try:
            data = encode(response, head_only=head_only, keep_alive=keep_alive)
        except ValueError as error:
            data = encode(self._failed(error), head_only=head_only, keep_alive=keep_alive)
        if response.wire is WireFault.DRIP:
            self._drip(data, 0, response.drip_s, keep_alive)
        else:
            self._transport.write(data)
            self._finish(keep_alive)

    def _drip(self, data: bytes, at: int, pause_s: float, keep_alive: bool) -> None:
        """Send one byte and come back for the next."""
        self._transport.write(data[at : at + 1])
        if at + 1 < len(data):
            self._timer = self._loop.call_later(pause_s, self._drip, data, at + 1, pause_s, keep_alive)
        else:
            self._finish(keep_alive)
            self._serve()

    def _finish(self, keep_alive: bool) -> None:
        if keep_alive:
            self._outstanding = False
        else:
            self._transport.close()

    def _reset(self) -> None:
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self._transport.abort()

    def _reject(self, error: Unreadable) -> None:
        self._outstanding = True
        body = f"{error.http_status} {PHRASES[error.http_status]}: {error.reason}.\n".encode()
        self._transport.write(encode(Response(error.http_status, PLAIN_TEXT, body), keep_alive=False))
        self._drain()
        now_s = self._service.clock()
        self._service.on_rejected(Rejected(error.http_status, error.reason, error.raw, self.serial, self._peer, now_s))

    def _drain(self) -> None:
        """Close when the client has, or after a while: closing on unread bytes resets, and the answer is lost."""
        self._draining = True
        self._throttle(False)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._timer = self._loop.call_later(LINGER_S, self._transport.close)


def address_text(address: object) -> str:
    """``host:port`` of a socket address, IPv6 in brackets; empty when the other side is already gone."""
    match address:
        case (str(host), int(port), *_):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return ""
