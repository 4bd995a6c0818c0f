"""What refused and cancelled operations leave behind: nothing. Ids that nobody used are free."""

from __future__ import annotations

from conformance.rules.broken_premises import on_refusal
from conformance.rules.catalogue import rule
from conformance.rules.marks import broken
from conformance.rules.origins import (
    Free,
    Held,
    Unused,
    available,
    broken_patient_id,
    enforced,
    held,
    unused_id,
)
from conformance.rules.patient_sketches import (
    cancels,
    creation,
    made,
    mapped,
    maps_existing,
    saves,
    selection,
    unmapped,
    update,
    visible,
)
from conformance.rules.premises import Ending, accepted_names, ending
from conformance.rules.verdict import Verdict
from conformance.spec import Spec
from conformance.trace import Button, Exchange, History, Sketch, fresh

HELD = made("H", patient_id="P")
"""P belongs to H, with operation 101."""

CHOSEN = maps_existing(1, Button.APPLY)
SHOWN = HELD + fresh("Z") + creation("Z", 90, "patient_id_taken", patient_id="P")
"""... and the server was seen to refuse it to others."""


# -- patient ids that somebody has ----------------------------------------------------------------------------


@rule(
    "PAT-015",
    judges="get_status",
    when=broken("create_patient"),
    accepts=[
        HELD + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
        mapped("H", "Ann", "Fox", "P") + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
        unmapped("Roe", "P") + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
    ],
    rejects=[
        HELD + fresh("A") + creation("A", 1, "processed", patient_id="P"),
        HELD + fresh("A") + creation("A", 1, "integration_id_taken", patient_id="P"),
        unmapped("Roe", "P") + fresh("A") + creation("A", 1, "processed", patient_id="P"),
        SHOWN + update("H", 1, "last_name_missing", last_name=None) + creation("A", 2, "exception", patient_id="P"),
    ],
    ignores=[
        visible("P") + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
        HELD + fresh("A") + creation("A", 1, "processed", patient_id="p"),
        HELD + fresh("A") + creation("A", 1, "processed", patient_id="P "),
        HELD + update("H", 2, "processed") + fresh("A") + creation("A", 1, "processed", patient_id="P"),
        unmapped("Fox", "P")
        + fresh("A")
        + CHOSEN
        + creation("A", 1, "exception", patient_id="P", station=7, merge="True"),
    ],
)
def a_creation_with_another_patients_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A wrong status always counts; acceptance counts where the holder got the id by plain creation."""
    return _refused(history, query, spec, "PAT-015", "create_patient")


@rule(
    "UPD-015",
    judges="get_status",
    when=broken("update_patient"),
    accepts=[HELD + made("B") + update("B", 1, "patient_id_taken", patient_id="P")],
    rejects=[
        HELD + made("B") + update("B", 1, "processed", patient_id="P"),
        HELD + made("B") + update("B", 1, "integration_id_unknown", patient_id="P"),
    ],
    ignores=[
        HELD + update("H", 1, "processed", patient_id="P"),
        HELD + update("B", 1, "integration_id_unknown", patient_id="P"),
        HELD + made("B") + update("B", 1, "processed", patient_id="p"),
        HELD
        + fresh("B")
        + saves(3)
        + creation("B", 3, "processed", station=7)
        + update("B", 1, "integration_id_unknown", patient_id="P"),
    ],
)
def an_update_to_another_patients_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The patient that is updated exists and is not the one that has the id."""
    return _refused(history, query, spec, "UPD-015", "update_patient")


def _refused(history: History, query: Exchange, spec: Spec, row: str, role: str) -> Verdict | None:
    end = ending(history, query, spec, role)
    premise = broken_patient_id(end)
    if end is None or premise is None or premise.holding is None:
        return None
    if end.status.name == "processed" and held(history, end, premise.holding) is not Held.PLAIN:
        return None
    if end.status.name == "integration_id_unknown" and _mapped_by_station(end):
        return None
    return on_refusal(history, end, premise, accepted_names(premise.outcome, row, spec), spec)


def _mapped_by_station(end: Ending) -> bool:
    """True when a station gave the integration id: that it is unknown now is for the rules on what stations do."""
    return any(p.proof is not None and p.proof.by is not None and p.proof.by.on_station for p in end.premises)


