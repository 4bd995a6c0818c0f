"""Who may call: the Authorization header on every call, and what happens without it."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from conformance.rules.catalogue import EVERY, observes, rule
from conformance.rules.marks import Mark
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Sketch, call, done, fresh, guid, note, order, poll
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
    if not authorization.present or authorization.flaw or _valid(history, exchange):
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
def _valid(history: History, exchange: Exchange) -> bool:
    """True when these very credentials were declared to be right."""
    sent = exchange.authorization
    known = {(n.data.get("user", ""), n.data.get("password", "")) for n in history.notes(NoteKind.CREDENTIALS)}
    return not sent.flaw and (sent.user, sent.password) in known


def _umlaut(charset: str, http_status: int) -> Sketch:
    header = "Basic " + base64.b64encode("Jörg:geheim".encode(charset)).decode("ascii")
    declared = note(NoteKind.CREDENTIALS, user="Jörg", password="geheim")
    return declared + LIST.but(authorization=header, http_status=http_status)


@rule(
    "SEC-004",
    judges=EVERY,
    accepts=[LIST, NEW, _umlaut("utf-8", 401) + _umlaut("latin-1", 200)],
    rejects=[
        LIST.refused(401),
        LIST.refused(403),
        NEW.refused(401),
        _umlaut("utf-8", 401) + _umlaut("latin-1", 401),
    ],
    ignores=[STRANGER.refused(401), ANONYMOUS.refused(401), LIST.lost(), LIST.refused(503), _umlaut("utf-8", 401)],
)
def valid_credentials_let_a_call_in(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Valid are those that the producer declared.

    Beyond ASCII there are two ways to turn text into bytes: such a user must get in by one of them, told at the end.
    """
    probe = exchange.probe
    if exchange.method is None or not _valid(history, exchange) or exchange.http_status in (0, 503):
        return None
    refused = exchange.http_status in (UNAUTHORIZED, 403)
    if refused and exchange.authorization.charset != "ascii":
        return None
    if probe is not None and probe.kind == "scheme-case":
        return None
    return judged(not refused, "a valid user to be let in", f"HTTP {exchange.http_status}", exchange)


@valid_credentials_let_a_call_in.at_end
def one_charset_lets_a_user_in(history: History, spec: Spec) -> Iterable[Verdict]:
    calls = [e for e in history.exchanges if e.method is not None and _valid(history, e) and e.http_status]
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


