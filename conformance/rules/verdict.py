"""What a rule says of one trigger."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.trace import Exchange, Handover, Invocation, Note, Operation


class Result(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement of one rule; ``evidence`` are the numbers of the events it rests on, the judged one last."""

    result: Result
    expected: str = ""
    observed: str = ""
    evidence: tuple[int, ...] = ()


Evidence = Exchange | Note | Invocation | Handover | Operation | int


def holds(*evidence: Evidence) -> Verdict:
    """The clause was triggered and kept."""
    return Verdict(Result.PASS, evidence=_numbers(evidence))


def breaks(expected: str, observed: str, *evidence: Evidence) -> Verdict:
    """The clause was triggered and broken. Both texts are whole phrases in words a PMS developer understands."""
    return Verdict(Result.FAIL, expected, observed, _numbers(evidence))


def undecided(reason: str, *evidence: Evidence) -> Verdict:
    """The clause was triggered, but the recording cannot tell; ``reason`` says why."""
    return Verdict(Result.INCONCLUSIVE, observed=reason, evidence=_numbers(evidence))


def judged(kept: bool, expected: str, observed: str, *evidence: Evidence) -> Verdict:
    """``holds`` when ``kept``, else ``breaks``."""
    return holds(*evidence) if kept else breaks(expected, observed, *evidence)


def _numbers(evidence: tuple[Evidence, ...]) -> tuple[int, ...]:
    if len(evidence) == 1 and not isinstance(evidence[0], int):
        return (evidence[0].number,)  # by far the most
    numbers = [item if isinstance(item, int) else item.number for item in evidence]
    return tuple(dict.fromkeys(numbers))
