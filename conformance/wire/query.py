"""Query strings: names and values from the raw text, with what was wrong about their encoding.

A server decodes leniently, and what it had to forgive is evidence about the sender: hence flaws beside values.
The raw text holds one character per byte on the wire (latin-1); characters above that are taken as Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from urllib.parse import quote, unquote_to_bytes

from conformance.spec.objects import Method, Spec

_BAD_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|%(?:[01][0-9a-fA-F]|7[fF])")
_PLAIN = re.compile(r"[!\"$&-*,-~]*")  # visible ASCII but #, % and +


@dataclass(frozen=True, slots=True)
class Pair:
    """One name=value of a query."""

    name: str
    value: str
    raw: str
    flaws: tuple[str, ...]
    """bad-escape, raw-blank, raw-non-ascii, raw-hash, not-utf8, no-equals, raw-plus, control."""


@dataclass(frozen=True)
class Binding:
    """The parameters of a call as the method's declaration sees them."""

    values: Mapping[str, str]
    """By parameter role; of a repeated parameter the first counts."""
    unknown: tuple[str, ...]
    """Names this method does not declare, as written."""
    repeated: tuple[str, ...]
    """Roles of the parameters given more than once, each named once."""
    foreign: tuple[str, ...] = ()
    """Those of the unknown names that another method of the spec declares: misplaced rather than misspelt."""


def parse_query(raw: str) -> tuple[Pair, ...]:
    """The pairs of a query string (without its question mark), in order; empty segments are skipped."""
    return tuple(_pair(segment) for segment in raw.split("&") if segment)


def encode_query(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string of UTF-8 percent escapes; only unreserved characters stay bare, and a blank is %20."""
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in pairs)


def bind(method: Method, pairs: Iterable[Pair], spec: Spec) -> Binding:
    """The pairs sorted by the method's parameters, names matched without regard to case."""
    values: dict[str, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for pair in pairs:
        parameter = method.by_folded_name.get(pair.name.casefold())
        if parameter is None:
            unknown.append(pair.name)
        elif parameter.role in values:
            repeated.append(parameter.role)
        else:
            values[parameter.role] = pair.value
    return Binding(values, tuple(unknown), tuple(dict.fromkeys(repeated)), _declared_elsewhere(unknown, spec))


def _declared_elsewhere(names: list[str], spec: Spec) -> tuple[str, ...]:
    return tuple(n for n in names if any(n.casefold() in method.by_folded_name for method in spec.methods))


def _escape(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _pair(segment: str) -> Pair:
    name, equals, value = segment.partition("=")
    if equals and _PLAIN.fullmatch(segment):
        return Pair(intern(name), value, segment, ())
    flaws = _flaws(segment)
    decoded_name, name_is_utf8 = _decode(name)
    decoded_value, value_is_utf8 = _decode(value)
    if not (name_is_utf8 and value_is_utf8):
        flaws.append("not-utf8")
    return Pair(decoded_name, decoded_value, segment, tuple(flaws))


def _flaws(segment: str) -> list[str]:
    found = {
        "no-equals": "=" not in segment,
        "bad-escape": _BAD_ESCAPE.search(segment) is not None,
        "raw-blank": " " in segment or "\t" in segment,
        "raw-plus": "+" in segment,
        "raw-non-ascii": not segment.isascii(),
        "raw-hash": "#" in segment,
        "control": _CONTROL.search(segment) is not None,
    }
    return [flaw for flaw, present in found.items() if present]


def _decode(text: str) -> tuple[str, bool]:
    """The decoded text, and whether its bytes were UTF-8; where not, U+FFFD stands for them as in .NET."""
    data = unquote_to_bytes(_wire_bytes(text.replace("+", " ")))
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), False


def _wire_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
