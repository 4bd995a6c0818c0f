"""What the tests of the codecs share: the packaged spec, and generated tests without a stop-watch."""

from __future__ import annotations

import pytest
from hypothesis import settings

from conformance.spec import load
from conformance.spec.objects import Spec

settings.register_profile("unhurried", deadline=None)  # no verdict depends on how busy the machine is
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load()
