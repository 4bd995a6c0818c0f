"""What a look at a file tells: whether it is there, how large it is, and what its content is. Nothing is changed.

Only ordinary files behind plain absolute paths are opened: a name of a device or of another computer, a pipe or a link
is told and left alone, since opening it may wait for ever or reach what nobody meant.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from conformance.trace.handovers import UNSEEN
from conformance.trace.images import image_type
from conformance.wire.file_paths import path_flaws

MOST_BYTES = 256 * 1024 * 1024
_BLOCK = 1024 * 1024


def look_at(text: str) -> tuple[str, ...]:
    """Facts about the file behind a path that a stranger wrote."""
    return (UNSEEN,) if path_flaws(text) else facts_of(Path(text))


def glance_at(text: str) -> tuple[str, ...]:
    """The same without opening the file: whether it is there, and how large it is."""
    if path_flaws(text):
        return (UNSEEN,)
    try:
        found = os.lstat(text)
    except (OSError, ValueError):
        return ("missing",)
    if stat.S_ISLNK(found.st_mode):
        return "exists", "link"
    return ("exists", f"size:{found.st_size}") if stat.S_ISREG(found.st_mode) else ("missing",)


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
    with _opened(path) as file:
        return file.read(most + 1)


def _opened(path: Path) -> BinaryIO:
    """The file, so that others may write, rename and delete it meanwhile: Windows has to be asked for that."""
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        share_all = 1 | 2 | 4  # reading, writing, deleting
        handle = _winapi.CreateFile(str(path), _winapi.GENERIC_READ, share_all, 0, _winapi.OPEN_EXISTING, 0, 0)
        return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb")
    return path.open("rb")
