"""Faults that show only when calls come at the same moment."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.emulator.protocol import Request, Response
from conformance.model.call import Call
from conformance.model.outcome import Outcome
from conformance.model.state import State
from conformance.spec import Method


class ExchangesAnswers(KnowsItsSpec):
    name = "exchanges-answers-at-once"
    does = "Gives a call the answer of another method that was called at the same moment."
    breaks = ("TRN-020",)
    _last: tuple[Method | None, Response] | None = None
    _left = 0

    def response(self, request: Request, response: Response) -> Response:
        if not self._left:
            self._last, self._left = None, request.beside + 1
        self._left -= 1
        method, last = self.method(request), self._last
        self._last = method, response
        return last[1] if last is not None and last[0] is not method else response


class LosesCreationsAmongOthers(Fault):
    name = "loses-creations-among-others"
    does = "Answers a creation that comes at the same moment as other calls, and does nothing about it."
    breaks = ("TRN-020",)
    _beside = 0

    def request(self, request: Request) -> Request:
        self._beside = request.beside
        return request

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        lost = self._beside and call.role == "create_patient"
        return tuple(replace(outcome, changes=()) for outcome in outcomes) if lost else outcomes
