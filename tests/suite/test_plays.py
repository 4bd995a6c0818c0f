"""What every play must satisfy, whoever wrote it."""

from dataclasses import replace

import pytest

from conformance.spec import load
from conformance.spec.roles import NEEDS
from conformance.suite import plays as package
from conformance.suite import scenario
from conformance.suite.play import Play, add
from conformance.suite.plays import collect
from conformance.suite.turns import ALONE

SPEC = load()
EVERY = (*collect(SPEC), *scenario.plays(SPEC))


def test_plays_are_ordered_by_name_and_the_same_each_time():
    names = [play.name for play in collect(SPEC)]
    assert names == sorted(set(names))
    assert names == [play.name for play in collect(SPEC)]


@pytest.mark.parametrize("play", EVERY, ids=lambda play: play.name)
def test_a_play_aims_at_rows_that_exist_and_needs_what_is_known(play):
    assert set(play.aims) <= set(SPEC.requirement)
    assert play.needs <= {*NEEDS, ALONE}


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ValueError, match="give one of them another name"):
        add(replace(collect(SPEC)[0], name="transport.browser"))


def test_a_module_cannot_take_the_name_of_another(monkeypatch):
    twice = Play("transport.browser", (), frozenset(), lambda desk: iter(()), "")
    monkeypatch.setattr(package, "_made_by", lambda name, spec: [twice] if name.endswith("transport") else [])
    with pytest.raises(ValueError, match=r"transport\.browser exists twice"):
        collect(SPEC)
