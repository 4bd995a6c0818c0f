"""Makes traffic and records it: calls, probes below HTTP, and what the operator is told."""

from conformance.drive.allowance import Allowance
from conformance.drive.calls import Outgoing, basic, headers, target
from conformance.drive.connection import Limits
from conformance.drive.guard import Admitted, Guard, made_up, number
from conformance.drive.http import Driver, Place, guard_at, place
from conformance.drive.operators import (
    CommandOperator,
    CommandTerms,
    EmulatorOperator,
    NoOperator,
    OperatorError,
    PersonOperator,
    Round,
    Start,
    arguments_of,
)
from conformance.drive.refused import CallsSpent, OutsideTier, Refused, Tier
from conformance.drive.tls import Prober
from conformance.drive.trust import Trust, TrustError, bare, by_authority, by_thumbprint, trusting, unchecked

__all__ = [
    "Admitted",
    "Allowance",
    "CallsSpent",
    "CommandOperator",
    "CommandTerms",
    "Driver",
    "EmulatorOperator",
    "Guard",
    "Limits",
    "NoOperator",
    "OperatorError",
    "Outgoing",
    "OutsideTier",
    "PersonOperator",
    "Place",
    "Prober",
    "Refused",
    "Round",
    "Start",
    "Tier",
    "Trust",
    "TrustError",
    "arguments_of",
    "bare",
    "basic",
    "by_authority",
    "by_thumbprint",
    "guard_at",
    "headers",
    "made_up",
    "number",
    "place",
    "target",
    "trusting",
    "unchecked",
]
