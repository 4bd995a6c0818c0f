"""Commands that a person can paste to see a finding again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.spec import Spec
from conformance.trace import Recorded

Users = Sequence[tuple[str, str]]
"""Tokens of user and password; the first is THREEDD_USER, the second THREEDD_USER2 and so on."""
REPEATED_HEADERS = ("accept", "content-type")


def reproduction(
    calls: Iterable[Recorded], plays: Sequence[str], spec: Spec, certify: str, users: Users = ()
) -> tuple[str, ...]:
    """The calls as curl lines, then the run of the first of the plays that provoked a finding.

    ``certify`` is the command that repeats the whole run.
    """
    again = [f"{certify} --only {quoted(play)}" for play in plays if play]
    return (*sequence(calls, spec, users), *again[:1])


def sequence(calls: Iterable[Recorded], spec: Spec, users: Users = ()) -> tuple[str, ...]:
    """The calls as curl lines.

    Values that name patients are stand-ins (``~...``), equal where the originals were equal, so that they can be sent
    as they are. ``users`` are those who are known to be let in; without any, whoever was let in first.
    """
    calls = list(calls)
    return tuple(curl(call, spec, users or let_in(calls)) for call in calls)


def let_in(calls: Iterable[Recorded]) -> Users:
    """Whoever was let in first; nobody when all were turned away."""
    users = [(call.request.authorization.user, call.request.authorization.password) for call in calls if _let_in(call)]
    return users[:1]


def which_user(event: Recorded, users: Users) -> str:
    """``user-`` and a number for one of ``users`` (none for the first), ``wrong-`` for others, '' for nobody."""
    sent = event.request.authorization
    if not sent.present or sent.flaw:
        return ""
    if users and (sent.user, sent.password) not in users:
        return "wrong-"
    number = users.index((sent.user, sent.password)) + 1 if users else 1
    return f"user-{number}" if number > 1 else "user-"


def _let_in(event: Recorded) -> bool:
    return event.reply is not None and 200 <= event.reply.http_status < 300


def curl(event: Recorded, spec: Spec, users: Users) -> str:
    """One call. ``users`` are let in; other credentials are sent wrong again, and none are sent as none."""
    request = event.request
    host = request.headers.get("host") or f"localhost:{spec.service.port}"
    parts = ["curl -k -i"]
    if request.verb != "GET":
        parts.append(f"-X {quoted(request.verb)}" if request.verb != "HEAD" else "--head")
    credentials = _credentials(event, users)
    parts += [credentials] if credentials else []
    parts += [
        f"-H {quoted(f'{name}: {request.headers[name]}')}" for name in REPEATED_HEADERS if name in request.headers
    ]
    return " ".join([*parts, quoted(f"{spec.service.scheme}://{host}{request.target}")])


def _credentials(request: Recorded, users: Users) -> str:
    sent = request.request.authorization
    if not sent.present:
        return ""
    if sent.flaw:
        return f"-H {quoted(f'Authorization: {sent.scheme} ?')}"
    user, _, which = which_user(request, users).partition("-")
    if user == "wrong":
        return '-u "$THREEDD_USER:not-the-password"'
    return f'-u "$THREEDD_USER{which}:$THREEDD_PASSWORD{which}"'


def quoted(text: str) -> str:
    """``text`` as one word of a POSIX shell, whatever it holds."""
    return "'" + text.replace("'", "'\\''") + "'"
