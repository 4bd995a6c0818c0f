"""To whom a PMS tells its credentials: the certificate that it was shown, held against what it sent.

A PMS that does not trust what it is shown ends the handshake, and nothing reaches the server. So a call that arrives
over such a connection is the breach itself, and that none did is kept once the PMS had reason to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from conformance.rules.catalogue import EVERY, rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, note, order

PLAIN = "plain/"
"""How connections begin that were spoken to without TLS where TLS is served."""
CALLING = frozenset(
    {
        *("list_stations", "create_patient", "map_patient", "update_patient", "select_patient"),
        *("create_case", "select_case", "find_cases", "fetch_images"),
    }
)
"""Orders that cannot be carried out without a call."""
CARRIED_OUT = ANSWERED | {"started"}


def _shows(name: str, grave: str = "yes", flaw: str = "issued by a stranger") -> Sketch:
    return note(NoteKind.IDENTITY, name=name, flaw=flaw, grave=grave)


def _meets(name: str, grave: str = "no") -> Sketch:
    return note(NoteKind.HANDSHAKE, name=name, flaw="" if grave == "no" else "issued by a stranger", grave=grave)


RIGHT = _shows("right", "no", "")
ROGUE = _shows("rogue")
LIST = call("list_stations", answer=[])
TOLD = order("list_stations") + LIST + done()
GIVEN_UP = order("list_stations") + done("failed")


def _met(history: History, exchange: Exchange) -> Note | None:
    """What the PMS was shown on the connection of this call: at the handshake before its first call there."""
    notes = (*history.notes(NoteKind.IDENTITY), *history.notes(NoteKind.HANDSHAKE))
    if not notes:
        return None
    first = next(_same_connection(history, exchange))
    before = [each for each in notes if each.at_s <= first.started_s]
    return max(before, key=lambda each: each.number, default=None)


def _same_connection(history: History, exchange: Exchange) -> Iterator[Exchange]:
    newest = [each.number for each in history.notes(NoteKind.IDENTITY) if each.number < exchange.number]
    since = newest[-1] if newest else 0
    for other in history.exchanges:
        if other.event.connection == exchange.event.connection and other.number > since:
            yield other


@rule(
    "SEC-013",
    judges=EVERY,
    accepts=[
        RIGHT + LIST,
        ROGUE + GIVEN_UP,
        _shows("sometimes") + _meets("right") + TOLD + _meets("rogue", "yes") + RIGHT,
        _shows("expired", "no") + TOLD,
        ROGUE + GIVEN_UP + RIGHT + LIST,
    ],
    rejects=[
        ROGUE + LIST,
        ROGUE + TOLD + RIGHT,
        _shows("sometimes") + _meets("right") + LIST + _meets("rogue", "yes") + LIST.but(connection="2"),
    ],
    ignores=[
        LIST,
        ROGUE,
        ROGUE + LIST.but(authorization=None),
        ROGUE + order("list_stations") + done("unsupported"),
        ROGUE + order("list_stations") + done("left-out"),
    ],
)
def credentials_are_told_to_the_right_authority_only(
    history: History, exchange: Exchange, spec: Spec
) -> Verdict | None:
    """The thumbprint of the authority is compared before anything is sent. Flaws that it does not show are others'."""
    met = _met(history, exchange) if exchange.authorization.present else None
    if met is None or exchange.event.connection.startswith(PLAIN):
        return None
    wrong = met.data.get("grave") == "yes"
    return judged(not wrong, "no call to such a server", f"credentials for a server {met.data['flaw']}", met, exchange)


@credentials_are_told_to_the_right_authority_only.at_end
def strangers_were_told_nothing(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each wrong certificate under which the PMS was told to call, and did not."""
    for identity, orders in _periods(history):
        if identity.data.get("grave") == "yes" and orders and not any(o.exchanges for o in orders):
            yield holds(identity, orders[-1].begin)


def _periods(history: History) -> Iterator[tuple[Note, list[Order]]]:
    """Each certificate with the orders that took a call and were given and answered while it was shown."""
    identities = history.notes(NoteKind.IDENTITY)
    orders = [o for o in history.orders.all if o.does in CALLING and o.answer in CARRIED_OUT]
    for identity, following in zip_longest(identities, identities[1:]):
        until = following.number if following is not None else None
        within = (o for o in orders if o.begin.number > identity.number)
        yield identity, [o for o in within if until is None or _end(o) < until]


def _end(order_: Order) -> int:
    return order_.end.number if order_.end is not None else 0


def _patient(authorization: str | None = None) -> Sketch:
    return call("create_patient", integration_id="A", last_name="Fox").but(authorization=authorization)


@rule(
    "SEC-031",
    judges=EVERY,
    accepts=[RIGHT + _patient(), ROGUE + GIVEN_UP + RIGHT + _patient()],
    rejects=[ROGUE + _patient()],
    ignores=[_patient(), ROGUE + LIST],
)
def patients_are_told_to_the_right_authority_only(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """No name, birth date or id reaches a server whose authority is another, with credentials or without."""
    method = exchange.method
    sensitive = method is not None and any(p.sensitive and exchange.given(p.role) for p in method.parameters)
    met = _met(history, exchange) if sensitive else None
    if met is None or exchange.event.connection.startswith(PLAIN):
        return None
    wrong = met.data.get("grave") == "yes"
    return judged(not wrong, "no call to such a server", f"a patient for a server {met.data['flaw']}", met, exchange)


@rule(
    "SEC-030",
    judges=EVERY,
    accepts=[RIGHT + LIST],
    rejects=[LIST.but(connection="plain/1"), RIGHT + LIST.but(connection="plain/1", authorization=None)],
    ignores=[LIST],
)
def calls_are_encrypted(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged where it is known that the server speaks TLS: what is sent without can be read by anybody on the way."""
    if exchange.event.connection.startswith(PLAIN):
        return breaks("a call over TLS", "one in clear", exchange)
    identities = history.notes(NoteKind.IDENTITY) or history.notes(NoteKind.HANDSHAKE)
    return holds(exchange) if identities and identities[0].number < exchange.number else None


@rule(
    "SEC-032",
    judges=(),
    accepts=[RIGHT + TOLD, _shows("alone", "no", "") + TOLD + RIGHT, RIGHT + GIVEN_UP + TOLD],
    rejects=[_shows("alone", "no", "") + GIVEN_UP, RIGHT + GIVEN_UP * 2 + ROGUE],
    ignores=[RIGHT, ROGUE + GIVEN_UP, RIGHT + order("edit_patient") + done()],
)
def the_right_authority_is_trusted(history: History, seen: Exchange, spec: Spec) -> Verdict | None:
    """Where nothing is wrong with the certificate the PMS calls; judged at the end."""
    return None


@the_right_authority_is_trusted.at_end
def nobody_right_was_turned_away(history: History, spec: Spec) -> Iterable[Verdict]:
    """Each sound certificate under which the PMS was told to call."""
    for identity, orders in _periods(history):
        if identity.data.get("flaw") or not orders:
            continue
        if any(o.exchanges for o in orders):
            yield holds(identity, orders[-1].begin)
        elif all(o.answer == "failed" for o in orders):
            yield breaks("a call", "none: the PMS failed without one", identity, orders[-1].begin)
