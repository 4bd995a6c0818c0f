"""The ladder before the first play: each rung with a hint, so that a wrong setting is not taken for a wrong server.

Only what would make every play meaningless ends a run here. A server that misbehaves in any smaller way is what the
run is for.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from conformance.suite.play import Send
from conformance.suite.stage import Stage
from conformance.trace import Exchange

PLAY = "prepare.preflight"


class Unready(Exception):
    """The set-up does not allow a run; nobody is blamed."""


def preflight(stage: Stage) -> None:
    """Climbs the ladder. Raises Unready with what to do about the first rung that does not hold."""
    place = stage.driver.place
    try:
        socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as wrong:
        raise Unready(
            f'the name "{place.host}" cannot be resolved ({wrong}); check the spelling, or use the IP address.'
        ) from wrong
    answers = list(_first_calls(stage))
    for rung in (_reached, _let_in, _understood):
        rung(stage, answers)


def _first_calls(stage: Stage) -> Iterator[Exchange]:
    """Two calls that change nothing and need nothing: one may be broken in a server worth judging."""
    yield stage.send(Send("list_stations", {}), PLAY)
    yield stage.send(Send("get_status", {"operation": stage.desk(PLAY).operation_id()}), PLAY)


def _reached(stage: Stage, answers: list[Exchange]) -> None:
    if any(exchange.answered for exchange in answers):
        return
    where = stage.driver.place.authority
    reason = answers[0].event.lost
    raise Unready(f"{where} gives no answer ({reason}): {_HINTS.get(reason, 'see what its log says')}.")


_HINTS = {
    "refused": "nothing listens at that port; is the service running, and does a firewall allow it",
    "unreachable": "there is no way to that computer from here; check network and address",
    "timeout": "check address, port and firewall",
    "tls": "the handshake failed; if its certificate is not trusted, name its authority with --ca, or use --insecure",
    "reset": "the connection is closed at once; is it the right port, and https where https is spoken",
    "malformed-http": "something else than an HTTP service answers there; check the port",
}


def _let_in(stage: Stage, answers: list[Exchange]) -> None:
    refused = [exchange for exchange in answers if exchange.answered]
    if not all(exchange.http_status in (401, 403) for exchange in refused):
        return
    if not stage.target.users:
        raise Unready("the server asks for credentials; set THREEDD_USER and THREEDD_PASSWORD to those of a 3DD user.")
    user = stage.target.users[0].user
    raise Unready(f'the server does not let the user "{user}" in; check THREEDD_USER and THREEDD_PASSWORD.')


def _understood(stage: Stage, answers: list[Exchange]) -> None:
    if any(getattr(exchange.document, "role", "") for exchange in answers):
        return
    if any(exchange.succeeded for exchange in answers):
        return  # an answer that cannot be read is a finding
    statuses = ", ".join(f"HTTP {exchange.http_status}" for exchange in answers if exchange.answered)
    base = stage.spec.service.base_path
    raise Unready(
        f"nothing of the service is at {stage.target.url} ({statuses}); the address usually ends with {base}."
    )
