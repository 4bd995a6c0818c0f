"""Bytes to values and back, without I/O. What strangers send becomes a value, never an exception."""

from conformance.wire.basic import Credentials, NoCredentials, encode_basic, parse_authorization
from conformance.wire.booleans import parse_boolean, parse_xml_boolean
from conformance.wire.dates import (
    DateFormat,
    date_format,
    day_written,
    format_moment,
    parse_parameter_date,
    parse_xml_date,
    ticks_of,
    written_form,
)
from conformance.wire.guids import EMPTY_GUID, is_canonical, parse_guid
from conformance.wire.json_text import encode_json
from conformance.wire.query import Binding, Pair, bind, encode_query, parse_query
from conformance.wire.values import (
    TICKS_PER_DAY,
    TICKS_PER_SECOND,
    Document,
    Form,
    Malformed,
    Moment,
    Record,
    Value,
    Zone,
)
from conformance.wire.xml import Style, Tree, decode, decode_any, encode, parse_tree

__all__ = [
    "EMPTY_GUID",
    "TICKS_PER_DAY",
    "TICKS_PER_SECOND",
    "Binding",
    "Credentials",
    "DateFormat",
    "Document",
    "Form",
    "Malformed",
    "Moment",
    "NoCredentials",
    "Pair",
    "Record",
    "Style",
    "Tree",
    "Value",
    "Zone",
    "bind",
    "date_format",
    "day_written",
    "decode",
    "decode_any",
    "encode",
    "encode_basic",
    "encode_json",
    "encode_query",
    "format_moment",
    "is_canonical",
    "parse_authorization",
    "parse_boolean",
    "parse_guid",
    "parse_parameter_date",
    "parse_query",
    "parse_tree",
    "parse_xml_boolean",
    "parse_xml_date",
    "ticks_of",
    "written_form",
]
