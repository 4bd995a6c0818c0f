"""The control port without sockets: what each route does, and that its documentation says so."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress

import jsonschema_rs
import pytest

from conformance.emulator.control import DOCUMENTATION, Control
from conformance.emulator.crowd import Crowd
from conformance.emulator.equipment import RestartNeeded
from conformance.emulator.faults import faults, select
from conformance.emulator.protocol import Request
from conformance.trace.journal import read_journal

TOKEN = "token"
DOCUMENT = json.loads(DOCUMENTATION.read_text(encoding="utf-8"))
OPERATIONS = [(verb, path, each) for path, verbs in DOCUMENT["paths"].items() for verb, each in verbs.items()]
CASE = "00000000-0000-4000-8000-0000000000ca"
EXAMPLES = [
    pytest.param(verb.upper(), path, example["value"], id=f"{verb}-{path}-{name}")
    for verb, path, each in OPERATIONS
    for name, example in each.get("requestBody", {})
    .get("content", {})
    .get("application/json", {})
    .get("examples", {})
    .items()
]


@pytest.fixture
def port(practice):
    """``port(verb, path, body)`` gives HTTP status and content; it begins with the practice's emulator."""
    control = Control(practice.emulator, TOKEN, Crowd(practice.emulator.handle))

    def ask(verb, path, body=None, token=TOKEN):
        sent = b"" if body is None else json.dumps(body).encode()
        headers = (("authorization", f"Bearer {token}"),)
        response = control.handle(Request(verb, path, headers, sent, 1, "", 0.0))
        kind = dict(response.headers)["Content-Type"]
        return response.http_status, json.loads(response.body) if "application/json" in kind else response.body.decode()

    ask.control = control
    return ask


class TestDocumentation:
    def test_every_route_is_documented_and_no_other(self, port):
        assert {(verb.upper(), path) for verb, path, _ in OPERATIONS} == set(port.control.routes)

    def test_it_is_served_by_the_port_itself(self, port):
        assert port("GET", "/openapi.json") == (200, DOCUMENT)

    @pytest.mark.parametrize(("verb", "path", "body"), EXAMPLES)
    def test_every_example_is_accepted(self, port, verb, path, body):
        status, content = port(verb, path, body)
        assert (status, content.get("error")) == (200, None)

    @pytest.mark.parametrize(("verb", "path", "body"), EXAMPLES)
    def test_every_example_fits_its_schema(self, verb, path, body):
        schema = DOCUMENT["paths"][path][verb.lower()]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]}).validate(body)

    @pytest.mark.parametrize("path", [path for verb, path, _ in OPERATIONS if verb == "get"])
    def test_every_question_is_answered(self, port, path):
        assert port("GET", path)[0] == 200

    @pytest.mark.parametrize("path", ["/patients", "/cases", "/stations", "/decisions", "/disturbances"])
    def test_answers_fit_their_schema(self, port, path):
        port("POST", "/decisions", {"dialog": "sync", "button": "keep"})
        port("POST", "/disturbances", {"what": "http-500", "method": "CreateCase"})
        schema = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        validator = jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]})
        rows = _without_nulls(port("GET", path)[1])
        validator.validate(rows)
        assert rows[path.removeprefix("/")]


