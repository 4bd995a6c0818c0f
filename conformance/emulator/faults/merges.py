"""Faults of merging: who is offered, who is mapped, and what is written to whom the operator chose."""

from __future__ import annotations

from dataclasses import replace

from conformance.emulator.faults.endings import CREATE, Ends, Moment, both, nothing, presses
from conformance.emulator.faults.patients import (
    BROKEN,
    DONE,
    INTEGRATION_ID,
    LAST_NAME,
    makes_with,
    maps_namesake,
    namesake,
)
from conformance.model import Change, Dialog, MapPatient, SetPatient
from conformance.model.records import patient_of
from conformance.model.state import Patient

REJECTED = "rejected_by_operator"
NEW, MERGE, SYNC = Dialog.NEW_PATIENT, Dialog.MERGE, Dialog.SYNC


def mapped_namesake(moment: Moment) -> Patient | None:
    """Somebody mapped of the same names."""
    full_name = patient_of(moment.call).full_name
    alike = moment.state.with_last_name(moment.call.text(LAST_NAME))
    return next((each for each in alike if each.full_name == full_name and each.integration_id), None)


def takes_mapped_namesake(moment: Moment) -> tuple[Change, ...]:
    other = mapped_namesake(moment)
    return (SetPatient(patient_of(moment.call, other)),) if other else moment.right


def chosen(moment: Moment) -> Patient:
    """The patient that a right server maps."""
    (change,) = moment.right
    assert isinstance(change, MapPatient | SetPatient)
    return moment.state.patients[change.key if isinstance(change, MapPatient) else change.patient.key]


def writes_to_the_chosen(moment: Moment) -> tuple[Change, ...]:
    return (SetPatient(patient_of(moment.call, chosen(moment))),)


def maps_only(moment: Moment) -> tuple[Change, ...]:
    return (MapPatient(chosen(moment).key, moment.call.text(INTEGRATION_ID)),)


def differs_in_age_only(moment: Moment) -> bool:
    """The namesake would be as before, were its birth date and its mapping left alone."""
    other = namesake(moment)
    if other is None:
        return False
    return replace(patient_of(moment.call, other), birth_date=other.birth_date, integration_id="") == other


MERGES = (
    Ends(
        "offers-the-mapped",
        "Offers a patient for merging who is mapped already.",
        ("PAT-038", "STAT-035"),
        CREATE,
        DONE,
        when=lambda moment: moment.at_station and moment.call.flag("merge"),
        effect=takes_mapped_namesake,
    ),
    Ends(
        "forgets-to-map",
        "Does not map the patient whom the operator chose, when the old data are kept.",
        ("PAT-039", "STAT-025", "STAT-035"),
        CREATE,
        DONE,
        when=both(presses(MERGE, "existing"), presses(SYNC, "keep")),
        effect=nothing,
    ),
    Ends(
        "maps-a-double",
        "Makes a new patient beside the one whom the operator chose.",
        ("PAT-040",),
        CREATE,
        DONE,
        when=both(presses(MERGE, "existing"), presses(SYNC, "keep")),
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "new-ones-go-unmapped",
        "Makes a new patient without integration id when the operator turns suggestions down.",
        ("PAT-041", "STAT-035"),
        CREATE,
        DONE,
        when=presses(MERGE, "new"),
        effect=makes_with(integration_id=""),
    ),
    Ends(
        "writes-what-was-to-be-kept-out",
        "Writes the data of the call to the chosen patient though the operator keeps the old ones.",
        ("PAT-042", "STAT-034"),
        CREATE,
        DONE,
        when=both(presses(MERGE, "existing"), presses(SYNC, "keep")),
        effect=writes_to_the_chosen,
    ),
    Ends(
        "maps-and-writes-nothing",
        "Maps the chosen patient and does not write the new data, though the operator applies them.",
        ("PAT-043",),
        CREATE,
        DONE,
        when=both(presses(MERGE, "existing"), presses(SYNC, "apply")),
        effect=maps_only,
    ),
    Ends(
        "overlooks-birth-dates",
        "Maps the chosen patient without comparing the data when only the birth date differs.",
        ("PAT-044",),
        CREATE,
        REJECTED,
        DONE,
        both(both(presses(MERGE, "existing"), presses(SYNC, "cancel")), differs_in_age_only),
        maps_namesake,
    ),
    Ends(
        "cannot-merge-with-nobody",
        "Breaks when a merge is wished and nobody is similar.",
        ("PAT-045", "STAT-025"),
        CREATE,
        DONE,
        BROKEN,
        lambda moment: moment.call.flag("merge") and presses(NEW, "save")(moment),
        nothing,
    ),
    Ends(
        "calls-turning-down-a-rejection",
        "Says that the operator rejected when he makes a new patient instead of those suggested.",
        ("PAT-053",),
        CREATE,
        DONE,
        REJECTED,
        presses(MERGE, "new"),
        nothing,
    ),
    Ends(
        "calls-choosing-a-rejection",
        "Says that the operator rejected when he chose a patient and applied the new data.",
        ("FLOW-106", "STAT-025"),
        CREATE,
        DONE,
        REJECTED,
        both(presses(MERGE, "existing"), presses(SYNC, "apply")),
        nothing,
    ),
)
