"""A test suite of a PMS that uses the pytest plugin of threedd-conformance: ``pytest examples/python``.

The fixture is an emulated Dental Desktop with fresh data. Nobody waits in these tests: each call takes its clock a
second, and ``advance`` the rest.
"""

import pytest
from dental_desktop import DentalDesktop

PATIENT = {
    "FirstName": "Ada",
    "LastName": "Vole",
    "DateOfBirth": "1970-02-28",
    "PatientId": "280270-1234",
    "IntegrationId": "PMS-1",
}


@pytest.fixture
def server(threedd_emulator):
    at = threedd_emulator
    server = DentalDesktop(at.url, at.user, at.password, at.authority_pem, at.thumbprint)
    yield server
    server.close()
    assert threedd_emulator.findings(advice=True) == []  # what a certification would say of the calls of this test


def test_a_patient_is_mapped_to_the_one_whom_the_operator_picks(server, threedd_emulator):
    threedd_emulator.seed({"patients": [{"first_name": "Ada", "last_name": "Vole"}]})
    threedd_emulator.decide("merge", "existing")
    assert server.map_patient(PATIENT, server.stations()[0].id).processed
    assert len([each for each in threedd_emulator.patients() if each["last_name"] == "Vole"]) == 1


def test_the_user_is_told_that_the_operator_cancelled(server, threedd_emulator):
    threedd_emulator.decide("new_patient", "cancel")
    outcome = server.map_patient(PATIENT, server.stations()[0].id)
    assert outcome.reason == "the user at the station cancelled it"


def test_a_lost_answer_makes_no_second_patient(server, threedd_emulator):
    threedd_emulator.disturb("reset-after", method="CreatePatient")
    assert server.create_patient(PATIENT).processed
    assert len(threedd_emulator.calls("CreatePatient")) == 1


@pytest.mark.parametrize("policy", ["late-pick-up", "other-element-order", "unknown-elements"])
def test_it_copes_with_a_server_that_is_different(server, threedd_emulator, policy):
    threedd_emulator.policy(policy)
    assert server.create_patient(PATIENT).processed
    assert server.stations()
