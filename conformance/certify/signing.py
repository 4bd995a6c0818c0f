"""Signatures: Ed25519 keys in PEM files, and the envelope that carries a statement with its signatures (DSSE).

The arithmetic is that of ``cryptography``. Of the envelope only its ten lines are ours: what is signed is the type and
the payload, each with its length before it (``DSSEv1 LEN TYPE LEN PAYLOAD``), so that nothing is parsed before its
signature was checked. An envelope has one spelling only: one that reads the same but is written otherwise was altered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_LONGEST_KEY_FILE = 65_536


class KeyUnfit(ValueError):
    """A file holds no key that can be used. The user's fault."""


class NoEnvelope(Exception):
    """A text is no envelope, or not in its one spelling; the message ends with what is wrong."""


@dataclass(frozen=True)
class Signature:
    key_id: str
    value: bytes


@dataclass(frozen=True)
class Envelope:
    payload: bytes
    signatures: tuple[Signature, ...] = ()
    """Empty for what nobody has signed."""
    payload_type: str = PAYLOAD_TYPE


# -- keys -----------------------------------------------------------------------------------------------------


def new_key_files(private: Path, passphrase: str) -> tuple[Path, str]:
    """Makes a key pair; the file of the public key, and its id. '' leaves the private key unprotected.

    The private key's file may be read by its owner only. Raises FileExistsError: no key is ever written over.
    """
    key = Ed25519PrivateKey.generate()
    protection: KeySerializationEncryption = NoEncryption()
    if passphrase:
        protection = BestAvailableEncryption(passphrase.encode("utf-8"))
    public = private.with_suffix(".pub.pem")
    if public.exists():
        raise FileExistsError(17, "exists already", str(public))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(private, flags, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    public.write_bytes(public_pem(key.public_key()))
    return public, key_id(key.public_key())


def private_key(path: Path, ask: Callable[[], str]) -> Ed25519PrivateKey:
    """The signing key of that file; ``ask`` is called for the passphrase when it has one. Raises KeyUnfit."""
    pem = _pem(path)
    encrypted = b"ENCRYPTED" in pem
    try:
        key = load_pem_private_key(pem, ask().encode("utf-8") if encrypted else None)
    except (ValueError, TypeError) as error:
        wrong = "another passphrase, or no private key" if encrypted else "no private key"
        raise KeyUnfit(f'{path} has {wrong}; give the file that "threedd keygen" wrote.') from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnfit(f'{path} holds {type(key).__name__}; expected Ed25519. Make one with "threedd keygen".')
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The key of that file. Raises KeyUnfit."""
    return public_key_from(_pem(path), str(path))


def public_key_from(pem: bytes, name: str) -> Ed25519PublicKey:
    """The key of that text; ``name`` is what errors call it. Raises KeyUnfit."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise KeyUnfit(f"{name} holds no public key; give the .pub.pem file of whoever signed.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnfit(f"{name} holds {type(key).__name__}; expected Ed25519. Ask for the right file.")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: Ed25519PublicKey) -> str:
    """What people compare by telephone: the SHA-256 of the public key (DER), in hexadecimal digits."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _pem(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LONGEST_KEY_FILE)


# -- envelopes ------------------------------------------------------------------------------------------------


def signed_text(payload_type: str, payload: bytes) -> bytes:
    """What a signature is made over: DSSE's pre-authentication encoding."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def signed(payload: bytes, key: Ed25519PrivateKey) -> Envelope:
    """The payload with one signature."""
    value = key.sign(signed_text(PAYLOAD_TYPE, payload))
    return Envelope(payload, (Signature(key_id(key.public_key()), value),))


def is_signed_by(envelope: Envelope, key: Ed25519PublicKey) -> bool:
    """True when a signature that names this key was made with it."""
    text, wanted = signed_text(envelope.payload_type, envelope.payload), key_id(key)
    for signature in envelope.signatures:
        if signature.key_id == wanted:
            try:
                key.verify(signature.value, text)
            except InvalidSignature:
                return False
            return True
    return False


def to_text(envelope: Envelope) -> bytes:
    body = {
        "payload": base64.b64encode(envelope.payload).decode("ascii"),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"keyid": each.key_id, "sig": base64.b64encode(each.value).decode("ascii")} for each in envelope.signatures
        ],
    }
    return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode("ascii")


def from_text(text: bytes) -> Envelope:
    """The envelope that ``to_text`` wrote. Raises NoEnvelope."""
    try:
        body = json.loads(text.decode("ascii"))
        envelope = Envelope(
            payload=base64.b64decode(body["payload"], validate=True),
            payload_type=body["payloadType"],
            signatures=tuple(
                Signature(each["keyid"], base64.b64decode(each["sig"], validate=True)) for each in body["signatures"]
            ),
        )
        same = to_text(envelope) == text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise NoEnvelope(f"it is no DSSE envelope ({type(error).__name__}: {str(error)[:80]})") from error
    if not same:
        raise NoEnvelope("it is written in another way than this harness writes it")
    return envelope
