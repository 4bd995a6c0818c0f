"""Wrong settings, one at a time: each ends before the run or in a remark, names the mistake, and blames no server.

Every row changes one thing in a target file that is right, or in what stands behind its address.
"""

import contextlib
import socket
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.command.template import declarations
from conformance.emulator.certificates import issue_leaf, make_authority, self_signed, server_context, write
from conformance.emulator.clock import RealClock, SteppedClock
from conformance.emulator.embedded import Embedded
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response
from conformance.emulator.tls import TlsSettings
from conformance.spec import load
from conformance.suite import reach

CASE = "8f7cf505-5b6a-5f2c-83f3-531422031554"
OTHER_CASE = "8f7cf505-5b6a-5f2c-83f3-531422031555"
STATION = "5be65d15-31a2-442b-a93b-0bd65ec8abe9"
GUID = "11111111-2222-3333-4444-555555555555"
SECRETS = {"QA_PASSWORD": "qwerty123", "QA_SECOND": "Grüße:1:2", "QA_TOKEN": "control-token"}
FILE = """\
[server]
url = "{url}"
authority = 'authority.pem'

[[user]]
name = "{user}"
password_env = "QA_PASSWORD"

[[user]]
name = "{second}"
password_env = "QA_SECOND"

[operator]
kind = "emulator"
control = "{control}"
token_env = "QA_TOKEN"
"""


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def running(spec):
    with Embedded(spec, clock=RealClock(), token="control-token") as embedded:
        yield embedded


@pytest.fixture(scope="module")
def right(spec, running):
    """A target file in which everything is right."""
    sam, second = running.users[:2]
    assert SECRETS["QA_PASSWORD"] == sam.password
    head = FILE.format(url=running.url, user=sam.user, second=second.user, control=running.control_url)
    return "\n".join([head, *declarations(spec, running.fixtures())])


@pytest.fixture(scope="module")
def passwords(running):
    return {**SECRETS, "QA_SECOND": running.users[1].password}


@pytest.fixture(autouse=True)
def brief(monkeypatch, spec):
    """The spec is read once, and what a run does after its ladder is told elsewhere."""
    monkeypatch.setattr("conformance.command.certify.spec_from", lambda folder: spec)
    monkeypatch.setattr("conformance.command.running.execute", lambda run, folder: 0)


@pytest.fixture
def certified(tmp_path, running, right, passwords):
    """``certified(changes...)`` -> exit code and output; a change is (what stands in the file, what shall stand)."""

    def invoke(*changes, options=(), server=None, **environment):
        text = right
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        pem = (server or running).authority_pem.read_bytes()
        (tmp_path / "authority.pem").write_bytes(pem)
        (tmp_path / "qa.toml").write_text(text, encoding="utf-8")
        target = ("--target", tmp_path / "qa.toml", "--out", tmp_path / "reports")
        words = ["server", *target, "--budget", "quick", "--rate", "0", *options]
        done = CliRunner(env={**passwords, **environment}).invoke(certify, [str(word) for word in words])
        return SimpleNamespace(code=done.exit_code, output=" ".join(done.output.split()), lines=done.output)

    return invoke


def test_nothing_is_said_against_the_right_settings(certified):
    done = certified()
    assert done.code == 2
    assert [line for line in done.lines.splitlines() if line.startswith(("  note", "  FAIL"))] == []


def rows(table):
    """One test for each row: its name, what stands in the file, what shall stand there, the hint."""
    return pytest.mark.parametrize(("old", "new", "hint"), [row[1:] for row in table], ids=[row[0] for row in table])


# -- the file, and where it points ----------------------------------------------------------------------------

