"""The driver: sends requests exactly as told, and records each with its answer or with why none came.

Laws. Nothing is sent but what the guard admits, and no faster than the allowance has it; ``Refused`` is raised before a
byte is written, and such a request is not recorded. Nothing is ever sent twice: on this interface reading and writing
use the same verb, so a lost call may have had its effect, and only whoever planned it can say what to do. Redirections
are not followed. Whatever a server does becomes a recorded exchange; any other exception from here is a fault of the
harness.
"""

from __future__ import annotations

import contextlib
import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance.drive.allowance import Allowance
from conformance.drive.calls import Outgoing
from conformance.drive.connection import (
    Address,
    Answer,
    Connection,
    Limits,
    TooLarge,
    Truncated,
    request_bytes,
)
from conformance.drive.guard import Admitted, Guard
from conformance.drive.refused import Tier
from conformance.spec import Spec
from conformance.trace import Recorded, Recorder, Traffic

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Place:
    """A base URL in parts."""

    scheme: str
    host: str
    port: int
    base_path: str
    """Without a slash at its end."""

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def place(url: str) -> Place:
    """``url`` in parts. Raises ValueError when it is no http(s) URL with a host."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f'"{url}" is no base URL; expected https://host:port/path. Write it in full.')
    return Place(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))


def guard_at(where: Place, spec: Spec, tier: Tier, *, prefix: str = "", shared: bool = False) -> Guard:
    """The guard of a run against the service at that place."""
    return Guard(spec, tier, prefix=prefix, base_path=where.base_path, authority=where.authority, shared=shared)


@dataclass
class _Pending:
    """A call on its way: written, or lost before that."""

    outgoing: Outgoing
    admitted: Admitted
    started_s: float
    connection: Connection | None = None
    lost: str = ""


class Driver:
    """Sends and records. One connection per name, kept open; not for two threads.

    Without a guard of its own it observes, and nothing else.
    """

    def __init__(
        self,
        base_url: str,
        recorder: Recorder,
        context: ssl.SSLContext | None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        limits: Limits | None = None,
        guard: Guard | None = None,
        allowance: Allowance | None = None,
    ) -> None:
        self.place = place(base_url)
        self.recorder = recorder
        self.clock = clock
        self._guard = guard or guard_at(self.place, recorder.spec, Tier.OBSERVE)
        self.allowance = allowance or Allowance(clock)
        self._limits = limits or Limits()
        self._address = Address(self.place.host, self.place.port, context if self.place.scheme == "https" else None)
        self._connections: dict[str, Connection] = {}

    def admit(self, outgoing: Outgoing) -> Admitted:
        """The bytes of a request that may be sent now. Raises Refused."""
        admitted = self._admitted(outgoing)
        self.allowance.take()
        return admitted

    def _admitted(self, outgoing: Outgoing) -> Admitted:
        request = request_bytes(outgoing.verb, outgoing.target, outgoing.headers)
        return self._guard.admit(request, outgoing.verb)

    def send(self, outgoing: Outgoing) -> Recorded:
        """The recorded exchange. Raises Refused."""
        return self.recorder.exchange(self._finish(self._begin(outgoing, self.admit(outgoing))))

    def send_together(
        self, outgoings: Sequence[Outgoing], ready: Callable[[int], None] = lambda calls: None
    ) -> list[Recorded]:
        """Writes all requests but for their last byte, then those, and reads the answers: each overlaps every other.

        They are recorded as ordered.

        ``ready`` is told how many there will be once all of them may be sent. Each request needs a connection name of
        its own: ValueError otherwise. Raises Refused, for all of them at once.
        """
        names = [outgoing.connection for outgoing in outgoings]
        if len(set(names)) < len(names):
            raise ValueError(f"calls made at once share a connection: {names}. Give each a name of its own.")
        admitted = [self._admitted(outgoing) for outgoing in outgoings]
        self.allowance.take(len(outgoings))
        ready(len(outgoings))
        for name in names:
            self._warm(name)
        pending = [self._begin(*each, kept_back=1) for each in zip(outgoings, admitted, strict=True)]
        for each in pending:
            _write_rest(each)
        return [self.recorder.exchange(traffic) for traffic in [self._finish(each) for each in pending]]

    def close(self) -> None:
        """Closes every connection; the next call opens new ones."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _warm(self, name: str) -> None:
        """Connects ahead of time, so that handshakes do not pull calls apart that shall be sent together."""
        with contextlib.suppress(OSError):  # the call itself will meet it again, and record it
            self._connected(name)

    def _connected(self, name: str) -> Connection:
        known = self._connections.get(name)
        if known is not None:
            if known.alive():
                return known
            known.close()
        self._connections[name] = Connection(self._address, self._limits, self.clock)
        return self._connections[name]

    def _begin(self, outgoing: Outgoing, admitted: Admitted, kept_back: int = 0) -> _Pending:
        pending = _Pending(outgoing, admitted, self.clock())
        try:
            pending.connection = self._connected(outgoing.connection)
            pending.connection.write(admitted, kept_back)
        except OSError as wrong:
            pending.lost = why(wrong)
        return pending

    def _finish(self, pending: _Pending) -> Traffic:
        answer: Answer | None = None
        if pending.connection is not None and not pending.lost:
            try:
                answer = pending.connection.read()
            except (OSError, http.client.HTTPException, TooLarge, Truncated, ValueError) as wrong:
                pending.lost = why(wrong)
        if answer is not None:
            content_type = next((text for name, text in answer.headers if name.lower() == "content-type"), "")
            self._guard.learn(pending.admitted, answer.http_status, answer.body, content_type)
        return _traffic(pending, answer, self.clock())


def _write_rest(pending: _Pending) -> None:
    if pending.connection is not None and not pending.lost:
        try:
            pending.connection.write_rest()
        except OSError as wrong:
            pending.lost = why(wrong)


def _traffic(pending: _Pending, answer: Answer | None, finished_s: float) -> Traffic:
    out = pending.outgoing
    return Traffic(
        verb=out.verb,
        target=out.target,
        headers=out.headers,
        started_s=pending.started_s,
        finished_s=finished_s,
        http_status=answer.http_status if answer else 0,
        reply_headers=answer.headers if answer else (),
        body=answer.body if answer else b"",
        lost=pending.lost,
        who=out.who,
        connection=out.connection,
        play=out.play,
        probe=out.probe,
    )


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (TooLarge, "too-large"),
    (Truncated, "truncated"),
    (TimeoutError, "timeout"),
    (ssl.SSLEOFError, "reset"),
    (ssl.SSLZeroReturnError, "reset"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "reset"),
    (http.client.HTTPException, "malformed-http"),
    (ValueError, "malformed-http"),
    (OSError, "unreachable"),
)


def why(wrong: Exception) -> str:
    """The recorded reason of a lost call, one word for each kind of failure."""
    return next(reason for kind, reason in _REASONS if isinstance(wrong, kind))
