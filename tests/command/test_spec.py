"""``threedd spec``: list, show, coverage, export."""

import pytest
from click.testing import CliRunner

from conformance.command.spec import spec
from conformance.rules import catalogue


def run(*arguments):
    return CliRunner().invoke(spec, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_requirements_are_listed_by_area(real_spec):
    output = run("list", "--area", "trn").output
    wanted = [row for row in real_spec.requirements if row.id.startswith("TRN-")]

    assert f"{len(wanted)} requirements" in output
    assert "TRN-001" in output
    assert "SEC-001" not in output


def test_requirements_are_listed_by_party_and_heading():
    output = run("list", "--binds", "pms", "--heading", "authorization").output

    assert "SEC-006" in output
    assert "SEC-001" not in output


def test_a_requirement_is_shown_with_its_rule(real_spec):
    id = next(row for row in catalogue() if row in real_spec.requirement)
    output = run("show", id.lower()).output

    assert real_spec.requirement[id].text in output
    assert real_spec.requirement[id].heading in output
    assert catalogue()[id].doc in output


def test_a_reading_is_shown_with_its_takes(real_spec):
    reading = real_spec.readings[0]
    output = run("show", reading.id).output

    assert reading.question in output
    assert all(take in output for take in reading.takes)


def test_an_unknown_id_is_told():
    result = run("show", "XYZ-999")

    assert result.exit_code == 3
    assert "XYZ-999 is neither a requirement nor a reading" in result.output


def test_the_matrix_is_written_and_checked(tmp_path):
    file = tmp_path / "coverage.md"
    before = run("coverage", "--check", "--file", file)
    run("coverage", "--write", "--file", file)
    after = run("coverage", "--check", "--file", file)

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert file.read_text(encoding="utf-8") == run("coverage").stdout


def test_the_spec_is_copied_whole(tmp_path, real_spec):
    run("export", tmp_path / "copy")

    assert (tmp_path / "copy" / "openapi.yaml").read_bytes() == (real_spec.folder / "openapi.yaml").read_bytes()


def test_nothing_is_written_over(tmp_path):
    assert run("export", tmp_path).exit_code == 3


@pytest.mark.parametrize("command", ["list", "show", "coverage", "export"])
def test_every_command_explains_itself(command):
    assert run(command, "--help").exit_code == 0
