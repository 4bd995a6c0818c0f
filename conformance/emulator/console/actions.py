"""What the forms of the console do, by the end of their address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from conformance.emulator.console import records, switches
from conformance.emulator.console.chair import LABELS, MODES
from conformance.emulator.console.form import Form
from conformance.emulator.server import Emulator
from conformance.model import Button, Dialog, Station

LONGEST_STEP_S = 3600


@dataclass(frozen=True)
class Done:
    """What came of a form."""

    text: str
    """For the person, one sentence."""
    leads_to: str
    """The rest of the address to go to."""
    well: bool = True


Action = Callable[[Emulator, Form], Done]


def _answer(emulator: Emulator, form: Form) -> Done:
    """A button of a dialog that stands open."""
    button = form.text("button")
    chosen = form.number("patient") if form.text("patient") else 0
    emulator.answer(form.number("serial"), form.text("dialog"), button, chosen)
    return Done(f"Pressed: {LABELS[Button(button)]}.", "#dialogs")


def _mode(emulator: Emulator, form: Form) -> Done:
    """Who answers the dialogs."""
    mode = form.text("mode")
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}; expected one of {', '.join(MODES)}.")
    emulator.ask(MODES[mode])
    told = {
        "themselves": "Dialogs are answered by themselves.",
        "dialogs": "Dialogs wait for you.",
        "everything": "Dialogs and the opening of pages wait for you.",
    }
    return Done(told[mode], "#dialogs")


def _station(emulator: Emulator, form: Form) -> Done:
    """A station is changed in what the form names."""
    former = _known(emulator, form)
    flags = {name: form.text(name) == "yes" for name in ("connected", "busy") if form.text(name)}
    changed = replace(
        former,
        hostname=form.text("hostname", former.hostname) or former.hostname,
        operator_name=form.text("operator_name", former.operator_name),
        operator_id=form.text("operator_id", former.operator_id),
        connected=flags.get("connected", former.connected),
        busy=flags.get("busy", former.busy),
    )
    emulator.set_station(changed)
    return Done(f"{changed.hostname} was changed.", f"#station-{changed.id}")


def _new_station(emulator: Emulator, form: Form) -> Done:
    name = form.needed("hostname")
    station = Station(uuid4(), name, connected=True, operator_name=form.text("operator_name"))
    emulator.set_station(station)
    return Done(f"{name} was added.", f"#station-{station.id}")


def _hold(emulator: Emulator, form: Form) -> Done:
    """One station, or all, takes nothing out of the pool; or does again."""
    station = _known(emulator, form) if form.text("station") else None
    holds = form.text("hold") == "yes"
    which: UUID | None = station.id if station else None
    if holds:
        emulator.hold(which)
    else:
        emulator.release(which)
    who = station.hostname if station else "Every station"
    told = "takes nothing out of the pool until you release it" if holds else "takes operations again"
    return Done(f"{who} {told}.", f"#station-{station.id}" if station else "#stations")


def _mishap(emulator: Emulator, form: Form) -> Done:
    """What will happen to the next operation of a station instead of its page opening."""
    station, button = _known(emulator, form), form.text("button")
    emulator.decide(Dialog.PAGE, button, station=station.id)
    text = f"With the next operation of {station.hostname}: {LABELS[Button(button)].lower()}."
    return Done(text.replace("3dd", "3DD"), f"#station-{station.id}")


def _clock(emulator: Emulator, form: Form) -> Done:
    seconds = form.number("seconds")
    if seconds > LONGEST_STEP_S:
        raise ValueError(f"seconds is {seconds}; expected at most {LONGEST_STEP_S}.")
    emulator.advance(seconds)
    return Done(f"{seconds} seconds were skipped.", "#operations")


def _reset(emulator: Emulator, form: Form) -> Done:
    emulator.reset()
    return Done("Patients, cases, stations and operations are as at the start.", "")


def _save_patient(emulator: Emulator, form: Form) -> Done:
    return Done("The patient was saved.", f"/patients/{records.save_patient(emulator, form)}")


def _delete_patient(emulator: Emulator, form: Form) -> Done:
    return Done(f"{records.delete_patient(emulator, form)} was deleted.", "/patients")


def _save_case(emulator: Emulator, form: Form) -> Done:
    return Done("The case was saved.", f"/patients/{records.save_case(emulator, form)}#cases")


def _delete_case(emulator: Emulator, form: Form) -> Done:
    return Done("The case was deleted.", f"/patients/{records.delete_case(emulator, form)}#cases")


def _fault(emulator: Emulator, form: Form) -> Done:
    return Done(switches.switch(emulator, form), "/faults")


def _readings(emulator: Emulator, form: Form) -> Done:
    return Done(switches.choose(emulator, form), "/readings")


def _known(emulator: Emulator, form: Form) -> Station:
    station = emulator.state.stations.get(form.guid("station"))
    if station is None:
        raise ValueError("there is no such station any more; look at the page again.")
    return station


ACTIONS: Mapping[str, Action] = {
    "answer": _answer,
    "mode": _mode,
    "station": _station,
    "new-station": _new_station,
    "hold": _hold,
    "mishap": _mishap,
    "clock": _clock,
    "reset": _reset,
    "save-patient": _save_patient,
    "delete-patient": _delete_patient,
    "save-case": _save_case,
    "delete-case": _delete_case,
    "fault": _fault,
    "readings": _readings,
}
