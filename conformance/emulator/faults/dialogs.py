"""Faults at stations: dialogs that do not come, and buttons that do something else than they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.endings import CREATE, UPDATE, Ends, Moment, nothing, presses
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.patients import BROKEN, DONE, LAST_NAME, PATIENT_ID, makes_with
from conformance.emulator.faults.pool import is_there
from conformance.emulator.faults.updates import holds_the_new, writes, writes_as, writes_only
from conformance.model import Argument, Call, Change, Dialog, SetPatient, State

REJECTED = "rejected_by_operator"
NEW, MERGE, SYNC = Dialog.NEW_PATIENT, Dialog.MERGE, Dialog.SYNC


class Misreads(Fault):
    """Takes a parameter of an operation at a station for another value, or for absent."""

    def __init__(
        self,
        name: str,
        does: str,
        breaks: tuple[str, ...],
        role: str,
        parameter: str,
        value: Argument | None,
        when: str,
    ) -> None:
        """``when`` is the spelling of the wish to merge in the calls that are meant, '' for absent, ``*`` for any."""
        self.name, self.does, self.breaks = name, does, breaks
        self._role = role
        self._parameter = parameter
        self._value = value
        self._when = when

    def call(self, call: Call, state: State) -> Call:
        wish = call.texts.get("merge", "")
        if call.role != self._role or not is_there(call.guid("station"), state) or self._when not in ("*", wish):
            return call
        values: Mapping[str, Argument] = {k: v for k, v in call.values.items() if k != self._parameter}
        return replace(call, values=values if self._value is None else {**values, self._parameter: self._value})


def erases_patient_id(moment: Moment) -> tuple[Change, ...]:
    return (SetPatient(replace(moment.own, patient_id="")),)


STATIONS = (
    Misreads(
        "creates-behind-the-operators-back",
        "Carries out on the server a creation that names a station.",
        (
            "PAT-025",
            "PAT-040",
            "PAT-042",
            "STAT-022",
            "STAT-023",
            "STAT-027",
            "STAT-028",
            "STAT-034",
            "STAT-037",
        ),
        CREATE,
        "station",
        None,
        "*",
    ),
    Misreads(
        "updates-behind-the-operators-back",
        "Carries out on the server an update that names a station.",
        ("STAT-022", "STAT-034", "UPD-032", "UPD-034", "UPD-037"),
        UPDATE,
        "station",
        None,
        "*",
    ),
    Misreads(
        "merges-by-default",
        "Offers similar patients when nothing is said of merging.",
        ("PAT-026", "STAT-022"),
        CREATE,
        "merge",
        True,
        "",
    ),
    Misreads(
        "hears-merge-in-any-word",
        "Offers similar patients as soon as merging is mentioned, be it declined.",
        ("PAT-027", "STAT-022"),
        CREATE,
        "merge",
        True,
        "False",
    ),
    Misreads(
        "never-offers-anybody",
        "Pays no heed to the wish to merge.",
        ("PAT-037", "PAT-040", "PAT-042", "PAT-044", "STAT-034"),
        CREATE,
        "merge",
        None,
        "True",
    ),
)

NEW_PATIENTS = (
    Ends(
        "calls-saving-a-rejection",
        "Says that the operator rejected a new patient whom he saved.",
        ("PAT-029", "PAT-045", "STAT-025"),
        CREATE,
        DONE,
        REJECTED,
        presses(NEW, "save"),
        nothing,
    ),
    Ends(
        "saves-unmapped",
        "Saves a new patient at a station without its integration id.",
        ("MAP-006", "PAT-014", "PAT-030", "STAT-035"),
        CREATE,
        DONE,
        when=presses(NEW, "save"),
        effect=makes_with(integration_id=""),
    ),
    Ends(
        "saves-without-patient-id",
        "Saves a new patient at a station without its patient id.",
        ("PAT-031",),
        CREATE,
        DONE,
        when=presses(NEW, "save"),
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "breaks-when-cancelled",
        "Breaks when the operator closes the dialog for a new patient.",
        ("PAT-032", "STAT-022"),
        CREATE,
        REJECTED,
        BROKEN,
        presses(NEW, "cancel"),
    ),
    Ends(
        "makes-whom-the-operator-rejected",
        "Makes a patient when the operator closes the dialog, and says that he rejected.",
        ("PAT-033", "STAT-036"),
        CREATE,
        REJECTED,
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "keeps-patient-ids-of-the-rejected",
        "Keeps the patient id of a patient whom the operator rejected.",
        ("PAT-034", "STAT-034"),
        CREATE,
        REJECTED,
        effect=makes_with(integration_id=""),
    ),
)

UPDATES = (
    Ends(
        "asks-nobody-about-updates",
        "Updates a patient at a station though the operator closed the dialog.",
        ("STAT-022", "UPD-033"),
        UPDATE,
        REJECTED,
        DONE,
        presses(SYNC, "cancel"),
        writes,
    ),
    Ends(
        "writes-patient-ids-in-any-case",
        "Writes the new patient id though the operator keeps the old data.",
        ("STAT-034", "UPD-034"),
        UPDATE,
        DONE,
        when=presses(SYNC, "keep"),
        effect=writes_only(PATIENT_ID),
    ),
    Ends(
        "keeps-hold-of-kept-out-patient-ids",
        "Keeps the patient id of an update whose data the operator did not want.",
        ("STAT-034", "UPD-034"),
        UPDATE,
        DONE,
        when=presses(SYNC, "keep"),
        effect=holds_the_new,
    ),
    Ends(
        "applies-all-but-patient-ids",
        "Keeps the old patient id though the operator applies the new data.",
        ("STAT-034", "UPD-035"),
        UPDATE,
        DONE,
        when=presses(SYNC, "apply"),
        effect=writes_as(patient_id=True),
    ),
    Ends(
        "erases-nothing-at-stations",
        "Keeps the patient id when an update at a station gives none and the operator applies it.",
        ("STAT-034", "UPD-035"),
        UPDATE,
        DONE,
        when=lambda moment: presses(SYNC, "apply")(moment) and not moment.call.text(PATIENT_ID),
        effect=writes_as(patient_id=True),
    ),
    Ends(
        "writes-what-was-cancelled",
        "Writes the new patient id of an update that the operator cancelled.",
        ("STAT-034", "UPD-036"),
        UPDATE,
        REJECTED,
        when=presses(SYNC, "cancel"),
        effect=writes_only(PATIENT_ID),
    ),
    Ends(
        "erases-what-was-cancelled",
        "Erases the patient id of a patient whose update the operator cancelled.",
        ("UPD-036",),
        UPDATE,
        REJECTED,
        when=presses(SYNC, "cancel"),
        effect=erases_patient_id,
    ),
    Ends(
        "writes-names-in-any-case",
        "Writes the new names though the operator keeps the old data.",
        ("UPD-037",),
        UPDATE,
        DONE,
        when=presses(SYNC, "keep"),
        effect=writes_only("first_name", LAST_NAME),
    ),
    Ends(
        "applies-all-but-names",
        "Keeps the old names though the operator applies the new data.",
        ("UPD-038",),
        UPDATE,
        DONE,
        when=presses(SYNC, "apply"),
        effect=writes_only(PATIENT_ID, "birth_date"),
    ),
    Ends(
        "breaks-when-applied",
        "Breaks when the operator applies the new data of an update.",
        ("STAT-025", "UPD-042"),
        UPDATE,
        DONE,
        BROKEN,
        presses(SYNC, "apply"),
        nothing,
    ),
    Ends(
        "breaks-when-kept",
        "Breaks when the operator keeps the old data of a patient to be updated.",
        ("UPD-043",),
        UPDATE,
        DONE,
        BROKEN,
        presses(SYNC, "keep"),
        nothing,
    ),
)
