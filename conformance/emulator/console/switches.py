"""Faults and readings on the page: found, shown, switched while the emulator runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.emulator.console.form import Form
from conformance.emulator.faults import Fault, faults, select
from conformance.emulator.readings import UNDERSTOOD
from conformance.emulator.server import Emulator
from conformance.spec import Reading


@dataclass(frozen=True)
class Switch:
    """A fault."""

    fault: Fault
    active: bool


@dataclass(frozen=True)
class Choice:
    """A reading."""

    reading: Reading
    taken: str
    choices: Sequence[str]
    """The names that the emulator can take; fewer than two where nothing in it depends on the point."""


def switches(emulator: Emulator, search: str) -> list[Switch]:
    """The faults in which each word of the search stands, active ones first."""
    active = {fault.name for fault in emulator.faults}
    words = search.casefold().split()
    hits = [fault for fault in faults().values() if all(word in _text_of_fault(fault) for word in words)]
    return sorted((Switch(fault, fault.name in active) for fault in hits), key=lambda switch: not switch.active)


def switch(emulator: Emulator, form: Form) -> str:
    """Switches one fault on or off, or all off; what was done. ValueError for one that cannot be switched."""
    names = [fault.name for fault in emulator.faults]
    if form.text("none"):
        emulator.reconfigure(faults=())
        return "All faults are off."
    name = form.text("fault")
    if name in names:
        emulator.reconfigure(faults=[fault for fault in emulator.faults if fault.name != name])
        return f"{name} is off."
    emulator.reconfigure(faults=[*emulator.faults, *select(name)])
    return f"{name} is on."


def choices(emulator: Emulator, search: str) -> list[Choice]:
    """The readings in which each word of the search stands, by id."""
    words = search.casefold().split()
    return [
        Choice(reading, emulator.readings[reading.id], UNDERSTOOD.get(reading.id, (emulator.readings[reading.id],)))
        for reading in sorted(emulator.spec.readings, key=lambda reading: reading.id)
        if all(word in _text_of_reading(reading) for word in words)
    ]


def choose(emulator: Emulator, form: Form) -> str:
    """Takes the readings of the form; what was done. ValueError for one that cannot be taken."""
    named = form.with_prefix("take-")
    changed = {point: name for point, name in named.items() if emulator.readings.get(point) != name}
    if not changed:
        return "All readings stay as they were."
    emulator.reconfigure(readings=_wanted(emulator, {**emulator.policy.readings, **changed}))
    return ", ".join(f"{point} is {name} now" for point, name in changed.items()) + "."


def _wanted(emulator: Emulator, readings: Mapping[str, str]) -> dict[str, str]:
    """Without those that are as the spec has them: what was asked for by name takes away a freedom."""
    known = emulator.spec.reading
    return {point: name for point, name in readings.items() if point not in known or known[point].default != name}


def _text_of_fault(fault: Fault) -> str:
    return f"{fault.name} {fault.does} {' '.join(fault.breaks)}".casefold()


def _text_of_reading(reading: Reading) -> str:
    return f"{reading.id} {reading.question} {reading.heading} {reading.mark.value}".casefold()
