"""How grave a breach is: what the guide demands, times what it does to a patient or a clinic."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from conformance.spec import Axis, Obligation

PATIENT_HARM = ("erased", "mixed-up", "leaked")
"""Harm that reaches a patient; what else can happen reaches the clinic's day only."""
ORDER_OF_HARM = (*PATIENT_HARM, "lost", "misled", "nuisance", "")


class Gravity(StrEnum):
    """The gravest first."""

    GRAVE = "grave"
    SERIOUS = "serious"
    MODERATE = "moderate"
    MINOR = "minor"
    ADVICE = "advice"


SEVERITIES: Mapping[Gravity, str] = {
    Gravity.GRAVE: "blocker",
    Gravity.SERIOUS: "critical",
    Gravity.MODERATE: "normal",
    Gravity.MINOR: "minor",
    Gravity.ADVICE: "trivial",
}
"""In the words of Allure."""


def gravity(obligation: str, harm: str, axis: str = Axis.GUIDE.value) -> Gravity:
    """How grave a breach of such a row is. What rests on the field and not on the guide is advice, whatever it does."""
    if axis == Axis.FIELD:
        return Gravity.ADVICE
    if obligation != Obligation.MUST:
        return Gravity.MINOR if harm in PATIENT_HARM else Gravity.ADVICE
    if harm in PATIENT_HARM:
        return Gravity.GRAVE
    return Gravity.SERIOUS if harm == "lost" else Gravity.MODERATE
