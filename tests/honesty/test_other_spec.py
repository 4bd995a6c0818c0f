"""Other facts: a changed spec folder gives an emulator and a suite that agree, and catches the old emulator."""

import shutil
from pathlib import Path

import pytest

from conformance.spec import default_folder, load
from conformance.trace import Recorded
from tests.honesty.inside import run_inside

OLD = load()
RENAMED = ("SelectCase", "OpenCase")
OTHER_TEXT = "All is done."
LAST_PARAMETER = "        - name: MergePatient\n"
ONE_MORE = """\
        - name: Comment
          in: query
          required: false
          schema: {type: string, default: ''}
          example: none
          x-role: comment
          x-sensitive: true
"""
CHANGES = (
    ("statuses.yaml", "kept-operations: 10", "kept-operations: 5"),
    ("statuses.yaml", "text: The request was processed.", f"text: {OTHER_TEXT}"),
    ("openapi.yaml", ":5484/", ":6001/"),
    ("openapi.yaml", LAST_PARAMETER, ONE_MORE + LAST_PARAMETER),
)
CONCERNED = {
    "STAT-009",  # status 4 has another text
    "STAT-015",  # the sixth operation is still known
    "TRN-001",  # the renamed method is not there
}


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text, f"{name} no longer holds {old!r}; put another fact into CHANGES."
    (folder / name).write_text(text.replace(old, new), encoding="utf-8", newline="\n")


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The packaged spec with a window of five, another text and port, one more parameter and a renamed method."""
    folder = tmp_path_factory.mktemp("specs") / "other"
    shutil.copytree(default_folder(), folder)
    for name, old, new in CHANGES:
        change(folder, name, old, new)
    for file in (each for each in folder.rglob("*.yaml") if RENAMED[0] in each.read_text(encoding="utf-8")):
        change(folder, str(file.relative_to(folder)), *RENAMED)
    return load(folder)


@pytest.fixture(scope="module")
def agreed(changed):
    """A run in which the emulator and the suite both know the changed facts."""
    return run_inside(changed)


def standings(run):
    return {row.id: row.standing.value for row in run.ledger.rows}


def sent(run):
    return "\n".join(event.request.target for event in run.events if isinstance(event, Recorded))


def received(run):
    return "\n".join(event.reply.body for event in run.events if isinstance(event, Recorded) and event.reply)


def test_a_changed_emulator_and_a_changed_suite_agree(agreed):
    blamed = {row for row, standing in standings(agreed).items() if standing in ("FAIL", "ADVISORY", "ERROR")}

    assert blamed == set(), agreed.why()
    assert agreed.crashed == []


@pytest.mark.parametrize("row", [*sorted(CONCERNED), "STAT-014", "SCS-001", "TRN-011"])
def test_what_changed_was_observed(agreed, row):
    assert standings(agreed)[row] == "PASS"


def test_the_changed_facts_went_over_the_wire(agreed):
    assert "/OpenCase?" in sent(agreed)
    assert "Comment=" in sent(agreed)
    assert "SelectCase" not in sent(agreed)
    assert OTHER_TEXT in received(agreed)


def test_an_emulator_of_the_old_facts_fails_exactly_the_rows_concerned(changed):
    run = run_inside(OLD, suite_spec=changed)
    blamed = {row for row, standing in standings(run).items() if standing in ("FAIL", "ADVISORY", "ERROR")}

    assert blamed == CONCERNED, run.why()
    assert run.crashed == []
