"""What a token hides and an event tells all the same."""

from __future__ import annotations

DAYS_OFF, SAME_DAY = "days-off", "0"
"""Fact of a date of birth that just misses the one of the patient's record: by how many days (``-1``)."""


class WithFacts:
    """Has ``facts``: words, or words with a value behind a colon."""

    facts: tuple[str, ...]

    def fact(self, name: str) -> tuple[str, ...]:
        """What is told under ``name``: ``fact("sha256")`` of ``sha256:ab`` is ``("ab",)``."""
        return tuple(fact.partition(":")[2] for fact in self.facts if fact.partition(":")[0] == name)

    def has(self, name: str) -> bool:
        """True when ``name`` is told, with a value or without."""
        return bool(self.fact(name))
