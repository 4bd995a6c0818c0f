"""scenarios/ -> workflows as steps for actors: what is given, who does what, what shall be reached.

A scenario names persons, not patients of one program: whoever plays the PMS brings its own records. Statuses go by
the names of statuses.yaml, parameters by their roles. Those directly in scenarios/ certify a server as well as a PMS;
those in scenarios/pms/ need what only the emulator does on demand, or say what only a PMS's own data can show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from conformance.spec.dialogs import BUTTONS, Dialog
from conformance.spec.objects import Spec
from conformance.spec.roles import NEEDS
from conformance.spec.rows import Row, as_row, unique
from conformance.spec.source import Source


class Actor(StrEnum):
    """Who takes a step."""

    PMS = "pms"
    OPERATOR = "operator"
    SERVER = "server"  # the emulator and the world around it; a server under test only answers


class Origin(StrEnum):
    """What the server knows of a person when the scenario begins."""

    NEW = "new"  # nothing
    UNMAPPED = "unmapped"  # a patient without an integration id
    MAPPED = "mapped"  # a patient of the PMS
    PICTURED = "pictured"  # one of whose cases holds an image
    STRANGER = "stranger"  # a patient with all data, of whom the PMS knows nothing


class Deed(StrEnum):
    """What an actor can do: the words of the PMS driver protocol, the operator's one, and those of the emulator."""

    LIST_STATIONS = "list_stations"
    CREATE_PATIENT = "create_patient"
    MAP_PATIENT = "map_patient"
    UPDATE_PATIENT = "update_patient"
    SELECT_PATIENT = "select_patient"
    CREATE_CASE = "create_case"
    SELECT_CASE = "select_case"
    FIND_CASES = "find_cases"
    FETCH_IMAGES = "fetch_images"
    CANCEL_OPERATION = "cancel_operation"
    AWAIT_OPERATION = "await_operation"
    EDIT_PATIENT = "edit_patient"  # in the PMS alone, as the next three
    ADD_PATIENT = "add_patient"
    DELETE_PATIENT = "delete_patient"
    RESTART = "restart"
    CONFIGURE = "configure"  # the PMS gets another of the server's accounts: ``account``, by its number from 1
    SEND_BY_COMMAND_LINE = "send_by_command_line"  # the PMS starts the program of the command line
    SEND_BY_VDDS = "send_by_vdds"  # the PMS hands a patient over by VDDS media, as the next two
    IMAGE_INFO_BY_VDDS = "image_info_by_vdds"
    IMAGES_BY_VDDS = "images_by_vdds"
    PRESS = "press"
    DISTURB = "disturb"  # what befalls the next answers: ``what``, of ``method``, ``times``
    GIVE_CASES = "give_cases"  # a patient's cases, by the name of a set: ``what``
    MEET_PATIENT = "meet_patient"  # somebody in 3DD whom no PMS has mapped has the person's names
    HOLD = "hold"  # stations take nothing from the pool
    RELEASE = "release"
    LEAVE = "leave"  # the station disconnects
    COME_BACK = "come_back"
    OCCUPY = "occupy"  # somebody works at the station
    PONDER = "ponder"  # whoever is asked at a station takes about ``seconds`` to decide, until the end
    TARRY = "tarry"  # stations take about ``seconds`` before they take an operation, until the end
    CROWD_OUT = "crowd_out"  # operations of others push every kept status out
    TAKE_BACK = "take_back"  # another program has the operation that was started last removed
    PASS_TIME = "pass_time"  # ``seconds``
    READ_AS = "read_as"  # take another reading: ``reading``, ``take``
    PRESENT = "present"  # another certificate: ``identity``
    BESET_FILES = "beset_files"  # how transfer files of VDDS media are answered until the end: ``what``


class At(StrEnum):
    """Where an operation is asked for."""

    SERVER = "server"
    STATION = "station"
    OTHER_STATION = "other_station"  # one that is not that station


NEW_VALUE = "fresh"
"""In ``change``: a value that nobody has."""
NO_VALUE = "none"
"""In ``change``: the user takes the datum away."""