WRONG_ADDRESSES = [
    ("host", "127.0.0.1:", "nowhere.invalid:", 'the name "nowhere.invalid" cannot be resolved'),
    ("scheme", "https://127", "http://127", "speaks TLS, and the address says http://; write https:// instead"),
    ("one-level-up", "/DentalDesktop/WebService", "/DentalDesktop", "/DentalDesktop/WebService: give that address"),
    ("one-level-down", "/WebService", "/WebService/Get", "/DentalDesktop/WebService: give that address"),
    ("another-path", "/DentalDesktop/WebService", "/api", "/DentalDesktop/WebService: give that address"),
    ("credentials", "https://", "https://Sam:qwerty123@", "url holds credentials; remove them"),
]
WRONG_FILES = [
    ("no-url", "url = ", "#url = ", "[server]: url is missing; add it"),
    ("misspelt-key", "authority = ", "autority = ", '"autority" is not known (did you mean "authority"?)'),
    ("misspelt-section", "[operator]", "[operators]", '[operators] is not known (did you mean "operator"?)'),
    ("password", 'password_env = "QA_PASSWORD"', 'password = "hidden"', "no secret stands in a file; remove it"),
    ("no-file", "'authority.pem'", "'other.pem'", "expected a certificate file; there is none at"),
    ("no-guid", STATION, "TRIOS-1", 'station is "TRIOS-1"; expected a GUID such as'),
    ("dotted-date", "2023-01-10T10:15:00Z", "10.01.2023", 'created is "10.01.2023"; expected a date and time'),
    ("no-digest", 'sha256 = "', 'sha256 = "00', "expected a SHA-256, 64 hex digits, not 66"),
    ("state", 'state = "scanned"', 'state = "scaned"', 'created or scanned or modelled (did you mean "scanned"?)'),
    ("kind", 'kind = "emulator"', 'kind = "nobody"', "expected none or manual or command or emulator"),
    ("no-control", 'kind = "emulator"', 'kind = "none"', 'control goes with kind = "emulator", and kind is "none"'),
    ("unknown-patient", 'integration_id = "SEED-1001"', 'integration_id = "SEED-1OO1"', "none of the declared ones"),
    ("no-toml", "[server]", "[server", "is no TOML"),
]


@rows(WRONG_ADDRESSES)
def test_a_wrong_address_ends_with_a_hint(certified, old, new, hint):
    done = certified((old, new))
    assert (done.code, hint in done.output) == (3, True), done.output


@rows(WRONG_FILES)
def test_a_wrong_file_ends_with_the_place_and_a_hint(certified, old, new, hint):
    done = certified((old, new))
    assert (done.code, "qa.toml" in done.output, hint in done.output) == (3, True, True), done.output
    assert "hidden" not in done.output


def test_a_port_at_which_nothing_listens(certified, running):
    done = certified((f":{running.address.port}/", ":1/"))
    assert (done.code, "nothing listens at that port" in done.output) == (3, True), done.output


def test_a_closed_port_while_the_usual_one_is_open(certified, running, monkeypatch):
    monkeypatch.setattr(reach, "_usual_ports", lambda place, spec: [running.address.port])
    done = certified((f":{running.address.port}/", ":1/"))
    assert f"port {running.address.port} is open there" in done.output


def test_the_control_port_instead_of_the_service(certified, running):
    control = running.control_url.removeprefix("http://")
    done = certified((f'url = "https://127.0.0.1:{running.address.port}', f'url = "https://{control}'))
    assert (done.code, "an emulator's control port, say" in done.output) == (3, True), done.output


def test_something_that_takes_connections_and_says_nothing(certified, running, monkeypatch):
    monkeypatch.setattr(reach, "CONNECT_S", 0.2)
    monkeypatch.setattr(reach, "ASK_S", 0.2)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        done = certified((f":{running.address.port}/", f":{silent.getsockname()[1]}/"))
    assert (done.code, "takes the connection and says nothing" in done.output) == (3, True), done.output


# -- who calls, and who presses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "hint"),
    [
        ({"QA_PASSWORD": "wrong"}, 'does not let the user "Sam" in; check'),
        ({"QA_PASSWORD": ""}, "the password is empty"),
        ({"QA_PASSWORD": "qwerty123\n"}, "the password begins or ends with a blank"),
        ({"QA_PASSWORD": None}, "nobody typed the password of Sam; set QA_PASSWORD"),
        ({"THREEDD_USER": "sam.other", "THREEDD_PASSWORD": "qwerty123"}, 'does not let the user "sam.other" in'),
        ({"QA_TOKEN": "wrong"}, "refuses the token (HTTP 401); set the variable that holds it"),
    ],
    ids=["password", "empty", "line-end", "unset", "user", "token"],
)
def test_a_wrong_secret_ends_with_a_hint(certified, environment, hint):
    done = certified(**environment)
    assert (done.code, hint in done.output) == (3, True), done.output


def test_nobody_is_named_where_credentials_are_asked_for(certified, running):
    sam = 'name = "Sam"\npassword_env = "QA_PASSWORD"\n'
    second = f'name = "{running.users[1].user}"\npassword_env = "QA_SECOND"\n'
    done = certified((f"[[user]]\n{sam}", ""), (f"[[user]]\n{second}", ""))
    assert (done.code, "name a [[user]] in the target file" in done.output) == (3, True), done.output


