"""Faults of starting and selecting cases: what is refused, what is carried out, and what either leaves behind."""

from __future__ import annotations

from uuid import UUID, uuid5

from conformance.emulator.faults.endings import Ends, Moment, absent, after, alone, both, empty, nothing
from conformance.emulator.faults.mapping import UNKNOWN
from conformance.emulator.faults.patients import (
    BROKEN,
    DONE,
    INTEGRATION_ID,
    WITHOUT_ID,
    LeavesNoRecord,
    TellsAtOnce,
    almost,
    folds,
    several,
)
from conformance.emulator.faults.pool import at_a_station_that_is_there
from conformance.model import AddCase, Case, CaseState, Change
from conformance.model.state import Patient

START, SELECT = "create_case", "select_case"
NOT_DONE, WITHOUT_CASE, NO_SUCH_CASE = "unsupported", "case_id_missing", "case_unknown"
ON_THE_QUIET = UUID(int=0x0DD)


def new_case(moment: Moment, patient: Patient) -> Case:
    """A bare case of that patient, made when the call came."""
    at = moment.call.at
    number = uuid5(ON_THE_QUIET, f"{moment.call.guid('operation')}/{patient.key}")
    return Case(number, patient.key, CaseState.CREATED, at, at, None, "Another Lab")


def makes_a_case(moment: Moment) -> tuple[Change, ...]:
    """What is right, and one case more for the patient of the call."""
    return (*moment.right, AddCase(new_case(moment, moment.own)))


def makes_it_for_another(moment: Moment) -> tuple[Change, ...]:
    """The case goes to the patient who was made last."""
    return (AddCase(new_case(moment, moment.state.patients[moment.state.last_patient])),)


def makes_one_beside(moment: Moment) -> tuple[Change, ...]:
    """A case like the one selected, for the same patient."""
    chosen = moment.state.cases[moment.call.guid("case")]
    return (AddCase(new_case(moment, moment.state.patients[chosen.patient])),)


def is_not_scanned(moment: Moment) -> bool:
    return moment.state.cases[moment.call.guid("case")].state is CaseState.CREATED


def names_the_empty_station(moment: Moment) -> bool:
    return "station" in moment.call.values


STARTS = (
    Ends(
        "starts-no-case",
        "Breaks when a case is started for a patient who has none yet.",
        ("CASE-001", "STAT-025"),
        START,
        DONE,
        BROKEN,
        lambda moment: not any(True for _ in moment.state.cases_of(moment.own)),
        nothing,
    ),
    Ends(
        "starts-one-case-each",
        "Breaks when another case is started for a patient.",
        ("CASE-001", "STAT-025"),
        START,
        DONE,
        BROKEN,
        after(DONE, INTEGRATION_ID),
        nothing,
    ),
    Ends(
        "starts-cases-without-id",
        "Says that the start of a case was processed which has no integration id.",
        ("CASE-002",),
        START,
        WITHOUT_ID,
        DONE,
        both(alone(absent(INTEGRATION_ID)), at_a_station_that_is_there),
    ),
    Ends(
        "starts-cases-of-the-empty-id",
        "Says that the start of a case was processed whose integration id is empty.",
        ("CASE-002",),
        START,
        WITHOUT_ID,
        DONE,
        alone(empty(INTEGRATION_ID)),
    ),
    Ends(
        "starts-cases-nowhere",
        "Says that the start of a case was processed which names no station.",
        ("CASE-003",),
        START,
        NOT_DONE,
        DONE,
        alone(absent("station")),
    ),
    Ends(
        "starts-cases-at-the-empty-station",
        "Says that the start of a case was processed which names the empty GUID as station.",
        ("CASE-003",),
        START,
        NOT_DONE,
        DONE,
        alone(names_the_empty_station),
    ),
    Ends(
        "starts-cases-of-anybody",
        "Says that a case was started for a patient whom nobody knows.",
        ("CASE-004",),
        START,
        UNKNOWN,
        DONE,
        alone(),
    ),
    Ends(
        "starts-cases-of-almost-anybody",
        "Starts a case for an integration id that differs from a patient's in upper and lower case.",
        ("CASE-004",),
        START,
        UNKNOWN,
        DONE,
        almost(INTEGRATION_ID, folds),
    ),
    Ends(
        "two-wrongs-make-a-case",
        "Says that the start of a case was processed with which several things are wrong.",
        ("CASE-005",),
        START,
        WITHOUT_ID,
        DONE,
        several,
    ),
    Ends(
        "makes-cases-it-refuses",
        "Makes a case for the patient though it refuses to, since no station is named.",
        ("CASE-006",),
        START,
        NOT_DONE,
        when=alone(),
        effect=makes_a_case,
    ),
    TellsAtOnce("tells-starts-at-once", "Answers the start of a case with its status.", ("CASE-007",), START),
    Ends(
        "gives-cases-to-another",
        "Gives a new case to the patient who was made last.",
        ("CASE-008", "PAT-054"),
        START,
        DONE,
        effect=makes_it_for_another,
    ),
    LeavesNoRecord(
        "refuses-starts-silently",
        "Leaves no status of the start of a case without integration id.",
        ("CASE-015", "STAT-010"),
        START,
        WITHOUT_ID,
    ),
    Ends(
        "does-not-see-the-id-of-a-start",
        "Says of a case started at a station that the integration id is missing.",
        ("CASE-016", "STAT-025", "STAT-030"),
        START,
        DONE,
        WITHOUT_ID,
        effect=nothing,
    ),
)

