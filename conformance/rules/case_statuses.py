"""Searching by status: created, scanned, modelled, one of them, several, none, and what false means."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from conformance.rules.case_dates import missing
from conformance.rules.case_knowledge import (
    STATES,
    Criteria,
    KnownCase,
    Side,
    amount,
    criteria,
    earlier,
    in_state,
    known_cases,
    own_cases,
    statuses,
    surely_wanted,
)
from conformance.rules.case_repeats import begun
from conformance.rules.case_sketches import case, declared, scan, search
from conformance.rules.catalogue import rule
from conformance.rules.marks import given
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Sketch, listing
from conformance.wire import Record

NEW, SCANNED, DONE = case(1), case(2), case(3, modelled=True)
DECLARED = declared(1, state="created") + declared(2, state="scanned") + declared(3, state="modelled")
EACH = DECLARED + search(NEW, SCANNED, DONE)


def created(*cases: dict[str, object]) -> Sketch:
    return search(*cases, is_created="True")


def scanned(*cases: dict[str, object]) -> Sketch:
    return search(*cases, is_scanned="True")


def modelled(*cases: dict[str, object]) -> Sketch:
    return search(*cases, is_modelled="True")


ONE_BY_ONE = created(NEW) + scanned(SCANNED) + modelled(DONE)


def plain_search(history: History, exchange: Exchange) -> tuple[Mapping[UUID, Record], Criteria] | None:
    """What a search found and asked for, where both are beyond doubt."""
    found, wish = own_cases(history, exchange), criteria(exchange)
    return (found, wish) if found is not None and wish.sure else None


# -- one status -----------------------------------------------------------------------------------------------


def by_status(history: History, exchange: Exchange, spec: Spec, role: str) -> Verdict | None:
    """The verdict on a search for this status alone: no case of another is found, and none of its own is missing.

    PASS only where a case's status is known. Where none is known, the answer's own word on modelled cases counts, if it
    is not of one voice: then it is the record that is wrong, and not the search.
    """
    asking = plain_search(history, exchange)
    if asking is None or asking[1].wanted != {role}:
        return None
    found, wish = asking
    known = known_cases(history, exchange)
    strangers = [known[n] for n in found if n in known and in_state(known[n], wish) is Side.OUTSIDE]
    if strangers:
        expected = f"only cases with the status {STATES[role]}"
        observed = f"case {strangers[0].id}, which is {strangers[0].state}"
        return breaks(expected, observed, *strangers[0].numbers, exchange)
    if not wish.bounds and missing(known, wish, found) is not None:
        lost = missing(known, wish, found)
        assert lost is not None
        return breaks(f"every case that is {STATES[role]}", f"not case {lost.id}", *lost.numbers, exchange)
    odd = _contradicted(found, known, role)
    if odd is not None:
        name = spec.record["case"].by_role["modelled"].name
        return breaks(f"only cases with the status {STATES[role]}", f"case {odd} with another {name}", exchange)
    told = [one for one in known.values() if in_state(one, wish) is not Side.DOUBTFUL]
    return holds(*told[0].numbers, exchange) if told else None


def _contradicted(found: Mapping[UUID, Record], known: Mapping[UUID, KnownCase], role: str) -> UUID | None:
    """A case of unknown status whose record speaks against the status asked for while another one's speaks for it."""
    wanted = STATES[role] == "modelled"
    words = {
        number: record.get("modelled") is wanted
        for number, record in found.items()
        if isinstance(record.get("modelled"), bool) and not (number in known and known[number].state)
    }
    against = [number for number, fits in words.items() if not fits]
    return against[0] if against and len(against) < len(words) else None


