"""JSON and bare values: what a server that negotiates, or that wraps nothing, sends instead of XML.

Names are matched with the first letter in either case, since serialisers differ in just that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from conformance.spec.objects import Kind, Spec
from conformance.wire.booleans import parse_xml_boolean
from conformance.wire.elements import repeated_names
from conformance.wire.layout import DocumentLayout, Layout, RecordLayout, Slot, layout_of
from conformance.wire.scalars import write_scalar
from conformance.wire.values import Document, Form, Malformed, Record, Value

_SHOWN = 120
_SMALL_BYTES = 500_000
_MOST_MARKS = 1_000_000
"""Commas and brackets: thousands of cases have fewer."""
_BOM = b"\xef\xbb\xbf"


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object, in order and with repetitions, which a dict would lose."""


def decode_json(body: bytes, document: DocumentLayout, content_type: str) -> Document | Malformed:
    """The document that a JSON text or a bare value holds; Malformed when the whole is neither."""
    if not body.removeprefix(_BOM).strip():
        return Malformed("empty body", "")
    content = _load(body)
    syntax = "json"
    if document.items is None and not isinstance(content, str | _Members | list):
        # true and false read alike either way: only the content type tells JSON from a bare word.
        syntax = "json" if "json" in content_type.lower() else "bare"
        kept = content is None or (isinstance(content, bool) and document.kind is Kind.BOOLEAN)
        content = content if kept else _bare(body)
    if isinstance(content, Malformed):
        return content
    form = Form(syntax, bom=body.startswith(_BOM), indented=syntax == "json" and b"\n" in body.strip())
    if document.items is None:
        value = None if content is None else _scalar(content, document.kind, document.parse)
        return value if syntax == "bare" and isinstance(value, Malformed) else Document(document.role, (), value, form)
    return _records_document(content, document, document.items, form)


def guess_document(body: bytes, layout: Layout, raw: bool) -> DocumentLayout | Malformed:
    """The document type that a body without a root element can only be; ``raw`` for bytes of an image."""
    content = _load(body) if not raw and body.strip() else None
    if isinstance(content, Malformed) and isinstance(parse_xml_boolean(content.text), bool):
        content = True
    candidates = [d for d in layout.documents.values() if _fits(content, d, raw)]
    if not body.strip():
        return Malformed("empty body", "")
    if len(candidates) == 1:
        return candidates[0]
    return Malformed("neither XML nor JSON of one known document", _shown(body))


def encode_json(document: str, content: object, spec: Spec, camel: bool = False) -> bytes:
    """The JSON text of a document, for a server that negotiates; ``content`` as for the XML writer.

    ``camel`` writes names with a small first letter. None is left out, as XmlSerializer would.
    """
    layout = layout_of(spec).documents[document]
    tree = _tree(content, layout.items, layout.many, camel)
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _load(body: bytes) -> Any:
    if len(body) > _SMALL_BYTES and sum(map(body.count, (b",", b"[", b"{", b":"))) > _MOST_MARKS:
        return Malformed(f"neither XML nor JSON: more than {_MOST_MARKS} marks", _shown(body))
    try:
        return json.loads(body.removeprefix(_BOM), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        return Malformed(f"neither XML nor JSON: {error}", _shown(body))


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    return _Members((_without_surrogates(name), content) for name, content in pairs)


def _without_surrogates(text: str) -> str:
    """``text`` with U+FFFD for what no encoding can hold: a JSON escape may be half of a character."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bare(body: bytes) -> str | Malformed:
    try:
        return body.removeprefix(_BOM).decode("utf-8").strip(" \t\r\n")
    except UnicodeDecodeError:
        return Malformed("neither XML nor JSON nor text", _shown(body))


def _shown(body: bytes) -> str:
    return body[:_SHOWN].decode("utf-8", "replace")


def _sketch(content: Any) -> str:
    """A scalar's text or a container's kind; never the whole, which may be nested too deeply to print."""
    if isinstance(content, list):
        return "{...}" if isinstance(content, _Members) else "[...]"
    return str(content)[:_SHOWN]


def _fits(content: Any, document: DocumentLayout, raw: bool) -> bool:
    if raw or document.items is None:
        return document.kind is {bool: Kind.BOOLEAN, str: Kind.BYTES}.get(str if raw else type(content))
    sample = content[0] if isinstance(content, list) and not isinstance(content, _Members) and content else content
    if document.many is isinstance(content, _Members) or not isinstance(sample, _Members):
        return False
    return any(name in document.items.by_json_name for name, _ in sample)


def _records_document(content: Any, document: DocumentLayout, items: RecordLayout, form: Form) -> Document | Malformed:
    if content is None:
        return Document(document.role, (), None, form)
    if isinstance(content, _Members):
        many = _wrapped(content, document) if document.many else [content]
    else:
        many = content if document.many else None
    if not isinstance(many, list) or not all(isinstance(entry, _Members) for entry in many):
        return Malformed(f"JSON of another shape than {document.root}", _sketch(content))
    return Document(document.role, tuple(_record(entry, items) for entry in many), None, form)


def _wrapped(content: _Members, document: DocumentLayout) -> Any:
    """The list inside an object of one member, as some serialisers wrap it."""
    return content[0][1] if len(content) == 1 and not isinstance(content[0][1], _Members) else None


def _record(members: _Members, layout: RecordLayout) -> Record:
    values: dict[str, Value] = {}
    unknown: list[str] = []
    order: list[str] = []
    for name, content in members:
        slot = layout.by_json_name.get(name)
        order.append(slot.name if slot else name)
        if slot is None:
            unknown.append(name)
        elif content is not None and slot.role not in values:
            values[slot.role] = _value(content, slot)
    return Record(layout.role, values, tuple(unknown), repeated_names(order), tuple(order))


def _value(content: Any, slot: Slot) -> Value:
    if slot.items is None:
        return _scalar(content, slot.kind, slot.parse)
    if not isinstance(content, list) or not all(isinstance(entry, _Members) for entry in content):
        return Malformed("not a JSON list of objects", _sketch(content))
    return tuple(_record(entry, slot.items) for entry in content)


def _scalar(content: Any, kind: Kind, parse: Callable[[str], Value]) -> Value:
    if isinstance(content, str):
        return parse(_without_surrogates(content).strip(" \t\r\n"))
    if isinstance(content, bool) and kind is Kind.BOOLEAN:
        return content
    if isinstance(content, int) and not isinstance(content, bool) and kind is Kind.INTEGER:
        return parse(str(content))
    return Malformed(f"a JSON value that is no {kind.value}", _sketch(content))


def _tree(content: object, items: RecordLayout | None, many: bool, camel: bool) -> object:
    if items is None:
        return content if content is None or isinstance(content, bool) else write_scalar(content)
    if many:
        return [_tree(entry, items, False, camel) for entry in cast(Iterable[object], content)]
    values = content.values if isinstance(content, Record) else cast(Mapping[str, object], content)
    return {
        (slot.name[:1].lower() + slot.name[1:] if camel else slot.name): _member(values[slot.role], slot, camel)
        for slot in items.slots
        if values.get(slot.role) is not None
    }


def _member(value: object, slot: Slot, camel: bool) -> object:
    if slot.items is not None:
        return _tree(value, slot.items, True, camel)
    return value if isinstance(value, bool | int) else write_scalar(value)
