"""Text from strangers on a terminal: nothing in it moves the cursor, changes colours or begins a line of its own."""

from __future__ import annotations


def plain(text: str) -> str:
    """``text`` with everything that cannot be printed written as an escape."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
