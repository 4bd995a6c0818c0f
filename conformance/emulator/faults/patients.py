"""Faults of creations on the server: what is refused, what is made, and what refusals leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from conformance.emulator.faults.endings import (
    CREATE,
    Effect,
    Ends,
    Moment,
    When,
    absent,
    alone,
    empty,
    nothing,
    on_server,
)
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import (
    AddCase,
    AddOperation,
    AddPatient,
    Answer,
    Call,
    Change,
    Instant,
    MapPatient,
    Outcome,
    SetPatient,
    State,
)
from conformance.model.call import EMPTY_GUID
from conformance.model.records import describe, patient_of, status_record
from conformance.model.state import Patient

LAST_NAME, INTEGRATION_ID, PATIENT_ID = "last_name", "integration_id", "patient_id"
WITHOUT_LAST_NAME, WITHOUT_ID = "last_name_missing", "integration_id_missing"
TAKEN_ID, TAKEN_PATIENT_ID = "integration_id_taken", "patient_id_taken"
DONE, BROKEN, SILENT = "processed", "exception", "station_silent"
TICKS_OF_1970 = 621_355_968_000_000_000
MARKUP = frozenset("<>&\"'")


def makes(moment: Moment) -> tuple[Change, ...]:
    """The new patient, as if nothing were wrong."""
    return (AddPatient(patient_of(moment.call)),)


def makes_with(**facts: str) -> Effect:
    """The new patient, with other data."""
    return lambda moment: (AddPatient(replace(patient_of(moment.call), **facts)),)  # type: ignore[arg-type]


def odd(text: str) -> bool:
    """True for texts that a careless server stumbles over."""
    return not text.isascii() or bool(MARKUP & set(text))


def almost(role: str, same: Callable[[str], str]) -> When:
    """Somebody has a value of that parameter that is not the call's, and would be once both are changed by ``same``."""

    def when(moment: Moment) -> bool:
        value = moment.call.text(role)
        known = moment.state.mapped if role == INTEGRATION_ID else moment.state.holders
        own = moment.owner.patient_id if moment.owner and role == PATIENT_ID else ""
        return any(same(one) == same(value) and one not in (value, own) for one in known if one and value)

    return when


def folds(text: str) -> str:
    return text.casefold()


def folds_beyond_ascii(text: str) -> str:
    return "".join(letter if letter.isascii() else letter.casefold() for letter in text)


def shortens(text: str) -> str:
    return text[:50]


def counts(text: str) -> str:
    """Numbers of up to 64 bits are compared as numbers."""
    digits = text.removeprefix("+").lstrip("0")
    return digits if digits.isascii() and digits.isdecimal() and int(digits) < 2**63 else text


def born_early(moment: Moment) -> bool:
    born = moment.call.instant("birth_date")
    return isinstance(born, Instant) and born.ticks < TICKS_OF_1970


def lacks_some(role: str) -> When:
    return lambda moment: not moment.call.text(role)


def named(*names: str) -> When:
    """The last name begins with one of these."""
    return lambda moment: moment.call.text(LAST_NAME).startswith(names)


def namesake(moment: Moment) -> Patient | None:
    """Somebody unmapped of the same names."""
    full_name = patient_of(moment.call).full_name
    alike = moment.state.with_last_name(moment.call.text(LAST_NAME))
    return next((each for each in alike if each.full_name == full_name and not each.integration_id), None)


def maps_namesake(moment: Moment) -> tuple[Change, ...]:
    other = namesake(moment)
    return (MapPatient(other.key, moment.call.text(INTEGRATION_ID)),) if other else moment.right


def strips_owner(moment: Moment) -> tuple[Change, ...]:
    return (SetPatient(replace(patient_of(moment.call, moment.own), patient_id="")),)


def makes_with_a_case(moment: Moment) -> tuple[Change, ...]:
    key = moment.state.last_patient + 1
    case = replace(next(iter(moment.state.cases.values())), id=UUID(int=key), patient=key, images=(), scans=())
    return (*moment.right, AddCase(case))


