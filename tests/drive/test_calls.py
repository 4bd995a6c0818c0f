"""Request targets and headers, right and wrong on purpose."""

import pytest

from conformance.drive import basic, headers, target

VALUES = {"first_name": "Mathew", "last_name": "Fox & Søn", "merge": None}
NAMED = "FirstName=Mathew&LastName=Fox%20%26%20S%C3%B8n"


def made(spec, **changes):
    return target(spec, "/base", "create_patient", VALUES, **changes)


def test_roles_become_names_and_values_are_escaped(spec):
    assert made(spec) == f"/base/CreatePatient?{NAMED}"


def test_a_call_without_parameters_has_no_question_mark(spec):
    assert target(spec, "/base", "list_stations", {}) == "/base/GetAvailableClientList"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"names": str.lower}, "/base/CreatePatient?firstname=Mathew&lastname=Fox%20%26%20S%C3%B8n"),
        ({"order": lambda pairs: pairs[::-1]}, "/base/CreatePatient?LastName=Fox%20%26%20S%C3%B8n&FirstName=Mathew"),
        ({"extra": (("FirstName", "x"),)}, f"/base/CreatePatient?{NAMED}&FirstName=x"),
        ({"query": "%zz"}, "/base/CreatePatient?%zz"),
        ({"path": "/base/createpatient/"}, f"/base/createpatient/?{NAMED}"),
    ],
)
def test_everything_can_be_written_in_another_way(spec, changes, expected):
    assert made(spec, **changes) == expected


def test_a_parameter_that_the_method_lacks_is_a_fault_of_the_play(spec):
    with pytest.raises(ValueError, match='list_stations has no parameter "case"'):
        target(spec, "/base", "list_stations", {"case": "1"})


def test_the_usual_headers():
    found = dict(headers("host", basic("Sam", "qwerty123"), {}))
    assert found == {"Host": "host", "Accept": "application/xml", "Authorization": "Basic U2FtOnF3ZXJ0eTEyMw=="}


def test_other_headers_take_the_place_of_the_usual_ones_in_any_case():
    assert dict(headers("host", None, {"ACCEPT": "*/*"})) == {"Host": "host", "ACCEPT": "*/*"}


def test_an_empty_header_is_not_sent():
    assert dict(headers("host", None, {"accept": ""})) == {"Host": "host"}
