"""A station whose id the server writes in capitals is known by that spelling."""

from dataclasses import replace

import pytest

from conformance.judge import Monitor
from conformance.rules import catalogue
from conformance.rules.pool import ENOUGH_LOOKS
from conformance.spec import load
from conformance.trace import NoteKind, Recorded, call, note, poll, realise
from conformance.trace.sketch import guid

SPEC = load()
STATION = str(guid(10))
LISTING = call("list_stations", answer=[{"station": guid(10), "hostname": "PC", "busy": False}])
SAVED = note(NoteKind.DECISION, operation=str(guid(1)), station=STATION, dialog="new_patient", button="save")
STUCK = (
    LISTING
    + call("create_patient", integration_id="A", last_name="Fox", station=STATION.upper(), operation=1)
    + SAVED
    + poll(1, "awaiting") * ENOUGH_LOOKS
)


def _with_station(event, listed):
    """The same, with the station spelled so where the server lists it."""
    if not isinstance(event, Recorded) or STATION not in event.reply.body:
        return event
    return replace(event, reply=replace(event.reply, body=event.reply.body.replace(STATION, listed)))


@pytest.mark.parametrize(("listed", "failed"), [(STATION, 0), (STATION.upper(), 1)])
def test_an_operation_is_missed_at_a_station_in_capitals_only_where_it_is_listed_so(listed, failed):
    monitor = Monitor(SPEC, {"POOL-004": catalogue()["POOL-004"]})
    for event in realise(STUCK, SPEC):
        monitor.feed(_with_station(event, listed))

    [row] = [row for row in monitor.finish().rows if row.id == "POOL-004"]
    assert row.counts.failed == failed
