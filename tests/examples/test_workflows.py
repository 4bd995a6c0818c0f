"""The example programs are right: they do the guide's workflows, survive bad weather, and break no requirement."""

from __future__ import annotations

import pytest

OTHER_DOCUMENTS = {
    "PRIMITIVE-NAMESPACE": "serialization",
    "XML-DECLARATION": "present",
    "XML-BOM": "present",
    "XML-LAYOUT": "indented",
    "UNKNOWN-ELEMENTS": "some",
    "LEFT-OUT-FIELDS": "empty",
}


def test_the_three_workflows_work_and_break_no_requirement(program, emulator):
    done = program()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "images: 9 cases, 5 images, 15454 bytes"
    assert emulator.findings(advice=True) == []


def test_the_user_is_told_why_an_update_is_refused(program):
    assert "update: another patient has this patient id already\nupdate: updated\n" in program("update").stdout


def test_a_patient_is_mapped_to_the_one_whom_the_operator_picks(program, emulator):
    emulator.decide("merge", "existing", patient="SEED-66-714")
    assert program("map").returncode == 0
    assert [each["last_name"] for each in emulator.patients() if each.get("integration_id", "").startswith("PMS-")] == [
        "Fox"
    ]


def test_the_user_is_told_when_the_operator_cancels(program, emulator):
    emulator.decide("merge", "cancel")
    done = program("map")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "map: the user at the station cancelled it")


def test_what_no_station_takes_is_withdrawn(program, emulator):
    emulator.hold()
    done = program("map", THREEDD_PATIENCE_S="0.1")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "map: it was removed before a station took it")
    assert emulator.findings(advice=True) == []


@pytest.mark.parametrize("weather", ["reset-after", "reset-before", "truncated", "http-503", "malformed-xml", "slow"])
def test_an_answer_that_is_lost_changes_nothing(program, emulator, weather):
    emulator.disturb(weather, seconds=0.01)
    emulator.disturb(weather, after=1, seconds=0.01)
    done = program("update")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "update: updated")


@pytest.mark.parametrize("weather", ["entity-bomb", "external-entity", "html-instead", "http-401"])
def test_hostile_answers_end_in_a_message(program, emulator, weather):
    emulator.disturb(weather, times=1000)
    done = program("images")
    assert done.returncode == 1
    assert done.stdout.startswith("failed: ")


def test_documents_in_every_dress_are_read(program, emulator):
    emulator.readings(OTHER_DOCUMENTS)
    emulator.hold()
    assert program("map", THREEDD_PATIENCE_S="0.1").stdout.splitlines()[-1].endswith("before a station took it")
    assert program("images").stdout.splitlines()[-1] == "images: 9 cases, 5 images, 15454 bytes"


def test_a_patient_without_cases_has_no_images(program, emulator):
    emulator.readings({"EMPTY-CASE-LIST": "no-body"})
    done = program("images", THREEDD_PATIENT="SEED-1002")
    assert done.stdout.splitlines()[-1] == "images: 0 cases, 0 images, 0 bytes"


def test_the_thumbprint_may_be_written_as_windows_shows_it(program, emulator):
    digits = emulator.thumbprint.upper()
    written = " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    assert program("images", THREEDD_THUMBPRINT=written).returncode == 0


def test_another_thumbprint_is_not_trusted(program, emulator):
    assert program("images", THREEDD_THUMBPRINT="0" * 40).returncode in (1, 3)
    assert emulator.calls() == []


def test_a_forged_certificate_before_the_right_authority_is_not_trusted(program, impostor):
    done = program("images", THREEDD_URL=impostor)
    assert done.returncode == 1
    assert done.stdout.startswith("failed: the certificate is not trusted")


def test_a_wrong_password_is_told_as_such(program):
    assert program("images", THREEDD_PASSWORD="wrong").stdout == "failed: user name or password is wrong\n"


def test_an_unknown_workflow_is_refused(program):
    done = program("dance")
    assert (done.returncode, done.stderr) == (3, "dance is no workflow; expected map, update, images.\n")
