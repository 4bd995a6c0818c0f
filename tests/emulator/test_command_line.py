"""The command line of the emulator: what it does to patients, and what page is then open."""

import pytest

from conformance.emulator.console.chair import desks
from conformance.emulator.protocol import Request
from conformance.spec import load
from conformance.trace import Started
from conformance.wire import encode_basic, encode_query

SPEC = load()
NEW = ("-integrationid=new-17", "-firstname=Ann", "-lastname=van Fox", "-birthday=19700228", "-patientid=new-P")


@pytest.fixture
def emulator(practice):
    return practice.emulator


@pytest.fixture
def use(emulator):
    """``use(*arguments)`` -> what became of it."""
    return lambda *arguments: emulator.use_command_line(Started(arguments=arguments))


def patient(emulator, integration_id="new-17"):
    found = emulator.state.patient(integration_id)
    return found and (found.first_name, found.last_name, found.patient_id, found.birth_date is not None)


def pages(emulator):
    return [desk.page for desk in desks(emulator)]


def test_a_patient_is_created(emulator, use):
    assert use(*NEW).why == ""
    assert patient(emulator) == ("Ann", "van Fox", "new-P", True)


def test_the_same_command_updates(emulator, use):
    use(*NEW)
    use("-integrationid=new-17", "-lastname=Roe")

    assert patient(emulator) == ("Ann", "Roe", "new-P", True)


def test_the_patient_is_open_at_the_station_of_this_computer(emulator, use):
    use(*NEW)

    assert pages(emulator).count("Patient Ann van Fox, opened by the command line") == 1


def test_names_of_arguments_have_no_letter_case(emulator, use):
    use("-integrationID=new-17", "-LASTNAME=Fox")

    assert patient(emulator) == ("", "Fox", "", False)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "missing or empty"),
        (("-integrationid=new-17",), "-lastname is missing or empty"),
        (("-lastname=Fox",), "-integrationid is missing or empty"),
        (("-integrationid=", "-lastname=Fox"), "-integrationid is missing or empty"),
        (("/integrationid:new-17", "/lastname:Fox"), "missing or empty"),
        (("-integrationid=new-17-lastname=Fox",), "-lastname is missing or empty"),
    ],
)
def test_nothing_is_carried_out_without_what_is_mandatory(emulator, use, arguments, why):
    assert why in use(*arguments).why
    assert patient(emulator) is None
    assert use(*arguments).exit_code == 0


def test_a_patient_id_of_somebody_else_is_refused(emulator, use):
    use(*NEW)
    use("-integrationid=new-18", "-lastname=Roe", "-patientid=new-P")

    assert patient(emulator, "new-18") is None


def test_a_strange_flag_is_passed_over(emulator, use):
    assert use(*NEW, "-merge").why == ""


def test_an_empty_value_changes_nothing(emulator, use):
    use(*NEW)
    use("-integrationid=new-17", "-lastname=Roe", "-patientid=")

    assert patient(emulator) == ("Ann", "Roe", "new-P", True)


@pytest.mark.parametrize(
    ("reading", "arguments", "expected"),
    [
        ({"CLI-EMPTY-VALUES": "erased"}, ("-patientid=",), ("", "Fox", "", False)),
        ({"CLI-SHORT-DATES": "day-first"}, ("-birthday=28.02.1970",), ("", "Fox", "", True)),
        ({"CLI-SHORT-DATES": "month-first"}, ("-birthday=28.02.1970",), ("", "Fox", "", False)),
        ({"CLI-UNKNOWN-ARGUMENTS": "refused"}, ("-merge",), None),
        ({"CLI-MANDATORY-ID": "patient"}, (), None),
    ],
)
def test_a_reading_decides(emulator, use, reading, arguments, expected):
    emulator.reconfigure(readings=reading)
    use("-integrationid=new-17", "-lastname=Fox", *arguments)

    assert patient(emulator) == expected


def test_an_exit_code_tells_by_reading_only(emulator, use):
    emulator.reconfigure(readings={"CLI-EXIT-CODE": "told"})

    assert use("-lastname=Fox").exit_code == 1


def test_a_later_operation_takes_the_place_of_the_page(emulator, use):
    use(*NEW)
    emulator.reset()

    assert not any("command line" in page for page in pages(emulator))


def test_a_line_is_taken_apart_as_windows_does(emulator):
    emulator.use_command_line(Started(line='"C:\\x y.exe" -integrationid="new-17" -lastname="van Fox"'))

    assert patient(emulator) == ("", "van Fox", "", False)


def test_a_client_of_the_webservice_finds_the_patient_there(practice, emulator, use):
    use(*NEW)
    method = SPEC.method["create_patient"]
    role = method.by_role
    query = encode_query([(role["integration_id"].name, "new-17"), (role["last_name"].name, "Fox")])
    header = ("authorization", encode_basic(emulator.users[0].user, emulator.users[0].password))
    emulator.handle(Request("GET", f"{SPEC.service.base_path}/{method.name}?{query}", (header,), b"", 1, "", 0.0))
    newest = max(emulator.state.operations.values(), key=lambda operation: operation.serial)

    assert newest.status == "integration_id_taken"
