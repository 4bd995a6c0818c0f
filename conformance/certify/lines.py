"""The lines of a journal, each with a digest of its own, so that what was done to a recording can be told by its place.

The digest of the whole says *that* it was changed; those of its lines say where, and whether something was changed,
removed, added, told twice or moved. They lie beside the journal in the bundle and are stated like every other file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from conformance.certify.archive import Unusable

LONGEST_LINE = 64 << 20
_DIGITS = 32


class Fault(StrEnum):
    """What is wrong with a bundle."""

    ALTERED = "altered"
    TRUNCATED = "truncated"
    REORDERED = "reordered"
    REPLAYED = "replayed"
    MIXED = "mixed"
    FORGED = "forged"


@dataclass(frozen=True)
class Remark:
    """One fault, where it is, and what it is."""

    fault: Fault
    where: str
    told: str

    def __str__(self) -> str:
        return f"{self.fault.upper()} {self.where}: {self.told}"


def lines_of(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The lines, with their ends; the last one may have none. Raises Unusable for an endless one."""
    kept: list[bytes] = []
    size = 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join((*kept, line, b"\n"))
            kept, size = [], 0
        kept.append(rest)
        size += len(rest)
        if size > LONGEST_LINE:
            raise Unusable(f"{name} has a line of more than {LONGEST_LINE} bytes. Get another bundle.")
    if size:
        yield b"".join(kept)


def line_digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:_DIGITS]


def diagnosis(stated: list[str], found: list[str], name: str) -> Remark:
    """What befell the lines ``stated`` that they became ``found``; the first place where they differ."""
    same = len(set(stated) & set(found))
    if found and same * 2 < len(set(found)):
        return Remark(Fault.MIXED, name, f"it is another recording than the stated one; they share {same} lines")
    at = next((n for n, (s, f) in enumerate(zip(stated, found, strict=False)) if s != f), min(len(stated), len(found)))
    if at == len(found):
        told = f"it ends after line {at}, {len(stated) - at} lines before its end"
        return Remark(Fault.TRUNCATED, _place(name, at), told)
    if at == len(stated):
        return _added(found, at, name)
    known = {digest: n for n, digest in enumerate(stated)}
    here = known.get(found[at])
    if here is None:
        if stated[at] in found[at:]:
            return _added(found, at, name)
        return Remark(Fault.ALTERED, _place(name, at), "it is another line than the one that was recorded")
    if found[at] in found[:at]:
        told = f"it tells line {here + 1} a second time"
        return Remark(Fault.REPLAYED, _place(name, at), told)
    if stated[at] in found:
        told = f"it is line {here + 1} of the recording; line {at + 1} comes later"
        return Remark(Fault.REORDERED, _place(name, at), told)
    if not set(stated[at:here]) & set(found):
        told = f"{here - at} recorded lines are missing here" if here - at > 1 else "the recorded line is missing here"
        return Remark(Fault.TRUNCATED, _place(name, at), told)
    return Remark(Fault.ALTERED, _place(name, at), f"it is line {here + 1} of the recording, and others are missing")


def _added(found: list[str], at: int, name: str) -> Remark:
    if found[at] in found[:at]:
        told = f"it tells line {found.index(found[at]) + 1} a second time"
        return Remark(Fault.REPLAYED, _place(name, at), told)
    return Remark(Fault.ALTERED, _place(name, at), "it was not recorded: somebody put it in")


def _place(name: str, at: int) -> str:
    """Line 1 is the header; the events are numbered from 1, which stands in line 2."""
    return f"{name} line {at + 1}" + (f" (event {at})" if at else " (header)")
