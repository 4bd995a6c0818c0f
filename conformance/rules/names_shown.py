"""What the cases of a patient show of its names after updates: replaced, erased, or left as they were.

Names are compared word by word, since only whole words can be compared in a recording that names nobody, and since
servers may put them in another order. A name written in a way that cannot be compared decides nothing, unless the same
patient's name was seen written plainly before.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from itertools import islice

from conformance.rules.at_odds import said
from conformance.rules.catalogue import rule
from conformance.rules.full_names import counted_words, words_shown, words_told
from conformance.rules.patient_sketches import STATION, cases, creation, made, mapped, pressed, update
from conformance.rules.verdict import Evidence, Verdict, breaks, holds, undecided
from conformance.spec import Spec
from conformance.trace import (
    Asked,
    Button,
    Exchange,
    History,
    Names,
    NoteKind,
    Operation,
    Sketch,
    State,
    call,
    folded,
    fresh,
    note,
)
from conformance.wire import Document

ANN = mapped("A", "Ann", "Roe")
OTHERS = mapped("B", "Ida", "Poe") + mapped("C", "Uwe", "Coe") + cases("B", "Ida Poe") + cases("C", "Uwe Coe")


class Since(StrEnum):
    """What happened to the names last."""

    REPLACED = "replaced"
    ERASED = "erased"  # the first name was left out
    APPLIED = "applied"  # at a station
    REFUSED = "refused"
    NOT_MADE = "not made"  # a creation under the same integration id was refused
    KEPT = "kept"  # at a station
    NOTHING = "nothing"


def _last(history: History, names: Names) -> Since:
    if names.since:
        last = names.since[-1]
        if last.role == "create_patient":
            return Since.NOT_MADE
        if last.role != "update_patient":
            return Since.NOTHING
        kept = last.on_station and history.proofs.decisions(last).get(Asked.SYNC) == Button.KEEP
        return Since.KEPT if kept else Since.REFUSED
    if names.by is None or names.by.role != "update_patient":
        return Since.NOTHING
    if names.by.on_station:
        return Since.APPLIED
    erased = not names.first and names.former is not None and bool(names.former[0])
    return Since.ERASED if erased else Since.REPLACED


def _shown(history: History, exchange: Exchange, since: Since) -> Verdict | None:
    """The verdict on the patient's name in a list of its cases, when that is what happened last."""
    patient = exchange.values.get("integration_id", "")
    document = exchange.document
    if not isinstance(document, Document) or document.role != "cases" or not exchange.succeeded:
        return None
    names = history.proofs.names(patient, exchange)
    if names is None or _last(history, names) is not since:
        return None
    every = _names(exchange, patient)
    if not every:
        return None
    wanted = _plain(names)
    shown = next((name for name in every if counted_words(name, names) != wanted), every[0])
    return None if _wrong_before(history, patient, names, shown) else _compared(history, exchange, names, shown)


def _names(exchange: Exchange, patient: str) -> list[str]:
    """The patient's name as each of its cases in the list shows it."""
    records = exchange.document.records if isinstance(exchange.document, Document) else ()
    shown = [case.text("patient_name") for case in records if case.text("integration_id") == patient]
    return [name for name in shown if name]


def _wrong_before(history: History, patient: str, names: Names, shown: str) -> bool:
    """True when it is not what came last that made the name wrong: it stood so before, or may have.

    Without a look in between, a name without a word of what came last shows that the write before it was lost.
    """
    wanted, found = _plain(names), counted_words(shown, names)
    if not names.since or wanted == found:
        return False
    looks = [
        _names(look, patient)
        for look in history.cases.searches(patient)
        if look.number > names.evidence[-1] and look.before(names.since[0].call)
    ]
    looks = [look for look in looks if look]
    if looks:
        return found in [counted_words(name, names) for name in looks[-1]]
    late = {word for operation in names.since for word in _words(operation)} - wanted.keys()
    return names.by is not None and not late & found.keys()


