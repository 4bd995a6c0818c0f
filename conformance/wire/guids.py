"""GUIDs in every spelling that .NET's parser takes (formats D, N, B, P and X)."""

from __future__ import annotations

import re
import uuid
from functools import lru_cache

from conformance.wire.values import Malformed

EMPTY_GUID = uuid.UUID(int=0)

_D = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_CANONICAL = re.compile(_D)
_PLAIN = re.compile(rf"{_D}|[0-9a-fA-F]{{32}}|\{{{_D}\}}|\({_D}\)")
_STRUCTURE_WIDTHS = (8, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2)


def _structure() -> re.Pattern[str]:
    """Format X: hex numbers of C, the last eight in braces of their own, blanks allowed between tokens."""
    numbers = [rf"\s*0[xX]0*([0-9a-fA-F]{{1,{width}}})\s*" for width in _STRUCTURE_WIDTHS]
    return re.compile(r"\{" + ",".join(numbers[:3]) + r",\s*\{" + ",".join(numbers[3:]) + r"\}\s*\}")


_STRUCTURE = _structure()


@lru_cache(maxsize=4096)
def parse_guid(text: str) -> uuid.UUID | Malformed:
    """The GUID written in ``text``, surrounding blanks and letter case aside; ``urn:uuid:`` is refused as .NET does."""
    trimmed = text.strip()
    if _PLAIN.fullmatch(trimmed):
        return uuid.UUID(hex=trimmed.strip("{}()"))
    structure = _STRUCTURE.fullmatch(trimmed)
    if structure:
        digits = (part.zfill(width) for part, width in zip(structure.groups(), _STRUCTURE_WIDTHS, strict=True))
        return uuid.UUID(hex="".join(digits))
    return Malformed("not a GUID" if trimmed else "empty where a GUID was expected", text)


def is_canonical(text: str) -> bool:
    """True for hyphenated hex of either case with nothing around it, the spelling every parser agrees on."""
    return _CANONICAL.fullmatch(text) is not None
