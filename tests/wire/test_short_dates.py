"""Short dates mean every day that some order of their figures gives."""

import pytest

from conformance.wire.short_dates import short_date


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("28.02.1970", {"1970-02-28"}),
        ("2/28/70", {"1970-02-28", "2070-02-28"}),
        ("2/1/1970", {"1970-02-01", "1970-01-02"}),
        ("1970. 02. 28.", {"1970-02-28"}),
        ("28.2.1970 \u0433.", {"1970-02-28"}),
        ("28\u200f/2\u200f/1970", {"1970-02-28"}),
        ("28-Feb-1970", {"1970-02-28"}),
        ("28 February 1970", {"1970-02-28"}),
    ],
)
def test_a_short_date_means_these_days(text, days):
    assert set(short_date(text).days) == days


@pytest.mark.parametrize("text", ["", "unknown", "30.02.1970", "13.13.13", "28.02.1970 00:00", "19700228"])
def test_other_texts_are_no_short_dates(text):
    assert short_date(text) is None


def test_a_year_of_another_calendar_tells_no_day():
    assert short_date("28.02.2513").foreign
    assert short_date("28.02.2513").days == ()


def test_a_year_of_an_era_may_be_another_year():
    assert "1970-02-28" in short_date("45/02/28").of_eras


def test_a_month_by_an_unknown_name_may_be_any():
    assert short_date("28-Foo-1970").uncertain
    assert len(short_date("28-Foo-1970").days) == 12