SERVER_DEEDS: Mapping[Deed, tuple[str, ...]] = {
    Deed.DISTURB: ("what", "method", "times", "seconds"),
    Deed.GIVE_CASES: ("what",),
    Deed.MEET_PATIENT: ("with",),
    Deed.HOLD: (),
    Deed.RELEASE: (),
    Deed.LEAVE: (),
    Deed.COME_BACK: (),
    Deed.OCCUPY: (),
    Deed.PONDER: ("seconds",),
    Deed.TARRY: ("seconds",),
    Deed.CROWD_OUT: (),
    Deed.TAKE_BACK: (),
    Deed.PASS_TIME: ("seconds",),
    Deed.READ_AS: ("reading", "take"),
    Deed.BESET_FILES: ("what",),
    Deed.PRESENT: ("identity",),
}
"""What the emulator does, with the keys that say how."""
WITH_A_PERSON = frozenset({Deed.GIVE_CASES, Deed.MEET_PATIENT})
LOCAL = frozenset({Deed.EDIT_PATIENT, Deed.ADD_PATIENT, Deed.DELETE_PATIENT, Deed.RESTART, Deed.CONFIGURE})
"""What happens in the PMS alone: no call is expected."""
ANYONE = (
    frozenset(
        {
            *(Deed.LIST_STATIONS, Deed.CANCEL_OPERATION, Deed.AWAIT_OPERATION),
            *(Deed.RESTART, Deed.CONFIGURE, Deed.PRESS),
            *SERVER_DEEDS,
        }
    )
    - WITH_A_PERSON
)
"""Deeds that concern no person."""
LATER = frozenset({Deed.CANCEL_OPERATION, Deed.AWAIT_OPERATION})
"""Deeds about an operation that is under way: the last one, or the last one for a person."""


@dataclass(frozen=True)
class Person:
    """A patient record of the PMS, by the name that the steps use."""

    name: str
    origin: Origin
    record: Mapping[str, str] = field(default_factory=dict)
    """What is particular about the record, by parameter role; '' for a datum that the PMS does not have."""
    like: str = ""
    """Another person whose names and birth date this one has too; ''."""


@dataclass(frozen=True)
class Step:
    actor: Actor
    does: Deed
    person: str
    """'' where the deed concerns nobody."""
    at: At
    """Of a button: the station where it is pressed; SERVER for whichever is asked."""
    change: Mapping[str, str]
    """What the PMS user edits before: parameter role -> ``fresh``, ``none``, or the person whose value it takes."""
    reaches: str
    """Name of the status that the operation shall end with; '' for a step that starts none."""
    dialog: str
    button: str
    """What the operator presses in the operation that comes next."""
    wait: bool = True
    """False: the PMS starts the operation and is told to go on before it has ended."""
    criteria: Mapping[str, str] = field(default_factory=dict)
    """Of a search, by parameter role."""
    how: Mapping[str, str] = field(default_factory=dict)
    """What a deed of the server needs to know, see SERVER_DEEDS; of CONFIGURE the ``account``."""


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    heading: str
    needs: frozenset[str]
    aims: tuple[str, ...]
    """Requirements that it is meant to show kept."""
    persons: tuple[Person, ...]
    steps: tuple[Step, ...]
    pms_only: bool = False
    """True when it cannot certify a server."""

    @property
    def deeds(self) -> frozenset[Deed]:
        """What the PMS has to be able to do."""
        return frozenset(step.does for step in self.steps if step.actor is Actor.PMS)


def scenarios(spec: Spec) -> tuple[Scenario, ...]:
    """The scenarios that certify a server, in order of file names. Raises SpecError, whose fault is the folder's."""
    return _read(spec, "scenarios/*.yaml")


def pms_scenarios(spec: Spec) -> tuple[Scenario, ...]:
    """Every scenario that certifies a PMS: those of a server, too. Raises SpecError, whose fault is the folder's."""
    own = tuple(replace(scenario, pms_only=True) for scenario in _read(spec, "scenarios/pms/*.yaml"))
    return (*scenarios(spec), *own)


def command_line_scenarios(spec: Spec) -> tuple[Scenario, ...]:
    """Those that certify how a PMS uses the command line. Raises SpecError, whose fault is the folder's."""
    return tuple(replace(each, pms_only=True) for each in _read(spec, "scenarios/command-line/*.yaml"))


