"""Sound: nobody is blamed for what the model does, whatever freedom it uses.

Longer: ``python -m tests.honesty sound 0 1000``.
"""

import pytest

from conformance.spec import load
from tests.honesty.sound import blamed, random_run

SPEC = load()
SHARE = 0.15


@pytest.mark.parametrize("seed", range(12))
def test_a_conforming_server_is_never_blamed(seed):
    assert blamed(random_run(SPEC, seed, SHARE)) == []
