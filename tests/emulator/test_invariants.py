"""What holds after any sequence of calls and decisions, under any reading."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.emulator.clock import SteppedClock
from conformance.emulator.policy import Policy
from conformance.emulator.readings import UNDERSTOOD
from conformance.emulator.server import Emulator
from conformance.model import BUTTONS, Call, Place, apply_all, step
from conformance.model.readings import UNDERSTOOD as MODEL_POINTS

IDS = st.sampled_from(["", "A", "B", "a"])
STATIONS = st.sampled_from(["", "5be65d15-31a2-442b-a93b-0bd65ec8abe9", "00000000-0000-0000-0000-0000000000ee"])
OPERATIONS = st.integers(0, 3).map(lambda number: str(UUID(int=number)))
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "integration_id": IDS,
        "patient_id": IDS,
        "last_name": st.sampled_from(["", "Smith", "Fox"]),
        "first_name": st.sampled_from(["John", "Mathew"]),
        "station": STATIONS,
        "operation": OPERATIONS,
        "merge": st.sampled_from(["true", "false", "2"]),
        "birth_date": st.sampled_from(["2000-01-01", "31.12.1999", "x"]),
    },
)
CALLS = st.tuples(
    st.sampled_from(["create_patient", "update_patient", "select_patient", "get_status", "remove_operation"]), VALUES
)
PRESSES = st.sampled_from([(dialog.value, button.value) for dialog, buttons in BUTTONS.items() for button in buttons])
READINGS = st.fixed_dictionaries({point: st.sampled_from(UNDERSTOOD[point]) for point in MODEL_POINTS})


def may_follow(spec, former, new):
    return former == new or new in spec.successors[former]


def unique(values):
    given_ = [value for value in values if value]
    return len(given_) == len(set(given_))


@settings(max_examples=120, deadline=None)
@given(number=st.integers(0, 99), readings=READINGS, steps=st.lists(CALLS | PRESSES, max_size=40))
def test_ids_stay_unique_and_statuses_move_as_the_spec_says(spec, seed, opened, number, readings, steps):
    practice = opened(Policy(seed=number, readings=readings))
    state = practice.emulator.state
    statuses: dict[int, str] = {}
    for role, values in steps:
        if isinstance(values, str):
            practice.emulator.decide(role, values)
            continue
        practice.ask(role, **{k: v for k, v in values.items() if k in spec.method[role].by_role})
        for serial, operation in state.operations.items():
            assert may_follow(spec, statuses.get(serial, operation.status), operation.status)
            statuses[serial] = operation.status
            assert (operation.place is Place.DONE) == spec.status[operation.status].final
        assert len(state.kept) <= spec.kept_operations
        assert unique(patient.integration_id for patient in state.patients.values())
        assert unique(patient.patient_id for patient in state.patients.values())


@settings(max_examples=100, deadline=None)
@given(readings=READINGS, calls=st.lists(CALLS, max_size=8))
def test_every_outcome_can_be_taken_on_a_copy(spec, seed, readings, calls):
    emulator = Emulator(spec, Policy(readings=readings), SteppedClock(), seed.users, seed.state)
    state = emulator.state
    for role, values in calls:
        typed = {k: UUID(v) if k in ("station", "operation") and v else v for k, v in values.items() if k != "merge"}
        call = Call(role, {k: v for k, v in typed.items() if k != "birth_date"}, texts=values)
        outcomes = step(state, call, spec, emulator.readings)
        assert outcomes
        for outcome in outcomes:
            apply_all(outcome.changes, state.copy())
        apply_all(outcomes[-1].changes, state)
