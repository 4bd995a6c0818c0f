"""What a certification of a PMS keeps beside its journal while it goes on, so that it can go on another day.

In the folder ``resume`` of the run: the key of the tokens, which makes equal values equal tokens (a file that only its
owner may read), the options, the emulator's data and certificates, and the folder of the PMS's own data. It is removed
when the run ends. Until then it holds the made-up patients in clear, and with the key the journal's tokens could be
told apart by trying names: it is not to be passed on.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from conformance.command.folder import JOURNAL

FOLDER, KEY, OPTIONS = "resume", "resume.key", "options.json"
KEY_BYTES = 32


@dataclass(frozen=True)
class Options:
    """How the run was started, as far as it matters to go on."""

    manual: bool
    driver: str
    spec: str
    """Folder; '' for the one of the build."""
    profile: str
    only: str
    seed: int
    strict: bool
    raw: bool
    subject: str
    port: int
    interface: str
    """What it is about; one of the words of ``--interface``."""


@dataclass(frozen=True)
class Kept:
    """The folder of one run that is under way."""

    run: Path
    key: bytes

    @property
    def journal(self) -> Path:
        return self.run / JOURNAL

    @property
    def certificates(self) -> Path:
        return (self.run / FOLDER / "certificates").resolve()

    @property
    def data(self) -> Path:
        return self.run / FOLDER / "emulator"

    @property
    def pms(self) -> Path:
        return (self.run / FOLDER / "pms").resolve()

    @property
    def door(self) -> Path:
        """Where a PMS was told to go; the same again when the run goes on."""
        return (self.run / FOLDER / "door").resolve()

    def note(self, options: Options) -> None:
        """Keeps them; from now on the run can go on."""
        text = json.dumps(asdict(options), ensure_ascii=False, indent=2)
        (self.run / FOLDER / OPTIONS).write_text(f"{text}\n", encoding="utf-8", newline="\n")

    def forget(self) -> None:
        """The run is over: nothing is kept but its journal and report."""
        (self.run / FOLDER / KEY).unlink(missing_ok=True)
        shutil.rmtree(self.run / FOLDER, ignore_errors=True)


def begun(run: Path) -> Kept:
    """A new run in that folder. Raises OSError."""
    kept = Kept(run, secrets.token_bytes(KEY_BYTES))
    kept.pms.mkdir(parents=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(kept.run / FOLDER / KEY, flags, 0o600), "wb") as file:
        file.write(kept.key.hex().encode("ascii"))
    return kept


def found(run: Path) -> tuple[Kept, Options]:
    """A run that was interrupted. Raises ValueError where there is none."""
    folder = run / FOLDER
    if not (folder / KEY).is_file() or not (folder / OPTIONS).is_file() or not (run / JOURNAL).is_file():
        raise ValueError(f"{run} holds no run that could go on: {FOLDER}/{KEY} or the journal is missing. Begin anew.")
    try:
        key = bytes.fromhex((folder / KEY).read_text(encoding="ascii"))
        options = _options(json.loads((folder / OPTIONS).read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{folder} is damaged ({error}); put back a copy, or begin anew.") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{folder / KEY} has {len(key)} bytes, expected {KEY_BYTES}; put back a copy, or begin anew.")
    return Kept(run, key), options


def told_as_before(options: Options, run: Path, manual: bool, driver: str) -> Options:
    """The options with the driver that is named now, if one is. Raises ValueError when the run was begun otherwise."""
    if (manual and not options.manual) or (driver and options.manual):
        was = "--manual" if options.manual else "--driver"
        raise ValueError(f"the run in {run} was begun with {was}; leave out the other one.")
    return replace(options, driver=driver or options.driver)


def _options(row: object) -> Options:
    wanted = {each.name: type(value) for each, value in zip(fields(Options), _LIKE, strict=True)}
    if not isinstance(row, Mapping) or {name: type(value) for name, value in row.items()} != wanted:
        raise ValueError(f"{OPTIONS} has other entries than {', '.join(wanted)}")
    return Options(**row)


_LIKE = (False, "", "", "", "", 0, False, False, "", 0, "")