def _compared(history: History, exchange: Exchange, names: Names, shown: str) -> Verdict | None:
    evidence: tuple[Evidence, ...] = (*names.evidence, *names.since, exchange)
    wanted, found = _plain(names), counted_words(shown, names)
    expected = _expected(names)
    if wanted == found:
        turned = _turned(history, exchange, names, shown)
        return breaks(expected, "the last name in the place of the first", *evidence) if turned else holds(*evidence)
    if _folded(wanted) == _folded(found):
        return breaks(expected, "the same letters in another case", *evidence)
    others = set(f"{names.former[0]} {names.former[1]}".split()) if names.former else set()
    others |= {word for operation in names.since for word in _words(operation)}
    strange = (others - wanted.keys()) & found.keys()
    if strange:
        return breaks(expected, f"a word of the name that it must not have: shown {said(shown)}", *evidence)
    if _written_plainly(history, exchange, names):
        observed = f"another name: shown {said(shown)}, told {said(' '.join(wanted.elements()))}"
        return breaks(expected, observed, *evidence)
    return undecided("the name is written in a way that a recording without names cannot compare", *evidence)


def _expected(names: Names) -> str:
    if names.since:
        return f"the name as it was before exchange {names.since[0].call.number}"
    first = "and no first name" if not names.first else "and first name"
    return f"the last name {first} that the patient was given last"


def _words(operation: Operation) -> list[str]:
    values = operation.call.values
    return f"{values.get('first_name', '')} {values.get('last_name', '')}".split()


def _folded(words: Counter[str]) -> Counter[str]:
    return Counter(map(folded, words.elements()))


def _written_plainly(history: History, exchange: Exchange, wanted: Names) -> bool:
    """True when an earlier list showed names, known at that time, word for word; with a first name if there is one."""
    for earlier in history.of("find_cases"):
        if not earlier.before(exchange) or not isinstance(earlier.document, Document):
            continue
        for case in earlier.document.records:
            names = history.proofs.names(case.text("integration_id"), earlier)
            if names is None or (wanted.first and not names.first):
                continue
            if counted_words(case.text("patient_name"), names) == _plain(names):
                return True
    return False


ENOUGH_ALIKE = 2
"""So many prepared patients with their names in one order show that it is the server's: one may be declared wrongly."""


MOST_LOOKS = 10
"""So many searches for each of them are looked at, those before they were written to first: all would be ever more."""


def _turned(history: History, exchange: Exchange, names: Names, shown: str) -> bool:
    """True when the names stand in the other order than those of several patients that were prepared."""
    order = _order(names, shown)
    if order is None or names.by is None:
        return False
    prepared = [fact.data for fact in history.notes(NoteKind.FIXTURE) if fact.data.get("what") == "patient"]
    told = 0
    for patient in dict.fromkeys(fact.get("integration_id", "") for fact in prepared):
        seen = set()
        for earlier in islice(history.cases.searches(patient), MOST_LOOKS):
            known = history.proofs.names(patient, earlier) if earlier.before(exchange) else None
            if known is None or known.by is not None:
                continue
            seen |= {each for each in (_order(known, name) for name in _names(earlier, patient)) if each}
            if order in seen:  # as a rule at the first look
                return False
        told += bool(seen)
    return told >= ENOUGH_ALIKE


class _Order(StrEnum):
    FIRST_LAST = "first name first"
    LAST_FIRST = "last name first"


def _order(names: Names, shown: str) -> _Order | None:
    first, last, words = names.first.split(), names.last.split(), words_shown(shown, names)
    if not first or not last or first + last == last + first:
        return None
    return {tuple(first + last): _Order.FIRST_LAST, tuple(last + first): _Order.LAST_FIRST}.get(tuple(words))


def _plain(names: Names) -> Counter[str]:
    return Counter(words_told(names))


