"""Templates of the console. Every text from outside is escaped; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined

from conformance.emulator.console.chair import LABELS, TITLES
from conformance.emulator.console.form import day
from conformance.wire import Zone, format_moment

STATIC: Mapping[str, str] = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def environment() -> Environment:
    """The templates, ready to render."""
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_source), trim_blocks=True)
    made.filters.update(day=day, clock=_clock, part=lambda text: quote(str(text), safe=""))
    made.globals.update(labels=LABELS, titles=TITLES)
    return made


def static(name: str) -> bytes | None:
    """A file that pages refer to; None for any other name."""
    return _home().joinpath("static", name).read_bytes() if name in STATIC else None


def _source(name: str) -> str:
    return _home().joinpath("templates", name).read_text(encoding="utf-8")


def _home() -> Traversable:
    return files("conformance.emulator.console")


def _clock(ticks: int) -> str:
    """The time of day, universal time."""
    return format_moment(ticks, Zone.UTC).partition("T")[2][:8]
