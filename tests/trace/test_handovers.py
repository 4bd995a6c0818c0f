"""Transfer files on record: nothing in them names a patient, and they read as they were written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.spec import load
from conformance.trace import Handed, Recorder, Redactor, from_json, handed, realise, to_json
from conformance.trace.handed_files import HandedError, read_handed
from conformance.trace.handing import back, content_of, copies, information, patient
from conformance.trace.seen_files import look_at
from conformance.wire.file_paths import path_flaws

SPEC = load()
ONE = {"object": "AB/1", "date": "20240301", "comment": "Ann Fox von vorn"}
VISIT = handed(
    patient(),
    back(patient(error_level="1", error_text="Ann Fox is locked")),
    information(),
    back(information(), objects=[ONE]),
    copies("AB/1"),
    back(copies("AB/1"), paths={1: "C:\\Fox\\Ann.jpg"}, files={"C:\\Fox\\Ann.jpg": ("exists", "size:1")}),
)


def recorded(content):
    recorder = Recorder(SPEC, Redactor(SPEC, b"key"))
    return recorder.handover(Handed(content), 0.0)


def test_nothing_on_record_names_the_patient():
    text = json.dumps([to_json(event) for event in realise(VISIT, SPEC)])

    assert [word for word in ("Fox", "Ann", "000417", "1984", "AB/1", "von vorn") if word in text] == []


def test_an_event_reads_as_it_was_written():
    events = realise(VISIT, SPEC)

    assert [from_json(json.loads(json.dumps(to_json(event)))) for event in events] == events


def test_equal_values_are_equal_tokens():
    first, _, second, *_ = (event for event in realise(VISIT, SPEC) if event.number > 1)

    assert first.values["person"] == second.values["person"]


@given(st.binary(max_size=300))
def test_any_bytes_become_an_event(content):
    event = recorded(content)

    assert from_json(json.loads(json.dumps(to_json(event)))) == event


@given(st.text(max_size=80))
def test_any_value_becomes_an_event(text):
    content = f"[PATIENT]\r\nLASTNAME={text}\r\n[MMOIDS]\r\nMMOID{text}={text}\r\n".encode("utf-16")

    assert to_json(recorded(content))["event"] == "handover"


@pytest.mark.parametrize(
    "content",
    [
        b"[PATIENT]\r\n" * 9_000,
        b"[MMOIDS]\r\n" + b"".join(b"MMOID%d=1\r\n" % n for n in range(30_000)),
        b"[PATIENT]\r\nPATID=" + b"9" * 30_000,
        b"[" * 5_000,
        b"\xff\xfe" + "[PATIENT]\r\nPATID=\ud800".encode("utf-16-le", "surrogatepass"),
    ],
    ids=["sections", "ids", "value", "brackets", "half a sign"],
)
def test_hostile_files_become_small_events(content):
    assert len(json.dumps(to_json(recorded(content)))) < 300_000


@pytest.mark.parametrize(
    ("path", "flaw"),
    [
        ("", "empty"),
        ("a.jpg", "relative"),
        ("C:a.jpg", "relative"),
        ("C:\\a\\..\\b.jpg", "traversal"),
        ("/a/../b.jpg", "traversal"),
        ("\\\\host\\share\\a.jpg", "network"),
        ("//host/share/a.jpg", "network"),
        ("\\\\.\\PhysicalDrive0", "device"),
        ("\\\\?\\C:\\a.jpg", "device"),
        ("C:\\NUL", "device"),
        ("C:\\com1.jpg", "device"),
        ("C:\\a.jpg:hidden", "stream"),
        ('"C:\\a.jpg"', "quoted"),
        ("C:\\a\nb.jpg", "control-sign"),
    ],
)
def test_paths_that_lead_elsewhere_are_told_and_never_opened(path, flaw):
    assert flaw in path_flaws(path)
    assert look_at(path) == ("unseen",)


@pytest.mark.parametrize("path", ["C:\\OUT\\a.jpg", "c:/out/a b.jpg", "/tmp/a.jpg"])
def test_a_plain_path_has_no_flaws(path):
    assert path_flaws(path) == ()


def test_a_link_is_told_and_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    try:
        (tmp_path / "a.jpg").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("this system lets nobody make links")

    assert look_at(str(tmp_path / "a.jpg")) == ("exists", "link")


def test_a_folder_is_no_copy(tmp_path):
    assert look_at(str(tmp_path)) == ("missing",)


def test_files_of_a_folder_are_read_in_their_order(tmp_path):
    (tmp_path / "1.answer.ini").write_bytes(content_of(back(patient()), SPEC))
    (tmp_path / "1.call.ini").write_bytes(content_of(patient(), SPEC))
    call, answer = read_handed(tmp_path, SPEC, Redactor(SPEC, b"key"))

    assert (call.direction, answer.direction, answer.about) == ("call", "answer", call.number)


def test_copies_that_were_kept_are_found_by_their_name_alone(tmp_path):
    (tmp_path / "outside.jpg").write_bytes(b"x")
    (tmp_path / "files").mkdir()
    paths = {1: "C:\\OUT\\..\\outside.jpg", 2: "C:\\OUT\\outside.jpg"}
    asked = copies("1", "2")
    (tmp_path / "1.call.ini").write_bytes(content_of(asked, SPEC))
    (tmp_path / "1.answer.ini").write_bytes(content_of(replace(back(asked), paths=paths), SPEC))
    _, answer = read_handed(tmp_path, SPEC, Redactor(SPEC, b"key"))

    assert [item.facts[0] for item in answer.items] == ["unseen", "missing"]


def test_a_folder_without_transfer_files_is_told(tmp_path):
    (tmp_path / "readme.txt").write_bytes(b"")

    with pytest.raises(HandedError, match="holds no transfer file"):
        read_handed(tmp_path, SPEC, Redactor(SPEC, b"key"))
