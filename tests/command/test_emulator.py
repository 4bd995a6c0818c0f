"""The emulator's command: its catalogue of faults, and what it says of wrong options."""

import json

import pytest
from click.testing import CliRunner

from conformance.command.emulator import emulator
from conformance.emulator.faults import faults


@pytest.fixture
def invoke():
    return lambda *arguments: CliRunner().invoke(emulator, arguments)


def test_every_fault_is_listed_with_what_it_does_and_breaks(invoke):
    listed = json.loads(invoke("--list-faults").output)

    assert [row["name"] for row in listed] == sorted(faults())
    assert all(row["does"] and row["breaks"] for row in listed)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--port", "0", "--fault", "no-such-fault"), "no fault is called 'no-such-fault'"),
        (("--port", "0", "--reading", "XML-BOM"), "write ID=NAME"),
        (("--port", "0", "--reading", "NO-SUCH=thing"), "no reading is called 'NO-SUCH'"),
    ],
)
def test_a_wrong_option_is_told_with_what_would_be_right(invoke, arguments, told):
    result = invoke(*arguments)

    assert result.exit_code == 3
    assert told in result.output
