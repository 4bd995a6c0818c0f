"""``threedd certify server`` with a target file: which file is taken, and what goes before it."""

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.emulator.clock import RealClock
from conformance.emulator.embedded import Embedded
from conformance.judge import ledger_from_json
from conformance.spec import load


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def running(spec):
    with Embedded(spec, clock=RealClock()) as embedded:
        yield embedded


@pytest.fixture
def certified(tmp_path, monkeypatch, spec, running):
    """``certified(arguments, text of threedd.toml)`` -> exit code, output, and what the ledger says of the run.

    No play is played.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("conformance.command.certify.spec_from", lambda folder: spec)
    monkeypatch.setattr("conformance.command.running.execute", lambda run, folder: 0)
    for name in ("THREEDD_USER", "THREEDD_PASSWORD", "THREEDD_USER2", "THREEDD_CONTROL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "root.pem").write_bytes(running.authority_pem.read_bytes())

    def call(*arguments, file="", **environment):
        if file:
            (tmp_path / "threedd.toml").write_text(file, encoding="utf-8")
        words = ["server", "--budget", "quick", "--rate", "0", *arguments]
        done = CliRunner(env=environment).invoke(certify, words)
        ledger = tmp_path / "reports" / "latest" / "ledger.json"
        about = ledger_from_json(ledger.read_text(encoding="utf-8")).about if ledger.is_file() else {}
        return SimpleNamespace(code=done.exit_code, output=done.output, about=about)

    return call


@pytest.fixture
def file(running):
    sam = running.users[0].user
    return (
        f"[server]\nurl = '{running.url}'\nauthority = 'root.pem'\n[[user]]\nname = '{sam}'\npassword_env = 'QA_SAM'\n"
    )


def test_the_usual_file_of_the_folder_is_taken_and_that_is_told(certified, file, running):
    done = certified(file=file, QA_SAM=running.users[0].password)
    assert done.output.startswith(f"target file threedd.toml\ncertifying {running.url}\n")
    assert (done.code, done.about["subject"]) == (2, running.url)


def test_the_report_names_the_file_that_was_taken(certified, file, running):
    done = certified(file=file, QA_SAM=running.users[0].password)
    assert done.about["repeat"] == "threedd certify server --target threedd.toml --rate 0.0 --budget quick"


def test_the_embedded_emulator_can_be_asked_for_all_the_same(certified, file):
    done = certified("--embedded", file=file)
    assert done.output.startswith("certifying the embedded emulator\n")


def test_a_fault_is_of_the_embedded_emulator_whatever_the_file_says(certified, file):
    assert (
        "the embedded emulator with lets-strangers-in"
        in certified("--emulator-fault", "lets-strangers-in", file=file).output
    )


def test_the_address_of_the_command_line_goes_before_that_of_the_file(certified, file):
    done = certified("https://127.0.0.1:1", file=file, QA_SAM="x")
    assert (done.code, "certifying https://127.0.0.1:1/" in done.output) == (3, True)


def test_the_user_of_the_command_line_goes_before_that_of_the_file(certified, file, running):
    second = running.users[1]
    done = certified("--user", second.user, file=file, THREEDD_PASSWORD=second.password)
    assert f'"{second.user}" is let in' in done.output


def test_the_user_of_the_file_keeps_the_password_of_the_file(certified, file, running):
    sam = running.users[0]
    done = certified("--user", sam.user, file=file, QA_SAM=sam.password, THREEDD_PASSWORD="wrong")
    assert f'"{sam.user}" is let in' in done.output


def test_taking_anybody_goes_before_the_authority_of_the_file(certified, file, running):
    done = certified("--insecure", file=file, QA_SAM=running.users[0].password)
    assert "anybody is taken (--insecure)" in done.output


@pytest.mark.parametrize("arguments", [("--embedded",), ("--emulator-fault", "lets-strangers-in")])
def test_a_file_that_is_named_is_not_for_the_embedded_emulator(certified, file, arguments):
    done = certified("--target", "threedd.toml", *arguments, file=file)
    assert (done.code, "leave out the URL and --target" in done.output) == (2, True)
