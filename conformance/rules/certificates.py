"""How the two ends are protected: TLS versions, the chain, and no plain HTTP. Judged on notes of the driver.

The driver notes one handshake per TLS version (``offered``, ``agreed`` or ``error``), the chain as presented and
as completed (``presented``: thumbprints, leaf first; ``authority``: the last of the completed chain; ``expected``), and
what the port did when spoken to without TLS (``answer``: ``closed`` or an HTTP status).
"""

from __future__ import annotations

from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, judged, undecided
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, note


def _chain(authority: str, expected: str) -> Sketch:
    return note(NoteKind.CHAIN, presented=f"aa {authority}", authority=authority, expected=expected)


@rule(
    "SEC-009",
    judges=NoteKind.CHAIN,
    accepts=[_chain("bb", "bb"), _chain("bb", "BB"), _chain("bb", "B B")],
    rejects=[_chain("bb", "cc")],
    ignores=[_chain("bb", ""), _chain("", "bb")],
)
def the_authority_is_the_expected_one(history: History, chain: Note, spec: Spec) -> Verdict | None:
    """Compared without regard to case: hexadecimal has none. Undecided when nobody said which one to expect."""
    expected = "".join(chain.data.get("expected", "").split()).lower()
    authority = chain.data.get("authority", "").lower()
    if not expected:
        return undecided("nobody said which thumbprint to expect", chain)
    if not authority:
        return undecided("the server sent no authority and none was at hand to complete the chain", chain)
    return judged(authority == expected, f"thumbprint {expected}", f"thumbprint {authority}", chain)


@rule(
    "SEC-010",
    judges=NoteKind.PLAIN,
    accepts=[note(NoteKind.PLAIN, answer="closed"), note(NoteKind.PLAIN, answer="400")],
    rejects=[note(NoteKind.PLAIN, answer="200"), note(NoteKind.PLAIN, answer="401")],
    ignores=[note(NoteKind.PLAIN, answer="")],
)
def plain_http_reaches_nothing(history: History, plain: Note, spec: Spec) -> Verdict | None:
    """A closed connection, HTTP 400 or a redirect to HTTPS is a refusal; a service that answers or asks for a
    password is not."""
    answer = plain.data.get("answer", "")
    if not answer:
        return None
    served = answer.isdigit() and (200 <= int(answer) < 300 or answer in ("401", "403"))
    return judged(not served, "plain HTTP to be refused", f"HTTP {answer} without TLS", plain)


@observes(
    "TLS-FLOOR",
    judges=NoteKind.TLS,
    shows=[
        (note(NoteKind.TLS, offered="TLSv1.0", agreed="TLSv1.0"), "spoken"),
        (note(NoteKind.TLS, offered="TLSv1.0", agreed="", error="alert"), "newer-only"),
        (note(NoteKind.TLS, offered="TLSv1.2", agreed="TLSv1.2"), ""),
    ],
)
def whether_the_oldest_version_is_spoken(history: History, handshake: Note, spec: Spec) -> str | None:
    """Seen at a handshake that offers the documented minimum and nothing else."""
    if handshake.data.get("offered") != spec.service.minimum_tls:
        return None
    return "spoken" if handshake.data.get("agreed") else "newer-only"


@observes(
    "CHAIN-PRESENTED",
    judges=NoteKind.CHAIN,
    shows=[
        (_chain("bb", "bb"), "with-authority"),
        (note(NoteKind.CHAIN, presented="aa", authority="bb", expected="bb"), "without-authority"),
    ],
)
def whether_the_authority_is_sent(history: History, chain: Note, spec: Spec) -> str | None:
    """Seen at the first certificates that the server presents."""
    presented = chain.data.get("presented", "").split()
    authority = chain.data.get("authority", "")
    return ("with-authority" if authority in presented else "without-authority") if presented else None
