"""The model and the spec speak of the same doubtful points."""

from __future__ import annotations

import pytest

from conformance.emulator.readings import UNDERSTOOD


@pytest.mark.parametrize("point", sorted(UNDERSTOOD))
def test_every_way_to_take_a_point_is_acted_on(spec, point):
    assert sorted(spec.reading[point].takes) == sorted(UNDERSTOOD[point])
