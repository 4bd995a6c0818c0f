"""Makes traffic and records it: calls, probes below HTTP, and what the operator is told."""

from conformance.drive.calls import Outgoing, basic, headers, target
from conformance.drive.connection import Limits
from conformance.drive.http import Driver, Place, place
from conformance.drive.operator import EmulatorOperator, NoOperator, OperatorError
from conformance.drive.tls import Prober
from conformance.drive.trust import Trust, TrustError, bare, by_authority, by_thumbprint, trusting, unchecked

__all__ = [
    "Driver",
    "EmulatorOperator",
    "Limits",
    "NoOperator",
    "OperatorError",
    "Outgoing",
    "Place",
    "Prober",
    "Trust",
    "TrustError",
    "bare",
    "basic",
    "by_authority",
    "by_thumbprint",
    "headers",
    "place",
    "target",
    "trusting",
    "unchecked",
]
