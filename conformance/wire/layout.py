"""Look-up tables of a spec's documents, computed once per spec so that a document is read by look-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.spec.objects import DocumentType, Field, Kind, RecordType, Spec
from conformance.wire.scalars import PARSERS
from conformance.wire.values import Value


@dataclass(frozen=True)
class Slot:
    """One field, ready to be read and written."""

    name: str
    role: str
    kind: Kind
    parse: Callable[[str], Value]
    items: RecordLayout | None
    """The records of a list; None for a single value."""
    opening: str
    closing: str
    empty: str


@dataclass(frozen=True)
class RecordLayout:
    """One record type, ready to be read and written. Slots are filled after all layouts exist, since types may nest."""

    name: str
    role: str
    slots: list[Slot] = field(default_factory=list)
    by_name: dict[str, Slot] = field(default_factory=dict)
    by_json_name: dict[str, Slot] = field(default_factory=dict)
    """By wire name with its first letter in either case."""


@dataclass(frozen=True)
class DocumentLayout:
    root: str
    role: str
    kind: Kind
    many: bool
    items: RecordLayout | None
    """None for a primitive document."""
    parse: Callable[[str], Value]


@dataclass(frozen=True)
class Layout:
    spec: Spec
    documents: Mapping[str, DocumentLayout]
    """By role."""
    by_root: Mapping[str, DocumentLayout]
    records: Mapping[str, RecordLayout]
    """By role."""


_KEPT_LAYOUTS = 64
_layouts: dict[int, Layout] = {}  # a memo of layout_of, by identity: hashing a whole spec costs more than a document


def layout_of(spec: Spec) -> Layout:
    """The tables of ``spec``; the same object as long as the same spec object is given."""
    layout = _layouts.get(id(spec))
    if layout is None:
        if len(_layouts) >= _KEPT_LAYOUTS:
            _layouts.clear()
        layout = _layouts[id(spec)] = _build(spec)  # the layout holds the spec, so its id is not given to another
    return layout


def _build(spec: Spec) -> Layout:
    records = {record.role: RecordLayout(record.name, record.role) for record in spec.records}
    for record in spec.records:
        _fill(records[record.role], record, records)
    documents = {document.role: _document(document, records) for document in spec.documents}
    return Layout(spec, documents, {d.root: d for d in documents.values()}, records)


def _fill(layout: RecordLayout, record: RecordType, records: Mapping[str, RecordLayout]) -> None:
    for declared in record.fields:
        slot = _slot(declared, records)
        layout.slots.append(slot)
        layout.by_name[slot.name] = slot
        initial, rest = slot.name[:1], slot.name[1:]
        layout.by_json_name[initial.lower() + rest] = layout.by_json_name[initial.upper() + rest] = slot


def _slot(declared: Field, records: Mapping[str, RecordLayout]) -> Slot:
    name = declared.name
    items = records[declared.record] if declared.kind is Kind.RECORDS else None
    parse = PARSERS[declared.kind]
    return Slot(name, declared.role, declared.kind, parse, items, f"<{name}>", f"</{name}>", f"<{name} />")


def _document(document: DocumentType, records: Mapping[str, RecordLayout]) -> DocumentLayout:
    items = records[document.item] if document.item else None
    return DocumentLayout(document.root, document.role, document.kind, document.many, items, PARSERS[document.kind])
