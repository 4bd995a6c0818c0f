"""The words of a full name as a list shows it: redaction leaves nothing else to compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.trace import Names

COMMA = ","


def words_told(names: Names) -> Sequence[str]:
    """First and last name, word by word."""
    return [*names.first.split(), *names.last.split()]


def words_shown(shown: str, names: Names) -> Sequence[str]:
    """The name in a list, word by word, without the comma that the server puts behind the last name (FULL-NAME).

    It is there when the list has one comma more than the name: behind the last name, or else the first of all.
    """
    words = shown.split()
    ending = [place for place, word in enumerate(words) if word.endswith(COMMA)]
    if len(ending) != sum(word.endswith(COMMA) for word in words_told(names)) + 1:
        return words
    behind = len(names.last.split()) - 1
    place = behind if behind in ending else ending[0]
    return [*words[:place], words[place].removesuffix(COMMA), *words[place + 1 :]]


def counted_words(shown: str, names: Names) -> Counter[str]:
    """The same, in whatever order they stand."""
    return Counter(words_shown(shown, names))
