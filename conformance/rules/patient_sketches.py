"""The sentences that witnesses about patients are made of: created, updated, refused, decided at a station."""

from __future__ import annotations

from conformance.trace import Asked, Button, NoteKind, Sketch, call, fresh, guid, note, poll

STATION = 7
"""The station of every sketch."""


def creation(integration_id: str | None, operation: int, ended: str, **more: object) -> Sketch:
    """A creation on the server, its last name Fox, and the answer that shows how it ended."""
    values: dict[str, object] = {"integration_id": integration_id, "last_name": "Fox", **more}
    return call("create_patient", operation=operation, **values) + poll(operation, ended)


def update(integration_id: str | None, operation: int, ended: str, **more: object) -> Sketch:
    """An update on the server, its last name Fox, and the answer that shows how it ended."""
    values: dict[str, object] = {"integration_id": integration_id, "last_name": "Fox", **more}
    return call("update_patient", operation=operation, **values) + poll(operation, ended)


def selection(integration_id: str | None, operation: int, ended: str, station: object = STATION) -> Sketch:
    """A selection at the station, and the answer that shows how it ended."""
    return call("select_patient", operation=operation, integration_id=integration_id, station=station) + poll(
        operation, ended
    )


def made(*integration_ids: str, **more: object) -> Sketch:
    """Fresh patients, created on the server, with operations 101, 102 ..."""
    found = fresh(*integration_ids)
    for operation, integration_id in enumerate(integration_ids, start=101):
        found += creation(integration_id, operation, "processed", **more)
    return found


def visible(*patient_ids: str) -> Sketch:
    """Notes that these patient ids were minted by the producer."""
    return fresh(*patient_ids, role="patient_id")


def pressed(operation: int, dialog: Asked, button: Button | str) -> Sketch:
    """The note that the operator pressed this about ``operation``."""
    return note(
        NoteKind.DECISION, operation=str(guid(operation)), station=str(guid(STATION)), dialog=dialog, button=button
    )


def saves(operation: int) -> Sketch:
    return pressed(operation, Asked.NEW_PATIENT, Button.SAVE)


def cancels(operation: int, dialog: Asked = Asked.NEW_PATIENT) -> Sketch:
    return pressed(operation, dialog, Button.CANCEL)


def maps_existing(operation: int, then: Button) -> Sketch:
    """The operator maps the suggested patient and then keeps or applies."""
    return pressed(operation, Asked.MERGE, Button.EXISTING) + pressed(operation, Asked.SYNC, then)


def makes_new(operation: int) -> Sketch:
    return pressed(operation, Asked.MERGE, Button.NEW)


def unmapped(last_name: str, patient_id: str = "", cases: str = "", birth_date: str = "") -> Sketch:
    """The declaration of a patient that is mapped to nobody."""
    return note(
        NoteKind.FIXTURE,
        what="unmapped_patient",
        first_name="",
        last_name=last_name,
        patient_id=patient_id,
        cases=cases,
        birth_date=birth_date,
    )


def mapped(integration_id: str, first_name: str, last_name: str, patient_id: str = "") -> Sketch:
    """The declaration of a mapped patient."""
    return note(
        NoteKind.FIXTURE,
        what="patient",
        integration_id=integration_id,
        first_name=first_name,
        last_name=last_name,
        patient_id=patient_id,
    )


def cases(integration_id: str, *names: str) -> Sketch:
    """A search for the patient's cases that brings one for each of ``names``."""
    found = [
        {"case": guid(900 + n), "integration_id": integration_id, "patient_name": name} for n, name in enumerate(names)
    ]
    return call("find_cases", integration_id=integration_id, answer=found)
