"""Recordings judged: the ledger of a journal or an archive, equal to that of the run that wrote it."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.judge.ledger import Ledger
from conformance.judge.monitor import Monitor
from conformance.judge.terms import Terms, terms_from, terms_header
from conformance.spec import Spec
from conformance.trace import Event, Handover, Redactor
from conformance.trace.handed_files import are_handed, read_handed
from conformance.trace.har import read_har
from conformance.trace.journal import Pages, is_cut_short, is_journal
from conformance.trace.lines import is_lines, read_lines
from conformance.trace.shelf import Shelf

_NOT_ABOUT = frozenset({"profile", "date", "spec", "spec_digest"})
"""Entries of a header that the ledger holds elsewhere, or not at all."""


RAW, IN_CLEAR = "raw", "Patients are in clear in this folder: pass nothing of it on."
"""Entry of the header of a raw recording, and what its reports say."""

_NOW_AND_THEN = 1000

BY_LINES, BY_FILES = "command line", "VDDS media"
"""What a file of lines, and a folder of transfer files, were recorded of; for the report."""
LINES_PROFILE = "command-line"
"""What a file of command lines is judged by, where the user names nothing else."""
CALLS_PROFILE, ANSWERS_PROFILE = "vdds-pvs", "vdds-bvs"
"""The same for transfer files with at least one call, and without any."""


@dataclass(frozen=True)
class Recording:
    """A file that was judged."""

    header: Mapping[str, object]
    """Next to nothing for an archive and for command lines."""
    events: Sequence[Event]
    ledger: Ledger


def judge_recording(
    path: Path,
    spec: Spec,
    *,
    profile: str = "",
    partial: bool = False,
    told: Callable[[int, int], object] = lambda judged, all_events: None,
) -> Recording:
    """The file judged with ``spec``; ``profile`` overrides the recorded one.

    ``told`` hears how many events are judged, now and then, and how many there are.

    Raises JournalError, HarError, LinesError, HandedError, or ValueError for a profile or terms that cannot be used:
    all of them the set-up's.
    """
    header, events, cut_short = _read(path, spec, partial)
    shelf, many = (Shelf(spec, events.exchange), events.expected) if isinstance(events, Pages) else (None, len(events))
    monitor = Monitor(spec, terms=terms_from(header, spec, profile), about=about_from(header), shelf=shelf)
    with uncollected():
        for count, event in enumerate(events, start=1):
            monitor.feed(event)
            if not count % _NOW_AND_THEN:
                told(count, max(count, many))
        return Recording(header, events, monitor.finish(cut_short))


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: a history is kept to its end, and to look through it again and again is vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def journal_header(spec: Spec, terms: Terms, about: Mapping[str, str]) -> dict[str, object]:
    """The header of a journal from which ``judge_recording`` gets spec, terms and ``about``."""
    return {**about, "spec": spec.name, "spec_digest": spec.digest, **terms_header(terms)}


def about_from(header: Mapping[str, object]) -> dict[str, str]:
    """What a journal's header tells of the run, for ``Monitor(about=...)``; a live run uses it too."""
    return {key: value for key, value in header.items() if isinstance(value, str) and key not in _NOT_ABOUT}


def _read(path: Path, spec: Spec, partial: bool) -> tuple[Mapping[str, object], Sequence[Event], bool]:
    if are_handed(path):
        handed = read_handed(path, spec, Redactor(spec, hashlib.sha256(path.name.encode()).digest()))
        calls = any(isinstance(event, Handover) and event.is_call for event in handed)
        profile = CALLS_PROFILE if calls else ANSWERS_PROFILE
        return {"profile": profile if profile in spec.profile else "", "interface": BY_FILES}, handed, False
    if path.suffix.lower() == ".har" and not is_journal(path):
        # The key depends on nothing but the file: the same archive gives the same ledger, wherever it is judged.
        key = hashlib.sha256(path.read_bytes()).digest()
        return {}, read_har(path, spec, Redactor(spec, key)), False
    if is_lines(path) and not is_journal(path):
        key = hashlib.sha256(path.read_bytes()).digest()
        profile = LINES_PROFILE if LINES_PROFILE in spec.profile else ""
        return {"profile": profile, "interface": BY_LINES}, read_lines(path, spec, Redactor(spec, key)), False
    pages = Pages(path, partial)
    return pages.header, pages, partial and is_cut_short(path)
