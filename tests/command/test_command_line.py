"""The played program of the command line: how it is placed, how it finds its emulator, and what it passes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command import dental_desktop_cmd
from conformance.command.command_line import batch, command_line, placed
from conformance.command.connection import Connection, NotConnected, beside, connection, left, own_file, usual_file
from conformance.command.failure import SetUpFailure
from conformance.emulator.embedded import Embedded
from conformance.spec import load
from conformance.trace import Invocation, Recorder, Redactor

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the launcher is a batch file there")


@pytest.fixture(scope="module")
def running():
    events = []
    recorder = Recorder(load(), Redactor(load(), b"key"), [events.append])
    with Embedded(load(), recorder=recorder) as emulator:
        emulator.events = events
        yield emulator


@pytest.fixture
def environment(running):
    return {"THREEDD_CONTROL": running.control_url, "THREEDD_TOKEN": running.token}


def test_arguments_reach_the_emulator_and_its_clients(running, environment):
    code = dental_desktop_cmd.run(
        ["C:\\x\\DentalDesktopCmd.exe", "-integrationid=cmd-1", "-lastname=van Fox"], environment
    )
    used = [event for event in running.events if isinstance(event, Invocation)][-1]

    assert code == 0
    assert running.emulator.state.patient("cmd-1").last_name == "van Fox"
    assert used.executable == "DentalDesktopCmd.exe"


@pytest.mark.parametrize("argument", ["-lastname=\udc81", "-lastname=\0", "-lastname=" + "a" * 300_000, ""])
def test_strange_arguments_are_passed_on(environment, argument):
    assert dental_desktop_cmd.run(["DentalDesktopCmd", argument], environment) == 0


def test_a_wrong_token_is_a_fault_of_the_set_up(environment, capsys):
    assert dental_desktop_cmd.run(["DentalDesktopCmd"], {**environment, "THREEDD_TOKEN": "x"}) == 3
    assert "HTTP 401" in capsys.readouterr().err


def test_without_an_emulator_it_says_so(tmp_path, capsys):
    nowhere = {"THREEDD_CONNECTION": str(tmp_path / "none.json")}

    assert dental_desktop_cmd.run(["DentalDesktopCmd", "-lastname=Fox"], nowhere) == 3
    assert 'start one with "threedd emulator"' in capsys.readouterr().err


def test_an_emulator_that_is_gone_is_named(capsys):
    gone = {"THREEDD_CONTROL": "http://127.0.0.1:9", "THREEDD_TOKEN": "x"}

    assert dental_desktop_cmd.run(["DentalDesktopCmd"], gone) == 3
    told = capsys.readouterr().err
    assert "nothing answers at http://127.0.0.1:9, which THREEDD_CONTROL names" in told
    assert "threedd command-line install --connection" in told


def test_an_emulator_that_lives_is_found_when_the_one_started_last_has_ended(running, tmp_path):
    usual = tmp_path / "emulator.json"
    alive, gone = Connection(running.control_url, running.token), Connection("http://127.0.0.1:9", "x")
    with left(own_file(usual, 1), alive), left(own_file(usual, 2), gone), left(usual, gone):
        assert dental_desktop_cmd.run(["DentalDesktopCmd", "-lastname=Fox"], {"THREEDD_CONNECTION": str(usual)}) == 0


def test_it_is_found_when_the_file_that_all_share_went_with_that_one(running, tmp_path):
    usual = tmp_path / "emulator.json"
    with left(own_file(usual, 1), Connection(running.control_url, running.token)):
        assert dental_desktop_cmd.run(["DentalDesktopCmd", "-lastname=Fox"], {"THREEDD_CONNECTION": str(usual)}) == 0


class TestConnection:
    def test_it_is_there_while_the_emulator_runs(self, tmp_path):
        path = tmp_path / "folder" / "emulator.json"
        with left(path, Connection("http://127.0.0.1:1", "secret")):
            assert connection({"THREEDD_CONNECTION": str(path)}) == Connection("http://127.0.0.1:1", "secret")
        assert not path.exists()

    def test_that_of_a_later_emulator_stays(self, tmp_path):
        path = tmp_path / "emulator.json"
        with left(path, Connection("http://127.0.0.1:1", "first")):
            path.write_text("later", encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == "later"

    @POSIX
    def test_nobody_else_can_read_it(self, tmp_path):
        path = tmp_path / "emulator.json"
        with left(path, Connection("http://127.0.0.1:1", "secret")):
            assert path.stat().st_mode & 0o077 == 0

    def test_a_file_beside_the_program_goes_before_the_usual_one(self, tmp_path):
        program = tmp_path / "DentalDesktopCmd.exe"
        with left(beside(program), Connection("http://127.0.0.1:1", "own")):
            assert connection({}, program).token == "own"
            assert connection({}, tmp_path / "DentalDesktopCmd").token == "own"

    def test_the_token_is_not_shown(self):
        assert "secret" not in repr(Connection("http://127.0.0.1:1", "secret"))

    @pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense"])
    def test_a_damaged_file_is_named(self, tmp_path, content):
        path = tmp_path / "emulator.json"
        path.write_text(content, encoding="utf-8", newline="\n")
        with pytest.raises(NotConnected, match="cannot be used"):
            connection({"THREEDD_CONNECTION": str(path)})

    def test_the_usual_place_is_the_users_own(self):
        assert usual_file({}).is_relative_to(Path.home())


class TestInstall:
    @POSIX
    def test_a_launcher_passes_its_arguments_unchanged(self, running, tmp_path):
        file = tmp_path / "con nection.json"
        with left(file, Connection(running.control_url, running.token)):
            made = placed(tmp_path / "a folder" / "DentalDesktopCmd.exe", file)
            given = [str(made), "-integrationid=cmd-2", '-lastname=van "Fox" \\']
            ended = subprocess.run(given, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)

        assert ended.returncode == 0
        assert running.emulator.state.patient("cmd-2").last_name == 'van "Fox" \\'

    def test_a_folder_gets_one_of_the_guides_name(self, tmp_path):
        result = CliRunner().invoke(command_line, ["install", str(tmp_path)])

        assert result.exit_code == 0
        assert [each.stem for each in tmp_path.iterdir()] == ["DentalDesktopCmd"]

    def test_what_is_not_ours_is_not_written_over(self, tmp_path):
        path = tmp_path / "DentalDesktopCmd"
        path.write_text("the real one", encoding="utf-8", newline="\n")
        with pytest.raises(SetUpFailure, match="is not ours"):
            placed(path)
        assert path.read_text(encoding="utf-8") == "the real one"

    def test_our_own_is(self, tmp_path):
        assert placed(placed(tmp_path / "DentalDesktopCmd")).exists()

    def test_a_batch_file_doubles_per_cent_signs(self, tmp_path):
        assert '"C:\\100%%\\python.exe"' in batch("C:\\100%\\python.exe", None)

    def test_a_windows_launcher_has_windows_line_ends(self, tmp_path):
        made = placed(tmp_path / "DentalDesktopCmd.cmd", tmp_path / "x.json", windows=True)
        lines = made.read_bytes().split(b"\r\n")

        assert lines[0] == b"@echo off"
        assert lines[-2].endswith(b"%*")
