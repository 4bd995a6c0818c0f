"""What is played next, what need not be shown, and what is left to do."""

import pytest

from conformance.certify.planner import in_rounds, in_turn, not_applicable
from conformance.certify.pms import About
from conformance.spec import load
from conformance.spec.scenarios import Actor, At, Deed, Scenario, Step, pms_scenarios

EVERYTHING = frozenset(deed.value for deed in Deed)


@pytest.fixture(scope="module")
def spec():
    return load()


def scenario(name, *aims):
    return Scenario(name, name, "Workflow examples", frozenset(), aims, (), ())


def test_the_scenario_that_shows_most_comes_next():
    seen = set()
    played = []
    for each in in_turn(
        [scenario("a", "R1"), scenario("b", "R1", "R2"), scenario("c", "R3")], lambda: {"R1", "R2"} - seen
    ):
        played.append(each.name)
        seen.update(each.aims)

    assert played == ["b", "a", "c"]


def test_every_scenario_has_its_turn_also_when_nothing_is_left_to_see():
    assert [each.name for each in in_turn([scenario("a"), scenario("b")], list)] == ["a", "b"]


def test_a_pms_that_supports_everything_is_spared_nothing(spec):
    assert not_applicable(spec, About("n", "v", "1", EVERYTHING), pms_scenarios(spec)) == {}


def test_rows_of_a_method_that_the_pms_does_not_use_are_not_applicable(spec):
    about = About("n", "v", "1", EVERYTHING - {"fetch_images"})
    told = not_applicable(spec, about, pms_scenarios(spec))

    assert told["IMG-011"] == "the PMS declares no fetch_images"
    assert "FND-040" not in told


def test_mapping_and_creating_are_one_method(spec):
    about = About("n", "v", "1", EVERYTHING - {"create_patient"})

    told = not_applicable(spec, about, pms_scenarios(spec))

    assert not told.get("PAT-060", "").startswith("the PMS declares")


def test_a_step_of_the_server_asks_nothing_of_the_pms():
    step = Step(Actor.SERVER, Deed.HOLD, "", At.SERVER, {}, "", "", "")

    assert Scenario("a", "a", "", frozenset(), (), (), (step,)).deeds == frozenset()


def test_a_person_meets_trouble_after_what_is_ordinary(spec):
    known = {scenario.name: scenario for scenario in pms_scenarios(spec)}
    mixed = [known[name] for name in ("identity-expired", "hang", "stations-shown", "unauthorised", "create-case")]

    assert [[scenario.name for scenario in each] for each in in_rounds(mixed)] == [
        ["stations-shown", "create-case"],
        ["hang", "unauthorised"],
        ["identity-expired"],
    ]


def test_no_round_is_empty(spec):
    assert in_rounds([]) == []
