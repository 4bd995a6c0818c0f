"""What a PMS told its user about an operation, held against what the server had told the PMS.

A PMS ends each order by saying how it came out. *Done* is right when the status said that the operation was processed;
everything else has to reach the user with a message. What the server's words were worth is not the question here: an
answer that was spoilt on purpose tells nothing, and what the PMS makes of it shows in these rows as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from conformance.rules.catalogue import rule
from conformance.rules.polling import OPERATIONS
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec, Status
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, guid, order, poll
from conformance.trace.effects import WITHOUT_EFFECT
from conformance.wire import parse_guid

ANSWERED = frozenset({"done", "refused", "failed"})
CREATE, UPDATE = "create_patient", "update_patient"
AS_GOOD_AS_TRUE = frozenset({"", "other-words", "told-unsupported", "told-patient-unknown", "told-case-unknown"})
"""What may be done to a status answer on purpose, and a PMS has to believe it: it knows no better."""

Look = tuple[Exchange, Status]


@dataclass(frozen=True)
class Ended:
    """An order about an operation, answered; and the statuses of it that the server told meanwhile."""

    order: Order
    end: Note
    looks: tuple[Look, ...]
    """Status answers whose number is the server's, oldest first."""
    strange: tuple[Exchange, ...]
    """Answers after the last of ``looks`` with a number that no status has, or about an operation nobody asked for."""
    may_be_done: bool
    """True when a creation is refused since its id is in use, and an earlier one under that id may have worked."""

    @property
    def done(self) -> bool:
        return self.order.answer == "done"

    @property
    def last(self) -> Status | None:
        return self.looks[-1][1] if self.looks else None

    @property
    def last_of_named(self) -> Status | None:
        """The last status of the operation that the answer names, where it names one that was asked for."""
        named = parse_guid(self.end.data.get("operation", ""))
        its = [status for look, status in self.looks if look.guid("operation") == named]
        return its[-1] if its else self.last

    @property
    def seen_done(self) -> bool:
        return any(status.name == "processed" for _, status in self.looks)

    @property
    def told_both(self) -> bool:
        """True when one operation was told to have failed first and then to have been processed."""
        failed = {look.guid("operation") for look, status in self.looks if status.final and status.name != "processed"}
        last = self.last
        return last is not None and last.name == "processed" and self.looks[-1][0].guid("operation") in failed

    @property
    def processed(self) -> bool:
        return self.may_be_done or self.seen_done

    @property
    def said_no(self) -> bool:
        """True when it is over and was not carried out, as far as the PMS can know."""
        return self.last is not None and self.last.final and not self.processed

    @property
    def evidence(self) -> tuple[Exchange | Note, ...]:
        return (*(look for look, _ in self.looks[-1:]), self.end)

    @property
    def answered(self) -> str:
        told = "a message" if self.order.told else "no message"
        return f"{self.order.answer}, with {told} for the user"


