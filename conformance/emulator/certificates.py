"""Certificates made on the spot: an authority, a leaf it issued, or a leaf that vouches for itself.

A client that has not installed the authority sees it only if the server sends it, and integrations compare the
thumbprint of the *last* certificate of the chain. So the chain file holds the leaf and its authority, in that order,
unless the caller asks for the weaker server that keeps its authority to itself.

Elliptic keys are the default because they cost a millisecond; RSA is there for clients so old that they know no curves.
"""

from __future__ import annotations

import os
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

LOOPBACK_NAMES = ("localhost",)
LOOPBACK_IPS = ("127.0.0.1", "::1")
SIGNED_WITH = hashes.SHA256()
CLOCK_SKEW = timedelta(days=1)  # a client's clock may be behind ours
LONGEST_COMMON_NAME = 64  # X.520, ub-common-name

# Anonymous suites stay out: with them a client would be shown no certificate at all.
LEGACY_CIPHERS = "ALL:!aNULL:@SECLEVEL=0"
# By name, since the members warn when touched.
LEGACY_VERSIONS = frozenset(("MINIMUM_SUPPORTED", "SSLv3", "TLSv1", "TLSv1_1"))


class KeyKind(Enum):
    """What sort of private key to make."""

    ECDSA_P256 = "ecdsa-p256"
    RSA_2048 = "rsa-2048"


@dataclass(frozen=True)
class Authority:
    """A certificate authority that can issue leaves."""

    certificate: x509.Certificate
    key: PrivateKey


@dataclass(frozen=True)
class Leaf:
    """What a server presents; ``issuer`` is the leaf itself when it is self-signed."""

    certificate: x509.Certificate
    key: PrivateKey
    issuer: x509.Certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Leaf first, authority last; one certificate when self-signed."""
        return (self.certificate,) if self.issuer == self.certificate else (self.certificate, self.issuer)


@dataclass(frozen=True)
class Paths:
    """Where the three files of a server lie; ``authority_pem`` is what a client would install."""

    chain_pem: Path
    key_pem: Path
    authority_pem: Path


def make_key(kind: KeyKind = KeyKind.ECDSA_P256) -> PrivateKey:
    """A fresh private key; RSA takes some hundred times longer than the curve."""
    if kind is KeyKind.ECDSA_P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_authority(
    common_name: str,
    *,
    valid_days: int = 3650,
    key: PrivateKey | None = None,
    now: datetime | None = None,
) -> Authority:
    """A self-signed authority; the same key gives the same subject key, but never the same thumbprint."""
    key = key or make_key()
    start = (now or datetime.now(UTC)) - CLOCK_SKEW
    builder = (
        _builder(_name(common_name), _name(common_name), key, start, start + CLOCK_SKEW + timedelta(days=valid_days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )
    return Authority(builder.sign(key, SIGNED_WITH), key)


def issue_leaf(
    authority: Authority,
    hostnames: Sequence[str] = (),
    ips: Sequence[str] = (),
    *,
    expired: bool = False,
    valid_days: int = 397,
    loopback: bool = True,
    key: PrivateKey | None = None,
    now: datetime | None = None,
) -> Leaf:
    """A server certificate signed by the authority.

    Names: loopback (unless ``loopback`` is off, which gives a certificate for the wrong host) plus the given ones.
    An expired leaf ended a day ago.
    """
    key = key or make_key()
    names = _names(hostnames, ips, loopback)
    start, end = _period(now or datetime.now(UTC), valid_days, expired)
    builder = _server(_builder(_name(_common_name(names)), authority.certificate.subject, key, start, end), names, key)
    subject_key = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key), critical=False
    )
    return Leaf(builder.sign(authority.key, SIGNED_WITH), key, authority.certificate)


def self_signed(
    common_name: str,
    hostnames: Sequence[str] = (),
    ips: Sequence[str] = (),
    *,
    expired: bool = False,
    valid_days: int = 397,
    loopback: bool = True,
    key: PrivateKey | None = None,
    now: datetime | None = None,
) -> Leaf:
    """A server certificate without any authority behind it: the last certificate of its chain is itself."""
    key = key or make_key()
    start, end = _period(now or datetime.now(UTC), valid_days, expired)
    builder = _builder(_name(common_name), _name(common_name), key, start, end)
    certificate = _server(builder, _names(hostnames, ips, loopback), key).sign(key, SIGNED_WITH)
    return Leaf(certificate, key, certificate)


def thumbprint_sha1(certificate: x509.Certificate) -> str:
    """SHA-1 over the DER form, forty lower-case hex digits. Windows shows the same digits in capitals."""
    return certificate.fingerprint(hashes.SHA1()).hex()


def paths_in(folder: Path) -> Paths:
    """The names that ``write`` gives the files of a folder, whether or not they are there."""
    return Paths(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")


def write(leaf: Leaf, folder: Path, *, present_authority: bool = True) -> Paths:
    """Write chain, key and authority into the folder, which is made when missing; older files are replaced.

    Without ``present_authority`` the server sends its leaf only. The key file is for its owner alone where the
    platform knows that.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = paths_in(folder)
    paths.chain_pem.write_bytes(b"".join(map(_pem, leaf.chain if present_authority else leaf.chain[:1])))
    paths.authority_pem.write_bytes(_pem(leaf.issuer))
    pkcs8, clear = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _write_secret(paths.key_pem, leaf.key.private_bytes(serialization.Encoding.PEM, pkcs8, clear))
    return paths


