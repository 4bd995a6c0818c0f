"""Whose cases are shown: none that the server has listed for somebody else only."""

from __future__ import annotations

from conformance.rules.case_sketches import case, search
from conformance.rules.catalogue import rule
from conformance.rules.orders_answered import ANSWERED
from conformance.rules.shown import guid_of
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, done, order, shown


def _found(name: str, person: str, calls: Sketch, *cases: int, says: str = "done") -> Sketch:
    """A search for somebody, and the cases that are shown."""
    rows = sum((shown("case", name, case=number) for number in cases), Sketch(()))
    return order("find_cases", name, person=person) + calls + rows + done(says, name)


FIRST = _found("1", "17", search(case(1)), 1)
UNREADABLE = search(patient="B").but(body=b"<html>")


@rule(
    "INF-055",
    judges=NoteKind.ORDER,
    accepts=[
        FIRST,
        FIRST + _found("2", "18", search(case(2), patient="B"), 2),
        FIRST + _found("2", "17", search().but(body=b"<html>"), 1),
    ],
    rejects=[
        FIRST + _found("2", "18", UNREADABLE, 1),
        FIRST + _found("2", "18", UNREADABLE, 1, says="failed"),
        FIRST + _found("2", "18", search(case(2), patient="B"), 2, 1),
    ],
    ignores=[_found("1", "17", search()), _found("1", "17", UNREADABLE, 3), search(case(1))],
)
def nobody_is_shown_the_cases_of_another(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A case that answers listed for other patients, and none for this one. What was never listed is INF-050's."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != "find_cases" or order_.answer not in ANSWERED:
        return None
    own, listed = _ids(history, order_), None
    for row in order_.items("case"):
        number = guid_of(row, "case")
        seen = [each.exchange for each in history.cases.sightings(number)] if number is not None else []
        if seen and own and not any(_patient(exchange) in own for exchange in seen):
            return breaks("the cases of this patient alone", f"case {number} of another one", seen[-1], note)
        listed = seen[-1] if seen else listed
    return holds(listed, note) if listed is not None else None


def _ids(history: History, own: Order) -> set[str]:
    """Integration ids under which this person's cases were asked for, now or before."""
    alike = (o for o in history.orders.all if o is own or (own.person and o.person == own.person))
    return {_patient(exchange) for o in alike for exchange in o.of("find_cases")} - {""}


def _patient(exchange: Exchange) -> str:
    return exchange.values.get("integration_id", "").strip()
