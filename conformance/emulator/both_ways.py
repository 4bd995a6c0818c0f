"""One port that speaks TLS and plain HTTP: it looks at the first byte and passes everything on to one of two others."""

from __future__ import annotations

import asyncio
import contextlib

from conformance.emulator.listener import Address, opened_at

HANDSHAKE = 0x16  # the first byte of every TLS connection
_AT_A_TIME = 65536


class BothWays:
    """Opened and closed on the loop that serves the two ports behind it."""

    def __init__(self, protected: Address, plain: Address) -> None:
        self._protected = protected
        self._plain = plain
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> Address:
        """Listens; raises ListenError when the port is not to be had."""
        opened = opened_at(Address(host, port))
        self._server = await asyncio.start_server(self._meet, sock=opened)
        return Address(host, opened.getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            first = await reader.read(_AT_A_TIME)
            if first:
                behind = self._protected if first[0] == HANDSHAKE else self._plain
                back, forth = await asyncio.open_connection(behind.host, behind.port)
                forth.write(first)
                await asyncio.gather(_pump(reader, forth), _pump(back, writer))
        writer.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(_AT_A_TIME):
            sink.write(data)
            await sink.drain()
    sink.close()
