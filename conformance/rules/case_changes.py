"""What operations on cases change in the lists of cases: a start adds one to its patient, nothing else does."""

from __future__ import annotations

from uuid import UUID

from conformance.rules.case_knowledge import patient_of
from conformance.rules.case_repeats import repeat
from conformance.rules.case_sketches import case, search
from conformance.rules.catalogue import rule
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import Exchange, History, call, poll

FIRST, SECOND = case(1), case(2)
STARTED = call("create_case", integration_id="A", station=7, operation=1) + poll(1, "processed")
REFUSED = call("create_case", integration_id="A", operation=1) + poll(1, "unsupported")
ELSEWHERE = call("create_case", integration_id="B", station=7, operation=1) + poll(1, "processed")
SELECTED = call("select_case", case=1, station=7, operation=1) + poll(1, "processed")


@rule(
    "CASE-006",
    judges="find_cases",
    accepts=[search(FIRST) + REFUSED + search(FIRST), search() + REFUSED + search()],
    rejects=[
        search(FIRST) + REFUSED + search(FIRST, SECOND),
        search() + REFUSED + search(SECOND),
        search(FIRST) + REFUSED + search(),
    ],
    ignores=[
        search(FIRST) + STARTED + search(FIRST, SECOND),
        search(FIRST) + search(FIRST, SECOND),
        search(FIRST) + call("create_case", integration_id="A", operation=1) + search(FIRST, SECOND),
        search(FIRST) + REFUSED + SELECTED + search(FIRST, SECOND),
    ],
)
def a_refused_start_adds_no_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same search before and after finds the same, when starts for this patient were turned down in between."""
    again = repeat(history, exchange)
    if again is None or not again.refused or again.selections or again.excused:
        return None
    return again.verdict(exchange)


@rule(
    "CASE-008",
    judges="find_cases",
    accepts=[search(FIRST) + STARTED + search(FIRST, SECOND), search() + STARTED + search(FIRST)],
    rejects=[search(FIRST) + ELSEWHERE + search(FIRST, SECOND), search() + ELSEWHERE + search(case(1, "B"))],
    ignores=[
        search(FIRST) + STARTED + search(FIRST),
        search(FIRST) + STARTED + ELSEWHERE + search(FIRST),
        search(FIRST) + search(FIRST, SECOND),
    ],
)
def a_new_case_belongs_to_the_patient_asked_for(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case that was not there before is listed for the patient for whom one was started.

    A case may appear long after the operation, when the operator has set it up; so its absence shows nothing.
    """
    again = repeat(history, exchange)
    if again is None or not again.come or again.mapped:
        return None
    if _seen_before(history, again.come[0], exchange):
        return None
    if again.begun:
        return holds(again.begun[-1], exchange)
    if not again.elsewhere:
        return None
    expected = f"no new case, since none was started for {patient_of(exchange)}"
    return breaks(expected, f"case {again.come[0]}", again.elsewhere[-1], again.before, exchange)


def _seen_before(history: History, number: UUID, exchange: Exchange) -> bool:
    return any(seen.exchange.before(exchange) for seen in history.cases.sightings(number))


@rule(
    "SCS-006",
    judges="find_cases",
    accepts=[search(FIRST) + SELECTED + search(FIRST)],
    rejects=[
        search(FIRST) + SELECTED + search(FIRST, SECOND),
        search(FIRST, SECOND) + SELECTED + search(FIRST),
        search(FIRST) + SELECTED + search(),
        search(FIRST, is_created="True") + SELECTED + search(is_created="True"),
        search() + STARTED + search(FIRST) + SELECTED + search(FIRST, SECOND),
    ],
    ignores=[
        search(FIRST) + search(FIRST, SECOND),
        search(FIRST) + SELECTED + STARTED + search(FIRST, SECOND),
        search(FIRST) + call("select_case", case=1, station=7).lost() + search(FIRST),
    ],
)
def selecting_a_case_changes_none(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same search before and after finds the same, whatever was selected in between."""
    again = repeat(history, exchange)
    if again is None or not again.selections or again.excused:
        return None
    return again.verdict(exchange)
