"""What a PMS says that it has sent over an interface beside REST, and what came.

A PMS need not wait for the program that it starts, so all of this is told when the history is over: only then nothing
can come any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.catalogue import rule
from conformance.rules.command_line_sketches import sent
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import Spec
from conformance.trace import Handover, History, Invocation, Note, NoteKind, Order, done, invoke, order
from conformance.trace.fitting import BY_COMMAND_LINE, CALLS
from conformance.trace.handovers import UNUSABLE
from conformance.trace.invocations import UNSEEN

FORMERLY = "what it said before its change"
FOX, ROE = {"last_name": "Fox"}, {"last_name": "Roe"}
_FOX, _ROE = invoke("-integration_id=A", "-last_name=Fox"), invoke("-integration_id=B", "-last_name=Roe")
_LATE = order(BY_COMMAND_LINE, "1", person="17", **FOX) + done() + order(BY_COMMAND_LINE, "2", person="18", **ROE)


@rule(
    "CLI-028",
    judges=NoteKind.ORDER,
    accepts=[
        sent(_FOX, **FOX),
        sent(invoke("-integration_id=A", "-last_name=FOX"), **FOX),
        sent(_FOX, **FOX) + sent(_FOX, name="2", **FOX),
    ],
    rejects=[
        order(BY_COMMAND_LINE, person="17", **FOX) + done(),
        sent(_FOX, **FOX) + order(BY_COMMAND_LINE, "2", person="17", **ROE) + done(name="2"),
        sent(invoke(), **FOX),
    ],
    ignores=[
        order(BY_COMMAND_LINE, person="17", **FOX) + done("refused"),
        order(BY_COMMAND_LINE, person="17", **FOX),
        order("reset") + done(),
        _LATE + _FOX + _ROE + done("refused", name="2"),
    ],
)
def what_is_told_as_sent_was_sent(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Kept at once where it was seen; whether it is broken shows at the end."""
    told = history.orders.told_by(note)
    if told is None or told.end is not note or not told.claimed or not _passed_on(told):
        return None
    return holds(*_passed_on(told)[-1:], note)


def _passed_on(told: Order) -> list[Invocation]:
    """The uses that tell the program anything: one without arguments only opens it. Some are not seen."""
    return [each for each in told.invocations if each.arguments or each.has(UNSEEN)]


@what_is_told_as_sent_was_sent.at_end
def told_as_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    """A use that fits may be the one, although it came late."""
    for told in history.orders.all:
        if told.does != BY_COMMAND_LINE or not told.claimed or _passed_on(told) or mistaken(history, told):
            continue
        yield _unsent(told, "a use of the program for that patient")


def never_handed_over(history: History) -> Iterator[Verdict]:
    """Orders that were done by no transfer file at all."""
    for told in history.orders.all:
        if told.does not in CALLS or not told.claimed:
            continue
        called = any(_may_be(each, CALLS[told.does]) for each in told.handovers)
        if not called and not mistaken(history, told):
            yield _unsent(told, "a transfer file for that patient")


def _may_be(seen: Handover, kind: str) -> bool:
    """True for that call, and for a file that tells no call, which is a breach of its own."""
    return seen.is_call and seen.kind in ("", kind) and not seen.has(UNUSABLE)


def _unsent(told: Order, wanted: str) -> Verdict:
    assert told.end is not None
    if told.belated:
        return undecided("what fits it came when it was over already", *told.belated[:1], told.begin, told.end)
    return breaks(wanted, "none, and the step answered as done", told.begin, told.end)


def mistaken(history: History, told: Order) -> Invocation | Handover | None:
    """What was sent for this order with the record of one before it, which had been sent already.

    None as long as it may be a late one: while nothing else was sent for the order before.
    """
    if told.used or not told.claimed:
        return None
    return next((each for each in told.aside if history.orders.repeated(each) is not None), None)


def taken_for(history: History, does: str) -> Iterator[tuple[Order, Order, Invocation | Handover]]:
    """Orders for which the record of one before them was sent, that one, and what was sent."""
    for told in history.orders.all:
        wrong = mistaken(history, told) if told.does == does else None
        former = history.orders.belated(wrong) if wrong is not None else None
        if wrong is not None and former is not None:
            yield told, former, wrong


def sent_instead(told: Order, former: Order) -> str:
    """What was sent for an order whose record is not that of the former."""
    return FORMERLY if told.person == former.person else "what that of another patient says"


def with_another_record(history: History, does: str, roles: tuple[str, ...]) -> Iterator[Verdict]:
    """Orders for which the record of one before them was sent, where those differ in these roles."""
    for told, former, wrong in taken_for(history, does):
        if any(told.data.get(role) != former.data.get(role) for role in roles):
            observed = sent_instead(told, former)
            yield breaks("what the patient's record says", observed, told.begin, wrong)
