"""A fault: one way in which a server can be wrong, laid over a right one.

Each fault is a small class. It overrides the few hooks it needs; every hook gets what the right server
would do and returns what the faulty one does. The server itself has no ``if`` for any of them.

    class ForgetsOneEarlier(Fault):
        name = "forgets-one-earlier"
        does = "Keeps the status of one operation fewer."
        breaks = ("STAT-003",)

        def spec(self, spec: Spec) -> Spec:
            return replace(spec, kept_operations=spec.kept_operations - 1)

Classes with a name and instances at module level are found by ``faults()`` in any module of this folder. Each
emulator has objects of its own, so a fault may count what it has seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.emulator.protocol import Request, Response
from conformance.emulator.tls import TlsSettings
from conformance.model.call import Call
from conformance.model.dialogs import Decision, Dialog
from conformance.model.outcome import Answer, Outcome
from conformance.model.state import Operation, State
from conformance.spec import Spec
from conformance.wire import Credentials


class Fault:
    """Identity in every hook. Hooks are called in the order in which they stand here."""

    name: str = ""
    """Words joined by hyphens; '' for a class that is only there to be derived from."""
    does: str = ""
    """One sentence on what the faulty server does, present tense."""
    breaks: tuple[str, ...] = ()
    """Requirement ids that must fail under it; no other may."""

    def spec(self, spec: Spec) -> Spec:
        """The facts by which the server runs: another limit, another text, another order. Asked once, at the start."""
        return spec

    def readings(self, readings: Mapping[str, str]) -> Mapping[str, str]:
        """The readings by which it runs, id -> name. Asked once, at the start."""
        return readings

    def tls(self, settings: TlsSettings) -> TlsSettings:
        """What is presented at the handshake. Asked once, when a port is opened."""
        return settings

    def state(self, state: State) -> None:
        """Changes the prepared data in place, at the start and at every reset."""

    def request(self, request: Request) -> Request:
        """The HTTP request as the server reads it, before it asks who calls."""
        return request

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        """Whether the caller with this Authorization header (None: no such header) is let in."""
        return admitted

    def call(self, call: Call, state: State) -> Call:
        """The call as the server understands it."""
        return call

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        """What may come of the call, the default first; at least one. ``state`` is the one before the call."""
        return outcomes

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        """What the caller is told. ``state`` is the one after the call."""
        return answer

    def response(self, request: Request, response: Response) -> Response:
        """The HTTP answer, refusals of the caller included; ``response.wire`` breaks it below HTTP's meaning."""
        return response

    def pick_up_delay(self, operation: Operation, delay_s: float) -> float:
        """Seconds until the station takes the operation."""
        return delay_s

    def finish(
        self, operation: Operation, answers: Mapping[Dialog, Decision], outcomes: tuple[Outcome, ...], state: State
    ) -> tuple[Outcome, ...]:
        """What may come of an operation at a station, given what was pressed, by dialog; at least one."""
        return outcomes
