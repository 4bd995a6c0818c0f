"""The Authorization header of the Basic scheme, written and read."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from conformance.wire.values import Malformed

_SCHEME = "Basic"


@dataclass(frozen=True)
class Credentials:
    """Who calls. The password is kept out of repr, so that no log or assertion shows it."""

    user: str
    password: str = field(repr=False)
    charset: str = field(default="utf-8", compare=False)
    """utf-8, or latin-1 where the bytes were not UTF-8."""


@dataclass(frozen=True)
class NoCredentials:
    """The call carried no Authorization header, or an empty one."""


def encode_basic(user: str, password: str) -> str:
    """The header value for a user and a password, which may be empty. ValueError for a colon in the user's name."""
    if ":" in user:
        raise ValueError(f'user "{user}" contains a colon, which Basic cannot carry; choose another user')
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return f"{_SCHEME} {token}"


def parse_authorization(header: str | None) -> Credentials | NoCredentials | Malformed:
    """The credentials of a header value. Malformed names the scheme only: the rest may be somebody's password."""
    scheme, _, token = (header or "").strip().partition(" ")
    if not scheme:
        return NoCredentials()
    if scheme.lower() != _SCHEME.lower():
        return Malformed("not the Basic scheme", scheme if token else "")
    try:
        data = base64.b64decode(token.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return Malformed("credentials are not Base64", scheme)
    text, charset = _decode(data)
    user, colon, password = text.partition(":")
    return Credentials(user, password, charset) if colon else Malformed("no colon between user and password", scheme)


def _decode(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"
