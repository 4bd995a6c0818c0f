"""Where a run is kept."""

from datetime import UTC, datetime

import pytest

from conformance.command.folder import JOURNAL, new_folder, point_latest

NOW = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def run(tmp_path):
    """``run()`` -> a new folder with a journal."""

    def make():
        folder = new_folder(tmp_path / "reports", "emulator", NOW)
        (folder / JOURNAL).write_text(folder.name, encoding="utf-8")
        return folder

    return make


def without_links(monkeypatch):
    def refused(*_, **__):
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr("pathlib.Path.symlink_to", refused)


def test_a_folder_is_named_for_time_and_subject(run):
    assert run().name == "20250304-050607-emulator"


def test_two_runs_in_one_second_have_folders_of_their_own(run):
    assert [run().name for _ in range(3)] == [
        "20250304-050607-emulator",
        "20250304-050607-emulator-2",
        "20250304-050607-emulator-3",
    ]


@pytest.mark.parametrize(("subject", "name"), [("[::1]:5484", "1-5484"), ("PC 7:5484", "pc-7-5484"), ("//", "run")])
def test_subjects_become_names_that_every_system_allows(tmp_path, subject, name):
    assert new_folder(tmp_path, subject, NOW).name == f"20250304-050607-{name}"


def test_latest_points_to_the_newest_run(run):
    point_latest(run())
    newest = run()
    latest = point_latest(newest)
    assert (latest / JOURNAL).read_text(encoding="utf-8") == newest.name


def test_where_links_are_not_allowed_latest_is_a_copy(run, monkeypatch):
    without_links(monkeypatch)
    point_latest(run())
    newest = run()
    latest = point_latest(newest)
    assert not latest.is_symlink()
    assert (latest / JOURNAL).read_text(encoding="utf-8") == newest.name


def test_what_is_not_ours_is_left_alone(run):
    folder = run()
    (folder.parent / "latest").mkdir()
    (folder.parent / "latest" / "thesis.txt").write_text("mine", encoding="utf-8")
    assert point_latest(folder) == folder
    assert (folder.parent / "latest" / "thesis.txt").is_file()
