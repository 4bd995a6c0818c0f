"""Answer bodies to documents, and back.

Theory. Servers of several generations write the same content in many forms: with and without
namespaces, declaration, BOM; as XML or, where negotiation is on, as JSON; primitives bare. The
reader goes by local names and trims values; what it forgave stands in ``Form``, for the rules to see.
It never does what a document asks for: a document type declaration is refused, entities are not
resolved, nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from conformance.spec.objects import Kind, Spec
from conformance.wire.elements import Walk, local_name
from conformance.wire.encodings import Opening, opening_of
from conformance.wire.json_text import decode_json, guess_document
from conformance.wire.layout import DocumentLayout, Layout, layout_of
from conformance.wire.values import Document, Form, Malformed
from conformance.wire.xml_writer import Style, encode

__all__ = ["Style", "Tree", "decode", "decode_any", "encode", "parse_tree"]

_SCHEMA_INSTANCE = b"http://www.w3.org/2001/XMLSchema-instance"
_ROOT_REACH = 2048
_HUGE_BYTES = 8_000_000  # libxml2 stops at texts of ten million; photos get there, and only their documents may
_SHOWN = 120
_SMALL_BYTES = 500_000
_MOST_MARKS = 1_000_000
"""Angle brackets, or equal signs: thousands of cases have fewer, and a tree of more costs gigabytes."""
# Atomic and possessive: `.*?` inside a repeated group would take exponential time on a hostile prologue.
_DOCTYPE = re.compile(rb"[\xef\xbb\xbf\xff\xfe]*(?>\s|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL | re.IGNORECASE)


def _parser(huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=huge,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


_PARSER, _HUGE_PARSER = _parser(huge=False), _parser(huge=True)


def decode(body: bytes, expected: str, spec: Spec, content_type: str = "") -> Document | Malformed:
    """The document of role ``expected`` that ``body`` holds.

    Malformed when the whole is no such document; a single field that does not parse is Malformed
    inside its record, and the rest stands.
    """
    layout = layout_of(spec)
    document = layout.documents[expected]
    if document.kind is Kind.BYTES and body and _is_raw(body, content_type):
        return Document(document.role, (), body, Form("bare", encoding=""))
    if _starts_with_markup(body):
        return _decode_xml(body, layout, document, content_type)
    return decode_json(body, document, content_type)


def decode_any(body: bytes, spec: Spec, content_type: str = "") -> Document | Malformed:
    """The document that ``body`` holds, found by its root element, or by its shape where there is none."""
    layout = layout_of(spec)
    if not _starts_with_markup(body) or _is_raw(body, content_type):
        guessed = guess_document(body, layout, raw=_is_raw(body, content_type))
        return guessed if isinstance(guessed, Malformed) else decode(body, guessed.role, spec, content_type)
    return _decode_xml(body, layout, None, content_type)


@dataclass(frozen=True)
class Tree:
    """A parsed body, for those that change it before it is stored."""

    root: etree._Element
    opening: Opening


def parse_tree(body: bytes, content_type: str = "") -> Tree | Malformed:
    """The element tree of an XML body, read under the same precautions as ``decode``."""
    if not _starts_with_markup(body):
        return Malformed("not XML", _shown(body))
    opening = opening_of(body, content_type)
    root = _parse(opening.body, None)
    return root if isinstance(root, Malformed) else Tree(root, opening)


def _is_raw(body: bytes, content_type: str) -> bool:
    kind = content_type.lower()
    return kind.startswith("image/") or (kind.startswith("application/octet-stream") and not _starts_with_markup(body))


def _starts_with_markup(body: bytes) -> bool:
    return body[:1] == b"<" or body[:256].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"


def _decode_xml(
    body: bytes, layout: Layout, document: DocumentLayout | None, content_type: str
) -> Document | Malformed:
    opening = opening_of(body, content_type)
    root = _parse(opening.body, document)
    if isinstance(root, Malformed):
        return root
    found = local_name(root)
    expected = document or layout.by_root.get(found)
    if expected is None or found != expected.root:
        wanted = expected.root if expected else " or ".join(layout.by_root)
        return Malformed(f"root element: expected {wanted}, found {found}", found)
    walk = Walk(nil_possible=b"nil" in body or b"n\0i\0l" in body)
    records, value = walk.content(root, expected)
    return Document(expected.role, records, value, _form(root, opening, walk), tuple(walk.strangers))


def _parse(body: bytes, document: DocumentLayout | None) -> etree._Element | Malformed:
    if (b"DOCTYPE" in body or b"D\0O\0C" in body) and _DOCTYPE.match(body.replace(b"\0", b"")):
        return Malformed("document type declaration", _shown(body))
    if len(body) > _SMALL_BYTES and max(body.count(b"<"), body.count(b"=")) > _MOST_MARKS:
        return Malformed(f"more than {_MOST_MARKS} marks", _shown(body))
    huge = len(body) > _HUGE_BYTES and (document is None or document.kind is Kind.BYTES)
    try:
        root = etree.fromstring(body, _HUGE_PARSER if huge else _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        said = " ".join((error.msg if isinstance(error, etree.XMLSyntaxError) else str(error)).split())
        return Malformed(f"not well-formed XML: {said}", _shown(body))
    if root.getroottree().docinfo.internalDTD is not None:  # written in an encoding that the search cannot see through
        return Malformed("document type declaration", _shown(body))
    return root


def _shown(body: bytes) -> str:
    return body[:_SHOWN].replace(b"\0", b"").decode("utf-8", "replace")


def _form(root: etree._Element, opening: Opening, walk: Walk) -> Form:
    name = str(root.tag)
    space = root.text
    return _xml_form(
        opening.declaration,
        opening.bom,
        opening.encoding,
        name[1:].rpartition("}")[0] if name[:1] == "{" else "",
        root.prefix is not None,
        _SCHEMA_INSTANCE in opening.body[:_ROOT_REACH].replace(b"\0", b""),
        space is not None and len(root) > 0 and "\n" in space,
        opening.flaws,
        tuple(walk.booleans),
    )


@lru_cache(maxsize=256)
def _xml_form(
    declaration: bool,
    bom: bool,
    encoding: str,
    root_namespace: str,
    prefixed: bool,
    schema_prefixes: bool,
    indented: bool,
    flaws: tuple[str, ...],
    booleans: tuple[str, ...],
) -> Form:
    """The form with these traits; a server has very few, so that they are made once."""
    shape = root_namespace, prefixed, schema_prefixes, indented
    return Form("xml", declaration, bom, encoding, *shape, flaws, booleans)