SELECTIONS = (
    Ends(
        "cannot-select-cases",
        "Breaks when a case is selected that is not scanned yet.",
        ("SCS-001", "STAT-025"),
        SELECT,
        DONE,
        BROKEN,
        is_not_scanned,
    ),
    Ends(
        "selects-no-case-again",
        "Breaks when a case is selected that was selected before.",
        ("SCS-001", "STAT-025", "TRN-005", "TRN-006", "TRN-018", "TRN-019"),
        SELECT,
        DONE,
        BROKEN,
        after(DONE, "case"),
        nothing,
    ),
    Ends(
        "selects-no-case",
        "Says that the selection of a case was processed which names none.",
        ("SCS-002",),
        SELECT,
        WITHOUT_CASE,
        DONE,
        both(alone(absent("case")), at_a_station_that_is_there),
    ),
    Ends(
        "selects-cases-that-are-not-there",
        "Says that the selection of a case was processed which does not exist.",
        ("SCS-003",),
        SELECT,
        NO_SUCH_CASE,
        DONE,
        alone(),
    ),
    Ends(
        "takes-unknown-cases-for-missing",
        "Says of the id of a case that does not exist that it is missing.",
        ("SCS-003", "STAT-032"),
        SELECT,
        NO_SUCH_CASE,
        WITHOUT_CASE,
    ),
    Ends(
        "selects-cases-nowhere",
        "Says that the selection of a case was processed which names no station.",
        ("SCS-004",),
        SELECT,
        NOT_DONE,
        DONE,
        alone(absent("station")),
    ),
    Ends(
        "selects-cases-at-the-empty-station",
        "Says that the selection of a case was processed which names the empty GUID as station.",
        ("SCS-004",),
        SELECT,
        NOT_DONE,
        DONE,
        alone(names_the_empty_station),
    ),
    Ends(
        "two-wrongs-select-a-case",
        "Says that the selection of a case was processed with which several things are wrong.",
        ("SCS-005",),
        SELECT,
        WITHOUT_CASE,
        DONE,
        several,
    ),
    Ends(
        "selecting-makes-a-case",
        "Makes a case more when one is selected.",
        ("FND-014", "SCS-006"),
        SELECT,
        DONE,
        effect=makes_one_beside,
    ),
    Ends(
        "refused-selections-make-a-case",
        "Makes a case more when the selection of one is refused, since no station is named.",
        ("SCS-006",),
        SELECT,
        NOT_DONE,
        when=alone(),
        effect=makes_one_beside,
    ),
    TellsAtOnce(
        "tells-selected-cases-at-once", "Answers the selection of a case with its status.", ("SCS-007",), SELECT
    ),
    LeavesNoRecord(
        "refuses-case-selections-silently",
        "Leaves no status of the selection of a case which names none.",
        ("SCS-015", "STAT-010"),
        SELECT,
        WITHOUT_CASE,
    ),
    Ends(
        "does-not-see-the-case",
        "Says of a case selected at a station that its id is missing.",
        ("SCS-016", "STAT-025", "STAT-032"),
        SELECT,
        DONE,
        WITHOUT_CASE,
    ),
)
