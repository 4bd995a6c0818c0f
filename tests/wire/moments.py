"""Moments to write and to read back."""

from conformance.wire import Moment, Zone, format_moment


def make_moment(ticks: int, zone: Zone, offset_minutes: int = 0) -> Moment:
    """The moment of ``ticks`` with the text XmlSerializer gives it."""
    return Moment(format_moment(ticks, zone, offset_minutes), ticks, zone)
