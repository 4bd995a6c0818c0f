"""The console in a browser, as a person uses it, while a PMS calls over HTTPS."""

from __future__ import annotations

import ssl
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

import pytest
from lxml import etree

from conformance.emulator.clock import RealClock
from conformance.emulator.embedded import Embedded
from conformance.emulator.policy import ASKS_A_PERSON, Policy
from conformance.model import Station
from tests.emulator.browser import PATIENCE_S, Chromium, browser

PROGRAM = browser()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium, Chrome or Edge was found; install one, or name it in THREEDD_BROWSER."
)
ASKING = Policy(operator=ASKS_A_PERSON, pick_up_delay_s=0, processing_delay_s=0, freedoms=frozenset())
PAUSE_S = 0.1  # of the PMS between two polls


class Pms:
    """A PMS that calls over HTTPS, trusting the emulator's authority only."""

    def __init__(self, running: Embedded) -> None:
        self._base = urlsplit(running.url)
        self._trusted = ssl.create_default_context(cafile=str(running.authority_pem))
        user = running.users[0]
        credentials = b64encode(f"{user.user}:{user.password}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {credentials}", "Accept": "application/xml"}
        self.gives_up = threading.Event()

    def call(self, method: str, **parameters: object) -> bytes:
        connection = HTTPSConnection(
            self._base.hostname or "", self._base.port, context=self._trusted, timeout=PATIENCE_S
        )
        connection.request("GET", f"{self._base.path}/{method}?{urlencode(parameters)}", headers=self._headers)
        body = connection.getresponse().read()
        connection.close()
        return body

    def codes(self, operation: object) -> list[int]:
        """Polls until the operation has ended; every status that was seen, each once."""
        seen: list[int] = []
        while not self.gives_up.wait(PAUSE_S):
            code = int(etree.fromstring(self.call("GetRequestStatusById", Id=operation)).findtext("StatusCode"))
            seen = [*seen, code] if code not in seen else seen
            if code > 0:
                break
        return seen


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(str(PROGRAM), tmp_path_factory.mktemp("browser")) as opened:
        opened.look(1280, 900)
        yield opened


@pytest.fixture
def running(spec):
    with Embedded(spec, ASKING, RealClock()) as running:
        running.console.overhear()
        yield running


@pytest.fixture
def pms(running):
    with ThreadPoolExecutor(1) as pool:
        pms = Pms(running)
        pms.later = pool.submit
        yield pms
        pms.gives_up.set()


@pytest.fixture
def person(chromium, running):
    """At the console, signed in by the printed address."""
    chromium.complaints.clear()
    chromium.open(running.console_url)
    chromium.wait("document.querySelector('h1').textContent == 'At the chair'")
    yield chromium
    chromium.send("Page.navigate", url="about:blank")  # or it would go on asking an emulator that has ended


@pytest.fixture
def unmapped(running):
    found = [p for p in running.emulator.state.patients.values() if not p.integration_id]
    return [patient for patient in found if patient.full_name == "John Smith"]


def merge(pms, station, **others):
    operation = uuid4()
    name = {"FirstName": "John", "LastName": "Smith", "DateOfBirth": "2001-02-03"}
    usual = {"IntegrationId": "browser-1", "MergePatient": "True"}
    pms.call("CreatePatient", RequestId=operation, ClientId=station, **name | usual | others)
    return operation


def test_a_person_maps_a_patient_while_the_pms_polls(person, pms, running, station, unmapped):
    operation = merge(pms, station)
    polled = pms.later(pms.codes, operation)

    person.wait("document.querySelector('.window h3')?.textContent == 'Merge patients'")  # without loading the page
    assert person.value("document.title").startswith("(1) ")
    person.click(f"input[name=patient][value='{unmapped[1].key}']")
    person.click("button[value=existing]")
    person.wait("document.querySelector('.window h3')?.textContent == 'Patient information update'")
    person.click("button[value=apply]")
    person.wait("document.querySelector('#no-windows')")

    assert polled.result(PATIENCE_S) == [0, 4]
    mapped = running.emulator.state.patient("browser-1")
    assert (mapped.key, mapped.full_name) == (unmapped[1].key, "John Smith")
    assert person.complaints == []


