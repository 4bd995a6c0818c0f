"""What a token hides and an event tells all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, unquote_plus

from conformance.wire import DateFormat, Pair, date_format, parse_query, written_form

DAYS_OFF, SAME_DAY = "days-off", "0"
"""Fact of a date of birth that just misses the one of the patient's record: by how many days (``-1``)."""
WRITTEN = "written"
"""Fact of a date that is hidden: how it was written, as ``NN.NN.NNNN``."""
BARE_PLUS, TWICE = "bare-plus", "twice"
"""Facts of a value: what it says when a + in the address is a plus sign, or when its escapes are escapes of escapes."""
NAME_LENGTH = "name-length"
"""Fact of a parameter whose name is hidden, since it might be somebody's: by its place and length it can be found."""
HEADERS, CREDENTIALS_IN = "headers", "credentials-in"
"""Where the flaws of a request tell of its headers, and what they say of each that holds a login."""
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


class WithFacts:
    """Has ``facts``: words, or words with a value behind a colon."""

    facts: tuple[str, ...]

    def fact(self, name: str) -> tuple[str, ...]:
        """What is told under ``name``: ``fact("sha256")`` of ``sha256:ab`` is ``("ab",)``."""
        return tuple(fact.partition(":")[2] for fact in self.facts if fact.partition(":")[0] == name)

    def has(self, name: str) -> bool:
        """True when ``name`` is told, with a value or without."""
        return bool(self.fact(name))


def perhaps_meant(pair: Pair) -> Iterator[tuple[str, str]]:
    """What a value would be if its sender had not encoded it as addresses want it; only what differs from the value."""
    if "raw-plus" in pair.flaws:
        yield BARE_PLUS, parse_query(pair.raw.replace("+", "%2B"))[0].value
    for text in dict.fromkeys((unquote(pair.value), unquote_plus(pair.value))):
        if _ESCAPE.search(pair.value) and text != pair.value:
            yield TWICE, text


def date_form(value: str) -> tuple[str, ...]:
    """How a date was written that is not in the usual form: a token hides that as well."""
    form = written_form(value) if date_format(value) not in (DateFormat.ISO, DateFormat.ISO_TIME) else ""
    return (f"{WRITTEN}:{quote(form, safe='')}",) if form else ()


def character_facts(value: str) -> list[str]:
    facts = [f"length:{len(value)}"]
    if value != value.strip():
        facts.append("blanks-around")
    if not value.isascii():
        facts.append("beyond-ascii")
    if any(c in value for c in "<>&\"'"):
        facts.append("markup")
    return facts
