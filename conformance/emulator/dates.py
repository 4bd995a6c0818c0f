"""How dates are written in answers: zone, fraction, and what stands for never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

from conformance.emulator import readings as points
from conformance.emulator.policy import Freedom, Policy
from conformance.model.outcome import NEVER, Stamp
from conformance.model.readings import Readings
from conformance.wire import TICKS_PER_DAY, TICKS_PER_SECOND, Zone, format_moment

LEAST = {"year-1": 0, "year-1753": 639_905 * TICKS_PER_DAY}
OWN_ZONES_MIN = (-480, -300, 0, 60, 120, 330, 570)
LOCAL_FIELDS = frozenset({("station", "timestamp"), ("case", "sent")})
"""Record and field roles that the guide's samples show with an offset; the others have Z there."""


class DateWriter:
    """Writes the dates of one server."""

    def __init__(self, readings: Readings, policy: Policy, random: Random) -> None:
        self._style = readings[points.DATE_ZONE]
        self._fraction = readings[points.FRACTION_DIGITS]
        self._least = LEAST[readings[points.MINIMAL_DATE]]
        self._zone_min = policy.zone_minutes
        compared_as_written = readings[points.ZONE_OF_BOUNDS] == "as-written"
        self._varies = policy.uses(Freedom.TIME_ZONES, points.DATE_ZONE) and not compared_as_written
        self._random = random

    def write(self, stamp: Stamp, record: str, role: str) -> str:
        """The text of a date in the field ``role`` of ``record``."""
        if stamp == NEVER:
            return self._never()
        ticks = stamp.ticks
        if self._fraction == "none":
            ticks -= ticks % TICKS_PER_SECOND
        text = self._moment(ticks, record, role)
        return _seven_digits(text) if self._fraction == "seven" else text

    def _never(self) -> str:
        """The least date has no true zone: .NET writes it as it stands, whatever the offset."""
        text = format_moment(self._least, Zone.NONE)
        if self._style == "offset":
            return text + format_moment(TICKS_PER_DAY, Zone.OFFSET, self._zone_min)[len(text) :]
        return text + "Z" if self._style == "utc" else text

    def _moment(self, ticks: int, record: str, role: str) -> str:
        if self._varies:
            return format_moment(ticks, Zone.OFFSET, self._random.choice(OWN_ZONES_MIN))
        if self._style == "none":
            return format_moment(ticks + self._zone_min * 60 * TICKS_PER_SECOND, Zone.NONE)
        if self._style == "offset" or (self._style == "mixed" and (record, role) in LOCAL_FIELDS):
            return format_moment(ticks, Zone.OFFSET, self._zone_min)
        return format_moment(ticks, Zone.UTC)


def http_date(ticks: int) -> str:
    """The moment as headers of HTTP have it."""
    return format_datetime(datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=ticks // TICKS_PER_SECOND), usegmt=True)


def _seven_digits(text: str) -> str:
    """The text with a fraction of exactly seven digits; ``text`` begins with nineteen characters up to the second."""
    head, rest = text[:19], text[19:]
    if not rest.startswith("."):
        return f"{head}.0000000{rest}"
    digits = rest[1:].partition("Z")[0].partition("+")[0].partition("-")[0]
    return f"{head}.{digits:0<7}{rest[1 + len(digits) :]}"
