"""Elements to records: the walk over a parsed tree, by local names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from lxml import etree

from conformance.wire.booleans import parse_xml_boolean
from conformance.wire.layout import DocumentLayout, RecordLayout
from conformance.wire.values import Malformed, Record, Value

_BLANKS = " \t\r\n"
_BOOLEANS = frozenset({"true", "false"})
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Walk:
    """One walk, and what it notices on its way that no single value can tell."""

    __slots__ = ("_nil_possible", "booleans", "strangers")

    def __init__(self, nil_possible: bool) -> None:
        """``nil_possible`` spares a look at every element's attributes where the body never says nil."""
        self._nil_possible = nil_possible
        self.booleans: dict[str, None] = {}
        """Spellings of Booleans other than true and false."""
        self.strangers: list[str] = []
        """Elements of a list document that are not its items."""

    def content(self, root: etree._Element, document: DocumentLayout) -> tuple[tuple[Record, ...], Value | None]:
        """The records and the primitive value of a document; a nil root has neither."""
        if self._is_nil(root):
            return (), None
        if document.items is None:
            return (), self._scalar(root, document.parse)
        if document.many:
            return self._records(root, document.items, self.strangers, ""), None
        return (self._record(root, document.items),), None

    def _record(self, element: etree._Element, layout: RecordLayout) -> Record:
        values: dict[str, Value] = {}
        unknown: list[str] = []
        order: list[str] = []
        by_name, nil_possible = layout.by_name, self._nil_possible
        for child in element:
            name = child.tag
            slot = by_name.get(name)
            if slot is None:
                name = local_name(child)
                slot = by_name.get(name)
            order.append(name if slot is None else slot.name)  # the same text, but one object for all records
            if slot is None:
                unknown.append(name)
            elif slot.role not in values and not (nil_possible and self._is_nil(child)):
                if slot.items is None:
                    values[slot.role] = self._scalar(child, slot.parse)
                else:
                    values[slot.role] = self._list(child, slot.items, slot.parse, unknown)
        repeated = repeated_names(order) if len(set(order)) != len(order) else ()
        return Record(layout.role, values, tuple(unknown), repeated, _one(tuple(order)))

    def _scalar(self, element: etree._Element, parse: Callable[[str], Value]) -> Value:
        if len(element):
            return Malformed("elements where a value was expected", local_name(element[0]))
        trimmed = (element.text or "").strip(_BLANKS)
        if parse is parse_xml_boolean and trimmed not in _BOOLEANS and isinstance(parse(trimmed), bool):
            self.booleans.setdefault(trimmed)
        return parse(trimmed)

    def _list(
        self, element: etree._Element, items: RecordLayout, parse: Callable[[str], Value], unknown: list[str]
    ) -> Value:
        text = (element.text or "").strip(_BLANKS)
        return parse(text) if text else self._records(element, items, unknown, f"{local_name(element)}/")

    def _records(
        self, element: etree._Element, items: RecordLayout, unknown: list[str], prefix: str
    ) -> tuple[Record, ...]:
        records: list[Record] = []
        for child in element:
            if child.tag != items.name and local_name(child) != items.name:
                unknown.append(prefix + local_name(child))
            elif not (self._nil_possible and self._is_nil(child)):
                records.append(self._record(child, items))
        return tuple(records)

    def _is_nil(self, element: etree._Element) -> bool:
        return self._nil_possible and (element.get(_NIL) or "").strip(_BLANKS) in ("true", "1")


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


@lru_cache(maxsize=1024)
def _one(order: tuple[str, ...]) -> tuple[str, ...]:
    """The same object for the same names: a server writes its records in very few orders, and a history keeps all."""
    return order


def repeated_names(order: list[str]) -> tuple[str, ...]:
    """Names met more than once, each once, in the order of their second meeting."""
    met: set[str] = set()
    repeated: dict[str, None] = {}
    for name in order:
        if name in met:
            repeated[name] = None
        met.add(name)
    return tuple(repeated)
