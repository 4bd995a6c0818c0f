"""What ``certify server`` is pointed at: the emulator of this build, or a server somewhere."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from conformance.drive import (
    EmulatorOperator,
    NoOperator,
    Trust,
    by_authority,
    by_thumbprint,
    place,
    trusting,
    unchecked,
)
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.judge import OWN_SERVER
from conformance.spec import Spec
from conformance.suite.play import Identity, Operator
from conformance.suite.target import Fixture, Patience, Target

EMULATOR = "emulator"
PREFIX_EMULATOR = "q"
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
FIXTURE_KINDS = ("patient", "unmapped_patient", "case", "indication", "scan", "image", "station")


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


@dataclass(frozen=True)
class Wishes:
    """What the command line says of a server somewhere."""

    url: str
    user: str
    password: str = field(repr=False)
    second: tuple[str, str] | None = field(default=None, repr=False)
    """Another user's name and password."""
    authority: Path | None = None
    thumbprint: str = ""
    insecure: bool = False
    fixtures: Path | None = None
    control_url: str = ""
    control_token: str = field(default="", repr=False)
    allow_writes: bool = False
    patience: Patience = field(default_factory=Patience)


@contextmanager
def embedded(spec: Spec, seed: int, faults: tuple[str, ...]) -> Iterator[Subject]:
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
            gather=operator.gather,
        )
        name = "-".join((EMULATOR, *faults))
        # Its patients are made up and the same each time: so are their tokens, and runs can be compared.
        key = hashlib.sha256(f"{EMULATOR}/{seed}".encode()).digest()
        title = "the embedded emulator" + (f" with {', '.join(faults)}" if faults else "")
        yield Subject(name, title, target, key, OWN_SERVER, pem)


def at_url(spec: Spec, wishes: Wishes, seed: int, now: datetime) -> Subject:
    """A server somewhere. Raises ValueError, TrustError or OSError: the set-up's fault."""
    url = full_url(wishes.url, spec)
    trust = _trust(spec, wishes, url)
    target = Target(
        url=url,
        users=_users(wishes),
        context=trust.context,
        operator=_operator(wishes),
        prefix=prefix_at(now),
        seed=seed,
        thumbprint=trust.thumbprint,
        fixtures=read_fixtures(wishes.fixtures) if wishes.fixtures else (),
        patience=wishes.patience,
        allow_writes=wishes.allow_writes,
    )
    return Subject(place(url).authority, url, target, secrets.token_bytes(32), "", trust.authority_pem)


def full_url(text: str, spec: Spec) -> str:
    """What a person typed, completed with the spec's scheme, port and path where it has none of its own.

    Raises ValueError for an address with credentials: it stands in reports.
    """
    service = spec.service
    parts = urlsplit(text if "://" in text else f"{service.scheme}://{text}")
    if "@" in parts.netloc:
        raise ValueError("the address holds credentials; give them as THREEDD_USER and THREEDD_PASSWORD instead.")
    host = parts.netloc if parts.port else f"{parts.netloc}:{service.port}"
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


def read_fixtures(path: Path) -> tuple[Fixture, ...]:
    """The things that a JSON file declares to have been prepared. Raises ValueError or OSError."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise ValueError(f"{path} is no JSON ({wrong}); write a list of objects with texts.") from wrong
    if not isinstance(rows, list):
        raise ValueError(f"{path} holds {type(rows).__name__}; expected a list of objects.")
    return tuple(_fixture(path, number, row) for number, row in enumerate(rows, start=1))


def _fixture(path: Path, number: int, row: object) -> Mapping[str, str]:
    texts = isinstance(row, dict) and all(isinstance(value, str) for value in row.values())
    if not isinstance(row, dict) or not texts or row.get("what") not in FIXTURE_KINDS:
        kinds = ", ".join(FIXTURE_KINDS)
        raise ValueError(f'{path} entry {number} is {row!r}; expected "what" (one of {kinds}) and facts, all texts.')
    return row


def _users(wishes: Wishes) -> tuple[Identity, ...]:
    first = (Identity(wishes.user, wishes.password),) if wishes.user else ()
    return (*first, Identity(*wishes.second)) if wishes.second else first


def _operator(wishes: Wishes) -> Operator:
    if wishes.control_url:
        return EmulatorOperator(wishes.control_url, wishes.control_token)
    return NoOperator()


def _trust(spec: Spec, wishes: Wishes, url: str) -> Trust:
    where = place(url)
    if where.scheme == "http":
        return Trust(None, wishes.thumbprint)
    if wishes.insecure:
        return Trust(unchecked(), wishes.thumbprint)
    if wishes.authority is not None:
        return by_authority(wishes.authority.read_text(encoding="utf-8"), wishes.thumbprint)
    return by_thumbprint(where, wishes.thumbprint or spec.service.authority_thumbprint)
