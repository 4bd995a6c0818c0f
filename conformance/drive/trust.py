"""Whom a run believes to be the server: an authority, a thumbprint, this computer's own store, or anybody.

Credentials and patients go to whoever is believed, so believing nobody in particular takes an explicit wish. A
thumbprint alone is no proof, since anybody can send a copy of a certificate: the chain is verified against it.

Old servers are part of the field: the contexts made here accept old protocol versions, weak ciphers and SHA-1. What
a server speaks is judged by rules, not by this end of the line.
"""

from __future__ import annotations

import hashlib
import ssl
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from conformance.drive.connection import Address
from conformance.drive.http import Place

ANY_CIPHER = "ALL:!aNULL:@SECLEVEL=0"
TIMEOUT_S = 10.0


class TrustError(Exception):
    """The server is not the one it was said to be: nothing was sent to it. The set-up's fault, or worse."""


@dataclass(frozen=True)
class Trust:
    """How a server is recognised."""

    context: ssl.SSLContext | None
    """None for a server without TLS."""
    thumbprint: str
    """SHA-1 of the authority that the chain must end with; '' when nobody said which one."""
    authority_pem: str = ""
    """Completes a chain whose server keeps its authority to itself."""


def unchecked() -> ssl.SSLContext:
    """A context that takes any certificate: for looking, not for trusting."""
    context = _tolerant()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def trusting(authority_pem: str, *, host_must_match: bool = True) -> ssl.SSLContext:
    """A context that trusts certificates of this authority (PEM text) and no other. ValueError when it is none."""
    context = _tolerant()
    context.check_hostname = host_must_match
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # so that a self-signed leaf can be named as well
    try:
        context.load_verify_locations(cadata=authority_pem)
    except (ssl.SSLError, ValueError) as wrong:
        raise ValueError(
            f"the authority is no PEM certificate ({wrong}); give a file that begins with {_PEM}"
        ) from None
    return context


_PEM = "-----BEGIN CERTIFICATE-----."


def by_authority(authority_pem: str, thumbprint_: str = "") -> Trust:
    """Trusts what this authority issued; its own thumbprint is expected unless another one is named."""
    context = trusting(authority_pem)
    return Trust(
        context, bare(thumbprint_) or thumbprint(ssl.PEM_cert_to_DER_cert(_first(authority_pem))), authority_pem
    )


def by_thumbprint(place: Place, expected: str) -> Trust:
    """Trusts the presented authority that has this thumbprint, or else what this computer trusts.

    Looks at the server without sending anything to it. Raises TrustError when it is another one, OSError when
    there is nobody.
    """
    with Address(place.host, place.port, unchecked()).open(TIMEOUT_S) as sock:
        presented = presented_by(cast(ssl.SSLSocket, sock))
    last = presented[-1] if presented else b""
    if thumbprint(last) == bare(expected):
        pem = ssl.DER_cert_to_PEM_cert(last)
        return Trust(trusting(pem, host_must_match=False), bare(expected), pem)
    own_store = ssl.create_default_context()
    try:
        Address(place.host, place.port, own_store).open(TIMEOUT_S).close()
    except ssl.SSLError:
        found = thumbprint(last) if presented else "no certificate"
        raise TrustError(
            f"{place.authority} presents a chain that ends with {found}; expected {bare(expected)}."
            " Name its authority (--ca FILE) or its thumbprint (--thumbprint), or take anybody (--insecure)."
        ) from None
    return Trust(own_store, bare(expected))


def presented_by(sock: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The certificates as sent by the server, DER, leaf first."""
    return tuple(_presented(sock))


def _presented(sock: ssl.SSLSocket) -> Iterator[bytes]:
    if hasattr(sock, "get_unverified_chain"):  # public from Python 3.13
        yield from cast(Sequence[bytes], sock.get_unverified_chain())
        return
    for certificate in cast(Any, sock)._sslobj.get_unverified_chain() or ():
        yield ssl.PEM_cert_to_DER_cert(certificate.public_bytes())


def thumbprint(der: bytes) -> str:
    """SHA-1 of a certificate, forty lower-case hex digits, as Windows shows it but for the case."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def bare(text: str) -> str:
    """A thumbprint as people copy it (blanks, colons, capitals) in our one form."""
    return "".join(character for character in text.lower() if character in "0123456789abcdef")


def _first(pem: str) -> str:
    """The first certificate of a PEM text."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    inside = pem.partition(begin)[2].partition(end)[0]
    return f"{begin}{inside}{end}\n"


def _tolerant() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(ANY_CIPHER)
    with warnings.catch_warnings():  # old protocols are what we allow
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context
