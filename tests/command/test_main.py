"""The command line as a whole: what it lists, and how wrong ones end."""

import subprocess
import sys

import pytest

from conformance.command.main import COMMANDS, main, threedd


@pytest.fixture
def called(monkeypatch, capsys):
    """``called(arguments)`` -> exit code, output, error output."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["threedd", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code, *capsys.readouterr())

    return call


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_can_be_called(called, name):
    code, output, _ = called(name, "--help")
    assert code == 0
    assert output.startswith(f"Usage: threedd {name}")


def test_the_list_of_commands_says_what_each_does(called):
    code, output, _ = called("--help")
    assert code == 0
    assert [text for text in COMMANDS.values() if text not in " ".join(output.split())] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("certfy",), 'No such command "certfy"; expected '),
        (("certify", "server", "--no-such-option"), "--no-such-option"),
        (("certify", "server", "--budget", "huge"), "huge"),
        (("certify", "server", "--profile", "gold"), 'profile "gold" is not in'),
        (("certify", "server", "--only", "nosuch*"), '--only "nosuch*" fits no play; expected names or globs over '),
        (("certify", "server", "--only", "removal.*,securty"), '--only "securty" fits no play, perhaps "security"; '),
        (("certify", "pms", "--only", "nosuch*"), '--only "nosuch*" fits no scenario; expected names or globs over '),
        (("spec", "list", "--area", "nope"), "no requirement is like that"),
        (("certify", "server", "--emulator-fault", "gremlins"), "no fault is called 'gremlins'"),
        (("certify", "server", "https://localhost", "--emulator-fault", "lacks-a-method"), "leave out the URL"),
    ],
)
def test_a_wrong_command_line_ends_with_three(called, arguments, told):
    code, _, error = called(*arguments)
    assert code == 3
    assert told in error


def test_listing_the_commands_loads_none_of_them():
    program = "import sys; import conformance.command.main; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"hypothesis", "lxml", "pytest", "schemathesis", "yaml", "conformance.command.certify"})


def test_the_group_can_be_used_by_other_programs():
    assert set(COMMANDS) == set(threedd.list_commands(None))
