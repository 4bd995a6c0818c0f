"""How sure the emulator's conduct is: documented, observed or guessed, wherever a reading decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.emulator.server import Emulator
from conformance.spec import Reading


@dataclass(frozen=True)
class Marked:
    """One point that is in play, as it is read now."""

    reading: Reading
    taken: str

    @property
    def meaning(self) -> str:
        return self.reading.takes.get(self.taken, "")


def in_play(emulator: Emulator, points: Iterable[str]) -> list[Marked]:
    """Those of the points that the spec knows."""
    known = emulator.spec.reading
    return [Marked(known[point], emulator.readings[point]) for point in points if point in known]
