"""The pytest plugin for PMS vendors, as their own test suites use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import conformance.certify.testing.emulated  # noqa: F401  (else each run in this process would load cryptography anew)

pytest_plugins = ["pytester"]
PLUGIN = "conformance.certify.testing.plugin"


@pytest.fixture
def suite(pytester, monkeypatch):
    """Runs a suite of a vendor in this process, with this plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(text, *arguments, ini=""):
        pytester.makeini(f"[pytest]\n{ini}")
        pytester.makepyfile(PMS + text)
        return pytester.runpytest_inprocess("-p", PLUGIN, "-p", "no:cacheprovider", *arguments)

    return run


PMS = """
import base64, http.client, ssl
from urllib.parse import quote, urlencode, urlsplit

ID, OTHER = "2446cb63-2f79-4f4d-9da6-c24a17755bc5", "8b02f6ee-af40-458d-b1b3-b56ba604ead8"

def call(emulator, method, **parameters):
    place = urlsplit(emulator.url)
    trust = ssl.create_default_context(cafile=emulator.authority_pem)
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=trust, timeout=30)
    login = base64.b64encode(f"{emulator.user}:{emulator.password}".encode()).decode()
    query = urlencode(parameters, quote_via=quote)
    headers = {"Authorization": f"Basic {login}", "Accept": "application/xml"}
    connection.request("GET", f"{place.path}/{method}?{query}", headers=headers)
    try:
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()

def create(emulator, **more):
    return call(emulator, "CreatePatient", **{"LastName": "Fox", "IntegrationId": "A", "RequestId": ID, **more})

def status(emulator, id=ID):
    return call(emulator, "GetRequestStatusById", Id=id)[1].partition("<StatusCode>")[2].partition("<")[0]

def station(emulator):
    return call(emulator, "GetAvailableClientList")[1].partition("<ClientId>")[2].partition("<")[0]
"""


def test_each_test_has_fresh_data_at_the_same_address(suite):
    result = suite("""
seen = []

def test_one(threedd_emulator):
    create(threedd_emulator)
    assert threedd_emulator.patient("A")["last_name"] == "Fox"
    seen.append(threedd_emulator.url)

def test_two(threedd_emulator):
    assert threedd_emulator.patient("A") is None
    assert threedd_emulator.calls() == [] and seen == [threedd_emulator.url]
""")
    result.assert_outcomes(passed=2)


def test_the_one_of_the_session_keeps_its_data_and_is_another_one(suite):
    result = suite("""
def test_one(threedd_emulator_session):
    create(threedd_emulator_session)

def test_two(threedd_emulator, threedd_emulator_session):
    assert threedd_emulator_session.patient("A") and not threedd_emulator.patient("A")
""")
    result.assert_outcomes(passed=2)


def test_a_right_pms_has_no_findings(suite):
    result = suite("""
def test_it(threedd_emulator):
    create(threedd_emulator)
    assert status(threedd_emulator) == "4"
    assert threedd_emulator.findings(advice=True) == []
""")
    result.assert_outcomes(passed=1)


