"""The control port: what a test, or a person's page, tells an emulator behind the back of the PMS.

JSON over HTTP with a bearer token, apart from the protocol port and on loopback.

    GET  /state       everything: stations, operations, open dialogs, time, readings, faults
    GET  /faults      every fault there is, and which are active
    POST /decisions   {dialog, button, operation?, station?, patient?, times?}
    POST /stations    {station, hostname?, connected?, busy?, operator_name?, operator_id?}
    POST /hold        {station?}        no station: every one
    POST /release     {station?}
    POST /clock       {advance_s}
    POST /crowd       {calls}           so many simultaneous calls are served in an order of their own
    POST /reset       {}
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from conformance.emulator.crowd import Crowd
from conformance.emulator.faults import faults
from conformance.emulator.protocol import Request, Response
from conformance.emulator.server import Emulator
from conformance.emulator.snapshot import Snapshot, snapshot
from conformance.model import Station
from conformance.wire import Malformed, parse_guid

Body = Mapping[str, Any]
Answer = Mapping[str, object]
Route = Callable[[Body], Answer]

JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))
LONGEST_STEP_S = 86_400.0


class Control:
    """Handles the requests of the control port of one emulator."""

    def __init__(self, emulator: Emulator, token: str, crowd: Crowd) -> None:
        self._emulator = emulator
        self._crowd = crowd
        self._authorization = f"Bearer {token}".encode()
        self._routes: Mapping[tuple[str, str], Route] = {
            ("GET", "/state"): self._state,
            ("GET", "/faults"): self._faults,
            ("POST", "/decisions"): self._decide,
            ("POST", "/stations"): self._station,
            ("POST", "/hold"): self._hold,
            ("POST", "/release"): self._release,
            ("POST", "/clock"): self._clock,
            ("POST", "/crowd"): self._expect,
            ("POST", "/reset"): self._reset,
        }

    def handle(self, request: Request) -> Response:
        """The answer to one request; errors are JSON objects with the key ``error``."""
        sent = (request.header("authorization") or "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent, self._authorization):
            return _response(HTTPStatus.UNAUTHORIZED, {"error": "send the token as Authorization: Bearer <token>."})
        path = request.target.partition("?")[0]
        route = self._routes.get((request.method, path))
        if route is None:
            known = ", ".join(f"{verb} {path}" for verb, path in self._routes)
            problem = f"{request.method} {path} is not known; expected one of {known}."
            return _response(HTTPStatus.NOT_FOUND, {"error": problem})
        try:
            return _response(HTTPStatus.OK, route(_body(request)))
        except ValueError as error:
            return _response(HTTPStatus.BAD_REQUEST, {"error": str(error)})

    def _state(self, body: Body) -> Snapshot:
        with self._emulator.lock:
            self._emulator.advance()
            return snapshot(self._emulator)

    def _faults(self, body: Body) -> Answer:
        active = {fault.name for fault in self._emulator.faults}
        known = faults().values()
        rows = [{"name": f.name, "does": f.does, "breaks": list(f.breaks), "active": f.name in active} for f in known]
        return {"faults": rows}

    def _decide(self, body: Body) -> Answer:
        self._emulator.decide(
            _text(body, "dialog"),
            _text(body, "button"),
            operation=_guid(body, "operation"),
            station=_guid(body, "station"),
            patient=_text(body, "patient", ""),
            times=_number(body, "times", int, 1),
        )
        return {}

    def _station(self, body: Body) -> Answer:
        station = _guid(body, "station")
        if station is None:
            raise ValueError("station is missing; give the GUID of a station, known or new.")
        former = self._emulator.state.stations.get(station) or Station(station, "NEW-STATION", connected=True)
        changed = replace(
            former,
            hostname=_text(body, "hostname", former.hostname),
            operator_name=_text(body, "operator_name", former.operator_name),
            operator_id=_text(body, "operator_id", former.operator_id),
            connected=_flag(body, "connected", former.connected),
            busy=_flag(body, "busy", former.busy),
        )
        self._emulator.set_station(changed)
        return {}

    def _hold(self, body: Body) -> Answer:
        self._emulator.hold(_guid(body, "station"))
        return {}

    def _release(self, body: Body) -> Answer:
        self._emulator.release(_guid(body, "station"))
        return {}

    def _clock(self, body: Body) -> Answer:
        seconds = _number(body, "advance_s", float, None)
        if not 0 <= seconds <= LONGEST_STEP_S:
            raise ValueError(f"advance_s is {seconds}; expected seconds from 0 to {LONGEST_STEP_S:.0f}.")
        self._emulator.advance(seconds)
        return {"now_s": self._emulator.clock.now_s()}

    def _expect(self, body: Body) -> Answer:
        self._crowd.expect(_number(body, "calls", int, None))
        return {}

    def _reset(self, body: Body) -> Answer:
        self._emulator.reset()
        return {}


def _response(http_status: int, content: Answer) -> Response:
    return Response(http_status, JSON, json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))


def _body(request: Request) -> Body:
    if not request.body.strip():
        return {}
    try:
        parsed = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON ({type(error).__name__}); send an object.") from None
    if not isinstance(parsed, dict):
        raise ValueError(f"the body is a JSON {type(parsed).__name__}; send an object.")
    return parsed


def _text(body: Body, key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key} is {value!r}; expected a text.")
    return value


def _flag(body: Body, key: str, default: bool) -> bool:
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is {value!r}; expected true or false.")
    return value


def _number(body: Body, key: str, kind: Callable[[Any], Any], default: object) -> Any:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ValueError(f"{key} is {value!r}; expected a number.")
    return kind(value)


def _guid(body: Body, key: str) -> UUID | None:
    """The GUID of that key; None when the key is absent or null."""
    text = body.get(key)
    if text is None:
        return None
    value = parse_guid(text) if isinstance(text, str) else Malformed("no text", str(text))
    if isinstance(value, Malformed):
        raise ValueError(f"{key} is {text!r}; expected a GUID.")
    return value
