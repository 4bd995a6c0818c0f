"""An answer put into files: the copies first, into their own folder, the transfer file last."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from conformance.emulator.vdds.faults import Deed


@dataclass(frozen=True)
class Reply:
    """What is to be done with a transfer file; see ``bvs.Answered``."""

    content: bytes
    copies: tuple[tuple[str, bytes], ...]
    deed: Deed
    early: bytes = b""
    slip: int = 0


def put(reply: Reply, path: Path, folder: Path, wait: Callable[[float], object]) -> None:
    """Answers the transfer file at ``path``. Raises OSError.

    Copies go into ``folder`` whatever their path says: a path that leads elsewhere is told, and never followed.
    """
    if reply.deed is Deed.COPIES_LATE:
        _over(path, reply.content)
        wait(EARLY_S)
    for named, content in reply.copies:
        _new(folder / PureWindowsPath(named).name, content)
    if reply.deed is Deed.DELETE:
        path.unlink(missing_ok=True)
    elif reply.deed is Deed.LOCK:
        with path.open("r+b"):
            wait(LOCKED_S)
    elif reply.deed is Deed.EARLY:
        _over(path, reply.early)
        wait(EARLY_S)
        _over(path, reply.content)
    elif reply.deed is Deed.ANSWER:
        _over(path, reply.content)


LOCKED_S = 60.0
EARLY_S = 0.3
LATER_S = 2.0
"""How long an answer is put off."""


def _over(path: Path, content: bytes) -> None:
    """Writes over a file that is there. A link is not followed: what it leads to is nobody's transfer file."""
    with open(os.open(path, os.O_WRONLY | os.O_TRUNC | _BINARY | _NO_LINK), "wb") as file:
        file.write(content)


def _new(path: Path, content: bytes) -> None:
    """Writes a file anew; what was there under that name goes, a link itself and not what it leads to."""
    with suppress(FileNotFoundError):
        path.unlink()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "wb") as file:
        file.write(content)


_BINARY: int = getattr(os, "O_BINARY", 0)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
"""0 on Windows, where the caller checks for a link beforehand."""
