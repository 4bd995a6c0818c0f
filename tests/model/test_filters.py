"""Which cases a search finds: made on days 100, 200, 300; delivered on 110, 210, 310."""

from __future__ import annotations

from dataclasses import replace

import pytest

ALL = ["created", "scanned", "modelled"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, ALL),
        (100, 300, ALL),
        (101, 300, ALL[1:]),
        (100, 299, ALL[:2]),
        (200, 200, ["scanned"]),
        (201, 299, []),
        (None, 99, []),
        (None, 100, ["created"]),
        (300, None, ["modelled"]),
        (301, None, []),
    ],
)
@pytest.mark.parametrize(("range_", "shift"), [("created", 0), ("delivered", 10)])
def test_bounds_are_inside(world, day, range_, shift, first, last, found):
    bounds = {"from": first, "to": last}
    filters = {f"{range_}_{end}": day(days + shift) for end, days in bounds.items() if days is not None}
    assert world.find(**filters) == found


@pytest.mark.parametrize(
    ("first", "last", "found"), [(100, 300, ["scanned"]), (99, 301, ALL), (200, 200, []), (None, 300, ALL[:2])]
)
def test_bounds_may_be_outside(world, day, first, last, found):
    filters = {"created_from": day(first) if first else None, "created_to": day(last)}
    given_ = {name: value for name, value in filters.items() if value}
    assert world.takes(RANGE_ENDS="exclusive").find(**given_) == found


@pytest.mark.parametrize(
    ("reading", "early", "late"), [("compared", ALL, ALL[1:]), ("left-out", ALL[1:], ALL[1:]), ("kept", ALL, ALL)]
)
def test_a_case_without_a_delivery_date_is_a_reading(world, day, reading, early, late):
    case = next(iter(world.state.cases.values()))
    world.state.put_case(replace(case, delivery=None))
    world.takes(NO_DELIVERY_DATE=reading)
    assert sorted(world.find(delivered_to=day(900))) == sorted(early)
    assert sorted(world.find(delivered_from=day(1))) == sorted(late)
    assert sorted(world.find()) == sorted(ALL)


def test_both_ranges_must_fit(world, day):
    assert world.find(created_from=day(150), delivered_to=day(250)) == ["scanned"]


@pytest.mark.parametrize(
    ("true", "found"),
    [
        (["is_created"], ["created"]),
        (["is_scanned"], ["scanned"]),
        (["is_modelled"], ["modelled"]),
        (["is_created", "is_modelled"], ["created", "modelled"]),
        (["is_created", "is_scanned", "is_modelled"], ALL),
        ([], ALL),
    ],
)
def test_states_add_up(world, true, found):
    assert world.find(**dict.fromkeys(true, True)) == found


def test_a_state_that_is_false_beside_one_that_is_true_changes_nothing(world):
    assert world.find(is_created=True, is_scanned=False, is_modelled=False) == ["created"]


@pytest.mark.parametrize(
    ("reading", "found"), [("as-omitted", ALL), ("excludes", ["created", "modelled"]), ("selects-nothing", [])]
)
def test_only_false_states_are_a_reading(world, reading, found):
    assert world.takes(EXPLICIT_FALSE=reading).find(is_scanned=False) == found


@pytest.mark.parametrize(("reading", "found"), [("midnight", []), ("whole-day", ["created"])])
def test_whether_the_last_day_belongs_to_the_range_is_a_reading(world, day, reading, found):
    case = next(iter(world.state.cases.values()))
    world.state.put_case(replace(case, created=day(100, hours=12).ticks))
    world.takes(LAST_DAY=reading)
    assert world.find(created_to=day(100, whole=True)) == found


@pytest.mark.parametrize(("first", "last", "label"), [(2, 1, "impossible-range"), (1, 1, "cases"), (1, 2, "cases")])
@pytest.mark.parametrize("range_", ["created", "delivered"])
def test_a_range_that_ends_before_it_begins_is_refused(world, day, range_, first, last, label):
    filters = {f"{range_}_from": day(first), f"{range_}_to": day(last)}
    assert world.labels("find_cases", integration_id="M", **filters) == [label]
    assert (world.do("find_cases", integration_id="M", **filters).answer.http_status == 400) == (label != "cases")


@pytest.mark.parametrize(
    ("values", "reading", "label"),
    [
        ({"integration_id": "X"}, {"FIND_UNKNOWN_PATIENT": "empty-list"}, "cases"),
        ({"integration_id": "X"}, {"FIND_UNKNOWN_PATIENT": "not-found"}, "unknown-patient"),
        ({}, {"FIND_WITHOUT_PATIENT": "bad-request"}, "no-patient"),
        ({}, {"FIND_WITHOUT_PATIENT": "empty-list", "FIND_UNKNOWN_PATIENT": "not-found"}, "cases"),
    ],
)
def test_a_search_for_nobody_is_a_reading(world, values, reading, label):
    assert world.takes(**reading).labels("find_cases", **values) == [label]


def test_an_id_in_other_letters_is_another_patient(world):
    assert world.do("find_cases", integration_id="m").answer.content == []
