"""Who is at the stations, as the command line and the target file say, and runs with each kind of operator."""

import contextlib
import io
import json
import os
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.request import ProxyHandler, Request, build_opener

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.command.certify import certify
from conformance.command.failure import SetUpFailure
from conformance.command.operating import attendance, chosen
from conformance.command.target_file import OperatorKind, OperatorPart
from conformance.drive import OperatorError
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.policy import ASKS_A_PERSON
from conformance.judge import ledger_from_json
from conformance.spec import load
from conformance.suite.target import Attended

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "operator" / "emulator_operator.py"
IN_FILE = OperatorPart(OperatorKind.COMMAND, ("clicker", "--fast"))
NOBODY = OperatorPart()
DIRECT = build_opener(ProxyHandler({}))
LONG_S = 60


# -- what is chosen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "command", "control", "part", "expected"),
    [
        ("", "", "", NOBODY, NOBODY),
        ("", "", "", IN_FILE, IN_FILE),
        ("none", "", "", IN_FILE, replace(IN_FILE, kind=OperatorKind.NONE)),
        ("manual", "", "", NOBODY, OperatorPart(OperatorKind.MANUAL)),
        ("", "py 'my op.py'", "", NOBODY, OperatorPart(OperatorKind.COMMAND, ("py", "my op.py"))),
        ("command", "", "", IN_FILE, IN_FILE),
        ("", "", "http://127.0.0.1:1", NOBODY, OperatorPart(OperatorKind.EMULATOR, control="http://127.0.0.1:1")),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="quotes are taken apart otherwise there")
def test_the_command_line_goes_before_the_file(kind, command, control, part, expected):
    assert chosen(kind, command, control, part) == expected


@pytest.mark.parametrize(
    ("kind", "command", "control", "problem"),
    [
        ("command", "", "", "--operator command needs --operator-command"),
        ("emulator", "", "", "--operator emulator needs --control"),
        ("manual", "clicker", "", "--operator-command goes with --operator command, not manual"),
        ("none", "", "http://x", "--control goes with --operator emulator, not none"),
        ("", "clicker", "http://x", "--control goes with --operator emulator, not command"),
        ("", '"clicker', "", "No closing quotation; close the quote"),
        ("", " ", "", "--operator-command is empty"),
    ],
)
def test_what_does_not_go_together_is_told(kind, command, control, problem):
    with pytest.raises(click.UsageError, match=problem):
        chosen(kind, command, control, NOBODY)


def test_a_command_gets_no_password(monkeypatch):
    monkeypatch.setenv("THREEDD_PASSWORD", "hidden")
    monkeypatch.setenv("CLINIC", "shown")
    told = "dict(type='ready', protocol=1, name=os.environ['CLINIC'], version=str('THREEDD_PASSWORD' in os.environ))"
    text = f"import json, os; input(); print(json.dumps({told} | dict(supports={{}})), flush=True); input()"
    part = OperatorPart(OperatorKind.COMMAND, (sys.executable, "-c", text))
    with attendance(part, "guide", Console(), ("THREEDD_PASSWORD",)) as made:
        assert made.operator.name == "shown False"
        assert made.attended is Attended.EACH_TIME


def test_a_person_needs_a_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with (
        pytest.raises(SetUpFailure, match="there is no terminal here"),
        attendance(OperatorPart(OperatorKind.MANUAL), "guide", Console()),
    ):
        """Nobody comes here."""


def test_a_command_that_cannot_be_started_is_a_fault_of_the_set_up():
    part = OperatorPart(OperatorKind.COMMAND, ("no-such-command-anywhere",))
    with pytest.raises(OperatorError, match="check its path"), attendance(part, "guide", Console()):
        """Nobody comes here."""


