"""What a PMS makes of status answers that are none of its own: a number that the table lacks, and another's status."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import UPDATE, Ended, ended
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Sketch, Witness, call, done, guid, order, poll

STARTED = order("update_patient", person="17") + call(UPDATE, integration_id="A", last_name="Fox", operation=1)
WAITS, DONE = poll(1, "awaiting"), poll(1, "processed")
MISLED = STARTED + WAITS + DONE.but(disturbed="status-of-another")


def _numbered(*, before: Sketch = STARTED, after: Sketch = WAITS * 0, answer: str = "done") -> Witness:
    """An order whose status has a number beyond all of the table."""

    def made(spec: Spec) -> Sketch:
        number = max(spec.status_by_code) + 1
        told = {"operation": guid(1), "code": number, "description": "Anything."}
        return before + call("get_status", operation=1, answer=told) + after + done(answer)

    return made


def _untaken(found: Ended | None, strange: list[Exchange], expected: str, observed: str) -> Verdict | None:
    """The verdict on what came of strange answers, where no other one said that the operation was processed."""
    if found is None or not strange or found.processed:
        return None
    return judged(not found.done, expected, f"done, after {observed}", strange[-1], found.end)


@rule(
    "STAT-043",
    judges=NoteKind.ORDER,
    accepts=[
        _numbered(answer="refused"),
        _numbered(answer="failed"),
        _numbered(before=STARTED + WAITS, answer="failed"),
    ],
    rejects=[_numbered(), _numbered(before=STARTED + WAITS)],
    ignores=[_numbered(after=DONE), STARTED + DONE + done(), MISLED + done(), _numbered(answer="started")],
)
def a_number_that_nobody_knows_is_no_success(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Only one number says that an operation was processed, whatever others there may be."""
    found = ended(history, note, spec)
    strange = [query for query in found.strange if not query.is_of_another] if found is not None else []
    observed = f"status {strange[-1].status_code}, which the table does not have" if strange else ""
    return _untaken(found, strange, "the user told that it is not known to be done", observed)


@rule(
    "STAT-044",
    judges=NoteKind.ORDER,
    accepts=[MISLED + done("failed")],
    rejects=[MISLED + done()],
    ignores=[MISLED + DONE + done(), MISLED + WAITS + done(), STARTED + DONE + done(), _numbered()],
)
def the_status_of_another_operation_is_not_its_own(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A status answer says whose it is, and one that is somebody else's tells nothing."""
    found = ended(history, note, spec)
    strange = [query for query in found.strange if query.is_of_another] if found is not None else []
    return _untaken(found, strange, "the status of the operation that was asked for", "that of another one")
