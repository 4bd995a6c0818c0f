"""What a driver was told in confidence, taken out of what it writes for people to read.

A driver's standard error and its broken lines are shown to whoever started the run, and end up in bug reports: the
password, the Authorization header made of it, and everything that names a patient are replaced by a mark.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection
from urllib.parse import quote, quote_plus

MARK = "***"
_WHOLE_WORDS = 4
"""Shorter values stand inside other words by chance, and are replaced as words of their own only."""


class Confidence:
    """Grows with what the driver is told; safe to be read from another thread."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: Collection[str]) -> None:
        """Has these replaced from now on, in the spellings that logs and URLs use."""
        spelled = {form for value in values if value.strip() for form in _spellings(value.strip())}
        if spelled <= self._known:
            return
        self._known |= spelled
        longest_first = sorted(self._known, key=lambda each: (-len(each), each))
        self._pattern = re.compile("|".join(map(_piece, longest_first)), re.IGNORECASE)

    def add_login(self, user: str, password: str) -> None:
        """Has a password replaced, and the header made of both. The user alone may be seen."""
        pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self.add([password, pair, pair.rstrip("=")])

    def redact(self, text: str) -> str:
        """``text`` without any of it."""
        return self._pattern.sub(MARK, text) if self._pattern is not None else text

    def redact_line(self, line: bytes) -> bytes:
        """A line without any of it; bytes that are no UTF-8 stay what they are."""
        return self.redact(line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _spellings(value: str) -> set[str]:
    return {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}


def _piece(value: str) -> str:
    escaped = re.escape(value)
    return rf"(?<!\w){escaped}(?!\w)" if len(value) < _WHOLE_WORDS else escaped
