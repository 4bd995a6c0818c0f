"""One patient over all three interfaces: sent by command line, images fetched by VDDS media and by REST."""

import itertools
import ssl
import urllib.request
from pathlib import Path

import pytest

from conformance.command import dental_desktop_cmd, vdds_bvs
from conformance.drive.handover import Patience, Pvs, objects_in, requests
from conformance.emulator.case_sets import case_set
from conformance.emulator.embedded import Embedded
from conformance.judge import Monitor
from conformance.model.changes import AddCase
from conformance.spec import load
from conformance.trace import Recorder, Redactor
from conformance.trace.handed_files import paths_in
from conformance.wire import Document, decode, encode_basic, encode_query
from conformance.wire.vdds_ini import parse_ini

SPEC = load()
PERSON = "MINI-17"


class Ran:
    def end(self):
        """It has ended."""


class Pms:
    """A miniature PMS with one patient."""

    def __init__(self, running, folder):
        self.running = running
        self.folder = folder
        (folder / "exchange").mkdir()
        copies = {vdds_bvs.COPIES: str(folder / "copies")}
        self.environment = {"THREEDD_CONTROL": running.control_url, "THREEDD_TOKEN": running.token, **copies}
        self.monitor = Monitor(SPEC)
        recorder = Recorder(SPEC, Redactor(SPEC, b"key"), [self.monitor.feed])
        ticks = itertools.count()
        self.pvs = Pvs(SPEC, recorder, folder / "exchange", self.start, lambda: float(next(ticks)), print, Patience())
        self.ask = requests(SPEC.vdds, "A_PVS", SPEC.vdds.entry_section)

    def start(self, role, path):
        assert vdds_bvs.run(["threedd-vdds-bvs", str(path)], self.environment) == 0
        return Ran()

    def send(self):
        facts = SPEC.command_line
        given = {"integration_id": PERSON, "last_name": "van Fox", "first_name": "Änne", "birth_date": "19840229"}
        arguments = [f"{facts.spelt(role)}{facts.separator}{value}" for role, value in given.items()]
        assert dental_desktop_cmd.run([facts.executable, *arguments], self.environment) == 0

    def described(self):
        """Object id -> comment, by VDDS media."""
        content = self.pvs.call(self.ask.information(PERSON)).content
        ini, keys = parse_ini(content), SPEC.vdds.objects.keys
        numbers = range(1, 1 + len(objects_in(content, SPEC.vdds)))
        sections = [f"{SPEC.vdds.objects.prefix}{number}" for number in numbers]
        return {ini.get(each, keys.name("object")): ini.get(each, keys.name("comment")) for each in sections}

    def copies(self, objects):
        """Object id -> bytes, by VDDS media."""
        content = self.pvs.call(self.ask.copies(objects)).content
        return dict(zip(objects, (Path(path).read_bytes() for path in paths_in(content, SPEC)), strict=True))

    def rest(self, role, **parameters):
        method = SPEC.method[role]
        query = encode_query((method.by_role[name].name, text) for name, text in parameters.items())
        user = self.running.users[0]
        headers = {"Authorization": encode_basic(user.user, user.password), "Accept": "application/xml"}
        trust = ssl.create_default_context(cafile=str(self.running.authority_pem))
        request = urllib.request.Request(f"{self.running.url}/{method.name}?{query}", headers=headers)
        with urllib.request.urlopen(request, context=trust) as reply:
            document = decode(reply.read(), method.answer, SPEC, reply.headers["Content-Type"])
        assert isinstance(document, Document)
        return document


@pytest.fixture
def practice(tmp_path):
    with Embedded(SPEC) as running:
        yield Pms(running, tmp_path)


def photographed(running):
    """Somebody takes images of the patient at the 3DD."""
    emulator = running.emulator
    patient = emulator.state.patient(PERSON)
    emulator.change(*map(AddCase, case_set("one-image", patient, emulator.clock.ticks(), SPEC)))


def test_contents_agree_over_all_interfaces(practice):
    practice.send()
    photographed(practice.running)
    described = practice.described()
    by_vdds = practice.copies(list(described))
    cases = practice.rest("find_cases", integration_id=PERSON).records
    images = {(case.guid("case"), image.guid("image")): image for case in cases for image in case.records("images")}
    by_rest = {
        str(image): practice.rest("fetch_image", case=str(case), image=str(image)).value for case, image in images
    }

    assert by_vdds == by_rest
    assert described == {str(image): record.text("name") for (_, image), record in images.items()}
    assert [case.text("patient_name") for case in cases] == ["Änne van Fox"]
    assert by_vdds
    assert {row.id for row in practice.monitor.finish().rows if row.counts.failed} == set()


def test_the_patient_is_one_and_the_same(practice):
    practice.send()
    practice.pvs.call(practice.ask.patient({"person": PERSON, "last_name": "Roe", "first_name": "Änne"}))

    patients = practice.running.emulator.state.patients.values()
    assert [each.last_name for each in patients if each.integration_id == PERSON] == ["Roe"]


@pytest.mark.parametrize("arguments", [[], ["no-such-file.tmp"], [""]])
def test_a_call_without_a_file_is_refused(practice, arguments, capsys):
    assert vdds_bvs.run(["threedd-vdds-bvs", *arguments], practice.environment) == 3
    assert "give the path of a transfer file" in capsys.readouterr().err


def test_a_path_that_came_apart_at_its_blanks_is_put_together(practice, tmp_path):
    path = tmp_path / "a b.tmp"
    path.write_bytes(practice.ask.information("nobody"))

    assert vdds_bvs.run(["threedd-vdds-bvs", *str(path).split(" ")], practice.environment) == 0
    assert b"READY=1" in path.read_bytes()


def test_a_link_is_no_transfer_file(practice, tmp_path, capsys):
    (tmp_path / "mine.ini").write_bytes(practice.ask.information("nobody"))
    before = (tmp_path / "mine.ini").read_bytes()
    try:
        (tmp_path / "link.tmp").symlink_to(tmp_path / "mine.ini")
    except OSError:
        pytest.skip("this system lets nobody make links")

    assert vdds_bvs.run(["threedd-vdds-bvs", str(tmp_path / "link.tmp")], practice.environment) == 3
    assert (tmp_path / "mine.ini").read_bytes() == before
