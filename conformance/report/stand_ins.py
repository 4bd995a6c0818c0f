"""Plausible values for tokens, so that what was recorded can be used and judged once more.

A token tells nothing but which values are equal. What its event says of the value beside that is written into the
stand-in: a date is a date, in the form in which one was seen, and what was swallowed is swallowed again. Equal tokens
get equal stand-ins; a value in clear stays as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import quote, unquote

from conformance.spec import CommandLineFacts, Kind, Method, Spec, VddsKey
from conformance.trace import Argument, Recorded, hidden
from conformance.trace.facts import WRITTEN
from conformance.trace.handovers import Item
from conformance.trace.invocations import COMPOSED
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
_ORDERS = {
    DateFormat.LOOSE: "ymd",
    DateFormat.INVARIANT: "mdy",
    DateFormat.DOTTED: "dmy",
    DateFormat.AMBIGUOUS: "dmy",
}
"""The order of the figures."""
_GROUP = re.compile("N+")
APART, TOGETHER = "e\N{COMBINING DIAERESIS}", "\N{LATIN SMALL LETTER E WITH DIAERESIS}"
"""A letter with an accent that stands by itself, and the same as one character."""
_MARKS = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
_DRIVE = "C:\\"
_LATE, _EARLY, _SHORTEST = 13, 12, 28
"""A day that is no month, one that may be, and the last one that every month has."""


def day_for(token: str) -> date:
    """The same day for the same token."""
    figures = int.from_bytes(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return _FIRST_DAY + timedelta(days=figures % _DAYS)


def day_in(token: str, form: str, written: str = "") -> date:
    """The day of the token as a date of that format can be: which figure is the month shows in some, in others not.

    A figure that was written alone (``N.N.NNNN``) is below ten.
    """
    day = day_for(token)
    if form in (DateFormat.INVARIANT, DateFormat.DOTTED):
        day = day.replace(day=_LATE)
    elif form == DateFormat.AMBIGUOUS:
        day = day.replace(day=min(day.day, _EARLY))
    spelt = DateFormat(form) if form in set(DateFormat) else DateFormat.OTHER
    alone = [part for part, group in zip(_ORDERS.get(spelt, ""), _GROUP.findall(written), strict=False) if group == "N"]
    small = {"d": day.day % 9 + 1, "m": day.month % 9 + 1}
    if "m" in alone:
        day = day.replace(day=min(day.day, _SHORTEST), month=small["m"])
    return day.replace(day=small["d"]) if "d" in alone else day


def date_for(token: str, form: str, *, none: bool, dates_for_none: Sequence[str], written: str = "") -> str:
    """A date in a ``DateFormat``; a form that is no date's gives one that is none. '' for ''.

    ``written`` is how it was written (``NN.NN.NNNN``), where that is known.
    """
    if not hidden(token):
        return token
    day = date.fromisoformat(dates_for_none[0]) if none and dates_for_none else day_in(token, form, written)
    spelt = DateFormat(form) if form in set(DateFormat) else DateFormat.OTHER
    if written and spelt in _ORDERS:
        return _filled(written, day, _ORDERS[spelt])
    wanted = _FORMS.get(spelt)
    return day.strftime(wanted.replace("%Y", f"{day.year:04}")) if wanted else _NO_DAY


def _filled(written: str, day: date, order: str) -> str:
    """The form with the figures of the day; those of a time of day are zeros."""
    figures = iter(order)

    def group(found: re.Match[str]) -> str:
        wide, part = len(found[0]), next(figures, "")
        number = {"y": day.year, "m": day.month, "d": day.day}.get(part, 0)
        return f"{number:0{wide}}"[-wide:]

    return _GROUP.sub(group, written)


def form_of(token: str, written: str) -> str:
    """A token of a date for a reader: with how it was written beside it, where that is known."""
    return f"{token} ({written})" if written and hidden(token) else token


def sendable(event: Recorded, spec: Spec) -> str:
    """The target of the call with dates in the place of tokens for dates; other tokens can be sent as they are."""
    path, mark, query = event.request.target.partition("?")
    method = spec.method_by_folded_name.get(path.rstrip("/").rpartition("/")[2].casefold())
    if method is None or not mark:
        return event.request.target
    return path + mark + "&".join(_sent(piece, method, event) for piece in query.split("&"))


def _sent(piece: str, method: Method, event: Recorded) -> str:
    name, equals, value = piece.partition("=")
    parameter = method.by_folded_name.get(name.casefold())
    if parameter is None or parameter.kind is not Kind.DATE or not hidden(unquote(value)):
        return piece
    facts = [fact.partition(":") for fact in event.request.flaws.get(parameter.role, "").split()]
    said = {fact: unquote(text) for fact, _, text in facts}
    token, form = said.get("day", unquote(value)), said.get("date", DateFormat.ISO.value)
    made = date_for(token, form, none=False, dates_for_none=(), written=said.get(WRITTEN, ""))
    return f"{name}{equals}{quote(made, safe='')}"


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
        form = form_for(argument)
        token, none = argument.meant or argument.value, argument.has("date-for-none")
        return date_for(token, form, none=none, dates_for_none=facts.dates_for_none, written=written_for(argument))
    return _dressed(argument, facts)


def written_for(argument: Argument) -> str:
    """How its date was written; '' where that is not known."""
    return next(iter(argument.fact("written")), "")


def form_for(argument: Argument) -> str:
    """The format of its date; of a short date that no invariant parser reads nobody can tell which figure is which."""
    forms = [form for form in argument.fact("date") if form != DateFormat.EMPTY]
    other = argument.has("short-date") and forms[:1] == ["other"]
    return DateFormat.AMBIGUOUS.value if other else next(iter(forms), "")


def _dressed(argument: Argument, facts: CommandLineFacts) -> str:
    value = argument.value
    eaten = list(_eaten(argument, facts))
    if eaten:
        value = value.partition(" ")[0] + "".join(eaten)
    for composed in argument.fact(COMPOSED):
        value = composed + APART
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


def path_for(item: Item) -> str:
    """The path of a file that an answer gives. One of which nothing was wrong is a whole path, with its ending."""
    path = item.values.get("path", "")
    if not hidden(path) or item.has("path"):
        return path
    return ".".join((f"{_DRIVE}{path.replace('.', '-')}", *item.fact("extension")))


def _fact(flaws: frozenset[str], name: str) -> str:
    return next((flaw.partition(":")[2] for flaw in sorted(flaws) if flaw.startswith(f"{name}:")), "")


def key_shown(_: VddsKey, value: str, flaws: frozenset[str]) -> str:
    """The value for a reader: the token that was recorded, and nothing made up."""
    return form_of(value, _fact(flaws, "written"))


def key_for(key: VddsKey, value: str, flaws: frozenset[str]) -> str:
    """The value of a key of a transfer file; ``flaws`` names what was wrong with it."""
    form, written = (_fact(flaws, name) for name in ("form", "written"))
    if form == DateFormat.COMPACT and hidden(value):
        return _NO_COMPACT_DAY
    if form and hidden(value):
        return date_for(value, form, none=False, dates_for_none=(), written=written)
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
    return value.replace(" ", "")[: key.longest] if key.longest else value
