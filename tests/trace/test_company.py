"""Which calls were under way at the same moment."""

import pytest

from conformance.spec import default_folder, load
from conformance.trace import Exchange, History, at_once, call, realise

SPEC = load(default_folder())
LIST = call("list_stations", answer=[])


@pytest.fixture
def met():
    """Whether each call of a sketch met another one."""

    def of(sketch):
        history = History(SPEC)
        seen = [history.append(event) for event in realise(sketch, SPEC)]
        return [history.company.met(each) for each in seen if isinstance(each, Exchange)]

    return of


def test_calls_one_after_the_other_meet_nobody(met):
    assert met(LIST * 3) == [False, False, False]


def test_calls_at_the_same_moment_meet_each_other_and_nobody_else(met):
    assert met(LIST + at_once(LIST, LIST, LIST) + LIST) == [False, True, True, True, False]