def several(moment: Moment) -> bool:
    return len(moment.flaws) > 1


def station_is(text: str | None) -> When:
    """True on the server, the station absent (None) or written out."""

    def when(moment: Moment) -> bool:
        written = moment.call.values.get("station") == EMPTY_GUID
        return on_server(moment) and written is (text is not None)

    return when


def wishes_to_merge(moment: Moment) -> bool:
    return on_server(moment) and moment.call.flag("merge")


REFUSALS = (
    Ends(
        "makes-patients-without-last-name",
        "Makes a patient whose last name was not given.",
        ("PAT-010",),
        CREATE,
        WITHOUT_LAST_NAME,
        DONE,
        alone(absent(LAST_NAME)),
        makes,
    ),
    Ends(
        "makes-patients-of-empty-last-name",
        "Takes a last name that is there without a value for one.",
        ("PAT-011",),
        CREATE,
        WITHOUT_LAST_NAME,
        DONE,
        alone(empty(LAST_NAME)),
        makes,
    ),
    Ends(
        "makes-unmapped-patients",
        "Makes a patient that is mapped to nobody when no integration id is given.",
        ("PAT-012",),
        CREATE,
        WITHOUT_ID,
        DONE,
        alone(absent(INTEGRATION_ID)),
        makes,
    ),
    Ends(
        "takes-empty-for-an-id",
        "Makes a patient when the integration id is there without a value.",
        ("PAT-013",),
        CREATE,
        WITHOUT_ID,
        DONE,
        alone(empty(INTEGRATION_ID)),
        makes,
    ),
    Ends(
        "confuses-ids-that-are-taken",
        "Complains of the patient id when the integration id is taken.",
        ("PAT-014", "PAT-021", "STAT-034"),
        CREATE,
        TAKEN_ID,
        TAKEN_PATIENT_ID,
        alone(),
    ),
    Ends(
        "stations-do-not-look-for-ids",
        "Makes a second patient under an integration id at a station.",
        ("MAP-006", "PAT-014"),
        CREATE,
        TAKEN_ID,
        DONE,
        alone(lambda moment: moment.call.has_value("station")),
        makes,
    ),
    Ends(
        "shares-integration-ids",
        "Makes a second patient under an integration id.",
        (
            "FND-002",
            "FND-003",
            "FND-010",
            "FND-011",
            "FND-012",
            "FND-014",
            "FND-020",
            "FND-021",
            "FND-022",
            "FND-023",
            "MAP-006",
            "PAT-014",
            "SCS-006",
            "STAT-025",
            "STAT-034",
            "UPD-042",
            "UPD-043",
        ),
        CREATE,
        TAKEN_ID,
        DONE,
        alone(on_server),
        makes,
    ),
    Ends(
        "shares-patient-ids",
        "Gives a new patient the patient id of another one.",
        ("PAT-015", "PAT-040", "PAT-051"),
        CREATE,
        TAKEN_PATIENT_ID,
        DONE,
        alone(on_server),
        makes,
    ),
    Ends(
        "overlooks-unmapped-holders",
        "Gives a new patient the patient id of one that no PMS has mapped.",
        ("PAT-015", "PAT-040"),
        CREATE,
        TAKEN_PATIENT_ID,
        DONE,
        alone(lambda moment: not any(p.integration_id for p in moment.state.holders_of(moment.call.text(PATIENT_ID)))),
        makes,
    ),
    Ends(
        "two-wrongs-make-a-patient",
        "Makes a patient without last name when its patient id is taken besides.",
        ("PAT-016",),
        CREATE,
        WITHOUT_LAST_NAME,
        DONE,
        lambda moment: set(moment.flaws) == {WITHOUT_LAST_NAME, TAKEN_PATIENT_ID},
        makes,
    ),
    Ends(
        "says-missing-of-names-that-look-empty",
        "Takes some last names for missing ones.",
        ("PAT-022", "STAT-031"),
        CREATE,
        DONE,
        WITHOUT_LAST_NAME,
        named("Null", "0"),
        nothing,
    ),
)