# -- runs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    """``somewhere()`` -> an emulator that stands for a server somewhere; its dialogs wait for an operator."""
    monkeypatch.chdir(tmp_path)
    for name in ("THREEDD_USER2", "THREEDD_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with Embedded(load(), replace(brisk_policy(3), operator=ASKS_A_PERSON)) as running:
        authority, fixtures = tmp_path / "authority.pem", tmp_path / "fixtures.json"
        authority.write_bytes(running.authority_pem.read_bytes())
        fixtures.write_text(json.dumps(list(running.fixtures())), encoding="utf-8")
        monkeypatch.setenv("THREEDD_USER", running.users[0].user)
        monkeypatch.setenv("THREEDD_PASSWORD", running.users[0].password)
        options = ["--ca", authority, "--fixtures", fixtures, "--allow-writes", "--rate", "0", "--budget", "quick"]
        arguments = [str(each) for each in ("server", running.url, *options, "--out", tmp_path / "reports")]
        yield SimpleNamespace(running=running, arguments=arguments, latest=tmp_path / "reports" / "latest")


@pytest.fixture
def certified(somewhere):
    """``certified(arguments)`` -> exit code, output and ledger of a run in this process."""

    def run(*arguments):
        done = CliRunner().invoke(certify, [*somewhere.arguments, *arguments])
        path = somewhere.latest / "ledger.json"
        ledger = ledger_from_json(path.read_text(encoding="utf-8")) if path.is_file() else None
        return SimpleNamespace(code=done.exit_code, output=done.output, ledger=ledger)

    return run


def skipped(ledger):
    """Reason of each play that did not take place though it was selected."""
    return {each.play: each.reason for each in ledger.skipped if not each.reason.startswith("not selected")}


def standing(ledger, row):
    return str(ledger.row(row).standing)


def test_with_nobody_at_the_stations_rows_that_need_a_person_are_not_observed(certified):
    done = certified("--operator", "none", "--only", "stations.new-patient-saved")
    assert done.code == 2
    assert standing(done.ledger, "STAT-025") == "NOT_OBSERVED"
    assert skipped(done.ledger) == {
        "stations.new-patient-saved": "nobody is at the stations (--operator, or --control of an emulator)"
    }


def test_the_example_command_presses_the_buttons(certified, somewhere, monkeypatch):
    monkeypatch.setenv("THREEDD_CONTROL", somewhere.running.control_url)
    monkeypatch.setenv("THREEDD_CONTROL_TOKEN", somewhere.running.token)
    done = certified("--operator-command", f'"{sys.executable}" "{EXAMPLE}"', "--only", "stations.*cancelled*")
    assert "operator: emulator-operator 1.0" in done.output
    assert standing(done.ledger, "STAT-022") == "PASS"
    assert "nobody" not in str(skipped(done.ledger))


def test_a_command_that_dies_costs_the_rows_that_need_it_and_nothing_else(certified, tmp_path):
    program = tmp_path / "dies.py"
    ready = {"type": "ready", "protocol": 1, "name": "mortal", "version": "1", "supports": {"new_patient": ["save"]}}
    program.write_text(
        f"import sys; input(); print({json.dumps(json.dumps(ready))}, flush=True); input(); sys.exit('out of battery')",
        encoding="utf-8",
    )
    done = certified("--operator-command", f'"{sys.executable}" "{program}"', "--only", "*.*-patient*saved")
    assert done.code == 2
    assert "operator: out of battery" in done.output
    assert "ended with exit code 1" in skipped(done.ledger)["stations.new-patient-saved"]
    assert str(done.ledger.verdict) == "INCOMPLETE"


def test_what_a_command_does_not_support_is_skipped_with_that_reason(certified, tmp_path):
    program = tmp_path / "saves.py"
    ready = {"type": "ready", "protocol": 1, "name": "saver", "version": "1", "supports": {"new_patient": ["save"]}}
    program.write_text(f"input(); print({json.dumps(json.dumps(ready))}, flush=True); input()", encoding="utf-8")
    done = certified("--operator-command", f'"{sys.executable}" "{program}"', "--only", "status.cancelled")
    assert skipped(done.ledger) == {
        "status.cancelled": 'saver 1 does not support the button "cancel" of the dialog "new_patient".'
    }


def test_a_target_file_can_name_the_command(certified, somewhere, monkeypatch, tmp_path):
    monkeypatch.setenv("THREEDD_CONTROL", somewhere.running.control_url)
    monkeypatch.setenv("THREEDD_CONTROL_TOKEN", somewhere.running.token)
    command = json.dumps([sys.executable, str(EXAMPLE)])
    file = tmp_path / "clinic.toml"
    file.write_text(f'[operator]\nkind = "command"\ncommand = {command}\n', encoding="utf-8")
    done = certified("--target", str(file), "--only", "status.cancelled")
    assert "operator: emulator-operator 1.0" in done.output
    assert skipped(done.ledger) == {}


def test_the_embedded_emulator_has_an_operator_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(certify, ["server", "--operator", "none"])
    assert done.exit_code != 0
    assert "has an operator of its own" in done.output


# -- a person at a terminal -------------------------------------------------------------------------------------


class Seat:
    """A terminal with a run on it, and somebody before it who can also walk to the stations of the emulator."""

    def __init__(self, running, arguments):
        pty = pytest.importorskip("pty")
        self.running = running
        self.shown = ""
        self._master, slave = pty.openpty()
        command = "from conformance.command.certify import certify; certify(prog_name='threedd certify')"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        os.close(slave)

    def until(self, text):
        """What is shown from here until ``text``, which is looked for after what was read before."""
        start = len(self.shown)
        while text not in self.shown[start:]:
            assert self._more(), f"{text!r} was not shown: {self.shown}"
        return self.shown[start:]

    def rest(self):
        """What is shown until the run is over."""
        start = len(self.shown)
        while self._more():
            pass
        return self.shown[start:]

    def _more(self):
        readable, _, _ = select.select([self._master], [], [], LONG_S)
        assert readable, f"nothing more is shown: {self.shown}"
        try:
            read = os.read(self._master, 4096)
        except OSError:  # the other side is closed
            read = b""
        self.shown += read.decode("utf-8", "replace").replace("\r", "")
        return bool(read)

    def type(self, text):
        os.write(self._master, text.encode())

    def press(self, button):
        """Waits at the stations for the dialog, and presses."""
        while not (dialogs := self._control("state")["dialogs"]):
            assert self.process.poll() is None, self.shown
        self._control("decisions", {key: dialogs[0][key] for key in ("dialog", "operation")} | {"button": button})

    def _control(self, what, body=None):
        request = Request(
            f"{self.running.control_url}/{what}",
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self.running.token}"},
        )
        with DIRECT.open(request, timeout=LONG_S) as answer:
            return json.loads(answer.read())

    def leave(self):
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def seat(somewhere):
    """``seat(arguments)``: somebody sits down and starts a run."""
    with contextlib.ExitStack() as stack:

        def sit_down(*arguments):
            made = Seat(somewhere.running, [*somewhere.arguments, "--operator", "manual", *arguments])
            stack.callback(made.leave)
            return made

        yield sit_down


