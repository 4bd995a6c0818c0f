"""From a query string to a call, the way a .NET host binds it, with the readings that the guide leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.emulator import readings as points
from conformance.model.call import Argument, Call, Instant
from conformance.model.readings import Readings
from conformance.spec import Kind, Method, Spec
from conformance.wire import (
    TICKS_PER_SECOND,
    DateFormat,
    Malformed,
    Moment,
    Pair,
    Zone,
    bind,
    date_format,
    parse_boolean,
    parse_guid,
    parse_parameter_date,
    parse_query,
    parse_xml_date,
)

IDS = frozenset({"integration_id", "patient_id"})
LONGEST_TEXT = 64  # where long values are refused
SHOWN_FLAGS = frozenset({"True", "False"})


@dataclass(frozen=True)
class Bound:
    call: Call
    refused: bool
    """True when the host turns the request away before any method sees it."""


class Binder:
    """Binds calls for one server."""

    def __init__(self, spec: Spec, readings: Readings, zone_minutes: int) -> None:
        self._spec = spec
        self._readings = readings
        self._zone_ticks = zone_minutes * 60 * TICKS_PER_SECOND if _reads_local(readings) else 0
        self._exact_flags = readings[points.BOOLEAN_SPELLING] == "as-shown"
        self._day_first = readings[points.DOTTED_DATES] == "accepted"
        self._empty_is_malformed = readings[points.EMPTY_TYPED_VALUE] == "malformed"
        self._plus_is_plus = readings[points.PLUS_IN_VALUES] == "plus"
        self._trims = readings[points.SURROUNDING_BLANKS] == "trimmed"
        self._refuses_long = readings[points.LONG_VALUES] == "refused"
        self._refuses_unknown = readings[points.UNKNOWN_PARAMETER] == "refused"

    def bind(self, method: Method, query: str, at: int) -> Bound:
        """The call of ``method`` that the raw query makes at ``at`` ticks."""
        query = query.replace("+", "%2B") if self._plus_is_plus else query
        binding = bind(method, self._chosen(parse_query(query)), self._spec)
        values: dict[str, Argument] = {}
        malformed: list[str] = []
        refused = self._refuses_unknown and bool(binding.unknown)
        for role, text in binding.values.items():
            kind = method.by_role[role].kind
            if not text and kind is not Kind.TEXT and not self._empty_is_malformed:
                continue
            if kind is Kind.DATE and not self._day_first and date_format(text) is DateFormat.DOTTED:
                refused = True
            if kind is Kind.TEXT and self._refuses_long and len(text) > LONGEST_TEXT:
                refused = True
            value = text.strip() if self._trims and role in IDS else self._value(text, kind)
            if isinstance(value, Malformed):
                malformed.append(role)
            else:
                values[role] = value
        return Bound(Call(method.role, values, tuple(malformed), binding.values, at), refused)

    def _chosen(self, pairs: tuple[Pair, ...]) -> Sequence[Pair]:
        """The pairs, so that the first of each name is the one that counts."""
        match self._readings[points.REPEATED_PARAMETER]:
            case "last":
                return pairs[::-1]
            case "joined":
                return _joined(pairs)
        return pairs

    def _value(self, text: str, kind: Kind) -> Argument | Malformed:
        match kind:
            case Kind.GUID:
                return parse_guid(text)
            case Kind.BOOLEAN:
                odd = self._exact_flags and text not in SHOWN_FLAGS
                return Malformed("not spelt as shown", text) if odd else parse_boolean(text)
            case Kind.DATE:
                return self._instant(text)
        return text

    def _instant(self, text: str) -> Instant | Malformed:
        dotted = self._day_first and date_format(text) is DateFormat.DOTTED
        moment = _day_first(text) if dotted else parse_parameter_date(text)
        if isinstance(moment, Malformed):
            return moment
        ticks = moment.ticks - self._zone_ticks if moment.zone is Zone.NONE else moment.ticks
        return Instant(ticks, ":" not in text)


def _reads_local(readings: Readings) -> bool:
    """True where a date without a zone is one of the server's zone, or is compared with dates written in it."""
    if readings[points.ZONE_OF_BOUNDS] == "as-written":
        return readings[points.DATE_ZONE] in ("offset", "none")
    return readings[points.ZONE_OF_BOUNDS] == "server"


def _day_first(text: str) -> Moment | Malformed:
    """A dotted date as most of Europe reads it; its time of day is dropped."""
    day, month, year = text.strip().partition(" ")[0].split(".")
    return parse_xml_date(f"{year}-{month:0>2}-{day:0>2}")


def _joined(pairs: tuple[Pair, ...]) -> list[Pair]:
    """One pair per name, with all its values joined by commas as .NET's NameValueCollection does."""
    values: dict[str, list[str]] = {}
    first: dict[str, Pair] = {}
    for pair in pairs:
        values.setdefault(pair.name.casefold(), []).append(pair.value)
        first.setdefault(pair.name.casefold(), pair)
    return [Pair(pair.name, ",".join(values[name]), pair.raw, pair.flaws) for name, pair in first.items()]
