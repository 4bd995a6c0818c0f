"""The integration id as the key between two programs: any text, and never the same for two patients."""

from __future__ import annotations

from conformance.rules.carried_out import carried_out
from conformance.rules.catalogue import rule
from conformance.rules.patient_sketches import creation, made
from conformance.rules.patients import odd
from conformance.rules.premises import ending
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation, Sketch, at_once, call, doubtful, endings, fresh, poll

CREATE = "create_patient"
ODD = "Ö<&>😀"


@rule(
    "MAP-005",
    judges="get_status",
    accepts=[fresh(ODD) + creation(ODD, 1, "processed")],
    rejects=[
        fresh(ODD) + creation(ODD, 1, "exception"),
        fresh("a'b") + creation("a'b", 1, "internal_error"),
        fresh(ODD)
        + call(CREATE, integration_id=ODD, last_name="Fox", operation=1).refused(400)
        + poll(1, "operation_unknown"),
    ],
    ignores=[fresh("A") + creation("A", 1, "exception"), creation(ODD, 1, "exception")],
)
def any_text_can_be_an_integration_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Triggered by characters beyond ASCII and by those that XML and HTML treat in a way of their own."""
    return carried_out(history, query, spec, CREATE, _odd)


def _odd(call: Exchange) -> bool:
    return odd(call, "integration_id")


def _two(first: str, second: str) -> Sketch:
    calls = (
        call(CREATE, integration_id="A", last_name="Fox", operation=1),
        call(CREATE, integration_id="A", last_name="Roe", operation=2),
    )
    return fresh("A") + at_once(*calls) + poll(1, first) + poll(2, second)


@rule(
    "MAP-006",
    judges="get_status",
    accepts=[made("A") + creation("A", 1, "integration_id_taken"), _two("processed", "integration_id_taken")],
    rejects=[made("A") + creation("A", 1, "processed"), _two("processed", "processed")],
    ignores=[
        made("A", "B"),
        _two("processed", "awaiting"),
        made("A") + creation("A", 1, "processed", station=7),
        made("A") + creation(" A", 1, "processed"),
    ],
)
def no_two_patients_share_an_integration_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Two creations for the server under one id, one after the other or at once: at most one is carried out."""
    end = ending(history, query, spec, CREATE)
    if end is None or not _counts(end.operation) or end.status.name not in ("processed", "integration_id_taken"):
        return None
    rival = history.proofs.other_creation(end.operation)
    if rival is None or not _counts(rival) or "processed" not in {name for name, _ in endings(rival, spec)}:
        return None
    if end.status.name == "processed":
        return breaks("one of the two creations to be refused", "both were processed", rival, end.operation, query)
    return holds(rival, end.operation, query)


def _counts(operation: Operation) -> bool:
    """True for a creation on the server whose integration id every server reads alike."""
    return not operation.on_station and not doubtful(operation.call, "integration_id")
