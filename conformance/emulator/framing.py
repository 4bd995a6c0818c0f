"""A stream of bytes cut into HTTP/1.1 requests, without I/O.

The reader owns the framing, so that it knows where a request line begins: a strict parser (httptools) refuses raw
blanks and raw non-ASCII bytes in a target, old clients send them, and the target shall reach the handler exactly as it
came. The parser therefore sees an encoded copy of such a line.

Framing law: a message ends at its last body byte when it has a Content-Length, otherwise at a line feed. So the parser
is fed the head at once, then exactly the length, or chunked lines one by one; it never sees two messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httptools

END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
REQUEST_LINE = re.compile(rb"([A-Z]+) ([!-~\x80-\xff].*) (HTTP/\d\.\d)(?=\r?\n)")
NOT_FOR_PARSERS = re.compile(rb"[ \x80-\xff]")
VERSIONS = ("1.0", "1.1")


@dataclass(frozen=True)
class Limits:
    """How much a request may hold. The body counts with its chunk framing."""

    head_bytes: int = 64 * 1024
    body_bytes: int = 1024 * 1024


USUAL_LIMITS = Limits()


class Unreadable(Exception):
    """The stream holds no request here; nothing after it can be trusted either."""

    def __init__(self, http_status: int, reason: str, raw: bytes) -> None:
        super().__init__(reason)
        self.http_status = http_status
        self.reason = reason
        self.raw = raw


@dataclass
class Message:
    """A request on its way in; the parser's callbacks fill it. ``head`` is empty until all of it has come."""

    head: bytes = b""
    method: str = ""
    target: str = ""
    version: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    received_bytes: int = 0
    head_complete: bool = False
    complete: bool = False

    def on_url(self, url: bytes) -> None:
        self.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.head_complete:  # trailers are read and dropped
            self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")))

    def on_headers_complete(self) -> None:
        self.head_complete = True

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True

    def tokens(self, name: str) -> set[str]:
        """The comma-separated words of all headers of this name, lower-case."""
        return {word.strip().lower() for key, value in self.headers if key == name for word in value.split(",")}

    @property
    def keeps_connection(self) -> bool:
        """Whether the client wants the connection to stay."""
        tokens = self.tokens("connection")
        return "keep-alive" in tokens if self.version == "1.0" else "close" not in tokens


class Reader:
    """A stream of bytes, cut into messages. No I/O."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._searched = 0
        self._expect_message()

    def _expect_message(self) -> None:
        self._message = Message()
        self._parser = httptools.HttpRequestParser(self._message)
        self._length: int | None = None
        self._invited = False

    @property
    def waiting_bytes(self) -> int:
        """Bytes received and not yet part of a message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Append what the network brought."""
        self._buffer += data

    def next(self) -> Message | None:
        """The next complete message; None when bytes are missing. Raises `Unreadable`."""
        message = self._message
        if not message.head:
            self._begin(message)
        if message.head and not message.complete:
            self._read_body(message)
        if not message.complete:
            return None
        self._expect_message()
        return message

    def invitation_due(self) -> bool:
        """Whether a client waits for leave to send its body; true once per message."""
        message = self._message
        if self._invited or message.received_bytes or "100-continue" not in message.tokens("expect"):
            return False
        self._invited = True
        return True

    def _begin(self, message: Message) -> None:
        message.head = self._take_head()
        if not message.head:
            return
        fed, target = encoded_for_parser(message.head)
        self._parse(message, fed)
        message.method = self._parser.get_method().decode("ascii")
        message.version = self._parser.get_http_version()
        message.target = message.target if target is None else target
        if message.version not in VERSIONS:
            raise Unreadable(505, f"HTTP version {message.version}; expected 1.0 or 1.1", message.head)
        lengths = [int(value) for name, value in message.headers if name == "content-length"]
        self._length = lengths[0] if lengths else None
        if (self._length or 0) > self._limits.body_bytes:
            raise Unreadable(413, f"a body of {self._length} bytes; {self._limits.body_bytes} are taken", message.head)

    def _take_head(self) -> bytes:
        """Head with its empty line, cut off the buffer; empty when still incomplete."""
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):  # some clients end a body with a line feed that is not part of it
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
        if buffer and not buffer[:1].isalpha():  # e.g. a TLS hello on a plain port would otherwise wait for ever
            raise Unreadable(400, f"a request begins with a method, not with byte 0x{buffer[0]:02x}", self._raw())
        end = END_OF_HEAD.search(buffer, self._searched)
        if (end.end() if end else len(buffer)) > self._limits.head_bytes:
            reason = f"request line and headers exceed {self._limits.head_bytes} bytes"
            raise Unreadable(431, reason, self._raw())
        if end is None:
            self._searched = max(0, len(buffer) - 3)
            return b""
        head = bytes(buffer[: end.end()])
        del buffer[: end.end()]
        self._searched = 0
        return head

    def _read_body(self, message: Message) -> None:
        """Feed what belongs to this message and nothing behind it."""
        buffer = self._buffer
        while buffer and not message.complete:
            if self._length is None:
                size = buffer.find(b"\n") + 1 or len(buffer)
            else:
                size = min(len(buffer), self._length - message.received_bytes)
            piece = bytes(buffer[:size])
            del buffer[:size]
            message.received_bytes += size
            if message.received_bytes > self._limits.body_bytes:
                raise Unreadable(413, f"the body exceeds {self._limits.body_bytes} bytes", message.head)
            self._parse(message, piece)

    def _parse(self, message: Message, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            message.complete = True  # an offer to speak something else, which a server may ignore
        except httptools.HttpParserError as error:
            raise Unreadable(400, str(error), message.head) from None

    def _raw(self) -> bytes:
        return bytes(self._buffer[: self._limits.head_bytes])


def encoded_for_parser(head: bytes) -> tuple[bytes, str | None]:
    """The head with raw blanks and non-ASCII bytes of its target percent-encoded, and the target as it came.

    The target is None when nothing had to be encoded, or when the line is malformed in another way.
    """
    line = head[: head.find(b"\n")]
    if line.count(b" ") == 2 and line.isascii():
        return head, None
    match = REQUEST_LINE.match(head)
    if match is None:
        return head, None
    target = match[2]
    encoded = NOT_FOR_PARSERS.sub(lambda found: b"%%%02X" % ord(found[0]), target)
    return head[: match.start(2)] + encoded + head[match.end(2) :], target.decode("latin-1")
