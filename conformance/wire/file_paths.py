"""Paths of files as a stranger writes them, and what is wrong with them on a Windows computer. Nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DRIVE = re.compile(r"[A-Za-z]:")
_SYSTEM = re.compile(r"[A-Za-z]:\\windows\\(?!temp\\)", re.IGNORECASE)
_SHORT = re.compile(
    r"(?P<start>[^~.]{2}(?=[0-9a-f]{4}~)|[^~.]{1,6})(?P<sum>[0-9a-f]{4})?~\d{1,6}(?:\.(?P<ending>[^.]{1,3}))?"
)
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))})


def path_flaws(text: str) -> tuple[str, ...]:
    """What is wrong with the path, each named once; () for a plain absolute one.

    ``empty``, ``quoted``, ``relative``, ``traversal``, ``network``, ``device``, ``stream``, ``control-sign``,
    ``folder``, ``system`` for a place of Windows itself.
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
    if plain.endswith("\\"):
        yield "folder"
    if _SYSTEM.match(plain):
        yield "system"


def may_be_short(name: str, long: str) -> bool:
    """True for what Windows may have given ``long`` as its short name: ``DENTAL~1.EXE`` for DentalDesktopCmd.exe.

    The first six characters, or the first two and four of a checksum, and a number.
    """
    stem, ending = (part.replace(" ", "") for part in _parted(long.casefold()))
    found = _SHORT.fullmatch(name.casefold())
    if found is None or not stem or (found["ending"] or "") != ending[:3]:
        return False
    return found["start"] == stem[:6] or (found["start"] == stem[:2] and bool(found["sum"]))


def _parted(name: str) -> tuple[str, str]:
    """A name and its extension, without the dot between them."""
    stem, dot, ending = name.rpartition(".")
    return (stem, ending) if dot else (ending, "")
