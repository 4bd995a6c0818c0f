"""The control port: what a test, or a person's page, tells an emulator behind the back of the PMS.

JSON over HTTP with a bearer token, apart from the protocol port and on loopback. What can be asked for stands in
``routes``, by subject; ``GET /openapi.json`` documents all of it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from conformance.emulator.crowd import Crowd
from conformance.emulator.equipment import RestartNeeded
from conformance.emulator.log import Log
from conformance.emulator.protocol import Request, Response
from conformance.emulator.routes.asked import Absent, Answer, Asked, Route, asked
from conformance.emulator.routes.data import Data
from conformance.emulator.routes.play import Play
from conformance.emulator.routes.record import Record
from conformance.emulator.routes.settings import Switches
from conformance.emulator.routes.vdds import Files
from conformance.emulator.server import Emulator

JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))
DOCUMENTATION = Path(__file__).parent / "routes" / "openapi.json"


class Control:
    """Handles the requests of the control port of one emulator."""

    def __init__(self, emulator: Emulator, token: str, crowd: Crowd) -> None:
        self._authorization = f"Bearer {token}".encode()
        log = Log(emulator, secrets.token_bytes(32))
        emulator.listeners.append(log)
        subjects = (Play(emulator, crowd), Data(emulator), Switches(emulator), Record(emulator, log), Files(emulator))
        self.routes: Mapping[tuple[str, str], Route] = {
            **{key: route for subject in subjects for key, route in subject.routes().items()},
            ("GET", "/openapi.json"): _documentation,
        }
        """By verb and path; a last part in braces stands for any."""
        self._open = {
            (verb, path.rpartition("{")[0]): route for (verb, path), route in self.routes.items() if "{" in path
        }

    def handle(self, request: Request) -> Response:
        """The answer to one request; errors are JSON objects with the key ``error``."""
        sent = (request.header("authorization") or "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent, self._authorization):
            return _response(HTTPStatus.UNAUTHORIZED, {"error": "send the token as Authorization: Bearer <token>."})
        path = request.target.partition("?")[0]
        route, last = self._find(request.method, path)
        if route is None:
            known = ", ".join(f"{verb} {path}" for verb, path in self.routes)
            problem = f"{request.method} {path} is not known; expected one of {known}."
            return _response(HTTPStatus.NOT_FOUND, {"error": problem})
        try:
            answer = route(asked(request, last))
        except RestartNeeded as error:
            return _response(HTTPStatus.CONFLICT, {"error": str(error)})
        except Absent as error:
            return _response(HTTPStatus.NOT_FOUND, {"error": str(error)})
        except ValueError as error:
            return _response(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        return answer if isinstance(answer, Response) else _response(HTTPStatus.OK, answer)

    def _find(self, verb: str, path: str) -> tuple[Route | None, str]:
        """The route, and the last part of the path where the route leaves it open."""
        exact = self.routes.get((verb, path))
        if exact is not None:
            return exact, ""
        head, _, last = path.rpartition("/")
        return (self._open.get((verb, f"{head}/")), last) if last else (None, "")


def _documentation(asked: Asked) -> Response:
    return Response(HTTPStatus.OK, JSON, DOCUMENTATION.read_bytes())


def _response(http_status: int, content: Answer) -> Response:
    return Response(http_status, JSON, json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
