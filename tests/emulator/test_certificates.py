"""The certificates a server presents: what they say, what clients make of them, which protocols carry them."""

import hashlib
import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.emulator.certificates import (
    Authority,
    KeyKind,
    Leaf,
    Paths,
    issue_leaf,
    make_authority,
    make_key,
    paths_in,
    read_certificates,
    self_signed,
    server_context,
    thumbprint_sha1,
    write,
)

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
OLD, CURRENT, NEWEST = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
asks_for_old_protocols = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("some root")


def names(leaf: Leaf) -> list[object]:
    return [
        name.value for name in leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    ]


def client_context(
    authority_pem: Path, minimum: ssl.TLSVersion = CURRENT, maximum: ssl.TLSVersion = NEWEST
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority_pem))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = minimum
    context.maximum_version = maximum
    return context


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, hostname: str = "localhost") -> ssl.SSLObject:
    """The client's end after a handshake in memory."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_side=False, server_hostname=hostname),
        server.wrap_bio(up, down, server_side=True),
    ]
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ends[0]


def presented(client: ssl.SSLObject) -> list[x509.Certificate]:
    """The chain as it came; public only from Python 3.13."""
    chain = client._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
    return [x509.load_pem_x509_certificate(certificate.public_bytes(1).encode()) for certificate in chain]


def test_the_thumbprint_is_the_sha1_of_the_der_form_in_lower_case(authority: Authority) -> None:
    der = authority.certificate.public_bytes(Encoding.DER)
    assert thumbprint_sha1(authority.certificate) == hashlib.sha1(der).hexdigest()


def test_an_authority_signs_and_has_the_name_and_time_it_was_given() -> None:
    certificate = make_authority("some root", valid_days=10, now=NOW).certificate
    assert certificate.subject.rfc4514_string() == certificate.issuer.rfc4514_string() == "CN=some root"
    assert certificate.not_valid_after_utc == NOW + timedelta(days=10)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


def test_a_leaf_is_issued_by_its_authority_for_loopback_and_the_given_names(authority: Authority) -> None:
    leaf = issue_leaf(authority, ["practice.example", "localhost"], ["10.0.0.7", "::1"])
    leaf.certificate.verify_directly_issued_by(authority.certificate)
    addresses = [ip_address(text) for text in ("127.0.0.1", "::1", "10.0.0.7")]
    assert names(leaf) == ["localhost", "practice.example", *addresses]
    assert leaf.chain == (leaf.certificate, authority.certificate)


def test_a_leaf_may_be_for_another_host_only(authority: Authority) -> None:
    assert names(issue_leaf(authority, ["elsewhere.example"], loopback=False)) == ["elsewhere.example"]


@pytest.mark.parametrize("expired", [False, True])
def test_an_expired_leaf_ended_before_now(authority: Authority, expired: bool) -> None:
    certificate = issue_leaf(authority, expired=expired, now=NOW).certificate
    assert (certificate.not_valid_after_utc < NOW) is expired
    assert certificate.not_valid_before_utc < min(NOW, certificate.not_valid_after_utc)


def test_a_self_signed_leaf_is_its_own_chain() -> None:
    leaf = self_signed("some service")
    leaf.certificate.verify_directly_issued_by(leaf.certificate)
    assert leaf.chain == (leaf.certificate,)
    assert not leaf.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_name_too_long_for_a_certificate_is_cut_but_stays_among_the_names(authority: Authority) -> None:
    long = "x" * 60 + ".example"
    leaf = issue_leaf(authority, [long], loopback=False)
    assert leaf.certificate.subject.rfc4514_string() == f"CN={long[:64]}"
    assert names(leaf) == [long]


def test_keys_are_elliptic_unless_asked_otherwise(authority: Authority) -> None:
    assert isinstance(authority.key, ec.EllipticCurvePrivateKey)
    assert isinstance(make_key(KeyKind.RSA_2048), rsa.RSAPrivateKey)


def test_what_is_written_is_leaf_then_authority(authority: Authority, tmp_path: Path) -> None:
    leaf = issue_leaf(authority)
    paths = write(leaf, tmp_path / "new" / "folder")
    assert paths == paths_in(tmp_path / "new" / "folder")
    assert read_certificates(paths.chain_pem) == leaf.chain
    assert read_certificates(paths.authority_pem) == (authority.certificate,)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_the_key_is_for_its_owner_alone_even_when_it_replaces_one(authority: Authority, tmp_path: Path) -> None:
    paths_in(tmp_path).key_pem.write_bytes(b"old")
    assert write(issue_leaf(authority), tmp_path).key_pem.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_client_that_trusts_the_authority_accepts_and_sees_it_last(
    authority: Authority, kind: KeyKind, tmp_path: Path
) -> None:
    paths = write(issue_leaf(authority, key=make_key(kind)), tmp_path)
    client = handshake(server_context(paths), ssl.create_default_context(cafile=str(paths.authority_pem)), "127.0.0.1")
    assert thumbprint_sha1(presented(client)[-1]) == thumbprint_sha1(authority.certificate)


def test_a_server_may_keep_its_authority_to_itself(authority: Authority, tmp_path: Path) -> None:
    leaf = issue_leaf(authority)
    paths = write(leaf, tmp_path, present_authority=False)
    assert presented(handshake(server_context(paths), client_context(paths.authority_pem))) == [leaf.certificate]


def test_a_self_signed_server_is_accepted_by_who_trusts_it(tmp_path: Path) -> None:
    paths = write(self_signed("some service"), tmp_path)
    assert handshake(server_context(paths), client_context(paths.authority_pem)).version() == "TLSv1.3"


@pytest.mark.parametrize(
    ("leaf", "complaint"),
    [
        (lambda authority: issue_leaf(authority, expired=True), "expired"),
        (lambda authority: issue_leaf(authority, ["elsewhere.example"], loopback=False), "[Hh]ostname mismatch"),
        (lambda authority: issue_leaf(make_authority("some root")), "certificate verify failed"),
    ],
    ids=["expired", "wrong host", "wrong authority"],
)
def test_a_client_refuses_a_certificate_that_is_wrong(
    authority: Authority, leaf: Callable[[Authority], Leaf], complaint: str, tmp_path: Path
) -> None:
    context = server_context(write(leaf(authority), tmp_path / "server"))
    trusted = write(issue_leaf(authority), tmp_path / "client").authority_pem
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        handshake(context, client_context(trusted))


@asks_for_old_protocols
@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize(
    ("minimum", "maximum", "spoken"),
    [
        (OLD, NEWEST, "TLSv1.3"),
        (OLD, CURRENT, "TLSv1.2"),
        (OLD, ssl.TLSVersion.TLSv1_1, "TLSv1.1"),
        (OLD, OLD, "TLSv1"),
        (CURRENT, NEWEST, "TLSv1.3"),
        (CURRENT, CURRENT, "TLSv1.2"),
    ],
)
def test_the_newest_protocol_that_is_allowed_is_spoken(
    authority: Authority, kind: KeyKind, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion, spoken: str, tmp_path: Path
) -> None:
    paths = write(issue_leaf(authority, key=make_key(kind)), tmp_path)
    client = client_context(paths.authority_pem, OLD, NEWEST)
    assert handshake(server_context(paths, minimum, maximum), client).version() == spoken


@asks_for_old_protocols
def test_old_protocols_are_refused_unless_asked_for(authority: Authority, tmp_path: Path) -> None:
    paths = write(issue_leaf(authority), tmp_path)
    with pytest.raises(ssl.SSLError):
        handshake(server_context(paths), client_context(paths.authority_pem, OLD, OLD))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"chain\.pem is missing; .* anew"):
        server_context(Paths(tmp_path / "chain.pem", tmp_path / "key.pem", tmp_path / "authority.pem"))
