"""How a PMS words what was not done: the guide's own example has it read the code and explain it to its user."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import Ended, ended
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, call, note, order, poll

TAKEN = "patient_id_taken"
"""The failure of the guide's example."""


def _refused(number: int, status: str, words: str, quoted: str = "no") -> Sketch:
    """An update that ended so, and what the user was told of it."""
    told = {"order": str(number), "phase": "end", "answer": "refused", "status_code": "", "told": "yes"}
    sent = call("update_patient", integration_id="A", last_name="Fox", operation=number) + poll(number, status)
    end = note(NoteKind.ORDER, **told, words=words, quoted=quoted)
    return order("update_patient", str(number), person="17") + sent + end


@rule(
    "FLOW-046",
    judges=NoteKind.ORDER,
    accepts=[
        _refused(1, TAKEN, "That number is taken."),
        _refused(1, TAKEN, "That number is taken.") + _refused(2, TAKEN, "That number is taken."),
        _refused(1, "internal_error", "It failed.") + _refused(2, "exception", "It failed."),
    ],
    rejects=[
        _refused(1, TAKEN, "SSN should be unique", quoted="yes"),
        _refused(1, TAKEN, "Error") + _refused(2, "rejected_by_operator", "Error"),
        _refused(1, "rejected_by_operator", "Error") + _refused(2, TAKEN, "Error"),
    ],
    ignores=[
        order("update_patient", person="17")
        + call("update_patient", integration_id="A", last_name="Fox", operation=1)
        + poll(1, TAKEN)
        + note(NoteKind.ORDER, order="1", phase="end", answer="refused", status_code="", told="yes", untold="yes"),
        _refused(1, "processed", "Error"),
    ],
)
def a_failure_is_explained(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Neither the technical text of the status as it stands, nor what the user was told of another failure."""
    found = _failed(history, note, spec)
    words = note.data.get("words", "")
    if found is None or not words:
        return None
    if note.data.get("quoted") == "yes":
        return breaks("words for the user", "the technical text of the status as it stands", *found.evidence)
    for other in history.orders.all:
        if other.end is None or other.end is note or other.end.data.get("words") != words:
            continue
        former = _failed(history, other.end, spec)
        names = {each.last.name for each in (found, former) if each is not None and each.last is not None}
        if former is not None and len(names) > 1 and TAKEN in names:
            return breaks("other words for another failure", "the same", *former.evidence, *found.evidence)
    return holds(*found.evidence)


def _failed(history: History, end: Note, spec: Spec) -> Ended | None:
    """An order that a final status ended with no."""
    found = ended(history, end, spec)
    return found if found is not None and found.said_no and not found.done else None
