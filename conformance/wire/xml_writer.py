"""Documents to XML, as XmlSerializer writes them and in every other form a conforming server might choose.

Text is joined by hand: it is several times faster than a tree, and an emulator must be able to write wrong values.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from conformance.spec.objects import Spec
from conformance.wire.layout import DocumentLayout, RecordLayout, Slot, layout_of
from conformance.wire.scalars import write_scalar
from conformance.wire.values import Record

Order = Callable[[list[str]], list[str]]

_SCHEMA_PREFIXES = ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_SPECIAL = re.compile(f"[&<>\r]|{_FORBIDDEN}")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BOMS = {"utf-8": codecs.BOM_UTF8, "utf-16": codecs.BOM_UTF16_LE}
_CODECS = {"utf-16": "utf-16-le"}


@dataclass(frozen=True)
class Style:
    """The freedoms of a writer. The default is XmlSerializer's, bare and on one line."""

    declaration: bool = False
    encoding: str = "utf-8"
    bom: bool = False
    """A byte-order mark, for utf-8 and utf-16 (little-endian)."""
    indent: bool = False
    namespaces: bool = True
    pad: bool = False
    """Every value on a line of its own, as the guide's samples are laid out."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Name and text of elements that every record gets besides its own."""
    order: Order | None = None
    """Given a record's wire names in the spec's order, returns them in the order to write; those left out stay out."""


PLAIN = Style()


def encode(document: str, content: object, spec: Spec, style: Style = PLAIN) -> bytes:
    """The bytes of the document of that role.

    ``content`` is a list of records, one record, or a primitive value, after the document's type. Records are
    mappings by field role (or Record); None leaves a field out, '' and [] write an empty element, and None
    for the whole is a nil root. Characters
    that XML cannot hold become U+FFFD, and a CR becomes the LF that any reader would make of it.
    """
    layout = layout_of(spec).documents[document]
    text = _root(layout, content, _Writer(style))
    return _bytes(text, style)


def _root(layout: DocumentLayout, content: object, writer: _Writer) -> str:
    if content is None:
        return f'<{layout.root}{_SCHEMA_PREFIXES} xsi:nil="true" />'
    if layout.items is None:
        return writer.scalar(f"<{layout.root}>", layout.root, write_scalar(content), 0)
    opening = f"<{layout.root}{_SCHEMA_PREFIXES if writer.style.namespaces else ''}"
    if layout.many:
        inner = writer.records(cast(Iterable[object], content), layout.items, 1)
    else:
        inner = writer.fields(content, layout.items, 1)
    return f"{opening}>{inner}{writer.line(0)}</{layout.root}>" if inner else f"{opening} />"


class _Writer:
    """One style at work. ``depth`` counts from the root, for indentation."""

    def __init__(self, style: Style) -> None:
        self.style = style

    def line(self, depth: int) -> str:
        return "\n" + "  " * depth if self.style.indent else ""

    def records(self, content: Iterable[object], items: RecordLayout, depth: int) -> str:
        return "".join([self._record(entry, items, depth) for entry in content])

    def _record(self, content: object, items: RecordLayout, depth: int) -> str:
        inner = self.fields(content, items, depth + 1)
        line = self.line(depth)
        return f"{line}<{items.name}>{inner}{line}</{items.name}>" if inner else f"{line}<{items.name} />"

    def fields(self, content: object, items: RecordLayout, depth: int) -> str:
        values = content.values if isinstance(content, Record) else cast(Mapping[str, object], content)
        style, line = self.style, self.line(depth)
        chunks: dict[str, str] = {}
        for slot in items.slots:
            value = values.get(slot.role)
            if value is not None:
                chunks[slot.name] = line + self._field(slot, value, depth)
        for name, text in style.unknown:
            chunks[name] = line + self.scalar(f"<{name}>", name, text, depth)
        if style.order is None:
            return "".join(chunks.values())
        return "".join([chunks[name] for name in style.order(list(chunks))])

    def _field(self, slot: Slot, value: object, depth: int) -> str:
        if slot.items is None or isinstance(value, str):
            return self.scalar(slot.opening, slot.name, write_scalar(value), depth)
        inner = self.records(cast(Iterable[object], value), slot.items, depth + 1)
        return f"{slot.opening}{inner}{self.line(depth)}{slot.closing}" if inner else slot.empty

    def scalar(self, opening: str, name: str, text: str, depth: int) -> str:
        if not text:
            return f"<{name} />"
        if _SPECIAL.search(text):
            text = escape(text)
        if self.style.pad:
            return f"{opening}\n{'  ' * (depth + 1)}{text}\n{'  ' * depth}</{name}>"
        return f"{opening}{text}</{name}>"


def escape(text: str) -> str:
    """``text`` made safe between two tags."""
    unbroken = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), unbroken)


def _bytes(text: str, style: Style) -> bytes:
    encoding = style.encoding.lower()
    if style.declaration:
        text = f'<?xml version="1.0" encoding="{style.encoding}"?>{chr(10) if style.indent else ""}{text}'
    data = text.encode(_CODECS.get(encoding, encoding), "xmlcharrefreplace")
    return _BOMS.get(encoding, b"") + data if style.bom else data
