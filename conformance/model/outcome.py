"""What may come of a call: an answer to the caller and changes to the state."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from conformance.model.changes import Change


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date in an answer, as ticks; how it is written is for the writer to choose."""

    ticks: int


NEVER = Stamp(0)
"""What stands for a thing that did not happen; some servers write another least date for it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told. ``content`` is mappings by field role, lists of them, or a primitive value."""

    http_status: int
    document: str = ""
    """Role of the document, or '' for an answer without a body."""
    content: object = None


SILENCE = Answer(0)
"""For outcomes that nobody asked for: what a station does is told to those who poll."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing the guide allows to happen next. ``label`` tells it apart from its alternatives."""

    label: str
    answer: Answer
    changes: tuple[Change, ...] = ()


def answered(document: str, content: object) -> Outcome:
    """The outcome of a look-up: a document, and nothing changes."""
    return Outcome(document, Answer(HTTPStatus.OK, document, content))


def turned_down(label: str, http_status: int) -> Outcome:
    """The outcome of a call that is not carried out and leaves no status record."""
    return Outcome(label, Answer(http_status))
