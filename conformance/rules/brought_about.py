"""What operations bring about, seen by what later ones meet: ids given, changed, taken away, kept.

A patient id has no reader of its own on the wire. Whether it was written shows when somebody else asks for it.
"""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.origins import Free, Held, Known, available, enforced, known_id
from conformance.rules.patient_sketches import (
    cancels,
    creation,
    made,
    makes_new,
    mapped,
    maps_existing,
    pressed,
    saves,
    selection,
    unmapped,
    update,
    visible,
)
from conformance.rules.verdict import Verdict
from conformance.spec import Spec
from conformance.trace import Asked, Button, Exchange, History, Sketch, fresh

P, Q, A, Z = visible("P"), visible("Q"), fresh("A"), fresh("Z")
SHOWN = (
    visible("X")
    + made("X", patient_id="X")
    + Z
    + creation("Z", 90, "patient_id_taken", patient_id="X")
    + made("Y")
    + update("Y", 91, "patient_id_taken", patient_id="X")
)
"""The server was seen to refuse a patient id that somebody else has, to creations and to updates."""


def _asks(ended: str, patient_id: str = "P") -> Sketch:
    """Somebody else asks for the patient id."""
    return creation("Z", 99, ended, patient_id=patient_id)


def _at_station(operation: int, ended: str, **more: object) -> Sketch:
    return creation("A", operation, ended, station=7, patient_id="P", **more)


# -- creations at a station -----------------------------------------------------------------------------------

SAVED = SHOWN + P + A + saves(1) + _at_station(1, "processed")
NAMESAKE = SHOWN + P + A + unmapped("Fox", "OLD")
APPLIED = NAMESAKE + maps_existing(1, Button.APPLY) + _at_station(1, "processed", merge=True)
KEPT = NAMESAKE + maps_existing(1, Button.KEEP) + _at_station(1, "processed", merge=True)
LOST_LATER = update("A", 2, "integration_id_unknown")
NEW = NAMESAKE + makes_new(1) + _at_station(1, "processed", merge=True)


@rule(
    "PAT-031",
    judges="get_status",
    when=Held.SAVED,
    accepts=[SAVED + _asks("patient_id_taken")],
    rejects=[SAVED + _asks("processed"), NEW + _asks("processed")],
    ignores=[SHOWN + P + A + _at_station(1, "processed") + _asks("processed")],
)
def a_saved_patient_has_its_patient_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator saved the new patient with the data of the call."""
    return enforced(history, query, spec, Held.SAVED)


@rule(
    "PAT-030",
    judges="get_status",
    when=Known.SAVED,
    accepts=[SAVED + update("A", 2, "processed"), SAVED + creation("A", 2, "integration_id_taken")],
    rejects=[
        SAVED + update("A", 2, "integration_id_unknown"),
        SAVED + selection("A", 2, "integration_id_unknown"),
        made("S") + creation("S", 3, "integration_id_taken") + SAVED + creation("A", 2, "processed"),
    ],
    ignores=[
        SHOWN + A + cancels(1) + _at_station(1, "rejected_by_operator") + update("A", 2, "integration_id_unknown")
    ],
)
def a_saved_patient_is_mapped(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator saved the new patient; then the integration id is used again."""
    return known_id(history, query, spec, Known.SAVED)


