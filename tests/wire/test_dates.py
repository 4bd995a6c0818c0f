"""Dates: what XML writes, what .NET's invariant culture reads, and the families of spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import (
    TICKS_PER_SECOND,
    DateFormat,
    Malformed,
    Moment,
    Zone,
    date_format,
    day_written,
    format_moment,
    parse_parameter_date,
    parse_xml_date,
    ticks_of,
    written_form,
)
from tests.wire.moments import make_moment

FORMS = {
    "28.02.1970": "NN.NN.NNNN",
    "2/8/70": "N/N/NN",
    "19700228": "NNNNNNNN",
    "28 Feb 1970": "NN MMM NNNN",
    "1970-02-28T00:00:00Z": "NNNN-NN-NNTNN:NN:NNZ",
    "1970-13-41": "NNNN-NN-NN",
    "Fox 1970": "",
    "": "",
    "1" * 41: "",
}


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_the_form_of_a_date_tells_how_it_is_written_and_nothing_of_the_day(text, form):
    assert written_form(text) == form


HOUR = 3_600 * TICKS_PER_SECOND
DAY = 24 * HOUR


def naive(*parts: int) -> int:
    return ticks_of(datetime(*parts))  # type: ignore[arg-type]


XML_DATES = [
    ("2019-11-14T13:14:20.7395144+02:00", naive(2019, 11, 14, 11, 14, 20) + 7_395_144, Zone.OFFSET),
    ("2019-11-18T10:54:22+02:00", naive(2019, 11, 18, 8, 54, 22), Zone.OFFSET),
    ("2019-11-14T11:00:00Z", naive(2019, 11, 14, 11), Zone.UTC),
    ("2019-11-14T11:00:00", naive(2019, 11, 14, 11), Zone.NONE),
    ("2019-11-14", naive(2019, 11, 14), Zone.NONE),
    ("2019-11-14Z", naive(2019, 11, 14), Zone.UTC),
    ("2019-11-14T24:00:00", naive(2019, 11, 15), Zone.NONE),
    ("2019-11-14T11:00:00.5", naive(2019, 11, 14, 11) + 5_000_000, Zone.NONE),
    ("2019-11-14T11:00:00.123456789", naive(2019, 11, 14, 11) + 1_234_567, Zone.NONE),
    ("0001-01-01T00:00:00", 0, Zone.NONE),
    ("0001-01-01T00:00:00+02:02", -122 * 60 * TICKS_PER_SECOND, Zone.OFFSET),
    ("0001-01-01T00:00:00-04:57", 297 * 60 * TICKS_PER_SECOND, Zone.OFFSET),
    ("9999-12-31T23:59:59.9999999", naive(9999, 12, 31, 23, 59, 59) + 9_999_999, Zone.NONE),
]


@pytest.mark.parametrize(("text", "ticks", "zone"), XML_DATES)
def test_xml_dates_are_read_to_the_tick(text: str, ticks: int, zone: Zone) -> None:
    assert parse_xml_date(text) == Moment(text, ticks, zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "14.11.2019",
        "2019-02-30T00:00:00",
        "2019-13-01",
        "0000-01-01T00:00:00",
        "-0001-01-01T00:00:00",
        "2019-11-14 11:00:00",
        "2019-11-14T11:00",
        "2019-11-14T25:00:00",
        "2019-11-14T24:00:01",
        "2019-11-14T11:60:00",
        "2019-11-14T11:00:00+15:00",
        "2019-11-14T11:00:00+02:60",
        "2019-11-14T11:00:00.",
        "\u0662\u0660\u0661\u0669-11-14",
        "2019-11-14T11:00:00Z\n",
    ],
)
def test_other_text_is_no_xml_date(text: str) -> None:
    parsed = parse_xml_date(text)
    assert isinstance(parsed, Malformed)
    assert parsed.text == text


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+02:02",
        "0001-01-01T00:00:00-12:00",
        "0001-12-31T00:00:00",
        "1753-01-01T00:00:00",
        "1753-01-01T00:00:00Z",
        "1753-01-01T00:00:00+14:00",
    ],
)
def test_least_dates_stand_for_never(text: str) -> None:
    assert make(text).is_minimal


@pytest.mark.parametrize("text", ["0002-01-03T00:00:00", "1752-12-30T00:00:00", "1753-01-03T00:00:00", "2019-11-14Z"])
def test_other_dates_are_real(text: str) -> None:
    assert not make(text).is_minimal


def make(text: str) -> Moment:
    moment = parse_xml_date(text)
    assert isinstance(moment, Moment)
    return moment


def test_a_moment_with_a_zone_is_exact() -> None:
    moment = make("2019-11-14T11:00:00Z")
    assert (moment.earliest, moment.latest) == (moment.ticks, moment.ticks)


def test_a_moment_without_a_zone_may_lie_fourteen_hours_either_way() -> None:
    moment = make("2019-11-14T11:00:00")
    assert (moment.earliest, moment.latest) == (moment.ticks - 14 * HOUR, moment.ticks + 14 * HOUR)


@pytest.mark.parametrize(
    ("text", "ticks", "zone"),
    [
        ("2019-11-14", naive(2019, 11, 14), Zone.NONE),
        ("2019/11/14", naive(2019, 11, 14), Zone.NONE),
        ("2019.11.14", naive(2019, 11, 14), Zone.NONE),
        ("2019-1-4", naive(2019, 1, 4), Zone.NONE),
        ("2019-11", naive(2019, 11, 1), Zone.NONE),
        ("2019-11-14T10:20:30", naive(2019, 11, 14, 10, 20, 30), Zone.NONE),
        ("2019-11-14 10:20", naive(2019, 11, 14, 10, 20), Zone.NONE),
        ("2019-11-14T10:20:30.25Z", naive(2019, 11, 14, 10, 20, 30) + 2_500_000, Zone.UTC),
        ("2019-11-14T10:20:30+02:00", naive(2019, 11, 14, 8, 20, 30), Zone.OFFSET),
        ("11/14/2019", naive(2019, 11, 14), Zone.NONE),
        ("11/14/2019 00:00:00", naive(2019, 11, 14), Zone.NONE),
        ("11/14/2019 1:05:00 PM", naive(2019, 11, 14, 13, 5), Zone.NONE),
        ("11.14.2019", naive(2019, 11, 14), Zone.NONE),
        ("12.11.2019", naive(2019, 12, 11), Zone.NONE),
        ("1/2/03", naive(2003, 1, 2), Zone.NONE),
        ("14 Nov 2019", naive(2019, 11, 14), Zone.NONE),
        ("14 November 2019", naive(2019, 11, 14), Zone.NONE),
        (" 2019-11-14 ", naive(2019, 11, 14), Zone.NONE),
    ],
)
def test_parameters_are_read_as_the_invariant_culture_does(text: str, ticks: int, zone: Zone) -> None:
    assert parse_parameter_date(text) == Moment(text, ticks, zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "14.11.2019",
        "14/11/2019",
        "14-11-2019",
        "20191114",
        "2019-02-30",
        "2019-11/14",
        "14 Nix 2019",
        "2019-11-14T10:20:30 02:00",
        "2019-11-14 13:00 PM",
        "birthday",
    ],
)
def test_what_the_invariant_culture_cannot_read_is_malformed(text: str) -> None:
    parsed = parse_parameter_date(text)
    assert isinstance(parsed, Malformed)
    assert parsed.text == text


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("2019-11-14", DateFormat.ISO),
        ("0001-01-01", DateFormat.ISO),
        ("2019-11-14T00:00:00", DateFormat.ISO_TIME),
        ("2019-11-14T00:00:00.1234567+02:00", DateFormat.ISO_TIME),
        ("11/14/2019", DateFormat.INVARIANT),
        ("11/14/2019 00:00:00", DateFormat.INVARIANT),
        ("11.14.2019", DateFormat.INVARIANT),
        ("14.11.2019", DateFormat.DOTTED),
        ("12.11.2019", DateFormat.AMBIGUOUS),
        ("12/11/2019", DateFormat.AMBIGUOUS),
        ("20191114", DateFormat.COMPACT),
        ("", DateFormat.EMPTY),
        ("  ", DateFormat.EMPTY),
        ("14/11/2019", DateFormat.OTHER),
        ("20191399", DateFormat.OTHER),
        ("2019-02-30", DateFormat.OTHER),
        ("31.02.2019", DateFormat.OTHER),
        ("2019/11/14", DateFormat.LOOSE),
        ("2019.11.14", DateFormat.LOOSE),
        ("2019-2-1", DateFormat.LOOSE),
        ("2019-11-14 00:00:00", DateFormat.LOOSE),
        ("2019/02/30", DateFormat.OTHER),
        ("14 Nov 2019", DateFormat.NAMED),
        ("Thu, 14 Nov 2019 00:00:00 GMT", DateFormat.NAMED),
        ("28-Foo-1970", DateFormat.OTHER),
        ("11/14/2019 01:00:00 PM", DateFormat.INVARIANT),
        ("11/12/19", DateFormat.AMBIGUOUS),
        ("soon", DateFormat.OTHER),
    ],
)
def test_spellings_fall_into_families(text: str, family: DateFormat) -> None:
    assert date_format(text) is family


@pytest.mark.parametrize(
    ("ticks", "zone", "offset", "text"),
    [
        (0, Zone.NONE, 0, "0001-01-01T00:00:00"),
        (0, Zone.UTC, 0, "0001-01-01T00:00:00Z"),
        (-122 * 60 * TICKS_PER_SECOND, Zone.OFFSET, 122, "0001-01-01T00:00:00+02:02"),
        (naive(2019, 11, 14, 11, 14, 20) + 7_395_100, Zone.OFFSET, 120, "2019-11-14T13:14:20.73951+02:00"),
        (naive(2019, 11, 14, 11), Zone.OFFSET, -297, "2019-11-14T06:03:00-04:57"),
    ],
)
def test_moments_are_written_as_xml_serializer_does(ticks: int, zone: Zone, offset: int, text: str) -> None:
    assert format_moment(ticks, zone, offset) == text


@given(st.integers(15 * HOUR, 3_652_059 * DAY - 15 * HOUR), st.sampled_from(Zone), st.integers(-840, 840))
def test_written_moments_are_read_back(ticks: int, zone: Zone, offset: int) -> None:
    moment = make_moment(ticks, zone, offset)
    assert parse_xml_date(moment.text) == moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_both_readers_agree_on_what_xml_writes(moment: datetime) -> None:
    text = format_moment(ticks_of(moment), Zone.UTC)
    assert parse_parameter_date(text) == parse_xml_date(text)


def test_an_aware_datetime_counts_in_utc() -> None:
    east = datetime(2019, 11, 14, 2, tzinfo=timezone(timedelta(hours=2)))
    assert ticks_of(east) == naive(2019, 11, 14)


def test_a_moment_outside_the_calendar_is_our_own_error() -> None:
    with pytest.raises(ValueError, match="choose another offset"):
        format_moment(0, Zone.OFFSET, -60)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse_xml_date(text), Moment | Malformed)
    assert isinstance(parse_parameter_date(text), Moment | Malformed)
    assert isinstance(date_format(text), DateFormat)


@given(st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True))
def test_no_figures_raise(text: str) -> None:
    assert isinstance(parse_parameter_date(text), Moment | Malformed)
    assert isinstance(date_format(text), DateFormat)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-02-28", "1970-02-28"),
        ("1970-02-28T00:00:00", "1970-02-28"),
        ("1970-02-27T23:00:00Z", "1970-02-27"),
        ("19700228", "1970-02-28"),
        ("02/28/1970 00:00:00", "1970-02-28"),
        ("28.02.1970", "1970-02-28"),
        ("1970/2/28", "1970-02-28"),
        ("28 Feb 1970", "1970-02-28"),
        ("1970-02-28 23:00:00", "1970-02-28"),
        ("11.12.1970", ""),
        ("28/02/1970", ""),
        ("1970-02-30", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_the_day_of_a_date_is_told_unless_it_could_be_the_month(text: str, day: str) -> None:
    assert day_written(text) == day
