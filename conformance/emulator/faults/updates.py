"""Faults of updates on the server: what is refused, what is written, and what refusals leave behind."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults.endings import (
    UPDATE,
    Effect,
    Ends,
    Moment,
    absent,
    alone,
    empty,
    nothing,
    on_server,
)
from conformance.emulator.faults.mapping import UNKNOWN
from conformance.emulator.faults.patients import (
    BROKEN,
    DONE,
    INTEGRATION_ID,
    LAST_NAME,
    PATIENT_ID,
    SILENT,
    TAKEN_PATIENT_ID,
    WITHOUT_ID,
    WITHOUT_LAST_NAME,
    LeavesNoRecord,
    TellsAtOnce,
    almost,
    folds,
    makes_with,
    named,
    several,
)
from conformance.model import AddPatient, Change, SetPatient
from conformance.model.call import EMPTY_GUID
from conformance.model.records import patient_of
from conformance.model.state import Patient


def writes(moment: Moment) -> tuple[Change, ...]:
    """The data of the call, as if nothing were wrong."""
    return (SetPatient(patient_of(moment.call, moment.own)),)


def writes_as(**old: bool) -> Effect:
    """The data of the call, but those named stay as they were where they are True, and are erased where False."""

    def effect(moment: Moment) -> tuple[Change, ...]:
        kept = {field: getattr(moment.own, field) if keep else "" for field, keep in old.items()}
        return (SetPatient(replace(patient_of(moment.call, moment.own), **kept)),)  # type: ignore[arg-type]

    return effect


def writes_only(*fields: str) -> Effect:
    """Of the data of the call these, while the rest stays."""

    def effect(moment: Moment) -> tuple[Change, ...]:
        new = patient_of(moment.call, moment.own)
        return (SetPatient(replace(moment.own, **{field: getattr(new, field) for field in fields})),)

    return effect


def erases_patient_id(moment: Moment) -> tuple[Change, ...]:
    return (SetPatient(replace(moment.own, patient_id="")),)


def holds_the_old(moment: Moment) -> tuple[Change, ...]:
    """What is right, and somebody unseen who keeps the former patient id."""
    return (*moment.right, AddPatient(Patient(0, "Ghost", patient_id=moment.own.patient_id)))


def holds_the_new(moment: Moment) -> tuple[Change, ...]:
    """Somebody unseen gets the patient id of the call, unless the patient has it."""
    if moment.call.text(PATIENT_ID) == moment.own.patient_id:
        return moment.right
    return (AddPatient(Patient(0, "Ghost", patient_id=moment.call.text(PATIENT_ID))),)


def erases_a_neighbour(moment: Moment) -> tuple[Change, ...]:
    """What is right, and the patient before the last one loses its patient id."""
    neighbour = moment.state.patients.get(moment.own.key - 2)
    return (*moment.right, SetPatient(replace(neighbour, patient_id=""))) if neighbour else moment.right


def cuts_first_name(moment: Moment) -> tuple[Change, ...]:
    new = patient_of(moment.call, moment.own)
    return (SetPatient(replace(new, first_name=new.first_name.partition(" ")[0])),)


def has_patient_id(moment: Moment) -> bool:
    return bool(moment.own.patient_id)


def another_patient_id(moment: Moment) -> bool:
    given = moment.call.text(PATIENT_ID)
    return bool(given) and moment.own.patient_id not in ("", given)


def none_given(moment: Moment) -> bool:
    return not moment.call.text(PATIENT_ID)


REFUSALS = (
    Ends(
        "updates-without-last-name",
        "Erases the last name of a patient when an update gives none.",
        ("UPD-010",),
        UPDATE,
        WITHOUT_LAST_NAME,
        DONE,
        alone(absent(LAST_NAME)),
        writes,
    ),
    Ends(
        "updates-to-an-empty-last-name",
        "Says that an update was processed whose last name is empty.",
        ("UPD-011",),
        UPDATE,
        WITHOUT_LAST_NAME,
        DONE,
        alone(empty(LAST_NAME)),
        writes,
    ),
    Ends(
        "updates-without-id",
        "Says that an update was processed which has no integration id.",
        ("UPD-012",),
        UPDATE,
        WITHOUT_ID,
        DONE,
        alone(absent(INTEGRATION_ID)),
        nothing,
    ),
    Ends(
        "updates-the-empty-id",
        "Says that an update was processed whose integration id is empty.",
        ("UPD-013",),
        UPDATE,
        WITHOUT_ID,
        DONE,
        alone(empty(INTEGRATION_ID)),
        nothing,
    ),
    Ends(
        "updates-nobody-gladly",
        "Says that an update was processed whose integration id nobody has.",
        ("UPD-014",),
        UPDATE,
        UNKNOWN,
        DONE,
        alone(on_server),
        nothing,
    ),
    Ends(
        "updates-to-taken-patient-ids",
        "Gives a patient the patient id of another one by an update.",
        ("UPD-015",),
        UPDATE,
        TAKEN_PATIENT_ID,
        DONE,
        alone(on_server),
        writes,
    ),
    Ends(
        "two-wrongs-make-an-update",
        "Says that an update was processed with which several things are wrong.",
        ("UPD-016",),
        UPDATE,
        WITHOUT_LAST_NAME,
        DONE,
        several,
        nothing,
    ),
    LeavesNoRecord(
        "refuses-updates-silently",
        "Leaves no status of an update without last name.",
        ("STAT-010", "UPD-017"),
        UPDATE,
        WITHOUT_LAST_NAME,
    ),
    Ends(
        "says-missing-of-names-in-updates",
        "Takes some last names of updates for missing ones.",
        ("STAT-031", "UPD-023"),
        UPDATE,
        DONE,
        WITHOUT_LAST_NAME,
        named("Null", "0"),
        nothing,
    ),
)

ACCEPTED = (
    Ends(
        "breaks-when-the-patient-id-changes",
        "Breaks when an update gives another patient id.",
        ("FLOW-016", "UPD-001"),
        UPDATE,
        DONE,
        BROKEN,
        lambda moment: on_server(moment) and another_patient_id(moment),
        nothing,
    ),
    Ends(
        "breaks-updates-without-first-name",
        "Breaks when an update gives no first name.",
        ("UPD-002",),
        UPDATE,
        DONE,
        BROKEN,
        lambda moment: not moment.call.text("first_name"),
        nothing,
    ),
    Ends(
        "does-not-know-its-own-patient-ids",
        "Says that a patient id is taken which the patient has itself.",
        ("STAT-016", "STAT-034", "UPD-003"),
        UPDATE,
        DONE,
        TAKEN_PATIENT_ID,
        lambda moment: on_server(moment) and moment.own.patient_id == moment.call.text(PATIENT_ID) != "",
        nothing,
    ),
    Ends(
        "folds-patient-ids-of-updates",
        "Takes patient ids of updates for the same as those of others that differ in case.",
        ("STAT-034", "UPD-022"),
        UPDATE,
        DONE,
        TAKEN_PATIENT_ID,
        almost(PATIENT_ID, folds),
        nothing,
    ),
    Ends(
        "updates-need-a-station",
        "Waits in vain for a station when an update names none and leaves the patient id as it is.",
        ("POOL-003", "STAT-016", "UPD-031"),
        UPDATE,
        DONE,
        SILENT,
        lambda moment: (
            on_server(moment) and moment.call.values.get("station") != EMPTY_GUID and not another_patient_id(moment)
        ),
        nothing,
    ),
    Ends(
        "updates-look-for-the-empty-station",
        "Waits in vain for a station with the empty GUID, for updates.",
        ("POOL-003", "UPD-044"),
        UPDATE,
        DONE,
        SILENT,
        lambda moment: on_server(moment) and moment.call.values.get("station") == EMPTY_GUID,
        nothing,
    ),
    TellsAtOnce("tells-updates-at-once", "Answers an update with its status.", ("UPD-041",), UPDATE),
)

WRITTEN = (
    Ends(
        "keeps-patient-ids-left-out",
        "Keeps the patient id when an update gives none.",
        ("STAT-034", "UPD-024"),
        UPDATE,
        DONE,
        when=lambda moment: on_server(moment) and none_given(moment),
        effect=writes_as(patient_id=True),
    ),
    Ends(
        "never-sets-patient-ids-free",
        "Never gives away a patient id that an update has replaced.",
        ("PAT-019", "STAT-025", "STAT-034", "UPD-019", "UPD-025", "UPD-042"),
        UPDATE,
        DONE,
        when=lambda moment: on_server(moment) and another_patient_id(moment),
        effect=holds_the_old,
    ),
    Ends(
        "loses-new-patient-ids",
        "Erases the patient id when an update gives another one.",
        ("UPD-026",),
        UPDATE,
        DONE,
        when=lambda moment: on_server(moment) and another_patient_id(moment),
        effect=writes_as(patient_id=False),
    ),
    Ends(
        "keeps-first-names-left-out",
        "Keeps the first name when an update gives none.",
        ("UPD-027",),
        UPDATE,
        DONE,
        when=lambda moment: not moment.call.text("first_name"),
        effect=writes_as(first_name=True),
    ),
    Ends(
        "keeps-old-last-names",
        "Keeps the last name whatever an update on the server gives.",
        ("UPD-027", "UPD-028"),
        UPDATE,
        DONE,
        when=on_server,
        effect=writes_as(last_name=True),
    ),
    Ends(
        "cuts-first-names",
        "Keeps the first word of a first name only.",
        ("UPD-028",),
        UPDATE,
        DONE,
        when=on_server,
        effect=cuts_first_name,
    ),
    Ends(
        "erases-a-neighbour",
        "Erases the patient id of somebody else when an update changes one.",
        ("UPD-030",),
        UPDATE,
        DONE,
        when=on_server,
        effect=erases_a_neighbour,
    ),
)

LEFT_BEHIND = (
    Ends(
        "erases-what-it-refuses-to-change",
        "Erases the patient id of a patient whose update it refused.",
        ("UPD-018",),
        UPDATE,
        WITHOUT_LAST_NAME,
        when=alone(),
        effect=erases_patient_id,
    ),
    Ends(
        "keeps-patient-ids-of-refused-updates",
        "Keeps the patient id of an update that it refused for want of a last name.",
        ("STAT-034", "UPD-019"),
        UPDATE,
        WITHOUT_LAST_NAME,
        when=alone(lambda moment: bool(moment.call.text(PATIENT_ID))),
        effect=holds_the_new,
    ),
    Ends(
        "writes-names-first",
        "Writes the names of an update that it refuses for its patient id.",
        ("PAT-055", "UPD-020"),
        UPDATE,
        TAKEN_PATIENT_ID,
        when=alone(),
        effect=writes_only("first_name", "last_name"),
    ),
    Ends(
        "makes-whom-it-cannot-update",
        "Makes a patient when an update names an integration id that nobody has, and says that it is unknown.",
        ("STAT-036", "UPD-021"),
        UPDATE,
        UNKNOWN,
        when=on_server,
        effect=makes_with(patient_id=""),
    ),
)
