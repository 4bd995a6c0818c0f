"""The journal: a run on disk, line by line, as it happens.

Laws. Line 1 is the header, the last line the footer, every line between them one event, in the order of the recorder;
each line is one JSON object in UTF-8 ended by LF. Lines are only ever appended, and each is handed to the operating
system before the call that wrote it returns (unless the writer was told to buffer), so that a run cut short keeps
what it saw; ``close`` also waits for the disk. The footer counts the events and holds the SHA-256 of all bytes
before it: a journal without one was cut short, and one whose digest differs was changed. ``Journal.resumed`` appends
to one that was cut short; only half a line at its end, which no reader takes for an event, gives way.
"""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, overload

from conformance.trace.events import Event, Recorded, from_json, to_json

FORMAT = "threedd-journal"
VERSION = 1
_FOOTER_REACH = 4096


class JournalError(Exception):
    """A file is no journal, or not a whole one. Never the subject's fault."""


class Journal:
    """Appends events to a new file. Raises FileExistsError when there is one: a journal is never written over."""

    def __init__(self, path: Path, header: Mapping[str, object], *, buffered: bool = False) -> None:
        """``header`` tells harness, spec, subject, profile and seed; ``buffered`` leaves flushing to the system."""
        self.path = path
        self.events = 0
        self._buffered = buffered
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = path.open("xb")
        self._write({"format": FORMAT, "version": VERSION, **header})

    @classmethod
    def resumed(cls, path: Path, *, buffered: bool = False) -> Journal:
        """Goes on with a journal that was cut short. Raises JournalError for any other."""
        if not is_cut_short(path):
            raise JournalError(f"{path.name} has its footer: the run is complete. Begin another run.")
        count = sum(1 for _ in read_journal(path, partial=True)[1])
        journal = cls.__new__(cls)
        journal.path, journal.events, journal._buffered = path, count, buffered
        journal._digest, journal._file = hashlib.sha256(), path.open("r+b")
        whole = 0
        for line in journal._file:
            if line.endswith(b"\n"):
                journal._digest.update(line)
                whole += len(line)
        journal._file.truncate(whole)
        journal._file.seek(whole)
        return journal

    def append(self, event: Event) -> None:
        """Writes the event; a listener for the recorder. Raises ValueError after ``close``."""
        self._write(to_json(event))
        self.events += 1

    def close(self, verdict: str = "") -> None:
        """Writes the footer and waits for the disk; nothing happens when called again."""
        if self._file is None:
            return
        footer: dict[str, object] = {"footer": {"events": self.events, "sha256": self._digest.hexdigest()}}
        if verdict:
            footer["verdict"] = verdict
        self._write(footer)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A run that ends by an exception leaves no footer: it was cut short."""
        if error is None:
            self.close()
        elif self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, row: Mapping[str, object]) -> None:
        if self._file is None:
            raise ValueError(f"{self.path} is closed; write to it before close().")
        line = _LINES.encode(row).encode("utf-8", "surrogatepass") + b"\n"
        self._digest.update(line)
        self._file.write(line)
        if not self._buffered:
            self._file.flush()


_LINES = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def read_journal(path: Path, partial: bool = False) -> tuple[dict[str, Any], Iterator[Event]]:
    """Header and events. The events are checked while they are read: the last step may raise JournalError.

    ``partial`` accepts a recording that was cut short, up to its last whole line; a changed one is refused as ever.
    """
    with path.open("rb") as file:
        first = file.readline()
    header = _header(path.name, first)
    return header, (event for _, event in _events(path, first, partial))


class Pages(Sequence[Event]):
    """The events of a journal that may be long: those after the first so many are read again when they are asked for.

    It is to be gone through once from beginning to end before anything else is asked: that checks it, as
    ``read_journal`` does, and finds the places of the events.
    """

    def __init__(self, path: Path, partial: bool = False, keep: int = 20_000) -> None:
        """Raises JournalError for a file without a header."""
        self._path, self._partial, self._keep = path, partial, keep
        with path.open("rb") as file:
            self._first = file.readline()
        self.header = _header(path.name, self._first)
        self._kept: list[Event] = []
        self._places, self._numbers = array("Q"), array("Q")
        self._whole = False

    def __iter__(self) -> Iterator[Event]:
        if not self._whole:
            yield from self._opened()
            return
        yield from self._kept
        if len(self._kept) < len(self):
            with self._path.open("rb") as file:
                file.seek(self._places[len(self._kept)])
                for _ in range(len(self._kept), len(self)):
                    yield _known(file.readline())

    def __len__(self) -> int:
        return len(self._places)

    @property
    def expected(self) -> int:
        """How many there will be about; for telling somebody who waits."""
        with self._path.open("rb") as file:
            return max(0, sum(1 for _ in file) - 2)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return self._kept[place] if place < len(self._kept) else self._read(place)

    def exchange(self, number: int) -> Recorded:
        """The exchange of that number. Raises LookupError for anything else."""
        place = bisect_left(self._numbers, number)
        event = self[place] if place < len(self) else None
        if not isinstance(event, Recorded) or event.number != number:
            raise LookupError(f"{self._path.name} has no exchange {number} so far.")
        return event

    def _opened(self) -> Iterator[Event]:
        self._kept, self._places, self._numbers = [], array("Q"), array("Q")
        for place, event in _events(self._path, self._first, self._partial):
            if len(self._kept) < self._keep:
                self._kept.append(event)
            self._places.append(place)
            self._numbers.append(event.number)
            yield event
        self._whole = True

    def _read(self, index: int) -> Event:
        with self._path.open("rb") as file:
            file.seek(self._places[index])
            return _known(file.readline())


def is_journal(path: Path) -> bool:
    """True when the file begins like a journal, of whatever version."""
    with path.open("rb") as file:
        return f'"format":"{FORMAT}"'.encode() in file.readline(4096).replace(b" ", b"")


def is_cut_short(path: Path) -> bool:
    """True when the last line is no footer."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _FOOTER_REACH))
        tail = file.read()
    last = tail.rstrip(b"\n").rpartition(b"\n")[2]
    return not (tail.endswith(b"\n") and last.startswith(b'{"footer":'))


