"""The operator protocol's schema: it accepts what is really said, and its vocabulary is that of the stations."""

import json
from uuid import UUID

import jsonschema_rs
import pytest

from conformance.drive import CommandOperator, CommandTerms, Start
from conformance.spec import BUTTONS, Button, Dialog, load

SCHEMA = json.loads((load().folder / "operator.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema_rs.validator_for(SCHEMA)
STATION = UUID("0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c")
READY = {"type": "ready", "protocol": 1, "name": "n", "version": "1", "supports": {"merge": ["new"]}}
DECIDE = {
    "type": "decide",
    "protocol": 1,
    "number": 1,
    "station": {"id": str(STATION)},
    "operation": {"id": str(STATION), "does": "create_patient"},
    "patient": {"last_name": "Fox"},
    "dialog": "merge",
    "button": "new",
    "otherwise": {"sync": "apply"},
}


class Written:
    """A command that can do everything, answers everything with done, and keeps what it was told."""

    def __init__(self):
        self.lines = []

    def __call__(self, command, *, environment, tell):
        return self

    def write(self, line):
        self.lines.append(json.loads(line))

    def read(self, timeout_s):
        last = self.lines[-1]
        done = {"type": "done", "number": last.get("number")}
        return json.dumps({**READY, "supports": last["dialogs"]} if last["type"] == "hello" else done).encode()

    def close(self, patience_s):
        """Nothing is open."""


@pytest.fixture(scope="module")
def said():
    """What the harness says in a run that asks for every button there is."""
    written = Written()
    terms = CommandTerms(harness="threedd-conformance 1", guide="dental-desktop-1.7")
    with CommandOperator(["fake"], print, terms, opened=written) as operator:
        for number, (dialog, button) in enumerate(((d, b) for d, known in BUTTONS.items() for b in known), start=1):
            operator.decide(STATION, UUID(int=number), dialog, button)
            operator.begin(Start(UUID(int=number), STATION, "TRIOS-1", "create_patient", {"last_name": "x" * 999}))
    return written.lines


def test_everything_the_harness_says_is_in_the_schema(said):
    assert [line for line in said if not VALID.is_valid(line)] == []
    assert {line["type"] for line in said} == {"hello", "decide", "goodbye"}


@pytest.mark.parametrize(
    "message",
    [
        READY,
        {**READY, "supports": {}, "comment": "unknown keys are passed over"},
        {"type": "done", "number": 3},
        {"type": "cannot", "number": 3, "reason": "no such button here"},
        {"type": "failed", "number": 3, "reason": "the screen is locked"},
    ],
)
def test_what_a_command_may_say(message):
    assert VALID.is_valid(message)


@pytest.mark.parametrize(
    "message",
    [
        {**READY, "protocol": 2},
        {**READY, "name": " "},
        {**READY, "supports": {"merge": "new"}},
        {"type": "done"},
        {"type": "done", "number": 0},
        {"type": "cannot", "number": 1},
        {"type": "failed", "number": 1, "reason": ""},
        {**DECIDE, "button": "save"},
        {**DECIDE, "dialog": "lab"},
        {**DECIDE, "station": {}},
        {**DECIDE, "patient": {"last_name": "x" * 201}},
        {"type": "sure", "number": 1},
        [],
    ],
)
def test_what_nobody_may_say(message):
    assert not VALID.is_valid(message)


def test_a_decision_is_valid():
    assert VALID.is_valid(DECIDE)


def test_the_schema_has_the_dialogs_and_buttons_of_the_stations():
    assert SCHEMA["$defs"]["dialog"]["enum"] == list(Dialog)
    assert SCHEMA["$defs"]["button"]["enum"] == list(Button)


def test_the_schema_knows_which_dialog_has_which_button():
    pairs = [each["properties"] for each in SCHEMA["$defs"]["press"]["oneOf"]]
    assert {pair["dialog"]["const"]: tuple(pair["button"]["enum"]) for pair in pairs} == BUTTONS