def ended(history: History, note: Note, spec: Spec) -> Ended | None:
    """What ``note`` ends: an order about an operation, but not one to cancel it."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.answer not in ANSWERED:
        return None
    ids = _operations(history, order_)
    if not ids:
        return None
    asked = {query.number: query for query in (*_earlier(history, order_, ids), *order_.of("get_status"))}
    looks = _standing([(asked[n], status) for n in sorted(asked) if (status := _told(asked[n], ids, spec))], order_)
    since = looks[-1][0].number if looks else 0
    newer = (asked[number] for number in sorted(asked) if number > since)
    strange = tuple(query for query in newer if query.guid("operation") in ids and _strange(query, spec))
    return Ended(order_, note, looks, strange, _may_be_done(history, order_, looks, spec))


def _standing(looks: Iterable[Look], order_: Order) -> tuple[Look, ...]:
    """Without those that go back behind the end of an operation: what was told stands, whoever asks once more."""
    ends: dict[UUID | None, int] = {}
    kept = []
    for look, status in looks:
        operation = look.guid("operation")
        begun = max((s.number for s in order_.of(*OPERATIONS) if s.guid("operation") == operation), default=0)
        if status.final:
            ends[operation] = look.number
        if status.final or begun >= ends.get(operation, 0):
            kept.append((look, status))
    return tuple(kept)


def _earlier(history: History, order_: Order, ids: frozenset[UUID]) -> Iterator[Exchange]:
    """Queries that no order asked for, or an earlier one, where the order is to wait for what is under way."""
    if order_.does == "await_operation":
        awaited = next((o for o in reversed(history.operations) if o.id in ids), None)
        yield from awaited.polls if awaited is not None else ()


def _operations(history: History, order_: Order) -> frozenset[UUID]:
    """Ids of the operations that the order is about; none for an order that starts and awaits nothing."""
    if order_.does == "await_operation":
        awaited = parse_guid(order_.data.get("operation", ""))
        return frozenset({awaited}) if isinstance(awaited, UUID) else frozenset()
    started = (history.started_by(exchange) for exchange in order_.of(*OPERATIONS))
    return frozenset(operation.id for operation in started if operation is not None)


def _told(query: Exchange, ids: frozenset[UUID], spec: Spec) -> Status | None:
    if query.disturbed not in AS_GOOD_AS_TRUE or query.guid("operation") not in ids or query.status_code is None:
        return None
    return spec.status_by_code.get(query.status_code)


def _strange(query: Exchange, spec: Spec) -> bool:
    code = query.status_code
    return query.succeeded and code is not None and (query.is_of_another or code not in spec.status_by_code)


def _may_be_done(history: History, order_: Order, looks: tuple[Look, ...], spec: Spec) -> bool:
    if not any(status.name == "integration_id_taken" for _, status in looks):
        return False
    calls = order_.of(CREATE)
    refused = {spec.code(name) for name in WITHOUT_EFFECT}
    former = history.proofs.writes(calls[-1].values.get("integration_id", "")) if calls else ()
    return any(
        write.role == CREATE and write.call.before(calls[-1]) and not refused & set(write.codes()) for write in former
    )


# -- sketches -------------------------------------------------------------------------------------------------


def _ordered(does: str, status: str, answer: str, *, role: str = UPDATE, told: str = "yes", code: str = "") -> Sketch:
    """An order with one operation, one look at its status, and this answer."""
    started = call(role, integration_id="A", last_name="Fox", operation=1)
    return order(does, person="17") + started + poll(1, status) + done(answer, told=told, status_code=code)


def updated(status: str, answer: str = "done", told: str = "yes", code: str = "") -> Sketch:
    return _ordered("update_patient", status, answer, told=told, code=code)


def _mapped(status: str, answer: str = "done", told: str = "yes") -> Sketch:
    return _ordered("map_patient", status, answer, role=CREATE, told=told)


def _created(status: str, answer: str = "done", told: str = "yes") -> Sketch:
    return _ordered("create_patient", status, answer, role=CREATE, told=told)


def _awaited(status: str, answer: str = "done") -> Sketch:
    start = order("create_patient", person="17", wait="no") + call(CREATE, integration_id="A", operation=1)
    await_ = order("await_operation", "2", operation=str(guid(1))) + poll(1, status)
    return start + done("started") + await_ + done(answer, "2")


LOST_AND_TAKEN = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", last_name="Fox", operation=1).lost()
    + call(CREATE, integration_id="A", last_name="Fox", operation=2)
    + poll(2, "integration_id_taken")
)
WITHDRAWN = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", last_name="Fox", operation=1)
    + poll(1, "awaiting")
    + call("remove_operation", operation=1, answer=True)
)
FORGOTTEN_AND_TAKEN = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", last_name="Fox", operation=1)
    + poll(1, "operation_unknown")
    + call(CREATE, integration_id="A", last_name="Fox", operation=2)
    + poll(2, "integration_id_taken")
)
TWO_OPEN = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", operation=1)
    + poll(1, "processed")
    + call(CREATE, integration_id="B", operation=2)
    + poll(2, "awaiting")
)
GONE_BACK = (
    order("select_patient", person="17")
    + call("select_patient", integration_id="A", operation=1)
    + poll(1, "unsupported")
    + poll(1, "awaiting")
    + done("refused", told="yes")
)
KNOWN_BEFORE = (
    order("create_patient", person="17", wait="no")
    + call(CREATE, integration_id="A", operation=1)
    + done("started")
    + poll(1, "processed")
    + order("await_operation", "2", operation=str(guid(1)))
    + done("done", "2")
)
TOLD_BOTH = (
    order("create_patient", person="17")
    + call(CREATE, integration_id="A", operation=1)
    + poll(1, "exception")
    + poll(1, "processed")
)
UNASKED = order("update_patient", person="17") + call(UPDATE, integration_id="A", last_name="Fox", operation=1)


# -- done -----------------------------------------------------------------------------------------------------


def _success(found: Ended | None) -> Verdict | None:
    if found is None or not found.seen_done or found.told_both:
        return None
    kept = found.done and found.order.told
    return judged(kept, "done, with a message for the user", found.answered, *found.evidence)


@rule(
    "FLOW-009",
    judges=NoteKind.ORDER,
    accepts=[_mapped("processed")],
    rejects=[_mapped("processed", "failed"), _mapped("processed", told="no")],
    ignores=[_mapped("rejected_by_operator", "refused"), updated("processed", "failed")],
)
def a_mapping_that_succeeded_is_told(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The user learns that the patient is mapped."""
    found = ended(history, note, spec)
    return _success(found) if found is not None and _maps(found.order) else None


def _maps(order_: Order) -> bool:
    return order_.does == "map_patient" or order_.data.get("merge") == "yes"