def test_a_wrong_password_of_the_second_user_is_pointed_out(certified):
    done = certified(QA_SECOND="wrong")
    assert (done.code, "is not let in; check the name and the password" in done.output) == (2, True), done.output


def test_an_operator_that_is_not_running(certified, running):
    done = certified((running.control_url, "http://127.0.0.1:1"))
    assert (done.code, "is the emulator running" in done.output) == (3, True), done.output


def test_the_service_instead_of_the_control_port(certified, running):
    done = certified((running.control_url, f"http://{running.address}"))
    assert (done.code, "is no control port" in done.output) == (3, True), done.output


def test_an_operator_command_that_does_not_exist(certified, running):
    command = "command = ['no-such-operator']\nkind = 'command'\n#"
    done = certified(('kind = "emulator"', command), ("control = ", "#control = "))
    assert (done.code, "no-such-operator" in done.output) == (3, True), done.output


# -- what was prepared ----------------------------------------------------------------------------------------

WRONG_FIXTURES = [
    ("station-id", STATION, GUID, "and the server lists 5be65d15-31a2-442b-a93b-0bd65ec8abe9 instead"),
    ("station-off", "connected = false", "connected = true", "RECEPTION-PC (d066f3f9-99ea-5c9d-b085-f3a76307a929) is"),
    ("station-on", "connected = true", "connected = false", "is declared as not connected, and the server lists it"),
    ("date", "2023-01-10T10:15:00Z", "2013-01-10T10:15:00Z", "created is declared as 2013-01-10T10:15:00Z"),
    ("images", "images = 0", "images = 4", "4 images are declared, and the server lists 0"),
    ("digest", 'sha256 = "6', 'sha256 = "7', "and the server sends"),
]


@rows(WRONG_FIXTURES)
def test_a_wrong_declaration_is_pointed_out_and_the_run_goes_on(certified, old, new, hint):
    done = certified((old, new))
    assert (done.code, hint in done.output) == (2, True), done.output


def test_a_case_that_is_not_on_the_server_is_left_out(certified):
    done = certified((f'case = "{CASE}"', f'case = "{GUID}"'), (f'case = "{CASE}"', f'case = "{GUID}"'))
    assert done.code == 2
    assert f'case {GUID} of "SEED-1001" is declared and not on the server; prepare it' in done.output


def test_a_case_with_a_wrong_digit_is_told_with_the_right_one(certified):
    done = certified((f'case = "{CASE}"', f'case = "{OTHER_CASE}"'), (f'case = "{CASE}"', f'case = "{OTHER_CASE}"'))
    assert f"did you mean {CASE}? Correct it" in done.output


def test_a_patient_who_is_not_mapped_is_left_out(certified):
    extra = '[[patient]]\nintegration_id = "QA-7"\n[[case]]\n'
    extra += f'integration_id = "QA-7"\ncase = "{GUID}"\n[[unmapped_patient]]'
    done = certified(("[[unmapped_patient]]", extra))
    assert (done.code, 'patient "QA-7" is declared with cases, and the server shows none' in done.output) == (2, True)


def test_another_server_than_the_one_that_was_prepared(certified, right):
    fixtures = right[right.index("[[station]]") :]
    foreign = f'[[patient]]\nintegration_id = "QA-7"\n[[case]]\nintegration_id = "QA-7"\ncase = "{GUID}"\n'
    done = certified((fixtures, foreign))
    assert (done.code, "is it the right server, and the right target file?" in done.output) == (3, True), done.output


def test_none_of_the_declared_stations_is_connected(certified, right):
    fixtures = right[right.index("[[station]]") :]
    done = certified((fixtures, f'[[station]]\nstation = "{GUID}"\n'))
    assert (done.code, "none of the declared stations is connected" in done.output) == (3, True), done.output


# -- certificates ---------------------------------------------------------------------------------------------


@pytest.fixture
def behind(spec, certified, right, running):
    """``behind(settings, changes...)``: the right file, with an emulator behind its address that presents other
    certificates."""
    with contextlib.ExitStack() as stack:

        def call(settings, *changes, **more):
            other = stack.enter_context(Embedded(spec, clock=RealClock(), token="control-token", tls=settings))
            moved = (f":{running.address.port}/", f":{other.address.port}/")
            return certified(moved, (running.control_url, other.control_url), *changes, **more)

        yield call


