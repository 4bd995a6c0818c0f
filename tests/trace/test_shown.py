"""What a PMS says it understood is recorded without names, and with ids and digests as they are."""

from conformance.spec import load
from conformance.trace import NoteKind, Recorder, Redactor

SPEC = load()
GUID = "a1001b1c-1001-4001-8001-100110011001"
DIGEST = "1001" * 16


def shown(**facts):
    recorder = Recorder(SPEC, Redactor(SPEC, b"key"))
    recorder.note(NoteKind.ORDER, 0.0, order="1", phase="begin", person="1001")
    return recorder.note(NoteKind.SHOWN, 0.0, order="1", **facts).data


def test_digits_of_a_patient_within_an_id_stay():
    assert shown(image=GUID)["image"] == GUID


def test_digits_of_a_patient_within_a_digest_stay():
    assert shown(sha256=DIGEST)["sha256"] == DIGEST


def test_digits_of_a_patient_within_a_date_stay():
    assert shown(created="2026-10-01T00:00:00.1001")["created"] == "2026-10-01T00:00:00.1001"


def test_a_patient_in_free_text_is_a_token():
    assert "1001" not in shown(hostname="PC of 1001")["hostname"]


def test_what_only_claims_to_be_an_id_is_searched():
    assert "1001" not in shown(image="patient 1001")["image"]


def test_what_only_claims_to_be_a_digest_is_searched():
    assert "1001" not in shown(sha256="patient 1001")["sha256"]


def test_a_flag_stays_although_a_misspelt_one_of_a_call_was_hidden():
    recorder = Recorder(SPEC, Redactor(SPEC, b"key"))
    path = f"{SPEC.service.base_path}/{SPEC.method['find_cases'].name}"
    recorder.redactor.target(f"{path}?IsMade=true")
    assert recorder.note(NoteKind.SHOWN, 0.0, order="1", busy="true").data["busy"] == "true"
