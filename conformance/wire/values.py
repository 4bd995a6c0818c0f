"""What travels, as values: records, moments, and foreign text that could not be understood.

The law of this package: whatever a stranger sends becomes a value. Text that does not parse is
``Malformed``, which is evidence like any other; an exception here would be our own fault.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND
_WIDEST_OFFSET = 14 * 3_600 * TICKS_PER_SECOND
_END_OF_YEAR_ONE = 365 * TICKS_PER_DAY
_DATABASE_MINIMUM = 639_905 * TICKS_PER_DAY  # 1753-01-01, the least date of SQL Server's datetime


@dataclass(frozen=True, slots=True)
class Malformed:
    """Foreign text that does not mean what it should; ``reason`` says why, ``text`` shows it or its beginning."""

    reason: str
    text: str


class Zone(StrEnum):
    """How a moment was written: without a zone, with Z, or with an offset."""

    NONE = "none"
    UTC = "utc"
    OFFSET = "offset"


@dataclass(frozen=True, order=False, slots=True)
class Moment:
    """A date and time as written.

    ``ticks`` are 100 ns since 0001-01-01, of UTC when a zone is known, else of the naive text. They may
    be negative: a least date with an offset east of Greenwich lies before year one, which the
    standard library's datetime cannot hold.
    """

    text: str
    ticks: int
    zone: Zone

    @property
    def is_minimal(self) -> bool:
        """True for the dates that stand for "never": year 1 and 1753-01-01, give or take a day of zone."""
        return self.is_of_year_one or abs(self.ticks - _DATABASE_MINIMUM) <= TICKS_PER_DAY

    @property
    def is_of_year_one(self) -> bool:
        """True for the least of all dates, however a program rounds it, give or take a day of zone."""
        return -TICKS_PER_DAY <= self.ticks <= _END_OF_YEAR_ONE + TICKS_PER_DAY

    @property
    def earliest(self) -> int:
        """The least UTC ticks it can mean; without a zone that is 14 hours earlier than written."""
        return self.ticks - _WIDEST_OFFSET if self.zone is Zone.NONE else self.ticks

    @property
    def latest(self) -> int:
        """The greatest UTC ticks it can mean; without a zone that is 14 hours later than written."""
        return self.ticks + _WIDEST_OFFSET if self.zone is Zone.NONE else self.ticks


Value: TypeAlias = "str | uuid.UUID | bool | int | Moment | bytes | tuple[Record, ...] | Malformed"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as met: values by field role, and what was odd about its elements."""

    type: str
    """Role of the record type."""
    values: Mapping[str, Value]
    """By field role. A field that was absent or nil is not in it; of a repeated field the first counts."""
    unknown: tuple[str, ...] = ()
    """Wire names that the spec does not know; ``List/Item`` for a stranger inside a list."""
    repeated: tuple[str, ...] = ()
    """Wire names met more than once, each named once."""
    order: tuple[str, ...] = ()
    """Wire names in the order met, unknown and repeated ones included."""

    def get(self, role: str) -> Value | None:
        """The value of the field with that role, or None when it was absent."""
        return self.values.get(role)

    def text(self, role: str) -> str:
        """The text of a text field; '' when absent, malformed or of another kind."""
        value = self.values.get(role)
        return value if isinstance(value, str) else ""

    def guid(self, role: str) -> uuid.UUID | None:
        """The GUID of a field; None when absent, malformed or of another kind."""
        value = self.values.get(role)
        return value if isinstance(value, uuid.UUID) else None

    def number(self, role: str) -> int | None:
        """The integer of a field; None when absent, malformed or of another kind."""
        value = self.values.get(role)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def moment(self, role: str) -> Moment | None:
        """The moment of a field; None when absent, malformed or of another kind."""
        value = self.values.get(role)
        return value if isinstance(value, Moment) else None

    def records(self, role: str) -> tuple[Record, ...]:
        """The records of a list field; empty when absent or malformed."""
        value = self.values.get(role)
        return value if isinstance(value, tuple) else ()


@dataclass(frozen=True, slots=True)
class Form:
    """What the text looked like, for the readings: none of it changes what the document means."""

    syntax: str
    """xml, json, or bare for a value without any wrapping."""
    declaration: bool = False
    bom: bool = False
    encoding: str = "utf-8"
    """As declared, or found by BOM or charset; lower case."""
    root_namespace: str = ""
    prefixed: bool = False
    """True when the root element's name carries a prefix."""
    schema_prefixes: bool = False
    """True when the schema-instance namespace is declared, as on complex roots written by XmlSerializer."""
    indented: bool = False
    flaws: tuple[str, ...] = ()
    """What the mark, the declaration and the content type say of the encoding and should not (``encodings``)."""
    booleans: tuple[str, ...] = ()
    """Spellings of Booleans other than true and false, in XML; each once, in order."""


@dataclass(frozen=True, slots=True)
class Document:
    """One answer body, read."""

    role: str
    records: tuple[Record, ...]
    value: Value | None
    """The value of a primitive document; None for documents of records, and for a nil primitive."""
    form: Form
    unknown: tuple[str, ...] = field(default=())
    """Elements of a list document that are not its items."""