def _without_nulls(value):
    """The same without the keys that say nothing."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


class TestPatients:
    def test_a_new_one_is_found_by_the_pms(self, port, practice, station):
        made = port("POST", "/patients", {"integration_id": "C-1", "last_name": "Quill", "birth_date": "1990-05-17"})[1]
        practice.start("select_patient", 1, station, integration_id="C-1")
        assert (made["last_name"], made["birth_date"]) == ("Quill", "1990-05-17")
        assert practice.path(1)[-1] == "processed"

    def test_what_is_not_told_stays(self, port):
        made = port("POST", "/patients", {"last_name": "Quill", "first_name": "Ben"})[1]
        changed = port("POST", "/patients", {"patient": made["patient"], "last_name": "Inkwell"})[1]
        assert changed == {**made, "last_name": "Inkwell"}

    def test_one_that_is_removed_is_gone_with_its_cases(self, port, practice):
        gone = next(each for each in port("GET", "/patients")[1]["patients"] if each["integration_id"] == "SEED-1001")
        assert port("DELETE", f"/patients/{gone['patient']}") == (200, {})
        assert practice.emulator.state.patient("SEED-1001") is None
        assert gone["patient"] not in [each["patient"] for each in port("GET", "/cases")[1]["cases"]]

    @pytest.mark.parametrize(
        ("body", "status", "problem"),
        [
            ({}, 400, "last_name is ''; expected a name"),
            ({"last_name": "X", "surname": "Y"}, 400, "'surname' is not known here; expected patient, integration_id"),
            ({"last_name": "X", "birth_date": "17.5.1990"}, 400, "birth_date is '17.5.1990'; expected a date"),
            ({"patient": 999, "last_name": "X"}, 404, "no patient has the number 999"),
            ({"patient": 2, "integration_id": "SEED-1001"}, 400, "integration_id 'SEED-1001' is that of patient 1"),
        ],
    )
    def test_what_is_wrong_is_said_and_changes_nothing(self, port, body, status, problem):
        before = port("GET", "/patients")
        answered, content = port("POST", "/patients", body)
        assert (answered, content["error"][: len(problem)]) == (status, problem)
        assert port("GET", "/patients") == before


class TestCases:
    def test_a_new_one_is_found_by_the_pms_with_its_image(self, port, practice):
        image = {"image": CASE, "name": "smile.png", "content": b64encode(b"pixels").decode()}
        port("POST", "/cases", {"case": CASE, "integration_id": "SEED-1004", "state": "scanned", "images": [image]})
        assert CASE.encode() in practice.ask("find_cases", integration_id="SEED-1004").body
        assert b64encode(b"pixels") in practice.ask("fetch_image", case=CASE, image=CASE).body

    def test_one_that_changes_keeps_the_rest(self, port):
        first = port("GET", "/cases")[1]["cases"][0]
        changed = port("POST", "/cases", {"case": first["case"], "lab": "North"})[1]
        assert changed == {**first, "lab": "North"}

    def test_one_that_is_removed_is_gone(self, port, practice):
        port("POST", "/cases", {"case": CASE, "integration_id": "SEED-1004"})
        assert port("DELETE", f"/cases/{CASE}") == (200, {})
        assert CASE.encode() not in practice.ask("find_cases", integration_id="SEED-1004").body

    def test_files_of_the_computer_are_not_opened(self, port):
        image = {"name": "x.png", "file": "/etc/hostname"}
        status, content = port("POST", "/cases", {"integration_id": "SEED-1004", "images": [image]})
        assert (status, content["error"][:29]) == (400, "'file' is not known here; exp")


class TestSeed:
    def test_rows_are_added_to_what_is_there(self, port, practice):
        rows = {"patients": [{"integration_id": "C-2", "last_name": "Two"}], "cases": [{"integration_id": "C-2"}]}
        assert port("POST", "/seed", rows) == (200, {"patients": 1, "cases": 1, "stations": 0})
        assert practice.emulator.state.patient("SEED-1001") is not None
        assert len(practice.records("find_cases", integration_id="C-2")) == 1

    def test_rows_take_the_place_of_what_is_there(self, port, practice):
        assert port("POST", "/seed", {"replace": True, "patients": [{"last_name": "Only"}]})[0] == 200
        assert [each["last_name"] for each in port("GET", "/patients")[1]["patients"]] == ["Only"]
        assert practice.records("list_stations") == ()

    def test_one_wrong_row_changes_nothing(self, port):
        before = port("GET", "/patients")
        rows = {"patients": [{"last_name": "Good"}], "cases": [{"integration_id": "nobody"}]}
        assert port("POST", "/seed", rows)[0] == 400
        assert port("GET", "/patients") == before

    def test_a_reset_brings_the_first_data_back(self, port):
        before = port("GET", "/patients")
        port("POST", "/seed", {"replace": True})
        port("POST", "/reset")
        assert port("GET", "/patients") == before


class TestDecisions:
    def test_those_to_come_are_listed_and_forgotten(self, port, station):
        port("POST", "/decisions", {"dialog": "sync", "button": "keep", "station": str(station), "times": 3})
        listed = port("GET", "/decisions")[1]["decisions"]
        assert [(each["dialog"], each["button"], each["times"]) for each in listed] == [("sync", "keep", 3)]
        assert port("DELETE", "/decisions") == (200, {})
        assert port("GET", "/decisions")[1] == {"decisions": []}


class TestSwitches:
    def test_a_fault_goes_on_and_off_and_data_stay(self, port, practice):
        practice.start("create_patient", 1, integration_id="C-3", last_name="Three")
        port("PUT", "/faults", {"names": ["lacks-a-method"]})
        assert practice.start("update_patient", 2, integration_id="C-3", last_name="Four") == 404
        port("PUT", "/faults", {"names": []})
        assert practice.start("update_patient", 3, integration_id="C-3", last_name="Four") == 200
        assert [practice.status(1), practice.status(3)] == ["processed", "processed"]

    def test_a_reading_is_taken_at_once(self, port, practice):
        port("PUT", "/readings", {"XML-BOM": "present"})
        assert practice.ask("list_stations").body.startswith(b"\xef\xbb\xbf")
        port("PUT", "/readings", {})
        assert practice.ask("list_stations").body.startswith(b"<")

    def test_an_operation_under_way_goes_on_under_another_policy(self, port, practice, station):
        port("PUT", "/policy", {"pick_up_delay_s": 600})
        practice.start("create_case", 1, station, integration_id="SEED-1001")
        port("PUT", "/policy", {"name": "quiet"})
        port("POST", "/clock", {"advance_s": 700})
        assert practice.path(1)[-1] == "processed"

    def test_dialogs_wait_when_they_are_told_to(self, port, practice, station):
        port("PUT", "/policy", {"ask": True, "pick_up_delay_s": 0, "processing_delay_s": 0})
        practice.start("create_patient", 1, station, integration_id="C-4", last_name="Four")
        practice.status(1)
        assert [each["dialog"] for each in port("GET", "/state")[1]["dialogs"]] == ["new_patient"]

    def test_a_reset_takes_everything_back_unless_it_is_told_not_to(self, port, practice):
        port("PUT", "/policy", {"name": "late-pick-up"})
        port("PUT", "/faults", {"names": ["lacks-a-method"]})
        port("POST", "/reset", {"settings": False})
        assert port("GET", "/state")[1]["faults"] == ["lacks-a-method"]
        port("POST", "/reset")
        assert (port("GET", "/state")[1]["faults"], port("GET", "/policy")[1]["names"]) == ([], [])

    @pytest.mark.parametrize(
        ("path", "body", "problem"),
        [
            (
                "/faults",
                {"names": ["has-another-authority"]},
                "has-another-authority is about the TLS handshake: restart",
            ),
            (
                "/readings",
                {"CHAIN-PRESENTED": "without-authority"},
                "CHAIN-PRESENTED cannot become 'without-authority'",
            ),
        ],
    )
    def test_what_shows_at_the_handshake_needs_a_restart(self, port, path, body, problem):
        before = port("GET", "/state")
        status, content = port("PUT", path, body)
        assert (status, content["error"][: len(problem)]) == (409, problem)
        assert port("GET", "/state") == before

    @pytest.mark.parametrize(
        ("path", "body", "problem"),
        [
            ("/faults", {"names": ["nonsense"]}, "no fault is called 'nonsense'"),
            ("/faults", {"names": "lacks-a-method"}, "names is 'lacks-a-method'; expected a list of texts."),
            ("/readings", {"XML-BOM": "blue"}, "XML-BOM cannot be 'blue'; expected one of"),
            ("/readings", {"NONSENSE": "x"}, "no reading is called 'NONSENSE'"),
            ("/readings", {"XML-BOM": 1}, "the body is {'XML-BOM': 1}; expected an object of texts."),
            ("/policy", {"name": "nonsense"}, "no policy is called 'nonsense'; expected one of quiet"),
            ("/policy", {"freedoms": ["x"]}, "no freedom is called 'x'"),
            ("/policy", {"pick_up_delay_s": -1}, "pick_up_delay_s is -1.0; expected seconds"),
            ("/policy", {"operator": {"sync": "save"}}, "the dialog sync has no button 'save'"),
            ("/policy", {"operator": {"door": "save"}}, "no dialog is called 'door'"),
            ("/policy", {"dialects": ["x"]}, "no dialect is called 'x'"),
            ("/policy", {"zone_minutes": 9999}, "zone_minutes is 9999; expected minutes"),
            ("/policy", {"colour": "x"}, "'colour' is not known here"),
        ],
    )
    def test_what_does_not_exist_changes_nothing(self, port, path, body, problem):
        before = port("GET", "/policy"), port("GET", "/state")
        status, content = port("PUT", path, body)
        assert (status, content["error"][: len(problem)]) == (400, problem)
        assert (port("GET", "/policy"), port("GET", "/state")) == before

    def test_a_fault_that_stays_keeps_what_it_has_seen(self, opened):
        practice = opened(faults=select("dies-of-malformed-values"))
        first = practice.emulator.faults[0]
        control = Control(practice.emulator, TOKEN, Crowd(practice.emulator.handle))
        body = json.dumps({"names": ["lacks-a-method", "dies-of-malformed-values"]}).encode()
        control.handle(Request("PUT", "/faults", (("authorization", "Bearer token"),), body, 1, "", 0.0))
        assert practice.emulator.faults[1] is first

    def test_every_fault_can_be_switched_on_and_off(self, practice):
        for fault in faults().values():
            with suppress(RestartNeeded):
                practice.emulator.reconfigure(faults=[fault])
            practice.ask("list_stations")
        practice.emulator.reconfigure(faults=[])
        assert practice.ask("list_stations").http_status == 200


class TestRecord:
    def test_each_call_has_a_line_and_names_nobody(self, port, practice):
        practice.start("create_patient", 1, integration_id="C-5", last_name="Secretname")
        practice.status(1)
        rows = port("GET", "/traffic")[1]["traffic"]
        assert [(row["method"], row["http_status"], row["status_code"]) for row in rows] == [
            ("CreatePatient", 200, None),
            ("GetRequestStatusById", 200, 4),
        ]
        assert "Secretname" not in json.dumps(rows)

    def test_only_newer_ones_are_told_when_asked_so(self, port, practice):
        practice.ask("list_stations")
        last = port("GET", "/traffic")[1]["traffic"][-1]["number"]
        practice.status(9)
        rows = port("GET", f"/traffic?after={last}")[1]["traffic"]
        assert [row["method"] for row in rows] == ["GetRequestStatusById"]

    def test_the_journal_can_be_read_and_holds_nothing_in_clear(self, port, practice, tmp_path):
        practice.start("create_patient", 1, integration_id="C-6", last_name="Secretname")
        text = port("GET", "/journal")[1]
        path = tmp_path / "journal.jsonl"
        path.write_text(text, encoding="utf-8", newline="\n")
        header, events = read_journal(path, partial=True)
        assert header["spec"] == practice.spec.name
        assert [event.kind.value for event in list(events)[:3]] == ["credentials"] * 3
        assert not [word for word in ("Secretname", "qwerty123", "Lindqvist") if word in text]

    def test_it_begins_anew_with_the_data(self, port, practice):
        practice.ask("list_stations")
        port("POST", "/reset")
        assert port("GET", "/traffic")[1] == {"traffic": [], "more": False}

    def test_the_oldest_are_forgotten_before_memory_runs_out(self, port, practice, monkeypatch):
        monkeypatch.setattr("conformance.emulator.log.MOST_EVENTS", 3)
        for operation in range(1, 6):
            practice.status(operation)
        assert len(port("GET", "/traffic")[1]["traffic"]) == 3

    def test_a_number_that_is_none_is_refused(self, port):
        assert (
            port("GET", "/traffic?after=x")[1]["error"]
            == "after is 'x'; expected the number of an event, or 0 for all."
        )