@rule(
    "UPD-027",
    judges="find_cases",
    accepts=[
        ANN + update("A", 1, "processed") + cases("A", "Fox"),
        ANN + update("A", 1, "processed") + cases("A", "Fox, "),
    ],
    rejects=[
        ANN + update("A", 1, "processed") + cases("A", "Ann Fox"),
        ANN + update("A", 1, "processed") + cases("A", "Fox, Ann"),
        ANN + update("A", 1, "processed") + cases("A", "fox, "),
    ],
    ignores=[
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Ann Fox"),
        ANN + update("A", 1, "awaiting") + cases("A", "Ann Fox"),
        ANN + update("A", 1, "processed") + cases("A"),
        update("A", 1, "processed") + cases("A", "Ann Fox"),
    ],
)
def a_first_name_left_out_is_erased(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The patient had a first name; the update gave none."""
    return _shown(history, exchange, Since.ERASED)


@rule(
    "UPD-028",
    judges="find_cases",
    accepts=[
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Fox Bo"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Fox, Bo"),
        ANN + update("A", 1, "processed", first_name="Bo,", last_name="Fox, Jr.") + cases("A", "Fox, Jr., Bo,"),
        made("A", first_name="Cy") + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox", "Bo Fox"),
        ANN + OTHERS + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox"),
        ANN + cases("A", "Ann Roe") + update("A", 1, "processed", first_name="Bo") + cases("A", "Fox Bo"),
    ],
    rejects=[
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Ann Roe"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Ann Fox"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "BO FOX"),
        ANN + cases("A", "Ann Roe") + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox", "Ann Roe"),
        ANN + OTHERS + update("A", 1, "processed", first_name="Bo") + cases("A", "Fox Bo"),
    ],
    ignores=[
        ANN + cases("A", "Ann Roe"),
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Fox; Bo"),
        ANN
        + call("update_patient", integration_id="A", last_name="Fox", operation=1).lost()
        + update("A", 2, "processed", first_name="Bo")
        + cases("A", "Ann Roe"),
    ],
)
def names_are_replaced(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The update gave both names, or the patient had no first name before."""
    return _shown(history, exchange, Since.REPLACED)


@rule(
    "UPD-020",
    judges="find_cases",
    accepts=[ANN + update("A", 1, "patient_id_taken", first_name="Bo", patient_id="P") + cases("A", "Ann Roe")],
    rejects=[
        ANN + update("A", 1, "patient_id_taken", first_name="Bo", patient_id="P") + cases("A", "Bo Fox"),
        ANN + update("A", 1, "last_name_missing", first_name="Bo", last_name=None) + cases("A", "Bo Roe"),
        ANN
        + cases("A", "Ann Roe")
        + update("A", 1, "last_name_missing", first_name="Bo", last_name=None)
        + cases("A", "Ann"),
    ],
    ignores=[
        ANN + update("A", 1, "processed", first_name="Bo") + cases("A", "Bo Fox"),
        ANN
        + update("A", 1, "processed", first_name="Bo")
        + update("A", 2, "last_name_missing", first_name="Bo", last_name=None)
        + cases("A", "Ann Roe"),
        ANN
        + update("A", 1, "processed", first_name="Bo")
        + cases("A", "Bo Roe")
        + update("A", 2, "last_name_missing", first_name="Bo", last_name=None)
        + cases("A", "Bo Roe"),
    ],
)
def a_refused_update_leaves_the_names(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The last update was refused, or cancelled at a station."""
    return _shown(history, exchange, Since.REFUSED)


@rule(
    "PAT-055",
    judges="find_cases",
    accepts=[ANN + creation("A", 1, "integration_id_taken", first_name="Bo") + cases("A", "Ann Roe")],
    rejects=[
        ANN + creation("A", 1, "integration_id_taken", first_name="Bo") + cases("A", "Bo Roe"),
        ANN + creation("A", 1, "integration_id_taken", first_name="Bo") + cases("A", "Bo Fox"),
    ],
    ignores=[
        ANN + update("A", 1, "last_name_missing", first_name="Bo", last_name=None) + cases("A", "Bo Roe"),
        ANN + creation("A", 1, "awaiting", first_name="Bo", station=STATION) + cases("A", "Bo Roe"),
        ANN + cases("A", "Bo Roe") + creation("A", 1, "integration_id_taken", first_name="Bo") + cases("A", "Bo Roe"),
    ],
)
def a_refused_creation_leaves_the_names(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Whoever has the integration id keeps the names; last came a creation under it that failed."""
    return _shown(history, exchange, Since.NOT_MADE)


def _synced(button: Button) -> Sketch:
    return ANN + pressed(1, Asked.SYNC, button) + update("A", 1, "processed", first_name="Bo", station=STATION)


@rule(
    "UPD-037",
    judges="find_cases",
    accepts=[_synced(Button.KEEP) + cases("A", "Ann Roe")],
    rejects=[_synced(Button.KEEP) + cases("A", "Bo Fox")],
    ignores=[_synced(Button.APPLY) + cases("A", "Bo Fox")],
)
def names_that_are_kept_stay(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The operator kept the old data."""
    return _shown(history, exchange, Since.KEPT)


@rule(
    "UPD-038",
    judges="find_cases",
    accepts=[_synced(Button.APPLY) + cases("A", "Bo Fox")],
    rejects=[_synced(Button.APPLY) + cases("A", "Ann Roe"), _synced(Button.APPLY) + cases("A", "Ann Fox")],
    ignores=[_synced(Button.KEEP) + cases("A", "Ann Roe")],
)
def names_that_are_applied_are_written(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The operator applied the new data."""
    return _shown(history, exchange, Since.APPLIED)


_JUST_MADE = fresh("B") + creation("B", 1, "processed")


@rule(
    "PAT-054",
    judges="find_cases",
    accepts=[_JUST_MADE + cases("B"), _JUST_MADE + call("find_cases", integration_id="B")],
    rejects=[_JUST_MADE + cases("B", "Fox"), _JUST_MADE + update("B", 2, "processed") + cases("B", "Fox")],
    ignores=[
        cases("B", "Fox"),
        _JUST_MADE + call("create_case", integration_id="B", station=STATION, operation=2) + cases("B", "Fox"),
        fresh("B") + creation("B", 1, "processed", station=STATION) + cases("B", "Fox"),
        _JUST_MADE + cases("B").refused(404),
        _JUST_MADE + note(NoteKind.FIXTURE, what="case", integration_id="B") + cases("B", "Fox"),
        note(NoteKind.FOREIGN) + _JUST_MADE + cases("B", "Fox"),
    ],
)
def a_patient_made_on_the_server_has_no_cases(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The server made the patient in this trace, and neither a call nor, as far as is known, a person a case since."""
    patient = exchange.values.get("integration_id", "")
    if history.notes(NoteKind.FOREIGN) or _given(history, patient):
        return None
    proof = history.proofs.integration_id(patient, exchange)
    if not exchange.succeeded or proof.state is not State.PRESENT or proof.by is None or proof.by.on_station:
        return None
    started = (e for e in history.of("create_case") if e.values.get("integration_id") == patient)
    if any(e.started_s < exchange.finished_s for e in started):
        return None
    document = exchange.document
    if document is not None and not (isinstance(document, Document) and document.role == "cases"):
        return None
    found = len(document.records) if isinstance(document, Document) else 0
    if not found:
        return holds(*proof.evidence, exchange)
    return breaks("no cases, since the patient is new", f"{found} cases", *proof.evidence, exchange)


def _given(history: History, patient: str) -> bool:
    """True when cases of the patient were prepared, by whoever plays the dentist."""
    declared = (fact.data for fact in history.notes(NoteKind.FIXTURE))
    return any(data.get("what") == "case" and data.get("integration_id") == patient for data in declared)
