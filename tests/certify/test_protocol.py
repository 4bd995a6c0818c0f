"""The driver protocol: values to lines and back, and what is said of lines that are no answer."""

import json

import pytest

from conformance.certify import protocol
from conformance.certify.pms import AT_SERVER, Server, Step, Task
from conformance.certify.protocol import ProtocolError
from conformance.spec.scenarios import SERVER_DEEDS, Deed

SERVER = Server("https://localhost:1/base", "Sam", "secret", "ca.pem", "ab" * 20)
READY = {"id": 1, "answer": "ready", "protocol": 1, "name": " n ", "vendor": "v", "version": "1", "steps": ["reset"]}
PATIENT = {"key": "17", "last_name": "Großmann"}


def test_hello_says_how_to_reach_the_server():
    message = protocol.hello(1, SERVER, "data", harness="h", poll_s=0.1, give_up_s=5, resumed=True)
    assert message["server"] == {
        "url": "https://localhost:1/base",
        "user": "Sam",
        "password": "secret",
        "ca_file": "ca.pem",
        "thumbprint": "ab" * 20,
    }
    assert (message["folder"], message["resumed"]) == ("data", True)


def test_an_empty_password_is_said_and_an_unknown_authority_is_not():
    assert protocol.configured(1, Server("https://h/b", "Sam", ""))["server"] == {
        "url": "https://h/b",
        "user": "Sam",
        "password": "",
    }


def test_a_line_is_ascii_and_one_line():
    text = protocol.line(protocol.ordered(2, Task("add_patient", {"key": "1", "last_name": "Grö\nß\u2028"})))
    assert text.isascii()
    assert "\n" not in text


def test_a_step_is_told_with_what_belongs_to_it():
    task = Task("create_patient", PATIENT, AT_SERVER, case="not told")
    assert protocol.ordered(2, task) == {
        "id": 2,
        "step": "create_patient",
        "patient": PATIENT,
        "at": "server",
        "merge": False,
        "wait": True,
    }


def test_mapping_is_creating_at_a_station_with_the_wish_to_merge():
    message = protocol.ordered(2, Task("map_patient", PATIENT, station="ROOM-1"))
    assert (message["at"], message["merge"]) == ("station", True)


def test_flags_of_a_search_are_true_or_false():
    task = Task(
        "find_cases", PATIENT, criteria={"is_created": "true", "is_scanned": "false", "created_to": "2020-01-01"}
    )
    criteria = protocol.ordered(2, task)["criteria"]
    assert criteria == {"is_created": True, "is_scanned": False, "created_to": "2020-01-01"}


def test_a_step_that_there_is_not_is_our_own_fault():
    with pytest.raises(ValueError, match="dance"):
        protocol.ordered(2, Task("dance"))


def test_who_is_ready():
    about = protocol.about_of({**READY, "steps": ["hello", "reset", "goodbye"]})
    assert (about.name, about.steps) == ("n", {"reset"})


def test_an_answer_is_taken_over():
    shown = {"status_code": 105, "message": "taken"}
    reply = protocol.reply_of({"id": 2, "answer": "refused", "shown": shown, "data": {"more": 1}}, Step.CREATE_PATIENT)
    assert (reply.answer, reply.status_code, reply.message, reply.data) == ("refused", 105, "taken", {"more": 1})


def test_an_answer_needs_no_more_than_its_word():
    reply = protocol.reply_of({"answer": "done", "shown": None, "data": None}, Step.RESET)
    assert (reply.status_code, reply.message, reply.data) == (None, "", {})


def test_started_is_an_answer_to_what_does_not_wait():
    message = {"answer": "started", "data": {"operation": "x"}}
    assert protocol.reply_of(message, Step.CREATE_CASE, wait=False).data["operation"] == "x"


