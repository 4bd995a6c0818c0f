"""Paths of files as a stranger writes them, and what is wrong with them on a Windows computer. Nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))})


def path_flaws(text: str) -> tuple[str, ...]:
    """What is wrong with the path, each named once; () for a plain absolute one.

    ``empty``, ``quoted``, ``relative``, ``traversal``, ``network``, ``device``, ``stream``, ``control-sign``.
    """
    return tuple(dict.fromkeys(_flaws(text)))


def _flaws(text: str) -> Iterator[str]:
    if not text.strip():
        yield "empty"
        return
    if text[0] == text[-1] == '"':
        yield "quoted"
        text = text.strip('"')
    if any(sign < " " for sign in text):
        yield "control-sign"
    plain = text.replace("/", "\\")
    if plain.startswith(("\\\\.\\", "\\\\?\\")):
        yield "device"
    elif plain.startswith("\\\\"):
        yield "network"
    elif not (_DRIVE.match(plain) and plain[2:3] == "\\") and not text.startswith("/"):
        yield "relative"
    parts = plain.split("\\")
    if any(part.rstrip(" ") == ".." for part in parts):
        yield "traversal"
    if any(part.partition(".")[0].rstrip(" ").casefold() in _DEVICES for part in parts):
        yield "device"
    if any(":" in part for part in parts[1:]):
        yield "stream"
