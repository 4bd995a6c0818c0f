"""Images as they are recorded: by size, type and digest, never by their bytes."""

from __future__ import annotations

import base64
import hashlib


def image_token(text: str, facts: dict[str, str]) -> str:
    """Base64 of an image replaced by base64 of its digest; size and type go into ``facts``."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        facts["image_flaw"] = "not base64"
        return "?"
    if content.startswith(b"sha256:"):
        return text
    return base64.b64encode(image_facts(content, facts)).decode("ascii")


def image_facts(content: bytes, facts: dict[str, str]) -> bytes:
    """Writes size, type and digest of an image into ``facts`` and returns the bytes that stand for it."""
    digest = hashlib.sha256(content).hexdigest()
    facts.update(image_sha256=digest, image_size=str(len(content)), image_type=image_type(content))
    return f"sha256:{digest}".encode("ascii") if content else b""


KINDS = ("jpeg", "png", "gif", "bmp", "tiff", "webp")


def image_type(content: bytes) -> str:
    """One of ``KINDS`` by the first bytes, or ``unknown``."""
    for start, name in (
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF8", "gif"),
        (b"BM", "bmp"),
        (b"II*\x00", "tiff"),
        (b"MM\x00*", "tiff"),
    ):
        if content.startswith(start):
            return name
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "unknown"
