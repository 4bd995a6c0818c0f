"""The integration id as the key between two programs: any text, and never the same for two patients."""

from __future__ import annotations

from conformance.rules.carried_out import carried_out
from conformance.rules.catalogue import rule
from conformance.rules.evidence import pressed
from conformance.rules.marks import at_server, end_of
from conformance.rules.patient_ids import odd
from conformance.rules.patient_sketches import creation, made
from conformance.rules.premises import ending
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import (
    Exchange,
    History,
    NoteKind,
    Operation,
    Sketch,
    at_once,
    call,
    doubtful,
    endings,
    fresh,
    guid,
    note,
    poll,
)

CREATE = "create_patient"
ODD = "Ö<&>😀"


@rule(
    "MAP-005",
    judges="get_status",
    when=at_server(CREATE),
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
    return odd(call, "integration_id") and not odd(call, "patient_id")


def _saved_at(number: int) -> Sketch:
    """A creation under the id A at a station of its own, whose operator saves the new patient."""
    place = {"operation": str(guid(number)), "station": str(guid(number + 6))}
    decision = note(NoteKind.DECISION, dialog="new_patient", button="save", **place)
    return decision + call(CREATE, integration_id="A", last_name="Fox", operation=number, station=number + 6)


SAVED_AT = {number: _saved_at(number) for number in (1, 2)}


def _two(first: str, second: str) -> Sketch:
    calls = (
        call(CREATE, integration_id="A", last_name="Fox", operation=1),
        call(CREATE, integration_id="A", last_name="Roe", operation=2),
    )
    return fresh("A") + at_once(*calls) + poll(1, first) + poll(2, second)


@rule(
    "MAP-006",
    judges="get_status",
    when=end_of(CREATE),
    accepts=[made("A") + creation("A", 1, "integration_id_taken"), _two("processed", "integration_id_taken")],
    rejects=[
        made("A") + creation("A", 1, "processed"),
        _two("processed", "processed"),
        fresh("A") + SAVED_AT[1] + SAVED_AT[2] + poll(1, "processed") + poll(2, "processed"),
    ],
    ignores=[
        made("A", "B"),
        _two("processed", "awaiting"),
        made("A") + creation("A", 1, "processed", station=7),
        made("A") + creation(" A", 1, "processed"),
        fresh("A") + SAVED_AT[1] + creation("A", 2, "processed", station=8) + poll(1, "processed"),
    ],
)
def no_two_patients_share_an_integration_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Of creations of somebody new under one id, one after the other or at once, at most one is carried out."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.status.name not in ("processed", "integration_id_taken"):
        return None
    if not _counts(history, end.operation):
        return None
    rival = history.proofs.other_creation(end.operation)
    if rival is None or not _counts(history, rival) or "processed" not in {name for name, _ in endings(rival)}:
        return None
    if end.status.name == "processed":
        return breaks("one of the two creations to be refused", "both were processed", rival, end.operation, query)
    return holds(rival, end.operation, query)


def _counts(history: History, operation: Operation) -> bool:
    """True for a creation of somebody new, by the server or a person, whose integration id all servers read alike."""
    if doubtful(operation.call, "integration_id"):
        return False
    return not operation.on_station or pressed(history, operation) == {"new_patient": "save"}
