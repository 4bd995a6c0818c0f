"""What a PMS could be used for next."""

import pytest

from conformance.spec import load
from conformance.spec.prospects import in_words, scenarios_about, still_to_show
from conformance.spec.scenarios import Scenario, command_line_scenarios, pms_scenarios, vdds_scenarios


@pytest.fixture(scope="module")
def spec():
    return load()


def scenario(name, *aims):
    return Scenario(name, name.upper(), "", frozenset(), aims, (), ())


def test_the_fewest_scenarios_show_what_is_left():
    first, second, third = scenario("a", "R1"), scenario("b", "R1", "R2"), scenario("c", "R3")

    assert still_to_show([first, second, third], ["R1", "R2", "R3", "R4"]) == [(second, ["R1", "R2"]), (third, ["R3"])]


def test_they_are_told_with_what_none_of_them_shows():
    assert list(in_words([scenario("a", "R1")], ["R1", "R2"])) == [
        "to do next: A (a; shows R1)",
        "not seen, and no scenario of this run shows it: R2",
    ]


@pytest.mark.parametrize(
    ("row", "known"), [("PAT-060", pms_scenarios), ("CLI-005", command_line_scenarios), ("VDDS-018", vdds_scenarios)]
)
def test_rows_belong_to_the_scenarios_of_one_interface(spec, row, known):
    assert scenarios_about(spec, [row]) == known(spec)
