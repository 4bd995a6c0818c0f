"""Who the port says it is, changeable while it is open: the right certificate, or one that a PMS must not trust.

Every handshake presents the certificate of the moment. A PMS that opens a connection under a wrong one and sends its
credentials all the same has told them to a stranger. What is spoken without TLS, where TLS is configured, is answered
as well, and its connections are called ``plain``.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
from conformance.emulator.tls import AUTHORITY_NAME, LEAF_NAME, WRONG_HOST, Protection, TlsSettings

RIGHT = "right"
ROGUE_NAME = "Some other root CA"


@dataclass(frozen=True)
class Identity:
    """One certificate to present. ``flaw`` says in words what is wrong with it; '' for nothing."""

    name: str
    flaw: str = ""
    grave: bool = False
    """True where the thumbprint or the signatures of the chain give it away, as the guide has it compared."""
    every_other: bool = False
    """True when it is presented at every second handshake only, in turn with the right one."""
    certified: bool = True
    """False when every handshake is broken off before anything is presented."""


IDENTITIES = (
    Identity(RIGHT),
    Identity("authority-not-presented"),
    Identity("rogue-authority", "issued by an authority that nobody was told of", grave=True),
    Identity("forged-authority", "issued by an authority of the same name with another key", grave=True),
    Identity(
        "forged-chain", "a stranger's certificate with the right authority's beside it, which did not sign it", True
    ),
    Identity("self-signed", "vouches for itself", grave=True),
    Identity(
        "sometimes-rogue", "every second connection meets another authority's certificate", True, every_other=True
    ),
    Identity("expired", "its time is over"),
    Identity("wrong-host", "made out to another computer"),
    Identity("no-protection", "breaks off every handshake, and answers what comes in clear", certified=False),
)
BY_NAME: Mapping[str, Identity] = {identity.name: identity for identity in IDENTITIES}


class Identities:
    """The certificates of one emulator, made once; ``present`` chooses among them."""

    def __init__(self, folder: Path, settings: TlsSettings, *, keep: bool = False) -> None:
        """``keep`` takes those that an earlier run left in ``folder``, so that a client goes on trusting them."""
        certified = [identity.name for identity in IDENTITIES if identity.certified and not identity.every_other]
        kept = {name: paths_in(folder / name) for name in certified}
        self._settings = settings
        self._paths = kept if keep and _whole(kept) else _made(folder, settings)
        self._contexts = {
            name: server_context(paths, settings.minimum, settings.maximum) for name, paths in self._paths.items()
        }
        self._thumbprint = thumbprint_sha1(read_certificates(self._paths[RIGHT].authority_pem)[-1])
        self._handshakes = 0
        self.present(RIGHT)

    def present(self, name: str) -> Identity:
        """From now on this one is presented. Raises ValueError for a name that does not exist."""
        if name not in BY_NAME:
            raise ValueError(f'identity "{name}" is not known; expected one of {", ".join(BY_NAME)}.')
        self.now = BY_NAME[name]
        self._handshakes = 0
        return self.now

    def protection(self, on_handshake: Callable[[Identity], object] = lambda identity: None) -> Protection:
        """What a port needs; ``on_handshake`` is told what a client is about to be shown.

        No tickets are given out: a client that takes up an earlier session is shown nothing, and cannot refuse it.
        """
        front = server_context(self._paths[RIGHT], self._settings.minimum, self._settings.maximum)
        front.num_tickets, front.options = 0, front.options | ssl.OP_NO_TICKET

        def choose(session: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext) -> int | None:
            if session.session_reused:  # then no certificate is shown: the client knows to whom it spoke before
                on_handshake(BY_NAME[RIGHT])
                return None
            shown = self._shown()
            on_handshake(shown)
            if not shown.certified:
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            session.context = self._contexts["rogue-authority" if shown.every_other else shown.name]
            return None

        front.sni_callback = choose
        return Protection(front, self._paths[RIGHT], self._thumbprint)

    def _shown(self) -> Identity:
        self._handshakes += 1
        return BY_NAME[RIGHT] if self.now.every_other and self._handshakes % 2 else self.now


def _whole(kept: Mapping[str, Paths]) -> bool:
    """True when all of them are there, and the right one is still valid."""
    files = [path for paths in kept.values() for path in (paths.chain_pem, paths.key_pem, paths.authority_pem)]
    if not all(path.is_file() for path in files):
        return False
    return all(c.not_valid_after_utc > datetime.now(UTC) for c in read_certificates(kept[RIGHT].chain_pem))


def _made(folder: Path, settings: TlsSettings) -> dict[str, Paths]:
    leaves = _leaves(make_authority(AUTHORITY_NAME), settings)
    return {name: write(leaf, folder / name, present_authority=not alone) for name, leaf, alone in leaves}


def _leaves(authority: Authority, settings: TlsSettings) -> list[tuple[str, Leaf, bool]]:
    """Name, certificate, and whether it is presented without its authority."""
    hosts, ips = settings.hostnames, settings.ips
    right = issue_leaf(authority, hosts, ips)
    rogue = make_authority(ROGUE_NAME)
    stranger = issue_leaf(rogue, hosts, ips)
    namesake = make_authority(AUTHORITY_NAME)
    forged = issue_leaf(namesake, hosts, ips)
    return [
        (RIGHT, right, False),
        ("authority-not-presented", right, True),
        ("rogue-authority", stranger, False),
        ("forged-authority", forged, False),
        ("forged-chain", Leaf(forged.certificate, forged.key, authority.certificate), False),
        ("self-signed", self_signed(LEAF_NAME, hosts, ips), False),
        ("expired", issue_leaf(authority, hosts, ips, expired=True), False),
        ("wrong-host", issue_leaf(authority, (WRONG_HOST,), (), loopback=False), False),
    ]
