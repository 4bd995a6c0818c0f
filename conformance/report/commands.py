"""Commands that a person can paste to see a finding again."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.judge import Finding
from conformance.spec import Spec
from conformance.trace import Authorization, Recorded

CREDENTIALS = '-u "$THREEDD_USER:$THREEDD_PASSWORD"'
_REPEATED_HEADERS = ("accept", "content-type")


def reproduction(finding: Finding, events: Iterable[Recorded], spec: Spec, server: str) -> tuple[str, ...]:
    """The calls that the finding rests on as curl lines, then the run of the play that provoked it.

    ``server`` is the address to certify again, or '' for the embedded emulator. Values that name patients are stand-ins
    (``~...``), equal where the originals were equal, so that they can be sent as they are.
    """
    calls_made = list(events)
    known = next((e.request.authorization for e in calls_made if _let_in(e)), Authorization())
    calls = [curl(event, spec, known) for event in calls_made]
    certify = " ".join(["threedd certify server", server]).strip()
    plays = [f"{certify} --only {quoted(play)}" for play in finding.plays if play]
    return (*calls, *plays[:1])


def _let_in(event: Recorded) -> bool:
    return event.reply is not None and 200 <= event.reply.http_status < 300


def curl(event: Recorded, spec: Spec, known: Authorization) -> str:
    """One call. ``known`` are credentials that were let in; others are sent wrong again, and none are sent as none."""
    request = event.request
    host = request.headers.get("host") or f"localhost:{spec.service.port}"
    parts = ["curl -k -i"]
    if request.verb != "GET":
        parts.append(f"-X {quoted(request.verb)}" if request.verb != "HEAD" else "--head")
    credentials = _credentials(request.authorization, known)
    parts += [credentials] if credentials else []
    parts += [
        f"-H {quoted(f'{name}: {request.headers[name]}')}" for name in _REPEATED_HEADERS if name in request.headers
    ]
    return " ".join([*parts, quoted(f"{spec.service.scheme}://{host}{request.target}")])


def _credentials(sent: Authorization, known: Authorization) -> str:
    if not sent.present:
        return ""
    if sent.flaw:
        return f"-H {quoted(f'Authorization: {sent.scheme} ?')}"
    if known.present and (sent.user, sent.password) != (known.user, known.password):
        return '-u "$THREEDD_USER:not-the-password"'
    return CREDENTIALS


def quoted(text: str) -> str:
    """``text`` as one word of a POSIX shell, whatever it holds."""
    return "'" + text.replace("'", "'\\''") + "'"
