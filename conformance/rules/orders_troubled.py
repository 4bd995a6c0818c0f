"""What a PMS tells its user when an answer is missing, cannot be read, or says no; and when something is taken back."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED, UNASKED, ended
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, guid, order, poll
from conformance.trace.effects import WITHOUT_EFFECT
from conformance.wire import Document, Malformed

NO = frozenset({"refused", "failed"})
LOOK_UPS = frozenset({"list_stations", "find_cases", "fetch_images"})
BAD_REQUEST = 400

LIST = call("list_stations", answer=[])
LISTING = order("list_stations")
SEARCH = call("find_cases", integration_id="A", created_from="2020-01-02", created_to="2020-01-01")
SEARCHING = order("find_cases", person="17")


def _concluded(history: History, note: Note) -> tuple[Order, Exchange] | None:
    """The order that ``note`` ends, and its last call."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.answer not in ANSWERED or not order_.exchanges:
        return None
    return order_, order_.exchanges[-1]


def _trouble(order_: Order, last: Exchange, note: Note, what: str) -> Verdict:
    kept = order_.answer in NO and order_.told
    told = "a message" if order_.told else "no message"
    return judged(kept, f"a message that {what}", f"{order_.answer}, with {told} for the user", last, note)


@rule(
    "FND-044",
    judges=NoteKind.ORDER,
    accepts=[SEARCHING + SEARCH.refused(400) + done("refused"), SEARCHING + SEARCH.refused(400) + done("failed")],
    rejects=[SEARCHING + SEARCH.refused(400) + done(), SEARCHING + SEARCH.refused(400) + done("failed", told="no")],
    ignores=[SEARCHING + SEARCH + done(), SEARCHING + SEARCH.refused(500) + done(), SEARCH.refused(400)],
)
def a_refused_search_is_not_an_empty_one(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A search that the server calls impossible has no result, which is not the same as no cases."""
    found = _concluded(history, note)
    if found is None or found[1].role != "find_cases" or found[1].http_status != BAD_REQUEST:
        return None
    return _trouble(*found, note, "the search is impossible")


@rule(
    "FLOW-045",
    judges=NoteKind.ORDER,
    accepts=[
        LISTING + LIST.lost() + done("failed"),
        LISTING + LIST.refused(401) + done("failed"),
        LISTING + LIST.but(body=b"<Arr") + done("failed"),
        UNASKED.refused(500) + done("failed"),
    ],
    rejects=[
        LISTING + LIST.lost() + done(),
        LISTING + LIST.refused(401) + done(),
        LISTING + LIST.refused(503) + done("failed", told="no"),
        LISTING + LIST.but(body=b"<html>no</html>") + done(),
        UNASKED.lost() + done("failed", told="no"),
    ],
    ignores=[
        LISTING + LIST + done(),
        LISTING + LIST.refused(503) + LIST + done(),
        SEARCHING + SEARCH.refused(400) + done(),
        UNASKED.lost() + done(),
        UNASKED + poll(1, "processed") + poll(1, "processed").lost() + done(),
    ],
)
def trouble_on_the_way_is_told(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The last call of an order brought nothing that can be read: no look-up is empty for that, and the user is told.

    That an operation is called done without a status is FLOW-044.
    """
    found = _concluded(history, note)
    if found is None or not _brought_nothing(found[1]):
        return None
    order_, last = found
    operation = ended(history, note, spec)
    if operation is not None and (operation.processed or operation.done):
        return None
    if last.role == "find_cases" and last.http_status == BAD_REQUEST:
        return None
    return _trouble(order_, last, note, "something went wrong") if operation or order_.does in LOOK_UPS else None


def _brought_nothing(last: Exchange) -> bool:
    if last.status_code is not None and not last.disturbed:
        return False
    wants_answer = last.method is not None and bool(last.method.answer)
    return not last.succeeded or (wants_answer and isinstance(last.document, Malformed))


# -- taking back ----------------------------------------------------------------------------------------------


def _cancelled(answer: object, told: str, *, polled: str = "") -> Sketch:
    cancel = order("cancel_operation", operation=str(guid(1)))
    remove = call("remove_operation", operation=1, answer=answer)
    return cancel + remove + (poll(1, polled) if polled else LIST) + done(told)


UNCALLED = order("cancel_operation", operation=str(guid(1)))
UNHEARD = UNCALLED + call("remove_operation", operation=1, answer=True).lost()


@rule(
    "REM-021",
    judges=NoteKind.ORDER,
    accepts=[
        _cancelled(True, "done"),
        _cancelled(False, "refused"),
        _cancelled(False, "done", polled="removed"),
        _cancelled(False, "done", polled="rejected_by_operator"),
        UNHEARD + poll(1, "removed") + done(),
    ],
    rejects=[
        _cancelled(False, "done"),
        _cancelled(False, "done", polled="processed"),
        _cancelled(True, "failed"),
        UNCALLED + done(),
        UNHEARD + done(),
        UNHEARD + poll(1, "awaiting") + done(),
    ],
    ignores=[
        UNHEARD + done("failed"),
        UNCALLED + done("refused"),
        call("remove_operation", answer=True),
    ],
)
def a_removal_is_believed(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The user is told that an operation is cancelled when the server says that it is removed, and only then.

    One that ended without effect in another way may be called cancelled as well.
    """
    order_ = history.orders.told_by(note)
    if order_ is not None and order_.end is note and not order_.exchanges:
        return _never_asked(history, order_, note)
    found = _concluded(history, note)
    if found is None or found[0].does != "cancel_operation":
        return None
    answers = [e for e in found[0].of("remove_operation") if isinstance(e.document, Document) and not e.disturbed]
    told = found[0].answer == "done"
    asked = found[0].of("remove_operation")
    if not asked or (not answers and not (told and all(_lost(e) for e in asked))):
        return None
    codes = {query.status_code for query in found[0].of("get_status")}
    names = {status.name for status in spec.statuses if status.code in codes}
    removed = any(e.document.value is True for e in answers if isinstance(e.document, Document))
    removed = removed or "removed" in names
    if told == removed or (told and names & WITHOUT_EFFECT):
        return holds((answers or asked)[-1], note)
    if not answers:
        return breaks("a status that says so, since no answer came", found[0].answer, asked[-1], note)
    expected = "the operation told to be removed" if removed else "the user told that it could not be removed"
    return breaks(expected, found[0].answer, answers[-1], note)


def _lost(exchange: Exchange) -> bool:
    """True for a call to which no answer came that anybody could read."""
    return not exchange.succeeded or not isinstance(exchange.document, Document)


def _never_asked(history: History, order_: Order, note: Note) -> Verdict | None:
    """Told to be removed without a word to the server; what was removed by an order before needs none."""
    same = (o for o in history.orders.all if o.data.get("operation") == order_.data.get("operation"))
    former = [o for o in same if o.does == order_.does]
    if order_.does != "cancel_operation" or order_.answer != "done" or former != [order_]:
        return None
    return breaks("a removal, answered with true", "no call at all, and the user told that it is removed", note)
