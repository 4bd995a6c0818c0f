"""Dates and times: xs:dateTime in documents, .NET's invariant culture in query values.

Ticks are computed by hand, since the standard library keeps microseconds only and cannot hold
a moment before year one, which is what a least date with an offset is.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from conformance.wire.values import TICKS_PER_DAY, TICKS_PER_SECOND, Malformed, Moment, Zone

_TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND
_WIDEST_OFFSET_MINUTES = 14 * 60
_LAST_TICK = date.max.toordinal() * TICKS_PER_DAY
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_ENDS = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_MONTHS_OF_A_YEAR = 12
_TWO_DIGIT_YEAR_LIMIT = 29  # invariant culture: 00..29 mean 2000..2029, 30..99 mean 1930..1999

_XML = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII)
_TIME = (
    r"(?:(?:\s*T\s*|\s+)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,7}))?)?"
    r"(?:\s*(?P<half>[AaPp])[Mm])?(?:\s*(?:(?P<z>Z|GMT)|(?P<sign>[+-])(?P<off_hour>\d\d):?(?P<off_minute>\d\d)))?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?" + _TIME, re.ASCII
)
_MONTH_FIRST = re.compile(
    r"(?P<month>\d{1,2})(?P<sep>[-/.])(?P<day>\d{1,2})(?P=sep)(?P<year>\d{4}|\d\d)" + _TIME, re.ASCII
)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9}, ?)?(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})[ -](?P<year>\d{4})" + _TIME, re.ASCII
)
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_FIGURES = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:\s+\d{1,2}:\d\d(?::\d\d)?)?", re.ASCII)


_LONGEST_DATE = 40
_ONLY_FIGURES = re.compile(r"[0-9][0-9 ./:-]*")
_WORD, _FIGURE = re.compile("[A-Za-z]+"), re.compile("[0-9]")


class DateFormat(StrEnum):
    """The families of date spelling, by who can read them alike."""

    ISO = "iso"  # yyyy-MM-dd
    ISO_TIME = "iso_time"  # yyyy-MM-ddTHH:mm:ss with or without fraction and zone
    LOOSE = "loose"  # the year first in another way: yyyy/MM/dd, yyyy-M-d, yyyy-MM-dd HH:mm
    NAMED = "named"  # dd MMM yyyy, the month by its English name
    INVARIANT = "invariant"  # MM/dd/yyyy (or with dots or hyphens), day above 12
    DOTTED = "dotted"  # dd.MM.yyyy, day above 12: no invariant reading exists
    AMBIGUOUS = "ambiguous"  # both figures could be the month
    COMPACT = "compact"  # yyyyMMdd
    EMPTY = "empty"
    OTHER = "other"


@lru_cache(maxsize=4096)
def parse_xml_date(text: str) -> Moment | Malformed:
    """The moment of an xs:dateTime; a date alone is midnight, and fractions beyond 100 ns are cut."""
    match = _XML.fullmatch(text)
    if match is None:
        return Malformed("not a date and time as XML writes it (2019-11-14T13:14:20)" if text else "empty date", text)
    year, month, day, hour, minute, second, fraction, z, sign, off_hour, off_minute = match.groups()
    ticks = _ticks(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), fraction)
    if isinstance(ticks, Malformed):
        return Malformed(ticks.reason, text)
    if z:
        return Moment(text, ticks, Zone.UTC)
    return _with_offset(text, ticks, sign, off_hour, off_minute) if sign else Moment(text, ticks, Zone.NONE)


def parse_parameter_date(text: str) -> Moment | Malformed:
    """The moment that .NET's invariant culture reads from a query value.

    Day-first figures are read month-first, as that culture does; where that gives no date they are Malformed.
    """
    trimmed = text.strip()
    match = _invariant(trimmed)
    if match is None:
        return Malformed("no date in an invariant format (2019-11-14)" if trimmed else "empty date", text)
    part = match.groupdict()
    hour = _hour(int(part["hour"] or 0), part["half"])
    year, month, day = _day(match)
    ticks = _ticks(year, month, day, hour, int(part["minute"] or 0), int(part["second"] or 0), part["fraction"])
    if isinstance(ticks, Malformed):
        return Malformed(ticks.reason, text)
    if part["z"]:
        return Moment(text, ticks, Zone.UTC)
    if part["sign"]:
        return _with_offset(text, ticks, part["sign"], part["off_hour"], part["off_minute"])
    return Moment(text, ticks, Zone.NONE)


def _invariant(text: str) -> re.Match[str] | None:
    return _YEAR_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text) or _NAMED.fullmatch(text)


def _day(match: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day as they are written; the month is 0 where its name is none."""
    part = match.groupdict()
    month = _month_number(part["name"]) if "name" in part else int(part["month"])
    return _full_year(part["year"]), month, int(part["day"] or 1)


def date_format(text: str) -> DateFormat:
    """The family that a query or argument value is spelt in; impossible dates are OTHER."""
    if not text.strip():
        return DateFormat.EMPTY
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return DateFormat.ISO if isinstance(parse_xml_date(text), Moment) else DateFormat.OTHER
    if _ISO_TIME.fullmatch(text):
        return DateFormat.ISO_TIME if isinstance(parse_xml_date(text), Moment) else DateFormat.OTHER
    if re.fullmatch(r"\d{8}", text, re.ASCII):
        iso = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return DateFormat.COMPACT if isinstance(parse_xml_date(iso), Moment) else DateFormat.OTHER
    figures = _FIGURES.fullmatch(text)
    return _figures_format(figures) if figures else _invariant_format(text)