@rule(
    "UPD-018",
    judges="get_status",
    when=Held.AFTER_REFUSED_UPDATE,
    accepts=[
        SHOWN
        + update("H", 1, "last_name_missing", last_name=None)
        + creation("Z", 2, "patient_id_taken", patient_id="P")
    ],
    rejects=[
        SHOWN + update("H", 1, "last_name_missing", last_name=None) + creation("Z", 2, "processed", patient_id="P")
    ],
    ignores=[
        HELD + update("H", 1, "processed") + fresh("Z") + creation("Z", 2, "processed", patient_id="P"),
        SHOWN + creation("Z", 2, "processed", patient_id="P"),
    ],
)
def a_refused_update_keeps_the_patient_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Somebody else asks for the id of a patient whose last update was refused."""
    return enforced(history, query, spec, Held.AFTER_REFUSED_UPDATE)


@rule(
    "PAT-052",
    judges="get_status",
    when=Held.AFTER_REFUSED_CREATION,
    accepts=[
        SHOWN + creation("H", 1, "integration_id_taken") + creation("Z", 2, "patient_id_taken", patient_id="P"),
    ],
    rejects=[SHOWN + creation("H", 1, "integration_id_taken") + creation("Z", 2, "processed", patient_id="P")],
    ignores=[SHOWN + creation("Z", 2, "processed", patient_id="P")],
)
def a_refused_creation_leaves_the_owner_as_it_was(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Somebody else asks for the patient id of a patient under whose integration id a creation was refused."""
    return enforced(history, query, spec, Held.AFTER_REFUSED_CREATION)


# -- patient ids that nobody has ------------------------------------------------------------------------------

NO_LAST_NAME = {"last_name": None, "patient_id": "P"}
P = visible("P")


