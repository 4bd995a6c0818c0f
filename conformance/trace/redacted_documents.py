"""What stays of an XML document: elements and values that name nobody, and facts about what was hidden.

Which element may be told, and what its text may hold, is the spec's to say; what it does not know is covered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from conformance.spec import Kind, Spec
from conformance.trace.images import image_token
from conformance.trace.met import Met
from conformance.wire import Malformed, parse_guid, parse_xml_date

LEAST_SECRET = 6
"""Shorter ones stand in dates and versions by chance."""
LONGEST_SCALAR = 64
"""A number, date or GUID."""
FIGURES = re.compile(r"[0-9{}()+:.,/TZtz -]{0,64}|[0-9a-fA-F{}()-]{0,64}")
"""Signs of numbers, dates and GUIDs: what is wrong with one of them may be seen."""
WORDS_FOR_SCALARS = frozenset({"true", "false", "yes", "no", "null", "nil", "none", "nan", "inf"})
_LONGEST_NAME = 120
_LONGEST_TEXT = 65_536  # characters of one field, and ...
_KEPT_TEXT = 1_000_000  # ... of one document: more has no place in this service, and costs minutes to search
_MOST_ATTRIBUTES = 64
_OF_EVERYBODY = ("http://www.w3.org/", "http://schemas.microsoft.com/", "http://schemas.datacontract.org/")
"""Addresses that serializers put into every document of their kind."""
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_ATTRIBUTE = re.compile(r"[A-Za-z0-9:._-]{0,40}")


@dataclass
class Documents:
    """Redacts documents by what the redactor of the run covers, replaces and has met."""

    spec: Spec
    met: Met
    cover: Callable[[str], str]
    token: Callable[[str], str]
    scrub: Callable[[str], str]
    renamed: Callable[[str], str]
    """What stands for the name of an element."""
    raw: bool

    def redact(self, root: etree._Element) -> dict[str, str]:
        """Changes the document in place; returns the facts that this hid."""
        facts: dict[str, str] = {}
        left = _KEPT_TEXT
        for element in root.iter():
            if isinstance(element.tag, str) and not self.raw:
                self._rename(element)
            if element.attrib:
                self._attributes(element)
            if len(element) and element.text and element.text.strip():
                element.text = self.cover(element.text)
            elif isinstance(element.tag, str) and len(element) == 0 and element.text:
                element.text = self._leaf(element, facts, left)
                left = max(0, left - len(element.text))
            if element.tail and element.tail.strip():
                element.tail = self.cover(element.tail)
        return facts

    def _attributes(self, element: etree._Element) -> None:
        """Nothing of the service is told in attributes but whether there is a value, and of which type."""
        if len(element.attrib) > _MOST_ATTRIBUTES:  # each one is looked for from the first: thousands take minutes
            element.attrib.clear()
        for name, value in element.attrib.items():
            if not self.raw and self.met.said_in(str(name)) and not str(name).startswith(_SCHEMA_INSTANCE):
                del element.attrib[name]
            elif not str(name).startswith(_SCHEMA_INSTANCE) or not self._harmless(str(value)):
                element.set(name, self.cover(str(value)))

    def _harmless(self, value: str) -> bool:
        if value.casefold() in WORDS_FOR_SCALARS:
            return True
        return _ATTRIBUTE.fullmatch(value) is not None and not self.met.said_in(value)

    def _rename(self, element: etree._Element) -> None:
        """Gives an element that is called like somebody another name; its namespace goes with it."""
        space, _, name = str(element.tag).rpartition("}")
        known = name.casefold() in self.known_names
        if not (known or self._is_plain(name)) or (space and not self._is_plain(space)):
            element.tag = name if known else "_" + self.renamed(name)

    def _is_plain(self, name: str) -> bool:
        return name.isascii() and len(name) <= _LONGEST_NAME and not self.met.said_in(name)

    def names_nobody(self, namespaces: Iterable[tuple[str, str]]) -> bool:
        """False when the prefix or the address of a namespace, which nobody can change, says a value back."""
        told = {part for pair in namespaces if not pair[1].startswith(_OF_EVERYBODY) for part in pair if part}
        return self.raw or not any(self.met.said_in(part) for part in told)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Of elements of the spec, in lower case."""
        records = self.spec.records
        own = {record.name for record in records} | {name for record in records for name in record.by_name}
        return frozenset(name.casefold() for name in (*own, *self.spec.document_by_root))

    def _leaf(self, element: etree._Element, facts: dict[str, str], left: int) -> str:
        """The redacted text; of texts other than images no more than ``left`` characters."""
        text = element.text or ""
        name = _local(element)
        kind, sensitive = self._field(name, element)
        if kind is Kind.BYTES:
            return image_token(text, facts)
        if sensitive:
            return self.cover(text) if kind is None else self.token(text)
        if kind not in (None, Kind.TEXT) and len(text) <= LONGEST_SCALAR:
            return text if self.raw or self._well_written(text.strip(), kind) else self.cover(text)
        allowed = min(left, _LONGEST_TEXT)
        if len(text) > allowed:
            facts["cut"] = str(len(text))
        return self.scrub(text[:allowed])

    def _well_written(self, text: str, kind: Kind) -> bool:
        """True for what is of its kind, or comes so near that it can name nobody."""
        if text.casefold() in WORDS_FOR_SCALARS or (kind is Kind.INTEGER and len(text) < LEAST_SECRET):
            return True
        if kind is Kind.DATE and not isinstance(parse_xml_date(text), Malformed):
            return True
        if kind is Kind.GUID and not isinstance(parse_guid(text), Malformed):
            return True
        return FIGURES.fullmatch(text) is not None and not self.met.said_in(text, LEAST_SECRET)

    def _field(self, name: str, element: etree._Element) -> tuple[Kind | None, bool]:
        parent = element.getparent()
        if parent is None:
            document = self.spec.document_by_root.get(name)
            return (document.kind, False) if document else (None, True)
        return self._fields.get((_local(parent), name), (None, True))

    @cached_property
    def _fields(self) -> Mapping[tuple[str, str], tuple[Kind, bool]]:
        """Kind of a field, and whether it is sensitive, by the names of record and field; of the first of that name."""
        fields = [(record.name, name, field) for record in self.spec.records for name, field in record.by_name.items()]
        return {(record, name): (field.kind, field.sensitive) for record, name, field in reversed(fields)}


def _local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
