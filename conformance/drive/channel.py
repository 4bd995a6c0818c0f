"""A stream of bytes over one socket, with TLS or without, that can end in each direction by itself.

TLS runs over memory here instead of inside the event loop's transports: those close both directions when one ends, drop
what came before a reset, and keep the presented chain to themselves. A stream that passes between two others has to
end as it ended on the other side: with a goodbye, without one, or by a reset.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import sys

PIECE_BYTES = 64 * 1024
LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Channel:
    """One end of a connection. One task may read while another one writes."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext | None, *, server_name: str | None = None) -> None:
        """With ``server_name`` this side calls; without, it is called. The socket is this object's from now on."""
        self._socket = sock
        self._loop = asyncio.get_running_loop()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        if context is not None:
            self._tls = context.wrap_bio(self._in, self._out, server_name is None, server_name)
        self._writing = asyncio.Lock()
        self._filled = asyncio.Event()
        self.said_goodbye = False
        """True when the other side ended its stream properly; without TLS there is but one way to end it."""
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def shake_hands(self) -> None:
        """Returns once both sides may speak. Raises OSError (ssl.SSLError is one)."""
        if self._tls is None:
            return
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    raise ConnectionResetError("the other side left during the handshake") from None
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    await self._flush()  # so that the other side hears why
                raise
            else:
                await self._flush()
                return

    async def read(self) -> bytes:
        """What has come; empty at the end of the stream. Raises OSError."""
        if self._tls is None:
            data = await self._loop.sock_recv(self._socket, PIECE_BYTES)
            self.said_goodbye = not data
            return data
        while True:
            try:
                data = self._tls.read(PIECE_BYTES)
                self.said_goodbye = not data
                return data
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            except ssl.SSLZeroReturnError:
                self.said_goodbye = True
                return b""
            except ssl.SSLEOFError:
                return b""

    async def write(self, data: bytes) -> None:
        """Returns once all of it has been handed to the system. Raises OSError."""
        if self._tls is None:
            async with self._writing:
                await self._loop.sock_sendall(self._socket, data)
            return
        left = memoryview(data)
        while left:
            self._filled.clear()
            try:
                left = left[self._tls.write(left) :]
            except ssl.SSLWantReadError:  # the other side wants to agree anew; whoever reads will bring its answer
                await self._flush()
                await self._filled.wait()
        await self._flush()

    async def end(self, *, goodbye: bool = True) -> None:
        """Says that nothing more will come; what the other side says can still be read."""
        if self._tls is not None and goodbye:
            with contextlib.suppress(ssl.SSLError):  # it has no goodbye from the other side yet, and need not have
                self._tls.unwrap()
            with contextlib.suppress(OSError):
                await self._flush()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Ends both directions rudely, so that the other side hears of it as an error."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        self._socket.close()

    def close(self) -> None:
        """Ends both directions; twice does no harm. No task may be reading or writing any more."""
        self._socket.close()

    async def _fill(self) -> bool:
        """Hands to TLS what the socket brings; False at its end."""
        data = await self._loop.sock_recv(self._socket, PIECE_BYTES)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()
        self._filled.set()
        return bool(data)

    async def _flush(self) -> None:
        """Sends what TLS has to say."""
        async with self._writing:
            if data := self._out.read():
                await self._loop.sock_sendall(self._socket, data)


async def connected(host: str, port: int) -> socket.socket:
    """A socket connected to the first of the host's addresses that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    wrong: OSError = ConnectionRefusedError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as refused:
            sock.close()
            wrong = refused
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise wrong
