"""A PMS is certified by a person at a terminal: to the end, stopped, killed, and gone on with."""

import os
import shlex
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.certify.session import Session
from conformance.command.certify import certify
from conformance.judge import judge_recording, ledger_from_json
from conformance.spec import load
from conformance.trace import NoteKind
from conformance.trace.journal import is_cut_short, read_journal

from .clerk import KEYS, Clerk, run_folder, terminal

RIGHT = Path(__file__).parents[2] / "fixtures" / "pms" / "python" / "right.py"
SENDERS = {"cli": RIGHT.parents[1] / "command-line" / "sender.py", "vdds": RIGHT.parents[1] / "vdds" / "sender.py"}
DRIVER = shlex.join([sys.executable, str(RIGHT)]) if os.name != "nt" else f'"{sys.executable}" "{RIGHT}"'
THREE = "stations-shown,create-on-server,find-no-cases"
SUPPORTS = "list_stations,create_patient,find_cases"
LEFT_BEHIND = [
    *("allure-results", "ctrf.json", "journal.jsonl", "junit.xml"),
    *("ledger.json", "report.html", "summary.md", "trace.har"),
]
POSIX = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def begun(tmp_path):
    """The options of a run by hand."""
    shown = ("--manual", "--supports", SUPPORTS, "--subject", "Chair 9", "--port", "0", "--only", THREE)
    return ("certify", "pms", *shown, "--out", tmp_path / "reports")


def left(folder, spec):
    """What a run has left in its folder."""
    again = judge_recording(folder / "journal.jsonl", spec)
    ledger = (folder / "ledger.json").read_text(encoding="utf-8")
    return SimpleNamespace(
        files=sorted(path.name for path in folder.iterdir() if path.name != "capsules"),  # none without advice
        ledger=ledger_from_json(ledger),
        same=again.ledger.to_json() == ledger,
        events=again.events,
    )


def data(events, kind):
    return [event.data for event in events if getattr(event, "kind", None) is kind]


# -- at a terminal ----------------------------------------------------------------------------------------------


@POSIX
def test_a_run_by_hand_goes_to_its_end(begun, spec, tmp_path):
    with terminal(*begun) as at:
        told = Clerk(spec).works(at)
        code, _ = at.ends()
    done = left(run_folder(tmp_path / "reports"), spec)

    assert code == 2  # three scenarios do not show everything
    assert "3 scenarios to play, 4 tasks" in told
    assert (done.files, done.same) == (LEFT_BEHIND, True)
    assert [order["answer"] for order in data(done.events, NoteKind.ORDER) if "answer" in order] == ["done"] * 4
    assert {shown["what"] for shown in data(done.events, NoteKind.SHOWN)} == {"station"}


@POSIX
def test_nothing_is_held_against_who_does_what_is_asked(begun, spec, tmp_path):
    with terminal(*begun) as at:
        Clerk(spec).works(at)
        at.ends()
    done = left(run_folder(tmp_path / "reports"), spec)

    assert [row.id for row in done.ledger.rows if str(row.standing) in ("FAIL", "ERROR")] == []


@POSIX
def test_a_run_that_is_stopped_goes_on_another_day(begun, spec, tmp_path):
    clerk = Clerk(spec)
    with terminal(*begun) as at:
        clerk.works(at, tasks=2)
        at.types("q")
        code, told = at.ends()
    folder, address = run_folder(tmp_path / "reports"), clerk.address

    assert code == 2
    assert f'threedd certify pms --resume "{folder}"' in told
    assert is_cut_short(folder / "journal.jsonl")

    with terminal("certify", "pms", "--resume", folder) as at:
        told = clerk.works(at)
        at.ends()
    done = left(folder, spec)

    assert clerk.address == address
    assert "were played before" in told
    assert (done.files, done.same) == (LEFT_BEHIND, True)
    assert [play["play"] for play in data(done.events, NoteKind.PLAY) if play.get("ending") == "played"] == [
        "create-on-server",
        "find-no-cases",
        "stations-shown",
    ]


@POSIX
def test_a_run_that_was_killed_goes_on_where_it_was(begun, spec, tmp_path):
    clerk = Clerk(spec)
    with terminal(*begun) as at:
        clerk.works(at, tasks=3)
    folder = run_folder(tmp_path / "reports")
    with terminal("certify", "pms", "--manual", "--resume", folder) as at:
        clerk.works(at)
        at.ends()
    done = left(folder, spec)
    answers = [order["answer"] for order in data(done.events, NoteKind.ORDER) if "answer" in order]

    assert answers.count("interrupted") == 1
    assert (done.files, done.same) == (LEFT_BEHIND, True)


@POSIX
def test_equal_values_are_equal_tokens_after_a_stop(begun, spec, tmp_path):
    clerk = Clerk(spec)
    with terminal(*begun) as at:
        clerk.works(at, tasks=2)
        at.types("q")
        at.ends()
    folder = run_folder(tmp_path / "reports")
    with terminal("certify", "pms", "--resume", folder) as at:
        clerk.works(at)
        at.ends()
    users = {e.request.authorization.user for e in left(folder, spec).events if hasattr(e, "request")}

    assert len(users) == 1


@POSIX
def test_the_key_is_for_its_owner_alone(begun, spec, tmp_path):
    with terminal(*begun) as at:
        Clerk(spec).works(at, tasks=1)
        key = run_folder(tmp_path / "reports") / "resume" / "resume.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@POSIX
def test_nonsense_is_answered_with_the_keys(begun, spec):
    with terminal(*begun) as at:
        Clerk(spec).works(at, tasks=1)
        at.types("fuchs")
        assert '"fuchs" is not known.' in at.until("go on another day")
        at.types("b")
        assert "Create the patient" in at.until(KEYS)


