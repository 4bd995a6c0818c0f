"""Command lines that another program is told to start: what cmd.exe passes on, where that can be told.

``cmd /c LINE`` takes LINE without its first and last quotation mark, unless there are just two of them, around the name
of a program with blanks, and no sign that cmd reads. ``start "TITLE" LINE`` starts LINE; whatever stands first in
quotation marks is the title. A name between percent signs is read by cmd anywhere, ``& | < > ^`` outside quotation
marks: what becomes of a line with them depends on the computer, or is another line.
"""

from __future__ import annotations

import re

_CMD = re.compile(r'\s*(?:"(?:[^"]*[\\/])?cmd(?:\.exe)?"|(?:[^\s"]*[\\/])?cmd(?:\.exe)?)(?=[\s/])', re.IGNORECASE)
_OPTIONS = re.compile(r"((?:\s*/[a-bd-jl-z](?::\w+)?)*)\s*/[ck]\s*", re.IGNORECASE)
_START = re.compile(r"\s*start(?:\.exe)?(?=[\s\"])", re.IGNORECASE)
_TITLE = re.compile(r'\s*"[^"]*"')
_START_OPTION = re.compile(r'\s*/(?:d\s+(?:"[^"]*"|\S+)|\w+)(?=\s)', re.IGNORECASE)
_EXPANDED = re.compile(r"%[^%]+%")
_QUOTED = re.compile(r'"[^"]*"?')
_READ_WITHIN = frozenset("&<>()@^|")


def within_shell(line: str) -> str | None:
    """The line that the shell of this one starts, None where none stands first, '' where that cannot be told."""
    found = _CMD.match(line)
    if found is None:
        return _started(line) if _START.match(line) else None
    options = _OPTIONS.match(line, found.end())
    if options is None:
        return ""
    inner = _without_outer_marks(line[options.end() :], strip="/s" in options[1].casefold())
    return _started(inner) if _START.match(inner) else _plain(inner)


def _without_outer_marks(text: str, *, strip: bool) -> str:
    if not text.startswith('"'):
        return text
    name = text[1:].partition('"')[0]
    kept = text.count('"') == 2 and " " in name and not _READ_WITHIN.intersection(name)
    if kept and not strip:
        return text
    head, _, tail = text[1:].rpartition('"')
    return head + tail


def _started(line: str) -> str:
    """What ``start`` starts."""
    found = _START.match(line)
    place = found.end() if found is not None else 0
    for pattern in (_TITLE, _START_OPTION, _START_OPTION, _START_OPTION):
        past = pattern.match(line, place)
        place = past.end() if past is not None else place
    return _plain(line[place:].strip())


def _plain(line: str) -> str:
    """The line, or '' where cmd may make another one of it."""
    outside = _QUOTED.sub("", line)
    changed = _EXPANDED.search(line) is not None or any(sign in outside for sign in "&|<>^")
    return "" if changed else line.strip()
