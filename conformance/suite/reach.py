"""The rungs below HTTP: name, port, TLS, chain. What stands at their end is whom the run will believe.

Nothing is sent but handshakes, and a request without credentials where something else than expected seems to answer.
The guide recognises a server by the end of its chain, not by its name: a certificate for another name is a remark.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from cryptography import x509

from conformance.drive import Place, Trust, TrustError, bare, by_authority, by_thumbprint, trusting, unchecked
from conformance.drive.connection import Address
from conformance.drive.trust import presented_by, thumbprint
from conformance.spec import Spec
from conformance.suite.ladder import Ladder, Rung

CONNECT_S = 5.0
ASK_S = 3.0
LONGEST_LOOK_BYTES = 4096


@dataclass(frozen=True)
class Believed:
    """Whom the set-up says the server to be."""

    authority_pem: str = ""
    thumbprint: str = ""
    """'' for that of the spec, where no authority is named."""
    insecure: bool = False


def reach(place: Place, believed: Believed, spec: Spec, ladder: Ladder) -> Trust:
    """How the server there is recognised from now on. Raises Unready with what to do."""
    addresses = _resolved(place, ladder)
    _connected(place, addresses, spec, ladder)
    if place.scheme == "http":
        _spoken_plainly(place, ladder)
        return Trust(None, bare(believed.thumbprint))
    presented = _handshake(place, ladder)
    return _believed(place, presented, believed, spec, ladder)


# -- name and port --------------------------------------------------------------------------------------------


def _resolved(place: Place, ladder: Ladder) -> list[str]:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as wrong:
        raise ladder.fail(
            Rung.NAME,
            f'the name "{place.host}" cannot be resolved ({wrong}); check the spelling, or use the IP address.',
        ) from wrong
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    ladder.holds(Rung.NAME, f"{place.host} is {', '.join(addresses)}")
    return addresses


def _connected(place: Place, addresses: Sequence[str], spec: Spec, ladder: Ladder) -> None:
    closed: dict[str, OSError] = {}
    for address in addresses:
        wrong = _refusal(address, place.port)
        if wrong is not None:
            closed[address] = wrong
    if len(closed) == len(addresses):
        raise ladder.fail(Rung.PORT, _closed(place, closed[addresses[-1]], spec))
    answering = [address for address in addresses if address not in closed]
    if closed:
        ladder.remark(
            Rung.PORT,
            f"port {place.port} answers at {', '.join(answering)} but not at {', '.join(closed)}, which {place.host}"
            " is as well; a program that tries those first is slow or fails. Give the address that answers, if so.",
        )
    else:
        ladder.holds(Rung.PORT, f"{place.port} is open")


def _refusal(address: str, port: int) -> OSError | None:
    try:
        socket.create_connection((address, port), timeout=CONNECT_S).close()
    except OSError as wrong:
        return wrong
    return None


def _closed(place: Place, wrong: OSError, spec: Spec) -> str:
    where = place.authority
    if isinstance(wrong, TimeoutError):
        problem = f"{where} gives no answer (timeout): check the address and the firewall between"
    elif isinstance(wrong, ConnectionRefusedError):
        problem = (
            f"{where} gives no answer (refused): nothing listens at that port; is the service running,"
            " and does a firewall allow it"
        )
    elif wrong.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
        problem = f"{where} gives no answer (unreachable): there is no way to it from here; check network and address"
    else:
        problem = f"{where} gives no answer ({wrong}); check address and network"
    open_ones = [port for port in _usual_ports(place, spec) if _refusal(place.host, port) is None]
    if open_ones:
        problem += f"; port {open_ones[0]} is open there, where installations of this service listen: try that one"
    return f"{problem}."


def _usual_ports(place: Place, spec: Spec) -> list[int]:
    service = spec.service
    return [port for port in (service.port, *service.other_ports) if port != place.port]


# -- TLS ------------------------------------------------------------------------------------------------------


def _spoken_plainly(place: Place, ladder: Ladder) -> None:
    if _http_status_line(place):
        ladder.remark(Rung.TLS, "not used, since the address says http://; rows about it will not be observed")
        return
    if _presented(place):
        raise ladder.fail(
            Rung.TLS, f"{place.authority} speaks TLS, and the address says http://; write https:// instead."
        )
    raise ladder.fail(
        Rung.TLS, f"{place.authority} answers neither HTTP nor TLS; something else listens there. Check the port."
    )


def _handshake(place: Place, ladder: Ladder) -> tuple[bytes, ...]:
    """The presented chain. Raises Unready."""
    try:
        with Address(place.host, place.port, unchecked()).open(CONNECT_S) as sock:
            secure = cast(ssl.SSLSocket, sock)
            presented = presented_by(secure)
            ladder.holds(Rung.TLS, f"{secure.version()}")
    except OSError as wrong:
        raise ladder.fail(Rung.TLS, _no_handshake(place, wrong)) from wrong
    return presented


def _no_handshake(place: Place, wrong: OSError) -> str:
    said = _http_status_line(place)
    if said:
        return (
            f"{place.authority} speaks plain HTTP ({said}), and the address says https://; write http:// if that is the"
            " service, or correct the port: another program (an emulator's control port, say) listens there."
        )
    if "certificate_required" in str(wrong).lower() or "certificate required" in str(wrong).lower():
        return f"{place.authority} asks for a certificate of the client, which this service does not; check the port."
    if isinstance(wrong, TimeoutError):
        return f"{place.authority} takes the connection and says nothing; something else listens there. Check the port."
    return (
        f"no TLS handshake with {place.authority} ({getattr(wrong, 'reason', None) or wrong}); something else listens"
        " there, or it speaks no version of TLS that this computer knows. Check the port."
    )


def _presented(place: Place) -> tuple[bytes, ...]:
    try:
        with Address(place.host, place.port, unchecked()).open(CONNECT_S) as sock:
            return presented_by(cast(ssl.SSLSocket, sock))
    except OSError:
        return ()


def _http_status_line(place: Place) -> str:
    """The first line of what is answered to a request without TLS and credentials, or '' when that is no HTTP."""
    try:
        with socket.create_connection((place.host, place.port), timeout=ASK_S) as sock:
            sock.sendall(f"GET / HTTP/1.1\r\nHost: {place.authority}\r\nConnection: close\r\n\r\n".encode("ascii"))
            line = sock.recv(LONGEST_LOOK_BYTES).split(b"\r\n", 1)[0]
    except (OSError, UnicodeError, http.client.HTTPException):
        return ""
    return line.decode("latin-1")[:40] if line.startswith(b"HTTP/") else ""


# -- the chain ------------------------------------------------------------------------------------------------


def _believed(place: Place, presented: Sequence[bytes], believed: Believed, spec: Spec, ladder: Ladder) -> Trust:
    expected = bare(believed.thumbprint)
    if believed.insecure:
        ladder.remark(Rung.CHAIN, f"anybody is taken (--insecure): {_described(presented)}")
        return Trust(unchecked(), expected)
    if believed.authority_pem:
        trust = by_authority(believed.authority_pem, expected)
    else:
        try:
            trust = by_thumbprint(place, expected or spec.service.authority_thumbprint)
        except TrustError as wrong:
            raise ladder.fail(Rung.CHAIN, _other(presented, str(wrong))) from wrong
    return _checked(place, presented, trust, ladder)


def _checked(place: Place, presented: Sequence[bytes], trust: Trust, ladder: Ladder) -> Trust:
    """``trust``, if a handshake under it succeeds; without the name, if only that differs."""
    try:
        _shake_hands(place, trust)
    except ssl.SSLCertVerificationError as wrong:
        if wrong.verify_code not in _OTHER_NAME or not trust.authority_pem:
            raise ladder.fail(Rung.CHAIN, _unbelieved(presented, trust, wrong)) from wrong
        return _nameless(place, presented, trust, ladder)
    except OSError as wrong:
        raise ladder.fail(Rung.TLS, _no_handshake(place, wrong)) from wrong
    _told(presented, trust, ladder)
    return trust


def _nameless(place: Place, presented: Sequence[bytes], trust: Trust, ladder: Ladder) -> Trust:
    """Believes the chain alone, as the guide does."""
    loose = Trust(trusting(trust.authority_pem, host_must_match=False), trust.thumbprint, trust.authority_pem)
    names = ", ".join(_names(presented[0])) if presented else ""
    ladder.remark(
        Rung.CHAIN,
        f'the certificate is for "{names}" and not for "{place.host}"; the guide goes by the chain, so the run goes'
        " on. Programs that check names will refuse it: call the server by that name.",
    )
    return _checked(place, presented, loose, ladder)


def _told(presented: Sequence[bytes], trust: Trust, ladder: Ladder) -> None:
    found = thumbprint(presented[-1]) if presented else ""
    if presented and not _self_issued(presented[-1]) and trust.authority_pem:
        found = bare(by_authority(trust.authority_pem).thumbprint)
    if trust.thumbprint and found != trust.thumbprint:
        ladder.remark(
            Rung.CHAIN,
            f"verified, but the chain ends with {found}; {trust.thumbprint} is expected. If that is the wrong"
            " thumbprint, correct it; if it is right, the run will tell.",
        )
        return
    ladder.holds(Rung.CHAIN, f"verified, ends with {found}")


def _shake_hands(place: Place, trust: Trust) -> None:
    Address(place.host, place.port, trust.context).open(CONNECT_S).close()


_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAME = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH."""


