"""What false means in a search by status, and whether the spelling of true counts."""

from __future__ import annotations

from conformance.rules.case_knowledge import STATES, asked, known_cases, within
from conformance.rules.case_sketches import case, declared, search
from conformance.rules.case_statuses import plain_search
from conformance.rules.catalogue import observes, rule
from conformance.rules.effect import same_effect
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Sketch, listing

NEW, SCANNED, DONE = case(1), case(2), case(3, modelled=True)
EACH = declared(1, state="created") + declared(2, state="scanned") + declared(3, state="modelled")
CREATED = search(NEW, is_created="True")


@rule(
    "FND-016",
    judges="find_cases",
    accepts=[
        EACH + search(NEW, SCANNED, DONE, is_created="False"),
        EACH + search(SCANNED, DONE, is_created="False"),
        EACH + search(is_created="False"),
        EACH + search(NEW, SCANNED, DONE, is_created="False", is_scanned="False", is_modelled="False"),
    ],
    rejects=[
        EACH + search(NEW, is_created="False"),
        EACH + search(NEW, SCANNED, is_created="False"),
        EACH + search(NEW, SCANNED, is_created="False", is_scanned="False"),
        EACH + search(NEW, is_created="False", is_scanned="False", is_modelled="False"),
    ],
    ignores=[EACH + CREATED, search(NEW, is_created="False"), EACH + search(NEW, is_created="false")],
)
def a_status_said_to_be_false_is_not_searched_for(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """False brings all cases, all but those of that status, or none; the guide allows each of these readings.

    What it cannot bring is the cases of that status alone, or some cases of one kind and not others.
    """
    seen = _what_false_brings(history, exchange)
    if seen is None:
        return None
    named, others = seen
    kept = (named, others) in (({True}, {True}), ({False}, {True}), ({False}, {False}))
    alone = not others and len(named) == 1
    expected = f"with {asked(exchange, spec)}, all cases, all but those, or none"
    return judged(kept or alone, expected, _mixture(named, others), exchange)


def _what_false_brings(history: History, exchange: Exchange) -> tuple[set[bool], set[bool]] | None:
    """Whether cases of the statuses said to be false were found, and whether others were; None where unknown."""
    asking = plain_search(history, exchange)
    if asking is None or asking[1].wanted or not asking[1].denied:
        return None
    found, wish = asking
    denied = {STATES[role] for role in wish.denied}
    fitting = [o for o in known_cases(history, exchange).values() if o.state and within(o, wish)]
    named = {one.id in found for one in fitting if one.state in denied}
    others = {one.id in found for one in fitting if one.state not in denied}
    return (named, others) if named and (others or denied == set(STATES.values())) else None


def _mixture(named: set[bool], others: set[bool]) -> str:
    words = {frozenset({True}): "all", frozenset({False}): "none", frozenset({True, False}): "some"}
    return f"{words[frozenset(named)]} of those, and {words.get(frozenset(others), 'none')} of the others"


@observes(
    "EXPLICIT-FALSE",
    judges="find_cases",
    shows=[
        (EACH + search(NEW, SCANNED, DONE, is_created="False"), "as-omitted"),
        (EACH + search(SCANNED, DONE, is_created="False"), "excludes"),
        (EACH + search(is_created="False"), "selects-nothing"),
        (EACH + search(NEW, is_created="False"), ""),
        (EACH + search(is_created="False", is_scanned="False", is_modelled="False"), ""),
    ],
)
def what_a_status_said_to_be_false_does(history: History, exchange: Exchange, spec: Spec) -> str | None:
    seen = _what_false_brings(history, exchange)
    if seen is None or not seen[1]:
        return None
    takes = {(True, True): "as-omitted", (False, True): "excludes", (False, False): "selects-nothing"}
    return next((take for (n, o), take in takes.items() if seen == ({n}, {o})), None)


def _spelt(twin: Sketch, odd: Sketch) -> Sketch:
    return twin.probe("boolean-case", "1", "twin") + odd.probe("boolean-case", "1", "lower")


ALL = search(NEW, SCANNED, DONE)


@observes(
    "BOOLEAN-SPELLING",
    judges="find_cases",
    shows=[
        (ALL + _spelt(CREATED, search(NEW, is_created="true")), "any-case"),
        (ALL + _spelt(CREATED, search(NEW, SCANNED, DONE, is_created="true")), "as-shown"),
        (ALL + _spelt(CREATED, search(is_created="true").refused(400)), "as-shown"),
        (search(NEW) + _spelt(CREATED, search(NEW, is_created="true")), ""),
        (_spelt(CREATED, search(NEW, is_created="true")), ""),
    ],
)
def whether_true_is_understood_in_any_case(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """The probe writes true in other letters than its twin. Seen only where the twin finds some cases and not all."""
    pairing = same_effect(history, exchange, "boolean-case", spec)
    if pairing is None:
        return None
    known, found = known_cases(history, pairing.twin), listing(pairing.twin)
    if found is None or not known.keys() - found.keys():
        return None
    return "any-case" if pairing.equal else "as-shown"
