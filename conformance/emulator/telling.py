"""What an emulator tells of itself to whoever listens: calls, decisions, and by what it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from conformance.emulator.disturbances import NATURES, What
from conformance.emulator.protocol import Request, Response, WireFault
from conformance.model import Decision, Dialog, Operation
from conformance.trace import NoteKind, Started, Traffic
from conformance.wire import Credentials

NEW_DATA = "new"
"""What a note on the run says of the data when those of before are gone."""
LOST: Mapping[WireFault, str] = {
    WireFault.RESET: "reset",
    WireFault.HANG: "timeout",
    WireFault.TRUNCATE: "truncated",
    WireFault.LONG_LENGTH: "truncated",
}
"""What a client makes of an answer that never came whole."""


class Listener(Protocol):
    """Who is told what happens; a Recorder is one."""

    def exchange(self, traffic: Traffic) -> object: ...

    def note(self, kind: NoteKind, at_s: float, **data: str) -> object: ...


@runtime_checkable
class UseListener(Protocol):
    """A listener that is told of uses of the command line as well."""

    def invocation(self, started: Started, at_s: float) -> object: ...


class Telling:
    """Tells everybody who listens."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self.listeners = list(listeners)

    def note(self, kind: NoteKind, at_s: float, **data: str) -> None:
        for listener in self.listeners:
            listener.note(kind, at_s, **data)

    def call(self, traffic: Traffic) -> None:
        for listener in self.listeners:
            listener.exchange(traffic)

    def invocation(self, started: Started, at_s: float) -> None:
        """The command line was used."""
        for listener in self.listeners:
            if isinstance(listener, UseListener):
                listener.invocation(started, at_s)

    def users(self, users: Iterable[Credentials], at_s: float) -> None:
        """Who may call."""
        for user in users:
            self.note(NoteKind.CREDENTIALS, at_s, user=user.user, password=user.password, complete="yes")

    def configuration(self, facts: Mapping[str, str], others: Iterable[str], at_s: float) -> None:
        """By what it goes on from here, and who else is seen to use it."""
        self.note(NoteKind.RUN, at_s, **facts)
        for why in others:
            self.note(NoteKind.FOREIGN, at_s, why=why)

    def decision(self, operation: Operation, dialog: Dialog, decision: Decision, at_s: float) -> None:
        """What was pressed."""
        self.note(
            NoteKind.DECISION,
            at_s,
            operation=str(operation.id),
            station=str(operation.station),
            dialog=dialog.value,
            button=decision.button.value,
        )


def traffic(
    request: Request,
    response: Response,
    period_s: tuple[float, float],
    who: str,
    *,
    beset: str,
    disturbance: Mapping[str, str],
    plain: bool,
) -> Traffic:
    """One call as it went over the wire.

    ``beset``: what is done to all answers on purpose, ``disturbance``: what befell this one. ``plain``: the connection
    is not protected, although others are.
    """
    lost = LOST.get(response.wire, "")
    what = disturbance.get("what", "")
    spoilt = bool(what) and not NATURES[What(what)].is_the_servers_word
    return Traffic(
        verb=request.method,
        target=request.target,
        headers=request.headers,
        started_s=period_s[0],
        finished_s=period_s[1],
        http_status=0 if lost else response.http_status,
        reply_headers=() if lost else response.headers,
        body=b"" if lost else response.body,
        lost=lost,
        who=who,
        disturbed=what if spoilt else beset,
        disturbance=disturbance,
        connection=f"plain/{request.connection}" if plain else str(request.connection),
    )
