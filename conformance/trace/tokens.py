"""What stands for a value that names somebody: ``~`` and a digest, after a dot one that tells letter case apart."""

from __future__ import annotations

import re

TOKEN = re.compile(r"~[a-z2-7]{12}(?:\.[a-z2-7]{6})?")


def hidden(text: str) -> bool:
    """True for a text of which redaction has replaced a word: it cannot be compared."""
    return TOKEN.search(text) is not None
