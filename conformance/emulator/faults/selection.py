"""Faults of selections: patients who cannot be selected, and selections that lack something."""

from __future__ import annotations

from conformance.emulator.faults.endings import SELECT, Ends, absent, after, alone, both, empty, nothing
from conformance.emulator.faults.mapping import UNKNOWN
from conformance.emulator.faults.patients import (
    BROKEN,
    DONE,
    INTEGRATION_ID,
    WITHOUT_ID,
    LeavesNoRecord,
    TellsAtOnce,
    makes_with,
    several,
)
from conformance.emulator.faults.pool import at_a_station_that_is_there

NOT_DONE = "unsupported"

SELECTION = (
    Ends(
        "selects-nobody-with-cases",
        "Breaks when a patient is selected who has cases.",
        ("SEL-001", "STAT-025"),
        SELECT,
        DONE,
        BROKEN,
        lambda moment: any(True for _ in moment.state.cases_of(moment.own)),
        nothing,
    ),
    Ends(
        "selects-nobody-again",
        "Breaks when a patient is selected who was selected at that station before.",
        ("SEL-001", "STAT-025"),
        SELECT,
        DONE,
        BROKEN,
        after(DONE, INTEGRATION_ID, "station"),
        nothing,
    ),
    Ends(
        "remembers-who-was-unknown",
        "Says of a patient who is known that nobody knows him, if that was true when he was selected before.",
        ("MAP-007", "STAT-025", "STAT-035"),
        SELECT,
        DONE,
        UNKNOWN,
        after(UNKNOWN, INTEGRATION_ID),
        nothing,
    ),
    Ends(
        "selects-without-id",
        "Says that a selection without an integration id was processed.",
        ("SEL-002",),
        SELECT,
        WITHOUT_ID,
        DONE,
        both(alone(absent(INTEGRATION_ID)), at_a_station_that_is_there),
    ),
    Ends(
        "selects-the-empty-id",
        "Says that a selection with an empty integration id was processed.",
        ("SEL-003",),
        SELECT,
        WITHOUT_ID,
        DONE,
        alone(empty(INTEGRATION_ID)),
    ),
    Ends(
        "selects-nowhere",
        "Says that a selection was processed which names no station.",
        ("SEL-004",),
        SELECT,
        NOT_DONE,
        DONE,
        alone(absent("station")),
    ),
    Ends(
        "selects-at-the-empty-station",
        "Says that a selection was processed which names the empty GUID as station.",
        ("SEL-005",),
        SELECT,
        NOT_DONE,
        DONE,
        alone(lambda moment: "station" in moment.call.values),
    ),
    Ends(
        "selects-anybody",
        "Says that the selection of a patient was processed whom nobody knows.",
        ("SEL-006", "SEL-007"),
        SELECT,
        UNKNOWN,
        DONE,
    ),
    Ends(
        "two-wrongs-make-a-selection",
        "Says that a selection was processed with which several things are wrong.",
        ("SEL-007",),
        SELECT,
        WITHOUT_ID,
        DONE,
        several,
    ),
    Ends(
        "selection-makes-a-patient",
        "Makes a patient when one is to be selected whom nobody knows.",
        ("SEL-009", "STAT-036"),
        SELECT,
        UNKNOWN,
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "does-not-see-the-id-of-a-selection",
        "Says of every selection of a patient that the integration id is missing.",
        ("SEL-010", "STAT-025", "STAT-030"),
        SELECT,
        DONE,
        WITHOUT_ID,
    ),
    LeavesNoRecord(
        "refuses-selections-silently",
        "Leaves no status of a selection without an integration id.",
        ("SEL-008", "STAT-010"),
        SELECT,
        WITHOUT_ID,
    ),
    TellsAtOnce("tells-selections-at-once", "Answers a selection with its status.", ("SEL-014",), SELECT),
)
