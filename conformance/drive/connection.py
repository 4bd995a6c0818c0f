"""One connection to a server: exact bytes out, a bounded answer in, both against one deadline.

The request is written byte by byte, because a certifier has to send what careful libraries refuse: blanks in a target,
names twice, no credentials. The answer is read by http.client, whose reads are measured: a server that drips a byte
a second must not outwit a time limit that counts from the last byte, nor one that sends headers, chunks or interim
answers without end a size limit that counts the body alone. What is ordinary is read without http.client.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from conformance.drive.guard import Admitted
from conformance.drive.ordinary import Head, Headers, ordinary_head

CHUNK_BYTES = 64 * 1024
FRAMING_BYTES = 1024 * 1024
"""So much may come beside the body: status lines, headers, and whatever stands between chunks."""


@dataclass(frozen=True)
class Limits:
    """How long one call may take in all, and how much it may bring."""

    connect_s: float = 10.0
    call_s: float = 30.0
    body_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True)
class Address:
    """Where to connect; without a context the connection is plain."""

    host: str
    port: int
    context: ssl.SSLContext | None

    def open(self, timeout_s: float) -> socket.socket:
        """A connected socket, after the TLS handshake if there is one. Raises OSError (ssl.SSLError is one)."""
        plain = socket.create_connection((self.host, self.port), timeout=timeout_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is None:
                return plain
            return self.context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


@dataclass(frozen=True)
class Answer:
    http_status: int
    headers: Headers
    body: bytes


class TooLarge(Exception):
    """The answer is longer than anything the service has to send."""


class Truncated(Exception):
    """The answer ended before its announced end."""


class _Watched(io.RawIOBase):
    """The receiving side of a socket, which times out at a moment and not after a silence, and ends at a size."""

    def __init__(self, sock: socket.socket, deadline_s: float, most_bytes: int, clock: Callable[[], float]) -> None:
        self._sock = sock
        self._deadline_s = deadline_s
        self._left_bytes = most_bytes
        self._clock = clock
        self._over = False
        self.reader = _Kept(self, CHUNK_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._over:
            return 0
        left_s = self._deadline_s - self._clock()
        if left_s <= 0:
            raise TimeoutError("the time for the whole answer is up")
        self._sock.settimeout(left_s)
        size_bytes = self._sock.recv_into(buffer)
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise TooLarge("the answer has no end")
        return size_bytes

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks of a socket."""
        return self.reader

    def is_used_up(self) -> bool:
        """True when nothing has come beyond the answer; nothing can be read afterwards."""
        self._over = True
        return not self.reader.peek(1)


class _Kept(io.BufferedReader):
    """A reader that http.client cannot close: what it has not read is to be looked at."""

    def close(self) -> None:
        """Nothing; the socket is closed by whoever opened it."""


class Connection:
    """A connection that is used for one call after the other. Not for two threads."""

    def __init__(self, address: Address, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._socket = address.open(limits.connect_s)
        self._usable = True

    def alive(self) -> bool:
        """False when the other side has closed it, or has sent what nobody asked for."""
        if not self._usable:
            return False
        try:
            self._socket.settimeout(0)
            self._socket.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            return True
        except OSError:
            pass
        return False

    def write(self, admitted: Admitted, kept_back: int = 0) -> None:
        """Sends one request that the guard has let through, but for its last ``kept_back`` bytes. Raises OSError."""
        self._usable = False
        self._verb = admitted.verb
        self._deadline_s = self._clock() + self._limits.call_s
        self._socket.settimeout(self._limits.call_s)
        cut = len(admitted.data) - kept_back
        self._rest = admitted.data[cut:]
        self._socket.sendall(admitted.data[:cut])

    def write_rest(self) -> None:
        """Sends what was kept back. Raises OSError."""
        self._socket.sendall(self._rest)

    def read(self) -> Answer:
        """The answer to what was written. Raises OSError, HTTPException, TooLarge or Truncated."""
        most_bytes = 2 * self._limits.body_bytes + FRAMING_BYTES
        source = _Watched(self._socket, self._deadline_s, most_bytes, self._clock)
        head = ordinary_head(source.reader.peek(1)) if self._verb != "HEAD" else None
        if head is not None and head.body_bytes <= self._limits.body_bytes:
            return self._ordinary(head, source)
        response = http.client.HTTPResponse(cast(Any, source), method=self._verb)
        try:
            response.begin()
            body = self._body(response)
        except http.client.IncompleteRead as cut:
            raise Truncated("the body ended early") from cut
        # Bytes that nobody asked for would be taken for the next answer.
        self._usable = not response.will_close and source.is_used_up()
        return Answer(response.status, tuple(response.getheaders()), body)

    def _ordinary(self, head: Head, source: _Watched) -> Answer:
        source.reader.read(head.size_bytes)
        body = source.reader.read(head.body_bytes)
        if len(body) < head.body_bytes:
            raise Truncated(f"{head.body_bytes - len(body)} bytes of the body are missing")
        self._usable = not head.closes and source.is_used_up()
        return Answer(head.http_status, head.headers, body)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        pieces, size_bytes = [], 0
        while piece := response.read(CHUNK_BYTES):
            size_bytes += len(piece)
            if size_bytes > self._limits.body_bytes:
                raise TooLarge(f"more than {self._limits.body_bytes} bytes")
            pieces.append(piece)
        if response.length:
            raise Truncated(f"{response.length} bytes of the body are missing")
        return b"".join(pieces)

    def close(self) -> None:
        """Closes it at once; twice does no harm."""
        self._usable = False
        self._socket.close()


def request_bytes(verb: str, target: str, headers: Headers) -> bytes:
    """One request without a body, as it goes over the wire."""
    lines = [f"{verb} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return b"\r\n".join(map(_bytes, lines))


def _bytes(line: str) -> bytes:
    """One byte per character, as the wire package reads it; text beyond that as UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogatepass")
