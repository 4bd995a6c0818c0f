"""components.schemas of openapi.yaml -> record types and documents.

An object is a record type; ``x-document: true`` marks what may be the root of an answer. An object
may be both. The element is called ``xml.name`` (or ``x-root``, for a primitive), else like the schema.
"""

from collections.abc import Iterator

from conformance.spec.errors import SpecError, one_of
from conformance.spec.objects import DocumentType, Field, Kind, Presence, RecordType
from conformance.spec.rows import Row, unique

SCHEMA_KEYS = [
    "type",
    "format",
    "contentEncoding",
    "description",
    "default",
    "example",
    "enum",
    "minimum",
    "maximum",
    "items",
    "xml",
    "properties",
    "required",
    "x-role",
    "x-document",
    "x-root",
    "x-nullable",
    "x-sensitive",
    "x-presence",
]
_REF = "#/components/schemas/"
_TYPES = ("string", "boolean", "integer", "array", "object")
_FORMATS = {"uuid": Kind.GUID, "date-time": Kind.DATE, "byte": Kind.BYTES}


def kind_of(schema: Row) -> Kind:
    """How a value of this schema is written on the wire; an object counts as records."""
    match schema.word("type", _TYPES):
        case "boolean":
            return Kind.BOOLEAN
        case "integer":
            return Kind.INTEGER
        case "array" | "object":
            return Kind.RECORDS
    if schema.has("contentEncoding"):
        schema.word("contentEncoding", ("base64",))
        return Kind.BYTES
    return _FORMATS[schema.word("format", tuple(_FORMATS))] if schema.has("format") else Kind.TEXT


def records(schemas: Row) -> tuple[RecordType, ...]:
    """Every object schema, in the file's order."""
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    found = []
    for row in _each(schemas):
        if row.values.get("type") == "object":
            record = RecordType(_element(row), row.text("x-role"), tuple(_fields(row, schemas)))
            unique(row, "name", record.name, names)
            unique(row, "role", record.role, roles)
            found.append(record)
    return tuple(found)


def documents(schemas: Row) -> tuple[DocumentType, ...]:
    """Every schema marked as a document, in the file's order."""
    roots: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    found = []
    for row in _each(schemas):
        if row.flag("x-document", False):
            document = _document(row, schemas)
            unique(row, "root", document.root, roots)
            unique(row, "role", document.role, roles)
            found.append(document)
        elif row.values.get("type") != "object":
            raise row.wrong("is neither a record nor a document", "add x-document: true, or make it an object")
    return tuple(found)


def _each(schemas: Row) -> Iterator[Row]:
    for name in schemas.values:
        row = schemas.row(name, name)
        row.only(SCHEMA_KEYS)
        yield row


def _document(row: Row, schemas: Row) -> DocumentType:
    kind = kind_of(row)
    many = row.text("type") == "array"
    role = row.text("x-role")
    item = _item_role(row, schemas) if many else role if kind is Kind.RECORDS else ""
    return DocumentType(root=_element(row), role=role, item=item, many=many, kind=kind)


def _fields(record: Row, schemas: Row) -> Iterator[Field]:
    properties = record.row("properties")
    required = record.texts("required", ())
    for name in required:
        if name not in properties.values:
            raise record.wrong(f'requires "{name}"', one_of(properties.values))
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    for name in properties.values:
        row = properties.row(name, f"{record.name}.{name}")
        found = _field(row, schemas, name)
        if found.nullable == (name in required):
            raise row.wrong("is both required and x-nullable, or neither", "make it one of the two")
        unique(row, "name", found.name, names)
        unique(row, "role", found.role, roles)
        yield found


def _field(row: Row, schemas: Row, name: str) -> Field:
    row.only(SCHEMA_KEYS)
    kind = kind_of(row)
    return Field(
        name=row.row("xml").text("name", name) if row.has("xml") else name,
        role=row.text("x-role"),
        kind=kind,
        presence=row.choice("x-presence", Presence) if row.has("x-presence") else Presence.LISTED,
        nullable=row.flag("x-nullable", False),
        sensitive=row.flag("x-sensitive", False),
        record=_item_role(row, schemas) if kind is Kind.RECORDS else "",
        values=row.texts("enum", ()),
        minimum=row.optional_number("minimum"),
        maximum=row.optional_number("maximum"),
    )


def _item_role(row: Row, schemas: Row) -> str:
    if row.text("type") != "array" or not row.row("xml").flag("wrapped", False):
        raise row.wrong("holds records in another way than a wrapped list", "use type: array and xml: {wrapped: true}")
    target = row.row("items").text("$ref")
    item = schemas.values.get(target.removeprefix(_REF))
    if not isinstance(item, dict) or item.get("type") != "object":
        raise row.wrong(f'has items of "{target}"', f"expected {_REF}Name, an object")
    return schemas.row(target.removeprefix(_REF)).text("x-role")


def _element(row: Row) -> str:
    if row.has("x-root"):
        return row.text("x-root")
    return row.row("xml").text("name", row.name) if row.has("xml") else row.name


def schemas_of(top: Row) -> Row:
    """The row that holds all schemas."""
    found = top.row("components").row("schemas")
    if not found.values:
        raise SpecError(found.file, found.name, "is empty", "describe the documents there")
    return found
