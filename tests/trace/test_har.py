"""Archives: ours read back as they were, foreign ones go through redaction."""

import base64
import json

import pytest

from conformance.spec import default_folder, load
from conformance.trace import NoteKind, Redactor, call, note, poll, realise
from conformance.trace.har import HarError, read_har, to_har, write_har

SPEC = load(default_folder())
EVENTS = realise(
    call("create_patient", integration_id="A", last_name="Fox", birth_date="2001-02-03", operation=1)
    + poll(1, "processed")
    + note(NoteKind.RUN, seed="7")
    + call("list_stations", answer=[]).probe("case", "1", "twin")
    + call("list_stations").lost(),
    SPEC,
)
SERVICE = f"https://pc:{SPEC.service.port}{SPEC.service.base_path}"
STATIONS = '<?xml version="1.0" encoding="utf-16"?><ArrayOfClientInfo />'
AUTHORIZED = [{"name": "Authorization", "value": "Basic U2FtOnF3ZXJ0eTEyMw=="}]


def entry(url, status=200, text="", started="2024-05-01T10:00:00.000Z", took=20, headers=AUTHORIZED, **content):
    return {
        "startedDateTime": started,
        "time": took,
        "request": {"method": "GET", "url": url, "headers": headers},
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": "application/xml"}],
            "content": {"text": text, **content},
        },
    }


def foreign(tmp_path, *entries):
    path = tmp_path / "browser.har"
    log = {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": list(entries)}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    return read_har(path, SPEC, Redactor(SPEC, b"key"))


def test_our_own_archive_reads_back_as_the_very_events(tmp_path):
    path = tmp_path / "trace.har"
    write_har(EVENTS, path, SPEC, "0.1.0")

    assert read_har(path, SPEC, Redactor(SPEC, b"another key")) == EVENTS


def test_an_archive_has_the_fields_that_readers_of_har_need():
    log = to_har(EVENTS, SPEC, "0.1.0")["log"]
    first = log["entries"][0]

    assert log["version"] == "1.2"
    assert first["startedDateTime"] == "1970-01-01T00:00:01.000+00:00"
    assert first["time"] == 500
    assert first["request"]["url"].startswith(f"https://localhost{SPEC.service.base_path}/CreatePatient?")
    assert [pair["name"] for pair in first["request"]["queryString"]][:2] == ["IntegrationId", "LastName"]
    assert first["_connectionId"] == first["connection"] != ""  # browsers take the other one for a port
    assert log["entries"][1]["response"]["statusText"] == "OK"


def test_connections_of_a_browser_are_told_apart_by_its_own_name_for_them(tmp_path):
    call = entry(f"{SERVICE}/CreatePatient?LastName=Fox") | {"connection": "5484", "_connectionId": "73"}

    assert foreign(tmp_path, call)[0].connection == "73"


def test_no_name_of_a_patient_is_in_the_archive():
    assert "Fox" not in json.dumps(to_har(EVENTS, SPEC, "0.1.0"))


def test_a_foreign_archive_is_redacted_and_ascribed_to_a_pms(tmp_path):
    event = foreign(tmp_path, entry(f"{SERVICE}/CreatePatient?LastName=Fox&IntegrationId=1"))[0]

    assert event.who == "pms"
    assert "Fox" not in event.request.target
    assert event.request.authorization.scheme == "Basic"


def test_entries_are_put_in_the_order_in_which_they_ended(tmp_path):
    slow = entry(f"{SERVICE}/GetAvailableClientList", took=900)
    quick = entry(f"{SERVICE}/GetCasesForPatient?IntegrationId=1", started="2024-05-01T10:00:00.100Z")

    assert [e.started_s for e in foreign(tmp_path, slow, quick)] == [0.1, 0.0]


def test_calls_of_other_services_are_left_out(tmp_path):
    mine, other = entry(f"{SERVICE}/GetAvailableClientList"), entry("https://example.org/style.css")

    assert len(foreign(tmp_path, other, mine)) == 1


def test_a_body_is_encoded_as_its_declaration_says(tmp_path):
    event = foreign(tmp_path, entry(f"{SERVICE}/GetAvailableClientList", text=STATIONS))[0]

    assert event.reply.flaw == ""
    assert "ArrayOfClientInfo" in event.reply.body


def test_a_body_in_base64_is_decoded(tmp_path):
    text = base64.b64encode(b"<ArrayOfClientInfo />").decode("ascii")
    event = foreign(tmp_path, entry(f"{SERVICE}/GetAvailableClientList", text=text, encoding="base64"))[0]

    assert "ArrayOfClientInfo" in event.reply.body


def test_an_entry_without_an_answer_is_a_lost_call(tmp_path):
    event = foreign(tmp_path, entry(f"{SERVICE}/GetAvailableClientList", status=0))[0]

    assert event.reply is None
    assert event.lost == "no answer in the archive"


def test_an_archive_stripped_of_credentials_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(HarError, match=r"no Authorization header.*with sensitive data"):
        foreign(tmp_path, entry(f"{SERVICE}/GetAvailableClientList", headers=[]))


def test_calls_without_credentials_that_were_turned_away_are_evidence(tmp_path):
    events = foreign(tmp_path, entry(f"{SERVICE}/GetAvailableClientList", status=401, headers=[]))

    assert not events[0].request.authorization.present


def test_an_archive_without_calls_to_the_service_is_refused(tmp_path):
    with pytest.raises(HarError, match="1 entries and none of them calls /DentalDesktop/WebService"):
        foreign(tmp_path, entry("https://example.org/"))


@pytest.mark.parametrize("content", ["", "hello", "{}", '{"log": []}', '{"log": {}}', '{"log": {"entries": [{}]}}'])
def test_what_is_no_archive_is_told(tmp_path, content):
    path = tmp_path / "x.har"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(HarError, match=r"^x\.har "):
        read_har(path, SPEC, Redactor(SPEC, b"key"))
