"""The writes to one patient in order, and how things stood after the older ones of them.

Theory. What a write did is told by its final status, and hardly ever changes once that was seen. So a course that was
followed is kept as it stood before the latest writes, and whoever asks later goes on from there: in a long recording a
patient is written to thousands of times. What it stands on is thrown away when something new is learnt about a time
that it has behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from conformance.trace.effects import Done, Effect
from conformance.trace.exchange import Exchange

if TYPE_CHECKING:
    from conformance.trace.operations import Operation

LATEST = 16
"""So many writes are looked at every time."""


class Course(Protocol):
    """What is followed from write to write."""

    def take(self, operation: Operation, effect: Effect) -> None: ...

    def copy(self) -> Self: ...


C = TypeVar("C", bound=Course)


@dataclass(frozen=True, slots=True)
class _Point:
    """A course after so many writes, for whoever asks with a call that began at ``after_s`` or later."""

    writes: int
    after_s: float
    course: Course


@dataclass(slots=True)
class Writes:
    """Those that gave one integration id, oldest first."""

    all: list[Operation] = field(default_factory=list)
    _points: dict[Hashable, _Point] = field(default_factory=dict)

    def follow(self, about: Hashable, start: C, before: Exchange, effect: Callable[[Operation], Done]) -> C:
        """The course from ``start`` through all writes but ``before`` itself; ``about`` names what is followed."""
        point = self._points.get(about)
        if point is None or before.started_s < point.after_s:
            point = _Point(0, 0.0, start)
        course = cast(C, point.course.copy())
        keep_at = len(self.all) - LATEST
        after_s: float | None = point.after_s if keep_at - point.writes >= LATEST else None
        for place in range(point.writes, len(self.all)):
            operation = self.all[place]
            if place == keep_at and after_s is not None:
                self._points[about] = _Point(place, after_s, course.copy())
            if operation.call is before:
                after_s = None
                continue
            done = effect(operation)
            course.take(operation, done.effect)
            after_s = _lasting(after_s, operation, done, before)
        return course

    def learnt_of(self, operation: Operation) -> None:
        """Something new about an operation that names this patient: what rests on its time is thrown away."""
        for about in [about for about, point in self._points.items() if operation.call.started_s < point.after_s]:
            del self._points[about]

    def forget(self) -> None:
        """Something new that may have been so all the time."""
        self._points.clear()


def _lasting(after_s: float | None, operation: Operation, done: Done, before: Exchange) -> float | None:
    """From when on the effect is the same for everybody who asks; None when it may not be."""
    if after_s is None or not operation.call.before(before) or (done.by is not None and not done.by.before(before)):
        return None
    if done.effect is Effect.KEPT and operation.role == "create_patient":  # depends on other patients
        return None
    return max(after_s, operation.call.finished_s, done.by.finished_s if done.by is not None else 0.0)
