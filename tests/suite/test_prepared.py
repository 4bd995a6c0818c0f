"""What counts as missing on a server: only what no way of asking shows, so that a defect is not taken for a mistake."""

from dataclasses import replace

import pytest

from conformance.suite.ladder import Ladder, Rung, Standing, Unready
from conformance.suite.play import Send
from conformance.suite.prepared import look_at_fixtures, look_at_stations

GUID = "11111111-2222-3333-4444-555555555555"
STATION = "5be65d15-31a2-442b-a93b-0bd65ec8abe9"
PICTURE = "864b5540-9df6-5c05-84fd-13c3f5b0275d.png"
CASE = "8f7cf505-5b6a-5f2c-83f3-531422031554"


@pytest.fixture
def looked(embedded):
    """``looked(faults..., fixtures)`` -> what was told by rung, what is still declared, and the recorded events.

    ``fixtures`` makes other declarations of those that are right.
    """

    def look(*faults, fixtures=lambda right: right):
        made = embedded(*faults)
        stage, steps = made.stage, []
        declared = tuple(fixtures(stage.target.fixtures))
        stage.target = replace(stage.target, fixtures=declared)
        listed = stage.send(Send("list_stations", {}), "a.play")
        ladder = Ladder(steps.append)
        look_at_stations(stage, ladder, listed)
        look_at_fixtures(stage, ladder, listed)
        remarks = [(step.rung, step.text) for step in steps if step.standing is Standing.REMARK]
        gone = [fixture for fixture in declared if fixture not in stage.target.fixtures]
        return remarks, gone, made.events

    return look


def changed(what, fact, former, value, **others):
    """Declarations with one fact of one thing changed, and ``others`` of it as well."""

    def change(right):
        new = {fact: value, **others}
        return ({**each, **new} if each["what"] == what and each.get(fact) == former else each for each in right)

    return change


def test_what_is_there_stays_declared_without_a_word(looked):
    assert looked()[:2] == ([], [])


@pytest.mark.parametrize(
    "fault",
    [
        "answers-with-stations",
        "brings-texts",
        "cuts-images-short",
        "delivers-at-once",
        "finds-a-case-twice",
        "hides-busy-stations",
        "hides-the-last-image",
        "lacks-later-images",
        "lists-a-station-twice",
        "lists-absent-stations",
        "lists-something-else",
        "numbers-its-stations",
        "one-id-for-all",
        "searches-for-nobody",
    ],
)
def test_a_defect_of_the_server_takes_nothing_out_of_the_run(looked, fault):
    assert looked(fault)[1] == []


def test_a_station_that_is_off_is_left_out(looked):
    remarks, gone, _ = looked(fixtures=changed("station", "connected", "no", "yes"))
    assert ["switch it on and sign in there" in text for _, text in remarks] == [True]
    assert [station["hostname"] for station in gone] == ["RECEPTION-PC"]


def test_a_station_with_another_name_is_told_before_the_run(looked):
    remarks, gone, _ = looked(fixtures=changed("station", "hostname", "TRIOS-ROOM-1", "OTHER"))
    [(rung, told)] = remarks
    assert rung is Rung.STATIONS
    assert "is declared with the hostname OTHER, and the server says TRIOS-ROOM-1; correct the declaration" in told
    assert gone == []


def test_a_station_with_another_id_is_told_with_the_right_one(looked):
    remarks, gone, _ = looked(fixtures=changed("station", "station", STATION, GUID))
    assert [f"the server lists {STATION} instead" in text for _, text in remarks] == [True]
    assert [station["station"] for station in gone] == [GUID]


def test_stations_none_of_which_is_there_end_the_run_where_somebody_waits_at_them(looked):
    with pytest.raises(Unready, match="none of the declared stations is connected"):
        looked(fixtures=lambda right: [{"what": "station", "station": GUID}])


def test_a_case_that_nothing_shows_is_left_out_with_all_its_parts(looked):
    remarks, gone, events = looked(
        fixtures=lambda right: changed("case", "case", CASE, GUID)(changed("indication", "case", CASE, GUID)(right))
    )
    assert [(rung, f"case {GUID}" in text) for rung, text in remarks] == [(Rung.FIXTURES, True)]
    assert sorted(each["what"] for each in gone) == ["case", "indication"]
    skipped = [event.data for event in events if getattr(event, "data", {}).get("play") == "prepare.fixtures"]
    assert [(GUID in data["reason"], "INF-009" in data["aims"]) for data in skipped] == [(True, True)]


def test_a_patient_none_of_whose_cases_is_there_is_left_out(looked):
    patient, case = (
        {"what": "patient", "integration_id": "QA-7"},
        {"what": "case", "integration_id": "QA-7", "case": GUID},
    )
    remarks, gone, _ = looked(fixtures=lambda right: (*right, patient, case))
    assert ["is a patient mapped to that integration id" in text for _, text in remarks] == [True]
    assert gone == [patient, case]


def test_cases_none_of_which_is_there_end_the_run(looked):
    with pytest.raises(Unready, match="none of the 1 declared cases is on the server"):
        looked(fixtures=lambda right: [{"what": "case", "integration_id": "QA-7", "case": GUID}])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed("case", "created", "2023-01-10T10:15:00Z", "2013-01-10T10:15:00Z"), "created is declared as 2013"),
        (changed("case", "delivery", "2023-01-24T11:00:00Z", "2023-02-24T11:00:00Z"), "delivery is declared"),
        (changed("case", "images", "2", "3"), "3 images are declared, and the server lists 2"),
    ],
)
def test_a_fact_against_which_everything_on_the_server_speaks_is_left_out(looked, change, told):
    remarks, gone, _ = looked(fixtures=change)
    assert [each["what"] for each in gone] == ["case"]
    assert {(rung, told in text) for rung, text in remarks} == {(Rung.FIXTURES, True)}


def test_an_image_that_is_neither_listed_nor_sent_is_left_out(looked):
    remarks, gone, _ = looked(fixtures=changed("image", "name", PICTURE, PICTURE, image=GUID))
    assert [f"image {GUID} of case" in text for _, text in remarks] == [True]
    assert [image["image"] for image in gone] == [GUID]


def test_another_digest_than_that_of_the_picture_is_pointed_out(looked):
    remarks, gone, _ = looked(fixtures=changed("image", "name", PICTURE, PICTURE, sha256="0" * 64))
    assert ["is declared with SHA-256 000000000000" in text for _, text in remarks] == [True]
    assert gone == []
