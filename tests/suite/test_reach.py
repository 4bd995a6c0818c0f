"""The rungs below HTTP: whom a run believes to be the server, and what is said on the way."""

import contextlib
import ssl

import pytest

from conformance.drive import place
from conformance.emulator.embedded import Embedded
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response
from conformance.emulator.tls import TlsSettings
from conformance.suite import reach as module
from conformance.suite.ladder import Ladder, Rung, Standing, Unready
from conformance.suite.reach import Believed, reach


@pytest.fixture
def reached(spec):
    """``reached(url, believed)`` -> the trust, and the steps by rung."""

    def climb(url, believed):
        steps = []
        trust = reach(place(url), believed, spec, Ladder(steps.append))
        return trust, {step.rung: step for step in steps}

    return climb


@pytest.fixture
def presenting(spec):
    """``presenting(settings)`` -> an emulator whose certificates are made so."""
    with contextlib.ExitStack() as stack:
        yield lambda settings=None: stack.enter_context(Embedded(spec, tls=settings or TlsSettings()))


def pem_of(running):
    return running.authority_pem.read_text(encoding="ascii")


def test_every_rung_is_told(presenting, reached):
    running = presenting()
    trust, steps = reached(running.url, Believed(pem_of(running)))
    assert [(rung, step.standing) for rung, step in steps.items()] == [
        (rung, Standing.HOLDS) for rung in (Rung.NAME, Rung.PORT, Rung.TLS, Rung.CHAIN)
    ]
    assert (trust.context.verify_mode, trust.thumbprint) == (ssl.CERT_REQUIRED, running.thumbprint)


def test_an_authority_that_stays_at_the_server_is_no_remark_when_its_file_is_known(presenting, reached):
    running = presenting(TlsSettings(present_authority=False))
    _, steps = reached(running.url, Believed(pem_of(running)))
    assert steps[Rung.CHAIN].standing is Standing.HOLDS


def test_another_thumbprint_than_that_of_a_verified_chain_is_a_remark(presenting, reached):
    running = presenting()
    trust, steps = reached(running.url, Believed(pem_of(running), "ab" * 20))
    assert f"{'ab' * 20} is expected" in steps[Rung.CHAIN].text
    assert trust.thumbprint == "ab" * 20


def test_a_certificate_for_another_name_is_believed_by_its_chain(presenting, reached):
    running = presenting(TlsSettings(wrong_host=True))
    trust, _ = reached(running.url, Believed(pem_of(running)))
    assert (trust.context.verify_mode, trust.context.check_hostname) == (ssl.CERT_REQUIRED, False)


def test_a_certificate_for_another_name_of_another_authority_is_not_believed(presenting, reached):
    with pytest.raises(Unready, match="expected a certificate issued by"):
        reached(presenting(TlsSettings(wrong_host=True)).url, Believed(pem_of(presenting())))


def test_anybody_is_taken_on_explicit_wish_and_that_is_a_remark(presenting, reached):
    trust, steps = reached(presenting(TlsSettings(expired=True)).url, Believed(insecure=True))
    assert trust.context.verify_mode is ssl.CERT_NONE
    assert (steps[Rung.CHAIN].standing, "--insecure" in steps[Rung.CHAIN].text) == (Standing.REMARK, True)


def test_plain_http_is_a_remark(reached):
    with Listener(lambda request: Response(401)) as listener:
        trust, steps = reached(f"http://{listener.address}/x", Believed())
    assert (trust.context, "not used" in steps[Rung.TLS].text) == (None, True)


def test_an_address_that_only_one_family_answers_is_a_remark(presenting, reached, monkeypatch):
    running = presenting()
    both = [(None, None, None, "", (address, running.address.port)) for address in ("::1", "127.0.0.1")]
    monkeypatch.setattr(module.socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(module, "_refusal", lambda address, port: OSError() if ":" in address else None)
    monkeypatch.setattr(module, "_handshake", lambda place, ladder: ())
    monkeypatch.setattr(module, "_believed", lambda *_: None)
    _, steps = reached(running.url, Believed())
    assert "answers at 127.0.0.1 but not at ::1" in steps[Rung.PORT].text
