"""command-line.yaml: read, checked, and not missed where it is not there."""

import shutil

import pytest

from conformance.judge import judge_recording
from conformance.spec import SpecError, default_folder, load
from conformance.trace.lines import LinesError

FILE = "command-line.yaml"
OTHER = (("name: -lastname", "name: -surname"), ("executable: DentalDesktopCmd.exe", "executable: Other.exe"))


@pytest.fixture
def folder(tmp_path):
    """A copy of the spec."""
    copy = tmp_path / "other"
    shutil.copytree(default_folder(), copy)
    return copy


def change(folder, old, new):
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text
    (folder / FILE).write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def test_arguments_are_found_by_role_and_by_name():
    facts = load().command_line

    assert facts.spelt("birth_date") == "-birthday"
    assert facts.by_folded_name["integrationid"].mandatory


def test_a_guide_without_a_command_line_is_a_guide(folder, tmp_path):
    (folder / FILE).unlink()
    path = tmp_path / "lines.txt"
    path.write_text("x -lastname=Fox", encoding="utf-8", newline="\n")

    assert load(folder).command_line is None
    with pytest.raises(LinesError, match=r"judge lines\.txt by a spec that has one"):
        judge_recording(path, load(folder))


def test_other_facts_are_judged_by(folder, tmp_path):
    for old, new in OTHER:
        change(folder, old, new)
    path = tmp_path / "lines.txt"
    path.write_text("Other.exe -integrationid=17 -surname=Fox -patientid=P", encoding="utf-8", newline="\n")
    rows = judge_recording(path, load(folder)).ledger.rows

    assert [row.id for row in rows if row.counts.failed] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("role: last_name", "role: surname", "has no argument with the role last_name"),
        ("name: -lastname", "name: lastname", "expected it to begin with the switch -"),
        ("name: -lastname", "name: -FirstName", "firstname"),
        ("'0001-01-01'", "'01.01.0001'", "expected a date such as 0001-01-01"),
        ("short-dates: true", "short-dates: often", "expected true or false"),
        ("observed-flags", "observed-flag", "perhaps"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(folder, old, new, problem):
    change(folder, old, new)
    with pytest.raises(SpecError, match=problem):
        load(folder)