@rule(
    "FND-010",
    judges="find_cases",
    when=given("is_created"),
    accepts=[
        EACH + created(NEW),
        ONE_BY_ONE + created(NEW),
        declared(1, state="created") + search(NEW, is_created="True", is_scanned="False"),
    ],
    rejects=[
        EACH + created(NEW, SCANNED),
        EACH + created(),
        EACH + created(SCANNED),
        EACH + search(NEW, DONE, is_created="True", is_modelled="False"),
        created(NEW, DONE),
        declared(2, state="scanned") + search(SCANNED, is_created="True", created_from="2019-01-01"),
    ],
    ignores=[
        created(NEW),
        scanned(SCANNED) + created(NEW, SCANNED),
        declared(1) + created(),
        EACH + search(NEW, is_created="true"),
        EACH + scanned(SCANNED),
    ],
)
def the_created_cases_are_those_not_scanned_yet(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search for created cases finds all of those, and no scanned or modelled one."""
    return by_status(history, exchange, spec, "is_created")


@rule(
    "FND-011",
    judges="find_cases",
    when=given("is_scanned"),
    accepts=[EACH + scanned(SCANNED), ONE_BY_ONE + scanned(SCANNED)],
    rejects=[
        EACH + scanned(NEW, SCANNED, DONE),
        EACH + scanned(),
        EACH + scanned(NEW),
        EACH + scanned(SCANNED, DONE),
        scanned(SCANNED, DONE),
    ],
    ignores=[scanned(SCANNED), EACH + created(NEW)],
)
def the_scanned_cases_are_those_not_modelled_yet(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search for scanned cases finds all of those, and no created or modelled one."""
    return by_status(history, exchange, spec, "is_scanned")


@rule(
    "FND-012",
    judges="find_cases",
    when=given("is_modelled"),
    accepts=[EACH + modelled(DONE), ONE_BY_ONE + modelled(DONE)],
    rejects=[
        EACH + modelled(NEW, SCANNED, DONE),
        EACH + modelled(),
        EACH + modelled(NEW, SCANNED),
        modelled(SCANNED, DONE),
    ],
    ignores=[modelled(DONE), modelled(SCANNED), EACH + created(NEW)],
)
def the_modelled_cases_are_found_as_such(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search for modelled cases finds all of those, and no other."""
    return by_status(history, exchange, spec, "is_modelled")


@rule(
    "FND-017",
    judges="find_cases",
    accepts=[
        created(NEW) + scanned(SCANNED),
        created(NEW) + scanned() + modelled(DONE),
        EACH + created(NEW) + scanned(SCANNED),
    ],
    rejects=[
        created(NEW, SCANNED) + scanned(SCANNED),
        created(NEW) + scanned(SCANNED) + modelled(NEW),
        modelled(DONE) + search(DONE, is_created="True", created_from="2019-01-01"),
    ],
    ignores=[
        created(NEW) * 2,
        created() + scanned(SCANNED),
        created(NEW) + search(NEW, SCANNED, is_created="True", is_scanned="True"),
        EACH + created(NEW, SCANNED) + scanned(SCANNED),
    ],
)
def a_case_has_one_status(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case found under one status alone is found under no other. Of a case with a declared status others judge."""
    asking = plain_search(history, exchange)
    if asking is None or len(asking[1].wanted) != 1:
        return None
    found, wish = asking
    known, compared = known_cases(history, exchange), None
    for other in earlier(history, exchange):
        their = criteria(other)
        if not their.sure or len(their.wanted) != 1 or their.wanted == wish.wanted:
            continue
        twice = [number for number in listing(other) or {} if number in found]
        if any(known[number].declared for number in twice):
            return None
        if twice:
            expected = f"case {twice[0]} under one status, which was {', '.join(STATES[r] for r in their.wanted)}"
            return breaks(expected, f"it again as {statuses(wish)}", other, exchange)
        compared = other if listing(other) and found else compared
    return holds(compared, exchange) if compared is not None else None


@rule(
    "FND-018",
    judges="find_cases",
    accepts=[created(NEW), scanned(case(2, scans=[scan(7, 1, 16)])), created(NEW, NEW)],
    rejects=[created(case(1, scans=[scan(7, 1, 16)])), scanned(SCANNED)],
    ignores=[created(), modelled(DONE), search(NEW), scanned(case(2, scans=None))],
)
def scans_agree_with_the_status(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case found as not scanned shows no scan, one found as scanned shows some."""
    asking = plain_search(history, exchange)
    if asking is None or asking[1].wanted not in ({"is_created"}, {"is_scanned"}):
        return None
    expects = asking[1].wanted == {"is_scanned"}
    shown = {n: bool(r.records("scans")) for n, r in asking[0].items() if r.get("scans") is not None}
    odd = [number for number, some in shown.items() if some is not expects]
    if not shown:
        return None
    what = spec.record["case"].by_role["scans"].name
    expected = f"cases {'with' if expects else 'without'} {what}, since they shall be {statuses(asking[1])}"
    return judged(not odd, expected, f"case {odd[0] if odd else ''} {'without' if expects else 'with'} any", exchange)


# -- several, and none ----------------------------------------------------------------------------------------


@rule(
    "FND-013",
    judges="find_cases",
    accepts=[
        EACH + search(NEW, SCANNED, is_created="True", is_scanned="True"),
        ONE_BY_ONE + search(NEW, SCANNED, is_created="True", is_scanned="True"),
        EACH + search(NEW, SCANNED, DONE, is_created="True", is_scanned="True", is_modelled="True"),
    ],
    rejects=[
        EACH + search(NEW, is_created="True", is_scanned="True"),
        EACH + search(is_created="True", is_modelled="True"),
        EACH + search(NEW, SCANNED, is_created="True", is_scanned="True", is_modelled="True"),
        ONE_BY_ONE + search(SCANNED, is_created="True", is_scanned="True"),
    ],
    ignores=[EACH + created(NEW), search(NEW, SCANNED, is_created="True", is_scanned="True")],
)
def statuses_asked_for_together_add_up(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search for several statuses finds every case that has one of them."""
    asking = plain_search(history, exchange)
    if asking is None or len(asking[1].wanted) < 2 or asking[1].bounds:
        return None
    found, wish = asking
    known = known_cases(history, exchange)
    lost = missing(known, wish, found)
    if lost is not None:
        expected = f"case {lost.id}, which is {lost.state}, among those that are {statuses(wish)}"
        return breaks(expected, f"{amount(found)}, and not that one", *lost.numbers, exchange)
    kept = [one for one in known.values() if one.id in found and surely_wanted(one, wish)]
    return holds(*kept[0].numbers, exchange) if len({one.state for one in kept}) > 1 else None


@rule(
    "FND-015",
    judges="find_cases",
    accepts=[
        EACH + search(NEW, DONE, is_created="True", is_modelled="True"),
        ONE_BY_ONE + search(NEW, DONE, is_created="True", is_modelled="True"),
    ],
    rejects=[
        EACH + search(NEW, SCANNED, DONE, is_created="True", is_modelled="True"),
        ONE_BY_ONE + search(SCANNED, DONE, is_created="True", is_modelled="True"),
        EACH + search(SCANNED, is_created="True", is_modelled="True", created_from="2019-01-01"),
    ],
    ignores=[
        EACH + created(NEW),
        EACH + search(NEW, SCANNED, DONE),
        search(NEW, DONE, is_created="True", is_modelled="True"),
    ],
)
def a_status_not_asked_for_is_ignored(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search for several statuses finds no case that has another one."""
    asking = plain_search(history, exchange)
    if asking is None or len(asking[1].wanted) < 2:
        return None
    found, wish = asking
    others = [one for one in known_cases(history, exchange).values() if in_state(one, wish) is Side.OUTSIDE]
    odd = [one for one in others if one.id in found]
    if odd:
        expected = f"no case that is {odd[0].state}, since cases that are {statuses(wish)} were asked for"
        return breaks(expected, f"case {odd[0].id}", *odd[0].numbers, exchange)
    return holds(*others[0].numbers, exchange) if others else None


@rule(
    "FND-014",
    judges="find_cases",
    accepts=[
        DECLARED + search(NEW, SCANNED, DONE),
        created(NEW) + scanned(SCANNED) + modelled(DONE) + search(NEW, SCANNED, DONE),
    ],
    rejects=[
        DECLARED + search(SCANNED, DONE),
        DECLARED + search(NEW),
        created(NEW) + scanned() + modelled(DONE) + search(NEW, SCANNED, DONE),
    ],
    ignores=[
        DECLARED + created(NEW),
        search(NEW),
        created(NEW) + search(NEW),
        DECLARED + search(NEW, is_created="False"),
        DECLARED + search(NEW, DONE, created_to="2021-06-01"),
    ],
)
def without_a_status_all_statuses_are_found(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A search without criteria finds cases of every status: none is missing as a whole, and none has another."""
    asking = plain_search(history, exchange)
    if asking is None or asking[1].count or asking[1].denied:
        return None
    found, known = asking[0], known_cases(history, exchange)
    fitting = [one for one in known.values() if one.state]
    for state in dict.fromkeys(one.state for one in fitting):
        same = [one for one in fitting if one.state == state]
        if not any(one.id in found for one in same):
            expected = f"cases of every status, such as {same[0].id}, which is {state}"
            return breaks(expected, f"none that is {state}", *same[0].numbers, exchange)
    searches = _one_by_one(history, exchange)
    nowhere = [n for n in found if not any(n in (listing(s) or {}) for s in searches)]
    without = [n for n in nowhere if n not in known or not known[n].declared]
    if len(searches) == len(STATES) and without and not begun(history, exchange):
        expected = f"case {without[0]} under one of the statuses as well"
        return breaks(expected, "it under none of them", *searches, exchange)
    return holds(exchange) if len({one.state for one in fitting}) > 1 else None


def _one_by_one(history: History, exchange: Exchange) -> list[Exchange]:
    """The newest searches for one status alone, without dates: at most one for each."""
    found: dict[frozenset[str], Exchange] = {}
    for other in earlier(history, exchange):
        wish = criteria(other)
        if wish.sure and len(wish.wanted) == 1 and not wish.bounds:
            found.setdefault(wish.wanted, other)
    return list(found.values())
