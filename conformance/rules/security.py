"""Who may call: the Authorization header on every call, and what happens without it."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from conformance.rules.catalogue import EVERY, observes, rule
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Sketch, call, fresh, guid, note, poll
from conformance.trace.history import once
from conformance.wire import Document, encode_basic

LIST = call("list_stations", answer=[])
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)
ANONYMOUS = LIST.but(authorization=None)
STRANGER = LIST.but(authorization=encode_basic("Nobody", "knows"))
BEARER = LIST.but(authorization="Bearer abc")
BAD_REQUEST, UNAUTHORIZED, NOT_FOUND = 400, 401, 404


def _spelled_otherwise(spec: Spec) -> Sketch:
    return ANONYMOUS.but(target=f"{spec.service.base_path}/{spec.method['list_stations'].name}/".lower())


@rule(
    "SEC-001",
    judges=EVERY,
    when=Mark.UNSIGNED,
    accepts=[ANONYMOUS.refused(401), NEW.but(authorization=None).refused(401)],
    rejects=[
        ANONYMOUS,
        ANONYMOUS.refused(403),
        ANONYMOUS.refused(400),
        ANONYMOUS.refused(302),
        lambda spec: _spelled_otherwise(spec),
        call("list_stations", answer=[{"station": guid(7)}]).but(authorization=None, http_status=401),
    ],
    ignores=[
        LIST,
        ANONYMOUS.lost("reset"),
        ANONYMOUS.but(target="/elsewhere").refused(404),
        lambda spec: _spelled_otherwise(spec).refused(404),
        lambda spec: _spelled_otherwise(spec).refused(400),
    ],
)
def calls_without_credentials_are_unauthorized(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on every method of the spec; a server may start slowly, so HTTP 503 says nothing."""
    if exchange.authorization.present:
        return None
    return _refusal(exchange, "no Authorization header", spec)


