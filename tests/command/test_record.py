"""``threedd record``: a PMS calls the emulator through the proxy, and the folder that this leaves."""

import http.client
import socket
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import UUID

import pytest
from click.testing import CliRunner

from conformance.command import recording
from conformance.command.record import record
from conformance.drive import basic, trusting
from conformance.drive.proxy import listening
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response
from conformance.judge import Standing, Whose, judge_recording, ledger_from_json
from conformance.spec import load
from conformance.trace.journal import JournalError

FILES = [
    "allure-results",
    "ctrf.json",
    "journal.jsonl",
    "junit.xml",
    "ledger.json",
    "report.html",
    "summary.md",
    "trace.har",
]
OPERATION = UUID(int=77)
PLAIN = "http"


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def emulator(spec):
    """``emulator(faults)`` -> a running one, with ``options`` to reach it."""
    started = []

    def start(*faults):
        running = Embedded(spec, brisk_policy(3), faults=select(*faults))
        started.append(running)
        running.__enter__()
        return SimpleNamespace(url=running.url, ca=running.authority_pem, user=running.users[0])

    yield start
    for running in started:
        running.__exit__(None, None, None)


class Pms:
    """Calls methods by role through the proxy at ``address``, over TLS when it knows an authority."""

    def __init__(self, spec, address, user, authority):
        self.spec = spec
        self.address = address
        self.headers = {"Accept": "application/xml"}
        if user is not None:
            self.headers["Authorization"] = basic(user.user, user.password)
        context = trusting(authority.read_text(encoding="ascii")) if authority else None
        self.connection = (
            http.client.HTTPSConnection(*address, context=context) if context else http.client.HTTPConnection(*address)
        )

    def call(self, role, **values):
        """The HTTP status."""
        method = self.spec.method[role]
        query = urlencode({method.by_role[name].name: value for name, value in values.items()})
        path = f"{self.spec.service.base_path}/{method.name}"
        self.connection.request("GET", f"{path}?{query}" if query else path, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def with_a_token(self, role):
        self.headers["Authorization"] = "Bearer abc"
        return self.call(role)


def works(pms):
    """Looks around, makes a patient and follows how that goes."""
    pms.call("list_stations")
    pms.call("create_patient", integration_id="fox-1", last_name="Foxglove", operation=str(OPERATION))
    pms.call("get_status", operation=str(OPERATION))


@pytest.fixture
def recorded(spec, tmp_path, monkeypatch):
    """``recorded(url, options, does=, user=)`` -> exit code, output, folder and ledger of a recording, during which
    a PMS does something."""

    def run(url, *options, does=works, user=None, waits=False):
        wait = recording._wait

        def meanwhile(proxy, done, clock, after_s):
            authority = tmp_path / "certificates" / "authority.pem" if proxy.entrance.context else None
            pms = Pms(spec, proxy.entrance.socket.getsockname()[:2], user, authority)
            does(pms)
            pms.connection.close()
            if waits:
                wait(proxy, done, clock, after_s)

        monkeypatch.setattr(recording, "_wait", meanwhile)
        out, kept = tmp_path / "reports", tmp_path / "certificates"
        given = [url, "--port", "0", "--out", out, "--certificates", kept, *options]
        done = CliRunner().invoke(record, [str(word) for word in given])
        ledger = out / "latest" / "ledger.json"
        return SimpleNamespace(
            code=done.exit_code,
            output=done.output,
            folder=(out / "latest").resolve(),
            ledger=ledger_from_json(ledger.read_text(encoding="utf-8")) if ledger.is_file() else None,
        )

    return run


def test_a_recording_leaves_a_folder_like_every_run(emulator, recorded):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, user=server.user)

    assert sorted(path.name for path in done.folder.iterdir()) == FILES
    assert (done.code, str(done.ledger.verdict)) == (2, "INCOMPLETE"), done.output
    assert done.ledger.exchanges == 3
    assert f"on its way to {server.url}" in done.ledger.about["subject"]


def test_its_journal_judged_again_gives_the_ledger_of_the_recording(emulator, recorded, spec):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, user=server.user)
    again = judge_recording(done.folder / "journal.jsonl", spec)

    assert again.ledger.to_json() == (done.folder / "ledger.json").read_text(encoding="utf-8")


def test_its_archive_judged_gives_the_same_rows(emulator, recorded, spec, tmp_path):
    server = emulator()
    archive = tmp_path / "new" / "archive.har"
    done = recorded(server.url, "--ca", server.ca, "--har", archive, user=server.user)

    assert judge_recording(archive, spec, profile="pms").ledger.rows == done.ledger.rows