def _invariant_format(text: str) -> DateFormat:
    """The family of what is neither ISO nor plain figures."""
    match = _invariant(text.strip())
    if match is None or isinstance(parse_parameter_date(text), Malformed):
        return DateFormat.OTHER
    if match.re is _MONTH_FIRST:
        return DateFormat.INVARIANT if int(match["day"]) > _MONTHS_OF_A_YEAR else DateFormat.AMBIGUOUS
    return DateFormat.LOOSE if match.re is _YEAR_FIRST else DateFormat.NAMED


def day_written(text: str) -> str:
    """The day that a date value names, year first; '' for what is no date, or leaves open which figure is the month.

    It is the day as it stands there, in whatever zone: a birth date has none.
    """
    spelt = date_format(text)
    if spelt in (DateFormat.ISO, DateFormat.ISO_TIME):
        return text[:10]
    if spelt is DateFormat.COMPACT:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    figures = _FIGURES.fullmatch(text)
    if figures and spelt is DateFormat.DOTTED:
        return f"{figures[4]}-{int(figures[3]):02d}-{int(figures[1]):02d}"
    match = _invariant(text.strip())
    if match and spelt in (DateFormat.INVARIANT, DateFormat.LOOSE, DateFormat.NAMED):
        year, month, day = _day(match)
        return f"{year:04d}-{month:02d}-{day:02d}"
    return ""


def written_form(text: str) -> str:
    """How a date is written, N for each figure and MMM for a word (``NN.NN.NNNN``, ``NN MMM NNNN``).

    It tells nothing of the day. '' for nothing, and for what is neither a date nor made of figures, which may be
    anything.
    """
    spelt = date_format(text)
    if spelt is DateFormat.EMPTY or len(text) > _LONGEST_DATE:
        return ""
    if spelt is DateFormat.OTHER and _ONLY_FIGURES.fullmatch(text) is None:
        return ""
    words = _WORD.sub("MMM", text) if spelt is DateFormat.NAMED else text
    return _FIGURE.sub("N", words)


def ticks_of(moment: datetime) -> int:
    """UTC ticks of an aware datetime, naive ticks of a naive one."""
    offset = moment.utcoffset() or timedelta()
    passed = moment.replace(tzinfo=None) - datetime.min - offset
    return passed // timedelta(microseconds=1) * 10


def format_moment(ticks: int, zone: Zone, offset_minutes: int = 0) -> str:
    """The text XmlSerializer writes: seven fraction digits with trailing zeros cut, then nothing, Z or the offset.

    ``ticks`` are those of a Moment. ValueError when the local reading lies outside years 1 to 9999.
    """
    local = ticks + offset_minutes * _TICKS_PER_MINUTE if zone is Zone.OFFSET else ticks
    if not 0 <= local < _LAST_TICK:
        raise ValueError(
            f"{ticks} ticks with offset {offset_minutes} min lie outside years 1 to 9999; choose another offset"
        )
    seconds, fraction = divmod(local, TICKS_PER_SECOND)
    moment = datetime.min + timedelta(seconds=seconds)
    return moment.isoformat() + (f".{fraction:07d}".rstrip("0") if fraction else "") + _suffix(zone, offset_minutes)


def _suffix(zone: Zone, offset_minutes: int) -> str:
    if zone is Zone.NONE:
        return ""
    if zone is Zone.UTC:
        return "Z"
    return f"{'-' if offset_minutes < 0 else '+'}{abs(offset_minutes) // 60:02d}:{abs(offset_minutes) % 60:02d}"


def _ticks(
    year: int, month: int, day: int, hour: int, minute: int, second: int, fraction: str | None
) -> int | Malformed:
    try:
        days = date(year, month, day).toordinal() - 1
    except ValueError:
        return Malformed("no such day in the calendar", "")
    small = int(fraction[:7].ljust(7, "0")) if fraction else 0
    on_the_clock = hour <= 23 and minute <= 59 and second <= 59
    if not on_the_clock and (hour, minute, second, small) != (24, 0, 0, 0):  # which xs:dateTime has for midnight
        return Malformed("no such time of day", "")
    return (days * 86_400 + hour * 3_600 + minute * 60 + second) * TICKS_PER_SECOND + small


def _with_offset(text: str, ticks: int, sign: str, hours: str, minutes: str) -> Moment | Malformed:
    offset = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or offset > _WIDEST_OFFSET_MINUTES:
        return Malformed("no such offset: at most 14 hours", text)
    shift = offset * _TICKS_PER_MINUTE
    return Moment(text, ticks + shift if sign == "-" else ticks - shift, Zone.OFFSET)


def _full_year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(text) + (2000 if int(text) <= _TWO_DIGIT_YEAR_LIMIT else 1900)


def _month_number(name: str) -> int:
    """1 to 12 for an English month name, whole or its first three letters; 0 for another word."""
    folded = name.lower()
    return next((i + 1 for i, short in enumerate(_MONTHS) if folded in (short, short + _MONTH_ENDS[i])), 0)


def _hour(hour: int, half: str | None) -> int:
    """The hour of 24 for a clock of 12; an impossible one becomes 99."""
    if half is None:
        return hour
    if not 0 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half in "Pp" else 0)


def _figures_format(figures: re.Match[str]) -> DateFormat:
    first, separator, second, year = int(figures[1]), figures[2], int(figures[3]), int(figures[4])
    month_first = not isinstance(_ticks(year, first, second, 0, 0, 0, None), Malformed)
    day_first = not isinstance(_ticks(year, second, first, 0, 0, 0, None), Malformed)
    if month_first and day_first:
        return DateFormat.AMBIGUOUS
    if month_first:
        return DateFormat.INVARIANT
    return DateFormat.DOTTED if day_first and separator == "." else DateFormat.OTHER
