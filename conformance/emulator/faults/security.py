"""Faults of who is let in, and of how the two ends are protected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.emulator.protocol import Request, Response
from conformance.emulator.tls import TlsSettings
from conformance.wire import Credentials, parse_authorization


def _sent(header: str | None) -> Credentials | None:
    credentials = parse_authorization(header)
    return credentials if isinstance(credentials, Credentials) else None


class LetsStrangersIn(Fault):
    name = "lets-strangers-in"
    does = "Serves a call that has no Authorization header."
    breaks = ("SEC-001", "SEC-005", "SEC-015")

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        return admitted or header is None


class AnswersForbidden(Fault):
    name = "answers-forbidden"
    does = "Answers HTTP 403 instead of 401."
    breaks = ("SEC-001", "SEC-002", "SEC-003", "SEC-015")

    def response(self, request: Request, response: Response) -> Response:
        unauthorized = response.http_status == HTTPStatus.UNAUTHORIZED
        return replace(response, http_status=HTTPStatus.FORBIDDEN) if unauthorized else response


class TakesAnyPassword(Fault):
    name = "takes-any-password"
    does = "Lets a known user in with any password."
    breaks = ("SEC-002",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        sent = _sent(header)
        return admitted or (sent is not None and sent.user in {user.user for user in users})


class TakesPasswordsInAnyCase(Fault):
    name = "takes-passwords-in-any-case"
    does = "Compares passwords without regard to case."
    breaks = ("SEC-002",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        sent = _sent(header)
        folded = {(user.user, user.password.casefold()) for user in users}
        return admitted or (sent is not None and (sent.user, sent.password.casefold()) in folded)


class TakesAnyUser(Fault):
    name = "takes-any-user"
    does = "Looks at the password only."
    breaks = ("SEC-002",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        sent = _sent(header)
        return admitted or (sent is not None and sent.password in {user.password for user in users})


class TakesOtherSchemes(Fault):
    name = "takes-other-schemes"
    does = "Lets a call in whose Authorization header names another scheme."
    breaks = ("SEC-003",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        return admitted or (header is not None and header.startswith(("Bearer", "Digest")))


class BreaksOnGarbledCredentials(Fault):
    name = "breaks-on-garbled-credentials"
    does = "Answers HTTP 400 when the credentials cannot be decoded."
    breaks = ("SEC-003",)

    def response(self, request: Request, response: Response) -> Response:
        header = request.header("authorization")
        garbled = bool(header) and _sent(header) is None
        unauthorized = response.http_status == HTTPStatus.UNAUTHORIZED
        return Response(HTTPStatus.BAD_REQUEST) if garbled and unauthorized else response


class KnowsOneUser(Fault):
    name = "knows-one-user"
    does = "Lets only the first of its users in."
    breaks = ("SEC-004",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        sent = _sent(header)
        return admitted and sent is not None and sent.user == users[0].user


class SplitsAtTheLastColon(Fault):
    name = "splits-at-the-last-colon"
    does = "Takes the last colon for the one between user name and password."
    breaks = ("SEC-004",)

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        sent = _sent(header)
        return admitted and sent is not None and ":" not in sent.password


class ActsBeforeItRefuses(Fault):
    name = "acts-before-it-refuses"
    does = "Carries a call out and only then finds that it was not authorised."
    breaks = ("SEC-005",)
    _refused = False

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        self._refused = not admitted
        return True

    def response(self, request: Request, response: Response) -> Response:
        return Response(HTTPStatus.UNAUTHORIZED) if self._refused else response


class RemovesBeforeItRefuses(KnowsItsSpec):
    name = "removes-before-it-refuses"
    does = "Removes an operation and only then finds that the removal was not authorised."
    breaks = ("SEC-005",)
    _removes = _refused = False

    def request(self, request: Request) -> Request:
        method = self.method(request)
        self._removes = method is not None and method.role == "remove_operation"
        return request

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        self._refused = self._removes and not admitted
        return admitted or self._refused

    def response(self, request: Request, response: Response) -> Response:
        return Response(HTTPStatus.UNAUTHORIZED) if self._refused else response


class HasAnotherAuthority(Fault):
    name = "has-another-authority"
    does = "Presents a chain that does not end with the authority it is known for."
    breaks = ("SEC-009",)

    def tls(self, settings: TlsSettings) -> TlsSettings:
        return replace(settings, announced="0" * 40)


class SpeaksPlainHttpToo(Fault):
    name = "speaks-plain-http-too"
    does = "Answers plain HTTP on the port of the service."
    breaks = ("SEC-010",)

    def tls(self, settings: TlsSettings) -> TlsSettings:
        return replace(settings, plain_too=True)


class RemembersTheConnection(Fault):
    name = "remembers-the-connection"
    does = "Serves a call without credentials on a connection whose earlier call had them."
    breaks = ("SEC-001", "SEC-005", "SEC-015")

    def __init__(self) -> None:
        self._connection = 0
        self._known: dict[int, str] = {}

    def request(self, request: Request) -> Request:
        self._connection = request.connection
        earlier = self._known.get(request.connection)
        if request.header("authorization") or earlier is None:
            return request
        return replace(request, headers=(*request.headers, ("authorization", earlier)))

    def admits(self, header: str | None, admitted: bool, users: Sequence[Credentials]) -> bool:
        if admitted and header:
            self._known[self._connection] = header
        return admitted