@rule(
    "FLOW-017",
    judges=NoteKind.ORDER,
    accepts=[updated("processed")],
    rejects=[updated("processed", "refused"), updated("processed", told="no")],
    ignores=[updated("patient_id_taken", "refused"), _mapped("processed", "failed")],
)
def an_update_that_succeeded_is_told(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The user learns that the patient is up to date."""
    found = ended(history, note, spec)
    return _success(found) if found is not None and found.order.does == "update_patient" else None


@rule(
    "FLOW-042",
    judges=NoteKind.ORDER,
    accepts=[_created("processed"), _awaited("processed")],
    rejects=[_created("processed", "failed"), _created("processed", told="no"), _awaited("processed", "refused")],
    ignores=[
        _created("exception", "failed"),
        updated("processed", "failed"),
        _mapped("processed", "failed"),
        TOLD_BOTH + done("refused"),
    ],
)
def what_succeeded_is_told(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The same of all other operations."""
    found = ended(history, note, spec)
    other = found is not None and not _maps(found.order) and found.order.does != "update_patient"
    return _success(found) if other else None


@rule(
    "FLOW-043",
    judges=NoteKind.ORDER,
    accepts=[_created("processed"), LOST_AND_TAKEN + done(), FORGOTTEN_AND_TAKEN + done()],
    rejects=[
        _created("rejected_by_operator"),
        updated("operation_unknown"),
        _created("integration_id_taken"),
        _awaited("removed"),
        _created("exception"),
    ],
    ignores=[_created("rejected_by_operator", "refused"), _created("awaiting"), UNASKED + done()],
)
def done_means_processed(history: History, note: Note, spec: Spec) -> Verdict | None:
    """No user is told that something is done of which the last status said that it was not."""
    found = ended(history, note, spec)
    if found is None or not found.done or not (found.processed or found.said_no):
        return None
    code = found.last.code if found.last is not None else 0
    return judged(found.processed, "the user told that it is not done", f"done, after status {code}", *found.evidence)


@rule(
    "FLOW-044",
    judges=NoteKind.ORDER,
    accepts=[_created("processed"), KNOWN_BEFORE],
    rejects=[UNASKED + done(), UNASKED.lost() + done()],
    ignores=[UNASKED + done("failed"), UNASKED + done("started"), _created("exception"), _created("awaiting")],
)
def nothing_is_done_before_a_status_says_so(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A call that is taken is an operation that is begun."""
    found = ended(history, note, spec)
    if found is None or not found.done or ((found.looks or found.strange) and not found.processed):
        return None
    expected = f"status {spec.code('processed')} before the user is told that it is done"
    return judged(found.processed, expected, "no status at all", *found.evidence)


@rule(
    "STAT-041",
    judges=NoteKind.ORDER,
    accepts=[
        _created("awaiting", "failed"),
        WITHDRAWN + done("refused"),
        TWO_OPEN + done(operation=str(guid(1))),
        order("create_patient", person="17")
        + call(CREATE, integration_id="A", operation=1)
        + poll(1, "accepted")
        + poll(1, "processed")
        + done(),
    ],
    rejects=[
        WITHDRAWN + done(),
        TWO_OPEN + done(operation=str(guid(2))),
        _created("awaiting"),
        _created("accepted"),
        _created("accepted", "refused"),
        _awaited("awaiting"),
    ],
    ignores=[_created("processed"), _created("awaiting", "started"), GONE_BACK],
)
def what_waits_is_neither_done_nor_refused(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A status that is not final is an operation under way; a PMS may lose patience, or take it back, and says that."""
    found = ended(history, note, spec)
    if found is None or found.strange or all(status.final for _, status in found.looks):
        return None
    return judged(understood(found), "further queries, or a word that it takes long", found.answered, *found.evidence)


def understood(found: Ended) -> bool:
    """True unless an operation that is under way is told to have ended, in whatever way."""
    last = found.last_of_named
    withdrawn = not found.done and bool(found.order.of("remove_operation"))
    return last is None or last.final or withdrawn or found.order.answer == "failed"


# -- not done -------------------------------------------------------------------------------------------------


@rule(
    "FLOW-014",
    judges=NoteKind.ORDER,
    accepts=[updated("patient_id_taken", "refused"), _created("exception", "failed"), _awaited("removed", "refused")],
    rejects=[updated("patient_id_taken", "refused", told="no"), _created("station_silent", "failed", told="no")],
    ignores=[updated("processed"), updated("patient_id_taken", told="no"), _created("awaiting", "failed", told="no")],
)
def what_failed_is_explained(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The user is shown a message. Whether it is friendly people have to judge; that it is no success is FLOW-043."""
    found = ended(history, note, spec)
    if found is None or found.done or not (found.said_no or found.strange):
        return None
    return judged(found.order.told, "a message for the user", found.answered, *found.evidence)
