"""What went well goes well once more, and what was refused is done as soon as it is possible.

No operation of the guide depends on how often it was asked for before: a server that remembers an answer for too long
shows it here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.suite.case_steps import any_case, search
from conformance.suite.patient_steps import CREATE, SELECT, UPDATE, at_station, created
from conformance.suite.play import Desk, Dialog, Steps, play

CREATE_CASE, SELECT_CASE = "create_case", "select_case"
PROCEED = [(Dialog.PAGE, "proceed")]
AT_STATIONS = ("writes", "operator")


@play("again.select-patient", aims=("SEL-001", "SEL-010"), needs=AT_STATIONS)
def the_same_patient_is_selected(desk: Desk) -> Steps:
    """Twice in a row, and once more after somebody else."""
    patient, other = (yield from created(desk)), (yield from created(desk))
    for each in (patient, patient, other, patient):
        yield from at_station(desk, SELECT, PROCEED, {"integration_id": each["integration_id"]})


@play("again.create-case", aims=("CASE-001", "CASE-007"), needs=AT_STATIONS)
def another_case_is_started(desk: Desk) -> Steps:
    """For the same patient at the same station, with and without a selection in between."""
    values = {"integration_id": (yield from created(desk))["integration_id"]}
    for role in (CREATE_CASE, CREATE_CASE, SELECT, CREATE_CASE):
        yield from at_station(desk, role, PROCEED, values)


@play("again.select-case", aims=("SCS-001", "SCS-007"), needs=(*AT_STATIONS, "fixtures", "prepared"))
def the_same_case_is_selected(desk: Desk) -> Steps:
    """Twice in a row, and once more after its patient was selected."""
    patient, case = yield from any_case(desk)
    for _ in range(2):
        yield from at_station(desk, SELECT_CASE, PROCEED, {"case": case})
    yield from at_station(desk, SELECT, PROCEED, {"integration_id": patient})
    yield from at_station(desk, SELECT_CASE, PROCEED, {"case": case})


@play("again.update-patient", aims=("UPD-001", "UPD-003"), needs=("writes",))
def the_same_update_is_made(desk: Desk) -> Steps:
    """The same data twice in a row, other data, and the first data again."""
    patient = yield from created(desk)
    other = desk.patient(integration_id=patient["integration_id"])
    for values in (patient, patient, other, other, patient):
        yield from desk.done(UPDATE, **values)


def _known_after(role: str, presses: Sequence[tuple[str, str]]) -> Callable[[Desk], Steps]:
    """Refused for a patient whom nobody knows, and done once the patient is there; the search is made with it."""

    def steps(desk: Desk) -> Steps:
        patient = desk.patient()
        chosen = {"integration_id": patient["integration_id"]}
        yield from search(desk, patient["integration_id"])
        yield from at_station(desk, role, presses, chosen)
        yield from desk.done(CREATE, **patient)
        yield from search(desk, patient["integration_id"])
        for _ in range(2):
            yield from at_station(desk, role, presses, chosen)

    return steps


play("again.select-patient.once-unknown", aims=("MAP-007", "STAT-035"), needs=AT_STATIONS)(
    _known_after(SELECT, PROCEED)
)
play("again.create-case.once-unknown", aims=("MAP-007", "STAT-035"), needs=AT_STATIONS)(
    _known_after(CREATE_CASE, PROCEED)
)


@play("again.after-a-cancel", aims=("SEL-001", "SEL-010", "CASE-001"), needs=AT_STATIONS)
def what_was_cancelled_is_done(desk: Desk) -> Steps:
    """The same call, once cancelled and then let through, each with an operation of its own."""
    values = {"integration_id": (yield from created(desk))["integration_id"]}
    for role in (SELECT, CREATE_CASE):
        for button in ("cancel", "proceed"):
            yield from at_station(desk, role, [(Dialog.PAGE, button)], values)


@play("again.one-id-for-each-method", aims=("STAT-016", "STAT-018"), needs=("writes",))
def an_operation_id_serves_one_method_after_another(desk: Desk) -> Steps:
    """The status is that of the last operation, whatever the one before it did and where."""
    operation = desk.operation_id()
    patient = yield from created(desk, operation=operation)
    yield from desk.done(UPDATE, **{**patient, "operation": operation})
    yield from desk.done(UPDATE, **desk.patient(operation=operation))
    yield from desk.done(CREATE, **{**patient, "operation": operation})
    yield from desk.done(UPDATE, **{**patient, "operation": operation})


@play("again.after-an-update", aims=("SEL-001", "CASE-001", "MAP-007"), needs=AT_STATIONS)
def an_updated_patient_is_selected(desk: Desk) -> Steps:
    """Whoever was updated, on the server and at a station, is as well known as before."""
    patient = yield from created(desk)
    changed = desk.patient(integration_id=patient["integration_id"])
    yield from desk.done(UPDATE, **changed)
    for role in (SELECT, CREATE_CASE):
        yield from at_station(desk, role, PROCEED, {"integration_id": patient["integration_id"]})
    yield from at_station(desk, UPDATE, [(Dialog.SYNC, "apply")], patient)
    yield from at_station(desk, SELECT, PROCEED, {"integration_id": patient["integration_id"]})


@play("again.ids-once-unknown", aims=("STAT-018", "STAT-010"), needs=("writes",))
def an_id_is_asked_for_before_it_is_used(desk: Desk) -> Steps:
    """An operation id is unknown, to a query and to a removal; then an operation has it, and its status is told."""
    operation = desk.operation_id()
    look = desk.send("get_status", operation=operation)
    yield from desk.one(look)
    yield from desk.one(look)
    yield from desk.one(desk.send("remove_operation", operation=operation))
    yield from desk.done(CREATE, **desk.patient(), operation=operation)
    yield from desk.one(look)