def test_a_certificate_of_another_authority(behind):
    done = behind(TlsSettings())
    assert (done.code, "expected a certificate issued by" in done.output) == (3, True), done.output


def test_another_thumbprint_than_the_presented_one(certified):
    done = certified(("authority = 'authority.pem'", f'thumbprint = "{"ab" * 20}"'))
    assert (done.code, f"expected {'ab' * 20}" in done.output, "--ca FILE" in done.output) == (3, True, True)


def test_a_digest_of_another_kind_as_thumbprint(certified):
    done = certified(options=("--thumbprint", "ab" * 32))
    assert (done.code, "40 hex digits, not 64" in done.output) == (3, True), done.output


def test_no_authority_is_named_for_a_server_that_is_not_the_guides(certified):
    done = certified(("authority = 'authority.pem'", ""))
    assert (done.code, "expected 737842e3e3d642d39f93d8c2d84b2ef809cd571d" in done.output) == (3, True), done.output


def test_a_self_signed_certificate(behind):
    done = behind(TlsSettings(self_signed=True))
    assert (done.code, "It is a self-signed certificate" in done.output) == (3, True), done.output


def test_an_authority_that_the_server_keeps_to_itself(behind):
    done = behind(TlsSettings(present_authority=False), ("authority = 'authority.pem'", ""))
    assert (done.code, "a thumbprint is not enough: export that authority" in done.output) == (3, True), done.output


def test_a_certificate_that_has_expired(spec, certified, running):
    with Embedded(spec, tls=TlsSettings(expired=True)) as other:
        done = certified((f":{running.address.port}/", f":{other.address.port}/"), server=other)
    assert (done.code, "the certificate has expired (valid from" in done.output) == (3, True), done.output


def test_a_certificate_for_another_name_is_pointed_out_and_the_run_goes_on(spec, certified, running):
    with Embedded(spec, tls=TlsSettings(wrong_host=True)) as other:
        done = certified((f":{running.address.port}/", f":{other.address.port}/"), server=other)
    assert (done.code, 'is for "another-computer.invalid"' in done.output) == (2, True), done.output


def test_a_clock_that_is_far_off_is_pointed_out_and_the_run_goes_on(spec, certified, running):
    with Embedded(spec, clock=SteppedClock(), token="control-token") as other:
        done = certified(
            (f":{running.address.port}/", f":{other.address.port}/"),
            (running.control_url, other.control_url),
            server=other,
        )
    assert (done.code, "days apart; set the one that is wrong" in done.output) == (2, True), done.output


# -- something else behind the address ------------------------------------------------------------------------


@pytest.fixture
def instead(certified, running, tmp_path):
    """``instead(answer, leaf)``: the right file, with a server that answers so behind its address."""
    authority = make_authority("Another authority")

    def call(answer, leaf=None):
        folder = tmp_path / "certificates"
        paths = write(leaf or issue_leaf(authority), folder, present_authority=True)
        with Listener(lambda request: answer, server_context(paths)) as listener:
            options = ("--ca", paths.authority_pem)
            return certified((f":{running.address.port}/", f":{listener.address.port}/"), options=options)

    return call


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (Response(401), "as the newer (v3) service does, which takes tokens only"),
        (Response(401, (("WWW-Authenticate", "Negotiate"),)), "it offers Negotiate"),
        (Response(200, (("Content-Type", "text/html"),), b"<html><p>Log in"), "a web page is at"),
        (Response(302, (("Location", "https://elsewhere/login"),)), "Location: https://elsewhere/"),
        (Response(407, (("Proxy-Authenticate", "Basic"),)), "a proxy asks for credentials of its own"),
        (Response(502, (("Via", "1.1 proxy"),)), "does not reach the service behind it"),
        (Response(404), "nothing of the service is at"),
        (Response(200, (("Via", "1.1 proxy"), ("Content-Type", "text/html")), b"<html>"), "(Via: 1.1 proxy)"),
    ],
    ids=["v3", "negotiate", "page", "redirect", "proxy-credentials", "gateway", "nothing", "proxy-page"],
)
def test_another_service_is_recognised(instead, answer, hint):
    done = instead(answer)
    assert (done.code, hint in done.output) == (3, True), done.output


def test_the_newer_service_with_a_certificate_of_its_own_is_recognised(instead):
    done = instead(Response(401), self_signed("3Shape Web Service"))
    assert (done.code, "wrong service" in done.output) == (3, True), done.output
