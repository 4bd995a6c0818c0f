"""What the emulator makes of a query string."""

from __future__ import annotations

import pytest

from conformance.emulator.binding import Binder
from conformance.emulator.readings import resolved
from conformance.model import Instant
from conformance.wire import TICKS_PER_SECOND, Moment, parse_xml_date


@pytest.fixture
def binding(spec):
    """Binds a query of create_patient under these readings; the server's zone is two hours east."""

    def bind(query, **readings):
        named = {name.replace("_", "-"): take for name, take in readings.items()}
        return Binder(spec, resolved(spec, named), 120).bind(spec.method["create_patient"], query, 5)

    return bind


def day(text, hours_east=0):
    moment = parse_xml_date(text)
    assert isinstance(moment, Moment)
    return Instant(moment.ticks - hours_east * 3600 * TICKS_PER_SECOND, whole_day=True)


def test_names_are_found_in_any_case_and_order(binding):
    call = binding("LASTNAME=b&integrationid=A").call
    assert call.values == {"last_name": "b", "integration_id": "A"}


def test_values_are_typed(binding):
    call = binding("DateOfBirth=2019-11-14&ClientId=5be65d15-31a2-442b-a93b-0bd65ec8abe9&MergePatient=True").call
    assert call.instant("birth_date") == day("2019-11-14T00:00:00")
    assert str(call.guid("station")) == "5be65d15-31a2-442b-a93b-0bd65ec8abe9"
    assert call.flag("merge")


@pytest.mark.parametrize("query", ["ClientId=zzz", "MergePatient=1", "DateOfBirth=2019-02-30"])
def test_what_has_no_meaning_is_malformed(binding, query):
    call = binding(query).call
    assert len(call.malformed) == 1
    assert call.values == {}


@pytest.mark.parametrize(("reading", "malformed"), [("omitted", ()), ("malformed", ("station",))])
def test_an_empty_guid_is_a_reading(binding, reading, malformed):
    assert binding("ClientId=", EMPTY_TYPED_VALUE=reading).call.malformed == malformed


@pytest.mark.parametrize(("reading", "value"), [("first", "a"), ("last", "b"), ("joined", "a,b")])
def test_a_repeated_parameter_is_a_reading(binding, reading, value):
    assert binding("LastName=a&lastname=b", REPEATED_PARAMETER=reading).call.text("last_name") == value


@pytest.mark.parametrize(("reading", "refused"), [("ignored", False), ("refused", True)])
def test_an_unknown_parameter_is_a_reading(binding, reading, refused):
    assert binding("Unknown=1", UNKNOWN_PARAMETER=reading).refused is refused


@pytest.mark.parametrize(("reading", "refused"), [("accepted", False), ("refused", True)])
def test_a_dotted_date_is_a_reading(binding, reading, refused):
    bound = binding("DateOfBirth=14.11.2019", DOTTED_DATES=reading)
    assert bound.refused is refused
    assert refused or bound.call.instant("birth_date") == day("2019-11-14T00:00:00")


@pytest.mark.parametrize(
    ("readings", "hours_east"),
    [
        ({"ZONE_OF_BOUNDS": "utc"}, 0),
        ({"ZONE_OF_BOUNDS": "server"}, 2),
        ({"ZONE_OF_BOUNDS": "as-written"}, 0),
        ({"ZONE_OF_BOUNDS": "as-written", "DATE_ZONE": "offset"}, 2),
    ],
)
def test_the_zone_of_a_date_without_one_is_a_reading(binding, readings, hours_east):
    call = binding("DateOfBirth=2019-11-14", **readings).call
    assert call.instant("birth_date") == day("2019-11-14T00:00:00", hours_east)


@pytest.mark.parametrize(
    ("reading", "text", "flag"),
    [("any-case", "tRuE", True), ("as-shown", "True", True), ("as-shown", "true", False)],
)
def test_how_true_is_spelt_is_a_reading(binding, reading, text, flag):
    assert binding(f"MergePatient={text}", BOOLEAN_SPELLING=reading).call.flag("merge") is flag


@pytest.mark.parametrize(("reading", "name"), [("blank", "a b"), ("plus", "a+b")])
def test_a_plus_is_a_reading(binding, reading, name):
    assert binding("LastName=a+b", PLUS_IN_VALUES=reading).call.text("last_name") == name


@pytest.mark.parametrize(("reading", "value"), [("kept", " A "), ("trimmed", "A")])
def test_blanks_around_an_id_are_a_reading(binding, reading, value):
    call = binding("IntegrationId=%20A%20&LastName=%20b", SURROUNDING_BLANKS=reading).call
    assert (call.text("integration_id"), call.text("last_name")) == (value, " b")


@pytest.mark.parametrize(("reading", "refused"), [("taken", False), ("refused", True)])
def test_a_long_value_is_a_reading(binding, reading, refused):
    assert binding(f"LastName={'x' * 65}", LONG_VALUES=reading).refused is refused
    assert binding(f"LastName={'x' * 64}", LONG_VALUES=reading).refused is False


def test_a_bound_with_a_time_is_no_whole_day(binding):
    assert binding("DateOfBirth=2019-11-14T00:00:00Z").call.instant("birth_date").whole_day is False
