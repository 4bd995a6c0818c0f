"""Commands that a person can paste to see a finding again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.report.stand_ins import sendable
from conformance.spec import Spec
from conformance.trace import Recorded

Users = Sequence[tuple[str, str]]
"""Tokens of user and password; the first is THREEDD_USER, the second THREEDD_USER2 and so on."""
REPEATED_HEADERS = ("accept", "content-type")


URL_VARIABLE = "THREEDD_URL"


def sequence(calls: Iterable[Recorded], spec: Spec, url: str, users: Users = ()) -> tuple[str, ...]:
    """The calls as curl lines, before them one that says where to (``url``); nothing for no call.

    Values that name patients are stand-ins, equal where the originals were equal: ``~...``, which can be sent as it is,
    and dates in the form that was seen. ``users`` are those who are known to be let in; without any, whoever was let in
    first.
    """
    calls = list(calls)
    lines = tuple(curl(call, spec, users or let_in(calls)) for call in calls)
    return (f"{URL_VARIABLE}={quoted(url)}", *lines) if lines else ()


def variables(calls: Iterable[Recorded], users: Users) -> tuple[str, ...]:
    """The environment variables of user and password that the calls need."""
    calls = list(calls)
    names = (which_user(call, users or let_in(calls)) for call in calls)
    numbers = dict.fromkeys(name.partition("-")[2] for name in names if name)
    return tuple(f"{name}{number}" for number in sorted(numbers) for name in ("THREEDD_USER", "THREEDD_PASSWORD"))


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
    parts = ["curl -k -i"]
    if request.verb != "GET":
        parts.append(f"-X {quoted(request.verb)}" if request.verb != "HEAD" else "--head")
    credentials = _credentials(event, users)
    parts += [credentials] if credentials else []
    parts += [
        f"-H {quoted(f'{name}: {request.headers[name]}')}" for name in REPEATED_HEADERS if name in request.headers
    ]
    return " ".join([*parts, f'"${URL_VARIABLE}"{quoted(sendable(event, spec))}'])


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
