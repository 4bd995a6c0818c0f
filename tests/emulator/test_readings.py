"""Readings are resolved against the spec before a server is set up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.emulator.readings import resolved


def test_defaults_come_from_the_spec(spec):
    assert resolved(spec, {})["CHECKS-AT"] == spec.reading["CHECKS-AT"].default


def test_one_can_be_asked_for(spec):
    assert resolved(spec, {"CHECKS-AT": "server"})["CHECKS-AT"] == "server"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"CHECKS-ATT": "server"}, "no reading is called 'CHECKS-ATT', perhaps \"CHECKS-AT\"; expected one of the "),
        ({"CHECKS-AT": "nowhere"}, "CHECKS-AT cannot be 'nowhere'; expected one of server, station, split."),
    ],
)
def test_what_does_not_exist_is_an_error(spec, wanted, problem):
    with pytest.raises(ValueError) as error:
        resolved(spec, wanted)
    assert str(error.value).startswith(problem)


def test_a_spec_without_a_row_that_is_needed_is_an_error(spec):
    poor = replace(spec, readings=tuple(r for r in spec.readings if r.id != "CHECKS-AT"))
    with pytest.raises(ValueError) as error:
        resolved(poor, {})
    assert "has no reading CHECKS-AT" in str(error.value)