def test_what_is_wrong_is_found_in_words(suite):
    result = suite("""
def test_it(threedd_emulator):
    call(threedd_emulator, "CreatePatient", LastName="Fox", IntegrationId="A", DateOfBirth="yesterday")
    assert threedd_emulator.findings() == []
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*PAT-062: A birth date given in a creation is a date. Expected DateOfBirth to be a date*"]
    )


def test_what_is_only_recommended_is_told_on_request(suite):
    result = suite("""
def test_it(threedd_emulator):
    call(threedd_emulator, "CreatePatient", LastName="Fox", IntegrationId="A", DateOfBirth="28.02.1970")
    assert threedd_emulator.findings() == []
    assert "TRN-010" in [each.requirement for each in threedd_emulator.findings(advice=True)]
""")
    result.assert_outcomes(passed=1)


def test_a_test_plays_the_operator(suite):
    result = suite("""
def test_it(threedd_emulator):
    threedd_emulator.decide("merge", "existing", patient="SEED-66-714")
    create(threedd_emulator, FirstName="Mathew", ClientId=station(threedd_emulator), MergePatient="True")
    threedd_emulator.advance(60)
    assert status(threedd_emulator) == "4"
    assert threedd_emulator.patient("A")["first_name"] == "Mathew"
""")
    result.assert_outcomes(passed=1)


def test_a_held_station_takes_nothing_until_it_is_released(suite):
    result = suite("""
def test_it(threedd_emulator):
    threedd_emulator.hold()
    create(threedd_emulator, ClientId=station(threedd_emulator))
    threedd_emulator.advance(5)
    assert status(threedd_emulator) == "-1"
    threedd_emulator.release()
    threedd_emulator.advance(60)
    assert status(threedd_emulator) == "4"
""")
    result.assert_outcomes(passed=1)


def test_an_answer_can_get_lost_and_the_next_test_is_not_disturbed(suite):
    result = suite("""
import pytest

def test_one(threedd_emulator):
    threedd_emulator.disturb("reset-after", method="CreatePatient", times=3)
    with pytest.raises(OSError):
        create(threedd_emulator)
    assert threedd_emulator.patient("A")

def test_two(threedd_emulator):
    assert create(threedd_emulator)[0] in (200, 204)
""")
    result.assert_outcomes(passed=2)


def test_a_test_brings_its_own_patients(suite):
    result = suite("""
import pytest

def test_one(threedd_emulator):
    known = len(threedd_emulator.patients())
    threedd_emulator.seed({"patients": [{"last_name": "Vole", "integration_id": "V-1"}]})
    assert len(threedd_emulator.patients()) == known + 1
    call(threedd_emulator, "UpdatePatient", LastName="Vole", IntegrationId="V-1", RequestId=ID)
    assert status(threedd_emulator) == "4" and threedd_emulator.findings() == []
    with pytest.raises(ValueError):
        threedd_emulator.seed({"patients": [{"name": "Vole"}]})

def test_two(threedd_emulator):
    threedd_emulator.seed({"patients": [{"last_name": "Vole"}]}, replace=True)
    assert [each["last_name"] for each in threedd_emulator.patients()] == ["Vole"]
""")
    result.assert_outcomes(passed=2)


def test_faults_readings_and_policies_last_for_one_test(suite):
    result = suite("""
def test_one(threedd_emulator):
    threedd_emulator.readings({"UNKNOWN-ELEMENTS": "some"})
    threedd_emulator.faults("keeps-one-more")
    threedd_emulator.policy("late-pick-up")
    assert threedd_emulator.state()["faults"] == ["keeps-one-more"]

def test_two(threedd_emulator):
    state = threedd_emulator.state()
    assert state["faults"] == [] and state["readings"]["UNKNOWN-ELEMENTS"] == "none"
""")
    result.assert_outcomes(passed=2)


def test_the_calls_are_kept_in_clear_and_the_journal_without_names(suite):
    result = suite("""
def test_it(threedd_emulator):
    create(threedd_emulator, LastName="Großmann & Söhne")
    (made,) = threedd_emulator.calls("CreatePatient")
    assert made.parameters["LastName"] == "Großmann & Söhne" and made.http_status in (200, 204)
    assert "mann" not in str(threedd_emulator.journal()[-1])
""")
    result.assert_outcomes(passed=1)


def test_policies_and_readings_come_from_options_and_from_the_ini_file(suite):
    text = """
def test_it(threedd_emulator):
    readings = threedd_emulator.state()["readings"]
    assert (readings["XML-BOM"], readings["UNKNOWN-ELEMENTS"]) == ("present", "some")
"""
    result = suite(text, "--threedd-reading", "UNKNOWN-ELEMENTS=some", ini="threedd_readings = XML-BOM=present")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--threedd-policy=sleepy", "*no policy is called 'sleepy'*"),
        ("--threedd-reading=XML-BOM", "*'XML-BOM' is no reading; write ID=NAME*"),
        ("--threedd-reading=NONE-SUCH=x", "*NONE-SUCH*"),
    ],
)
def test_what_does_not_exist_is_refused_in_words(suite, option, told):
    result = suite("def test_it(threedd_emulator):\n    pass\n", option)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_a_program_in_another_process_is_told_by_environment_variables(suite):
    result = suite("""
def test_it(threedd_emulator):
    assert threedd_emulator.environment()["THREEDD_URL"] == threedd_emulator.url
    assert threedd_emulator.control("GET", "/state")["counts"] == threedd_emulator.state()["counts"]
""")
    result.assert_outcomes(passed=1)


def test_the_plugin_loads_nothing_of_the_emulator_until_it_is_used():
    look = f"import sys, {PLUGIN}; print(*sorted(name for name in sys.modules if name.startswith('conformance')))"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["conformance", "conformance.certify", "conformance.certify.testing", PLUGIN]
