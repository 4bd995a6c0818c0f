"""What the command line says of a server, turned into a target."""

import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from conformance.command.operating import Attendance
from conformance.command.subject import Wishes, at_url, full_url, prefix_at, read_fixtures
from conformance.drive import EmulatorOperator, Tier
from conformance.emulator.embedded import Embedded
from conformance.emulator.tls import TlsSettings
from conformance.spec import load
from conformance.suite.ladder import Unready
from conformance.suite.play import Identity

SAM, EVA = Identity("Sam", "qwerty123"), Identity("Eva", "hidden")
NOW = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def running(spec):
    with Embedded(spec) as embedded:
        yield embedded


@pytest.fixture
def subject(spec, running):
    """``subject(wishes)`` -> the subject at the address of a running emulator."""

    def make(**wishes):
        return at_url(spec, Wishes(**{"url": running.url, "users": (SAM,), **wishes}), 7, NOW)

    return make


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("clinic-pc", "https://clinic-pc:5484/DentalDesktop/WebService"),
        ("clinic-pc:5492", "https://clinic-pc:5492/DentalDesktop/WebService"),
        ("https://clinic-pc", "https://clinic-pc:5484/DentalDesktop/WebService"),
        ("https://clinic-pc:1/", "https://clinic-pc:1/DentalDesktop/WebService"),
        ("http://clinic-pc:8080/api/", "http://clinic-pc:8080/api"),
        ("192.168.0.7", "https://192.168.0.7:5484/DentalDesktop/WebService"),
        ("https://[::1]", "https://[::1]:5484/DentalDesktop/WebService"),
    ],
)
def test_an_address_is_completed_from_the_spec(spec, typed, url):
    assert full_url(typed, spec) == url


def test_credentials_in_an_address_are_refused(spec):
    with pytest.raises(ValueError, match="give them as THREEDD_USER"):
        full_url("https://Sam:secret@clinic-pc", spec)


@pytest.mark.parametrize("typed", ["https://", "clinic:port", "clinic:99999", "::1", "[::1", "clinic pc", ""])
def test_what_is_no_address_is_told_as_such(spec, typed):
    with pytest.raises(ValueError, match=r"is no address; expected host, host:port or .* Correct it\."):
        full_url(typed, spec)


def test_runs_at_different_times_have_different_prefixes():
    prefixes = {prefix_at(NOW + timedelta(seconds=seconds)) for seconds in range(100)}
    assert len(prefixes) == 100
    assert {len(prefix) for prefix in prefixes} == {6}


def test_an_authority_on_file_is_trusted_and_expected(subject, running):
    made = subject(authority=running.authority_pem)
    assert made.target.context.verify_mode.name == "CERT_REQUIRED"
    assert made.target.thumbprint == running.thumbprint


def test_an_authority_may_be_a_file_as_windows_exports_it(subject, running, tmp_path):
    exported = tmp_path / "authority.cer"
    exported.write_bytes(ssl.PEM_cert_to_DER_cert(running.authority_pem.read_text(encoding="ascii")))
    assert subject(authority=exported).target.thumbprint == running.thumbprint


def test_a_file_that_is_no_certificate_is_told_as_such(subject, tmp_path):
    other = tmp_path / "authority.pem"
    other.write_text("-----BEGIN PRIVATE KEY-----", encoding="ascii")
    with pytest.raises(ValueError, match="is no certificate; expected a file that holds -----BEGIN CERTIFICATE"):
        subject(authority=other)


def test_another_thumbprint_may_be_expected_than_that_of_the_file(subject, running):
    assert subject(authority=running.authority_pem, thumbprint="AA BB").target.thumbprint == "aabb"


def test_a_thumbprint_alone_pins_the_presented_authority(subject, running):
    made = subject(thumbprint=running.thumbprint.upper())
    assert made.target.context.verify_mode.name == "CERT_REQUIRED"
    assert made.authority_pem.split() == running.authority_pem.read_text(encoding="ascii").split()


def test_a_copy_of_the_authority_in_a_chain_it_did_not_issue_is_not_believed(spec, running, tmp_path):
    with Embedded(spec, certificates=tmp_path) as impostor:
        chain = impostor.protection.paths.chain_pem
        leaf = chain.read_text(encoding="ascii").partition("-----END CERTIFICATE-----\n")[0]
        forged = f"{leaf}-----END CERTIFICATE-----\n{running.authority_pem.read_text(encoding='ascii')}"
        chain.write_text(forged, encoding="ascii")
        impostor.protection.context.load_cert_chain(chain, impostor.protection.paths.key_pem)
        wishes = Wishes(url=impostor.url, thumbprint=running.thumbprint)
        with pytest.raises(Unready, match=r"not issued by that authority .* may be an impostor"):
            at_url(spec, wishes, 7, NOW)


def test_without_any_wish_only_the_documented_authority_is_believed(subject):
    with pytest.raises(Unready, match=r"expected 737842e3.*--ca FILE"):
        subject()


def test_anybody_is_believed_on_explicit_wish_and_nobody_in_particular_expected(subject):
    made = subject(insecure=True)
    assert made.target.context.verify_mode.name == "CERT_NONE"
    assert made.target.thumbprint == ""


def test_a_server_without_tls_has_no_context(spec):
    with Embedded(spec, tls=TlsSettings(plain=True)) as plain:
        made = at_url(spec, Wishes(url=plain.url, users=(SAM,)), 7, NOW)
        assert made.target.context is None


def test_a_server_somewhere_may_not_be_written_to_unless_allowed(subject):
    assert not subject(insecure=True).target.may_write
    assert subject(insecure=True, tier=Tier.OWN_DATA).target.may_write


def test_another_user_is_known_when_named(subject):
    assert [user.user for user in subject(insecure=True, users=(SAM, EVA)).target.users] == ["Sam", "Eva"]


def test_tokens_of_two_runs_cannot_be_compared(subject):
    assert subject(insecure=True).key != subject(insecure=True).key


def test_secrets_are_not_shown(subject):
    told = Attendance(EmulatorOperator("http://x", "hidden"))
    shown = repr(subject(insecure=True, users=(SAM, EVA), attendance=told))
    assert "hidden" not in shown
    assert "qwerty123" not in shown


def test_nobody_is_at_the_stations_unless_somebody_is_named(subject):
    assert not subject(insecure=True).target.operator.available()
    told = Attendance(EmulatorOperator("http://127.0.0.1:1", "token"))
    assert subject(insecure=True, attendance=told).target.operator.available()


def test_fixtures_are_read_from_a_file(subject, tmp_path):
    file = tmp_path / "prepared.json"
    file.write_text(json.dumps([{"what": "patient", "integration_id": "Ä1"}]), encoding="utf-8")
    assert subject(insecure=True, fixtures=file).target.fixtures == ({"what": "patient", "integration_id": "Ä1"},)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("{}", "holds dict; expected a list"),
        ('[{"what": "dog"}]', 'entry 1 is .*expected "what"'),
        ('[{"what": "case", "images": 1}]', "all texts"),
        ("[1]", "entry 1 is 1"),
    ],
)
def test_a_wrong_file_of_fixtures_is_told_as_such(spec, tmp_path, text, told):
    file = tmp_path / "prepared.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        read_fixtures(file, spec)
