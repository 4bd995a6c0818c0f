"""The operator's console without a browser: every page and form as plain HTML, and who is kept out."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from lxml import html

from conformance.emulator.clock import SteppedClock
from conformance.emulator.console import Console, Remark, Ring
from conformance.emulator.console.actions import ACTIONS
from conformance.emulator.policy import ASKS_A_PERSON, Policy
from conformance.emulator.protocol import Request, Response
from conformance.emulator.server import Emulator
from conformance.model import Button, Dialog
from conformance.trace import NoteKind

TOKEN = "a-token-of-the-test"
HOST = "127.0.0.1:7001"
ASKING = Policy(operator=ASKS_A_PERSON, pick_up_delay_s=0, processing_delay_s=0, freedoms=frozenset())
PAGES = ("", "/traffic", "/patients", "/patients/1", "/faults", "/readings")
HOSTILE = "<script>alert('x')</script>\"'&"


@dataclass
class Person:
    """Somebody with a browser that runs no script."""

    console: Console
    cookies: dict[str, str] = field(default_factory=dict)
    ring: Ring | None = None
    """What the console overhears."""

    def ask(self, verb: str, target: str, body: str = "", **headers: str) -> Response:
        sent = {"host": HOST, "cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())} | headers
        return self.console.handle(Request(verb, target, tuple(sent.items()), body.encode(), 1, "127.0.0.1:9", 0.0))

    def sign_in(self) -> Response:
        answer = self.ask("GET", f"/console?token={TOKEN}")
        name, _, value = dict(answer.headers)["Set-Cookie"].partition(";")[0].partition("=")
        self.cookies[name] = value
        return answer

    def page(self, address: str = "") -> html.HtmlElement:
        answer = self.ask("GET", f"/console{address}")
        assert answer.http_status == 200, answer
        return html.document_fromstring(answer.body.decode("utf-8"))

    def press(self, button: str, page: str = "", **filled: str) -> str:
        """Presses the button that says so, in the first form that has it; what the next page says was done."""
        form, pressed = next(
            (form, each)
            for form in self.page(page).forms
            for each in form.iter("button")
            if " ".join(each.text_content().split()).startswith(button)
        )
        fields = {**dict(form.form_values()), **filled}
        if pressed.get("name"):
            fields[pressed.get("name")] = pressed.get("value")
        return self.follow(self.ask("POST", pressed.get("formaction") or form.action, urlencode(fields)))

    def post(self, action: str, **fields: str) -> str:
        """What is said after a form that no page shows."""
        return self.follow(self.ask("POST", f"/console/{action}", urlencode({"secret": self.secret, **fields})))

    def follow(self, answer: Response) -> str:
        assert answer.http_status == 303, answer
        page = self.page(dict(answer.headers)["Location"].removeprefix("/console").partition("#")[0])
        return " ".join(each.text_content() for each in page.find_class("said"))

    @property
    def secret(self) -> str:
        return str(self.page().xpath("string(//input[@name='secret']/@value)"))


@pytest.fixture
def emulator(spec, seed):
    return Emulator(spec, ASKING, SteppedClock(), seed.users, seed.state)


@pytest.fixture
def person(emulator):
    """Signed in; the traffic is overheard."""
    console = Console(emulator, TOKEN, "https://localhost:1/here")
    signed_in = Person(console)
    signed_in.ring = console.overhear()
    signed_in.sign_in()
    return signed_in


@pytest.fixture
def pms(emulator, spec, seed):
    from tests.emulator.conftest import Practice

    return Practice(emulator, spec, seed)


@pytest.fixture
def unmapped(emulator):
    """Two patients of one name, whom the merge dialog suggests."""
    found = [p for p in emulator.state.patients.values() if not p.integration_id and p.full_name == "John Smith"]
    return found[:2]


def merging(pms, station, **others):
    operation = uuid4()
    pms.start(
        "create_patient",
        operation,
        station,
        **{"first_name": "John", "last_name": "Smith", "integration_id": "mapped-1", "merge": "True"} | others,
    )
    pms.status(operation)
    return operation


# -- who is let in ------------------------------------------------------------------------------------------------


def test_the_printed_address_signs_in_once_and_hides_the_token(person):
    answer = person.sign_in()
    cookie = dict(answer.headers)["Set-Cookie"]

    assert (answer.http_status, dict(answer.headers)["Location"]) == (303, "/console")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie


@pytest.mark.parametrize("address", [*PAGES, "/fragment/dialogs", "/fragment/traffic"])
def test_nobody_else_sees_a_page(person, address):
    stranger = Person(person.console)

    assert stranger.ask("GET", f"/console{address}").http_status == 401


def test_a_wrong_token_lets_nobody_in(person):
    answer = Person(person.console).ask("POST", "/console/sign-in", "token=guessed")

    assert answer.http_status == 401
    assert "not the token" in answer.body.decode()


def test_the_token_can_be_pasted(person):
    assert Person(person.console).ask("POST", "/console/sign-in", f"token={TOKEN}").http_status == 303


@pytest.mark.parametrize("host", ["evil.example:7001", "127.0.0.1.evil.example", "", "[::2]:7001"])
def test_a_foreign_name_for_this_machine_gets_nothing(person, host):
    assert person.ask("GET", "/console", host=host).http_status == 403


@pytest.mark.parametrize("host", ["localhost:7001", "127.0.0.1:7001", "[::1]:7001"])
def test_every_name_of_loopback_is_served(person, host):
    assert Person(person.console).ask("GET", f"/console?token={TOKEN}", host=host).http_status == 303


@pytest.mark.parametrize("action", ACTIONS)
def test_a_form_without_its_secret_does_nothing(person, action):
    assert person.ask("POST", f"/console/{action}", "secret=wrong").http_status == 403


def test_a_form_of_another_site_does_nothing(person):
    body = urlencode({"secret": person.secret, "mode": "themselves"})

    assert person.ask("POST", "/console/mode", body, origin="http://evil.example").http_status == 403
    assert person.ask("POST", "/console/mode", body, origin="null").http_status == 403
    assert person.ask("POST", "/console/mode", body, origin=f"http://{HOST}").http_status == 303


@pytest.mark.parametrize("address", ["", "/static/console.css", "/nowhere"])
def test_every_answer_is_guarded(person, address):
    headers = dict(person.ask("GET", f"/console{address}").headers)

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_other_addresses_are_left_to_the_control_port(person):
    handle = person.console.before(lambda request: Response(418))

    assert handle(Request("GET", "/state", (("host", HOST),), b"", 1, "", 0.0)).http_status == 418
    assert handle(Request("GET", "/", (("host", HOST),), b"", 1, "", 0.0)).http_status == 401


def test_a_form_leads_back_into_the_console_only(person):
    answer = person.ask("POST", "/console/mode", urlencode({"secret": person.secret, "mode": "x", "back": "//evil"}))

    assert dict(answer.headers)["Location"] == "/console"


# -- the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_that_it_is_no_3dd(person, address):
    text = person.page(address).text_content()

    assert "No 3DD, not for clinical use" in text
    assert "made up" in text


@pytest.mark.parametrize("address", PAGES)
def test_every_page_can_be_read_by_a_screen_reader(person, pms, station, address):
    merging(pms, station)
    page = person.page(address)
    ids = page.xpath("//@id")
    labelled = set(page.xpath("//label/@for"))
    fields = page.xpath("//input[not(@type='hidden')] | //select | //textarea")

    assert page.get("lang") == "en"
    assert page.findtext(".//title")
    assert len(page.xpath("//h1")) == 1
    assert len(page.xpath("//main")) == 1
    assert [each.get("id") for each in fields if each.get("id") not in labelled] == []
    assert sorted(set(ids)) == sorted(ids)
    assert [each for each in page.iter("button") if not each.text_content().strip()] == []
    assert [each for each in page.iter("img") if each.get("alt") is None] == []
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)
    assert page.xpath("//*[@aria-live='polite']")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_of_its_own(person, address):
    page = person.page(address)
    loaded = [*page.xpath("//script/@src"), *page.xpath("//link/@href"), *page.xpath("//img/@src")]

    assert [each for each in loaded if not each.startswith("/console/static/")] == []
    assert page.xpath("//style | //*[@style] | //*[@onclick] | //script[not(@src)]") == []


@pytest.mark.parametrize("name", ["console.css", "console.js", "icon.svg"])
def test_its_files_come_with_it(person, name):
    assert person.ask("GET", f"/console/static/{name}").http_status == 200


@pytest.mark.parametrize(
    "address", ["/nowhere", "/static/gate.py", "/static/../gate.py", "/patients/x", "/patients/9999"]
)
def test_what_is_not_there_is_told(person, address):
    assert person.ask("GET", f"/console{address}").http_status == 404


@pytest.mark.parametrize("name", ["dialogs", "stations", "operations", "traffic"])
def test_the_script_gets_the_part_that_it_asks_for(person, name):
    assert person.page(f"/fragment/{name}").xpath(f"count(//*[@data-fragment='{name}'])") == 1


def test_hostile_names_are_shown_and_not_run(person, pms, station):
    merging(pms, station, first_name=HOSTILE, integration_id=HOSTILE, merge="False")
    pms.ask("get_status", operation=HOSTILE)
    person.post("new-station", hostname=HOSTILE, operator_name=HOSTILE)
    person.post("save-patient", key="0", last_name=HOSTILE, first_name=HOSTILE)

    for address in ("", "/traffic", f"/patients?{urlencode({'q': HOSTILE})}", f"/faults?{urlencode({'q': HOSTILE})}"):
        page = person.page(address)
        assert page.xpath("//script[not(@src)]") == [], address
        assert HOSTILE in page.text_content() + "".join(page.xpath("//@value")), address


# -- the dialogs --------------------------------------------------------------------------------------------------


def test_the_new_patient_dialog_shows_what_was_sent_and_saves_it(person, pms, station, emulator):
    operation = merging(pms, station, last_name="Nobody", merge="False", patient_id="77")
    shown = person.page().find_class("window")[0]

    assert shown.xpath("string(.//h3)") == "New patient"
    assert {"77", "John", "Nobody"} <= set(shown.xpath(".//input[@readonly]/@value"))
    assert person.press("Save patient") == "Pressed: Save patient."
    assert pms.status(operation) == "processed"
    assert emulator.state.patient("mapped-1").last_name == "Nobody"


def test_the_merge_dialog_maps_the_very_patient_who_was_chosen(person, pms, station, emulator, unmapped):
    operation = merging(pms, station)

    person.press("Use the chosen patient", patient=str(unmapped[1].key))
    assert "Patient information update" in person.page().text_content()
    person.press("Keep old data")

    assert pms.status(operation) == "processed"
    assert emulator.state.patient("mapped-1").key == unmapped[1].key
    assert emulator.state.patient("mapped-1").birth_date == unmapped[1].birth_date


def test_the_synchronisation_tells_old_from_new(person, pms, station, unmapped):
    merging(pms, station, birth_date="2001-02-03")
    person.press("Use the chosen patient", patient=str(unmapped[1].key))
    differing = person.page().xpath("//tr[@class='differs']")

    assert "2001-02-03" in "".join(row.text_content() for row in differing)


@pytest.mark.parametrize(
    ("button", "status"),
    [("Cancel", "rejected_by_operator"), ("Create a new patient", "processed")],
)
def test_the_merge_dialog_ends_otherwise(person, pms, station, button, status):
    operation = merging(pms, station)
    person.press(button)

    assert pms.status(operation) == status


@pytest.mark.parametrize(
    ("button", "status"),
    [
        ("The page does not open", "navigation_failed"),
        ("3DD fails with an exception", "exception"),
        ("3DD fails without a word", "internal_error"),
    ],
)
def test_something_else_happens_behind_an_open_dialog(person, pms, station, button, status):
    operation = merging(pms, station)
    person.press(button)

    assert pms.status(operation) == status


def test_a_station_that_falls_silent_is_given_up_after_a_while(person, pms, station):
    operation = merging(pms, station)
    person.press("The station falls silent")
    person.post("clock", seconds="60")

    assert pms.status(operation) == "station_silent"


def test_a_dialog_that_is_closed_meanwhile_cannot_be_answered(person, pms, station, emulator):
    merging(pms, station)
    serial = str(emulator.state.last_serial)
    person.press("Cancel")

    assert "no dialog" in person.post("answer", serial=serial, dialog="merge", button="new")


def test_pages_wait_for_the_person_too_when_asked(person, pms, station):
    person.press("Pages wait for me, too")
    operation = merging(pms, station)

    assert person.page().xpath("string(//article//h3)") == "Open a page"
    assert person.press("Open the page") == "Pressed: Open the page."
    assert pms.status(operation) == "accepted"


def test_dialogs_answer_themselves_when_asked_to(person, pms, station):
    operation = merging(pms, station)
    person.press("They answer themselves")

    assert pms.status(operation) == "processed"


def test_conduct_that_a_reading_decides_is_marked(person, pms, station):
    merging(pms, station)

    assert person.page().find_class("window")[0].find_class("guessed")


@pytest.mark.parametrize("dialog", Dialog)
def test_every_dialog_has_a_title_and_every_button_a_label(dialog):
    from conformance.emulator.console.chair import LABELS, TITLES

    assert dialog in TITLES
    assert set(Button) == set(LABELS)


# -- stations and operations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"connected": "no"}, "connected", False),
        ({"busy": "yes"}, "busy", True),
        ({"operator_name": "Dr. Who"}, "operator_name", "Dr. Who"),
        ({"operator_name": ""}, "operator_name", ""),
    ],
)
def test_a_station_is_changed(person, station, emulator, fields, attribute, value):
    person.post("station", station=str(station), **fields)

    assert getattr(emulator.state.stations[station], attribute) == value


def test_a_station_is_added(person, emulator):
    person.press("Add", hostname="NEW-ROOM")

    assert "NEW-ROOM" in [each.hostname for each in emulator.state.stations.values()]


def test_a_held_station_takes_nothing_until_it_is_released(person, pms, station):
    person.post("hold", station=str(station), hold="yes")
    operation = merging(pms, station)
    assert pms.status(operation) == "awaiting"
    assert "1 in the pool" in person.page().text_content()
    person.post("hold", station=str(station), hold="no")

    assert pms.status(operation) == "accepted"


def test_all_stations_are_held_and_released(person, pms, station):
    person.press("Hold all stations")
    operation = merging(pms, station)
    assert pms.status(operation) == "awaiting"
    person.press("Release all stations")

    assert pms.status(operation) == "accepted"


def test_one_station_is_released_of_all_that_are_held(person, pms, station, emulator):
    person.press("Hold all stations")
    operation = merging(pms, station)
    person.post("hold", station=str(station), hold="no")

    assert pms.status(operation) == "accepted"
    assert [s for s in emulator.state.stations if not emulator.stations.is_held(s)] == [station]


def test_a_mishap_is_arranged_for_the_next_operation(person, pms, station):
    person.post("mishap", station=str(station), button="exception")
    operation = merging(pms, station)

    assert pms.status(operation) == "exception"


def test_operations_are_shown_with_their_status(person, pms, station):
    operation = merging(pms, station)
    line = person.page().find_class("lines")[0][0].text_content()

    assert str(operation) in line
    assert "at the station" in line


def test_all_begins_anew(person, pms, station, emulator):
    merging(pms, station)
    person.press("Start all over")

    assert not emulator.state.operations


# -- patients and cases -------------------------------------------------------------------------------------------


def test_a_patient_is_added_changed_and_deleted(person, emulator):
    person.press("Add", "/patients", last_name="Novak", first_name="Eva", birth_date="1990-05-06", integration_id="n-1")
    added = emulator.state.patient("n-1")
    assert (added.full_name, added.birth_date is None) == ("Eva Novak", False)
    person.press("Save", f"/patients/{added.key}", last_name="Nováková")
    assert emulator.state.patient("n-1").last_name == "Nováková"
    person.press("Delete patient", f"/patients/{added.key}")

    assert emulator.state.patient("n-1") is None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"last_name": " "}, "last name is empty"),
        ({"last_name": "A", "birth_date": "31.12.1999"}, "expected a date"),
        ({"last_name": "A", "integration_id": "SEED-1001"}, "integration id"),
        ({"last_name": "A", "key": "4711"}, "not there any more"),
        ({"last_name": "A" * 300}, "at most"),
    ],
)
def test_a_patient_who_cannot_be_is_refused(person, emulator, fields, problem):
    before = len(emulator.state.patients)

    assert problem in person.post("save-patient", **{"key": "0", **fields})
    assert len(emulator.state.patients) == before


def test_patients_are_found_by_words(person):
    assert "Anna Lindqvist" in person.page("/patients?q=lind+ANNA").text_content()
    assert "Nobody was found" in person.page("/patients?q=lind+nobody").text_content()


def test_a_case_is_added_changed_and_deleted(person, emulator):
    patient = emulator.state.patient("SEED-1001")
    before = list(emulator.state.cases_of(patient))
    person.post("save-case", key=str(patient.key), state="scanned", lab="My lab", delivery="2030-01-02")
    added = list(emulator.state.cases_of(patient))[-1]
    assert (added.lab, added.state) == ("My lab", "scanned")
    person.post("save-case", key=str(patient.key), case=str(added.id), state="modelled", lab="My lab")
    assert emulator.state.cases[added.id].state == "modelled"
    person.post("delete-case", case=str(added.id))

    assert list(emulator.state.cases_of(patient)) == before


def test_saving_a_case_as_it_is_changes_nothing(person, emulator):
    patient = emulator.state.patient("SEED-1001")
    before = next(emulator.state.cases_of(patient))
    person.press("Save case", f"/patients/{patient.key}")

    assert emulator.state.cases[before.id] == before


# -- faults and readings ------------------------------------------------------------------------------------------


def test_a_fault_is_switched_on_and_off(person, emulator):
    assert person.post("fault", fault="forgets-one-earlier") == "forgets-one-earlier is on."
    assert [fault.name for fault in emulator.faults] == ["forgets-one-earlier"]
    assert "forgets-one-earlier" in person.page().text_content()
    assert person.press("Switch all off", "/faults") == "All faults are off."
    assert emulator.faults == ()


def test_faults_are_found_by_words(person):
    assert len(person.page("/faults?q=forgets-one-earlier").xpath("//*[@data-text]")) == 1


def test_a_reading_is_taken_while_it_runs(person, emulator, pms):
    said = person.post("readings", **{"take-XML-BOM": "present"})

    assert said == "XML-BOM is present now."
    assert emulator.readings["XML-BOM"] == "present"
    assert pms.ask("list_stations").body.startswith(b"\xef\xbb\xbf")


def test_taking_the_readings_as_they_are_changes_nothing(person):
    assert person.press("Take these readings", "/readings") == "All readings stay as they were."


@pytest.mark.parametrize("fields", [{"take-XML-BOM": "perhaps"}, {"take-NO-SUCH": "x"}])
def test_what_cannot_be_taken_is_told(person, fields):
    assert person.post("readings", **fields).startswith("Nothing was changed")


# -- the traffic --------------------------------------------------------------------------------------------------


def test_calls_are_shown_with_their_parameters_answers_and_remarks(emulator, pms, station):
    console = Console(emulator, TOKEN)
    console.overhear(lambda ring: lambda number: [Remark("PMS-1", "fail", "this", "that")])
    person = Person(console)
    person.sign_in()
    operation = merging(pms, station)
    row = person.page("/traffic").find_class("call")[0].text_content()

    assert str(operation) in row
    assert "GetRequestStatusById" in row
    assert "PMS-1: broken" in row
    assert "Expected: this" in row


def test_passwords_are_not_shown(person, pms, seed):
    pms.ask("list_stations")
    page = person.ask("GET", "/console/traffic").body.decode()

    assert seed.users[0].user in page
    assert seed.users[0].password not in page


def test_what_a_person_pressed_is_shown_among_the_calls(person, pms, station):
    merging(pms, station)
    person.press("Cancel")

    assert "Merge patients" in person.page("/traffic").find_class("press")[0].text_content()


def test_with_new_data_all_that_was_is_forgotten(person, pms, emulator):
    pms.ask("list_stations")
    emulator.reset()

    assert not person.page("/traffic").find_class("call")


def test_a_change_by_hand_is_told_to_whoever_judges(person):
    person.post("save-patient", key="0", last_name="Novak")

    assert [heard.what.kind for heard in person.ring.newest()] == [NoteKind.FOREIGN]


def test_old_traffic_is_forgotten(person, pms):
    person.ring.kept = 3
    for _ in range(5):
        pms.ask("list_stations")

    assert [heard.number for heard in person.ring.newest()] == [5, 4, 3]


def test_large_answers_make_older_ones_go(person, pms):
    person.ring.kept_bytes = 1
    pms.ask("list_stations")
    pms.ask("list_stations")

    assert len(list(person.ring.newest())) == 1
