"""One use of the command line as it is recorded, and how it is made from what Windows would pass.

Of each argument the switch, the name and the separator are kept, if they are the guide's or cannot name anybody; the
value becomes a token. What that hides is told by facts about the text: how its date is written, marks of a word
processor, other arguments that were swallowed. A line is kept as the skeleton of its quotation: blanks, quotation
marks, backslashes and known names stand, everything else is a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Protocol
from unicodedata import normalize

from conformance.spec import CommandArgument, CommandLineFacts, Kind, Spec
from conformance.trace.facts import DAYS_OFF, SAME_DAY, WithFacts
from conformance.wire import DateFormat, date_format, written_form
from conformance.wire.argv import Piece, Splitter, split
from conformance.wire.file_paths import may_be_short
from conformance.wire.shells import within_shell
from conformance.wire.short_dates import short_date

MOST_ARGUMENTS = 64
"""Kept of one invocation; the rest is counted."""
LONGEST_KEPT = 4_096
"""Characters of one argument whose skeleton is kept."""
LONGEST_NAME = 32
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
"""What looks like a hyphen; the first one is."""
DOUBLE_MARKS = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"
ID_ROLES = frozenset({"integration_id", "patient_id"})
APOSTROPHES = "'\u2018\u2019\u201a\u201b\u2039\u203a\u2032"
"""Marks only where they stand on both sides."""
MARKUP = "&quot;"
MAY_MEAN, OF_AN_ERA = "may-mean", "of-an-era"
"""Facts of a short date: a day that it may mean, as a token, and one if its year is that of an era."""
THROUGH_SHELL, UNSEEN = "through-shell", "unseen"
"""Facts of a line: another program starts that of the guide, and nobody can tell by which line."""
COMPOSED, IN_ONE_PIECE = "composed", "in-one-piece"
"""Facts of a text: as a token what it is with each accent put together with its letter, where it is not written so; and
that it has such letters, and is."""
NAME_LENGTH = "name-length"
"""Fact of an argument whose name is hidden, since it might be somebody's."""
NOTHING = frozenset({"null", "(null)", "nil", "none", "undefined", "nan", "n/a"})
"""What programs write for a value that they lack. A name may well be one of these; an id is none."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PARTED_NAME = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+(?==)")
"""Nobody's name where it is one of the list but for its hyphens."""
_MERGE_FIELD = re.compile(r"(%[\w ]+%|\$?\{+[\w .]+\}+|\[+[\w .]+\]+|<+[\w .]+>+|\u00ab[\w .]+\u00bb)")
_SIGNS = r'[\s"\\]+'


@dataclass(frozen=True)
class Argument(WithFacts):
    """One argument; ``text`` of a bare value is the value alone."""

    switch: str
    """``-``, ``--``, ``/``, something that looks like a hyphen, or ''."""
    name: str
    """As it was written; '' where there is none, or where it might name somebody."""
    separator: str
    """``=``, ``:`` or ''."""
    value: str
    """Token; '' for an empty value or none."""
    facts: tuple[str, ...] = ()
    """What the token hides: ``date:compact``, ``swallowed:patient_id`` ..."""
    meant: str = ""
    """Token of the date in the ISO form, where the value is a date that is certain; else ''."""


@dataclass(frozen=True)
class Invocation(WithFacts):
    """The program was started with these arguments."""

    number: int
    at_s: float
    who: str
    executable: str
    """The name of the program without its folder; '' when unknown."""
    line: str
    """Its skeleton, or '' when only the arguments are known."""
    arguments: tuple[Argument, ...]
    facts: tuple[str, ...] = ()
    """Of the whole: ``quoted-program``, ``default-place``, ``ambiguous`` ..."""
    play: str = ""


@dataclass(frozen=True)
class Started:
    """A start of the program as it was seen, in clear; in memory only. Either the line or its arguments."""

    line: str | None = None
    executable: str = ""
    arguments: Sequence[str] = ()