# -- without a terminal -----------------------------------------------------------------------------------------


@pytest.fixture
def run():
    """``run(arguments..., typed=)`` -> exit code and output."""

    def invoke(*arguments, typed=""):
        done = CliRunner().invoke(certify, [str(each) for each in arguments], input=typed)
        return done.exit_code, done.output

    return invoke


def test_an_input_that_ends_saves_the_run_and_says_how_to_go_on(run, begun, tmp_path):
    code, told = run(*begun[1:], typed="\n\n")
    folder = run_folder(tmp_path / "reports")

    assert code == 2
    assert "Stopped (the input of the terminal ended). Kept after 0 of 3 scenarios." in told
    assert (folder / "resume" / "resume.key").is_file()
    assert is_cut_short(folder / "journal.jsonl")


def test_an_input_that_never_begins_leaves_nothing(run, begun, tmp_path):
    code, told = run(*begun[1:], typed="")

    assert code == 2
    assert "Nothing was recorded, and nothing is kept." in told
    assert list((tmp_path / "reports").iterdir()) == []


def test_a_scenario_that_is_left_out_is_not_played_again(run, begun, tmp_path):
    run(*begun[1:], typed="\n\ns\n")
    folder = run_folder(tmp_path / "reports")
    _, told = run("pms", "--resume", folder, typed="\n\nq\n")

    assert "2 scenarios to play" in told
    assert "1 were played before" in told


def test_what_the_pms_cannot_do_is_asked_once(run, begun, tmp_path):
    _, told = run(*begun[1:], typed="\n\nu\ns\n")

    assert told.count("Create the patient") == 1
    assert "unsupported  find-no-cases: the PMS does not support create_patient" in told


@pytest.fixture
def stopping(monkeypatch):
    """``stopping(number)``: somebody presses Ctrl-C when that scenario begins."""

    def stop(number):
        left_to_play, play = iter(range(1, number)), Session.play

        def played(self, scenario):
            if next(left_to_play, None) is None:
                raise KeyboardInterrupt
            return play(self, scenario)

        monkeypatch.setattr(Session, "play", played)
        return monkeypatch.undo

    return stop


def test_a_driver_that_is_stopped_goes_on(run, stopping, tmp_path, spec):
    go_on, out = stopping(3), tmp_path / "reports"
    code, told = run("pms", "--driver", DRIVER, "--only", "create-*", "--out", out)
    assert (code, "Kept after 2 of 5 scenarios" in told) == (2, True)
    go_on()
    run("pms", "--resume", run_folder(out))
    done = left(out / "latest", spec)

    assert (done.files, done.same) == (LEFT_BEHIND, True)
    assert len({play["play"] for play in data(done.events, NoteKind.PLAY)}) == 5
    assert [row.id for row in done.ledger.rows if str(row.standing) in ("FAIL", "ERROR")] == []
    assert (out / "latest").resolve().name.endswith("-right-pms")


@pytest.mark.parametrize(
    ("interface", "only", "row"), [("cli", "send-[bp]*", "CLI-016"), ("vdds", "vdds-[bp]*", "VDDS-005")]
)
def test_so_does_one_over_another_interface(run, stopping, tmp_path, spec, monkeypatch, interface, only, row):
    monkeypatch.setenv("PYTHONPATH", str(RIGHT.parents[3]))
    go_on, out = stopping(2), tmp_path / "reports"
    driver = DRIVER.replace(str(RIGHT), str(SENDERS[interface]))
    code, told = run("pms", "--interface", interface, "--driver", driver, "--only", only, "--out", out)
    assert (code, "Kept after 1 of" in told) == (2, True), told
    go_on()
    run("pms", "--resume", run_folder(out))
    done = left(out / "latest", spec)
    endings = [play["play"] for play in data(done.events, NoteKind.PLAY) if play.get("ending") == "played"]

    assert done.same
    assert len(endings) == len(set(endings)) > 1
    assert next(each for each in done.ledger.rows if each.id == row).counts.passed


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--manual", "--driver", "x"), "--driver and --manual are two ways"),
        (("--driver", "x", "--supports", "find_cases"), "--supports goes with --manual"),
        (("--manual", "--run", "x"), "are for watching"),
        (("--manual", "--supports", "fly"), '--supports "fly" is no step; expected list_stations'),
        (("--driver", "x", "--port", "1"), "are for watching"),
    ],
)
def test_what_does_not_go_together_is_told(run, options, problem, tmp_path):
    code, told = run("pms", *options, "--out", tmp_path / "reports")

    assert code in (2, 3)
    assert problem in " ".join(told.split())


def test_a_folder_without_a_run_cannot_go_on(run, tmp_path):
    code, told = run("pms", "--resume", tmp_path)

    assert code == 3
    assert "holds no run that could go on" in told


def test_other_options_come_from_the_run(run, tmp_path):
    assert "--resume takes all options from the run" in " ".join(
        run("pms", "--resume", tmp_path, "--seed", "3")[1].split()
    )


def test_a_run_by_hand_goes_on_by_hand(run, begun, tmp_path):
    run(*begun[1:], typed="\n\n")
    code, told = run("pms", "--driver", "x", "--resume", run_folder(tmp_path / "reports"))

    assert code == 3
    assert "was begun with --manual" in told


def test_a_run_that_has_ended_cannot_go_on(run, begun, tmp_path, spec):
    run(*begun[1:], typed="\n\ns\ns\ns\n")
    folder = run_folder(tmp_path / "reports")

    assert left(folder, spec).files == LEFT_BEHIND
    assert "holds no run that could go on" in run("pms", "--resume", folder)[1]
    assert list(read_journal(folder / "journal.jsonl")[1])