def test_it_works_by_the_keyboard(person, pms, station):
    operation = merge(pms, station, MergePatient="False")
    polled = pms.later(pms.codes, operation)

    person.wait("document.querySelector('button[value=save]')")
    person.value("document.querySelector('button[value=save]').focus()")
    person.press("Enter")

    assert polled.result(PATIENCE_S) == [0, 4]


def test_what_somebody_chose_stays_chosen_while_other_dialogs_come(person, pms, station, unmapped, seed):
    other = next(s.id for s in seed.state.stations.values() if s.connected and s.id != station)
    merge(pms, station)
    person.wait("document.querySelectorAll('.window').length == 1")
    person.click(f"input[name=patient][value='{unmapped[1].key}']")
    merge(pms, other, IntegrationId="browser-2", MergePatient="False")
    person.wait("document.querySelectorAll('.window').length == 2")

    assert person.value("document.querySelector('input[name=patient]:checked').value") == str(unmapped[1].key)
    assert person.value("document.activeElement.name") == "patient"


def test_the_focus_stays_where_it_was_when_a_part_is_made_anew(person, running, station):
    person.value(f"document.getElementById('h-{station}').focus()")
    running.emulator.hold(station)
    person.wait(f"document.getElementById('h-{station}').textContent.startsWith('Release')")

    assert person.value("document.activeElement.id") == f"h-{station}"


def test_what_somebody_types_is_not_taken_away(person, running, station):
    person.click(f"#more-{station} summary")
    person.click(f"#o-{station}")
    person.write(" and sons")
    running.emulator.hold()
    person.wait("[...document.querySelectorAll('.desk')].some(e => e.textContent.includes('holds'))")

    assert person.value(f"document.getElementById('o-{station}').value.includes(' and sons')")


def test_a_screen_reader_is_told_of_a_new_dialog(person, pms, station):
    merge(pms, station)

    person.wait("document.getElementById('news').textContent.includes('Merge patients')")


def test_what_has_not_changed_is_left_alone(person, running):
    person.value("document.querySelectorAll('.desk').forEach(each => { each.mark = true; })")
    running.emulator.set_station(Station(UUID(int=7), "COMES-LATER", connected=True))
    person.wait("document.querySelector('#stations').textContent.includes('COMES-LATER')")

    assert person.value("[...document.querySelectorAll('.desk')].filter(each => !each.mark).length") == 1


def test_it_is_told_when_the_emulator_is_gone(person, spec):
    with Embedded(spec, ASKING, RealClock()) as other:
        person.open(other.console_url)
        person.wait("document.querySelector('.desk')")
    person.wait("document.querySelector('#gone')")


@pytest.mark.parametrize("page", ["", "traffic", "patients", "patients/1", "faults", "readings"])
def test_a_narrow_screen_shows_every_page_whole(person, running, pms, station, page):
    merge(pms, station)
    person.look(390, 800)
    person.open(f"{running.control_url}/console/{page}".rstrip("/"))
    width = person.value("document.documentElement.scrollWidth")
    person.look(1280, 900)

    assert width <= 390
    assert person.complaints == []


def test_faults_are_found_while_typing(person, running):
    person.open(f"{running.control_url}/console/faults")
    person.click("#q")
    person.write("forgets-one-earlier")
    person.wait("document.getElementById('shown').textContent == '1 shown.'")
    person.click("button[value=forgets-one-earlier]")
    person.wait("document.querySelector('.said')?.textContent == 'forgets-one-earlier is on.'")

    assert [fault.name for fault in running.emulator.faults] == ["forgets-one-earlier"]
