"""Ledgers by whatever holds one: the folder of a run, its ledger.json, a journal, or a bundle."""

from __future__ import annotations

import tempfile
from pathlib import Path

from conformance.command.folder import LATEST
from conformance.judge import Ledger, LedgerError, judge_recording, ledger_from_json
from conformance.spec import Spec
from conformance.trace.journal import is_journal

LEDGER = "ledger.json"


def ledger_at(path: Path, spec: Spec) -> Ledger:
    """The ledger of that run; a journal is judged with ``spec``, a bundle looked into and not judged.

    Raises ValueError for what holds none, and JournalError.
    """
    if path.is_dir():
        if not (path / LEDGER).is_file():
            raise ValueError(f"{path} has no {LEDGER}; {_in_its_place(path)}.")
        path = path / LEDGER
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        return _bundled(path)
    if is_journal(path):
        return judge_recording(path, spec).ledger
    try:
        return ledger_from_json(path.read_text(encoding="utf-8"))
    except (LedgerError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _in_its_place(folder: Path) -> str:
    runs = sorted(found.parent for found in folder.glob(f"*/{LEDGER}") if found.parent.name != LATEST)
    latest = folder / LATEST
    if runs:
        named = latest if (latest / LEDGER).is_file() else runs[-1]
        return f"it holds runs: give one of them, such as {named}"
    return "give the folder of a run, a ledger, a journal or a bundle"


def _bundled(path: Path) -> Ledger:
    from conformance.certify.archive import Unusable
    from conformance.certify.inspection import Spoilt, inspect

    try:
        with tempfile.TemporaryDirectory(prefix="threedd-bundle-", ignore_cleanup_errors=True) as folder:
            return inspect(path, Path(folder), []).ledger
    except (Unusable, Spoilt) as error:
        raise ValueError(f'{path}: {error} ("threedd verify" tells more)') from error
