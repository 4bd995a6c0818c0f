"""How a command talks: the options, and what a CI job gets unasked."""

import json

import click
import pytest
from click.testing import CliRunner

from conformance.command.main import threedd
from conformance.command.voice import Voice, voice_of, voiced


@pytest.fixture
def chosen():
    """What a command with these arguments was told."""

    def invoke(arguments, **environment):
        found = []

        @click.command()
        @voiced("--quiet")
        @click.pass_context
        def command(context):
            found.append(voice_of(context, environment))

        CliRunner().invoke(command, arguments, catch_exceptions=False)
        return found[0]

    return invoke


@pytest.mark.parametrize(
    ("arguments", "environment", "voice"),
    [
        ([], {}, Voice()),
        (["--quiet"], {}, Voice(quiet=True)),
        (["--json"], {}, Voice(as_json=True)),
        (["--annotate", "github"], {}, Voice(annotate="github")),
        ([], {"GITHUB_ACTIONS": "true"}, Voice(annotate="github")),
        (["--annotate", "none"], {"GITHUB_ACTIONS": "true"}, Voice(annotate="none")),
    ],
)
def test_options_and_environment_choose_the_voice(chosen, arguments, environment, voice):
    assert chosen(arguments, **environment) == voice


def test_with_json_standard_output_is_the_ledger_and_nothing_else(tmp_path):
    arguments = ["certify", "server", "--only", "probe.tls", "--json", "--out", str(tmp_path)]
    result = CliRunner().invoke(threedd, arguments)

    assert json.loads(result.stdout)["format"] == "threedd-ledger"
    assert "report: " in result.stderr


def test_quietly_only_the_verdict_is_told(tmp_path):
    arguments = ["certify", "server", "--only", "probe.tls", "--quiet", "--out", str(tmp_path)]

    assert CliRunner().invoke(threedd, arguments).stdout == "INCOMPLETE\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell):
    result = CliRunner().invoke(threedd, ["completion", shell])

    assert result.exit_code == 0
    assert "_THREEDD_COMPLETE" in result.stdout
