"""The text of a single value, by kind: what a field or a primitive document holds."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable, Mapping

from conformance.spec.objects import Kind
from conformance.wire.booleans import parse_xml_boolean
from conformance.wire.dates import parse_xml_date
from conformance.wire.guids import parse_guid
from conformance.wire.values import Malformed, Moment, Value

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_WORD = 2**31  # integers of the service are 32 bits wide; a wider one overflows in every generated reader
_SHOWN = 120


def parse_integer(text: str) -> int | Malformed:
    """The 32-bit integer written in ``text``."""
    if not _INTEGER.fullmatch(text):
        return Malformed("not an integer" if text else "empty where an integer was expected", text)
    value = int(text)
    return value if -_WORD <= value < _WORD else Malformed("integer wider than 32 bits", text)


def parse_base64(text: str) -> bytes | Malformed:
    """The bytes of a Base64 text; blanks and line breaks inside are skipped, as xs:base64Binary allows."""
    try:
        data = text.encode("ascii")
        return base64.b64decode(data.translate(None, b" \t\r\n"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        return Malformed(f"not Base64: {error}" if isinstance(error, binascii.Error) else "not Base64", text[:_SHOWN])


def _text(text: str) -> str:
    return text


def _no_records(text: str) -> Value:
    return Malformed("text where records were expected", text[:_SHOWN])


PARSERS: Mapping[Kind, Callable[[str], Value]] = {
    Kind.TEXT: _text,
    Kind.GUID: parse_guid,
    Kind.BOOLEAN: parse_xml_boolean,
    Kind.DATE: parse_xml_date,
    Kind.INTEGER: parse_integer,
    Kind.BYTES: parse_base64,
    Kind.RECORDS: _no_records,
}
"""Parsers of trimmed text; that of RECORDS meets text only where records should stand."""


def _write_bytes(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


_WRITERS: Mapping[type, Callable[..., str]] = {
    str: _text,
    bool: lambda value: "true" if value else "false",
    int: str,
    uuid.UUID: str,
    Moment: lambda moment: moment.text,
    Malformed: lambda malformed: malformed.text,
    bytes: _write_bytes,
    bytearray: _write_bytes,
}


def write_scalar(value: object) -> str:
    """The text of a value as XmlSerializer spells it: lower-case Booleans and GUIDs, moments as they were written.

    Strings pass unchanged whatever the field's kind is: that is how an emulator writes a wrong value on purpose.
    """
    writer = _WRITERS.get(type(value))
    if writer is None:
        writer = next((w for known, w in _WRITERS.items() if isinstance(value, known)), None)
    if writer is None:
        raise TypeError(f"{value!r} has no text on the wire; give str, UUID, bool, int, Moment or bytes")
    return writer(value)
