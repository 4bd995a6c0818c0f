"""Made-up patients of a practice: names from a list, everything else their own, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST_NAMES = ("Ada", "Bjørn", "Chloé", "Dmitri", "Ewa", "Farid", "Grace", "Hiroshi", "Ines", "Jürgen", "Kwame")
LAST_NAMES = ("Albrecht", "Bell", "Castaño", "Dvořák", "Eriksen", "Fischer", "Göransson", "Hughes", "Ibsen", "Jakobsen")
OLDEST, DAYS = date(1931, 3, 2), 30_000


@dataclass
class Person:
    """A patient record of the PMS: ``record`` by parameter role, '' where the PMS has nothing."""

    key: str
    record: dict[str, str]

    def told(self) -> dict[str, str]:
        """As the PMS is told of it: what the record lacks is absent."""
        return {"key": self.key, **{role: text for role, text in self.record.items() if text}}


class Persons:
    """Makes persons; no two have the same key, name, or patient id, unless a scenario wants them to."""

    def __init__(self, seed: int, made: int = 0, fits: Callable[[str], bool] = lambda text: True) -> None:
        """``made`` is how many values were given out before, when a run goes on that was interrupted.

        ``fits`` tells which of the names the interface can carry, where it cannot carry all.
        """
        self._random = Random(f"persons {seed} {made}" if made else f"persons {seed}")
        self._made = made
        self._first_names = tuple(filter(fits, FIRST_NAMES))
        self._last_names = tuple(filter(fits, LAST_NAMES))

    def new(self, particular: Mapping[str, str], like: Person | None = None) -> Person:
        """A new person; ``like`` lends names and birth date, ``particular`` goes before everything."""
        self._made += 1
        record = {role: self.fresh(role) for role in ("last_name", "first_name", "birth_date", "patient_id")}
        if like is not None:
            record |= {role: like.record[role] for role in ("last_name", "first_name", "birth_date")}
        return Person(str(1000 + self._made), {**record, **particular})

    def fresh(self, role: str) -> str:
        """A value that nobody has."""
        self._made += 1
        if role == "birth_date":
            return (OLDEST + timedelta(days=self._random.randrange(DAYS))).isoformat()
        if role == "first_name":
            return self._random.choice(self._first_names)
        if role == "last_name":
            return f"{self._random.choice(self._last_names)}-{_letters(self._made)}"
        return f"{self._random.randrange(10**5):05}-{self._made:04}"


def _letters(number: int) -> str:
    """1 -> B, 27 -> Bb: a name part for each number."""
    text = ""
    while True:
        number, rest = divmod(number, 26)
        text = chr(ord("a") + rest) + text
        if not number:
            return text.capitalize()