def test_neither_password_nor_patient_reaches_the_disk_in_clear(emulator, recorded, tmp_path):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, "--har", tmp_path / "a.har", user=server.user)
    files = [each for each in done.folder.rglob("*") if each.is_file()]
    written = b"".join(path.read_bytes() for path in [*files, tmp_path / "a.har"])

    hidden = (server.user.password, "Foxglove", basic(server.user.user, server.user.password))
    assert [text for text in hidden if text.encode() in written or text in done.output] == []


def test_what_the_pms_breaks_is_told_at_once_and_fails_the_run(emulator, recorded):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, user=server.user, does=lambda pms: pms.with_a_token("list_stations"))

    assert done.code == 1
    live, _, report = done.output.partition("SEC-007 broken")
    assert "✗ SEC-007 (PMS): expected Basic credentials, observed not the Basic scheme (exchange " in live
    assert report


def test_what_the_server_breaks_is_told_as_its_own_and_does_not_fail_the_pms(emulator, recorded):
    server = emulator("lists-a-station-twice")
    done = recorded(server.url, "--ca", server.ca, user=server.user)
    (finding,) = [each for each in done.ledger.findings if each.standing is Standing.FAIL]

    assert f"✗ {finding.requirement} (server): " in done.output
    assert finding.whose is Whose.SET_UP
    assert str(done.ledger.verdict) == "INCOMPLETE"


def test_rows_of_a_server_count_on_request(emulator, recorded):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, "--profile", "server", user=server.user)

    assert done.ledger.profile == "server"


def test_a_recording_ends_after_so_many_calls(emulator, recorded):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, "--calls", "3", user=server.user, waits=True)

    assert done.ledger.exchanges == 3


def test_a_recording_ends_after_so_many_seconds(emulator, recorded):
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, "--for", "0.001", user=server.user, waits=True)

    assert done.ledger.exchanges == 3


def test_a_recording_ends_at_ctrl_c(emulator, recorded):
    def interrupt(seconds):
        raise KeyboardInterrupt

    recording._wait(SimpleNamespace(failure=None), SimpleNamespace(wait=interrupt), lambda: 0.0, None)


def test_a_plain_server_is_recorded_without_tls_and_redirects_are_told(spec, recorded):
    def handler(request):
        return Response(302, (("Location", f"https://real.example:5484{request.target}"),))

    with Listener(handler) as listener:
        done = recorded(f"{PLAIN}://{listener.address}", does=lambda pms: pms.call("list_stations"))

    assert "sends the PMS on to real.example:5484: what it calls there is not recorded" in done.output
    assert [method.calls for method in done.ledger.methods if method.role == "list_stations"] == [1]


def test_a_recording_that_breaks_off_says_so_and_has_no_footer(emulator, recorded, spec, monkeypatch):
    def full(journal, event):
        if event.number > 1:
            raise OSError("the disk is full")

    monkeypatch.setattr("conformance.trace.journal.Journal.append", full)
    server = emulator()
    done = recorded(server.url, "--ca", server.ca, user=server.user)

    assert "the recording broke off: OSError: the disk is full" in done.output
    assert done.code == 2
    with pytest.raises(JournalError, match="no footer"):
        judge_recording(done.folder / "journal.jsonl", spec)


def test_the_certificates_are_kept_on_request(emulator, recorded):
    server = emulator()
    thumbprints = [
        line
        for _ in range(2)
        for line in recorded(server.url, "--ca", server.ca, user=server.user).output.splitlines()
        if "thumbprint" in line
    ]

    assert len(thumbprints) == 2
    assert thumbprints[0] == thumbprints[1]


def test_where_the_port_of_the_guide_is_taken_another_one_is_found(spec, monkeypatch):
    def taken(host, port):
        if port == spec.service.port:
            raise OSError("in use")
        return listening(host, port)

    monkeypatch.setattr(recording, "listening", taken)
    with recording._opened(SimpleNamespace(spec=spec, door=recording.Door("127.0.0.1", None))) as opened:
        assert opened.getsockname()[1] != spec.service.port


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--thumbprint", "00" * 20), "presents a chain that ends with"),
        (("--thumbprint", "zz"), '--thumbprint is "zz"; expected'),
        (("--insecure", "--profile", "no-such"), 'profile "no-such" is not in dental-desktop-1.7; expected'),
        (("--insecure", "--host", "203.0.113.1"), "cannot listen on 203.0.113.1 port 0"),
    ],
)
def test_a_wrong_set_up_ends_with_3_and_what_to_do(emulator, recorded, options, told):
    done = recorded(emulator().url, *options)

    assert done.code == 3
    assert told in done.output
    assert done.ledger is None


def test_a_port_that_is_taken_ends_with_3(emulator, recorded):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        done = recorded(emulator().url, "--insecure", "--port", holder.getsockname()[1])

    assert done.code == 3
    assert "end the program that holds it, or choose another (--host, --port)" in done.output
