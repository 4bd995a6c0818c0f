"""Values that must not be stored, found again where somebody says them back.

Theory. Whoever repeats a value may spell it in another case, escape it for a URL, XML or JSON, or wrap it in Base64 or
hex. To keep every spelling of every value would take the memory of a long run. So it is the text that is read in all
those ways, as the most curious reader might: what is not there in any reading is not there.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote

LEAST = 3
"""Shorter values stand in any text by chance, and are not looked for."""
_LEAST_UNBOUND = 6
"""Shorter ones are found in another case as words of their own only, and those of three letters not at all: a server
that says "Der" names nobody called "van der Berg"."""
_LEAST_WRAPPED = 4
"""Shorter ones stand in decoded Base64 by chance."""
_DEEP = 3
"""Escapes of escapes of escapes: nobody reads on."""
_WRAPPED = re.compile(r"[A-Za-z0-9+/_-]{5,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :-]?){3,}")
_JSON_ESCAPE = re.compile(r'\\u([0-9a-fA-F]{4})|\\(["\\/])')
_NOT_BLANK = re.compile(r"\S+")
_SHORT = 128
"""Characters of a text of which is kept what it may be read as: headers say the same words in every answer."""


class Met:
    """Remembers values with what stands for them; in memory only."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._lengths: dict[str, list[int]] = {}
        """Of the values that begin with three letters, the longest first: so one pass over a text is enough."""

    def __len__(self) -> int:
        return len(self._tokens)

    def get(self, value: str) -> str | None:
        """What stands for ``value``, if it was met."""
        return self._tokens.get(value)

    def remember(self, value: str, token: str) -> str:
        """``token``, which stands for ``value`` from now on."""
        self._tokens[value] = token
        for folded in {_fold(value), _fold(value.upper())}:
            if len(folded) >= LEAST and folded not in self._folded:
                self._folded[folded] = token
                lengths = self._lengths.setdefault(folded[:LEAST], [])
                if len(folded) not in lengths:
                    lengths.append(len(folded))
                    lengths.sort(reverse=True)
        return token

    def scrub(self, text: str, cover: Callable[[str], str], least: int = LEAST) -> str:
        """``text`` with what stands for them in place of values; ``cover`` makes that of a word that wraps one."""
        if not self._folded:
            return text
        plain = self._replaced(text, least)
        return _NOT_BLANK.sub(lambda word: cover(word[0]) if self._wraps(word[0], least) else word[0], plain)

    def said_in(self, text: str, least: int = LEAST) -> bool:
        """True when a value of at least that many letters stands in ``text``, however it is spelt."""
        return bool(self._folded) and (self._replaced(text, least) != text or self._wraps(text, least))

    def _replaced(self, text: str, least: int) -> str:
        parts, done = list[str](), 0
        for start, end, token in self._found(text, least):
            parts += [text[done:start], token]
            done = end
        return "".join((*parts, text[done:])) if parts else text

    def _found(self, text: str, least: int) -> Iterator[tuple[int, int, str]]:
        if len(text) <= _SHORT and self._lengths.keys().isdisjoint(_beginnings(text)):
            return
        folded, lengths, place, last = _fold(text), self._lengths, 0, len(text) - LEAST
        while place <= last:
            known = lengths.get(folded[place : place + LEAST])
            end, token = self._longest(text, folded, place, known, least) if known else (0, "")
            if end:
                yield place, end, token
            place = end or place + 1

    def _longest(self, text: str, folded: str, place: int, lengths: list[int], least: int) -> tuple[int, str]:
        for length in lengths:
            if length < least:
                break
            end = place + length
            token = self._folded.get(folded[place:end])
            if token is None:
                continue
            exact = self._tokens.get(text[place:end])
            alike = length >= _LEAST_UNBOUND or (length > LEAST and _bound(text, place, end))
            if exact is not None or alike:
                return end, exact or token
        return 0, ""

    def _wraps(self, word: str, least: int) -> bool:
        """True when a value is in one of the readings of ``word`` that are not the word itself."""
        if len(word) <= _SHORT and self._lengths.keys().isdisjoint(_beginnings_read(word)):
            return False
        if any(next(self._found(view, least), None) for view in _unescaped(word)):
            return True
        wrapped = max(least, _LEAST_WRAPPED)
        return any(next(self._found(view, wrapped), None) for view in _unwrapped(word))


@lru_cache(maxsize=2048)
def _beginnings(text: str) -> frozenset[str]:
    """Every three letters that follow each other, in lower case: a value that is there begins with some of them."""
    folded = _fold(text)
    return frozenset(folded[place : place + LEAST] for place in range(len(folded) - LEAST + 1))


@lru_cache(maxsize=2048)
def _beginnings_read(word: str) -> frozenset[str]:
    """The same of all that the word may be read as besides itself."""
    views = (*_unescaped(word), *_unwrapped(word))
    return frozenset().union(*map(_beginnings.__wrapped__, views))


def _bound(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _fold(text: str) -> str:
    """In lower case, letter by letter, so that places stay places."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _unescaped(word: str) -> Iterator[str]:
    """The word without NULs, and with its escapes of URLs, XML and JSON read, again and again."""
    views = {word}
    for _ in range(_DEEP):
        more = {view for each in views for view in _once(each)} - views
        yield from more
        if not more:
            return
        views |= more


def _once(text: str) -> set[str]:
    found = {text.replace("\0", "")} if "\0" in text else set()
    if "%" in text or "+" in text:
        found |= {unquote(text), unquote(text.replace("+", " "), "latin-1")}
    if "&" in text:
        found.add(html.unescape(text))
    if "\\" in text:
        found.add(_JSON_ESCAPE.sub(lambda sign: sign[2] or chr(int(sign[1], 16)), text))
    return found - {text}


def _unwrapped(word: str) -> Iterator[str]:
    """What Base64 at each of its alignments and hex may stand for in ``word``."""
    for found in _WRAPPED.finditer(word):
        run = found[0].replace("-", "+").replace("_", "/")
        for start in range(4):
            piece = run[start:]
            whole = piece[: len(piece) - len(piece) % 4] if len(piece) % 4 == 1 else piece
            try:
                yield from _texts(base64.b64decode(whole + "=" * (-len(whole) % 4)))
            except binascii.Error:
                continue
    for found in _HEX.finditer(word):
        figures = re.sub(r"[ :-]", "", found[0])
        yield from _texts(bytes.fromhex(figures[: len(figures) // 2 * 2]))


def _texts(data: bytes) -> tuple[str, ...]:
    """As UTF-8 and latin-1; UTF-16 is latin-1 with NULs for all that Europe is written in."""
    plain = data.replace(b"\0", b"")
    return plain.decode("utf-8", "replace"), plain.decode("latin-1")
