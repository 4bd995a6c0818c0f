"""Calls that arrive together, served in an order of their own.

Which of several simultaneous calls a socket brings first is the system's choice. Whoever needs a race to have the same
winner each time announces it: the calls wait for one another and are served in the order of their text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from conformance.emulator.protocol import Request, Response

MOST_CALLS = 64
LONGEST_WAIT_S = 10.0  # for calls that were announced and do not come

Waiting = tuple[Request, "asyncio.Future[Response]"]


class Crowd:
    """Stands before a plain handler. All its methods belong on the thread of the loop that serves the port."""

    def __init__(self, handle: Callable[[Request], Response]) -> None:
        self._handle = handle
        self._expected = 0
        self._waiting: list[Waiting] = []
        self._limit: asyncio.TimerHandle | None = None

    def expect(self, calls: int) -> None:
        """The next ``calls`` requests come together. ValueError for a number that makes no crowd."""
        if not 1 < calls <= MOST_CALLS:
            raise ValueError(f"calls is {calls}; expected from 2 to {MOST_CALLS} calls that are made at once.")
        self._serve()
        self._expected = calls

    def handle(self, request: Request) -> Response | Awaitable[Response]:
        """The answer to one request, at once or when all that were announced are there."""
        if not self._expected:
            return self._handle(request)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Response] = loop.create_future()
        self._waiting.append((request, answer))
        if len(self._waiting) == self._expected:
            self._serve()
        elif self._limit is None:
            self._limit = loop.call_later(LONGEST_WAIT_S, self._serve)
        return answer

    def _serve(self) -> None:
        waiting, self._waiting, self._expected = self._waiting, [], 0
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        for request, answer in sorted(waiting, key=lambda each: (each[0].target, each[0].connection)):
            if answer.cancelled():
                continue
            try:
                answer.set_result(self._handle(replace(request, beside=len(waiting) - 1)))
            except Exception as error:
                answer.set_exception(error)
