"""HTTP/1 as it passes by: requests and answers found in two streams of bytes, without I/O and without a say.

The reader must know where messages begin and end, and nothing else: what a strict parser refuses still passes between
two programs that understand each other, and shall be seen as it came. So heads are taken apart leniently, and only what
leaves the end of a message unknown is a flaw that ends the reading: from there on the stream is bytes, no messages.

Framing law (RFC 9112, section 6.3). A request has a body when it announces one: chunks before a length. An answer has
none to HEAD, and none when it is 1xx, 204 or 304; otherwise it has chunks, a length, or lasts until the connection
ends. After 101, and after a success to CONNECT, the connection is no longer HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from conformance.drive.heads import Headers, Unreadable, length, taken_apart, words

END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
REQUEST_LINE = re.compile(r"(\S+) (.*) HTTP/1\.\d")
STATUS_LINE = re.compile(r"HTTP/1\.\d (\d{3})(?: .*)?")
HOST = re.compile(rb"^(host[ \t]*:[ \t]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?")
SWITCHING = 101
WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Bounds:
    """How much of a message is kept. What goes beyond passes all the same."""

    head_bytes: int = 64 * 1024
    body_bytes: int = 32 * 1024 * 1024
    """Of an answer: more than that the service has never to send."""


@dataclass
class Request:
    """A request from its head on; bodies are not kept, since no method takes one."""

    verb: str = ""
    target: str = ""
    headers: Headers = ()
    started_s: float = 0.0
    flaw: str = ""
    """Why the reading ended here, or ''."""


@dataclass
class Answer:
    """An answer, complete unless it has a flaw."""

    http_status: int = 0
    headers: Headers = ()
    body: bytearray = field(default_factory=bytearray)
    size_bytes: int = 0
    """Of the body, whether kept or not."""
    flaw: str = ""


class _At(Enum):
    """What comes next in a stream."""

    HEAD = auto()
    LENGTH = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    END = auto()  # a body that lasts until the connection ends
    BYTES = auto()  # no messages any more


class Stream:
    """One direction of a connection. Subclasses say what a head means and what becomes of a body."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._buffer = bytearray()
        self._searched = 0
        self._at = _At.HEAD
        self._left_bytes = 0

    @property
    def waiting(self) -> bool:
        """True when a head has begun and not ended."""
        return self._at is _At.HEAD and bool(self._buffer.strip(b"\r\n"))

    @property
    def readable(self) -> bool:
        """False when no more messages can be found."""
        return self._at is not _At.BYTES

    def give_up(self) -> None:
        """From here on the stream is bytes."""
        self._at = _At.BYTES
        self._buffer.clear()

    def take(self, data: bytes) -> None:
        """Reads what the network brought."""
        if self._at is _At.BYTES:
            return
        self._buffer += data
        try:
            while self._buffer and self._step():
                pass
        except Unreadable as why:
            self.give_up()
            self.broken(str(why))

    def _step(self) -> bool:
        """Takes one piece off the buffer; False when it needs more than there is."""
        match self._at:
            case _At.HEAD:
                return self._take_head()
            case _At.LENGTH | _At.CHUNK:
                return self._take_counted()
            case _At.CHUNK_SIZE:
                return self._take_chunk_size()
            case _At.CHUNK_END | _At.TRAILER:
                return self._take_line_between()
            case _At.END:
                self.body(bytes(self._buffer))
                self._buffer.clear()
            case _At.BYTES:
                self._buffer.clear()
        return False

    def _take_head(self) -> bool:
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):  # some programs end a message with a line feed that is not part of it
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
            return bool(buffer)
        if not buffer[:1].isalpha():
            raise Unreadable("start-line")  # a handshake on a plain port, say, would otherwise be waited for for ever
        end = END_OF_HEAD.search(buffer, self._searched)
        if (end.end() if end else len(buffer)) > self.bounds.head_bytes:
            raise Unreadable("head-too-long")
        if end is None:
            self._searched = max(0, len(buffer) - 3)
            return False
        raw = bytes(buffer[: end.end()])
        del buffer[: end.end()]
        self._searched = 0
        start, headers = taken_apart(raw)
        self.head(start, headers)
        return True

    def _take_counted(self) -> bool:
        piece = bytes(self._buffer[: self._left_bytes])
        del self._buffer[: len(piece)]
        self._left_bytes -= len(piece)
        self.body(piece)
        if not self._left_bytes:
            if self._at is _At.LENGTH:
                self._finish()
            else:
                self._at = _At.CHUNK_END
        return True

    def _take_chunk_size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        size = CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise Unreadable("chunk-size")
        self._left_bytes = int(size[1], 16)
        self._at = _At.CHUNK if self._left_bytes else _At.TRAILER
        return True

    def _take_line_between(self) -> bool:
        """The empty line after a chunk, or the lines after the last one, which end with an empty one."""
        line = self._line()
        if line is None:
            return False
        if self._at is _At.CHUNK_END:
            if line:
                raise Unreadable("chunk-end")
            self._at = _At.CHUNK_SIZE
        elif not line:
            self._finish()
        return True

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if (end if end >= 0 else len(self._buffer)) > self.bounds.head_bytes:
            raise Unreadable("line-too-long")
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _expect(self, at: _At, size_bytes: int = 0) -> None:
        self._at, self._left_bytes = at, size_bytes
        if at is _At.LENGTH and not size_bytes:
            self._finish()

    def _finish(self) -> None:
        self._at = _At.HEAD
        self.complete()

    def _announced(self, headers: Headers, otherwise: _At) -> None:
        """Expects the body that the headers announce."""
        codings = words(headers, "transfer-encoding")
        if codings and codings[-1] == "chunked":
            self._expect(_At.CHUNK_SIZE)
        elif codings:
            if otherwise is not _At.END:
                raise Unreadable("transfer-encoding")
            self._expect(_At.END)
        else:
            size_bytes = length(headers)
            if size_bytes is None:
                self._expect(otherwise)
            else:
                self._expect(_At.LENGTH, size_bytes)

    # -- what subclasses do -----------------------------------------------------------------------------------

    def head(self, start: str, headers: Headers) -> None:
        """A head has come; expects what follows. Raises Unreadable."""
        raise NotImplementedError

    def body(self, data: bytes) -> None:
        """A piece of the body, without its framing."""

    def complete(self) -> None:
        """The message is over."""

    def broken(self, flaw: str) -> None:
        """The reading ended, with a message unfinished or not even begun."""
        raise NotImplementedError