@rule(
    "SEC-005",
    judges="get_status",
    accepts=[_unauthorised("operation_unknown")],
    rejects=[_unauthorised("processed"), _unauthorised("awaiting")],
    ignores=[poll(1, "processed")],
)
def unauthorised_calls_have_no_effect(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The probe sends an operation without authority and then asks, with authority, for its status."""
    pair = history.pair(query)
    call_ = pair.get("unauthorised")
    if call_ is None or pair.get("look") is not query or query.status_code is None:
        return None
    if call_.http_status != UNAUTHORIZED:
        return undecided("the call was not refused in the first place", call_, query)
    unknown = spec.code("operation_unknown")
    return judged(
        query.status_code == unknown,
        f"status {unknown}: nothing came of a call that was refused",
        f"status {query.status_code}",
        call_,
        query,
    )


CHALLENGED = ANONYMOUS.refused(401)


@rule(
    "SEC-006",
    judges=EVERY,
    accepts=[LIST, CHALLENGED + LIST, ANONYMOUS.refused(503) + CHALLENGED + LIST],
    rejects=[ANONYMOUS, CHALLENGED, CHALLENGED * 2 + LIST, CHALLENGED + NEW],
    ignores=[LIST.but(target="/elsewhere"), ANONYMOUS.refused(503), ANONYMOUS.lost()],
)
def a_pms_sends_credentials_with_every_call(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Some libraries send them only when the server asks for them: what was refused is looked at in the end."""
    if exchange.method is None:
        return None
    if exchange.authorization.present:
        return holds(exchange)
    if not exchange.answered or exchange.http_status == UNAUTHORIZED or exchange.http_status >= 500:
        return None
    return breaks("an Authorization header", "none", exchange)


@a_pms_sends_credentials_with_every_call.at_end
def what_was_refused_is_sent_with_credentials(history: History, spec: Spec) -> Iterable[Verdict]:
    """A call that was refused for want of them is sent once more, with them, before the same is asked anew."""
    later: dict[tuple[object, ...], bool] = {}
    found: list[Verdict] = []
    for exchange in reversed(history.exchanges):
        if exchange.method is None or not exchange.answered:
            continue
        about = exchange.who, exchange.role, *sorted(exchange.values.items())
        if not exchange.authorization.present and exchange.http_status == UNAUTHORIZED and not later.get(about):
            expected = f"an Authorization header, after HTTP {UNAUTHORIZED} at the latest"
            found.append(breaks(expected, "none", exchange))
        later[about] = exchange.authorization.present
    return reversed(found)


@rule(
    "SEC-034",
    judges=EVERY,
    accepts=[LIST],
    rejects=[CHALLENGED + LIST, ANONYMOUS],
    ignores=[LIST.but(target="/elsewhere")],
)
def credentials_are_not_waited_for(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A server need not name the scheme in its refusal, and a call that travels twice takes twice as long."""
    if exchange.method is None:
        return None
    return judged(exchange.authorization.present, "an Authorization header at once", "none", exchange)


@rule(
    "SEC-007",
    judges=EVERY,
    accepts=[LIST],
    rejects=[BEARER, LIST.but(authorization="Basic U2Ft"), LIST.but(authorization="Basic Sam:qwerty123")],
    ignores=[ANONYMOUS],
)
def a_pms_sends_basic_credentials(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The text before Base64 must hold a colon: a missing password is an empty one, not a missing colon."""
    authorization = exchange.authorization
    if not authorization.present:
        return None
    return judged(not authorization.flaw, "Basic credentials", authorization.flaw, exchange)


KNOWN_USERS = note(NoteKind.CREDENTIALS, user="Sam", password="a:b", complete="yes") + order("list_stations")
TOLD_JOERG = note(NoteKind.CREDENTIALS, user="Jörg", password="geheim", complete="yes") + order("list_stations")


@rule(
    "SEC-033",
    judges=EVERY,
    accepts=[
        KNOWN_USERS + LIST + done(),
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a:b")) + done(),
        TOLD_JOERG + _umlaut("utf-8", 200) + done(),
        TOLD_JOERG + _umlaut("latin-1", 200) + done(),
    ],
    rejects=[
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a%3Ab")).refused(401) + done("failed"),
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a")).refused(401) + done("failed"),
        TOLD_JOERG + _umlaut("latin-1", 401) + done("failed"),
    ],
    ignores=[LIST, ANONYMOUS, KNOWN_USERS + BEARER + done(), STRANGER, order("list_stations") + STRANGER + done()],
)
def a_pms_sends_the_credentials_it_was_given(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged where a PMS is told what to do and every user is known: only those were told to it.

    Letters beyond ASCII may be written in either way that servers are known to read; what this one refuses is wrong.
    """
    sent = exchange.authorization
    complete = any(n.data.get("complete") == "yes" for n in history.notes(NoteKind.CREDENTIALS))
    if not history.orders.all or not complete or not sent.present or sent.flaw:
        return None
    if _valid(history, exchange) and sent.charset == "latin-1" and exchange.http_status == UNAUTHORIZED:
        observed = f"letters of it in {sent.charset}, and HTTP {UNAUTHORIZED}"
        return breaks("user name and password in the letters that the server reads, UTF-8", observed, exchange)
    kept = _valid(history, exchange)
    return judged(kept, "user name and password as they were entered", "a login that nobody has", exchange)


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


@observes(
    "CREDENTIAL-CHARSET",
    judges=EVERY,
    shows=[
        (LIST.probe("credential-charset", "1", "utf-8"), "utf-8"),
        (LIST.probe("credential-charset", "1", "latin-1"), "latin-1"),
    ],
)
def which_charset_credentials_have(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """The probe sends a user with characters beyond ASCII in both ways; what gets in names the reading."""
    probe = exchange.probe
    return probe.arm if probe is not None and probe.kind == "credential-charset" and exchange.succeeded else None


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