@rule(
    "SEC-002",
    judges=EVERY,
    accepts=[STRANGER.refused(401).probe("credentials", "1", "unknown-user")],
    rejects=[
        STRANGER.probe("credentials", "1", "unknown-user"),
        STRANGER.refused(403).probe("credentials", "1", "wrong-password"),
        note(NoteKind.CREDENTIALS, user="Sam", password="x", complete="yes") + STRANGER,
    ],
    ignores=[STRANGER, LIST, BEARER],
)
def wrong_credentials_are_unauthorized(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Credentials are known to be wrong when the producer made them so, or when it declared all that are right."""
    authorization = exchange.authorization
    if not authorization.present or authorization.flaw or valid(history, exchange):
        return None
    probe = exchange.probe
    made_wrong = probe is not None and probe.kind == "credentials"
    if not made_wrong and not any(n.data.get("complete") == "yes" for n in history.notes(NoteKind.CREDENTIALS)):
        return None
    return _refusal(exchange, f"wrong credentials ({probe.arm})" if probe is not None else "wrong credentials", spec)


@rule(
    "SEC-003",
    judges=EVERY,
    when=Mark.MISSIGNED,
    accepts=[BEARER.refused(401), LIST.but(authorization="Basic !!!").refused(401)],
    rejects=[BEARER, LIST.but(authorization="Basic !!!").refused(400), LIST.but(authorization="U2FtOng=")],
    ignores=[LIST, ANONYMOUS],
)
def a_header_without_basic_credentials_is_unauthorized(
    history: History, exchange: Exchange, spec: Spec
) -> Verdict | None:
    """Another scheme, text that is no Base64, or Base64 of a text without a colon."""
    flaw = exchange.authorization.flaw
    what = f"an Authorization header that holds no Basic credentials ({flaw})"
    return _refusal(exchange, what, spec) if flaw else None


def _refusal(exchange: Exchange, what: str, spec: Spec) -> Verdict | None:
    method = exchange.method
    if method is None or not exchange.answered or exchange.http_status == 503:
        return None
    expected = f"HTTP {UNAUTHORIZED} for a call with {what}"
    if exchange.http_status == UNAUTHORIZED:
        told = exchange.document
        if isinstance(told, Document) and told.role == method.answer and (told.records or told.value is not None):
            return breaks(f"{expected}, and no data", f"HTTP {UNAUTHORIZED} with the answer of the method", exchange)
        return holds(exchange)
    if exchange.http_status in (BAD_REQUEST, NOT_FOUND) and exchange.path != f"{spec.service.base_path}/{method.name}":
        return None  # no method for this server, which need not know who asks for nothing
    return breaks(expected, f"HTTP {exchange.http_status}", exchange)


@once
def valid(history: History, exchange: Exchange) -> bool:
    """True when these very credentials were declared to be right."""
    sent = exchange.authorization
    known = {(n.data.get("user", ""), n.data.get("password", "")) for n in history.notes(NoteKind.CREDENTIALS)}
    return not sent.flaw and (sent.user, sent.password) in known


def umlaut(charset: str, http_status: int) -> Sketch:
    header = "Basic " + base64.b64encode("Jörg:geheim".encode(charset)).decode("ascii")
    declared = note(NoteKind.CREDENTIALS, user="Jörg", password="geheim")
    return declared + LIST.but(authorization=header, http_status=http_status)


@rule(
    "SEC-004",
    judges=EVERY,
    accepts=[LIST, NEW, umlaut("utf-8", 401) + umlaut("latin-1", 200)],
    rejects=[
        LIST.refused(401),
        LIST.refused(403),
        NEW.refused(401),
        umlaut("utf-8", 401) + umlaut("latin-1", 401),
        umlaut("utf-8", 200) + umlaut("utf-8", 401),
    ],
    ignores=[STRANGER.refused(401), ANONYMOUS.refused(401), LIST.lost(), LIST.refused(503), umlaut("utf-8", 401)],
)
def valid_credentials_let_a_call_in(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Valid are those that the producer declared.

    Beyond ASCII there are two ways to turn text into bytes: such a user must get in by one of them, told at the end,
    and each time by that one which let the user in before.
    """
    probe = exchange.probe
    if exchange.method is None or not valid(history, exchange) or exchange.http_status in (0, 503):
        return None
    refused = exchange.http_status in (UNAUTHORIZED, 403)
    if refused and exchange.authorization.charset != "ascii" and not _let_in_before(history, exchange):
        return None
    if probe is not None and probe.kind == "scheme-case":
        return None
    return judged(not refused, "a valid user to be let in", f"HTTP {exchange.http_status}", exchange)


def _let_in_before(history: History, exchange: Exchange) -> bool:
    """True when the same header has let a call in."""
    own = exchange.authorization
    return any(e.succeeded and e.authorization == own and e.before(exchange) for e in history.exchanges)


@valid_credentials_let_a_call_in.at_end
def one_charset_lets_a_user_in(history: History, spec: Spec) -> Iterable[Verdict]:
    calls = [e for e in history.exchanges if e.method is not None and valid(history, e) and e.http_status]
    for user in sorted({e.authorization.user for e in calls}):
        tried = [e for e in calls if e.authorization.user == user]
        charsets = {e.authorization.charset for e in tried}
        if {"utf-8", "latin-1"} <= charsets and all(e.http_status in (UNAUTHORIZED, 403) for e in tried):
            yield breaks(
                "a valid user to be let in, with UTF-8 or ISO-8859-1", f"HTTP {UNAUTHORIZED} for both", *tried[-2:]
            )


def _unauthorised(answer: str) -> Sketch:
    return (
        fresh("A")
        + NEW.but(authorization=None).refused(401).probe("no-effect", "1", "unauthorised")
        + poll(1, answer).probe("no-effect", "1", "look")
    )


def _removed_by_a_stranger(answer: str) -> Sketch:
    return (
        call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
        + call("remove_operation", operation=1)
        .but(authorization=None)
        .refused(401)
        .probe("no-effect", "1", "unauthorised")
        + poll(1, answer).probe("no-effect", "1", "look")
    )


@rule(
    "SEC-005",
    judges="get_status",
    accepts=[_unauthorised("operation_unknown"), _removed_by_a_stranger("awaiting")],
    rejects=[_unauthorised("processed"), _unauthorised("awaiting"), _removed_by_a_stranger("removed")],
    ignores=[poll(1, "processed")],
)
def unauthorised_calls_have_no_effect(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The probe sends an operation, or a removal, without authority and then asks, with authority, for the status."""
    pair = history.pair(query)
    call_ = pair.get("unauthorised")
    if call_ is None or pair.get("look") is not query or query.status_code is None:
        return None
    if call_.http_status != UNAUTHORIZED:
        return undecided("the call was not refused in the first place", call_, query)
    unknown, removed = spec.code("operation_unknown"), spec.code("removed")
    taken_back = call_.role == "remove_operation"
    expected = f"a status other than {removed}" if taken_back else f"status {unknown}"
    return judged(
        query.status_code != removed if taken_back else query.status_code == unknown,
        f"{expected}: nothing came of a call that was refused",
        f"status {query.status_code}",
        call_,
        query,
    )


@rule(
    "SEC-015",
    judges=EVERY,
    when=Mark.UNSIGNED,
    accepts=[LIST + ANONYMOUS.refused(401)],
    rejects=[LIST + ANONYMOUS, LIST + LIST + NEW.but(authorization=None)],
    ignores=[ANONYMOUS, LIST + ANONYMOUS.but(connection="2"), LIST],
)
def each_call_is_authorised_by_itself(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged where an authorised call went before on the same connection."""
    if exchange.authorization.present or exchange.method is None or not exchange.answered:
        return None
    earlier = _authorised_before(history, exchange)
    if earlier is None or exchange.http_status == 503:
        return None
    if exchange.succeeded:
        return breaks(f"HTTP {UNAUTHORIZED}, whoever called before", f"HTTP {exchange.http_status}", earlier, exchange)
    return judged(
        exchange.http_status == UNAUTHORIZED, f"HTTP {UNAUTHORIZED}", f"HTTP {exchange.http_status}", exchange
    )


def _authorised_before(history: History, exchange: Exchange) -> Exchange | None:
    for other in reversed(history.exchanges[-50:]):
        if other is not exchange and other.event.connection == exchange.event.connection and other.succeeded:
            return other if other.authorization.present else None
    return None


@observes(
    "AUTHORIZATION-SCHEME-CASE",
    judges=EVERY,
    shows=[
        (LIST.probe("scheme-case", "1", "lower"), "accepted"),
        (LIST.refused(401).probe("scheme-case", "1", "lower"), "refused"),
    ],
)
def whether_the_scheme_has_case(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """The probe writes the word Basic in another case, with valid credentials."""
    probe = exchange.probe
    if probe is None or probe.kind != "scheme-case" or not exchange.answered:
        return None
    return "refused" if exchange.http_status == UNAUTHORIZED else "accepted"


UTF_8 = LIST.probe("credential-charset", "1", "utf-8")
LATIN_1 = LIST.probe("credential-charset", "1", "latin-1")


@observes(
    "CREDENTIAL-CHARSET",
    judges=EVERY,
    shows=[
        (UTF_8 + LATIN_1.refused(401), "utf-8"),
        (UTF_8.refused(401) + LATIN_1, "latin-1"),
        (UTF_8 + LATIN_1, "both"),
        (UTF_8, ""),
        (UTF_8 + LATIN_1.lost(), ""),
    ],
)
def which_charset_credentials_have(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """The probe sends a user with characters beyond ASCII in both ways; what gets in names the reading."""
    probe = exchange.probe
    if probe is None or probe.kind != "credential-charset":
        return None
    arms = history.pair(exchange)
    told = [
        arm for arm in ("utf-8", "latin-1") if arm in arms and (arms[arm].succeeded or not history.let_in(arms[arm]))
    ]
    inside = [arm for arm in told if arms[arm].succeeded]
    if len(told) < 2 or not inside:
        return None
    return "both" if len(inside) == 2 else inside[0]


@observes(
    "UNAUTHORIZED-CHALLENGE",
    judges=EVERY,
    shows=[
        (ANONYMOUS.refused(401).but(reply_headers={"WWW-Authenticate": "Basic realm=x"}), "named"),
        (ANONYMOUS.refused(401), "absent"),
    ],
)
def whether_a_challenge_is_sent(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen on every 401."""
    reply = exchange.event.reply
    if reply is None or reply.http_status != UNAUTHORIZED:
        return None
    return "named" if "www-authenticate" in reply.headers else "absent"
