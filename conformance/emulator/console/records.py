"""Patients and cases on the page: found, shown, and changed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from conformance.emulator.console.form import Form
from conformance.emulator.server import Emulator
from conformance.model import Case, CaseState, Patient
from conformance.model.changes import AddCase, AddPatient, Change, RemoveCase, RemovePatient, SetPatient
from conformance.model.state import folded
from conformance.trace import NoteKind
from conformance.wire import TICKS_PER_DAY

SHOWN = 100
LONGEST_KEY = 18  # digits


@dataclass(frozen=True)
class Found:
    """The patients that a search found."""

    patients: Sequence[tuple[Patient, int]]
    """Each with the number of its cases."""
    count: int
    """Of all found, shown or not."""


def found(emulator: Emulator, search: str) -> Found:
    """The patients in whose names or ids each word of the search stands, by name."""
    words = folded(search).split()
    every = emulator.state.patients.values()
    hits = [patient for patient in every if all(word in _text(patient) for word in words)]
    hits.sort(key=lambda patient: (folded(patient.last_name), folded(patient.first_name), patient.key))
    counted = [(patient, len(emulator.state.cases_by_patient.get(patient.key, ()))) for patient in hits[:SHOWN]]
    return Found(counted, len(hits))


def patient_of_page(emulator: Emulator, key: str) -> Patient | None:
    """The patient whom an address names."""
    known = emulator.state.patients
    return known.get(int(key)) if key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY else None


def save_patient(emulator: Emulator, form: Form) -> int:
    """Adds or changes a patient as the form says; its key. ValueError for what cannot be."""
    key = form.number("key")
    patient = Patient(
        key=key,
        last_name=form.needed("last_name"),
        first_name=form.text("first_name"),
        birth_date=form.date("birth_date"),
        patient_id=form.text("patient_id"),
        integration_id=form.text("integration_id"),
    )
    for problem in _in_the_way(emulator, patient):
        raise ValueError(problem)
    if not key:
        _changed(emulator, AddPatient(patient))
        return emulator.state.last_patient
    _patient(emulator, key)
    _changed(emulator, SetPatient(patient))
    return key


def delete_patient(emulator: Emulator, form: Form) -> str:
    """Removes a patient with all its cases; its name."""
    patient = _patient(emulator, form.number("key"))
    _changed(emulator, RemovePatient(patient.key))
    return patient.full_name


def save_case(emulator: Emulator, form: Form) -> int:
    """Adds or changes a case as the form says; the key of its patient. ValueError for what cannot be."""
    patient = _patient(emulator, form.number("key"))
    state = form.text("state")
    if state not in list(CaseState):
        raise ValueError(f"state is {state!r}; expected one of {', '.join(CaseState)}.")
    now = emulator.clock.ticks()
    case = (
        _case(emulator, form)
        if form.text("case")
        else Case(uuid4(), patient.key, CaseState.CREATED, now, None, None, "")
    )
    _changed(
        emulator,
        AddCase(
            replace(
                case,
                state=CaseState(state),
                created=_kept(case.created, form, "created") or now,
                delivery=_kept(case.delivery, form, "delivery"),
                sent=_kept(case.sent, form, "sent"),
                lab=form.text("lab"),
            )
        ),
    )
    return patient.key


def delete_case(emulator: Emulator, form: Form) -> int:
    """Removes a case; the key of its patient."""
    case = _case(emulator, form)
    _changed(emulator, RemoveCase(case.id))
    return case.patient


def _changed(emulator: Emulator, change: Change) -> None:
    """Makes the change, and has everybody told: whoever judges shall not hold it against the PMS or the server."""
    emulator.change(change)
    for listener in emulator.listeners:
        listener.note(NoteKind.FOREIGN, emulator.clock.now_s(), why="patients or cases were changed at the console")


def _kept(former: int | None, form: Form, name: str) -> int | None:
    """The date of the form; with the time of day that it had, where the day has not changed."""
    new = form.date(name)
    return former if former is not None and new is not None and former // TICKS_PER_DAY == new // TICKS_PER_DAY else new


def _in_the_way(emulator: Emulator, patient: Patient) -> Iterator[str]:
    """Why the ids of a patient cannot be: another one has them."""
    state = emulator.state
    other = state.patient(patient.integration_id)
    if other is not None and other.key != patient.key:
        yield f"integration id {patient.integration_id!r} is that of {other.full_name}; choose another, or none."
    holders = state.holders_of(patient.patient_id) if patient.patient_id else iter(())
    for holder in holders:
        if holder.key != patient.key:
            yield f"patient id {patient.patient_id!r} is that of {holder.full_name}; choose another, or none."


def _patient(emulator: Emulator, key: int) -> Patient:
    patient = emulator.state.patients.get(key)
    if patient is None:
        raise ValueError(f"patient {key} is not there any more; look at the list again.")
    return patient


def _case(emulator: Emulator, form: Form) -> Case:
    case = emulator.state.cases.get(form.guid("case"))
    if case is None:
        raise ValueError(f"case {form.text('case')} is not there any more; look at the patient again.")
    return case


def _text(patient: Patient) -> str:
    return folded(f"{patient.full_name} {patient.patient_id} {patient.integration_id}")
