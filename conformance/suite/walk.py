"""Plays lists of generated steps, and makes a list that breaks a rule as short as it will go."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from conformance.spec import Kind, Parameter
from conformance.suite.desk import StageDesk
from conformance.suite.play import Ask, AtOnce, NotPossible, Send
from conformance.suite.strategies import ABSENT, Call, Look, Source, Step, Together, Value
from conformance.trace import Exchange

Doing = Generator[Ask, list[Exchange], None]
T = TypeVar("T")
CLOSING = {"Connection": "close"}


@dataclass
class Walk:
    """One way through the service: turns steps into calls and remembers which values it has used."""

    desk: StageDesk
    used: dict[str, list[str]] = field(default_factory=dict)
    """Values sent so far, by parameter role."""
    operations: list[str] = field(default_factory=list)
    """Operation ids in the order in which they began; the empty GUID for those that had none."""

    def take(self, step: Step) -> Doing:
        """What one step sends."""
        if isinstance(step, Look):
            if self.operations:
                yield self.desk.send("get_status", operation=self.operations[-1 - step.back % len(self.operations)])
            return
        if isinstance(step, Together):
            yield AtOnce(tuple(self._send(call) for call in step.calls))
        else:
            yield self._send(step)

    def _send(self, step: Call) -> Send:
        """The call in words, noted as made."""
        method = self.desk.spec.method[step.role]
        texts = {role: self._text(method.by_role[role], value) for role, value in step.values.items()}
        sent = {role: text for role, text in texts.items() if text is not None}
        self._arrange(step, sent)
        for role, text in sent.items():
            if text:
                self.used.setdefault(role, []).append(text)
        if method.starts_operation:
            self.operations.append(sent.get("operation") or self.desk.spec.empty_guid)
        users = self.desk.users
        return replace(
            self.desk.send(step.role, **sent),
            identity=users[step.user % len(users)] if users else None,
            headers=CLOSING if step.closes else {},
        )

    def end(self) -> Doing:
        """A look at each of the newest operations, one more than the server keeps: oldest first."""
        newest = dict.fromkeys(reversed(self.operations))
        for operation in reversed(list(newest)[: self.desk.spec.kept_operations + 1]):
            yield self.desk.send("get_status", operation=operation)

    def _arrange(self, step: Call, sent: dict[str, str]) -> None:
        operation, station = sent.get("operation", ""), sent.get("station", "")
        there = step.values.get("station", ABSENT).source is Source.KNOWN
        new = step.values.get("operation", ABSENT).source is Source.FRESH  # else it were open whom the decision is for
        if step.decision is None or not operation or not station or not there or not new:
            return
        if _is_guid(operation) and _is_guid(station):
            self.desk.decide(operation, station, *step.decision)

    def _text(self, parameter: Parameter, value: Value) -> str | None:
        if value.source is Source.ABSENT:
            return None
        if value.source is Source.TEXT:
            return value.text
        if value.source is Source.NIL:
            return self.desk.spec.empty_guid
        text = self._known(parameter, value) or self._fresh(parameter, value)
        return text.upper() if value.spelling == "upper" else text

    def _known(self, parameter: Parameter, value: Value) -> str:
        """One that is there already, or '' where there is none (yet)."""
        if value.source in (Source.USED, Source.OTHER_CASE):
            earlier = self.used.get(parameter.role, ())
            text = earlier[-1 - value.index % len(earlier)] if earlier else ""
            return text.swapcase() if value.source is Source.OTHER_CASE else text
        if value.source is not Source.KNOWN:
            return ""
        if parameter.role == "station":
            return self._station(value.index)
        there = sorted({each[parameter.role] for each in self.desk.fixtures(parameter.role) if parameter.role in each})
        return there[value.index % len(there)] if there else ""

    def _station(self, index: int) -> str:
        try:
            return self.desk.station(index)
        except NotPossible:
            return ""

    def _fresh(self, parameter: Parameter, value: Value) -> str:
        if parameter.kind is Kind.GUID:
            made = self.desk.operation_id()
            return self.desk.fresh(parameter.role, made) if parameter.role == "station" else made
        text = self.desk.text() + (value.text if value.source is Source.ODD else "")
        if parameter.role in ("integration_id", "patient_id"):
            return self.desk.fresh(parameter.role, text)
        return text


def _is_guid(text: str) -> bool:
    try:
        return UUID(text).int > 0
    except ValueError:
        return False


def one_by_one(steps: Sequence[Step]) -> list[Step]:
    """The same calls, none of them at the same moment as another."""
    return [each for step in steps for each in (step.calls if isinstance(step, Together) else (step,))]


def shortest(steps: Sequence[T], still_breaks: Callable[[Sequence[T]], bool], tries: int) -> list[T]:
    """A list that still breaks and from which no part of decreasing size can be left out; at most ``tries`` tries.

    ``still_breaks`` is asked about shorter lists only, never about ``steps`` itself.
    """
    kept = list(steps)
    size = len(kept) // 2
    while size >= 1 and tries > 0:
        start, shorter_found = 0, False
        while start < len(kept) and tries > 0:
            candidate = kept[:start] + kept[start + size :]
            tries -= 1
            if candidate and still_breaks(candidate):
                kept, shorter_found = candidate, True
            else:
                start += size
        size = min(size, len(kept)) if shorter_found and size == 1 else size // 2
    return kept
