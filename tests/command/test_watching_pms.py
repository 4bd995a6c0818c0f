"""``threedd certify pms`` without a driver: the emulator waits to be called, and says what to do next."""

import os
import shlex
import signal
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.command import watching_pms
from conformance.command.certify import certify
from conformance.judge import judge_recording, ledger_from_json
from conformance.spec import load

from .clerk import terminal

WORKFLOWS = Path(__file__).parents[2] / "examples" / "python" / "workflows.py"
RIGHT = Path(__file__).parents[2] / "fixtures" / "pms" / "python" / "right.py"
FILES = [
    "allure-results",
    "ctrf.json",
    "journal.jsonl",
    "junit.xml",
    "ledger.json",
    "report.html",
    "summary.md",
    "trace.har",
]
POSIX = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")


def words(*command):
    """One word of a command line that starts these."""
    quoted = [f'"{each}"' for each in command]
    return " ".join(quoted) if os.name == "nt" else shlex.join(map(str, command))


@pytest.fixture
def watched(tmp_path):
    """``watched(options...)`` -> exit code, output, folder and ledger of a watch on a free port."""

    def run(*options):
        out = tmp_path / "reports"
        given = ["pms", "--port", "0", "--out", out, "--subject", "Chair 9", *options]
        done = CliRunner().invoke(certify, [str(each) for each in given])
        ledger = out / "latest" / "ledger.json"
        return SimpleNamespace(
            code=done.exit_code,
            told=done.output,
            folder=out / "latest",
            ledger=ledger_from_json(ledger.read_text(encoding="utf-8")) if ledger.is_file() else None,
        )

    return run


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example program, started by the watch and seen to its end."""
    out = tmp_path_factory.mktemp("watch")
    command = words(sys.executable, WORKFLOWS)
    given = ["pms", "--port", "0", "--out", out, "--no-situations", "--run", command]
    done = CliRunner().invoke(certify, [str(each) for each in given])
    ledger = ledger_from_json((out / "latest" / "ledger.json").read_text(encoding="utf-8"))
    return SimpleNamespace(code=done.exit_code, told=done.output, folder=out / "latest", ledger=ledger)


def test_a_program_is_started_and_watched_to_its_end(example):
    assert (example.code, str(example.ledger.verdict)) == (2, "INCOMPLETE")
    assert sorted(path.name for path in example.folder.iterdir()) == FILES
    assert example.ledger.exchanges > 8


def test_nothing_is_held_against_the_example(example):
    assert [row.id for row in example.ledger.rows if str(row.standing) in ("FAIL", "ERROR")] == []


def test_at_the_end_it_is_told_what_to_do_next(example):
    assert "to do next: " in example.told


def test_its_journal_judged_again_gives_its_ledger(example):
    again = judge_recording(example.folder / "journal.jsonl", load())
    assert again.ledger.to_json() == (example.folder / "ledger.json").read_text(encoding="utf-8")


def test_the_name_of_the_pms_is_in_the_report(watched):
    done = watched("--for", "0")
    assert done.ledger.about["subject"] == "Chair 9"
    assert done.folder.resolve().name.endswith("-chair-9")


def test_a_watch_ends_after_its_time(watched):
    done = watched("--for", "0.1")
    assert (done.code, str(done.ledger.verdict), done.ledger.exchanges) == (2, "INCOMPLETE", 0)
    assert "to do next: " in done.told


def test_a_watch_says_with_which_options_it_is_repeated(watched):
    done = watched("--for", "0", "--strict", "--run", f'"{sys.executable}" -c "pass"')
    repeat = done.ledger.about["repeat"]
    assert repeat.startswith("threedd certify pms --run ")
    assert repeat.endswith(' --for 0.0 --port 0 --subject "Chair 9" --strict')


def test_a_run_of_some_scenarios_is_repeated_as_that(tmp_path):
    given = ["pms", "--driver", words(sys.executable, RIGHT), "--only", "stations-shown", "--out", str(tmp_path)]
    CliRunner().invoke(certify, given)
    assert "--only &#39;stations-shown&#39;</code>" in (tmp_path / "latest" / "report.html").read_text(encoding="utf-8")


def test_a_watch_in_clear_says_so_in_its_report(watched):
    done = watched("--for", "0", "--raw")
    assert "in clear" in (done.folder / "summary.md").read_text(encoding="utf-8")


def test_situations_are_brought_about_between_calls(watched):
    done = watched("--run", words(sys.executable, WORKFLOWS))
    assert "> next: " in done.told


def test_a_program_that_cannot_be_started_is_told(watched):
    done = watched("--run", "no-such-program-anywhere")
    assert done.code == 3
    assert "--run: no-such-program-anywhere cannot be started" in done.told


def test_a_program_that_fails_is_told_and_leaves_the_run_incomplete(watched):
    done = watched("--run", words(sys.executable, "-c", "raise SystemExit(3)"))
    assert "the command of --run ended with exit code 3" in done.told
    assert done.ledger.about["command"] == "ended with exit code 3"
    assert done.ledger.reasons[0].startswith("the command whose calls were watched ended with exit code 3; mend it")


def test_a_program_that_ends_well_or_is_still_running_is_not_told(watched):
    done = watched("--run", words(sys.executable, "-c", "input()"), "--for", "0")
    assert "the command of --run" not in done.told
    assert "command" not in done.ledger.about


def test_a_port_that_is_taken_is_told_with_a_way_out(watched):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = watched("--port", taken.getsockname()[1])
    assert done.code == 3
    assert done.told.endswith("end the program that holds it, or choose another port (0 takes any free one).\n")


def test_ctrl_c_ends_a_watch_with_its_report(watched, monkeypatch):
    def pressed(event, timeout=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(watching_pms, "threading", SimpleNamespace(Event=lambda: Pressed(pressed)))
    done = watched()
    assert (done.code, str(done.ledger.verdict)) == (2, "INCOMPLETE")


class Pressed:
    """An event during whose wait somebody presses Ctrl-C."""

    def __init__(self, wait):
        self._wait = wait

    def wait(self, timeout=None):
        self._wait(self, timeout)

    def set(self):
        """Nobody looks."""


@POSIX
def test_ctrl_c_at_a_terminal_ends_a_watch_with_its_report(tmp_path):
    with terminal("certify", "pms", "--port", "0", "--out", tmp_path) as at:
        at.until("curl ")
        at.program.send_signal(signal.SIGINT)
        code, told = at.ends()
    assert code == 2
    assert "report: " in told
