"""scenarios/*.yaml -> workflows as steps for actors: what is given, who does what, what shall be reached.

A scenario names persons, not patients of one program: whoever plays the PMS brings its own records. Statuses go by
the names of statuses.yaml, parameters by their roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.spec.dialogs import BUTTONS, Dialog
from conformance.spec.objects import Spec
from conformance.spec.roles import NEEDS
from conformance.spec.rows import Row, as_row, unique
from conformance.spec.source import Source


class Actor(StrEnum):
    """Who takes a step; the third actor, the server, only answers."""

    PMS = "pms"
    OPERATOR = "operator"


class Origin(StrEnum):
    """What the server knows of a person when the scenario begins."""

    NEW = "new"  # nothing
    UNMAPPED = "unmapped"  # a patient without an integration id
    MAPPED = "mapped"  # a patient of the PMS
    PICTURED = "pictured"  # one of whose cases holds an image


class Deed(StrEnum):
    """What an actor can do: the words of the PMS driver protocol, and the operator's one."""

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
    PRESS = "press"


class At(StrEnum):
    """Where an operation is asked for."""

    SERVER = "server"
    STATION = "station"


NEW_VALUE = "fresh"
"""In ``change``: a value that nobody has."""

ANYONE = frozenset({Deed.LIST_STATIONS, Deed.CANCEL_OPERATION, Deed.PRESS})
"""Deeds that concern no person."""


@dataclass(frozen=True)
class Person:
    """A patient record of the PMS, by the name that the steps use."""

    name: str
    origin: Origin


@dataclass(frozen=True)
class Step:
    actor: Actor
    does: Deed
    person: str
    """'' where the deed concerns nobody."""
    at: At
    change: Mapping[str, str]
    """What the PMS user edits before: parameter role -> ``fresh``, or the person whose value is taken over."""
    reaches: str
    """Name of the status that the operation shall end with; '' for a step that starts none."""
    dialog: str
    button: str
    """What the operator presses in the operation that comes next."""


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


def scenarios(spec: Spec) -> tuple[Scenario, ...]:
    """Every scenario of the spec's folder, in order of file names. Raises SpecError, whose fault is the folder's."""
    source = Source(spec.folder)
    seen: dict[str, Row] = {}
    found = []
    for name in source.names("scenarios/*.yaml"):
        row = as_row(source.label(name), "", source.value(name))
        found.append(_scenario(row, spec))
        unique(row, "name", found[-1].name, seen)
    return tuple(found)


def _scenario(row: Row, spec: Spec) -> Scenario:
    row.only(("name", "title", "heading", "needs", "aims", "given", "steps"))
    persons = tuple(_person(as_row(row.file, f"given {n}", item)) for n, item in enumerate(row.items("given"), 1))
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


def _person(row: Row) -> Person:
    row.only(("person", "is"))
    return Person(row.text("person"), row.choice("is", Origin))


def _step(row: Row, persons: tuple[str, ...], spec: Spec) -> Step:
    row.only(("actor", "does", "person", "at", "change", "reaches", "dialog", "button"))
    actor, does = row.choice("actor", Actor), row.choice("does", Deed)
    if (does is Deed.PRESS) != (actor is Actor.OPERATOR):
        raise row.wrong(f"lets the {actor} {does}", f"expected the operator to {Deed.PRESS} and the pms to do the rest")
    return Step(
        actor=actor,
        does=does,
        person="" if does in ANYONE else row.word("person", persons),
        at=row.choice("at", At) if row.has("at") else At.SERVER,
        change=_change(row, persons, spec),
        reaches=row.word("reaches", tuple(spec.status)) if row.has("reaches") else "",
        dialog=row.choice("dialog", Dialog) if does is Deed.PRESS else "",
        button=row.word("button", BUTTONS[row.choice("dialog", Dialog)]) if does is Deed.PRESS else "",
    )


def _change(row: Row, persons: tuple[str, ...], spec: Spec) -> Mapping[str, str]:
    if not row.has("change"):
        return {}
    change = row.row("change", row.name)
    change.only(spec.method["update_patient"].by_role)
    return {role: change.word(role, (NEW_VALUE, *persons)) for role in change.values}
