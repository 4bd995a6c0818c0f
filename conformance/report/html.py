"""report.html: one file that opens offline, without fonts, scripts or pictures from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from conformance.judge import ReadingSeen
from conformance.report import chances
from conformance.report.certainty import beyond_guide
from conformance.report.view import MOST_LEFT, View
from conformance.report.words import AXIS_WORDS, RUN_WORDS, STANDING_MARKS, STANDING_WORDS, tally_of, times

FIRST_FACTS = ("date", "interface", "server", "extent", "repeat", "harness")
"""What a reader wants to know of a run first; the rest is folded away."""


def html(view: View) -> str:
    """The whole page. Every text of the ledger and the traffic is escaped."""
    source = files("conformance.report").joinpath("report.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False).from_string(source)
    return template.render(
        view=view,
        ledger=view.ledger,
        rest=not _is_beside(view),
        readings=_readings(view),
        beyond_guide=lambda row: beyond_guide(row, view.spec),
        tallies={axis: tally_of(view.ledger, axis) for axis in AXIS_WORDS},
        axes=AXIS_WORDS,
        chance=chances.told,
        run_words=RUN_WORDS,
        words=STANDING_WORDS,
        marks=STANDING_MARKS,
        times=times,
        most_left=MOST_LEFT,
        first_facts=FIRST_FACTS,
    )


def _is_beside(view: View) -> bool:
    """True when what was recorded is none of the web service: its lists would be zeros from beginning to end."""
    return view.ledger.exchanges == 0 and bool(view.used)


def _readings(view: View) -> tuple[ReadingSeen, ...]:
    """Those that can be shown by what was recorded."""
    named = {name for row in view.ledger.rows if row.in_profile for name in row.readings}
    every = view.ledger.readings
    return tuple(each for each in every if each.seen or each.id in named) if _is_beside(view) else every
