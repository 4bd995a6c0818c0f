"""Heads of HTTP/1 messages taken apart leniently, as two programs that understand each other may write them."""

from __future__ import annotations

Headers = tuple[tuple[str, str], ...]


class Unreadable(Exception):
    """Where this message ends cannot be known. The text is the flaw, one word."""


def taken_apart(head: bytes) -> tuple[str, Headers]:
    """Start line and headers of a head, one character per byte. A line without a colon is no header, and passes."""
    lines = [line.removesuffix(b"\r").decode("latin-1") for line in head.split(b"\n")]
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and headers:  # a value that goes on in the next line, as it once was allowed
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip(" \t")))
    return lines[0], tuple(headers)


def words(headers: Headers, name: str) -> list[str]:
    """The comma-separated words of all headers of this name, in lower case."""
    found = (word.strip().lower() for key, value in headers if key.lower() == name for word in value.split(","))
    return [word for word in found if word]


def length(headers: Headers) -> int | None:
    """The announced length, or None where there is none. Raises Unreadable for one that is no number, or two."""
    found = set(words(headers, "content-length"))
    if not found:
        return None
    only = found.pop()
    if found or not (only.isascii() and only.isdigit()) or len(only) > 15:
        raise Unreadable("content-length")
    return int(only)
