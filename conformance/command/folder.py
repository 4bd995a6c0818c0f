"""The folder that a run leaves, and ``latest`` beside it."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

LATEST = "latest"
JOURNAL = "journal.jsonl"
_TIME = len("20251231-235959")


def new_folder(parent: Path, subject: str, now: datetime) -> Path:
    """A folder of its own for this run: ``<time>-<subject>``, with a number when two begin in the same second."""
    stem = f"{now:%Y%m%d-%H%M%S}-{_slug(subject)}"
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        folder = parent / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise OSError(f"{parent / stem} and a thousand more exist already; name another folder with --out.")


def renamed(folder: Path, subject: str) -> Path:
    """The folder of a run under the name of a subject that was learnt later; where that cannot be, as it was."""
    if not subject:
        return folder
    try:
        return folder.rename(folder.parent / f"{folder.name[:_TIME]}-{_slug(subject)}")
    except OSError:  # there is one, or somebody looks into this one
        return folder


def _slug(subject: str) -> str:
    return re.sub("[^a-z0-9.-]+", "-", subject.lower()).strip("-") or "run"


def point_latest(folder: Path) -> Path:
    """``latest`` beside ``folder``: a link to it, or a copy of it where this system lets nobody make links.

    A file or folder of that name that is not ours stays; then ``folder`` itself is returned.
    """
    latest = folder.parent / LATEST
    if latest.is_symlink():
        latest.unlink()
    elif (latest / JOURNAL).is_file():
        shutil.rmtree(latest)
    elif latest.exists():
        return folder
    try:
        latest.symlink_to(folder.name, target_is_directory=True)
    except OSError:
        shutil.copytree(folder, latest)
    return latest
