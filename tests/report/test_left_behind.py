"""What a run says that it left on a server."""

import pytest

from conformance.report import left_behind
from conformance.spec import load
from conformance.trace import NoteKind, call, note, poll, realise

SPEC = load()
RUN = note(NoteKind.RUN, prefix="qxyz12")
MADE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
AT_STATION = call("create_patient", integration_id="A", last_name="Fox", operation=1, station=7)


def told(sketch):
    return left_behind(realise(sketch, SPEC), SPEC)


@pytest.mark.parametrize(
    ("sketch", "patients", "possibly", "operations"),
    [
        (MADE + poll(1, "processed"), 1, 0, 0),
        (MADE + poll(1, "integration_id_taken"), 0, 0, 0),
        (MADE, 0, 1, 0),
        (MADE.lost(), 0, 1, 0),
        (MADE.refused(400), 0, 0, 0),
        (MADE.refused(401), 0, 0, 0),
        (AT_STATION + poll(1, "awaiting"), 0, 1, 1),
        (AT_STATION + poll(1, "awaiting") + poll(1, "processed"), 1, 0, 0),
        (MADE + poll(1, "processed") + MADE, 1, 0, 0),
        (call("list_stations", answer=[]), 0, 0, 0),
    ],
)
def test_patients_and_operations_by_what_was_seen_of_them(sketch, patients, possibly, operations):
    left = told(sketch)
    assert (len(left.patients), len(left.possibly), len(left.operations)) == (patients, possibly, operations)


def test_one_line_for_whoever_owns_the_server():
    left = told(RUN + MADE + poll(1, "processed") + call("create_case", integration_id="A", station=7, operation=2))
    assert left.told() == '1 patient, "qxyz12" in their integration id or last name; 1 operation not seen to end'


def test_nothing_is_said_where_nothing_was_left():
    assert told(RUN + call("list_stations", answer=[])).told() == ""
