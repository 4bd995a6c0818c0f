"""One request and its answer: who is let in, what the call means, what it does, and how that is written.

Faults are laid over each of these steps, in the order that ``Fault`` shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from random import Random
from uuid import UUID

from conformance.emulator import readings as points
from conformance.emulator.addresses import Addresses, local
from conformance.emulator.binding import Binder
from conformance.emulator.clock import Clock
from conformance.emulator.credentials import Door
from conformance.emulator.dates import http_date
from conformance.emulator.dialects import Extras
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request, Response
from conformance.emulator.rendering import Renderer, plain
from conformance.emulator.stations import Stations
from conformance.model import Answer, Call, Operation, Place, State, apply_all, step
from conformance.spec import ExtraMethod, Method, Spec
from conformance.wire import Credentials

VERB = "GET"


class Service:
    """What stands between the port and the data. Nothing is answered before ``begin``."""

    _state: State
    _stations: Stations
    _random: Random
    _renderer: Renderer

    def __init__(
        self,
        spec: Spec,
        readings: Mapping[str, str],
        policy: Policy,
        overlays: Sequence[Fault],
        users: Sequence[Credentials],
        clock: Clock,
    ) -> None:
        self._spec = spec
        self._readings = readings
        self._policy = policy
        self._overlays = overlays
        self._clock = clock
        self._extras = Extras(spec, policy.dialects)
        self._door = Door(users, spec.service.authentication_scheme, readings, overlays)
        self._binder = Binder(spec, readings, policy.zone_minutes)
        self._addresses = Addresses(spec, readings)

    def begin(self, state: State, stations: Stations, random: Random) -> None:
        """Goes on with these data; what is free in how they are written is drawn from ``random``."""
        self._state = state
        self._stations = stations
        self._random = random
        self._renderer = self._new_renderer(self._readings, self._policy)

    def method(self, request: Request) -> Method | None:
        """The documented method that the request is addressed to."""
        return self._addresses.method(local(request.target)[0])

    def asked_about(self, request: Request) -> UUID | None:
        """The operation whose status the request asks for."""
        path, query = local(request.target)
        method = self._addresses.method(path)
        if method is None or method.answer != "status":
            return None
        operation = self._binder.bind(method, query, self._clock.ticks()).call.values.get("operation")
        return operation if isinstance(operation, UUID) else None

    def respond(self, request: Request, written: tuple[str, str] | None = None) -> Response:
        """The answer; ``written``: a reading and its name, by which this one document is written."""
        seen = request
        for overlay in self._overlays:
            seen = overlay.request(seen)
        self._stations.advance(self._clock.now_s())
        response = self.dated(self._answer(seen, written))
        for overlay in self._overlays:
            response = overlay.response(seen, response)
        return response

    def dated(self, response: Response) -> Response:
        """With the time by the emulator's own clock, as any server that has one tells it."""
        return replace(response, headers=(*response.headers, ("Date", http_date(self._clock.ticks()))))

    def _new_renderer(self, readings: Mapping[str, str], policy: Policy) -> Renderer:
        return Renderer(self._spec, readings, policy, Random(self._random.getrandbits(64)))

    def _answer(self, request: Request, written: tuple[str, str] | None) -> Response:
        path, query = local(request.target)
        extra = self._extras.find(path, request.method)
        if not (extra and extra.open) and not self._door.admits(request.header("authorization")):
            return plain(HTTPStatus.UNAUTHORIZED, self._door.challenge)
        if extra:
            return self._beyond(extra, query, request, written)
        method = self._addresses.method(path)
        if method is None:
            return plain(HTTPStatus.NOT_FOUND)
        if request.method != VERB:
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, (("Allow", VERB),))
        return self._called(method, query, request, written)

    def _beyond(self, extra: ExtraMethod, query: str, request: Request, written: tuple[str, str] | None) -> Response:
        """The answer of a method that another generation has."""
        asked = self._extras.read(extra, query, request, self._state, self._readings)
        if isinstance(asked, Response):
            return asked
        if isinstance(asked, Answer):
            return self._written(asked, request, written)
        return self._called(self._spec.method[asked.role], asked.query, request, written)

    def _called(self, method: Method, query: str, request: Request, written: tuple[str, str] | None) -> Response:
        bound = self._binder.bind(method, query, self._clock.ticks())
        if bound.refused:
            return plain(HTTPStatus.BAD_REQUEST)
        return self._written(self._carry_out(bound.call), request, written)

    def _written(self, answer: Answer, request: Request, written: tuple[str, str] | None) -> Response:
        accept = request.header("accept")
        if written is None:
            return self._renderer.response(answer, accept)
        point, name = written
        policy = replace(self._policy, readings={**self._policy.readings, point: name})
        only_this = self._new_renderer({**self._readings, point: name}, policy)
        return only_this.response(answer, "" if point == points.NEGOTIATION else accept)

    def _carry_out(self, call: Call) -> Answer:
        state = self._state
        for overlay in self._overlays:
            call = overlay.call(call, state)
        outcomes = step(state, call, self._spec, self._readings)
        for overlay in self._overlays:
            outcomes = overlay.outcomes(call, outcomes, state)
        outcome = self._stations.choose(outcomes)
        last_serial = state.last_serial
        apply_all(outcome.changes, state)
        for serial in range(last_serial + 1, state.last_serial + 1):
            self._send_to_station(state.operations.get(serial))
        answer = outcome.answer
        for overlay in self._overlays:
            answer = overlay.answer(call, answer, state)
        return answer

    def _send_to_station(self, operation: Operation | None) -> None:
        if operation is not None and operation.place is Place.POOL:
            self._stations.receive(operation, self._clock.now_s())
