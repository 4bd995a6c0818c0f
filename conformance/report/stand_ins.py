"""Plausible values for tokens, so that what was recorded can be used and judged once more.

A token tells nothing but which values are equal. What its event says of the value beside that is written into the
stand-in: a date is a date, in the form in which one was seen, and what was swallowed is swallowed again. Equal tokens
get equal stand-ins; a value in clear stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from conformance.spec import CommandLineFacts, VddsKey
from conformance.trace import Argument, hidden
from conformance.wire import DateFormat

_FIRST_DAY, _DAYS = date(1940, 1, 13), 20_000
_NO_DAY, _NO_COMPACT_DAY = "31.02.1970", "19700231"
_FORMS = {
    DateFormat.COMPACT: "%Y%m%d",
    DateFormat.ISO: "%Y-%m-%d",
    DateFormat.ISO_TIME: "%Y-%m-%dT00:00:00",
    DateFormat.LOOSE: "%Y/%m/%d",
    DateFormat.NAMED: "%d %b %Y",
    DateFormat.INVARIANT: "%m/%d/%Y",
    DateFormat.DOTTED: "%d.%m.%Y",
    DateFormat.AMBIGUOUS: "%m/%d/%Y",
}
_MARKS = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
_LATE, _EARLY = 13, 12
"""A day that is no month, and one that may be."""


def day_for(token: str) -> date:
    """The same day for the same token."""
    figures = int.from_bytes(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return _FIRST_DAY + timedelta(days=figures % _DAYS)


def date_for(token: str, form: str, *, none: bool, dates_for_none: Sequence[str]) -> str:
    """A date in a ``DateFormat``; a form that is no date's gives one that is none. '' for ''."""
    if not hidden(token):
        return token
    day = date.fromisoformat(dates_for_none[0]) if none and dates_for_none else day_for(token)
    if form in (DateFormat.INVARIANT, DateFormat.DOTTED) and not none:
        day = day.replace(day=_LATE)
    if form == DateFormat.AMBIGUOUS and not none:
        day = day.replace(day=min(day.day, _EARLY))
    wanted = _FORMS.get(DateFormat(form)) if form in set(DateFormat) else None
    return day.strftime(wanted.replace("%Y", f"{day.year:04}")) if wanted else _NO_DAY


def argument_for(argument: Argument, facts: CommandLineFacts) -> str:
    """The whole argument as a program gets it."""
    return f"{argument.switch}{argument.name}{argument.separator}{value_for(argument, facts)}"


def value_for(argument: Argument, facts: CommandLineFacts) -> str:
    """What stands behind its name."""
    if not hidden(argument.value):
        return argument.value
    known = facts.by_folded_name.get(argument.name.casefold())
    if argument.has("placeholder") and known is not None:
        return known.placeholder
    forms = [form for form in argument.fact("date") if form != DateFormat.EMPTY]
    if forms:
        form = DateFormat.AMBIGUOUS.value if argument.has("short-date") and forms[0] == "other" else forms[0]
        token, none = argument.meant or argument.value, argument.has("date-for-none")
        return date_for(token, form, none=none, dates_for_none=facts.dates_for_none)
    return _dressed(argument, facts)


def _dressed(argument: Argument, facts: CommandLineFacts) -> str:
    value = argument.value
    eaten = list(_eaten(argument, facts))
    if eaten:
        value = value.partition(" ")[0] + "".join(eaten)
    if argument.has("typographic-marks"):
        value = f"{_MARKS[0]}{value}{_MARKS[1]}"
    if argument.has("blanks-around") and value == value.strip():
        value = f" {value} "
    return f"{value}\\" if argument.has("ends-in-backslash") and not value.endswith("\\") else value


def _eaten(argument: Argument, facts: CommandLineFacts) -> Iterator[str]:
    """Other arguments within the value, as the facts say that they came there."""
    for cause, before in (("swallowed", '" '), ("unclosed", " "), ("enclosed", " "), ("fused", "")):
        for role in argument.fact(cause):
            if role in facts.by_role:
                yield f"{before}{facts.spelt(role)}{facts.separator}{argument.value.rpartition(' ')[2]}"


def key_for(key: VddsKey, value: str, flaws: frozenset[str]) -> str:
    """The value of a key of a transfer file; ``flaws`` names what was wrong with it."""
    form = next((flaw.partition(":")[2] for flaw in flaws if flaw.startswith("form:")), "")
    if form == DateFormat.COMPACT and hidden(value):
        return _NO_COMPACT_DAY
    if form and hidden(value):
        return date_for(value, form, none=False, dates_for_none=())
    if not hidden(value) or flaws & {"no-time", "no-number", "not-listed"}:
        return value
    if "too-long" in flaws:
        return value.ljust(key.longest + 1, "x")
    if key.form == "date":
        return "00010101" if "date-for-none" in flaws else f"{day_for(value):%Y%m%d}"
    if key.form == "time":
        return "12:00:00"
    if key.values:
        return key.values[day_for(value).toordinal() % len(key.values)]
    return value