def invocation(
    started: Started, spec: Spec, hide: Hide, *, number: int, at_s: float, who: str, play: str
) -> Invocation:
    """The event for ``started``. ``hide`` makes tokens; a spec without a command line knows no names."""
    facts = spec.command_line
    inner = None if started.line is None else _within_another(started.line, facts)
    if started.line is not None and inner == "":
        told = [THROUGH_SHELL, UNSEEN, f"length:{len(started.line)}"]
        return Invocation(number, round(at_s, 6), who, "", "", (), tuple(told), play)
    if inner:
        started = Started(line=inner)
    if started.line is None:
        pieces = tuple(Piece(text, "") for text in started.arguments)
        program, told = started.executable, list[str]()
    else:
        parted = split(started.line)
        pieces, program = parted.arguments, parted.program.text
        told = list(_line_facts(started.line, facts))
    if inner:
        told.append(THROUGH_SHELL)
    if len(pieces) > MOST_ARGUMENTS:
        told.append(f"more:{len(pieces) - MOST_ARGUMENTS}")
    kept = pieces[:MOST_ARGUMENTS]
    line = "" if started.line is None else " ".join(_skeleton(piece.raw, facts, hide) for piece in kept)
    return Invocation(
        number,
        round(at_s, 6),
        who,
        _executable(program, facts, hide, told),
        line,
        tuple(_argument(piece, facts, hide) for piece in kept),
        tuple(told),
        play,
    )


class Hide(Protocol):
    """Makes tokens of values; see ``Redactor``."""

    def token(self, value: str) -> str: ...

    def days_off(self, day: str) -> str: ...


HOLDS_ARGUMENTS, ENDS_IN_BACKSLASH = "holds_arguments", "ends_in_backslash"
"""Of the record that an order told: the roles whose values read like arguments, and those that end so."""


def particulars(record: Mapping[str, str], facts: CommandLineFacts) -> dict[str, str]:
    """What tokens hide of a record and the quotation of a command line depends on; {} for an ordinary one."""
    told = [(role, record[role]) for role in facts.by_role if record.get(role)]
    switch = re.compile(_known_switch(facts), re.IGNORECASE)
    found = {
        HOLDS_ARGUMENTS: [role for role, text in told if switch.search(text[:LONGEST_KEPT])],
        ENDS_IN_BACKSLASH: [role for role, text in told if text.endswith("\\")],
    }
    return {name: " ".join(roles) for name, roles in found.items() if roles}


# -- the whole line ------------------------------------------------------------------------------------------------


def _within_another(line: str, facts: CommandLineFacts | None) -> str | None:
    """The line that a shell starts; None where none does, '' where another program is told to, or nobody can tell."""
    inner = within_shell(line)
    if inner is not None or facts is None or _split_program(line, facts):
        return inner
    parted = split(line[:LONGEST_KEPT])
    ours = _stem(facts.executable) in parted.program.text.casefold()
    named = any(facts.executable.casefold() in piece.text.casefold() for piece in parted.arguments)
    return "" if named and not ours else None


def _line_facts(line: str, facts: CommandLineFacts | None) -> Iterator[str]:
    yield f"length:{len(line)}"
    yield "quoted-program" if line.startswith('"') else "bare-program"
    if facts is not None and _split_program(line, facts):
        yield "split-program"
    if line.startswith('"') and '"' not in line[1:]:
        yield "unclosed-program"
    if "\0" in line:
        yield "nul"
    if any("\ud800" <= sign <= "\udfff" for sign in line):
        yield "lone-surrogate"
    if '""' in line and _texts(line, Splitter.RUNTIME) != _texts(line, Splitter.SHELL):
        yield "ambiguous"


def _split_program(line: str, facts: CommandLineFacts) -> bool:
    """True when the path of the program has blanks and stands without quotation marks."""
    head, name, _ = line[:LONGEST_KEPT].casefold().partition(_stem(facts.executable))
    return bool(name) and '"' not in head and "\\" in head and any(sign in head.rstrip() for sign in " \t")


def _stem(executable: str) -> str:
    name = executable.casefold()
    return name.rpartition(".")[0] or name


def _texts(line: str, splitter: Splitter) -> list[str]:
    return [piece.text for piece in split(line, splitter).arguments]


