"""What the traffic covered of what the guide lists: parameters, closed lists of values, and steps between statuses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from conformance.spec import Kind, Method, Parameter, Spec
from conformance.trace import Exchange, History

START = "start"


@dataclass(frozen=True)
class ParameterSeen:
    method: str
    name: str
    mandatory: bool
    given: int
    empty: int
    absent: int
    values: str
    """For flags, how often each value was sent; else ''."""


@dataclass(frozen=True)
class ValueSeen:
    record: str
    field: str
    seen: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True)
class StepSeen:
    """From one status to another; ``start`` for an operation that had none yet."""

    before: str
    after: str
    count: int
    how: str
    """``documented``, ``skipping`` (steps between were not seen) or ``undocumented``."""


@dataclass(frozen=True)
class Coverage:
    parameters: tuple[ParameterSeen, ...]
    values: tuple[ValueSeen, ...]
    steps: tuple[StepSeen, ...]


def coverage(history: History, spec: Spec) -> Coverage:
    """What this history covered of ``spec``."""
    parameters = tuple(
        _parameter(method, parameter, history.of(method.role))
        for method in spec.methods
        for parameter in method.parameters
    )
    return Coverage(parameters, tuple(_values(history, spec)), tuple(_steps(history, spec)))


def _parameter(method: Method, parameter: Parameter, calls: Iterable[Exchange]) -> ParameterSeen:
    how: Counter[str] = Counter()
    values: Counter[str] = Counter()
    for call in calls:
        text = call.values.get(parameter.role)
        how["absent" if text is None else "given" if text else "empty"] += 1
        if text and parameter.kind is Kind.BOOLEAN:
            values["true" if call.flag(parameter.role) else "false or other"] += 1
    told = ", ".join(f"{value} {count}" for value, count in sorted(values.items(), reverse=True))
    counts = (how["given"], how["empty"], how["absent"])
    return ParameterSeen(method.name, parameter.name, parameter.mandatory, *counts, told)


def _values(history: History, spec: Spec) -> Iterator[ValueSeen]:
    listed = [(record, field) for record in spec.records for field in record.fields if field.values]
    met: dict[tuple[str, str], set[str]] = defaultdict(set)
    for exchange in history.exchanges if listed else ():
        _meet(getattr(exchange.document, "records", ()), met)
    for record, field in listed:
        seen = met[record.role, field.role]
        unseen = tuple(value for value in field.values if value not in seen)
        yield ValueSeen(record.name, field.name, tuple(v for v in field.values if v in seen), unseen)


class _Record(Protocol):
    """A record of an answer, as far as it matters here."""

    @property
    def type(self) -> str: ...

    @property
    def values(self) -> Mapping[str, object]: ...


def _meet(records: Iterable[_Record], met: dict[tuple[str, str], set[str]]) -> None:
    for record in records:
        for role, value in record.values.items():
            if isinstance(value, str):
                if len(met[record.type, role]) < 1000:
                    met[record.type, role].add(value)
            elif isinstance(value, tuple):
                _meet(value, met)


def _steps(history: History, spec: Spec) -> Iterator[StepSeen]:
    seen: Counter[tuple[str, str]] = Counter()
    for operation in history.operations:
        names = [spec.status_by_code[code].name for code in operation.codes() if code in spec.status_by_code]
        seen.update((a, b) for a, b in zip((START, *names), names, strict=False) if a != b)
    documented = [(before, status.name) for status in spec.statuses for before in status.follows]
    for step in documented:
        yield StepSeen(*_words(step), seen[step], "documented")
    for (before, after), count in sorted(seen.items()):
        if (before, after) not in documented:
            allowed = before == START or after in spec.successors.get(before, ())
            yield StepSeen(*_words((before, after)), count, "skipping" if allowed else "undocumented")


def _words(step: tuple[str, str]) -> tuple[str, str]:
    return step[0].replace("_", " "), step[1].replace("_", " ")