@rule(
    "PAT-021",
    judges="get_status",
    when=Free.NEVER,
    accepts=[P + fresh("A") + creation("A", 1, "processed", patient_id="P")],
    rejects=[
        P + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
        HELD + visible("p") + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="p"),
    ],
    ignores=[
        fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
        P + made("B") + update("B", 1, "patient_id_taken", patient_id="P"),
        P + fresh("A") + creation("A", 1, "patient_id_taken", **NO_LAST_NAME),
    ],
)
def an_unused_patient_id_is_free_for_creations(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Nobody ever named it; ids that differ in a single character are different."""
    return available(history, query, spec, Free.NEVER, "create_patient")


@rule(
    "UPD-022",
    judges="get_status",
    when=Free.NEVER,
    accepts=[P + made("B") + update("B", 1, "processed", patient_id="P")],
    rejects=[P + made("B") + update("B", 1, "patient_id_taken", patient_id="P")],
    ignores=[
        made("B") + update("B", 1, "patient_id_taken", patient_id="P"),
        P + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"),
    ],
)
def an_unused_patient_id_is_free_for_updates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Nobody ever named it."""
    return available(history, query, spec, Free.NEVER, "update_patient")


@rule(
    "PAT-019",
    judges="get_status",
    when=Free.REFUSED_CREATION,
    accepts=[
        P
        + fresh("A", "B")
        + creation("A", 1, "last_name_missing", **NO_LAST_NAME)
        + creation("B", 2, "processed", patient_id="P")
    ],
    rejects=[
        P
        + fresh("A", "B")
        + creation("A", 1, "last_name_missing", **NO_LAST_NAME)
        + creation("B", 2, "patient_id_taken", patient_id="P")
    ],
    ignores=[
        P
        + fresh("A", "B")
        + creation("A", 1, "awaiting", **NO_LAST_NAME)
        + creation("B", 2, "patient_id_taken", patient_id="P")
    ],
)
def a_refused_creation_leaves_its_patient_id_free(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Only creations that were refused had named it."""
    return available(history, query, spec, Free.REFUSED_CREATION)


@rule(
    "UPD-019",
    judges="get_status",
    when=Free.REFUSED_UPDATE,
    accepts=[
        P
        + made("B", "C")
        + update("B", 1, "last_name_missing", **NO_LAST_NAME)
        + update("C", 2, "processed", patient_id="P")
    ],
    rejects=[
        P
        + made("B", "C")
        + update("B", 1, "last_name_missing", **NO_LAST_NAME)
        + update("C", 2, "patient_id_taken", patient_id="P")
    ],
    ignores=[P + made("C") + update("C", 2, "patient_id_taken", patient_id="P")],
)
def a_refused_update_leaves_its_patient_id_free(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Only updates that were refused had named it."""
    return available(history, query, spec, Free.REFUSED_UPDATE)


@rule(
    "PAT-034",
    judges="get_status",
    when=Free.CANCELLED_CREATION,
    accepts=[
        P
        + fresh("A", "B")
        + cancels(1)
        + creation("A", 1, "rejected_by_operator", patient_id="P", station=7)
        + creation("B", 2, "processed", patient_id="P")
    ],
    rejects=[
        P
        + fresh("A", "B")
        + cancels(1)
        + creation("A", 1, "rejected_by_operator", patient_id="P", station=7)
        + creation("B", 2, "patient_id_taken", patient_id="P")
    ],
)
def a_cancelled_creation_leaves_its_patient_id_free(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Only a creation that the operator cancelled had named it."""
    return available(history, query, spec, Free.CANCELLED_CREATION)


# -- integration ids that nobody has --------------------------------------------------------------------------

A = fresh("A")
STRANGERS = update("N", 98, "integration_id_unknown") + selection("N", 99, "integration_id_unknown")
"""The server was seen to refuse ids that nobody has."""


def _after(first: Sketch, ended: str) -> Sketch:
    return A + first + creation("A", 2, ended)


@rule(
    "PAT-020",
    judges="get_status",
    when=Unused.NEVER,
    accepts=[A + creation("A", 1, "processed"), made("a") + A + creation("A", 1, "processed")],
    rejects=[A + creation("A", 1, "integration_id_taken"), made("a") + A + creation("A", 1, "integration_id_taken")],
    ignores=[
        creation("A", 1, "integration_id_taken"),
        mapped("A", "", "Fox") + creation("A", 1, "integration_id_taken"),
    ],
)
def an_unused_integration_id_is_free(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Nobody ever named it; ids that differ in a single character are different."""
    end = ending(history, query, spec, "create_patient")
    return unused_id(history, query, spec, Unused.NEVER) if end is not None else None


@rule(
    "PAT-018",
    judges="get_status",
    when=Unused.REFUSED_CREATION,
    accepts=[
        _after(creation("A", 1, "last_name_missing", last_name=None), "processed"),
        A + creation("A", 1, "last_name_missing", last_name=None) + update("A", 2, "integration_id_unknown"),
    ],
    rejects=[
        _after(creation("A", 1, "last_name_missing", last_name=None), "integration_id_taken"),
        STRANGERS + A + creation("A", 1, "last_name_missing", last_name=None) + update("A", 2, "processed"),
        STRANGERS + A + creation("A", 1, "last_name_missing", last_name=None) + selection("A", 2, "processed"),
    ],
    ignores=[
        A + creation("A", 1, "last_name_missing", last_name=None) + update("A", 2, "processed"),
        _after(creation("A", 1, "exception"), "integration_id_taken"),
    ],
)
def a_refused_creation_leaves_nobody_behind(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Every creation under the id was refused; then it is used again."""
    return unused_id(history, query, spec, Unused.REFUSED_CREATION)


_CANCELLED = cancels(1) + creation("A", 1, "rejected_by_operator", station=7)


@rule(
    "PAT-033",
    judges="get_status",
    when=Unused.CANCELLED_CREATION,
    accepts=[_after(_CANCELLED, "processed")],
    rejects=[_after(_CANCELLED, "integration_id_taken"), STRANGERS + A + _CANCELLED + update("A", 2, "processed")],
    ignores=[_after(creation("A", 1, "station_silent", station=7), "integration_id_taken")],
)
def a_cancelled_creation_leaves_nobody_behind(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator cancelled the last creation under the id; then it is used again."""
    return unused_id(history, query, spec, Unused.CANCELLED_CREATION)


@rule(
    "UPD-021",
    judges="get_status",
    when=Unused.REFUSED_UPDATE,
    accepts=[_after(update("A", 1, "integration_id_unknown"), "processed")],
    rejects=[
        _after(update("A", 1, "integration_id_unknown"), "integration_id_taken"),
        STRANGERS + A + update("A", 1, "integration_id_unknown") + selection("A", 2, "processed"),
    ],
    ignores=[_after(update("A", 1, "processed"), "processed")],
)
def an_update_creates_nobody(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An update under the id was refused, since nobody has it; then it is used again."""
    return unused_id(history, query, spec, Unused.REFUSED_UPDATE)


@rule(
    "SEL-009",
    judges="get_status",
    when=Unused.SELECTED,
    accepts=[_after(selection("A", 1, "integration_id_unknown"), "processed")],
    rejects=[_after(selection("A", 1, "navigation_failed"), "integration_id_taken")],
    ignores=[_after(selection("A", 1, "processed"), "processed")],
)
def a_selection_creates_nobody(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A station was asked to show the patient, without success; then the id is used again."""
    return unused_id(history, query, spec, Unused.SELECTED)
