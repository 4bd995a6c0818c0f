"""pytest fixtures for the test suite of a PMS: an emulated Dental Desktop, reached over HTTPS like a real one.

    def test_a_patient_is_mapped(threedd_emulator):
        threedd_emulator.decide("merge", "existing")
        my_pms.map(patient, url=threedd_emulator.url, ca=threedd_emulator.authority_pem)
        assert threedd_emulator.findings() == []

pytest loads this module in every environment that has the package, so it imports nothing of ours before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.certify.testing.emulated import Emulated


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("threedd", "emulated Dental Desktop (fixtures threedd_emulator, threedd_emulator_session)")
    group.addoption(
        "--threedd-policy",
        action="append",
        default=[],
        metavar="NAME",
        help="behave in this way that a PMS may stumble over; repeatable; names: threedd emulator --list-policies",
    )
    group.addoption(
        "--threedd-reading",
        action="append",
        default=[],
        metavar="ID=NAME",
        help="read a doubtful point of the guide in this way; repeatable; see threedd spec list",
    )
    parser.addini("threedd_policies", "policies of the emulated Dental Desktop; --threedd-policy wins", type="args")
    parser.addini("threedd_readings", "readings, one ID=NAME per line; --threedd-reading adds to them", type="linelist")
    parser.addini("threedd_seed", "number that decides every free choice of the emulator", default="0")
    parser.addini("threedd_seed_data", "folder with a seed.json of your own", type="paths")


@pytest.fixture(scope="session")
def _threedd_process_wide(pytestconfig: pytest.Config) -> Iterator[Emulated]:
    """One for all tests that want fresh data: opened once, reset for each."""
    with _emulated(pytestconfig) as running:
        yield running


@pytest.fixture
def threedd_emulator(_threedd_process_wide: Emulated) -> Emulated:
    """An emulated Dental Desktop with fresh data, at the same address for every test. Each call takes it a second."""
    _threedd_process_wide.reset()
    return _threedd_process_wide


@pytest.fixture(scope="session")
def threedd_emulator_session(pytestconfig: pytest.Config) -> Iterator[Emulated]:
    """An emulated Dental Desktop that keeps its data from test to test; not the one of ``threedd_emulator``."""
    with _emulated(pytestconfig) as running:
        yield running


def _emulated(config: pytest.Config) -> Emulated:
    """The emulator of these settings, not started. pytest.UsageError for what does not exist."""
    from conformance.certify.testing.emulated import Emulated, Wishes, reading

    try:
        return Emulated(
            Wishes(
                policies=tuple(config.getoption("threedd_policy") or config.getini("threedd_policies")),
                readings=dict(map(reading, [*config.getini("threedd_readings"), *config.getoption("threedd_reading")])),
                seed=int(config.getini("threedd_seed")),
                seed_data=next(iter(config.getini("threedd_seed_data") or ()), None),
            )
        )
    except ValueError as error:
        raise pytest.UsageError(f"the emulated Dental Desktop: {error}") from error
