"""What the probes below HTTP note."""

import ssl

import pytest

from conformance.drive import Prober, bare
from conformance.emulator.protocol import Response, WireFault
from conformance.emulator.tls import TlsSettings
from conformance.trace import NoteKind

OK = Response(200)
USUAL = TlsSettings()


@pytest.fixture
def probed(served, recorded, clock):
    """``probed(probe, tls)`` -> the data of every note that the probe took."""

    def run(probe, tls=USUAL, answer=OK):
        server = served(answer, tls=tls)
        probe(Prober(server.place, recorded.recorder, clock, server.driver.admit, timeout_s=5), server)
        return [(note.kind, note.data) for note in recorded.notes]

    return run


def agreed(notes):
    return {data["offered"]: data["agreed"] for kind, data in notes if kind is NoteKind.TLS}


def test_each_version_that_is_spoken_is_agreed_upon(probed):
    found = agreed(probed(lambda prober, _: prober.versions()))
    assert (found["TLSv1.2"], found["TLSv1.3"]) == ("TLSv1.2", "TLSv1.3")


def test_a_version_that_is_not_spoken_is_noted_with_the_reason(probed):
    notes = probed(lambda prober, _: prober.versions(), TlsSettings(maximum=ssl.TLSVersion.TLSv1_2))
    refused = next(data for kind, data in notes if kind is NoteKind.TLS and data["offered"] == "TLSv1.3")
    assert refused["agreed"] == ""
    assert refused["error"]


def test_every_version_is_either_tried_or_noted_as_skipped(probed):
    notes = probed(lambda prober, _: prober.versions())
    assert len([kind for kind, _ in notes if kind in (NoteKind.TLS, NoteKind.SKIPPED)]) == 4


def test_the_chain_is_noted_leaf_first_with_the_authority_last(probed):
    [(_, data)] = probed(lambda prober, server: prober.chain(server.protection.thumbprint.upper()))
    presented = data["presented"].split()
    assert len(presented) == 2
    assert presented[-1] == data["authority"] == data["expected"]


def test_an_authority_that_is_not_presented_is_unknown(probed):
    [(_, data)] = probed(lambda prober, _: prober.chain("aa"), TlsSettings(present_authority=False))
    assert (len(data["presented"].split()), data["authority"]) == (1, "")


def test_an_authority_at_hand_completes_the_chain(probed):
    def probe(prober, server):
        prober.chain(server.protection.thumbprint, server.pem)

    [(_, data)] = probed(probe, TlsSettings(present_authority=False))
    assert data["authority"] == data["expected"]


def test_an_authority_that_did_not_issue_the_leaf_completes_nothing(probed):
    def probe(prober, _):
        prober.chain("aa", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")

    [(_, data)] = probed(probe, TlsSettings(present_authority=False))
    assert data["authority"] == ""


def test_a_self_signed_leaf_is_its_own_authority(probed):
    [(_, data)] = probed(lambda prober, _: prober.chain(""), TlsSettings(self_signed=True))
    assert data["presented"] == data["authority"]


def test_a_port_that_speaks_only_tls_is_closed_to_plain_http(probed):
    [(kind, data)] = probed(lambda prober, _: prober.plain("/base/x"))
    assert (kind, data["answer"]) == (NoteKind.PLAIN, "closed")


def test_an_answer_without_tls_is_noted_with_its_status(probed):
    [(_, data)] = probed(lambda prober, _: prober.plain("/base/x"), TlsSettings(plain=True), Response(401))
    assert data["answer"] == "401"


def test_a_port_that_answers_nothing_without_tls_is_closed(probed):
    reset = Response(200, wire=WireFault.RESET)
    [(_, data)] = probed(lambda prober, _: prober.plain("/base/x"), TlsSettings(plain=True), reset)
    assert data["answer"] == "closed"


@pytest.mark.parametrize("copied", ["73 78 42 E3", "73:78:42:e3", "737842e3"])
def test_thumbprints_are_read_as_people_copy_them(copied):
    assert bare(copied) == "737842e3"
