"""Scenarios played by the reference PMS."""

from dataclasses import replace

import pytest

from conformance.spec.scenarios import Actor, At, Deed, Origin, Person, Scenario, Step, scenarios
from conformance.suite import scenario
from conformance.suite.stage import Ending

PLAIN = Step(Actor.PMS, Deed.LIST_STATIONS, "", At.SERVER, {}, "", "", "")


def step(does, person="patient", **changes):
    return replace(PLAIN, does=does, person=person, **changes)


def scenario_of(*steps, origin=Origin.NEW):
    persons = (Person("patient", origin), Person("neighbour", Origin.NEW))
    return Scenario("made", "Made", "Workflow examples", frozenset(), (), persons, steps)


@pytest.fixture
def played(embedded, play, calls):
    """``played(scenario)`` -> how it ended, and the roles that were called."""

    def perform(made, **changes):
        stage = embedded(**changes)
        before = len(calls(stage.events))
        done = stage.stage.perform(play(scenario._steps(made), f"scenario.{made.name}"))
        called = [call.request.target.partition("?")[0].rpartition("/")[2] for call in calls(stage.events)[before:]]
        return done, called

    return perform


def test_every_scenario_of_the_guide_reaches_its_end(spec, played):
    endings = {made.name: played(made)[0] for made in scenarios(spec)}
    assert {name: (done.ending, done.reason) for name, done in endings.items()} == dict.fromkeys(
        ("fetch-attached-images", "map-patient-at-station", "update-patient-on-server"), (Ending.DONE, "")
    )


def test_each_scenario_is_a_play_with_its_own_name(spec):
    assert [play.name for play in scenario.plays(spec)] == [f"scenario.{made.name}" for made in scenarios(spec)]


def test_what_is_not_reached_ends_it_with_the_reason(played):
    unmapped = scenario_of(step(Deed.UPDATE_PATIENT, reaches="processed"), step(Deed.FIND_CASES))
    done, called = played(unmapped)
    assert (done.ending, done.reason) == (
        Ending.SKIPPED,
        "step 1 (update_patient) ended with integration_id_unknown instead of processed",
    )
    assert "GetCasesForPatient" not in called


def test_an_edited_record_goes_out_with_the_neighbours_value(played):
    taken = scenario_of(
        step(Deed.CREATE_PATIENT, "neighbour", reaches="processed"),
        step(Deed.CREATE_PATIENT, change={"patient_id": "neighbour"}, reaches="patient_id_taken"),
        step(Deed.CREATE_PATIENT, change={"patient_id": "fresh"}, reaches="processed"),
    )
    assert played(taken)[0].ending is Ending.DONE


@pytest.mark.parametrize("deed", [Deed.SELECT_PATIENT, Deed.CREATE_CASE])
def test_a_mapped_patient_can_be_worked_with_at_a_station(played, deed):
    made = scenario_of(step(deed, at=At.STATION, reaches="processed"), origin=Origin.MAPPED)
    assert played(made)[0].ending is Ending.DONE


def test_a_case_that_was_found_can_be_selected(played):
    found = scenario_of(
        step(Deed.FIND_CASES), step(Deed.SELECT_CASE, at=At.STATION, reaches="processed"), origin=Origin.PICTURED
    )
    assert played(found)[0].ending is Ending.DONE


def test_a_case_that_was_not_found_cannot(played):
    done, _ = played(scenario_of(step(Deed.SELECT_CASE, at=At.STATION, reaches="processed"), origin=Origin.PICTURED))
    assert done.reason == "no case was found that could be selected"


def test_the_last_operation_can_be_cancelled(played):
    made = scenario_of(step(Deed.CREATE_PATIENT, reaches="processed"), step(Deed.CANCEL_OPERATION))
    assert played(made)[1][-1] == "RemoveRequestById"


def test_what_the_operator_presses_counts_for_the_operation_that_comes_next(played):
    press = replace(PLAIN, actor=Actor.OPERATOR, does=Deed.PRESS, dialog="page", button="cancel")
    made = scenario_of(
        press,
        step(Deed.SELECT_PATIENT, at=At.STATION, reaches="rejected_by_operator"),
        step(Deed.SELECT_PATIENT, at=At.STATION, reaches="processed"),
        origin=Origin.MAPPED,
    )
    assert played(made)[0].ending is Ending.DONE


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        (Origin.UNMAPPED, "no unmapped patient is declared as a fixture"),
        (Origin.MAPPED, "no patient is declared as a fixture"),
        (Origin.PICTURED, "no patient with an image is declared as a fixture"),
    ],
)
def test_persons_that_nobody_prepared_are_missed(played, origin, reason):
    assert played(scenario_of(step(Deed.FIND_CASES), origin=origin), fixtures=())[0].reason == reason
