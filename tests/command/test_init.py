"""``threedd init``: files to start from, which are right as they are."""

import re

import pytest
from click.testing import CliRunner

from conformance.command.init import init
from conformance.command.target_file import OperatorKind, read_target_file
from conformance.emulator.declared import declared
from conformance.emulator.seed import load_seed
from conformance.spec import load


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def written(tmp_path, monkeypatch):
    """``written(arguments)`` -> exit code, output, and the file's path."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        done = CliRunner().invoke(init, list(arguments))
        return done.exit_code, done.output, tmp_path / "threedd.toml"

    return call


def test_the_template_is_right_as_it_is(written, spec):
    code, output, path = written()
    assert (code, "Wrote threedd.toml. Fill it in, then: threedd certify server" in output) == (0, True)
    service = spec.service
    assert read_target_file(path, spec).server.url == f"https://localhost:{service.port}{service.base_path}"


def test_the_examples_of_the_template_are_right_without_their_sign(written, spec):
    path = written()[2]
    path.write_text(re.sub(r"(?m)^#(?! )", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("authority = ''", "#"), encoding="utf-8")
    found = read_target_file(path, spec)
    kinds = ["station", "patient", "unmapped_patient", "case", "case", "case", "indication", "scan", "image"]
    assert [fixture["what"] for fixture in found.fixtures] == kinds
    assert [user.name for user in found.users] == ["Sam", "Eva"]
    assert found.operator.kind is OperatorKind.NONE


def test_the_template_holds_the_thumbprint_of_the_spec(written, spec):
    assert spec.service.authority_thumbprint in written()[2].read_text(encoding="utf-8")


def test_for_the_emulator_everything_it_holds_is_declared(written, spec):
    _, output, path = written("--for-emulator", "--port", "6000")
    (path.parent / "certificates").mkdir()
    (path.parent / "certificates" / "authority.pem").touch()  # of the emulator, once that was started
    found, seed = read_target_file(path, spec), load_seed(spec)
    assert found.server.url.startswith("https://localhost:6000/")
    assert [user.name for user in found.users] == [seed.users[0].user]
    assert "threedd emulator --port 6000 --control-port 6001 --certificates certificates" in output
    assert (found.operator.kind, found.operator.control) == (OperatorKind.EMULATOR, "http://127.0.0.1:6001")
    assert sorted(map(sorted_facts, found.fixtures)) == sorted(map(sorted_facts, declared(seed.state)))


def sorted_facts(fixture):
    return sorted(fixture.items())


def test_a_file_that_is_there_is_left_alone(written):
    path = written()[2]
    path.write_text("mine", encoding="utf-8")
    code, output, _ = written()
    assert (code, "write over it with --force" in output) == (3, True)
    assert path.read_text(encoding="utf-8") == "mine"
    assert written("--force")[0] == 0
    assert path.read_text(encoding="utf-8") != "mine"


def test_a_folder_that_is_not_there_is_told_plainly(written):
    code, output, _ = written("nowhere/threedd.toml")
    assert (code, "Check the path" in output) == (3, True)


def test_a_port_goes_with_the_emulator(written):
    assert "--port goes with --for-emulator" in written("--port", "6000")[1]
