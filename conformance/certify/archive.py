"""The bundle as a file: a ZIP archive in one canonical form, so that every byte of it can be held to account.

Laws. Entries are stored, never compressed: no bundle unpacks to more than it weighs. They are sorted by name, bear no
time, no attribute and no comment, and follow each other without a gap. So the same files give the same bytes on every
machine, and a file in any other form is refused before one of its entries is read. Every unpacking program reads it;
the general reader of the standard library would be too lenient here, since it skips what it does not understand.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 1 << 30
MOST_FILES = 5000
_CHUNK = 1 << 20
_LONGEST_NAME = 200
_HEAD, _ENTRY, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_HEAD_MARK, _ENTRY_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDS, _FIRST_DAY = 20, 0x21
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
_LINK = 0o120000


class Unusable(Exception):
    """A file is no bundle, or none that may safely be looked into."""


@dataclass(frozen=True)
class Entry:
    name: str
    size_bytes: int
    crc: int
    """As the archive tells it; whether it is right is for the reader to find out."""
    at: int
    """Where the content begins."""


# -- writing --------------------------------------------------------------------------------------------------


def write_archive(path: Path, files: Mapping[str, bytes | Path]) -> None:
    """Writes a new file. Raises FileExistsError where there is one, and Unusable for what no bundle may hold."""
    for name in files:
        check_name(name)
    sizes = {name: _size(content) for name, content in files.items()}
    if len(files) > MOST_FILES or sum(sizes.values()) > MOST_BYTES - (_LONGEST_NAME * 2 + 100) * MOST_FILES:
        raise Unusable(
            f"{len(files)} files of {sum(sizes.values())} bytes; a bundle holds {MOST_FILES} files and"
            f" {MOST_BYTES} bytes. Record a shorter run."
        )
    with path.open("xb") as file:
        try:
            _write(file, files, sizes)
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise


def _write(file: BinaryIO, files: Mapping[str, bytes | Path], sizes: Mapping[str, int]) -> None:
    entries, at = [], 0
    for name in sorted(files):
        crc = 0
        for chunk in _content(files[name]):
            crc = zlib.crc32(chunk, crc)
        head = _head(name, sizes[name], crc)
        entries.append(Entry(name, sizes[name], crc, at + len(head)))
        file.write(head)
        for chunk in _content(files[name]):
            file.write(chunk)
        at += len(head) + sizes[name]
    file.write(_directory(entries, at))


def check_name(name: str) -> None:
    """Raises Unusable for a name that would mean something else on some machine, or lead out of a folder."""
    parts = name.split("/")
    sound = _NAME.fullmatch(name) is not None and len(name) <= _LONGEST_NAME
    if not sound or any(part.endswith(".") or part.split(".")[0].lower() in _DEVICES for part in parts):
        raise Unusable(
            f"an entry is called {name[:_LONGEST_NAME]!r}; expected letters, digits, dots, hyphens and underscores,"
            " below the bundle's own root. Do not unpack this file."
        )


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _content(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _head(name: str, size: int, crc: int) -> bytes:
    return _HEAD.pack(_HEAD_MARK, _NEEDS, 0, 0, 0, _FIRST_DAY, crc, size, size, len(name), 0) + name.encode("ascii")


def _directory(entries: list[Entry], at: int) -> bytes:
    rows = b"".join(_row(entry) for entry in entries)
    return rows + _END.pack(_END_MARK, 0, 0, len(entries), len(entries), len(rows), at, 0)


def _row(entry: Entry) -> bytes:
    at, size = entry.at - _HEAD.size - len(entry.name), entry.size_bytes
    fixed = (_ENTRY_MARK, _NEEDS, _NEEDS, 0, 0, 0, _FIRST_DAY, entry.crc, size, size, len(entry.name), 0, 0, 0, 0, 0)
    return _ENTRY.pack(*fixed, at) + entry.name.encode("ascii")


# -- reading --------------------------------------------------------------------------------------------------


class Archive:
    """An open bundle; every entry lies inside the file, under a sound name. Close it, or use ``with``."""

    def __init__(self, path: Path) -> None:
        """Raises Unusable for what is no bundle or is dangerous; nothing but the directory has been read then."""
        self.size_bytes = path.stat().st_size
        self._file: BinaryIO = path.open("rb")
        try:
            self.entries = self._read_directory()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def read(self, name: str, most_bytes: int) -> bytes:
        """The whole content. Raises Unusable when there is none, or more than ``most_bytes``."""
        entry = self.entries.get(name)
        if entry is None:
            raise Unusable(f"the bundle has no {name}. Get the original file.")
        if entry.size_bytes > most_bytes:
            raise Unusable(f"{name} has {entry.size_bytes} bytes; expected {most_bytes} at most. Get another bundle.")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content, piece by piece."""
        entry = self.entries[name]
        at, end = entry.at, entry.at + entry.size_bytes
        while at < end:
            self._file.seek(at)
            chunk = self._file.read(min(_CHUNK, end - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk

    def misfit(self) -> str:
        """The first place where the file is not in canonical form, with its byte; '' when it is."""
        at, entries = 0, []
        for entry in self.entries.values():
            crc = 0
            for chunk in self.chunks(entry.name):
                crc = zlib.crc32(chunk, crc)
            head = _head(entry.name, entry.size_bytes, crc)
            if (wrong := self._differs(at, head)) >= 0:
                return f"head of {entry.name} (byte {wrong} of the file)"
            entries.append(Entry(entry.name, entry.size_bytes, crc, at + len(head)))
            at += len(head) + entry.size_bytes
        if (wrong := self._differs(at, _directory(entries, at))) >= 0:
            return f"directory at the end (byte {wrong} of the file)"
        return ""

    def _differs(self, at: int, expected: bytes) -> int:
        """The first byte that is another than expected; -1 for none."""
        self._file.seek(at)
        found = self._file.read(len(expected))
        pairs = zip(found, expected, strict=False)
        same = next((n for n, (is_, should) in enumerate(pairs) if is_ != should), min(len(found), len(expected)))
        return -1 if found == expected else at + same

    def _read_directory(self) -> dict[str, Entry]:
        if self.size_bytes > MOST_BYTES:
            raise Unusable(f"the file has {self.size_bytes} bytes; a bundle has {MOST_BYTES} at most. Get another one.")
        count, size, at = self._read_end()
        self._file.seek(at)
        rows = self._file.read(size)
        entries: dict[str, Entry] = {}
        folded: dict[str, str] = {}
        place = 0
        for _ in range(count):
            entry, place = _entry(rows, place, at)
            known = folded.setdefault(entry.name.casefold(), entry.name)
            if entry.name in entries:
                raise Unusable(f"{entry.name} is in the bundle twice. Do not unpack this file.")
            if known != entry.name:
                raise Unusable(f"{entry.name} and {known} are one file on some machines. Do not unpack this file.")
            entries[entry.name] = entry
        if place != len(rows):
            raise Unusable(f"the directory goes on after its {count} entries. Get the original file.")
        return dict(sorted(entries.items()))

    def _read_end(self) -> tuple[int, int, int]:
        """Number of entries, size of the directory, and where it begins."""
        if self.size_bytes < _END.size:
            raise Unusable(f"the file has {self.size_bytes} bytes and is no bundle. Get the original file.")
        self._file.seek(self.size_bytes - _END.size)
        mark, disk, first_disk, here, count, size, at, comment = _END.unpack(self._file.read(_END.size))
        if mark != _END_MARK or (disk, first_disk, comment) != (0, 0, 0) or here != count:
            raise Unusable(
                "the file does not end like a bundle: it is none, it was cut off, or something was put behind it."
                " Get the original file."
            )
        if count > MOST_FILES:
            raise Unusable(f"the file holds {count} entries; a bundle has {MOST_FILES} at most. Do not unpack it.")
        if at + size + _END.size != self.size_bytes:
            raise Unusable("the file has more or less in it than its entries: it was cut off or put together anew.")
        return count, size, at


def _entry(rows: bytes, place: int, end: int) -> tuple[Entry, int]:
    """One row of the directory, checked, and where the next one begins."""
    if len(rows) - place < _ENTRY.size:
        raise Unusable("the directory of the file is cut off. Get the original file.")
    fields = _ENTRY.unpack_from(rows, place)
    mark, _, _, flags, method, _, _, crc, packed, size, length, extra, comment, _, _, attributes, at = fields
    place += _ENTRY.size
    name = rows[place : place + length].decode("ascii", "replace")
    if mark != _ENTRY_MARK or len(name) != length:
        raise Unusable("the directory of the file is damaged. Get the original file.")
    check_name(name)
    if (attributes >> 16) & 0o170000 == _LINK:
        raise Unusable(f"{name} is a link; a bundle holds plain files only. Do not unpack this file.")
    if method or flags & 1 or packed != size:
        raise Unusable(
            f"{name} is compressed or encrypted ({packed} bytes for {size}); entries of a bundle are stored as they"
            " are. Get the original file, do not pack it again."
        )
    if extra or comment or at + _HEAD.size + length + size > end:
        raise Unusable(f"{name} does not lie inside the file, or bears a remark. Get the original file.")
    return Entry(name, size, crc, at + _HEAD.size + length), place + length
