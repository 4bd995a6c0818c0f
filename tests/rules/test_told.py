"""What findings tell of what was observed: which thing it is, and both values or how far they are apart."""

import pytest

from conformance.judge import Monitor, Standing
from conformance.rules.at_odds import at_odds, days_apart, said
from conformance.rules.case_dates_shown import DATED, _scanned_at
from conformance.rules.case_parts_shown import CROWN, NAMED, PHOTOS, TEETH
from conformance.rules.case_parts_shown import _image as image_shown
from conformance.rules.cases_shown import case_shown, understood
from conformance.rules.outcomes import AT_STATION, DONE, pressing
from conformance.spec import load
from conformance.trace import call, done, guid, handed, invoke, order, poll, realise
from conformance.trace.handing import patient
from conformance.wire import parse_xml_date

SPEC = load()
BORN = {"person": "17", "last_name": "Fox", "birth_date": "1984-02-29"}


def found(sketch, row):
    """The findings about that row, each as it is told and with the events that it rests on."""
    monitor = Monitor(SPEC)
    for event in realise(sketch, SPEC):
        monitor.feed(event)
    broken = (Standing.FAIL, Standing.ADVISORY)
    return [each for each in monitor.finish().findings if each.requirement == row and each.standing in broken]


def observed(sketch, row):
    return [finding.observed for finding in found(sketch, row)]


def test_a_wrong_date_of_a_scan_is_told_with_its_id_and_both_values():
    [told] = observed(understood(DATED, case_shown(), _scanned_at("2020-01-11T09:00:00+01:00")), "INF-052")

    assert told.startswith(f"timestamp of scan {guid(9)}: shown 2020-01-11T09:00:00+01:00, told 2020-01-11")


def test_so_is_one_of_a_case():
    [told] = observed(understood(DATED, case_shown(created="2001-02-03")), "INF-052")

    assert told.startswith(f"date of creation of case {guid(1)}: shown 2001-02-03, told 20")


def test_a_part_that_is_missing_is_told():
    [told] = observed(understood(TEETH, case_shown(lists="indications"), CROWN), "INF-053")

    assert told == f'indication of case {guid(1)}: shown nothing, told "from 14, to 16, name Bridge, shade A2"'


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (NAMED[:1], f"image {guid(8)} of case {guid(1)}: shown never, told once"),
        ((*NAMED, NAMED[0]), f"image {guid(7)} of case {guid(1)}: shown twice, told once"),
        ((NAMED[0], image_shown(1, 8, "x.png")), f'name of image {guid(8)}: shown "x.png", told "other.png"'),
    ],
)
def test_an_image_that_is_listed_wrongly_is_told(rows, told):
    assert observed(understood(PHOTOS, case_shown(lists="images"), *rows), "IMG-020") == [told]


@pytest.mark.parametrize(
    ("sent", "told"),
    [("1984-02-28", "one day earlier as DateOfBirth"), ("1990-01-01", "another day as DateOfBirth")],
)
def test_a_birth_date_in_a_call_is_told_by_how_much_it_misses(sent, told):
    sketch = order("create_patient", **BORN) + call("create_patient", integration_id="A", birth_date=sent, operation=1)

    assert observed(sketch + done(), "MAP-024") == [told]


def test_so_is_one_on_a_command_line():
    sketch = order("send_by_command_line", **BORN) + invoke("-integration_id=A", "-birth_date=19840301") + done()

    assert observed(sketch, "CLI-023") == ["one day later"]


def test_so_is_one_in_a_transfer_file():
    sketch = order("send_by_vdds", **BORN) + handed(patient(birth_date="19840228")) + done()

    assert observed(sketch, "VDDS-018") == ["another birth date: one day earlier"]


def test_dates_that_one_program_writes_alike_are_one_finding():
    days = ("03/12/1956", "12/13/1956", "01/02/1999")
    sketch = sum(
        (call("create_patient", integration_id=day, birth_date=day) for day in days[1:]),
        call("create_patient", integration_id="A", birth_date=days[0]),
    )

    assert observed(sketch, "TRN-010") == [
        "DateOfBirth as NN/NN/NNNN (day and month can be taken for each other)",
    ]


def test_what_the_operator_did_and_the_statuses_until_then_are_evidence():
    waits = poll(1, "awaiting") + poll(1, "awaiting") + poll(1, "accepted")
    [finding] = found(AT_STATION + pressing("new_patient", "cancel") + waits + DONE, "STAT-022")
    events = list(realise(AT_STATION + pressing("new_patient", "cancel") + waits + DONE, SPEC))
    numbers = [event.number for event in events]

    assert finding.evidence == (*numbers[1:4], *numbers[5:])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "true"),
        (None, "nothing"),
        (" ", "nothing"),
        ("~abc ~def", '"~abc ~def"'),
        ('A "B"', "\"A 'B'\""),
        ("2020-01-02", "2020-01-02"),
        (guid(3), str(guid(3))),
        (parse_xml_date("2020-01-02T03:04:05Z"), "2020-01-02T03:04:05Z"),
        ("x" * 100, f'"{"x" * 80}..."'),
    ],
)
def test_values_are_told_as_they_are(value, told):
    assert said(value) == told


@pytest.mark.parametrize(("days", "told"), [("-1", "one day earlier"), ("3", "3 days later"), ("", "")])
def test_a_distance_is_told_in_days(days, told):
    assert days_apart(days) == told


def test_a_thing_without_an_id_is_told_as_such():
    assert at_odds("scan", None, "type", "x", None) == 'type of a scan without an id: shown "x", told nothing'