@rule(
    "PAT-039",
    judges="get_status",
    when=Known.EXISTING,
    accepts=[APPLIED + update("A", 2, "processed"), KEPT + selection("A", 2, "processed")],
    rejects=[APPLIED + update("A", 2, "integration_id_unknown"), KEPT + selection("A", 2, "integration_id_unknown")],
    ignores=[
        NEW + update("A", 2, "integration_id_unknown"),
        SHOWN + P + A + maps_existing(1, Button.KEEP) + _at_station(1, "processed", merge=True) + LOST_LATER,
    ],
)
def the_patient_that_was_chosen_is_mapped(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator chose an existing patient; then the integration id is used again."""
    return known_id(history, query, spec, Known.EXISTING)


@rule(
    "PAT-041",
    judges="get_status",
    when=Known.NEW,
    accepts=[NEW + update("A", 2, "processed")],
    rejects=[NEW + update("A", 2, "integration_id_unknown")],
    ignores=[APPLIED + update("A", 2, "integration_id_unknown")],
)
def the_patient_made_instead_is_mapped(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator turned the suggestions down; then the integration id is used again."""
    return known_id(history, query, spec, Known.NEW)


@rule(
    "PAT-042",
    judges="get_status",
    when=Free.KEPT_MERGE,
    accepts=[KEPT + _asks("processed")],
    rejects=[KEPT + _asks("patient_id_taken")],
    ignores=[
        SHOWN
        + P
        + A
        + maps_existing(1, Button.KEEP)
        + _at_station(1, "processed", merge=True)
        + _asks("patient_id_taken")
    ],
)
def old_data_that_are_kept_stay(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator mapped an existing patient and kept its data: the patient id of the call is nobody's."""
    return available(history, query, spec, Free.KEPT_MERGE)


@rule(
    "PAT-043",
    judges="get_status",
    when=Held.MERGED,
    accepts=[APPLIED + _asks("patient_id_taken")],
    rejects=[APPLIED + _asks("processed")],
)
def new_data_that_are_applied_are_written(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator mapped an existing patient and applied the data of the call: the patient id is its own now."""
    return enforced(history, query, spec, Held.MERGED)


_MAPPED_FOX = SHOWN + P + fresh("M") + creation("M", 80, "processed", patient_id="P")
_SECOND = A + maps_existing(1, Button.APPLY) + creation("A", 1, "processed", station=7, merge=True)

_AGAIN = (
    fresh("B") + maps_existing(3, Button.APPLY) + creation("B", 3, "processed", station=7, patient_id="Q", merge=True)
)


@rule(
    "PAT-038",
    judges="get_status",
    when=(Held.BY_MAPPED_NAMESAKE, Known.OFFERED),
    accepts=[
        _MAPPED_FOX + _SECOND + update("A", 2, "patient_id_taken", patient_id="P"),
        _MAPPED_FOX + _SECOND + update("M", 2, "processed"),
        APPLIED + _AGAIN + update("A", 2, "processed"),
    ],
    rejects=[
        APPLIED + _AGAIN + update("A", 2, "integration_id_unknown"),
        _MAPPED_FOX + _SECOND + update("A", 2, "processed", patient_id="P"),
        _MAPPED_FOX + _SECOND + update("M", 2, "integration_id_unknown"),
    ],
    ignores=[_MAPPED_FOX + update("M", 2, "integration_id_unknown")],
)
def mapped_patients_are_not_offered(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A patient is mapped; a merge for the same names is told to take whoever is offered.

    If it got the mapped one, either its first integration id is gone, or the second may take its patient id.
    """
    verdict = enforced(history, query, spec, Held.BY_MAPPED_NAMESAKE)
    return verdict if verdict is not None else known_id(history, query, spec, Known.OFFERED)


# -- creations on the server ----------------------------------------------------------------------------------


def _on_server(flag: bool, ended: str) -> Sketch:
    made_there = creation("A", 1, "processed", merge=flag) if flag else creation("A", 1, "processed")
    return SHOWN + unmapped("Fox", "OLD") + A + made_there + update("A", 2, ended, patient_id="OLD")


@rule(
    "PAT-035",
    judges="get_status",
    when=Held.BY_MERGED_NAMESAKE,
    accepts=[_on_server(True, "patient_id_taken")],
    rejects=[_on_server(True, "processed")],
    ignores=[
        SHOWN + unmapped("Roe", "OLD") + A + creation("A", 1, "processed", merge=True) + update("A", 2, "processed")
    ],
)
def the_server_never_merges(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The names are those of an unmapped patient; its patient id must not be free for the one just made."""
    return enforced(history, query, spec, Held.BY_MERGED_NAMESAKE)


@rule(
    "PAT-036",
    judges="get_status",
    when=Held.BY_NAMESAKE,
    accepts=[_on_server(False, "patient_id_taken")],
    rejects=[_on_server(False, "processed")],
)
def the_server_makes_a_new_patient(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The same without the wish to merge."""
    return enforced(history, query, spec, Held.BY_NAMESAKE)


@rule(
    "MAP-007",
    judges="get_status",
    when=Known.CREATED,
    accepts=[
        made("A") + update("A", 1, "processed"),
        made("A") + selection("A", 1, "processed"),
        made("A") + creation("A", 1, "integration_id_taken"),
    ],
    rejects=[
        made("A") + update("A", 1, "integration_id_unknown"),
        made("A") + selection("A", 1, "integration_id_unknown"),
        made("A") + update("A", 1, "processed") + update("A", 2, "integration_id_unknown"),
    ],
    ignores=[
        A + creation("A", 1, "last_name_missing", last_name=None) + update("A", 2, "integration_id_unknown"),
        mapped("A", "Ann", "Fox") + update("A", 1, "integration_id_unknown"),
    ],
)
def a_created_patient_stays_mapped(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The server said that it made the patient; then the integration id is used again."""
    return known_id(history, query, spec, Known.CREATED)


# -- updates --------------------------------------------------------------------------------------------------

OWNER = SHOWN + P + Q + made("A", patient_id="P")
"""A has P, by operation 101."""


@rule(
    "UPD-024",
    judges="get_status",
    when=Free.ERASED,
    accepts=[OWNER + update("A", 1, "processed") + _asks("processed")],
    rejects=[
        OWNER + update("A", 1, "processed") + _asks("patient_id_taken"),
        OWNER + update("A", 1, "processed", patient_id="") + _asks("patient_id_taken"),
    ],
    ignores=[OWNER + update("A", 1, "processed", patient_id="Q") + _asks("patient_id_taken")],
)
def what_an_update_leaves_out_is_erased(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The patient had a patient id, the update gave none; then somebody else asks for it."""
    return available(history, query, spec, Free.ERASED)


@rule(
    "UPD-025",
    judges="get_status",
    when=Free.CHANGED,
    accepts=[OWNER + update("A", 1, "processed", patient_id="Q") + _asks("processed")],
    rejects=[OWNER + update("A", 1, "processed", patient_id="Q") + _asks("patient_id_taken")],
    ignores=[OWNER + update("A", 1, "processed") + _asks("patient_id_taken")],
)
def a_changed_patient_id_sets_the_old_one_free(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The update gave the patient another patient id; then somebody else asks for the former one."""
    return available(history, query, spec, Free.CHANGED)


@rule(
    "UPD-026",
    judges="get_status",
    when=Held.UPDATED,
    accepts=[OWNER + update("A", 1, "processed", patient_id="Q") + _asks("patient_id_taken", "Q")],
    rejects=[OWNER + update("A", 1, "processed", patient_id="Q") + _asks("processed", "Q")],
    ignores=[OWNER + update("A", 1, "integration_id_taken", patient_id="Q") + _asks("processed", "Q")],
)
def a_changed_patient_id_is_written(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The update gave the patient another patient id; then somebody else asks for that one."""
    return enforced(history, query, spec, Held.UPDATED)


_SEEN_TAKEN = OWNER + creation("Z", 5, "patient_id_taken", patient_id="P") + made("B")


@rule(
    "UPD-030",
    judges="get_status",
    when=Held.AFTER_OTHERS_UPDATE,
    accepts=[_SEEN_TAKEN + update("B", 1, "processed") + _asks("patient_id_taken")],
    rejects=[_SEEN_TAKEN + update("B", 1, "processed") + _asks("processed")],
    ignores=[_SEEN_TAKEN + _asks("processed")],
)
def an_update_changes_one_patient_only(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A patient id was seen to be taken, then somebody else was updated, then the id is asked for again."""
    return enforced(history, query, spec, Held.AFTER_OTHERS_UPDATE)


def _synced(button: Button, ended: str, **more: object) -> Sketch:
    return OWNER + pressed(1, Asked.SYNC, button) + update("A", 1, ended, station=7, **more)


@rule(
    "UPD-034",
    judges="get_status",
    when=(Held.AFTER_KEEP, Free.KEPT_UPDATE),
    accepts=[
        _synced(Button.KEEP, "processed", patient_id="Q") + _asks("patient_id_taken"),
        _synced(Button.KEEP, "processed", patient_id="Q") + _asks("processed", "Q"),
        _synced(Button.KEEP, "rejected_by_operator", patient_id="Q") + _asks("processed", "Q"),
    ],
    rejects=[
        _synced(Button.KEEP, "processed", patient_id="Q") + _asks("processed"),
        _synced(Button.KEEP, "processed", patient_id="Q") + _asks("patient_id_taken", "Q"),
        _synced(Button.KEEP, "processed") + _asks("processed"),
    ],
)
def data_kept_in_an_update_stay(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator kept the old data: the old patient id is the patient's still, the new one is nobody's."""
    verdict = enforced(history, query, spec, Held.AFTER_KEEP)
    return verdict if verdict is not None else available(history, query, spec, Free.KEPT_UPDATE)


@rule(
    "UPD-035",
    judges="get_status",
    when=(Held.APPLIED, Free.APPLIED),
    accepts=[
        _synced(Button.APPLY, "processed", patient_id="Q") + _asks("processed"),
        _synced(Button.APPLY, "processed", patient_id="Q") + _asks("patient_id_taken", "Q"),
    ],
    rejects=[
        _synced(Button.APPLY, "processed", patient_id="Q") + _asks("patient_id_taken"),
        _synced(Button.APPLY, "processed", patient_id="Q") + _asks("processed", "Q"),
        _synced(Button.APPLY, "processed") + _asks("patient_id_taken"),
    ],
)
def data_applied_in_an_update_are_written(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator applied the new data: the new patient id is the patient's, the old one is nobody's."""
    verdict = enforced(history, query, spec, Held.APPLIED)
    return verdict if verdict is not None else available(history, query, spec, Free.APPLIED)


@rule(
    "UPD-036",
    judges="get_status",
    when=(Held.AFTER_CANCEL, Free.CANCELLED_UPDATE),
    accepts=[
        _synced(Button.CANCEL, "rejected_by_operator", patient_id="Q") + _asks("patient_id_taken"),
        _synced(Button.CANCEL, "rejected_by_operator", patient_id="Q") + _asks("processed", "Q"),
    ],
    rejects=[
        _synced(Button.CANCEL, "rejected_by_operator", patient_id="Q") + _asks("processed"),
        _synced(Button.CANCEL, "rejected_by_operator", patient_id="Q") + _asks("patient_id_taken", "Q"),
    ],
)
def a_cancelled_update_changes_nothing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator closed the dialog: the old patient id is the patient's still, the new one is nobody's."""
    verdict = enforced(history, query, spec, Held.AFTER_CANCEL)
    return verdict if verdict is not None else available(history, query, spec, Free.CANCELLED_UPDATE)
