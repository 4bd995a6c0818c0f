"""The catalogue of rules: one function per requirement that behaviour can break.

A rule is registered by decorating a function:

    @rule("POOL-006", judges="get_status", accepts=[...], rejects=[...])
    def only_the_last_operations_keep_their_status(history, query, spec): ...

``judges`` names what triggers it: roles of methods, ``EVERY`` for all exchanges, ``INVOCATION`` for uses of the command
line, ``HANDOVER`` for transfer files, or kinds of notes. The function gets
the history (which already holds the judged event), the event and the spec; it returns a Verdict, or None when the
clause is not triggered. ``@its_name.at_end`` adds a second hook, called once with (history, spec) when the history is
over, for what should have happened by then; it yields verdicts.

``accepts`` and ``rejects`` are the rule's witnesses: short traces (``trace.sketch``) after which the rule has at
least one PASS and no FAIL, or at least one FAIL. ``ignores`` are traces after which it has neither. A witness that
depends on a fact of the spec, such as a count, is a function from the spec to a sketch.

A *reading* is observed in the same way: ``@observes("READING-ID", judges=...)`` decorates a function that returns the
name of the reading which an exchange shows, or None; its witnesses are pairs of a trace and a name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from conformance.rules.verdict import Verdict
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Oddity, Witness

EVERY = "*"
INVOCATION = "invocation"
"""Triggers on every use of the command line."""
HANDOVER = "handover"
"""Triggers on every transfer file of VDDS media, call and answer."""

Judge = Callable[[History, Exchange, Spec], Verdict | None]
NoteJudge = Callable[[History, Note, Spec], Verdict | None]
EndJudge = Callable[[History, Spec], Iterable[Verdict]]


class Breach(AssertionError):
    """A requirement was broken. Each rule has a class of its own, so that a shrinker keeps two bugs apart."""

    requirement: str = ""


@dataclass(eq=False)
class Rule:
    id: str
    """The requirement it judges."""
    name: str
    doc: str
    judges: tuple[str | NoteKind, ...]
    judge: Callable[[History, object, Spec], Verdict | None]
    accepts: Sequence[Witness]
    rejects: Sequence[Witness]
    ignores: Sequence[Witness]
    breach: type[Breach]
    end: EndJudge | None = field(default=None)
    probes: Oddity | None = None
    """The way of writing a call that it alone judges where a probe tries it."""
    when: frozenset[str] = frozenset()
    """Marks (``rules.marks``): it is asked only about exchanges that bear one of them; about all when it names none."""

    def at_end(self, function: EndJudge) -> EndJudge:
        """Registers ``function`` as what should have happened by the end of the history."""
        self.end = function
        return function


_RULES: dict[str, Rule] = {}


def rule(
    requirement: str,
    *,
    judges: str | NoteKind | Sequence[str | NoteKind] = (),
    accepts: Sequence[Witness],
    rejects: Sequence[Witness],
    ignores: Sequence[Witness] = (),
    probes: Oddity | None = None,
    when: str | Iterable[str] = (),
) -> Callable[[Callable[..., Verdict | None]], Rule]:
    """Registers the decorated function as the judge of ``requirement``. Raises ValueError for a second one.

    ``probes`` names the way of writing a call that the rule is about: it alone judges calls that are written so to
    probe that, and the operations that they start. ``when`` names marks; see ``conformance.rules.marks``.
    """

    def register(function: Callable[..., Verdict | None]) -> Rule:
        if requirement in _RULES:
            judge = _RULES[requirement].name
            raise ValueError(f"{requirement} is judged by {judge} already; give {function.__name__} a row of its own.")
        triggers = (judges,) if isinstance(judges, str) else tuple(judges)
        made = Rule(
            requirement,
            function.__name__,
            (function.__doc__ or "").strip(),
            triggers,
            function,
            accepts,
            rejects,
            ignores,
            breach_class(requirement),
            probes=probes,
            when=_marks(when),
        )
        _RULES[requirement] = made
        return made

    return register


def breach_class(requirement: str) -> type[Breach]:
    """The exception class of one requirement: the same one each time it is asked for."""
    if requirement not in _BREACHES:
        name = "Breach_" + requirement.replace("-", "_")
        _BREACHES[requirement] = type(name, (Breach,), {"requirement": requirement})
    return _BREACHES[requirement]


def _marks(when: str | Iterable[str]) -> frozenset[str]:
    return frozenset((when,) if isinstance(when, str) else when)


_BREACHES: dict[str, type[Breach]] = {}


@dataclass(eq=False)
class Observer:
    """Tells which reading of one doubtful point the subject takes."""

    id: str
    judges: tuple[str | NoteKind, ...]
    observe: Callable[..., str | None]
    """Gets (history, exchange or note, spec)."""
    shows: Sequence[tuple[Witness, str]]
    when: frozenset[str] = frozenset()


_OBSERVERS: dict[str, Observer] = {}


def observes(
    reading: str,
    *,
    judges: str | NoteKind | Sequence[str | NoteKind],
    shows: Sequence[tuple[Witness, str]],
    when: str | Iterable[str] = (),
) -> Callable[[Callable[..., str | None]], Observer]:
    """Registers the decorated function as the observer of ``reading``. Raises ValueError for a second one."""

    def register(function: Callable[..., str | None]) -> Observer:
        if reading in _OBSERVERS:
            raise ValueError(f"{reading} has an observer already; {function.__name__} needs a reading of its own.")
        triggers = (judges,) if isinstance(judges, str) else tuple(judges)
        _OBSERVERS[reading] = Observer(reading, triggers, function, shows, _marks(when))
        return _OBSERVERS[reading]

    return register


def observers() -> Mapping[str, Observer]:
    """Every observer of the package by reading id."""
    catalogue()
    return dict(sorted(_OBSERVERS.items()))


@cache
def catalogue() -> Mapping[str, Rule]:
    """Every rule of the package by requirement id; imports the rule modules on first use."""
    import conformance.rules as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_RULES.items()))
