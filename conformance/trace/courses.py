"""The course of one patient's data: the writes in order, each with what is known of its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.trace.effects import Done, Effect, doubtful, possible_values

if TYPE_CHECKING:
    from conformance.trace.history import Operation

Writes = Sequence[tuple["Operation", Done]]


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


def course_of_patient_id(value: str, declared: bool, writes: Writes) -> Course:
    """Whether the patient has this patient id after ``writes``; ``declared`` says that it had it before."""
    course = Course(Told.YES if declared else Told.NO)
    pending = []
    for operation, done in writes:
        _take(course, value, operation, done.effect)
        if done.effect is Effect.PENDING:
            pending.append(operation)
    for operation in pending:
        _take(course, value, operation, Effect.PENDING)
    return course


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
class CourseOfNames:
    names: tuple[str, str]
    by: Operation | None = None
    since: tuple[Operation, ...] = ()
    former: tuple[str, str] | None = None


def course_of_names(base: tuple[str, str] | None, writes: Writes) -> CourseOfNames | None:
    """The names after ``writes``, where they are known for certain; ``base`` are those before."""
    known = CourseOfNames(base) if base is not None else None
    for operation, done in writes:
        values = operation.call.values
        if done.effect is Effect.PENDING:
            return None
        if done.effect is Effect.OPEN:
            known = None
        elif done.effect is Effect.WROTE:
            former = known.names if known is not None else None
            known = CourseOfNames((values.get("first_name", ""), values.get("last_name", "")), operation, (), former)
        elif known is not None and done.effect in (Effect.NONE, Effect.KEPT):
            known.since += (operation,)
    return known
