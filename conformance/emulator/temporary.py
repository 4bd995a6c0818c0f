"""Folders for the time of one run. A process that is killed leaves its folder behind, and a later one removes it.

A folder that is in use holds a file that its process keeps locked. The system gives the lock up with the process,
however it ends, so that nobody has to ask whether a process still lives, which no system answers for sure.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PREFIX = "threedd-"
MARK = "in-use"
YOUNG_S = 60.0
"""A folder may be made and not yet be locked; none of this age is touched."""


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder, removed at the end."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, (Path(name) / MARK).open("wb") as mark:
        _lock(mark)
        yield Path(name)


def sweep(root: Path, now_s: float) -> tuple[Path, ...]:
    """Removes the folders in ``root`` whose process is gone, and gives their names. ``now_s`` since 1970."""
    return tuple(folder for folder in sorted(root.glob(f"{PREFIX}*")) if _left(folder, now_s) and _removed(folder))


def _left(folder: Path, now_s: float) -> bool:
    """False for what is none of ours, or in use, or nobody of ours may touch."""
    try:
        if folder.is_symlink() or now_s - (folder / MARK).stat().st_mtime < YOUNG_S:
            return False
        with (folder / MARK).open("r+b") as mark:
            _lock(mark)
    except OSError:
        return False
    return True


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        """OSError when another process holds it."""
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        """OSError when another process holds it."""
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
