"""What ``certify server`` is pointed at: the emulator of this build, or a server somewhere."""

from __future__ import annotations

import hashlib
import json
import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from conformance.command.declared_facts import fixture_kinds
from conformance.command.operating import Attendance
from conformance.drive import EmulatorOperator, PersonOperator, Tier, place, trusting
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.judge import OWN_SERVER
from conformance.spec import Spec
from conformance.suite.ladder import Ladder
from conformance.suite.play import Identity
from conformance.suite.reach import Believed, reach
from conformance.suite.target import Fixture, Patience, Target

EMULATOR = "emulator"
PREFIX_EMULATOR = "q"
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Subject:
    """Who is certified, and what a run needs to know to reach it."""

    name: str
    """For the name of the folder."""
    title: str
    target: Target
    key: bytes = field(repr=False)
    """For the tokens that take the place of what names a patient; never written."""
    server: str = ""
    """``emulator`` for the one of this build."""
    authority_pem: str = ""
    person: PersonOperator | None = None
    """Who is asked to press buttons, and told beforehand how many."""
    ladder: Ladder = field(default_factory=Ladder)
    """Told of the rungs that are left to climb when the run begins."""


@dataclass(frozen=True)
class Wishes:
    """What the command line says of a server somewhere."""

    url: str
    users: tuple[Identity, ...] = ()
    """The first calls; others are for what needs another user."""
    authority: Path | None = None
    thumbprint: str = ""
    insecure: bool = False
    fixtures: Path | None = None
    """A JSON list; it takes the place of ``prepared``."""
    prepared: tuple[Fixture, ...] = ()
    """What the target file declares."""
    attendance: Attendance = field(default_factory=Attendance)
    """Who is at its stations."""
    tier: Tier = Tier.READ_ONLY
    shared: bool = False
    """Whether others use the server during the run."""
    patience: Patience = field(default_factory=Patience)


@contextmanager
def embedded(spec: Spec, seed: int, faults: tuple[str, ...], tier: Tier = Tier.FULL) -> Iterator[Subject]:
    """The emulator of this build, running, with every freedom of the guide used. ValueError for an unknown fault."""
    with Embedded(spec, brisk_policy(seed), faults=select(*faults)) as running:
        plain = running.protection.context is None
        pem = "" if plain else running.authority_pem.read_text(encoding="ascii")
        operator = EmulatorOperator(running.control_url, running.token)
        target = Target(
            url=running.url,
            users=tuple(Identity(user.user, user.password) for user in running.users),
            context=None if plain else trusting(pem),
            operator=operator,
            prefix=PREFIX_EMULATOR,
            seed=seed,
            thumbprint=running.thumbprint,
            fixtures=tuple(running.fixtures()),
            embedded=True,
            granted=tier,
            gather=operator.gather,
        )
        name = "-".join((EMULATOR, *faults))
        # Its patients are made up and the same each time: so are their tokens, and runs can be compared.
        key = hashlib.sha256(f"{EMULATOR}/{seed}".encode()).digest()
        title = "the embedded emulator" + (f" with {', '.join(faults)}" if faults else "")
        yield Subject(name, title, target, key, OWN_SERVER, pem)


def at_url(spec: Spec, wishes: Wishes, seed: int, now: datetime, ladder: Ladder | None = None) -> Subject:
    """A server somewhere, once the rungs below HTTP are climbed.

    Raises ValueError, OSError or Unready: the set-up's fault.
    """
    url = full_url(wishes.url, spec)
    ladder = ladder or Ladder()
    fixtures = read_fixtures(wishes.fixtures, spec) if wishes.fixtures else wishes.prepared
    pem = authority_text(wishes.authority) if wishes.authority is not None else ""
    trust = reach(place(url), Believed(pem, wishes.thumbprint, wishes.insecure), spec, ladder)
    target = Target(
        url=url,
        users=wishes.users,
        context=trust.context,
        operator=wishes.attendance.operator,
        prefix=prefix_at(now),
        seed=seed,
        thumbprint=trust.thumbprint,
        fixtures=fixtures,
        patience=wishes.patience,
        granted=wishes.tier,
        shared=wishes.shared,
        starting=wishes.attendance.starting,
        attended=wishes.attendance.attended,
    )
    person = wishes.attendance.person
    return Subject(place(url).authority, url, target, secrets.token_bytes(32), "", trust.authority_pem, person, ladder)


def full_url(text: str, spec: Spec) -> str:
    """What a person typed, completed with the spec's scheme, port and path where it has none of its own.

    Raises ValueError for what is no address, and for one with credentials: it stands in reports.
    """
    service = spec.service
    if "@" in text:
        raise ValueError("the address holds credentials; give them as THREEDD_USER and THREEDD_PASSWORD instead.")
    try:
        parts = urlsplit(text if "://" in text else f"{service.scheme}://{text}")
        port, usable = parts.port, bool(parts.hostname) and " " not in text
    except ValueError:
        usable = False
    if not usable:
        expected = "expected host, host:port or https://host:port/path, IPv6 addresses in brackets"
        raise ValueError(f'"{text}" is no address; {expected}. Correct it.')
    host = parts.netloc if port else f"{parts.netloc}:{service.port}"
    path = parts.path.rstrip("/") or service.base_path
    return f"{parts.scheme}://{host}{path}"


def prefix_at(now: datetime) -> str:
    """Six letters and digits that no run before had: ids and names made by this run are found by them."""
    seconds = int(now.timestamp() - datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    digits = []
    for _ in range(6):
        seconds, digit = divmod(seconds, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def read_fixtures(path: Path, spec: Spec) -> tuple[Fixture, ...]:
    """The things that a JSON file declares to have been prepared. Raises ValueError or OSError."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise ValueError(f"{path} is no JSON ({wrong}); write a list of objects with texts.") from wrong
    if not isinstance(rows, list):
        raise ValueError(f"{path} holds {type(rows).__name__}; expected a list of objects.")
    kinds = tuple(fixture_kinds(spec))
    return tuple(_fixture(path, number, row, kinds) for number, row in enumerate(rows, start=1))


def _fixture(path: Path, number: int, row: object, known: tuple[str, ...]) -> Mapping[str, str]:
    texts = isinstance(row, dict) and all(isinstance(value, str) for value in row.values())
    if not isinstance(row, dict) or not texts or row.get("what") not in known:
        kinds = ", ".join(known)
        raise ValueError(f'{path} entry {number} is {row!r}; expected "what" (one of {kinds}) and facts, all texts.')
    return row


def authority_text(path: Path) -> str:
    """A certificate file as PEM text, whether it holds PEM or DER as Windows exports it. Raises ValueError."""
    content = path.read_bytes()
    if content.startswith(_DER):
        return ssl.DER_cert_to_PEM_cert(content)
    text = content.decode("latin-1")
    if _PEM not in text:
        raise ValueError(f"{path} is no certificate; expected a file that holds {_PEM}, or DER. Export it again.")
    return text[text.index(_PEM) :]


_DER, _PEM = b"\x30\x82", "-----BEGIN CERTIFICATE-----"