def _unbelieved(presented: Sequence[bytes], trust: Trust, wrong: ssl.SSLCertVerificationError) -> str:
    if wrong.verify_code in (_EXPIRED, _NOT_YET) and presented:
        leaf = x509.load_der_x509_certificate(presented[0])
        period = f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}"
        state = "has expired" if wrong.verify_code == _EXPIRED else "is not valid yet"
        return (
            f"the certificate {state} (valid from {period}); check the clock of this computer, have the certificate"
            " renewed, or take anybody (--insecure)."
        )
    if presented and thumbprint(presented[-1]) == trust.thumbprint:
        return (
            f"the chain ends with the expected {trust.thumbprint}, but its certificate was not issued by that authority"
            f" ({wrong.verify_message}): the server may be an impostor. Nothing was sent to it; ask who runs it."
        )
    return _other(
        presented,
        f"{_described(presented)}; expected a certificate issued by {trust.thumbprint or 'the named authority'}"
        f" ({wrong.verify_message}). Name the right authority (--ca FILE), or take anybody (--insecure).",
    )


def _other(presented: Sequence[bytes], problem: str) -> str:
    """``problem`` with what the presented certificates hint at."""
    if len(presented) != 1:
        return problem
    if _self_issued(presented[0]):
        return (
            f"{problem} It is a self-signed certificate, {_described(presented)}: newer installations present one of"
            " their own, and a proxy in between may as well. If it is right, export it and name it with --ca."
        )
    return (
        f"{problem} The server sends its own certificate alone, issued by {_issuer(presented[0])}; then a thumbprint is"
        " not enough: export that authority and name it with --ca."
    )


def _described(presented: Sequence[bytes]) -> str:
    if not presented:
        return "no certificate is presented"
    subjects = " <- ".join(_subject(each) for each in presented)
    return f"{subjects}, the last one {thumbprint(presented[-1])}"


def _self_issued(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.issuer == certificate.subject


def _subject(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).subject.rfc4514_string() or "without a name"


def _issuer(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).issuer.rfc4514_string() or "without a name"


def _names(der: bytes) -> list[str]:
    """The names and addresses for which a certificate was made."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [_subject(der)]
    return [str(getattr(name, "value", name)) for name in found]
