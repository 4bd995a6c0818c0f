"""The settings file of the emulator: every option by its own word, and what is wrong told with file, key and value."""

from __future__ import annotations

import tomllib

import click
import pytest
from click.testing import CliRunner

from conformance.command import emulator as command
from conformance.command.emulator import emulator
from conformance.command.emulator_settings import keys, template

OF_THE_COMMAND = {"settings", "print_settings"}


@pytest.fixture
def chosen(monkeypatch):
    """The settings that the emulator would have been started with."""
    taken = []
    monkeypatch.setattr(command, "serve", lambda spec, settings, **others: taken.append(settings))
    return taken


@pytest.fixture
def run(tmp_path):
    """Runs the command with a settings file of this text."""

    def invoke(text, *options):
        file = tmp_path / "emulator.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return CliRunner().invoke(emulator, ["--settings", str(file), *options])

    return invoke


def test_the_file_says_what_options_say(run, chosen, tmp_path):
    result = run(
        """
        host = "0.0.0.0"
        port = 0
        hostname = ["one.local", "two.local"]
        fault = ["keeps-one-more"]
        reading = { XML-BOM = "present" }
        plain = true
        pick_up = 2
        tls_min = "1.2"
        data = "kept"
        """
    )
    assert result.exit_code == 0, result.output
    (settings,) = chosen
    assert (settings.host, settings.port, settings.hostnames) == ("0.0.0.0", 0, ("one.local", "two.local"))
    assert (settings.faults, settings.readings) == (("keeps-one-more",), {"XML-BOM": "present"})
    assert (settings.freedoms, settings.pick_up_delay_s, settings.tls_minimum) == (frozenset(), 2, "1.2")
    assert settings.data == tmp_path / "kept"


def test_the_command_line_wins(run, chosen):
    run('port = 1\nhostname = ["file"]\nplain = true', "--port", "2", "--hostname", "line")
    assert (chosen[0].port, chosen[0].hostnames, chosen[0].freedoms) == (2, ("line",), frozenset())


def test_readings_can_be_a_list(run, chosen):
    run('reading = ["XML-BOM=present"]')
    assert chosen[0].readings == {"XML-BOM": "present"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prot = 1", '"prot" is not known (did you mean "port"?); expected spec, host, port, '),
        ("print_settings = true", '"print_settings" is not known'),
        ('port = "x"', 'port is "x"; expected a whole number from 0 to 65535, without quotes. Correct it.'),
        ("port = 99999", "port is 99999; expected a whole number from 0 to 65535"),
        ("port = true", "port is true; expected a whole number"),
        ("seed = 1.5", "seed is 1.5; expected a whole number, without quotes."),
        ("pick_up = -1", "pick_up is -1; expected a number from 0, without quotes."),
        ("plain = 1", "plain is 1; expected true or false, without quotes."),
        ("host = 1", "host is 1; expected a text in quotes."),
        ('hostname = "a"', 'hostname is "a"; expected a list, each a text in quotes.'),
        ("hostname = [1]", "hostname is [1]; expected a list, each a text in quotes."),
        ('tls_min = "1.7"', 'tls_min is "1.7"; expected "1.0" or "1.1" or "1.2" or "1.3".'),
        ('seed_data = "nowhere"', 'seed_data is "nowhere"; expected the name of a folder that exists, in quotes.'),
        ('fault = ["nobody"]', "fault: no fault is called 'nobody'"),
        ('reading = "x"', 'reading is "x"; expected a table of texts, or a list of ID=NAME.'),
        ('reading = { NOTHING = "x" }', "reading: no reading is called 'NOTHING'"),
        ('reading = { XML-BOM = "x" }', "reading: XML-BOM cannot be 'x'; expected one of absent, present."),
        ("[server]\nport = 1", '"server" is not known'),
        ("port 1", "is no TOML: "),
        (b"\xff", "is no UTF-8 text (byte 0); save it as UTF-8."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(run, chosen, tmp_path, text, problem):
    result = run(text)
    assert result.exit_code == 3
    assert f"{tmp_path / 'emulator.toml'}" in result.stderr
    assert problem in result.stderr
    assert chosen == []


def test_what_the_command_line_says_is_not_blamed_on_the_file(run, chosen):
    result = run("port = 1", "--fault", "nobody")
    assert result.stderr.startswith("Error: no fault is called 'nobody'")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('tls_min = "1.3"\ntls_max = "1.1"', "the lowest TLS version is 1.3 and the highest 1.1"),
        ("fresh = true", "--fresh goes with --data"),
    ],
)
def test_options_that_do_not_go_together_are_refused(run, text, problem):
    result = run(text)
    assert result.exit_code != 0
    assert problem in result.stderr


def test_the_template_has_every_option_and_says_nothing_by_itself():
    printed = CliRunner().invoke(emulator, ["--print-settings"]).output
    assert tomllib.loads(printed) == {}
    assert {line.partition(" =")[0] for line in printed.splitlines() if line.startswith("#") and line[1] != " "} == {
        f"#{key}" for key in keys(emulator.params)
    }


def test_every_option_but_those_about_the_command_may_stand_in_a_file():
    about = {option.name for option in emulator.params if option not in keys(emulator.params).values()}
    assert about - OF_THE_COMMAND == {name for name in about if name.startswith("list_")}


@pytest.mark.parametrize("key", [key for key in keys(emulator.params) if key not in ("spec", "seed_data")])
def test_every_line_of_the_template_is_right_without_its_sign(run, chosen, key):
    line = next(line for line in template(emulator.params).splitlines() if line.startswith(f"#{key} ="))
    result = run(f"{line[1:]}\ndata = 'kept'" if key != "data" else line[1:])
    assert result.exit_code == 0, result.output


def test_a_list_is_told_by_its_parts():
    @click.command()
    @click.option("--name", multiple=True, help="Names.")
    @click.option("--level", type=click.Choice(["low", "high"]), help="How loud.")
    def shout() -> None: ...

    assert template(shout.params).splitlines()[-5:] == [
        "# Names.", "#name = []", "", "# How loud.", '#level = "high"'
    ]  # fmt: skip
