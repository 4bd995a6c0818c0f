"""What the emulator presents when a client shakes hands: versions, chain, or nothing of the kind."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.x509 import Certificate, DNSName, ExtensionNotFound, IPAddress, SubjectAlternativeName

from conformance.emulator.certificates import (
    Authority,
    Leaf,
    Paths,
    issue_leaf,
    make_authority,
    paths_in,
    read_certificates,
    self_signed,
    server_context,
    thumbprint_sha1,
    write,
)
from conformance.emulator.readings import CHAIN_PRESENTED, TLS_FLOOR
from conformance.model.readings import Readings
from conformance.spec import Service

VERSIONS: Mapping[str, ssl.TLSVersion] = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
AUTHORITY_NAME = "Dental Desktop emulator root CA"
LEAF_NAME = "Dental Desktop emulator"
WRONG_HOST = "another-computer.invalid"


@dataclass(frozen=True)
class TlsSettings:
    """How connections are protected. The defaults are those of a server that does it right."""

    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    fixed: bool = False
    """The minimum was asked for: no reading lowers it."""
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    plain: bool = False
    """Speaks HTTP without TLS."""
    plain_too: bool = False
    """Answers plain HTTP on the same port as well."""
    announced: str = ""
    """The thumbprint that is told to clients; '' for that of the authority that is presented."""
    present_authority: bool = True
    """Sends the authority with the leaf, so that clients can compare its thumbprint."""
    self_signed: bool = False
    expired: bool = False
    wrong_host: bool = False
    hostnames: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    authority_name: str = AUTHORITY_NAME
    """Of the authority that is made; who installs it shall know what for."""
    leaf_name: str = LEAF_NAME
    """Of a certificate that vouches for itself."""


@dataclass(frozen=True)
class Protection:
    """What ``protect`` made. ``context`` None means that the port speaks without TLS."""

    context: ssl.SSLContext | None
    paths: Paths
    thumbprint: str
    """SHA-1 of the last certificate of the chain, forty lower-case hex digits."""


def as_read(settings: TlsSettings, service: Service, readings: Readings) -> TlsSettings:
    """The settings of a server that takes these readings."""
    minimum = settings.minimum
    if readings[TLS_FLOOR] == "spoken" and not settings.fixed:
        minimum = min(minimum, VERSIONS.get(service.minimum_tls, minimum))
    presented = settings.present_authority and readings[CHAIN_PRESENTED] == "with-authority"
    return replace(settings, minimum=minimum, present_authority=presented)


def protect(settings: TlsSettings, folder: Path, *, keep: bool = False) -> Protection:
    """Certificates in ``folder`` and a context that presents them.

    With ``keep``, valid certificates of an earlier run stay, so that a client that trusts them goes on doing so.
    Raises ValueError when they are not what the settings ask for.
    """
    paths = paths_in(folder)
    if keep and _valid(paths):
        _fit(paths, settings, folder)
    else:
        paths = write(_leaf(settings), folder, present_authority=settings.present_authority)
    context = None if settings.plain else server_context(paths, settings.minimum, settings.maximum)
    thumbprint = settings.announced or thumbprint_sha1(read_certificates(paths.authority_pem)[-1])
    return Protection(context, paths, thumbprint)


def _valid(paths: Paths) -> bool:
    if not all(path.is_file() for path in (paths.chain_pem, paths.key_pem, paths.authority_pem)):
        return False
    return all(c.not_valid_after_utc > datetime.now(UTC) for c in read_certificates(paths.chain_pem))


def _fit(paths: Paths, settings: TlsSettings, folder: Path) -> None:
    """ValueError when others would be made; those that are there may be trusted somewhere, and stay."""
    chain = read_certificates(paths.chain_pem)
    missing = {*settings.hostnames, *settings.ips} - set(_names(chain[0]))
    if missing:
        raise ValueError(
            f"the certificate in {folder} is not for {', '.join(sorted(missing))}; delete it to have a new one made,"
            " or keep another in a folder of its own (--certificates)."
        )
    alone = settings.self_signed or not settings.present_authority
    if (len(chain) == 1) != alone:
        wanted = "a certificate alone" if alone else "a certificate with its authority"
        raise ValueError(
            f"{folder} holds a chain of {len(chain)}, and {wanted} is to be presented; keep that one in a folder of its"
            " own (--certificates)."
        )


def _names(leaf: Certificate) -> tuple[str, ...]:
    """Those that the certificate is for."""
    try:
        names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return ()
    return (*names.get_values_for_type(DNSName), *map(str, names.get_values_for_type(IPAddress)))


def _leaf(settings: TlsSettings) -> Leaf:
    hostnames = (WRONG_HOST,) if settings.wrong_host else settings.hostnames
    ips = () if settings.wrong_host else settings.ips
    loopback = not settings.wrong_host
    if settings.self_signed:
        return self_signed(settings.leaf_name, hostnames, ips, expired=settings.expired, loopback=loopback)
    authority: Authority = make_authority(settings.authority_name)
    return issue_leaf(authority, hostnames, ips, expired=settings.expired, loopback=loopback)
