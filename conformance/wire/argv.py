"""Windows command lines: one line into the arguments a program gets, and arguments into a line.

Windows passes a single text; each program splits it for itself. Two splitters are common:

* ``RUNTIME``, of the Microsoft C runtime since 2008 and of .NET: within quotation marks ``""`` is one literal quotation
  mark, and the quotation goes on.
* ``SHELL``, the function CommandLineToArgvW: of quotation marks that follow one another every third is literal, and
  the quotation ends with it.

Both agree on the rest. Blanks and tabs separate outside quotation marks only; quotation marks may begin in the middle
of an argument and vanish; 2n backslashes before a quotation mark are n backslashes, 2n+1 are n and a literal quotation
mark; other backslashes are what they are. The name of the program, which comes first, knows no backslashes. What
``quote`` writes, both read alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_BLANKS = " \t"
_PLAIN = re.compile(r'[^\\" \t]+')
_BACKSLASHES = re.compile(r"\\+")
_MARKS = re.compile(r'"+')
_BEFORE_MARK = re.compile(r'(\\*)"')
_AT_END = re.compile(r"(\\+)\Z")
_NEEDS_QUOTES = re.compile(r'[\s"]')


class Splitter(StrEnum):
    RUNTIME = "runtime"
    SHELL = "shell"


@dataclass(frozen=True)
class Piece:
    """One argument of a line."""

    text: str
    """What the program gets."""
    raw: str
    """As it stands in the line."""
    unclosed: bool = False
    """True when the line ended within quotation marks."""
    goes_on: bool = False
    """True when text follows a closing quotation mark without a blank."""
    escaped: bool = False
    """True when a backslash made a quotation mark literal."""
    doubled: bool = False
    """True when quotation marks that follow one another made one of them literal."""


@dataclass(frozen=True)
class CommandLine:
    """A line taken apart; ``program`` is what stood first."""

    program: Piece
    arguments: tuple[Piece, ...]


def split(line: str, splitter: Splitter = Splitter.RUNTIME) -> CommandLine:
    """The program and the arguments of ``line``, whatever it holds. Linear in its length."""
    program, place = _program(line)
    found = []
    while (place := _past_blanks(line, place)) < len(line):
        piece, place = _argument(line, place, splitter)
        found.append(piece)
    return CommandLine(program, tuple(found))


def split_arguments(line: str, splitter: Splitter = Splitter.RUNTIME) -> tuple[Piece, ...]:
    """The arguments of a line that names no program."""
    found = []
    place = 0
    while (place := _past_blanks(line, place)) < len(line):
        piece, place = _argument(line, place, splitter)
        found.append(piece)
    return tuple(found)


def quote(program: str, arguments: Sequence[str]) -> str:
    """The line that every splitter takes apart into these. ValueError for a program that cannot be written."""
    if '"' in program:
        raise ValueError(f"the program {program!r} has a quotation mark in it; no path has one. Give its path.")
    first = f'"{program}"' if not program or any(blank in program for blank in _BLANKS) else program
    return " ".join([first, *map(quoted, arguments)])


def quoted(argument: str) -> str:
    """One argument as it has to stand in a line."""
    if argument and not _NEEDS_QUOTES.search(argument):
        return argument
    escaped = _BEFORE_MARK.sub(r'\1\1\\"', argument)
    return '"' + _AT_END.sub(r"\1\1", escaped) + '"'


def _past_blanks(line: str, place: int) -> int:
    while place < len(line) and line[place] in _BLANKS:
        place += 1
    return place


def _program(line: str) -> tuple[Piece, int]:
    """What stands first: to the next quotation mark when it begins with one, else to the first blank."""
    if line.startswith('"'):
        end = line.find('"', 1)
        if end < 0:
            return Piece(line[1:], line, unclosed=True), len(line)
        return Piece(line[1:end], line[: end + 1]), end + 1
    end = next((place for place, sign in enumerate(line) if sign in _BLANKS), len(line))
    return Piece(line[:end], line[:end]), end


def _argument(line: str, start: int, splitter: Splitter) -> tuple[Piece, int]:
    """The argument that begins at ``start``, and where it ends."""
    parts: list[str] = []
    inside = closed = goes_on = escaped = doubled = False
    place = start
    while place < len(line):
        sign = line[place]
        if sign in _BLANKS and not inside:
            break
        goes_on = goes_on or (closed and not inside and sign != '"')
        if sign == "\\":
            text, place, literal = _backslashes(line, place)
            escaped = escaped or literal
        elif sign == '"':
            many = len(_run(_MARKS, line, place))
            text, inside_now = _marks(many, inside, splitter)
            closed = closed or (inside and not inside_now) or many > 1
            inside, doubled, place = inside_now, doubled or bool(text), place + many
        elif sign in _BLANKS:
            text, place = sign, place + 1
        else:
            text = _run(_PLAIN, line, place)
            place += len(text)
        parts.append(text)
    return Piece("".join(parts), line[start:place], inside, goes_on, escaped, doubled), place


def _run(pattern: re.Pattern[str], line: str, place: int) -> str:
    found = pattern.match(line, place)
    assert found is not None
    return found[0]


def _backslashes(line: str, place: int) -> tuple[str, int, bool]:
    """What a row of backslashes stands for, where to go on, and whether a literal quotation mark came of it."""
    many = len(_run(_BACKSLASHES, line, place))
    after = place + many
    if after >= len(line) or line[after] != '"':
        return "\\" * many, after, False
    if many % 2:
        return "\\" * (many // 2) + '"', after + 1, True
    return "\\" * (many // 2), after, False


def _marks(many: int, inside: bool, splitter: Splitter) -> tuple[str, bool]:
    """The literal quotation marks out of ``many`` in a row, and whether the quotation is open after them."""
    if splitter is Splitter.SHELL:
        counted = many + (1 if inside else 0)
        return '"' * (counted // 3), counted % 3 == 1
    left = many if inside else many - 1  # the first one opens
    if left == 0:
        return "", True
    return '"' * (left // 2), left % 2 == 0