def _executable(program: str, facts: CommandLineFacts | None, hide: Hide, told: list[str]) -> str:
    """The last part of the path; a name that is not the guide's may be anything, and is a token."""
    name = program.replace("/", "\\").rpartition("\\")[2]
    if facts is None:
        return hide.token(name[:LONGEST_KEPT])
    if program.casefold() == facts.default_path.casefold():
        told.append("default-place")
    elif "\\" in program or "/" in program:
        told.append("other-place")
    ours = _stem(name) == _stem(facts.executable) or may_be_short(name, facts.executable)
    return name if ours else hide.token(name[:LONGEST_KEPT])


def _skeleton(raw: str, facts: CommandLineFacts | None, hide: Hide) -> str:
    if len(raw) > LONGEST_KEPT:
        return hide.token(raw)
    kept = _SIGNS if facts is None else f"{_SIGNS}|{_known_switch(facts)}"
    parts = re.split(f"({kept})", raw, flags=re.IGNORECASE)  # what is kept stands at every second place
    return "".join(part if place % 2 else hide.token(part) for place, part in enumerate(parts))


def _known_switch(facts: CommandLineFacts) -> str:
    """A known name with something like a switch before and a separator behind it."""
    names = "|".join(re.escape(argument.name) for argument in facts.arguments)
    return rf"(?:--|/|[{DASHES}])(?:{names})[=:]"


# -- one argument --------------------------------------------------------------------------------------------------


def _argument(piece: Piece, facts: CommandLineFacts | None, hide: Hide) -> Argument:
    switch, name, separator, value = _parted(piece.text, facts)
    known = facts.by_folded_name.get(name.casefold()) if facts and name else None
    told = [*_text_facts(value), *_letter_facts(value, hide), *_eaten(piece, value, facts)]
    meant = ""
    if known is not None and facts is not None:
        if known.kind is Kind.DATE:
            iso = _iso(value)
            meant = hide.token(iso) if iso else ""
            told.extend(_date_facts(value[:LONGEST_KEPT], iso, facts))
            told.extend(_days(value[:LONGEST_KEPT], iso, hide))
            told.extend(_off(value[:LONGEST_KEPT], iso, hide))
        if value and _left_open(value.strip()[:LONGEST_KEPT], known):
            told.append("placeholder")
    told.extend(
        fact
        for fact, holds in (("unclosed", piece.unclosed), ("escaped", piece.escaped), ("doubled", piece.doubled))
        if holds
    )
    shown = name if known is not None or _technical(name, facts) else hide.token(name)
    if shown != name:
        told.append(f"{NAME_LENGTH}:{len(name)}")
    return Argument(switch, shown, separator, hide.token(value), tuple(told), meant)


def _technical(name: str, facts: CommandLineFacts | None) -> bool:
    """True for flags seen in the field, and for what is nearly a name of the list; any other may be somebody's."""
    if facts is None:
        return False
    flags = {flag.casefold() for flag in facts.observed_flags}
    return name.casefold() in flags or bool(get_close_matches(name.casefold(), facts.by_folded_name, n=1))


def _left_open(value: str, known: CommandArgument) -> bool:
    """True for a word of the guide's example, the name of a field between signs, or a word for nothing as an id."""
    nothing = known.role in ID_ROLES and value.casefold() in NOTHING
    return nothing or value == known.placeholder or _MERGE_FIELD.fullmatch(value) is not None


def _parted(text: str, facts: CommandLineFacts | None) -> tuple[str, str, str, str]:
    """Switch, name, separator and value; where the name might be somebody's, all of it is value."""
    switch = "--" if text.startswith("--") else text[:1] if text[:1] in (*DASHES, "/") else ""
    if switch == text:
        return switch, "", "", ""
    found = _NAME.match(text, len(switch))
    if found is None or len(found[0]) > LONGEST_NAME:
        return "", "", "", text
    name, rest = found[0], text[found.end() :]
    known = set(facts.by_folded_name) if facts else set()
    parted = _PARTED_NAME.match(text, len(switch))
    if parted is not None and parted[0].replace("-", "").casefold() in known:
        name, rest = parted[0], text[parted.end() :]
    if rest[:1] in ("=", ":") and (switch or name.casefold() in known):
        return switch, name, rest[0], rest[1:]
    known |= {flag.casefold() for flag in facts.observed_flags} if facts else set()
    if rest or not switch or name.casefold() not in known:
        return "", "", "", text
    return switch, name, "", ""


