"""A play ends after so many of its stages, and not in the middle of one."""

import pytest

from conformance.suite.play import AtOnce, Pause, Play, Send
from conformance.suite.shortened import shortened

CREATE, LOOK, FIND = Send("create_patient", {}), Send("get_status", {}), Send("find_cases", {})
TOGETHER = AtOnce((FIND, FIND))
WHOLE = [CREATE, LOOK, Pause(), LOOK, TOGETHER, FIND]


def whole(desk):
    yield from WHOLE


@pytest.mark.parametrize(
    ("stages", "left"),
    [
        (1, [CREATE, LOOK, Pause(), LOOK]),
        (2, [CREATE, LOOK, Pause(), LOOK, TOGETHER]),
        (3, WHOLE),
        (9, WHOLE),
    ],
)
def test_a_stage_is_what_is_asked_for_with_all_looks_at_what_becomes_of_it(stages, left):
    assert list(shortened(Play("a.play", (), frozenset(), whole, ""), stages).steps(None)) == left


def test_a_play_gets_its_answers():
    heard = []

    def listening(desk):
        heard.append((yield CREATE))
        heard.append((yield LOOK))

    steps = shortened(Play("a.play", (), frozenset(), listening, ""), 1).steps(None)
    next(steps)
    assert (steps.send("answer"), heard) == (LOOK, ["answer"])


def test_what_a_play_has_opened_is_closed_when_it_is_cut_short():
    closed = []

    def careful(desk):
        try:
            yield from WHOLE
        finally:
            closed.append("closed")

    list(shortened(Play("a.play", (), frozenset(), careful, ""), 1).steps(None))
    assert closed == ["closed"]
