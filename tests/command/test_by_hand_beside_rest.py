"""``--manual`` for the command line and VDDS media: a person uses the PMS, and the run sees what it starts."""

import io
import json
import re
import subprocess
import threading
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.certify.manual import KEYS
from conformance.certify.manual_words import BY_COMMAND_LINE, BY_FILES
from conformance.command.certify_cli import COMMAND_LINE
from conformance.command.certify_pms import pms
from conformance.command.certify_vdds import VDDS_MEDIA
from conformance.command.certifying_beside import Wish, carry_out
from conformance.drive.handover import requests
from conformance.spec import load
from conformance.spec.scenarios import command_line_scenarios, vdds_scenarios
from conformance.wire.vdds_ini import parse_ini

SPEC = load()


class Person(io.StringIO):
    """Types one line after the other; a function is done once the next task is on the screen, and Enter is pressed."""

    def __init__(self, *acts):
        super().__init__()
        self.acts = list(acts)
        self.screen = io.StringIO()
        self.done = 0

    def readline(self, size=-1):
        if not self.acts:
            return ""
        act = self.acts.pop(0)
        if isinstance(act, str):
            return f"{act}\n"
        self.done += 1
        while self.screen.getvalue().count(KEYS) < self.done:
            threading.Event().wait(0.01)
        act(self.screen.getvalue())
        return "\n"

    def fileno(self):
        raise OSError


@pytest.fixture
def certify(tmp_path):
    def run(interface, scenarios, name, *acts):
        person = Person(*acts)
        chosen = [each for each in scenarios(SPEC) if each.name == name]
        words = BY_COMMAND_LINE if interface is COMMAND_LINE else BY_FILES
        wish = Wish(
            SPEC, SPEC.profile[interface.profile], chosen, (), (), None, "Chair 9", 0, False, False,
            tmp_path / "reports", datetime.now(UTC), (person, person.screen), frozenset(words),
        )  # fmt: skip
        code = carry_out(interface, wish, Console(file=io.StringIO()))
        found = tmp_path / "reports" / "latest" / "ledger.json"
        rows = json.loads(found.read_text(encoding="utf-8"))["rows"] if found.exists() else []
        seen = {row["id"]: row["counts"] for row in rows}
        return code, person.screen.getvalue(), seen

    return run


def last_name(screen):
    return re.findall(r"last name +(.+)", screen)[-1]


def by_command_line(screen):
    program = re.search(r"Let the PMS start (.+)", screen)[1]
    subprocess.run([program, "-integrationid=17", f"-lastname={last_name(screen)}"], check=True)


def by_vdds(screen):
    register = re.search(r"Let the PMS go by the register (.+)", screen)[1]
    with open(register, "rb") as file:
        program = parse_ini(file.read()).get(SPEC.vdds.entry_section, SPEC.vdds.call["patient_import"].key)
    call = f"{register}.call"
    content = requests(SPEC.vdds, "THREEDD_PVS", SPEC.vdds.entry_section).patient(
        {"person": "17", "last_name": last_name(screen), "first_name": "X", "birth_date": "19840229"}
    )
    with open(call, "wb") as file:
        file.write(content)
    subprocess.run([program, call], check=True)


def test_a_person_sends_a_patient_by_command_line(certify):
    _, screen, rows = certify(COMMAND_LINE, command_line_scenarios, "send-patient", "", "", by_command_line)

    assert "by the button for its command line" in screen
    assert rows["CLI-022"]["passed"] == 1
    assert rows["CLI-016"]["passed"] == 1


def test_a_person_hands_a_patient_over_by_vdds(certify):
    _, screen, rows = certify(VDDS_MEDIA, vdds_scenarios, "vdds-patient", "", "", by_vdds)

    assert "by its entry for VDDS" in screen
    assert rows["VDDS-005"]["passed"] == 1
    assert rows["VDDS-017"]["failed"] == 1  # X is not the first name of the record


def test_who_stops_in_the_middle_has_a_report_of_what_was_seen(certify):
    code, _, rows = certify(COMMAND_LINE, command_line_scenarios, "send-two", "", "", by_command_line, "q")

    assert rows["CLI-016"]["passed"] == 1
    assert code == 2


def test_who_stops_before_the_first_task_leaves_nothing(certify, tmp_path):
    code, _, _ = certify(COMMAND_LINE, command_line_scenarios, "send-patient", "q")

    assert code == 2
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--interface", "cli", "--manual", "--driver", "x"], "--manual has a person use the PMS"),
        (["--interface", "vdds", "--resume", "."], "keeps nothing to go on with"),
        (["--interface", "vdds", "--port", "1"], "has no port to be called at"),
        (["--interface", "cli", "--supports", "x"], "--supports goes with --manual"),
        (["--interface", "cli", "--manual", "--supports", "fly"], "expected send_by_command_line"),
    ],
)
def test_options_that_do_not_go_together_are_named(options, problem):
    assert problem in str(CliRunner().invoke(pms, options, standalone_mode=False).exception)
