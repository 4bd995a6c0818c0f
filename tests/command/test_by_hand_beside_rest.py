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
from conformance.command.certifying_beside import carry_out
from conformance.command.interfaces import Wish
from conformance.command.kept import Options, found
from conformance.drive.handover import requests
from conformance.spec import load
from conformance.spec.scenarios import command_line_scenarios, vdds_scenarios
from conformance.wire.vdds_ini import parse_ini

from .clerk import run_folder

SPEC = load()
KNOWN = {"command line": (command_line_scenarios, BY_COMMAND_LINE), "VDDS media": (vdds_scenarios, BY_FILES)}
BOTH = "send-patient,send-two"


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
    """``certify(interface, acts..., only=)`` -> exit code, screen, and how often each row was seen how.

    ``resumed=True`` goes on with the only run that there is.
    """

    def run(interface, *acts, only, resumed=False):
        person, out = Person(*acts), tmp_path / "reports"
        scenarios, words = KNOWN[interface.name]
        chosen = [each for each in scenarios(SPEC) if each.name in only.split(",")]
        kept, options = found(run_folder(out)) if resumed else (None, None)
        options = options or Options(True, "", "", interface.profile, only, 0, False, False, "Chair 9", 0, "cli")
        wish = Wish(
            SPEC, SPEC.profile[interface.profile], chosen, options, out, datetime.now(UTC), "",
            person=(person, person.screen), supports=None if resumed else frozenset(words), kept=kept,
        )  # fmt: skip
        told = io.StringIO()
        code = carry_out(interface, wish, Console(file=told))
        ledger = out / "latest" / "ledger.json"
        rows = json.loads(ledger.read_text(encoding="utf-8"))["rows"] if ledger.exists() else []
        return code, person.screen.getvalue() + told.getvalue(), {row["id"]: row["counts"] for row in rows}

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
    _, screen, rows = certify(COMMAND_LINE, "", "", by_command_line, only="send-patient")

    assert "by the button for its command line" in screen
    assert rows["CLI-022"]["passed"] == 1
    assert rows["CLI-016"]["passed"] == 1


def test_a_person_hands_a_patient_over_by_vdds(certify):
    _, screen, rows = certify(VDDS_MEDIA, "", "", by_vdds, only="vdds-patient")

    assert "by its entry for VDDS" in screen
    assert rows["VDDS-005"]["passed"] == 1
    assert rows["VDDS-017"]["failed"] == 1  # X is not the first name of the record


def test_who_stops_in_the_middle_goes_on_another_day(certify, tmp_path):
    code, screen, rows = certify(COMMAND_LINE, "", "", by_command_line, "q", only=BOTH)
    folder = run_folder(tmp_path / "reports")

    assert (code, rows) == (2, {})
    assert "Kept after 1 of 2 scenarios" in screen
    assert f'--resume "{folder}"' in screen

    _, again, rows = certify(COMMAND_LINE, "", "", by_command_line, by_command_line, only=BOTH, resumed=True)

    assert "Set the PMS up as before" in again
    assert "1 scenario to play, 2 tasks" in again
    assert re.search("start (.+)", again)[1] == re.search("start (.+)", screen)[1]  # what the PMS was set up for
    assert rows["CLI-016"]["passed"] == 3  # of both days
    assert not (folder / "resume").exists()


def test_the_register_of_a_run_that_goes_on_is_the_one_the_pms_was_set_up_for(certify):
    _, screen, _ = certify(VDDS_MEDIA, "", "", "q", only="vdds-patient")
    _, again, rows = certify(VDDS_MEDIA, "", "", by_vdds, only="vdds-patient", resumed=True)

    assert re.search("register (.+)", again)[1] == re.search("register (.+)", screen)[1]
    assert rows["VDDS-005"]["passed"] == 1


def test_who_stops_before_the_first_task_leaves_nothing(certify, tmp_path):
    code, _, _ = certify(COMMAND_LINE, "q", only="send-patient")

    assert code == 2
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--interface", "cli", "--manual", "--driver", "x"], "--manual has a person use the PMS"),
        (["--interface", "vdds", "--resume", "."], "--resume takes all options from the run"),
        (["--resume", "."], "holds no run that could go on"),
        (["--interface", "vdds", "--port", "1"], "has no port to be called at"),
        (["--interface", "cli", "--supports", "x"], "--supports goes with --manual"),
        (["--interface", "cli", "--manual", "--supports", "fly"], "expected send_by_command_line"),
    ],
)
def test_options_that_do_not_go_together_are_named(options, problem):
    assert problem in str(CliRunner().invoke(pms, options, standalone_mode=False).exception)