LEFT_BEHIND = (
    Ends(
        "makes-whom-it-refuses",
        "Refuses a creation and makes the patient all the same, without its patient id.",
        ("PAT-018", "STAT-036"),
        CREATE,
        WITHOUT_LAST_NAME,
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "makes-whom-it-refuses-for-the-patient-id",
        "Makes a patient without patient id when the one given is taken, and says that it refused.",
        ("PAT-018", "STAT-036"),
        CREATE,
        TAKEN_PATIENT_ID,
        when=alone(on_server),
        effect=makes_with(patient_id=""),
    ),
    Ends(
        "keeps-patient-ids-of-the-refused",
        "Keeps the patient id of a creation that it refused.",
        ("PAT-019", "STAT-034"),
        CREATE,
        WITHOUT_LAST_NAME,
        when=alone(),
        effect=makes_with(integration_id=""),
    ),
    Ends(
        "strips-the-owner",
        "Refuses a second creation under an integration id and erases the patient id of whoever has it.",
        ("PAT-052", "PAT-055", "UPD-020", "UPD-037"),
        CREATE,
        TAKEN_ID,
        when=alone(on_server),
        effect=strips_owner,
    ),
)


class LeavesNoRecord(Fault):
    """Forgets at once an operation with an id of its own that is refused with that status."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], role: str, status: str, given: str = "") -> None:
        """Only calls that give a value for the parameter ``given``, '' for all."""
        self.name, self.does, self.breaks = name, does, breaks
        self._role = role
        self._status = status
        self._given = given

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        operation = call.guid("operation")
        told_apart = operation != EMPTY_GUID and not state.known(operation)
        if self._given and not call.has_value(self._given):
            return outcomes
        if call.role != self._role or outcomes[0].label != self._status or not told_apart:
            return outcomes
        return tuple(
            replace(o, changes=tuple(c for c in o.changes if not isinstance(c, AddOperation))) for o in outcomes
        )


class TellsAtOnce(KnowsItsSpec):
    """Answers the call that starts an operation with its status."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], role: str) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._role = role

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != self._role:
            return answer
        text = describe(DONE, self._spec)
        return replace(answer, document="status", content=status_record(call.guid("operation"), DONE, text, self._spec))


class ForgetsTheLastMoment(Ends):
    """Overlooks whom creations made that came right after one another, as a server does that looks before it locks."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], found: str) -> None:
        super().__init__(name, does, breaks, CREATE, found, DONE, alone(on_server), makes)
        self._newest = 0

    def call(self, call: Call, state: State) -> Call:
        if call.role != CREATE:
            self._newest = state.last_patient
        return call

    def strikes(self, moment: Moment) -> bool:
        if not super().strikes(moment):
            return False
        holders = moment.state.holders_of(moment.call.text(PATIENT_ID)) if self._found == TAKEN_PATIENT_ID else ()
        keys = {patient.key for patient in holders or [moment.own]}
        return min(keys) > self._newest


OTHERS = (
    LeavesNoRecord(
        "refuses-creations-silently",
        "Leaves no status of a creation without last name that gives a patient id.",
        ("PAT-017", "STAT-010"),
        CREATE,
        WITHOUT_LAST_NAME,
        PATIENT_ID,
    ),
    TellsAtOnce("tells-creations-at-once", "Answers a creation with its status.", ("PAT-048",), CREATE),
    ForgetsTheLastMoment(
        "races-for-patient-ids",
        "Gives one patient id to several patients that are created at the same moment.",
        ("PAT-051",),
        TAKEN_PATIENT_ID,
    ),
    ForgetsTheLastMoment(
        "races-for-integration-ids",
        "Makes several patients under one integration id that are created at the same moment.",
        ("MAP-006",),
        TAKEN_ID,
    ),
)
