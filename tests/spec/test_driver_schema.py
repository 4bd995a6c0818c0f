"""The driver protocol's schema: its examples are valid, and what is really said is in it."""

import json
from pathlib import Path
from uuid import UUID

import jsonschema_rs
import pytest

from conformance.certify import protocol
from conformance.certify.pms import AT_SERVER, AT_STATION, Answer, Server, Step, Task
from conformance.spec import load

SCHEMA = json.loads((load().folder / "driver.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema_rs.validator_for(SCHEMA)
EXAMPLES = [
    (name, example) for name, definition in SCHEMA["$defs"].items() for example in definition.get("examples", ())
]
SERVER = Server("https://localhost:5484/base", "Sam", "", "ca.pem", "0" * 40)
GUID = str(UUID(int=7))
PATIENT = {"key": "17", "last_name": "Fox", "birth_date": "1970-02-28"}
TASKS = {
    Step.CREATE_PATIENT: Task("create_patient", PATIENT, AT_SERVER),
    Step.MAP_PATIENT: Task("map_patient", PATIENT, station="ROOM-1"),
    Step.UPDATE_PATIENT: Task("update_patient", PATIENT, AT_STATION, "ROOM-1", wait=False),
    Step.SELECT_PATIENT: Task("select_patient", {"key": "17"}, station="ROOM-1"),
    Step.CREATE_CASE: Task("create_case", {"key": "17"}, station="ROOM-1"),
    Step.SELECT_CASE: Task("select_case", case=GUID, station="ROOM-1"),
    Step.FIND_CASES: Task("find_cases", PATIENT, criteria={"created_from": "2020-01-01", "is_created": "true"}),
    Step.FETCH_IMAGES: Task("fetch_images", PATIENT),
    Step.AWAIT_OPERATION: Task("await_operation", operation=GUID),
    Step.CANCEL_OPERATION: Task("cancel_operation", operation=GUID),
    Step.ADD_PATIENT: Task("add_patient", PATIENT),
    Step.EDIT_PATIENT: Task("edit_patient", PATIENT),
    Step.DELETE_PATIENT: Task("delete_patient", {"key": "17"}),
    Step.LIST_STATIONS: Task("list_stations"),
    Step.RESET: Task("reset"),
    Step.SEND_BY_COMMAND_LINE: Task("send_by_command_line", PATIENT),
    Step.SEND_BY_VDDS: Task("send_by_vdds", PATIENT),
    Step.IMAGE_INFO_BY_VDDS: Task("image_info_by_vdds", PATIENT),
    Step.IMAGES_BY_VDDS: Task("images_by_vdds", PATIENT),
    Step.RESTART: Task("restart"),
}
READY = {"id": 1, "answer": "ready", "protocol": 1, "name": "n", "vendor": "v", "version": "1", "steps": ["reset"]}


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(EXAMPLES)])
def test_the_examples_are_valid(name, example):
    assert jsonschema_rs.is_valid({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}, example)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_task_is_told_as_the_schema_says(task):
    assert VALID.is_valid(protocol.ordered(3, task))


def test_every_step_is_told_in_one_of_these_tasks():
    assert {*TASKS, Step.CONFIGURE} == set(Step)


@pytest.mark.parametrize(
    "message",
    [
        protocol.hello(1, SERVER, str(Path("data")), harness="h 1", poll_s=0.05, give_up_s=20, resumed=False),
        protocol.configured(2, Server("https://localhost:5484/base", "Sam", "secret")),
        protocol.bare(3, protocol.GOODBYE),
        READY,
        {**READY, "steps": [], "comment": "unknown keys are passed over"},
        {"id": 2, "answer": "unsupported"},
        {"id": 2, "answer": "done", "shown": {"status_code": None, "message": None}, "data": None},
        {"id": 2, "answer": "started", "data": {"operation": GUID}},
        {"log": "logged in"},
    ],
)
def test_what_may_be_said(message):
    assert VALID.is_valid(message)


@pytest.mark.parametrize(
    "message",
    [
        {**READY, "protocol": 2},
        {**READY, "vendor": " "},
        {**READY, "steps": ["dance"]},
        {"id": 2, "answer": "perhaps"},
        {"id": 0, "answer": "done"},
        {"answer": "done"},
        {"id": 2, "answer": "started"},
        {"id": 2, "answer": "done", "shown": {"status_code": "4"}},
        {"id": 2, "answer": "done", "data": {"stations": ["ROOM-1"]}},
        {"id": 2, "step": "create_patient", "patient": PATIENT},
        {"id": 2, "step": "select_patient", "patient": {}, "station": "ROOM-1", "wait": True},
        [],
    ],
)
def test_what_nobody_may_say(message):
    assert not VALID.is_valid(message)


def test_the_schema_has_the_steps_and_answers_of_the_protocol():
    assert SCHEMA["$defs"]["step"]["enum"] == list(Step)
    assert SCHEMA["$defs"]["answer"]["properties"]["answer"]["enum"] == list(Answer)


def test_every_step_can_be_declared():
    ready = {**READY, "steps": [step.value for step in Step]}

    assert VALID.is_valid(ready)


def test_a_copy_by_vdds_media_is_told_without_a_case():
    kept = {"case": "", "image": "AB/1", "sha256": "0" * 64, "size_bytes": 3}

    assert VALID.is_valid({"id": 3, "answer": "done", "data": {"images": [kept]}})