def _text_facts(value: str) -> Iterator[str]:
    if value != value.strip():
        yield "blanks-around"
    if not value.isascii():
        yield "beyond-ascii"
    if len(value) > LONGEST_KEPT:
        yield f"length:{len(value)}"
    first, last = value.strip()[:1], value.strip()[-1:]
    single = len(value.strip()) > 1 and first in APOSTROPHES and last in APOSTROPHES
    if first and (first in DOUBLE_MARKS or last in DOUBLE_MARKS or single or MARKUP in value):
        yield "typographic-marks"
    if value.endswith("\\"):
        yield "ends-in-backslash"
    if "\0" in value:
        yield "nul"
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        yield "lone-surrogate"


def _letter_facts(value: str, hide: Hide) -> Iterator[str]:
    """Whether accents stand by themselves: for readers, and for Unicode, such a text is the same."""
    text = value[:LONGEST_KEPT]
    if not text.isascii() and (composed := normalize("NFC", text)) != text:
        yield f"{COMPOSED}:{hide.token(composed)}"
    elif not text.isascii() and normalize("NFD", text) != text:
        yield IN_ONE_PIECE


def _eaten(piece: Piece, value: str, facts: CommandLineFacts | None) -> Iterator[str]:
    """Arguments that stand within this value, by role, and how they came there."""
    if facts is None or len(value) > LONGEST_KEPT:
        return
    for found in re.finditer(_known_switch(facts), value, re.IGNORECASE):
        role = facts.by_folded_name[found[0][:-1].lstrip(f"/{DASHES}").casefold()].role
        before = value[: found.start()]
        if before.rstrip() != before:
            cause = "swallowed" if '"' in before else "unclosed" if piece.unclosed else "enclosed"
            yield f"{cause}:{role}"
        else:
            yield f"fused:{role}"


def _iso(value: str) -> str:
    """The date in the ISO form, where everybody reads it alike; else ''."""
    form = date_format(value)
    if form is DateFormat.COMPACT:
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value if form is DateFormat.ISO else ""


def _date_facts(value: str, iso: str, facts: CommandLineFacts) -> Iterator[str]:
    yield f"date:{date_format(value).value}"
    if not iso and (form := written_form(value)):
        yield f"written:{form}"
    if short_date(value) is not None:
        yield "short-date"
    figures = sorted(part.zfill(2) for part in re.findall(r"[0-9]+", iso or value.partition(" ")[0]))
    none = [sorted(_figures(date.fromisoformat(each))) for each in facts.dates_for_none]
    if value.strip() and (figures in none or not any(sign.isalnum() and sign != "0" for sign in value)):
        yield "date-for-none"


def _days(value: str, iso: str, hide: Hide) -> Iterator[str]:
    """Which days a short date may mean, as tokens, and what nobody can tell of it."""
    short = short_date(value)
    if short is None or iso:
        return
    for fact, days in ((MAY_MEAN, short.days), (OF_AN_ERA, short.of_eras)):
        yield from (f"{fact}:{hide.token(day)}" for day in days)
    if short.uncertain:
        yield "month-by-a-name"
    if short.foreign:
        yield "other-calendar"


def _off(value: str, iso: str, hide: Hide) -> Iterator[str]:
    """By how much it just misses the date of the record, whichever of its days it is."""
    short = None if iso else short_date(value)
    days = (iso,) if iso else short.days if short is not None else ()
    known = [off for off in map(hide.days_off, days) if off]
    if known and SAME_DAY not in known:
        yield f"{DAYS_OFF}:{min(known, key=lambda off: abs(int(off)))}"


def _figures(day: date) -> tuple[str, str, str]:
    return f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
