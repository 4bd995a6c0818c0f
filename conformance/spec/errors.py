"""What is wrong with a spec folder, and what to do about it.

A SpecError is always *ours* or the set-up's: never a fault of the subject under test.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SpecError(Exception):
    """A spec folder cannot be used: ``file: row problem; remedy.``"""

    def __init__(self, file: str, row: str, problem: str, remedy: str) -> None:
        self.file = file
        self.row = row
        self.problem = problem
        self.remedy = remedy
        subject = f"{row} {problem}" if row else problem
        super().__init__(f"{file}: {subject}; {remedy}.")


def one_of(words: Iterable[str]) -> str:
    """``expected a, b or c``, for closed vocabularies short enough to print."""
    known = list(words)
    if not known:
        return "expected none, since there is nothing to choose from"
    *most, last = known
    return f"expected {', '.join(most)} or {last}" if most else f"expected {last}"


def nearest(value: str, known: Iterable[str]) -> str:
    """``, perhaps "x"`` with the known word that ``value`` may have meant, or ''."""
    found = get_close_matches(value, list(known), n=1)
    return f', perhaps "{found[0]}"' if found else ""
