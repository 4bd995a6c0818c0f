"""The course of one patient's data: the writes in order, each with what is known of its effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.trace.effects import Effect, doubtful, possible_values

if TYPE_CHECKING:
    from conformance.trace.operations import Operation


class Told(StrEnum):
    """Whether the patient has the value."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass
class Course:
    """How things stand after the writes looked at so far."""

    told: Told
    by: Operation | None = None
    """The write that gave the value, or that took it away."""
    since: tuple[Operation, ...] = ()
    """Writes without effect since then."""
    without_effect: tuple[Operation, ...] = ()
    """Writes that would have given the value and did not."""


@dataclass
class PatientIdCourse:
    """Whether a patient has a patient id, write by write; see ``course`` for how it stands in the end."""

    value: str
    known: Course
    pending: tuple[Operation, ...] = ()

    def take(self, operation: Operation, effect: Effect) -> None:
        _take(self.known, self.value, operation, effect)
        if effect is Effect.PENDING:
            self.pending += (operation,)

    def course(self) -> Course:
        """What may still happen comes last."""
        for operation in self.pending:
            _take(self.known, self.value, operation, Effect.PENDING)
        return self.known

    def copy(self) -> PatientIdCourse:
        return replace(self, known=replace(self.known))


def _take(course: Course, value: str, operation: Operation, effect: Effect) -> None:
    given = possible_values(operation.call, "patient_id")
    if effect in (Effect.NONE, Effect.KEPT):
        if course.told is Told.YES:
            course.since += (operation,)
        elif value in given:
            course.without_effect += (operation,)
    elif effect is Effect.WROTE and not (value in given and doubtful(operation.call, "patient_id")):
        _write(course, value in given, operation)
    elif effect is not Effect.LATER and (value in given) != (course.told is Told.YES):
        course.told = Told.MAYBE


def _write(course: Course, gives: bool, operation: Operation) -> None:
    if gives:
        course.told, course.by = Told.YES, operation
    elif course.told is not Told.NO:
        course.told, course.by = Told.NO, operation
    course.since = ()


@dataclass
class NamesGiven:
    """The names that one write, or a declaration, left a patient with."""

    names: tuple[str, str]
    by: Operation | None = None
    since: tuple[Operation, ...] = ()
    former: tuple[str, str] | None = None


@dataclass
class NamesCourse:
    """The names of a patient, write by write; ``known`` is None while nobody can tell them."""

    known: NamesGiven | None
    open: bool = False
    """True once there is a write that may still come to something: then nothing later tells."""

    def take(self, operation: Operation, effect: Effect) -> None:
        known = self.known
        if effect is Effect.PENDING or self.open:
            self.open, self.known = True, None
        elif effect is Effect.OPEN:
            self.known = None
        elif effect is Effect.WROTE:
            values, former = operation.call.values, known.names if known is not None else None
            self.known = NamesGiven((values.get("first_name", ""), values.get("last_name", "")), operation, (), former)
        elif known is not None and effect in (Effect.NONE, Effect.KEPT):
            known.since += (operation,)

    def copy(self) -> NamesCourse:
        return NamesCourse(replace(self.known) if self.known is not None else None, self.open)
