"""The mapping from first to last: an id is unknown, becomes known, and stays so in every method that takes it."""

from __future__ import annotations

from conformance.suite.patient_steps import CREATE, SELECT, UPDATE, at_station, created
from conformance.suite.play import Desk, Dialog, Steps, play


@play("mapping.unknown-then-known", aims=("UPD-014", "UPD-021", "MAP-007", "PAT-014"), needs=("writes",))
def an_id_becomes_known(desk: Desk) -> Steps:
    """An update fails, a creation maps the patient, the update succeeds, a second creation fails."""
    patient = desk.patient()
    yield from desk.done(UPDATE, **patient)
    yield from desk.done(CREATE, **patient)
    yield from desk.done(UPDATE, **patient)
    yield from desk.done(CREATE, **{**patient, "patient_id": desk.fresh("patient_id")})
    yield from desk.one(desk.send("find_cases", integration_id=patient["integration_id"]))


@play("mapping.any-text", aims=("MAP-005", "MAP-007"), needs=("writes",))
def any_text_as_integration_id(desk: Desk) -> Steps:
    """Ids of a PMS's own making: numbers, GUIDs, addresses, other scripts; each is found again."""
    for text in (
        "{}/2019",
        "urn:{}",
        "{}@clinic.example",
        "患者{}",
        "מטופל {}",
        "{}\u00a01",
        "<{}>",
        "{}'; --",
        "%{}%",
    ):
        patient = yield from created(desk, integration_id=desk.fresh("integration_id", text.format(desk.text())))
        yield from desk.done(UPDATE, **patient)


@play("mapping.known-at-stations", aims=("MAP-007", "SEL-001"), needs=("writes", "operator"))
def a_patient_made_on_the_server_is_known_at_stations(desk: Desk) -> Steps:
    """Created on the server, selected at a station."""
    patient = yield from created(desk)
    chosen = {"integration_id": patient["integration_id"]}
    yield from at_station(desk, SELECT, [(Dialog.PAGE, "proceed")], chosen)