def _header(name: str, line: bytes) -> dict[str, Any]:
    if not line:
        raise JournalError(f"{name} is empty: the recording never began. Record again.")
    row = _row(name, 1, line)
    if row.get("format") != FORMAT:
        found = row.get("format", "no format")
        raise JournalError(f'{name} line 1 has {found}; expected the header of a "{FORMAT}". Give a journal.jsonl.')
    version = row.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise JournalError(
            f"{name} has version {version}, and this build reads up to {VERSION}. Judge it with a newer build."
        )
    return {key: value for key, value in row.items() if key not in ("format", "version")}


def _events(path: Path, first: bytes, partial: bool) -> Iterator[tuple[int, Event]]:
    """Each event with the place where its line begins."""
    digest, count, last, place = hashlib.sha256(first), 0, 0, len(first)
    with path.open("rb") as file:
        file.readline()
        for number, line in enumerate(file, start=2):
            if not line.endswith(b"\n"):
                if partial:
                    return
                raise JournalError(_cut_short(path.name, last))
            row = _row(path.name, number, line)
            if "footer" in row:
                _check_footer(path.name, row["footer"], count, digest.hexdigest(), file.read(1))
                return
            digest.update(line)
            event = _event(path.name, number, row, last)
            yield place, event
            count, last, place = count + 1, event.number, place + len(line)
    if not partial:
        raise JournalError(_cut_short(path.name, last))


def _cut_short(name: str, last: int) -> str:
    where = f"after event {last}" if last else "before the first event"
    return f"{name} has no footer: the recording stopped {where}. Judge it with --partial, or record again."


def _check_footer(name: str, footer: object, count: int, digest: str, rest: bytes) -> None:
    if not isinstance(footer, dict):
        raise JournalError(f"{name} has the footer {footer!r}; expected events and sha256. Record again.")
    if footer.get("events") != count:
        raise JournalError(
            f"{name} holds {count} events, and its footer counts {footer.get('events')}: lines were lost or added."
            " Get the original file."
        )
    if footer.get("sha256") != digest:
        raise JournalError(
            f"{name} was changed after it was recorded: its lines have the SHA-256 {digest}, its footer"
            f" {footer.get('sha256')}. Get the original file."
        )
    if rest:
        raise JournalError(f"{name} goes on after its footer: two recordings in one file. Split them.")


def _event(name: str, line: int, row: Mapping[str, Any], last: int) -> Event:
    try:
        event = from_json(row)
        in_order = event.number > last
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise JournalError(
            f"{name} line {line} is no event ({why}). Get the original file, or record again."
        ) from error
    if not in_order:
        raise JournalError(f"{name} line {line} has event {event.number} after event {last}. Get the original file.")
    return event


def _known(line: bytes) -> Event:
    """The event of a line that was checked before."""
    return from_json(json.loads(line.decode("utf-8", "surrogatepass")))


def _row(name: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise JournalError(
            f"{name} line {number} is no text (byte {error.object[error.start]:#04x}). Give a journal.jsonl."
        ) from error
    except ValueError as error:
        shown = line[:40].decode("utf-8", "replace").strip()
        raise JournalError(
            f'{name} line {number} is no JSON: "{shown}". Get the original file, or record again.'
        ) from error
    if not isinstance(row, dict):
        raise JournalError(f"{name} line {number} is no JSON object. Get the original file, or record again.")
    return row
