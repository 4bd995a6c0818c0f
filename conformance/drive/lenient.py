"""Bytes of a request as the most forgiving server might read them: the guard must not be stricter than any of them.

A server may decode twice, split at semicolons, cut at a NUL, ignore case and brackets, or take several of these at
once. So a text has several *views*, one for each time that it is decoded, and what is asked of it is asked of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

MOST_LAYERS = 4
"""Escapes of escapes of escapes: what is still changing then is not worth understanding."""
_WIDE_ESCAPE = re.compile(r"%u([0-9a-fA-F]{4})")
_SEPARATORS = re.compile(r"[&;?#,\x00\r\n]")
_RAW_SEPARATORS = re.compile(r"[&;?#,\x00\r\n \t]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")
_NOT_WORD = re.compile(r"[^0-9a-z]")


class Unclear(Exception):
    """Servers may read this in more ways than can be judged."""


@dataclass(frozen=True)
class Head:
    """Request line and headers, one character per byte."""

    verb: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]


def head_of(request: bytes) -> Head:
    """The one request that the bytes hold, without a body. Raises Unclear when they may hold another."""
    text = request.decode("latin-1")
    if not text.endswith("\r\n\r\n"):
        raise Unclear("the request has no end")
    lines = text[:-4].split("\r\n")
    if any(sign in line for line in lines for sign in "\r\n\0"):
        raise Unclear("the request holds a line break or a NUL of its own")
    verb, _, rest = lines[0].partition(" ")
    target, _, version = rest.rpartition(" ")
    if not target or not version.startswith("HTTP/"):
        raise Unclear("the request line is not made of three parts")
    path, _, query = target.partition("?")
    return Head(verb, path, query, tuple(_header(line) for line in lines[1:]))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _TOKEN.fullmatch(name):
        raise Unclear(f'"{name[:40]}" is no header name')
    return name.casefold(), value.strip(" \t")


def views(text: str) -> tuple[str, ...]:
    """The text as it is, decoded once, decoded twice ... Raises Unclear when that does not come to an end."""
    found = [text]
    for _ in range(MOST_LAYERS):
        decoded = _decoded(found[-1])
        if decoded == found[-1]:
            return tuple(found)
        found.append(decoded)
    if _decoded(found[-1]) != found[-1]:
        raise Unclear(f"its text is escaped more than {MOST_LAYERS} times")
    return tuple(found)


def _decoded(text: str) -> str:
    return unquote(_WIDE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text), errors="replace")


def segments(path: str) -> tuple[str, ...]:
    """The parts of a path, case-folded, without those that lead nowhere; a backslash parts them as well."""
    return tuple(part.casefold() for part in path.replace("\\", "/").split("/") if part not in ("", "."))


def pairs(query: str) -> Iterator[tuple[str, str]]:
    """Every name with its value, decoded, that some reading of the query finds; many come more than once."""
    for layer, view in enumerate(views(query)):
        every = [] if layer else query.split("&")  # to many servers no other sign separates
        for part in (*every, *(_SEPARATORS if layer else _RAW_SEPARATORS).split(view)):
            name, _, value = part.partition("=")
            for text in views(value)[1:] or (value,):
                yield views(name)[-1], text


def before_separator(text: str) -> str:
    """As much of a value as a server sees that cuts it at the first sign with a meaning."""
    return _SEPARATORS.split(text, maxsplit=1)[0]


def squeezed(text: str) -> str:
    """Letters and digits only, in lower case: names that differ in nothing else are alike to some server."""
    return _NOT_WORD.sub("", text.casefold())


def printable(text: str) -> bool:
    """True for visible ASCII and blanks."""
    return _PRINTABLE.fullmatch(text) is not None


def is_blank(text: str) -> bool:
    """True when nothing is left without blanks and NULs; other signs that cannot be seen are an id to some server."""
    return not text.strip(" \0")
