"""A status is its number: what a PMS makes of one whose description is in another language than the guide's."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ended, understood
from conformance.rules.orders_coded import codes_that_came
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, Witness, call, done, order, poll

CREATE, UPDATE = "create_patient", "update_patient"

LOST_AND_TAKEN_IN_OTHER_WORDS = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", last_name="Fox", operation=1).lost()
    + call(CREATE, integration_id="A", last_name="Fox", operation=2)
    + poll(2, "integration_id_taken", "Vergeben.")
)


def _worded(status: str, text: str, answer: str, told: str = "") -> Witness:
    start = order("update_patient", person="17") + call(UPDATE, integration_id="A", last_name="Fox", operation=1)

    def witness(spec: Spec) -> Sketch:
        code = str(spec.code(told)) if told else ""
        return start + poll(1, status, text or spec.status["processed"].text) + done(answer, status_code=code)

    return witness


WAITED_FOR = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", operation=1)
    + poll(1, "awaiting")
    + poll(1, "processed")
    + done()
)


def _worded_wait(answer: str) -> Sketch:
    """An operation that waits, in another language, is told to have ended so."""
    started = call(CREATE, integration_id="B", operation=2)
    return order("create_patient", "2", person="18") + started + poll(2, "awaiting", "Wartet.") + done(answer, "2")


@rule(
    "STAT-040",
    judges=NoteKind.ORDER,
    accepts=[
        _worded("processed", "Fertig.", "done", "processed"),
        _worded("patient_id_taken", "", "refused"),
        LOST_AND_TAKEN_IN_OTHER_WORDS + done("refused"),
        LOST_AND_TAKEN_IN_OTHER_WORDS + done(),
    ],
    rejects=[
        WAITED_FOR + _worded_wait("refused"),
        _worded("processed", "Fertig.", "failed"),
        _worded("patient_id_taken", "", "done"),
        _worded("patient_id_taken", "Belegt.", "refused", "internal_error"),
    ],
    ignores=[
        _worded("processed", "", "failed"),
        _worded("awaiting", "Wartet.", "failed"),
        _worded("exception", "Oh", "done"),
        WAITED_FOR + _worded_wait("failed"),
        _worded_wait("refused"),
    ],
)
def the_number_counts_and_not_the_wording(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where the last status came with another text than the documented one, without a place for any text.

    Of one that is not final, where the PMS waited in earlier operations that came with the documented text.
    """
    found = ended(history, note, spec)
    if found is None or found.last is None or "<" in found.last.text:
        return None
    if _plain(found.looks[-1][0].description) == _plain(found.last.text):
        return None
    if not found.last.final:
        lost = not understood(found) and _waited_elsewhere(history, spec)
        expected = f"what status {found.last.code} means, whatever its text"
        return breaks(expected, found.answered, *found.evidence) if lost else None
    meant = found.may_be_done or found.done == found.seen_done
    kept = meant and found.order.status_code in (None, *codes_that_came(found))
    return judged(kept, f"what status {found.last.code} means, whatever its text", found.answered, *found.evidence)


def _waited_elsewhere(history: History, spec: Spec) -> bool:
    """True when a query that told of work under way, in the words of the guide, was followed by another one."""
    for operation in history.operations:
        for query in operation.polls[:-1]:
            status = spec.status_by_code.get(query.status_code) if query.status_code is not None else None
            if status is not None and not status.final and _plain(query.description) == _plain(status.text):
                return True
    return False


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()