def ledger_of(somewhere):
    return ledger_from_json((somewhere.latest / "ledger.json").read_text(encoding="utf-8"))


def test_a_person_is_led_through_a_run(seat, somewhere):
    person = seat("--only", "stations.new-patient-[sc]*")
    assert "About 2 dialogs at one station will need you, about 2 minutes" in person.until("> ")
    person.type("\n")
    assert "In the dialog for a new patient: close it without saving." in person.until("q: quit the run\n> ")
    person.type("p\n")
    person.until("Paused; nothing is sent. Enter: go on\n> ")
    person.type("\n")
    person.until("q: quit the run\n> ")
    person.type("\n")
    person.press("cancel")
    assert "In the dialog for a new patient: save the patient" in person.until("q: quit the run\n> ")
    person.type("s\n")
    person.rest()
    assert person.process.wait() == 2
    ledger = ledger_of(somewhere)
    assert standing(ledger, "STAT-022") == "PASS"
    assert skipped(ledger)["stations.new-patient-saved"] == "the person at the terminal left out this one"


def test_nothing_else_writes_while_somebody_is_asked(seat):
    person = seat("--only", "stations.new-patient-saved")
    person.until("> ")
    person.type("\n")
    question = person.until("q: quit the run\n> ").partition("Dialog 1 of about 1")[2]
    assert "at station" in question
    assert "\x1b" not in question
    person.type("n\n")
    person.rest()
    assert person.process.wait() == 2


def test_a_person_who_quits_still_gets_a_report(seat, somewhere):
    person = seat("--only", "stations.new-patient-saved")
    person.until("> ")
    person.type("\n")
    person.until("q: quit the run\n> ")
    person.type("q\n")
    person.rest()
    assert person.process.wait() == 2
    assert ledger_of(somewhere).reasons[0].startswith("the recording was cut short")
