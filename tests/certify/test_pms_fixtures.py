"""The right miniatures: every step, every kind of weather, and nobody else's certificate."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.certify.driver import DriverPms, DriverTerms
from conformance.certify.pms import Server, Step, Task
from conformance.certify.trial import Trial
from conformance.emulator.embedded import Embedded
from conformance.emulator.tls import TlsSettings
from conformance.spec import load
from conformance.trace import Recorded, Recorder, Redactor

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pms"
LANGUAGES = ["python", "javascript", "csharp"]
NEEDED = {"python": (), "javascript": ("node",), "csharp": ("mcs", "mono")}
GOOD = TlsSettings()
NEW = {"key": "1", "last_name": "Weather", "first_name": "Wanda"}
LIST = Task("list_stations")
CREATE = Task("create_patient", NEW, "server")
UPDATE = Task("update_patient", {"key": "1"}, "server")


@pytest.fixture(scope="session")
def spec():
    return load()


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """``commands(language)`` -> how its miniature is started; skips where the language is not installed."""
    folder = tmp_path_factory.mktemp("csharp")

    def command(language):
        missing = [program for program in NEEDED[language] if shutil.which(program) is None]
        if missing:
            pytest.skip(f"{missing[0]} is not installed")
        return {"python": in_python, "javascript": in_javascript, "csharp": in_csharp}[language]()

    def in_python():
        return [sys.executable, str(FIXTURES / "python" / "right.py")]

    def in_javascript():
        return ["node", str(FIXTURES / "javascript" / "right.mjs")]

    def in_csharp():
        program = folder / "right.exe"
        if not program.exists():
            sources = sorted(map(str, (FIXTURES / "csharp").glob("*.cs")))
            libraries = ["-r:System.Core.dll", "-r:System.Xml.dll"]
            subprocess.run(["mcs", *libraries, f"-out:{program}", *sources], check=True)
        return ["mono", str(program)]

    return command


class Clinic:
    """An emulator, a PMS that knows it, and what was recorded between them."""

    def __init__(self, pms, running, events):
        self.pms, self.running, self.events = pms, running, events

    def server(self, **changes):
        user, running = self.running.users[0], self.running
        known = {"url": running.url, "ca_file": str(running.authority_pem), "thumbprint": running.thumbprint}
        return Server(user=user.user, password=user.password, **{**known, **changes})

    def calls(self):
        """Role and HTTP status (None for none) of what was called since the last time."""
        seen = [event for event in self.events if isinstance(event, Recorded)]
        self.events.clear()
        named = [(each.request.target.partition("?")[0].rpartition("/")[2], each.reply) for each in seen]
        roles = self.running.spec.method_by_folded_name
        return [(roles[name.casefold()].role, reply.http_status if reply else None) for name, reply in named]


@pytest.fixture
def clinic(spec, tmp_path, commands):
    """``clinic(language, tls)`` -> a clinic whose PMS has begun."""
    with contextlib.ExitStack() as stack:

        def opened(language, tls=GOOD):
            events = []
            recorder = Recorder(spec, Redactor(spec, b"key"), [events.append])
            running = stack.enter_context(Embedded(spec, recorder=recorder, tls=tls))
            made = Clinic(DriverPms(commands(language), print, DriverTerms(poll_s=0.002)), running, events)
            stack.callback(made.pms.end)
            made.pms.begin(made.server(), tmp_path, resumed=False)
            events.clear()
            return made

        yield opened


@pytest.fixture(scope="session")
def everyday(spec, tmp_path_factory, commands):
    """``everyday(language)`` -> a clinic that is opened once and stays open, for what leaves no traces."""
    with contextlib.ExitStack() as stack:
        clinics = {}

        def opened(language):
            if language not in clinics:
                clinics[language] = open_up(language)
            clinics[language].events.clear()
            return clinics[language]

        def open_up(language):
            events = []
            recorder = Recorder(spec, Redactor(spec, b"key"), [events.append])
            running = stack.enter_context(Embedded(spec, recorder=recorder))
            made = Clinic(DriverPms(commands(language), print, DriverTerms(poll_s=0.002)), running, events)
            stack.callback(made.pms.end)
            made.pms.begin(made.server(), tmp_path_factory.mktemp(language), resumed=False)
            return made

        yield opened


OTHER_INTERFACES = {Step.SEND_BY_COMMAND_LINE, Step.SEND_BY_VDDS, Step.IMAGE_INFO_BY_VDDS, Step.IMAGES_BY_VDDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_is_done(spec, tmp_path, commands, language):
    events = []
    recorder = Recorder(spec, Redactor(spec, b"key"), [events.append])
    pms = DriverPms(commands(language), print, DriverTerms(poll_s=0.002))
    with Embedded(spec, recorder=recorder) as running, contextlib.closing(contextlib.ExitStack()) as stack:
        stack.callback(pms.end)
        found = list(Trial(pms, running, events, lambda answer: ()).steps(tmp_path))
    assert [each for each in found if each.mistakes] == []
    assert {each.step for each in found} == {"hello", *Step} - OTHER_INTERFACES
    assert {each.answer for each in found} == {"ready", "done", "started"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "tls",
    [
        pytest.param(TlsSettings(expired=True), id="expired"),
        pytest.param(TlsSettings(wrong_host=True), id="wrong-host"),
        pytest.param(TlsSettings(announced="ab" * 20), id="another-thumbprint"),
        pytest.param(TlsSettings(plain=True), id="plain-http"),
    ],
)
def test_nothing_is_sent_to_a_server_that_cannot_be_verified(clinic, language, tls):
    open_today = clinic(language, tls)
    reply = open_today.pms.take(LIST)
    assert (reply.answer, reply.message != "") == ("failed", True)
    assert open_today.calls() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_sent_to_the_server_of_another_authority(clinic, language, spec, tmp_path):
    open_today = clinic(language)
    with Embedded(spec, certificates=tmp_path / "other") as other:
        open_today.pms.configure(open_today.server(ca_file=str(other.authority_pem), thumbprint=other.thumbprint))
        assert open_today.pms.take(LIST).answer == "failed"
    assert open_today.calls() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_authority_need_not_be_presented(clinic, language):
    assert clinic(language, TlsSettings(present_authority=False)).pms.take(LIST).answer == "done"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_that_got_lost_is_looked_up_and_not_repeated(clinic, language):
    open_today = clinic(language)
    open_today.running.emulator.disturb("reset-after", method="create_patient")
    assert open_today.pms.take(CREATE).answer == "done"
    called = [role for role, _ in open_today.calls()]
    assert called.count("create_patient") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_that_never_arrived_is_told_and_looked_up_before_the_next(clinic, language):
    open_today = clinic(language)
    open_today.running.emulator.disturb("reset-before", method="create_patient")
    assert open_today.pms.take(CREATE).answer == "failed"
    assert open_today.pms.take(CREATE).answer == "done"
    changing = [role for role, _ in open_today.calls() if role != "get_status"]
    assert changing == ["create_patient", "update_patient", "create_patient"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "what",
    [
        *("malformed-xml", "html-instead", "empty-body", "entity-bomb", "external-entity"),
        *("redirect-elsewhere", "redirect-in-clear"),
    ],
)
def test_an_answer_that_makes_no_sense_is_told_to_the_user(everyday, language, what):
    open_today = everyday(language)
    open_today.running.emulator.disturb(what, method="list_stations")
    reply = open_today.pms.take(LIST)
    assert (reply.answer, reply.message != "", len(open_today.calls())) == ("failed", True, 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ["padded", "other-element-order", "unknown-elements", "byte-order-mark"])
def test_another_dress_changes_nothing(everyday, language, what):
    open_today = everyday(language)
    plain = open_today.pms.take(LIST).data
    open_today.running.emulator.disturb(what, method="list_stations")
    dressed = open_today.pms.take(LIST).data
    assert sorted(map(str, dressed["stations"])) == sorted(map(str, plain["stations"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_update_sends_everything(clinic, language):
    open_today = clinic(language)
    open_today.pms.take(CREATE)
    open_today.pms.take(Task("edit_patient", {**NEW, "birth_date": "1970-02-28", "patient_id": "W & 1"}))
    assert open_today.pms.take(UPDATE).answer == "done"
    kept = max(open_today.running.emulator.state.patients.values(), key=lambda each: each.key)
    assert (kept.last_name, kept.first_name, kept.patient_id) == ("Weather", "Wanda", "W & 1")
    assert kept.birth_date is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_deleted_and_added_again_is_somebody_else(clinic, language):
    open_today = clinic(language)
    first = open_today.pms.take(CREATE).data["integration_id"]
    open_today.pms.restart()
    assert open_today.pms.take(UPDATE).data["integration_id"] == first
    open_today.pms.take(Task("delete_patient", {"key": "1"}))
    open_today.pms.take(Task("add_patient", NEW))
    assert open_today.pms.take(CREATE).data["integration_id"] != first


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_that_were_refused_are_not_sent_again(clinic, language):
    open_today = clinic(language)
    taken = next(p.patient_id for p in open_today.running.emulator.state.patients.values() if p.patient_id)
    twice = Task("create_patient", {**NEW, "patient_id": taken}, "server")
    first = open_today.pms.take(twice)
    assert first.answer == "refused"
    assert first.status_code is not None
    open_today.calls()
    assert open_today.pms.take(twice).answer == "refused"
    assert open_today.calls() == []
    assert open_today.pms.take(Task("create_patient", {**NEW, "patient_id": "mine"}, "server")).answer == "done"
