"""The code that a PMS shows its user beside the message: one that came, of an operation of that order."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import UNASKED, Ended, ended, updated
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Order, Witness, call, done, poll


def _coded(status: str, told: str, answer: str = "done") -> Witness:
    return lambda spec: updated(status, answer, code=str(spec.code(told)))


@rule(
    "STAT-042",
    judges=NoteKind.ORDER,
    accepts=[_coded("patient_id_taken", "patient_id_taken", "refused"), _coded("processed", "processed")],
    rejects=[
        _coded("patient_id_taken", "integration_id_taken", "refused"),
        _coded("processed", "accepted"),
        UNASKED + poll(1, "processed").lost() + done("refused", status_code="1"),
    ],
    ignores=[
        updated("patient_id_taken", "refused"),
        UNASKED + done("failed", status_code="7"),
        UNASKED + poll(1, "exception").but(disturbed="html-instead") + done("refused", status_code="8"),
        UNASKED + call("remove_operation", operation=1, answer=True) + done("refused", status_code="3"),
    ],
)
def the_code_that_is_shown_is_the_code_that_came(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where the PMS names a code; of several that came in one order any counts that is final.

    Where none came a refusal has none: who gives up has failed. That of a removal need not be asked for.
    """
    found = ended(history, note, spec)
    code = found.order.status_code if found is not None else None
    if found is None or code is None:
        return None
    if found.last is None:
        known = code == spec.code("removed") or _may_have_come(found.order)
        invented = found.order.answer == "refused" and not known
        return breaks("no code, since none came", f"code {code}", note) if invented else None
    came = codes_that_came(found)
    expected = "code " + " or ".join(str(each) for each in sorted(came))
    return judged(code in came, expected, f"code {code}", *found.evidence)


def _may_have_come(own: Order) -> bool:
    """True when something was answered that may be taken for a status."""
    return any(query.answered for query in own.of("get_status"))


def codes_that_came(found: Ended) -> frozenset[int]:
    """The final codes that an order brought; of one without any, the last."""
    last = () if found.last is None else (found.last.code,)
    return frozenset(status.code for _, status in found.looks if status.final) or frozenset(last)
