"""The files that a run leaves besides its journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from conformance import __version__
from conformance.judge import Excerpts, Ledger
from conformance.report.capsule import FOLDER, Faults, capsules
from conformance.report.ctrf import ctrf
from conformance.report.html import html
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.view import view_of
from conformance.spec import Spec
from conformance.trace import Event
from conformance.trace.har import EPOCH, write_har

FILES = ("ledger.json", "report.html", "summary.md", "trace.har", "ctrf.json")
JUNIT, ALLURE = "junit.xml", "allure-results"


def write_all(
    ledger: Ledger,
    spec: Spec,
    folder: Path,
    events: Iterable[Event],
    faults: Faults = lambda row, ledger: (),
    ended: datetime | None = None,
) -> tuple[Path, ...]:
    """Writes ``FILES`` into ``folder``, which is made when it is not there; returns their paths.

    Beside them a JUnit file where none is yet, and a capsule for each finding; ``faults`` says which faults of the
    emulator show it without a network. Where it is known when the run ``ended``, also results for Allure, if pytest
    has left none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(events)
    view = view_of(ledger, spec, kept)
    if ended is not None:
        view = replace(view, about={"date": f"{ended:%Y-%m-%d %H:%M} {ended.tzname() or ''}".strip(), **view.about})
    texts = {"ledger.json": ledger.to_json(), "report.html": html(view), "summary.md": markdown(view)}
    texts["ctrf.json"] = ctrf(ledger, view.timeline.to_s)
    if not (folder / JUNIT).exists():  # pytest writes one of a run that it runs
        texts[JUNIT] = junit(ledger, view.timeline.to_s)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for name, text in capsules(view, faults, Excerpts(spec, kept).of):
        (folder / FOLDER).mkdir(exist_ok=True)
        (folder / FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    if ended is not None and not (folder / ALLURE).exists():
        from conformance.report.allure import allure_results  # Allure's package takes long to load

        (folder / ALLURE).mkdir()
        for name, text in allure_results(view, kept, ended):
            (folder / ALLURE / name).write_text(text, encoding="utf-8", newline="\n")
    begun = ended - timedelta(seconds=view.timeline.to_s) if ended is not None else EPOCH
    write_har(kept, folder / "trace.har", spec, __version__, begun)
    return tuple(folder / name for name in FILES)
