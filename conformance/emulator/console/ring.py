"""What was overheard of late: the newest exchanges and notes as they were, in memory only and bounded.

Nothing is decoded or judged while a call is served; that happens when somebody looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.emulator.telling import NEW_DATA
from conformance.trace import NoteKind, Traffic

KEPT = 400
KEPT_BYTES = 16 * 1024 * 1024  # of answers; images are most of it


@dataclass(frozen=True)
class Said:
    """A note as it was told."""

    kind: NoteKind
    at_s: float
    data: Mapping[str, str]


@dataclass(frozen=True)
class Heard:
    """One thing that happened."""

    number: int
    """Counts from 1; larger is newer."""
    ticks: int
    """The wall clock at its end."""
    what: Traffic | Said


@dataclass(frozen=True)
class Remark:
    """What a certification would say about one exchange."""

    requirement: str
    result: str
    """``fail``, ``inconclusive``, ``error`` or ``pass``."""
    expected: str
    observed: str


Remarks = Callable[[int], Sequence[Remark]]
"""The remarks on the exchange of that number; none once it was forgotten."""


def no_remarks(number: int) -> Sequence[Remark]:
    """Where nobody judges."""
    return ()


@dataclass
class Ring:
    """A listener of an emulator that keeps the newest of what it is told."""

    ticks: Callable[[], int]
    facts: Callable[[], Iterable[Said]] = tuple
    """Asked at the beginning of a story: what is known before anything happens in it."""
    kept: int = KEPT
    kept_bytes: int = KEPT_BYTES
    _heard: deque[Heard] = field(default_factory=deque)
    _size_bytes: int = 0
    _last: int = 0
    opening: tuple[Said, ...] = field(default=(), init=False)
    """What was known at the beginning of the present story."""
    first: int = field(default=1, init=False)
    """The number with which the present story began: with other data, nothing of before holds."""

    def __post_init__(self) -> None:
        self._begin()

    def exchange(self, traffic: Traffic) -> None:
        """Keeps it, at the cost of the oldest."""
        self._size_bytes += len(traffic.body)
        self._keep(traffic)

    def note(self, kind: NoteKind, at_s: float, **data: str) -> None:
        """Keeps it, at the cost of the oldest; where the data are new, all that was is forgotten."""
        if kind is NoteKind.RUN and data.get("data") == NEW_DATA:
            self._begin()
        self._keep(Said(kind, at_s, data))

    def newest(self) -> Iterable[Heard]:
        """All that is kept, the newest first."""
        return reversed(tuple(self._heard))

    def after(self, number: int) -> Sequence[Heard]:
        """What is kept and newer than that, the oldest first."""
        return [heard for heard in self._heard if heard.number > number]

    def _begin(self) -> None:
        """Forgets all that happened; numbers go on."""
        self._heard.clear()
        self._size_bytes = 0
        self.opening = tuple(self.facts())
        self.first = self._last + 1

    def _keep(self, what: Traffic | Said) -> None:
        self._last += 1
        self._heard.append(Heard(self._last, self.ticks(), what))
        while len(self._heard) > self.kept or (self._size_bytes > self.kept_bytes and len(self._heard) > 1):
            gone = self._heard.popleft().what
            self._size_bytes -= len(gone.body) if isinstance(gone, Traffic) else 0
