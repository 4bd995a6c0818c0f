"""Short dates as settings of a computer write them, and the days that they may mean.

Which figure is the day and which century is meant depends on the computer. So a text has all the days that any order of
its figures gives; of a month by a name that is not known here, and of years of another calendar, less can be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations

_SUFFIX = r"(?: ?[^\W\d_]{1,2}\.|\.)?"
_SHORT = re.compile(
    rf"[0-9]{{1,2}}([-/. ]{{1,2}})(?:[0-9]{{1,2}}|[^\W\d]{{3,9}}\.?)\1(?:[0-9]{{2}}|[0-9]{{4}}){_SUFFIX}"
    rf"|[0-9]{{4}}([-/. ]{{1,2}})[0-9]{{1,2}}\2[0-9]{{1,2}}{_SUFFIX}"
)
"""Day, month and year, or year, month and day; some settings end with a dot, or with a letter for the year."""
_DIRECTIONS = re.compile("[\u200e\u200f]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CENTURIES = (1900, 2000)
_ERAS = (1867, 1911, 1925, 1988, 2018)
"""Years before the first one of calendars that count in two figures."""
_FIRST_YEAR, _LAST_YEAR = 1850, 2150
"""Other years are those of other calendars."""


@dataclass(frozen=True)
class ShortDate:
    """What a short date may mean."""

    days: tuple[str, ...]
    """In the ISO form."""
    of_eras: tuple[str, ...] = ()
    """The days, if the year is one of an era."""
    uncertain: bool = False
    """True when the name of the month is not known, so that ``days`` has one of each."""
    foreign: bool = False
    """True for a year of another calendar: then nobody can tell which day it is."""


def short_date(text: str) -> ShortDate | None:
    """None for what no setting writes, and for a day that there is in no order of the figures."""
    plain = _DIRECTIONS.sub("", text.strip())
    if _SHORT.fullmatch(plain) is None:
        return None
    figures = re.findall(r"[0-9]+", plain)
    if len(figures) < _PARTS:
        return _named(figures, re.findall(r"[^\W\d]{3,}", plain)[0])
    days, of_eras = (tuple(dict.fromkeys(_days(figures, starts))) for starts in (_CENTURIES, _ERAS))
    found = ShortDate(days, of_eras)
    years = [int(each) for each in figures if len(each) == _FULL]
    if years and not _FIRST_YEAR <= years[0] <= _LAST_YEAR:
        return ShortDate((), foreign=True) if found.days else None
    return found if found.days else None


def _named(figures: list[str], word: str) -> ShortDate | None:
    known = [number for number, name in enumerate(_MONTHS, start=1) if word.casefold().startswith(name)]
    day, year = figures
    months = known or range(1, len(_MONTHS) + 1)
    days = [iso for month in months for full in _full(year, _CENTURIES) if (iso := _iso(full, month, int(day)))]
    return ShortDate(tuple(days), uncertain=not known) if days else None


def _days(figures: list[str], starts: tuple[int, ...]) -> Iterator[str]:
    for year, month, day in permutations(figures):
        if len(month) <= _SHORT_FIGURE and len(day) <= _SHORT_FIGURE:
            yield from filter(None, (_iso(full, int(month), int(day)) for full in _full(year, starts)))


def _full(year: str, starts: tuple[int, ...]) -> tuple[int, ...]:
    if len(year) == _FULL:
        return (int(year),)
    return tuple(start + int(year) for start in starts)


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


_PARTS, _FULL, _SHORT_FIGURE = 3, 4, 2
