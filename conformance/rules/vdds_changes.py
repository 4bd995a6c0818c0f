"""What becomes of a patient who was handed over once and has changed since."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.vdds_conduct import GIVEN, NAMED, ended
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, done, handed, order
from conformance.trace.fitting import BY_FILE
from conformance.trace.handing import back, patient

_ONCE = GIVEN + handed(patient(), back(patient())) + done()
_RENAMED = order(BY_FILE, "2", person="17", last_name="Roe", first_name="Ann", birth_date="1984-02-29")
_BARE = order(BY_FILE, "2", person="17", last_name="Roe", first_name="Ann")


@rule(
    "VDDS-083",
    judges=NoteKind.ORDER,
    accepts=[
        _ONCE + _RENAMED + handed(patient(last_name="Roe")) + done(name="2"),
        _ONCE + _RENAMED + handed(patient(last_name="Roe")) + done("failed", name="2"),
    ],
    rejects=[_ONCE + _RENAMED + done(each, name="2") for each in ("refused", "failed")],
    ignores=[
        _ONCE,
        _ONCE + _RENAMED + done(name="2"),
        _ONCE + order(BY_FILE, "2", person="18", last_name="Roe") + done("refused", name="2"),
        _ONCE + _BARE + done("refused", name="2"),
        GIVEN + done("refused") + _RENAMED + done("refused", name="2"),
        _ONCE
        + order(BY_FILE, "2", person="17", last_name="Fox", first_name="Ann", birth_date="1984-02-29")
        + done("refused", name="2"),
    ],
)
def a_changed_patient_is_handed_over_again(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Not triggered where the record lacks what it had, or has letters that cannot be passed on: who turns that down
    has a reason. What is told as done without a file is judged elsewhere."""
    told = ended(history, note)
    if told is None or told.does != BY_FILE or not told.person or told.data.get("beyond"):
        return None
    former = [each for each in history.orders.all if each is not told and each.person == told.person and each.claimed]
    former = [each for each in former if each.does == BY_FILE and each.used]
    if not former or all(told.data.get(role) == former[-1].data.get(role) for role in NAMED):
        return None
    lacking = [role for role in NAMED if former[-1].data.get(role) and not told.data.get(role)]
    came = any(each.is_call for each in told.handovers) or bool(told.aside)
    if lacking or (told.answer == "done" and not came):
        return None
    return judged(came, "a transfer file with what has changed", f"none, and {told.answer}", told.begin, note)
