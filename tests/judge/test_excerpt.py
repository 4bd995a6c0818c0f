"""An excerpt is the least of a recording that shows a finding again, and nothing else."""

import pytest

from conformance.judge import Excerpts, Monitor, judged_again, shown_in
from conformance.spec import load
from tests.honesty.inside import run_inside
from tests.honesty.killing import all_faults

SPEC = load()
FAULT = "shares-integration-ids"


@pytest.fixture(scope="module")
def broken():
    return run_inside(SPEC, faults=[all_faults()[FAULT]], aims=all_faults()[FAULT].breaks)


@pytest.fixture
def finding(broken):
    return next(each for each in broken.ledger.findings if each.requirement == "PAT-014")


def test_an_excerpt_shows_the_finding_by_itself(broken, finding):
    excerpt = Excerpts(SPEC, broken.events).of(finding)

    assert shown_in(finding, excerpt, SPEC)
    assert len(excerpt) < 10


def test_nothing_can_be_left_out_of_it(broken, finding):
    excerpt = Excerpts(SPEC, broken.events).of(finding)
    fewer = [[each for each in excerpt if each is not left_out] for left_out in excerpt]

    assert not any(shown_in(finding, events, SPEC) for events in fewer)


def test_it_is_events_of_the_recording_in_their_order(broken, finding):
    excerpt = Excerpts(SPEC, broken.events).of(finding)

    assert list(excerpt) == [event for event in broken.events if event in excerpt]


def test_the_rule_of_the_row_alone_judges_it(broken, finding):
    ledger = judged_again("PAT-014", Excerpts(SPEC, broken.events).of(finding), SPEC)

    assert {each.requirement for each in ledger.findings} >= {"PAT-014"}
    assert not ledger.row("MAP-006").counts.triggered


def test_where_it_takes_too_long_there_is_none(broken, finding):
    assert Excerpts(SPEC, broken.events, left=2).of(finding) == ()


def test_a_reading_has_none(broken):
    readings = [each for each in Monitor(SPEC).finish().findings if not each.requirement]

    assert [Excerpts(SPEC, broken.events).of(each) for each in readings] == [() for _ in readings]
