"""Folders for the time of one run: gone at the end, and swept away when there was no end."""

from __future__ import annotations

import tempfile

import pytest

from conformance.emulator.temporary import MARK, PREFIX, YOUNG_S, sweep, temporary_folder

LATER = YOUNG_S + 1


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def abandoned(root):
    """What a killed process leaves."""
    folder = root / f"{PREFIX}abandoned"
    folder.mkdir()
    (folder / MARK).touch()
    (folder / "key.pem").touch()
    return folder


def made_s(folder):
    return (folder / MARK).stat().st_mtime


def test_a_folder_is_gone_at_the_end(root):
    with temporary_folder() as folder:
        assert folder.parent == root
        (folder / "key.pem").touch()
    assert list(root.iterdir()) == []


def test_the_folder_of_a_process_that_is_gone_is_removed(root, abandoned):
    assert sweep(root, made_s(abandoned) + LATER) == (abandoned,)
    assert list(root.iterdir()) == []


def test_a_folder_in_use_stays(root):
    with temporary_folder() as folder:
        assert sweep(root, made_s(folder) + LATER) == ()
        assert folder.is_dir()


def test_a_young_folder_stays_as_it_may_not_be_locked_yet(root, abandoned):
    assert sweep(root, made_s(abandoned) + YOUNG_S - 1) == ()


def test_other_people_s_folders_stay(root, abandoned):
    theirs = abandoned.rename(root / "another")
    unmarked = root / f"{PREFIX}theirs"
    unmarked.mkdir()

    assert sweep(root, made_s(theirs) + LATER) == ()
    assert unmarked.is_dir()