@pytest.mark.parametrize(
    ("message", "text"),
    [({"log": "hm"}, "hm"), ({"log": 5}, "5"), ({"log": "hm", "answer": "done"}, None), ({"answer": "done"}, None)],
)
def test_remarks_are_told_from_answers(message, text):
    assert protocol.log_of(message) == text


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"logged in", "wrote logged in, which is no JSON. Its standard output is for answers"),
        (b"", "which is no JSON"),
        (b"[" * 100_000, "which is no JSON"),
        (b"\xff\xfe{\x00", "which is no UTF-8"),
        (b"\xef\xbb\xbf{}", "which is no JSON"),
        (b"[1]", "expected a JSON object"),
    ],
)
def test_lines_that_are_no_message(line, complaint):
    with pytest.raises(ProtocolError, match=complaint):
        protocol.message_of(line)


@pytest.mark.parametrize(
    ("echoed", "complaint"),
    [
        (3, "answered id 3, which was answered before; expected 4"),
        (9, "answered id 9, which was never told; expected 4"),
        ("4", "answered with id 4; expected 4. Copy the id"),
        (True, "answered with id true"),
        (None, "answered with id null"),
    ],
)
def test_ids_that_are_not_that_of_the_message(echoed, complaint):
    with pytest.raises(ProtocolError, match=complaint):
        protocol.check_id({"id": echoed}, 4, lambda number: number < 4)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"answer": "done"}, 'answered hello with done; expected "ready"'),
        ({"protocol": 2}, "speaks protocol 2; expected 1"),
        ({"protocol": True}, "speaks protocol true"),
        ({"steps": "all"}, "supports the steps all; expected a list"),
        ({"steps": ["dance"]}, "supports the step dance; there are list_stations, "),
        ({"vendor": " "}, "is ready with vendor  ; expected a text"),
    ],
)
def test_what_is_no_ready(changes, complaint):
    with pytest.raises(ProtocolError, match=complaint):
        protocol.about_of({**READY, **changes})


@pytest.mark.parametrize(
    ("step", "message", "complaint"),
    [
        ("reset", {}, "answered reset with no answer; expected"),
        ("reset", {"id": 2, "ok": True}, "answered reset with no answer, but id, ok; expected"),
        ("reset", {"answer": "ok"}, 'answered reset with ok; expected "done" or "refused"'),
        ("reset", {"answer": ["done"]}, 'answered reset with \\["done"\\]'),
        ("reset", {"answer": "done", "shown": "fine"}, "with shown fine; expected an object"),
        (
            "reset",
            {"answer": "done", "shown": {"status_code": "4"}},
            "status_code 4 after reset; expected a whole number",
        ),
        ("reset", {"answer": "done", "shown": {"status_code": True}}, "expected a whole number"),
        ("reset", {"answer": "done", "shown": {"message": 7}}, "expected a text"),
        ("reset", {"answer": "done", "data": []}, "with data \\[\\]; expected an object"),
        ("create_case", {"answer": "started", "data": {"operation": "x"}}, "though it was told to wait"),
        ("create_case", {"answer": "done", "data": {"operation": 7}}, "says operation 7 after create_case"),
        ("list_stations", {"answer": "done"}, "data.stations null; expected a list of objects"),
        ("find_cases", {"answer": "done", "data": {"cases": {}}}, "data.cases {}; expected a list of objects"),
        ("find_cases", {"answer": "done", "data": {"cases": [{"images": ["x"]}]}}, "gave images"),
        ("fetch_images", {"answer": "done", "data": {"images": ["x"]}}, "data.images"),
    ],
)
def test_what_is_no_answer(step, message, complaint):
    with pytest.raises(ProtocolError, match=complaint):
        protocol.reply_of(message, Step(step))


def test_started_without_an_operation_is_no_answer():
    with pytest.raises(ProtocolError, match=r"without data\.operation; give the id it sent"):
        protocol.reply_of({"answer": "started"}, Step.CREATE_CASE, wait=False)


def test_a_lone_surrogate_does_no_harm():
    assert protocol.message_of(json.dumps({"log": "\ud800"}).encode())["log"] == "\ud800"


def test_every_deed_of_a_scenario_can_be_told():
    told = {deed.value for deed in Deed if deed not in SERVER_DEEDS and deed is not Deed.PRESS}
    assert {step.value for step in Step} - {"reset"} == told
