"""Stations and images."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from conformance.model import Image, Stamp, step

IMAGE = UUID(int=701)


@pytest.fixture
def photographed(world, cases):
    case = world.state.cases[cases["scanned"]]
    world.state.put_case(replace(case, images=(Image(IMAGE, "a.jpeg", 5, b"photo"),)))
    return world


def test_only_connected_stations_are_listed(world, station):
    listed = world.do("list_stations").answer.content
    assert [record["station"] for record in listed] == [station]


def test_a_station_tells_when_its_record_was_made(world):
    call = replace(world.call("list_stations"), at=77)
    outcome = step(world.state, call, world.spec, world.readings)[0]
    assert outcome.answer.content[0]["timestamp"] == Stamp(77)


def test_an_image_is_fetched_by_its_case_and_its_id(photographed):
    assert photographed.do("fetch_image", case=602, image=IMAGE).answer.content == b"photo"


@pytest.mark.parametrize("values", [{"case": 601, "image": IMAGE}, {"case": 602, "image": 9}, {"image": IMAGE}, {}])
@pytest.mark.parametrize(
    ("reading", "http_status"), [("not-found", 404), ("bad-request", 400), ("server-error", 500), ("empty", 200)]
)
def test_an_image_that_is_not_there_is_a_reading(photographed, values, reading, http_status):
    answer = photographed.takes(UNKNOWN_IMAGE=reading).do("fetch_image", **values).answer
    assert (answer.http_status, answer.content or b"") == (http_status, b"")