class Requests(Stream):
    """The requests of a connection, told when their heads have come: an answer may come before their bodies."""

    def __init__(self, bounds: Bounds, begun: Callable[[Request], None], clock: Callable[[], float]) -> None:
        super().__init__(bounds)
        self._begun = begun
        self._clock = clock
        self._started_s = 0.0
        self._request: Request | None = None

    def take(self, data: bytes) -> None:
        """Reads what the network brought; a request begins with the first piece of it."""
        if not self.waiting:
            self._started_s = self._clock()
        super().take(data)

    def head(self, start: str, headers: Headers) -> None:
        line = REQUEST_LINE.fullmatch(start)
        if line is None:
            raise Unreadable("request-line")
        self._request = Request(line[1], line[2], headers, self._started_s)
        self._begun(self._request)
        self._announced(headers, _At.LENGTH)

    def complete(self) -> None:
        self._request = None
        self._started_s = self._clock()

    def broken(self, flaw: str) -> None:
        if self._request is None:  # its head was not understood; what could not be read is not kept either
            self._begun(Request(started_s=self._started_s, flaw=flaw))
        else:
            self._request.flaw = flaw


class Answers(Stream):
    """The answers of a connection; ``asked`` gives the verb of the request that the next one is for."""

    def __init__(self, bounds: Bounds, asked: Callable[[], str], answered: Callable[[Answer], None]) -> None:
        super().__init__(bounds)
        self._asked = asked
        self._answered = answered
        self._answer: Answer | None = None

    @property
    def begun(self) -> bool:
        """True when something of an answer has come and its end has not."""
        return self._answer is not None or self.waiting

    def head(self, start: str, headers: Headers) -> None:
        line = STATUS_LINE.fullmatch(start)
        if line is None:
            raise Unreadable("status-line")
        status, verb = int(line[1]), self._asked()
        if 100 <= status < 200 and status != SWITCHING:
            return  # the answer itself is still to come
        self._answer = Answer(status, headers)
        if status == SWITCHING or (verb == "CONNECT" and 200 <= status < 300):
            self.give_up()
            self.complete()
        elif verb == "HEAD" or status in WITHOUT_BODY:
            self.complete()
        else:
            self._announced(headers, _At.END)

    def body(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            return
        answer.size_bytes += len(data)
        if answer.size_bytes <= self.bounds.body_bytes:
            answer.body += data
        else:
            answer.body.clear()

    def complete(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            self._answered(answer)

    def broken(self, flaw: str) -> None:
        answer, self._answer = self._answer or Answer(), None
        answer.flaw = flaw
        self._answered(answer)

    def end(self) -> None:
        """The connection is over: so is an answer that lasts until then."""
        if self._at is _At.END:
            self._finish()


class HostNamer:
    """Puts another name into the Host headers of the requests that pass, and changes nothing else."""

    def __init__(self, bounds: Bounds, authority: str) -> None:
        self._finder = _Heads(bounds)
        self._authority = authority.encode("latin-1")

    def pass_on(self, data: bytes) -> bytes:
        """What is to be sent for ``data``. A head is held back until its end has come."""
        return self._finder.renamed(data, self._authority)

    def rest(self) -> bytes:
        """What is still held back when the stream ends."""
        return bytes(self._finder.held)


class _Heads(Requests):
    """Requests whose bytes are given out again, each head renamed."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__(bounds, lambda request: None, lambda: 0.0)

    @property
    def held(self) -> bytearray:
        return self._buffer

    def renamed(self, data: bytes, authority: bytes) -> bytes:
        """Walks through ``data`` step by step and gives out what each step took off."""
        if not self.readable:
            return data
        self._buffer += data
        whole, done, out, goes_on = bytes(self._buffer), 0, bytearray(), True
        while self._buffer and goes_on:
            at_head = self._at is _At.HEAD
            try:
                goes_on = self._step()
            except Unreadable:
                self.give_up()
                return bytes(out) + whole[done:]
            taken = whole[done : len(whole) - len(self._buffer)]
            done += len(taken)
            out += HOST.sub(lambda found: found[1] + authority, taken) if at_head else taken
        return bytes(out)
