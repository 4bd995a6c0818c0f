"""One connection to a server: exact bytes out, a bounded answer in, both against one deadline.

The request is written byte by byte, because a certifier has to send what careful libraries refuse: blanks in a target,
names twice, no credentials. The answer is read by http.client, whose reads are measured: a server that drips a byte
a second must not outwit a time limit that counts from the last byte.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

CHUNK_BYTES = 64 * 1024
Headers = tuple[tuple[str, str], ...]


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
    """The body is longer than anything the service has to send."""


class Truncated(Exception):
    """The answer ended before its announced end."""


class _Watched(io.RawIOBase):
    """The receiving side of a socket, which times out at a moment and not after a silence."""

    def __init__(self, sock: socket.socket, deadline_s: float, clock: Callable[[], float]) -> None:
        self._sock = sock
        self._deadline_s = deadline_s
        self._clock = clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left_s = self._deadline_s - self._clock()
        if left_s <= 0:
            raise TimeoutError("the time for the whole answer is up")
        self._sock.settimeout(left_s)
        return self._sock.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks of a socket."""
        return io.BufferedReader(self, CHUNK_BYTES)


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

    def write(self, verb: str, target: str, headers: Headers) -> None:
        """Sends one request without a body. Raises OSError."""
        self._usable = False
        self._verb = verb
        self._deadline_s = self._clock() + self._limits.call_s
        lines = [f"{verb} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
        self._socket.settimeout(self._limits.call_s)
        self._socket.sendall(b"\r\n".join(map(_bytes, lines)))

    def read(self) -> Answer:
        """The answer to what was written. Raises OSError, HTTPException, TooLarge or Truncated."""
        source = _Watched(self._socket, self._deadline_s, self._clock)
        response = http.client.HTTPResponse(cast(Any, source), method=self._verb)
        try:
            response.begin()
            body = self._body(response)
        except http.client.IncompleteRead as cut:
            raise Truncated("the body ended early") from cut
        self._usable = not response.will_close
        return Answer(response.status, tuple(response.getheaders()), body)

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


def _bytes(line: str) -> bytes:
    """One byte per character, as the wire package reads it; text beyond that as UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogatepass")
