"""How a call was written: what the rules of calling share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from conformance.spec import Kind, Spec
from conformance.trace import Exchange, per_exchange
from conformance.trace.facts import BARE_PLUS, TWICE, WRITTEN
from conformance.wire import DateFormat, Malformed, date_format, day_written, parse_boolean, parse_guid, written_form

YEAR_FIRST = frozenset({DateFormat.ISO, DateFormat.ISO_TIME})
INVARIANT = YEAR_FIRST | {DateFormat.EMPTY}
_HARMLESS = frozenset({"beyond-ascii", "markup"})
_PLAIN_LENGTH = 60


@per_exchange
def readable(exchange: Exchange) -> bool:
    """False where a value cannot be read as its type, an empty one included: some hosts then find no such method."""
    typed = (Kind.GUID, Kind.BOOLEAN, Kind.DATE)
    method = exchange.method
    return method is not None and all(
        method.by_role[role].kind not in typed
        or unmistakable(exchange, role)
        or date_written(exchange, role) in YEAR_FIRST
        for role in exchange.values
    )


def documented(exchange: Exchange, spec: Spec) -> bool:
    """True when verb, path and credentials are such that the method must be found."""
    method = exchange.method
    if method is None or exchange.verb != "GET":
        return False
    return exchange.path == f"{spec.service.base_path}/{method.name}" and not exchange.authorization.flaw


def unmistakable(exchange: Exchange, role: str) -> bool:
    """True when the value of this parameter is in its plainest form. Never of a date: TRN-008 is about those."""
    kind = exchange.method.by_role[role].kind if exchange.method else Kind.TEXT
    value = exchange.values[role]
    if kind is Kind.GUID:
        return not isinstance(parse_guid(value), Malformed) and len(value) == 36
    if kind is Kind.BOOLEAN:
        return value in ("True", "False")
    if kind is Kind.DATE:
        return False
    return all(fact in _HARMLESS or _short(fact) for fact in exchange.flaws.get(role, "").split())


def _short(fact: str) -> bool:
    """True for the length of a text that is not long, and for what a text with an escape in it might have meant."""
    return fact.startswith(f"{TWICE}:") or _no_long_text(fact)


def meant(exchange: Exchange, role: str) -> Mapping[str, str]:
    """How a value was written, by what it would say if its sender took that for the right way; tokens, or in clear."""
    facts = (fact.partition(":") for fact in exchange.flaws.get(role, "").split())
    return {unquote(text): how for how, _, text in facts if how in (BARE_PLUS, TWICE)}


def _no_long_text(fact: str) -> bool:
    return fact.startswith("length:") and int(fact.removeprefix("length:")) <= _PLAIN_LENGTH


def date_written(exchange: Exchange, role: str) -> DateFormat:
    """How a date was written: from the value where it is in clear, else from the facts kept beside its token."""
    for fact in exchange.flaws.get(role, "").split():
        if fact.startswith("date:"):
            return DateFormat(fact.removeprefix("date:"))
    return date_format(exchange.values.get(role, ""))


def form_written(exchange: Exchange, role: str) -> str:
    """How a date was written, as ``NN.NN.NNNN``; '' where neither the value nor a fact beside its token tells."""
    for fact in exchange.flaws.get(role, "").split():
        if fact.startswith(f"{WRITTEN}:"):
            return unquote(fact.removeprefix(f"{WRITTEN}:"))
    return written_form(exchange.values.get(role, ""))


def written_day(exchange: Exchange, role: str) -> str:
    """The day that a date names, year first or as its token, however it was written; '' where it cannot be told."""
    for fact in exchange.flaws.get(role, "").split():
        if fact.startswith("day:"):
            return fact.removeprefix("day:")
    value = exchange.values.get(role, "")
    return value if date_written(exchange, role) is DateFormat.ISO else day_written(value)


@per_exchange
def malformed(exchange: Exchange) -> Sequence[str]:
    """Roles of GUID and Boolean parameters whose text is none."""
    method = exchange.method
    return [
        role
        for role, value in exchange.values.items()
        if method is not None
        and value
        and (
            (method.by_role[role].kind is Kind.GUID and isinstance(parse_guid(value), Malformed))
            or (method.by_role[role].kind is Kind.BOOLEAN and isinstance(parse_boolean(value), Malformed))
        )
    ]