def read_certificates(pem: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file in their order, e.g. a chain written in an earlier run."""
    return tuple(x509.load_pem_x509_certificates(pem.read_bytes()))


def server_context(
    paths: Paths,
    minimum_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum_version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
) -> ssl.SSLContext:
    """A context that presents the chain file as it lies there.

    A minimum below TLS 1.2 also opens the ciphers and hashes that OpenSSL no longer offers by itself; a system whose
    OpenSSL was built without the old protocols still refuses them at the handshake.
    """
    for path in (paths.chain_pem, paths.key_pem):
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; expected a PEM file there. Write the certificates anew.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if {minimum_version.name, maximum_version.name} & LEGACY_VERSIONS:
        context.set_ciphers(LEGACY_CIPHERS)
    with warnings.catch_warnings():  # old protocols are what we are asked for
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = minimum_version
        context.maximum_version = maximum_version
    context.load_cert_chain(paths.chain_pem, paths.key_pem)
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _server(
    builder: x509.CertificateBuilder, names: Sequence[x509.GeneralName], key: PrivateKey
) -> x509.CertificateBuilder:
    """The extensions of a certificate that a TLS server may use."""
    usage = _key_usage(signs_certificates=False, enciphers_keys=isinstance(key, rsa.RSAPrivateKey))
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False) if names else builder


def _key_usage(*, signs_certificates: bool, enciphers_keys: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=enciphers_keys,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _period(now: datetime, valid_days: int, expired: bool) -> tuple[datetime, datetime]:
    if expired:
        return now - timedelta(days=valid_days + 1), now - timedelta(days=1)
    return now - CLOCK_SKEW, now + timedelta(days=valid_days)


def _names(hostnames: Sequence[str], ips: Sequence[str], loopback: bool) -> tuple[x509.GeneralName, ...]:
    """Without repetition, loopback first."""
    dns = dict.fromkeys((*(LOOPBACK_NAMES if loopback else ()), *hostnames))
    addresses = dict.fromkeys(map(ip_address, (*(LOOPBACK_IPS if loopback else ()), *ips)))
    return (*map(x509.DNSName, dns), *map(x509.IPAddress, addresses))


def _common_name(names: Sequence[x509.GeneralName]) -> str:
    """The first name; old clients look nowhere else."""
    return str(names[0].value) if names else "unnamed"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:LONGEST_COMMON_NAME])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_secret(path: Path, secret: bytes) -> None:
    path.unlink(missing_ok=True)  # so that the mode below also holds for a file that was there before
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(secret)
