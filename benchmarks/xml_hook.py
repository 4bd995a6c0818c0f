"""Loaded by Schemathesis: reads XML answers into what the schemas describe, by the kinds that the spec names."""

from __future__ import annotations

from typing import Any

import schemathesis
from lxml import etree

from conformance.spec import Kind, load

KINDS = {field.name: field.kind for record in load().records for field in record.fields}
RECORDS = {record.name for record in load().records}


@schemathesis.deserializer("application/xml", "text/xml")
def xml(context: Any, response: Any) -> Any:
    """The document as the schema of the answer has it; raises for what is no XML."""
    return value(etree.fromstring(response.content))


def value(element: Any) -> Any:
    """Text, number, truth, a list of records, or a record."""
    children = [child for child in element if isinstance(child.tag, str)]
    name = etree.QName(element).localname
    if KINDS.get(name) is Kind.RECORDS or (children and name not in RECORDS and name not in KINDS):
        return [value(child) for child in children]
    if children or name in RECORDS:
        return {etree.QName(child).localname: value(child) for child in children}
    text = element.text or ""
    if KINDS.get(name) is Kind.INTEGER and text.lstrip("-").isdigit():
        return int(text)
    if (KINDS.get(name) is Kind.BOOLEAN or name == "boolean") and text in ("true", "false"):
        return text == "true"
    return text
