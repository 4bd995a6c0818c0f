"""One function per requirement that behaviour can break, with its witnesses."""

from conformance.rules.catalogue import (
    EVERY,
    HANDOVER,
    INVOCATION,
    Breach,
    Observer,
    Rule,
    breach_class,
    catalogue,
    observers,
    observes,
    rule,
)
from conformance.rules.verdict import Result, Verdict, breaks, holds, judged, undecided

__all__ = [
    "EVERY",
    "HANDOVER",
    "INVOCATION",
    "Breach",
    "Observer",
    "Result",
    "Rule",
    "Verdict",
    "breach_class",
    "breaks",
    "catalogue",
    "holds",
    "judged",
    "observers",
    "observes",
    "rule",
    "undecided",
]
