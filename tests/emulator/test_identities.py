"""The port can present another certificate while it is open; who trusts it all the same gives itself away."""

import contextlib
import socket
import ssl

import pytest

from conformance.emulator.embedded import Embedded
from conformance.emulator.identities import IDENTITIES, RIGHT
from conformance.emulator.tls import TlsSettings
from conformance.spec import load

FLAWED = [identity for identity in IDENTITIES if identity.flaw and identity.certified and not identity.every_other]


class Hearer:
    def __init__(self):
        self.exchanges, self.notes = [], []

    def exchange(self, traffic):
        self.exchanges.append(traffic)

    def note(self, kind, at_s, **data):
        self.notes.append((kind.value, data["name"], data["grave"]))


@pytest.fixture(scope="module")
def running():
    with Embedded(load(), tls=TlsSettings(plain_too=True), identified=True) as emulator:
        yield emulator


@pytest.fixture
def heard(running):
    hearer = Hearer()
    running.emulator.listeners.append(hearer)
    yield hearer
    running.emulator.listeners.remove(hearer)
    running.present(RIGHT)


@pytest.fixture
def trusting(running):
    """A client's context that trusts what the emulator has printed."""
    return ssl.create_default_context(cafile=running.authority_pem)


def shake(running, context, name="localhost"):
    """Shakes hands; the number of certificates that were presented is not known to the standard library."""
    with (
        socket.create_connection((running.address.host, running.address.port), timeout=10) as opened,
        context.wrap_socket(opened, server_hostname=name) as session,
    ):
        return session.getpeercert(binary_form=True)


def asked_over(running, opened):
    opened.sendall(f"GET {running.spec.service.base_path}/x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return opened.recv(100)


def is_over(session):
    """True when the stream ends, or breaks, behind what was sent before; a timeout is neither."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while session.recv(4096):
            pass
    return True


def test_the_right_one_is_trusted(running, trusting, heard):
    assert shake(running, trusting)
    assert heard.notes == [("handshake", RIGHT, "no")]


@pytest.mark.parametrize("identity", FLAWED, ids=lambda identity: identity.name)
def test_a_client_that_verifies_refuses_every_flawed_one(running, trusting, heard, identity):
    running.present(identity.name)

    with pytest.raises(ssl.SSLCertVerificationError):
        shake(running, trusting)
    assert heard.notes[0] == ("identity", identity.name, "yes" if identity.grave else "no")


def test_without_protection_no_handshake_comes_to_an_end(running, trusting, heard):
    running.present("no-protection")

    with pytest.raises((ssl.SSLError, ConnectionError)):
        shake(running, trusting)
    with socket.create_connection((running.address.host, running.address.port), timeout=10) as opened:
        assert asked_over(running, opened).startswith(b"HTTP/1.1 401")


def test_an_authority_that_is_not_presented_does_no_harm(running, trusting, heard):
    running.present("authority-not-presented")

    assert shake(running, trusting)


def test_only_every_second_connection_may_be_wrong(running, trusting, heard):
    running.present("sometimes-rogue")

    assert shake(running, trusting)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(running, trusting)


def test_a_change_breaks_off_what_was_open(running, trusting, heard):
    with (
        socket.create_connection((running.address.host, running.address.port), timeout=10) as opened,
        trusting.wrap_socket(opened, server_hostname="localhost") as session,
    ):
        assert asked_over(running, session).startswith(b"HTTP/1.1 401")
        running.present("rogue-authority")
        assert is_over(session)


def test_a_connection_without_tls_is_called_plain(running, heard):
    with socket.create_connection((running.address.host, running.address.port), timeout=10) as opened:
        assert asked_over(running, opened).startswith(b"HTTP/1.1 401")

    assert heard.exchanges[0].connection.startswith("plain/")


def test_an_unknown_name_is_told_with_those_that_exist(running):
    with pytest.raises(ValueError, match='identity "best" is not known; expected one of right, '):
        running.present("best")


def test_certificates_that_are_kept_are_presented_again(tmp_path):
    def thumbprint():
        with Embedded(load(), identified=True, certificates=tmp_path) as running:
            return running.thumbprint, shake(running, ssl.create_default_context(cafile=running.authority_pem))

    assert thumbprint() == thumbprint()


def test_certificates_of_which_one_is_missing_are_made_anew(tmp_path):
    with Embedded(load(), identified=True, certificates=tmp_path) as running:
        before = running.thumbprint
    (tmp_path / "expired" / "key.pem").unlink()
    with Embedded(load(), identified=True, certificates=tmp_path) as running:
        assert running.thumbprint != before


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_that_takes_up_an_earlier_session_is_not_said_to_trust_a_stranger(running, heard, trusting, version):
    trusting.minimum_version = trusting.maximum_version = version
    with _opened(running) as opened, trusting.wrap_socket(opened, server_hostname="localhost") as first:
        asked_over(running, first)
        session = first.session
    running.present("rogue-authority")

    reused = False
    with (
        contextlib.suppress(ssl.SSLCertVerificationError),
        _opened(running) as opened,
        trusting.wrap_socket(opened, server_hostname="localhost", session=session) as second,
    ):
        reused = second.session_reused

    assert heard.notes[-1] == ("handshake", *(("right", "no") if reused else ("rogue-authority", "yes")))


def _opened(running):
    return socket.create_connection((running.address.host, running.address.port), timeout=10)
