"""Requests and answers of one connection, put together in the order in which HTTP answers: the oldest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from conformance.drive.messages import Answer, Answers, Bounds, Request, Requests
from conformance.trace import Traffic

MALFORMED, TOO_LARGE, TRUNCATED, RESET = "malformed-http", "too-large", "truncated", "reset"
GONE = "caller-gone"
"""The caller went away before its answer had come; no fault of the server."""


class Pairing:
    """Told of all bytes of both directions; hands out what was exchanged. Never raises on foreign bytes."""

    def __init__(self, connection: str, bounds: Bounds, clock: Callable[[], float], who: str) -> None:
        self._connection = connection
        self._clock = clock
        self._who = who
        self._open: deque[Request] = deque()
        self._done: list[Traffic] = []
        self._bounds = bounds
        self._requests = Requests(bounds, self._open.append, clock)
        self._answers = Answers(bounds, self._verb, self._answered)

    @property
    def asked(self) -> bool:
        """True while a request waits for its answer."""
        return bool(self._open)

    @property
    def interrupted(self) -> bool:
        """True when a request has begun whose head has not ended."""
        return self._requests.waiting

    def sent(self, data: bytes) -> None:
        """Bytes of the caller."""
        self._requests.take(data)

    def received(self, data: bytes) -> None:
        """Bytes of the server."""
        if not self._open and self._requests.waiting:  # answered before it was understood, so it must be broken
            self._requests.give_up()
            self._requests.broken("answered-early")
        if self._open:
            self._answers.take(data)
        # What nobody asked for, such as a goodbye to an idle connection, is nobody's answer.

    def done(self) -> list[Traffic]:
        """What has come to its end since the last look."""
        done, self._done = self._done, []
        return done

    def ended(self) -> None:
        """The server has ended its stream: an answer may be complete by that, or cut off, and others will not come."""
        self._answers.end()
        if self._open and self._answers.begun:
            self._lose(TRUNCATED)

    def over(self, lost: str) -> None:
        """The connection is no more. What is still open has no answer, for this reason."""
        while self._open:
            self._lose(lost)

    def _verb(self) -> str:
        return self._open[0].verb if self._open else ""

    def _answered(self, answer: Answer) -> None:
        if not self._open:
            return
        if not self._answers.readable:
            self._requests.give_up()  # the connection is no longer HTTP, or it is not known whose an answer is
        if answer.flaw:
            self._lose(MALFORMED)
        elif answer.size_bytes > self._bounds.body_bytes:
            self._lose(TOO_LARGE)
        else:
            self._done.append(self._traffic(self._open.popleft(), answer))

    def _lose(self, why: str) -> None:
        self._done.append(self._traffic(self._open.popleft(), Answer(), why))

    def _traffic(self, request: Request, answer: Answer, lost: str = "") -> Traffic:
        return Traffic(
            verb=request.verb,
            target=request.target,
            headers=request.headers,
            started_s=request.started_s,
            finished_s=self._clock(),
            http_status=answer.http_status,
            reply_headers=answer.headers,
            body=bytes(answer.body),
            lost=lost,
            who=self._who,
            connection=self._connection,
            flaw=request.flaw,
        )
