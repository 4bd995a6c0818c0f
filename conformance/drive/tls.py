"""What lies below HTTP: which TLS versions a server speaks, what chain it presents, what it does without TLS.

Each probe is one connection of its own and becomes one note. What this computer's own TLS library cannot offer is no
fact about the server: it is noted as skipped.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.drive.calls import Outgoing
from conformance.drive.connection import Address, Connection, Limits, TooLarge, Truncated
from conformance.drive.guard import Admitted
from conformance.drive.http import Place, why
from conformance.drive.trust import ANY_CIPHER, bare, presented_by, thumbprint, unchecked
from conformance.trace import NoteKind, Recorder

VERSIONS = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
AGREED = {"TLSv1": "TLSv1.0"}
"""How the ssl module calls a version, where that differs."""

PLAY = "probe.tls"
PLAIN_LIMITS = Limits(connect_s=5, call_s=5, body_bytes=64 * 1024)


@dataclass(frozen=True)
class Prober:
    """Probes one place. Everything it finds goes to the recorder; nothing is returned or raised."""

    place: Place
    recorder: Recorder
    clock: Callable[[], float]
    admit: Callable[[Outgoing], Admitted]
    """Raises Refused for a request that must not be sent."""
    timeout_s: float = 10.0

    def versions(self) -> None:
        """One handshake per TLS version, offering that version alone: a TLS note each."""
        for name, version in VERSIONS.items():
            context = _only(version)
            if context is None or not _can_offer(context):
                reason = f"the TLS library of this computer cannot offer {name}"
                self.recorder.note(NoteKind.SKIPPED, self.clock(), play=f"{PLAY}-{name}", reason=reason, aims="")
                continue
            agreed, error = self._shake_hands(context)
            self.recorder.note(NoteKind.TLS, self.clock(), offered=name, agreed=agreed, error=error, play=PLAY)

    def _shake_hands(self, context: ssl.SSLContext) -> tuple[str, str]:
        """The version agreed upon, or why none was."""
        try:
            with self._open(context) as sock:
                version = cast(ssl.SSLSocket, sock).version() or ""
                return AGREED.get(version, version), ""
        except OSError as wrong:
            return "", f"{why(wrong)}: {getattr(wrong, 'reason', None) or wrong}"

    def chain(self, expected: str, authority_pem: str = "") -> None:
        """The presented chain and the authority it ends with, beside the one expected: a CHAIN note.

        A server may keep its authority to itself; then ``authority_pem`` completes the chain, if that one issued it.
        """
        try:
            with self._open(unchecked()) as sock:
                presented = presented_by(cast(ssl.SSLSocket, sock))
        except OSError as wrong:
            self.recorder.note(NoteKind.TLS, self.clock(), offered="any", agreed="", error=why(wrong), play=PLAY)
            return
        self.recorder.note(
            NoteKind.CHAIN,
            self.clock(),
            presented=" ".join(map(thumbprint, presented)),
            authority=_authority(presented, authority_pem),
            expected=bare(expected),
            play=PLAY,
        )

    def plain(self, target: str) -> None:
        """What the port answers to a request without TLS (and without credentials): a PLAIN note.

        ``answer`` is ``closed``, ``silence`` or the HTTP status; a refusal in HTTP is still an answer.
        """
        headers = (("Host", self.place.authority), ("Connection", "close"))
        admitted = self.admit(Outgoing(target, headers))
        self.recorder.note(NoteKind.PLAIN, self.clock(), answer=self._ask_plainly(admitted), play=PLAY)

    def _ask_plainly(self, admitted: Admitted) -> str:
        try:
            connection = Connection(Address(self.place.host, self.place.port, None), PLAIN_LIMITS, self.clock)
        except OSError:
            return "closed"
        try:
            connection.write(admitted)
            return str(connection.read().http_status)
        except TimeoutError:
            return "silence"
        except (OSError, http.client.HTTPException, TooLarge, Truncated, ValueError):
            return "closed"  # an alert, a reset, or bytes that are no HTTP
        finally:
            connection.close()

    def _open(self, context: ssl.SSLContext) -> socket.socket:
        return Address(self.place.host, self.place.port, context).open(self.timeout_s)


def _only(version: ssl.TLSVersion) -> ssl.SSLContext | None:
    """A context for exactly one version, with ciphers however weak; None where the library was built without it."""
    context = unchecked()
    try:
        with warnings.catch_warnings():  # old protocols are what we ask for
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers(ANY_CIPHER)
            context.minimum_version = version
            context.maximum_version = version
    except (ValueError, ssl.SSLError):
        return None
    return context


def _can_offer(context: ssl.SSLContext) -> bool:
    """True when a first message can be written at all: tried without any server."""
    sent = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), sent).do_handshake()
    except ssl.SSLWantReadError:
        return sent.pending > 0
    except ssl.SSLError:
        return False
    return True


def _authority(presented: Sequence[bytes], authority_pem: str) -> str:
    """Thumbprint of the self-signed certificate at the end of the chain, or '' when neither side has it."""
    try:
        last = x509.load_der_x509_certificate(presented[-1])
        if last.issuer == last.subject:
            return thumbprint(presented[-1])
        authority = x509.load_pem_x509_certificate(authority_pem.encode("ascii"))
        last.verify_directly_issued_by(authority)
    except (IndexError, ValueError, TypeError, InvalidSignature):
        return ""
    return thumbprint(authority.public_bytes(Encoding.DER))
