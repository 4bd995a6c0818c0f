"""What a look at a file tells: whether it is there, how large it is, and what its content is. Nothing is changed.

Only ordinary files behind plain absolute paths are opened: a name of a device or of another computer, a pipe or a link
is told and left alone, since opening it may wait for ever or reach what nobody meant.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from conformance.trace.handovers import UNSEEN
from conformance.trace.redaction import image_type
from conformance.wire.file_paths import path_flaws

MOST_BYTES = 256 * 1024 * 1024
_BLOCK = 1024 * 1024


def look_at(text: str) -> tuple[str, ...]:
    """Facts about the file behind a path that a stranger wrote."""
    return (UNSEEN,) if path_flaws(text) else facts_of(Path(text))


def facts_of(path: Path) -> tuple[str, ...]:
    """Facts about the file: ``exists`` or ``missing``, ``link``, ``size:``, ``sha256:``, ``type:``."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return "exists", "link"
        if not stat.S_ISREG(found.st_mode):
            return ("missing",)
        return ("exists", f"size:{found.st_size}", *_content(path, found.st_size))
    except (OSError, ValueError):
        return ("missing",)


def _content(path: Path, size: int) -> tuple[str, ...]:
    if size > MOST_BYTES:
        return ()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        start = file.read(_BLOCK)
        digest.update(start)
        while block := file.read(_BLOCK):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}", f"type:{image_type(start)}"


def read_limited(path: Path, most: int) -> bytes:
    """The content of an ordinary file, at most one byte more than ``most``. Raises OSError for anything else."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise OSError(f"{path.name} is no ordinary file")
    with path.open("rb") as file:
        return file.read(most + 1)
