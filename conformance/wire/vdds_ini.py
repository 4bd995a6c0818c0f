"""INI files as VDDS media passes them around: read without loss, changed line by line, written back.

Bytes become text by the mark at their beginning (UTF-8, UTF-16 in either order), else as Windows-1252, in which the
five bytes that have no sign keep their number, as Windows itself does it. What is not changed is written as it came:
comments, blank lines, unknown keys, order, line ends. Names of sections and keys are found in any letter case, and of
two with one name the first counts, as in the profile functions of Windows. Files that are too large, hold NUL or have
more sections than any register are ``Malformed``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from conformance.wire.values import Malformed

MOST_BYTES = 4 * 1024 * 1024
MOST_LINES = 40_000
MOST_SECTIONS = 10_000
LONGEST_LINE = 32_767
ANSI, UTF_8, UTF_16_LE, UTF_16_BE = "windows-1252", "utf-8", "utf-16-le", "utf-16-be"
CRLF = "\r\n"
_MARKS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, UTF_16_LE), (codecs.BOM_UTF16_BE, UTF_16_BE))
_UNASSIGNED = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_SIGNS = "".join(chr(byte) if byte in _UNASSIGNED else bytes((byte,)).decode("cp1252") for byte in range(256))
_BYTES = {sign: byte for byte, sign in enumerate(_SIGNS)}
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_SECTION = re.compile(r"\s*\[([^\]]*)\]")
_SHOWN = 60


@dataclass(frozen=True)
class Line:
    """One line; ``end`` is its line end, '' at the end of a file that has none."""

    text: str
    end: str

    @cached_property
    def section(self) -> str | None:
        """The name that stands in brackets, or None."""
        found = _SECTION.match(self.text)
        return found[1].strip() if found else None

    @cached_property
    def pair(self) -> tuple[str, str] | None:
        """Key and value without the blanks around them, or None for a comment, a heading or anything else."""
        text = self.text.strip()
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or text[0] in ";#[":
            return None
        return key.strip(), value.strip()


@dataclass(frozen=True)
class Ini:
    """One file. Every change gives a new one that keeps all other lines."""

    lines: tuple[Line, ...] = ()
    encoding: str = ANSI
    marked: bool = False
    """True when the file begins with the mark of its encoding."""

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """Names as written, in order, repeated ones included."""
        return tuple(line.section for line in self.lines if line.section is not None)

    @cached_property
    def _index(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Folded section -> folded key -> key and value as written; of repeated ones the first."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        current: dict[str, tuple[str, str]] | None = None
        for line in self.lines:
            if line.section is not None:
                name = line.section.casefold()
                current = {} if name in found else found.setdefault(name, {})
            elif current is not None and line.pair is not None:
                current.setdefault(line.pair[0].casefold(), line.pair)
        return found

    def has(self, section: str) -> bool:
        return section.casefold() in self._index

    def pairs(self, section: str) -> tuple[tuple[str, str], ...]:
        """Keys as written with their values; () where there is no such section."""
        return tuple(self._index.get(section.casefold(), {}).values())

    def get(self, section: str, key: str) -> str | None:
        """The value, or None where the file has no such key."""
        found = self._index.get(section.casefold(), {}).get(key.casefold())
        return found[1] if found is not None else None

    def further(self, section: str) -> tuple[tuple[str, str], ...]:
        """Keys that come once more, there or in a section of the same name, with another value than at first.

        Readers other than the profile functions take those.
        """
        found: list[tuple[str, str]] = []
        within = False
        for line in self.lines:
            if line.section is not None:
                within = line.section.casefold() == section.casefold()
            elif within and line.pair is not None and self.get(section, line.pair[0]) not in (None, line.pair[1]):
                found.append(line.pair)
        return tuple(found)

    @cached_property
    def line_end(self) -> str:
        """The line end that new lines get: that of the first line, or CRLF."""
        return next((line.end for line in self.lines if line.end), CRLF)

    def written(self, section: str, key: str, value: str) -> Ini:
        """The same with that value: in place of the former one, or behind the last key of its section.

        ValueError for a text that would not stay on one line.
        """
        for text in (section, key, value):
            if any(sign in text for sign in "\r\n\0"):
                raise ValueError(f"{text[:_SHOWN]!r} does not fit on one line; leave out line ends and NUL.")
        start, stop = self._span(section)
        if start < 0:
            return self._appended(f"[{section}]")._appended(f"{key}={value}")
        for place in range(start, stop):
            pair = self.lines[place].pair
            if pair is not None and pair[0].casefold() == key.casefold():
                if pair[1] == value:
                    return self
                return self._with(place, place + 1, replace(self.lines[place], text=f"{pair[0]}={value}"))
        place = max((n + 1 for n in range(start, stop) if self.lines[n].pair is not None), default=start)
        if place and not self.lines[place - 1].end:
            ended = replace(self.lines[place - 1], end=self.line_end)
            return self._with(place - 1, place, ended, Line(f"{key}={value}", ""))
        return self._with(place, place, Line(f"{key}={value}", self.line_end))

    def without_key(self, section: str, key: str) -> Ini:
        """The same without every line of that key in that section."""
        start, stop = self._span(section)
        if start < 0:
            return self
        kept = [
            line for line in self.lines[start:stop] if line.pair is None or line.pair[0].casefold() != key.casefold()
        ]
        return self._with(start, stop, *kept)

    def without_section(self, section: str) -> Ini:
        """The same without that section and all that stands in it."""
        start, stop = self._span(section)
        return self if start < 0 else self._with(start - 1, stop)

    def with_section(self, section: str) -> Ini:
        """The same with that section, an empty one where it has none."""
        return self if self.has(section) else self._appended(f"[{section}]")

    def encode(self) -> bytes:
        """The bytes; a sign that the encoding lacks becomes a question mark."""
        text = "".join(f"{line.text}{line.end}" for line in self.lines)
        mark = next(mark for mark, name in _MARKS if name == self.encoding) if self.marked else b""
        if self.encoding == ANSI:
            return bytes(_BYTES.get(sign, ord("?")) for sign in text)
        return mark + text.encode(self.encoding, "surrogatepass")

    def holds(self, text: str) -> bool:
        """True when the encoding has every sign of ``text``."""
        return self.encoding != ANSI or all(sign in _BYTES for sign in text)

    @cached_property
    def flaws(self) -> tuple[str, ...]:
        """What is odd about the writing, each named once; none of it changes what the file says."""
        return tuple(dict.fromkeys(self._flaws()))

    def _flaws(self) -> Iterator[str]:
        folded = [name.casefold() for name in self.sections]
        if len(set(folded)) != len(folded):
            yield "repeated-section"
        ends = {line.end for line in self.lines if line.end}
        if len(ends) > 1:
            yield "mixed-line-ends"
        elif ends and ends != {CRLF}:
            yield "lone-line-ends"
        text = "".join(line.text for line in self.lines)
        if self.encoding == ANSI and _is_utf_8(text):
            yield "utf-8-without-mark"
        elif self.encoding == ANSI and any(ord(sign) in _UNASSIGNED for sign in text):
            yield "other-code-page"
        seen: set[str] = set()
        for line in self.lines:
            if line.section is not None:
                seen = set()
            elif line.pair is not None:
                key = line.pair[0].casefold()
                if key in seen:
                    yield "repeated-key"
                seen.add(key)
                yield from _pair_flaws(line)
            elif line.text.strip() and line.text.strip()[0] not in ";#":
                yield "stray-line"

    def _span(self, section: str) -> tuple[int, int]:
        """First line behind the heading, and the line behind its last; (-1, -1) without the section."""
        start = -1
        for place, line in enumerate(self.lines):
            if line.section is None:
                continue
            if start >= 0:
                return start, place
            if line.section.casefold() == section.casefold():
                start = place + 1
        return (start, len(self.lines)) if start >= 0 else (-1, -1)

    def _with(self, start: int, stop: int, *lines: Line) -> Ini:
        return Ini((*self.lines[:start], *lines, *self.lines[stop:]), self.encoding, self.marked)

    def _appended(self, text: str) -> Ini:
        lines = self.lines
        if lines and not lines[-1].end:
            lines = (*lines[:-1], replace(lines[-1], end=self.line_end))
        return Ini((*lines, Line(text, self.line_end)), self.encoding, self.marked)


def parse_ini(content: bytes) -> Ini | Malformed:
    """The file, so that ``encode`` gives the same bytes; or why it is none."""
    if len(content) > MOST_BYTES:
        return Malformed(f"larger than {MOST_BYTES} bytes", "")
    mark, encoding = next(((m, name) for m, name in _MARKS if content.startswith(m)), (b"", ANSI))
    body = content[len(mark) :]
    if encoding == ANSI:
        text = "".join(_SIGNS[byte] for byte in body)
    else:
        try:
            text = body.decode(encoding, "surrogatepass")
        except UnicodeDecodeError as wrong:
            return Malformed(f"no {encoding} at byte {wrong.start}", "")
    if "\0" in text:
        return Malformed("binary: it holds NUL", "")
    return _limited(Ini(_lines(text), encoding, bool(mark)))


def as_meant(content: bytes, ini: Ini) -> Ini:
    """The file as its writer means it, who has left out the mark of UTF-8; ``ini`` itself where nothing is left out."""
    if "utf-8-without-mark" not in ini.flaws:
        return ini
    meant = parse_ini(codecs.BOM_UTF8 + content)
    return meant if isinstance(meant, Ini) else ini


def in_windows_1252(text: str) -> str:
    """A text as it stands in an ANSI file: with a question mark for each sign that Windows-1252 lacks."""
    return "".join(sign if sign in _BYTES else "?" for sign in text)


def on_console(text: str) -> str:
    """A text of an ANSI file as it reads by the code page of western consoles."""
    return bytes(_BYTES.get(sign, ord("?")) for sign in text).decode("cp850")


def _limited(ini: Ini) -> Ini | Malformed:
    if len(ini.lines) > MOST_LINES:
        return Malformed(f"more than {MOST_LINES} lines", "")
    if any(len(line.text) > LONGEST_LINE for line in ini.lines):
        return Malformed(f"a line longer than {LONGEST_LINE} characters", "")
    if len(ini.sections) > MOST_SECTIONS:
        return Malformed(f"more than {MOST_SECTIONS} sections", "")
    return ini


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(Line(found[1], found[2]) for found in _LINE.finditer(text) if found[0])


def _is_utf_8(text: str) -> bool:
    """True for ANSI text beyond ASCII that is valid UTF-8: by chance that is all but impossible."""
    if text.isascii():
        return False
    try:
        bytes(_BYTES.get(sign, 0x3F) for sign in text).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pair_flaws(line: Line) -> Iterator[str]:
    key, equals, value = line.text.partition("=")
    if equals and (key != key.rstrip() or key != key.lstrip() or value != value.lstrip()):
        yield "blanks-around"
    if key.strip() != key.strip().upper():
        yield "lower-case-key"
    if len(value.strip()) > 1 and value.strip()[0] == value.strip()[-1] == '"':
        yield "quoted-value"
