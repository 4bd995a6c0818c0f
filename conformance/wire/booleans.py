"""Booleans: query values follow .NET's Boolean.Parse, XML follows xs:boolean."""

from __future__ import annotations

from conformance.wire.values import Malformed

_WORDS = {"true": True, "false": False}
_XML_WORDS = _WORDS | {"1": True, "0": False}


def parse_boolean(text: str) -> bool | Malformed:
    """The Boolean of a query value: true or false in any case, blanks and NULs trimmed. 1, 0 and yes are refused."""
    value = _WORDS.get(text.strip().strip("\0").strip().lower())
    return Malformed("not true or false", text) if value is None else value


def parse_xml_boolean(text: str) -> bool | Malformed:
    """The Boolean of an XML or JSON text: true, false, 1 or 0.

    Upper-case letters are taken although xs:boolean has none: some writers emit ``True``, and only that can be meant.
    """
    value = _XML_WORDS.get(text)
    if value is None:
        value = _XML_WORDS.get(text.strip(" \t\r\n").lower())
    return Malformed("not true, false, 1 or 0", text) if value is None else value
