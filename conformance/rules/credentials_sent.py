"""What a PMS sends to be let in: with every call, as Basic credentials, and those that it was given."""

from __future__ import annotations

import math
from collections.abc import Iterable

from conformance.rules.accounts import account_told
from conformance.rules.catalogue import EVERY, rule
from conformance.rules.security import ANONYMOUS, BEARER, LIST, NEW, STRANGER, UNAUTHORIZED, umlaut, valid
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Sketch, done, note, order
from conformance.wire import encode_basic

CHALLENGED = ANONYMOUS.refused(401)
ROGUE = note(NoteKind.HANDSHAKE, name="rogue", flaw="issued by a stranger", grave="yes")


@rule(
    "SEC-006",
    judges=EVERY,
    accepts=[
        LIST,
        CHALLENGED + LIST,
        CHALLENGED + LIST.lost(),
        ANONYMOUS.refused(503) + CHALLENGED + LIST,
        LIST + CHALLENGED + ROGUE,
    ],
    rejects=[
        ANONYMOUS,
        CHALLENGED,
        CHALLENGED * 2 + LIST,
        CHALLENGED + NEW,
        CHALLENGED + ANONYMOUS.lost(),
        CHALLENGED + NEW + ROGUE,
    ],
    ignores=[
        LIST.but(target="/elsewhere"),
        ANONYMOUS.refused(503),
        ANONYMOUS.lost(),
        ANONYMOUS.but(disturbed="html-instead"),
    ],
)
def a_pms_sends_credentials_with_every_call(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Some libraries send them only when the server asks for them: what was refused is looked at in the end."""
    if exchange.method is None:
        return None
    if exchange.authorization.present:
        return holds(exchange)
    if not exchange.answered or exchange.http_status == UNAUTHORIZED or exchange.http_status >= 500:
        return None
    if exchange.disturbed:  # the answer that asked for them may have been lost
        return None
    return breaks("an Authorization header", "none", exchange)


@a_pms_sends_credentials_with_every_call.at_end
def what_was_refused_is_sent_with_credentials(history: History, spec: Spec) -> Iterable[Verdict]:
    """A call that was refused for want of them is sent once more, with them, before the same is asked anew.

    Not where the PMS met a certificate next that it must not trust.
    """
    later: dict[tuple[object, ...], bool] = {}
    found: list[Verdict] = []
    rogue = [met.number for met in history.notes(NoteKind.HANDSHAKE) if met.data.get("grave") == "yes"]
    next_call = math.inf
    for exchange in reversed(history.exchanges):
        if exchange.method is None or not (exchange.answered or exchange.authorization.present):
            continue
        about = exchange.who, exchange.role, *sorted(exchange.values.items())
        refused = not exchange.authorization.present and exchange.http_status == UNAUTHORIZED
        if refused and not later.get(about) and not any(exchange.number < met < next_call for met in rogue):
            expected = f"an Authorization header, after HTTP {UNAUTHORIZED} at the latest"
            found.append(breaks(expected, "none", exchange))
        later[about] = exchange.authorization.present
        next_call = exchange.number
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

KIM = note(NoteKind.CREDENTIALS, user="Kim", password="c", complete="yes")
TWO_USERS = note(NoteKind.CREDENTIALS, user="Sam", password="a:b", complete="yes") + KIM


def _using(account: str, answer: str = "done") -> Sketch:
    """The user types another account, and then wants to see the stations."""
    return order("configure", "1", account=account) + done(answer, "1") + order("list_stations", "2")


@rule(
    "SEC-033",
    judges=EVERY,
    accepts=[
        KNOWN_USERS + LIST + done(),
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a:b")) + done(),
        TOLD_JOERG + umlaut("utf-8", 200) + done(),
        TOLD_JOERG + umlaut("latin-1", 200) + done(),
        TWO_USERS + _using("1") + LIST.but(authorization=encode_basic("Sam", "a:b")) + done(),
        TWO_USERS + _using("1", "refused") + LIST.but(authorization=encode_basic("Kim", "c")) + done(),
        TWO_USERS
        + _using("1")
        + order("configure", "3", account="2")
        + LIST.but(authorization=encode_basic("Kim", "c")),
    ],
    rejects=[
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a%3Ab")).refused(401) + done("failed"),
        KNOWN_USERS + LIST.but(authorization=encode_basic("Sam", "a")).refused(401) + done("failed"),
        TOLD_JOERG + umlaut("latin-1", 401) + done("failed"),
        TWO_USERS + _using("1") + LIST.but(authorization=encode_basic("Kim", "c")) + done(),
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
    if valid(history, exchange) and sent.charset == "latin-1" and exchange.http_status == UNAUTHORIZED:
        observed = f"letters of it in {sent.charset}, and HTTP {UNAUTHORIZED}"
        return breaks("user name and password in the letters that the server reads, UTF-8", observed, exchange)
    expected = "user name and password as they were entered"
    if not valid(history, exchange):
        return breaks(expected, "a login that nobody has", exchange)
    told = account_told(history, exchange)
    return judged(told in (None, (sent.user, sent.password)), f"{expected} last", "those of another account", exchange)