def vdds_scenarios(spec: Spec) -> tuple[Scenario, ...]:
    """Those that certify a PMS as a PVS of VDDS media. Raises SpecError, whose fault is the folder's."""
    return tuple(replace(each, pms_only=True) for each in _read(spec, "scenarios/vdds/*.yaml"))


def _read(spec: Spec, pattern: str) -> tuple[Scenario, ...]:
    source = Source(spec.folder)
    seen: dict[str, Row] = {}
    found = []
    for name in source.names(pattern):
        row = as_row(source.label(name), "", source.value(name))
        found.append(_scenario(row, spec))
        unique(row, "name", found[-1].name, seen)
    return tuple(found)


def _scenario(row: Row, spec: Spec) -> Scenario:
    row.only(("name", "title", "heading", "needs", "aims", "given", "steps"))
    persons: tuple[Person, ...] = ()
    for number, item in enumerate(row.items("given"), 1):
        persons += (_person(as_row(row.file, f"given {number}", item), tuple(p.name for p in persons), spec),)
    names = tuple(person.name for person in persons)
    steps = tuple(
        _step(as_row(row.file, f"step {n}", item), names, spec) for n, item in enumerate(row.items("steps"), 1)
    )
    return Scenario(
        name=row.text("name"),
        title=row.text("title"),
        heading=row.word("heading", spec.headings),
        needs=frozenset(row.words("needs", NEEDS)),
        aims=row.words("aims", tuple(spec.requirement)),
        persons=persons,
        steps=steps,
    )


def _person(row: Row, former: tuple[str, ...], spec: Spec) -> Person:
    row.only(("person", "is", "record", "like"))
    record = row.row("record", row.name) if row.has("record") else None
    if record is not None:
        record.only(spec.method["create_patient"].by_role)
    return Person(
        row.text("person"),
        row.choice("is", Origin),
        {role: record.text(role, "") for role in record.values} if record is not None else {},
        row.word("like", former) if row.has("like") else "",
    )


def _step(row: Row, persons: tuple[str, ...], spec: Spec) -> Step:
    actor, does = row.choice("actor", Actor), row.choice("does", Deed)
    row.only(("actor", "does", "person", *_keys(does)))
    whose = Actor.OPERATOR if does is Deed.PRESS else Actor.SERVER if does in SERVER_DEEDS else Actor.PMS
    if actor is not whose:
        raise row.wrong(f"lets the {actor} {does}", f"expected the {whose} to do that")
    return Step(
        actor=actor,
        does=does,
        person=_whose(row, does, persons),
        at=row.choice("at", At) if row.has("at") else At.SERVER,
        change=_change(row, persons, spec),
        reaches=row.word("reaches", tuple(spec.status)) if row.has("reaches") else "",
        dialog=row.choice("dialog", Dialog) if does is Deed.PRESS else "",
        button=row.word("button", BUTTONS[row.choice("dialog", Dialog)]) if does is Deed.PRESS else "",
        wait=row.flag("wait", True),
        criteria=_criteria(row, spec),
        how={key: row.text(key) for key in (*SERVER_DEEDS.get(does, ()), "account") if row.has(key)},
    )


def _whose(row: Row, does: Deed, persons: tuple[str, ...]) -> str:
    concerns = does not in ANYONE or (does in LATER and row.has("person"))
    return row.word("person", persons) if concerns else ""


def _keys(does: Deed) -> tuple[str, ...]:
    if does is Deed.PRESS:
        return ("dialog", "button", "at")
    if does is Deed.CONFIGURE:
        return ("account",)
    return SERVER_DEEDS.get(does, ("at", "change", "reaches", "wait", "criteria"))


def _criteria(row: Row, spec: Spec) -> Mapping[str, str]:
    if not row.has("criteria"):
        return {}
    criteria = row.row("criteria", row.name)
    criteria.only(tuple(role for role in spec.method["find_cases"].by_role if role != "integration_id"))
    return {role: criteria.text(role) for role in criteria.values}


def _change(row: Row, persons: tuple[str, ...], spec: Spec) -> Mapping[str, str]:
    if not row.has("change"):
        return {}
    change = row.row("change", row.name)
    change.only(spec.method["update_patient"].by_role)
    return {role: change.word(role, (NEW_VALUE, NO_VALUE, *persons)) for role in change.values}
