"""The emulator without sockets: a request in, a response out.

What it does is the model's business, what it may choose the policy's, how it looks the renderer's; faults are laid
over all of them. This module only brings them together, in the order that ``Fault`` shows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from random import Random
from urllib.parse import unquote
from uuid import UUID

from conformance.emulator import readings as points
from conformance.emulator.binding import Binder
from conformance.emulator.clock import Clock, RealClock
from conformance.emulator.credentials import Door
from conformance.emulator.dates import http_date
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.operator import Operator
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request, Response, WireFault
from conformance.emulator.rendering import Renderer, plain
from conformance.emulator.stations import Stations
from conformance.model import Call, Decision, Dialog, Operation, Place, State, apply_all, step
from conformance.model.changes import SetStation
from conformance.model.state import Station
from conformance.spec import Method, Spec
from conformance.trace import NoteKind, Recorder, Traffic
from conformance.wire import Credentials

VERB = "GET"
LOST: Mapping[WireFault, str] = {
    WireFault.RESET: "reset",
    WireFault.HANG: "timeout",
    WireFault.TRUNCATE: "truncated",
    WireFault.LONG_LENGTH: "truncated",
}
"""What a client makes of an answer that never came whole."""


class Emulator:
    """A 3DD server. Safe to be called from several threads; calls are served one after the other."""

    def __init__(
        self,
        spec: Spec,
        policy: Policy | None = None,
        clock: Clock | None = None,
        users: Sequence[Credentials] = (),
        seed: State | None = None,
        faults: Sequence[Fault] = (),
        recorder: Recorder | None = None,
    ) -> None:
        """``seed`` is copied, here and at every reset. ``recorder`` gets every exchange and every decision."""
        self.policy = policy or Policy()
        self.clock = clock or RealClock()
        self.users = tuple(users)
        self.faults = tuple(faults)
        self.readings: Mapping[str, str] = points.resolved(spec, self.policy.readings)
        for fault in self.faults:
            spec = fault.spec(spec)
            self.readings = fault.readings(self.readings)
        points.check(self.readings)
        self.spec = spec
        """The facts it runs by; not those of the guide when a fault changed them."""
        self._seed = seed or State()
        self._recorder = recorder
        self.lock = threading.RLock()
        """Held while a call is served; to be held by whoever looks at the state from another thread."""
        self._door = Door(self.users, spec.service.authentication_scheme, self.readings, self.faults)
        self._binder = Binder(spec, self.readings, self.policy.zone_minutes)
        self._paths = self._method_paths()
        self._note_users()
        self.reset()

    def reset(self) -> None:
        """Back to the seed: data, stations, decisions and random choices as at the start."""
        with self.lock:
            self.state = self._seed.copy()
            for fault in self.faults:
                fault.state(self.state)
            random = Random(self.policy.seed)
            self._renderer = Renderer(self.spec, self.readings, self.policy, Random(random.getrandbits(64)))
            self.operator = Operator(self.policy.operator)
            self.stations = Stations(
                self.state,
                self.spec,
                self.readings,
                self.policy,
                self.operator,
                random,
                self.faults,
                self._note_decision,
            )

    # -- the protocol port ------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """The answer to one HTTP request, whatever it holds."""
        with self.lock:
            started_s = self.clock.now_s()
            self.clock.tick()
            response = self._respond(request)
            if self._recorder is not None:
                self._record(request, response, started_s)
            return response

    def _respond(self, request: Request) -> Response:
        seen = request
        for fault in self.faults:
            seen = fault.request(seen)
        self.stations.advance(self.clock.now_s())
        response = self._dated(self._answer(seen))
        for fault in self.faults:
            response = fault.response(seen, response)
        return response

    def _dated(self, response: Response) -> Response:
        """With the time by the emulator's own clock, as any server that has one tells it."""
        return replace(response, headers=(*response.headers, ("Date", http_date(self.clock.ticks()))))

    def _answer(self, request: Request) -> Response:
        if not self._door.admits(request.header("authorization")):
            return plain(HTTPStatus.UNAUTHORIZED, self._door.challenge)
        path, _, query = _local(request.target).partition("?")
        method = self._method(path)
        if method is None:
            return plain(HTTPStatus.NOT_FOUND)
        if request.method != VERB:
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, (("Allow", VERB),))
        bound = self._binder.bind(method, query, self.clock.ticks())
        if bound.refused:
            return plain(HTTPStatus.BAD_REQUEST)
        return self._carry_out(bound.call, request.header("accept"))

    def _carry_out(self, call: Call, accept: str | None) -> Response:
        state = self.state
        for fault in self.faults:
            call = fault.call(call, state)
        outcomes = step(state, call, self.spec, self.readings)
        for fault in self.faults:
            outcomes = fault.outcomes(call, outcomes, state)
        outcome = self.stations.choose(outcomes)
        last_serial = state.last_serial
        apply_all(outcome.changes, state)
        for serial in range(last_serial + 1, state.last_serial + 1):
            self._send_to_station(state.operations.get(serial))
        answer = outcome.answer
        for fault in self.faults:
            answer = fault.answer(call, answer, state)
        return self._renderer.response(answer, accept)

    def _send_to_station(self, operation: Operation | None) -> None:
        if operation is not None and operation.place is Place.POOL:
            self.stations.receive(operation, self.clock.now_s())

    def _method(self, path: str) -> Method | None:
        path = unquote(path) if "%" in path else path
        exact = self.readings[points.METHOD_NAME_CASE] == "exact"
        return self._paths.get(path if exact else path.casefold())

    def _method_paths(self) -> dict[str, Method]:
        exact = self.readings[points.METHOD_NAME_CASE] == "exact"
        paths = {f"{self.spec.service.base_path}/{method.name}": method for method in self.spec.methods}
        return paths if exact else {path.casefold(): method for path, method in paths.items()}

    # -- behind the protocol: what a person or a test does ----------------------------------------------------

    def decide(
        self,
        dialog: str,
        button: str,
        *,
        operation: UUID | None = None,
        station: UUID | None = None,
        patient: str = "",
        times: int = 1,
    ) -> None:
        """Has a button pressed in the next dialogs that fit, also in one that stands open.

        ``times`` times; None for operation or station means any; ``patient`` as in Decision. ValueError for a dialog or
        button that does not exist.
        """
        with self.lock:
            self.operator.arrange(dialog, button, operation=operation, station=station, patient=patient, times=times)
            self.stations.look_again(self.clock.now_s())

    def set_station(self, station: Station) -> None:
        """A station appears, changes, connects or goes."""
        with self.lock:
            SetStation(station).apply(self.state)
            self.stations.look_again(self.clock.now_s())

    def hold(self, station: UUID | None = None) -> None:
        """The station (None: every one) takes no operations until it is released."""
        with self.lock:
            self.stations.hold(station)

    def release(self, station: UUID | None = None) -> None:
        with self.lock:
            self.stations.release(self.clock.now_s(), station)

    def advance(self, seconds: float = 0.0) -> None:
        """Moves the time on, and lets happen what is due."""
        with self.lock:
            self.clock.advance(seconds)
            self.stations.advance(self.clock.now_s())

    # -- the record -------------------------------------------------------------------------------------------

    def _record(self, request: Request, response: Response, started_s: float) -> None:
        assert self._recorder is not None
        lost = LOST.get(response.wire, "")
        self._recorder.exchange(
            Traffic(
                verb=request.method,
                target=request.target,
                headers=request.headers,
                started_s=started_s,
                finished_s=self.clock.now_s(),
                http_status=0 if lost else response.http_status,
                reply_headers=() if lost else response.headers,
                body=b"" if lost else response.body,
                lost=lost,
                who="pms",
                connection=str(request.connection),
            )
        )

    def _note_users(self) -> None:
        if self._recorder is not None:
            for user in self.users:
                self._recorder.note(
                    NoteKind.CREDENTIALS, self.clock.now_s(), user=user.user, password=user.password, complete="yes"
                )

    def _note_decision(self, operation: Operation, dialog: Dialog, decision: Decision) -> None:
        if self._recorder is not None:
            self._recorder.note(
                NoteKind.DECISION,
                self.clock.now_s(),
                operation=str(operation.id),
                station=str(operation.station),
                dialog=dialog.value,
                button=decision.button.value,
            )


def _local(target: str) -> str:
    """The path and query of a target, also of one in absolute form as a proxy sends it."""
    if target.startswith("/"):
        return target
    _, scheme, rest = target.partition("://")
    return "/" + rest.partition("/")[2] if scheme else target
