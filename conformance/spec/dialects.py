"""dialects.yaml -> what other generations of the service do, for emulators that shall speak like them.

A spec folder need not have any. Nothing here is part of the guide, so nothing here is ever judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.spec.objects import Mark, Method, Reading
from conformance.spec.rows import Row, as_row, listed_rows, unique
from conformance.spec.source import Source

DIALECTS_FILE = "dialects.yaml"
HIGHEST_PORT = 65535

_DIALECT = ("name", "title", "mark", "source", "port", "certificate", "readings", "methods")
_METHOD = ("name", "verb", "does", "open", "mark", "fields", "type", "types")


class Does(StrEnum):
    """What a method of another generation is for."""

    TELL_STATUS = "tell-status"
    FIND_CASES_BY_NAME = "find-cases-by-name"
    BEGIN_OPERATION = "begin-operation"


@dataclass(frozen=True)
class ExtraMethod:
    """A method outside the guide, known from the field."""

    name: str
    verb: str
    does: Does
    open: bool
    """True when it asks for no credentials."""
    mark: Mark
    fields: Mapping[str, str]
    """Wire name of what it reads -> role of the guide's parameter."""
    type_field: str
    """Wire name of the field that says which operation is meant, or ''."""
    types: Mapping[str, str]
    """Value of that field -> role of the guide's method."""


@dataclass(frozen=True)
class Dialect:
    """How another generation of the service differs from the guide. Never judged."""

    name: str
    title: str
    mark: Mark
    source: str
    """Section of the field notes."""
    port: int | None
    certificate: str
    """Name in a certificate that vouches for itself; '' when it is as the guide says."""
    readings: Mapping[str, str]
    methods: tuple[ExtraMethod, ...]


def dialects(source: Source, methods: tuple[Method, ...], readings: Mapping[str, Reading]) -> tuple[Dialect, ...]:
    """Every dialect, in the file's order; none where there is no such file."""
    if DIALECTS_FILE not in source.names(DIALECTS_FILE):
        return ()
    names: dict[str, Row] = {}
    found = []
    for row in listed_rows(source.label(DIALECTS_FILE), source.value(DIALECTS_FILE), "name"):
        found.append(_dialect(row, {method.role: method for method in methods}, readings))
        unique(row, "name", row.text("name"), names)
    return tuple(found)


def _dialect(row: Row, methods: Mapping[str, Method], readings: Mapping[str, Reading]) -> Dialect:
    row.only(_DIALECT)
    port = row.optional_number("port")
    if port is not None and not 0 < port <= HIGHEST_PORT:
        raise row.wrong(f"has the port {port}", f"expected one from 1 to {HIGHEST_PORT}")
    listed = row.items("methods") if row.has("methods") else []
    return Dialect(
        name=row.text("name"),
        title=row.text("title"),
        mark=row.choice("mark", Mark),
        source=row.text("source"),
        port=port,
        certificate=row.text("certificate", ""),
        readings=_readings(row, readings),
        methods=tuple(_method(each, methods) for each in listed_rows(row.file, listed, "name")),
    )


def _readings(row: Row, known: Mapping[str, Reading]) -> Mapping[str, str]:
    if not row.has("readings"):
        return {}
    wanted = row.row("readings")
    for point in wanted.values:
        if point not in known:
            raise row.wrong(f'names the reading "{point}"', "expected the id of a reading under readings/")
        wanted.word(point, tuple(known[point].takes))
    return {point: wanted.text(point) for point in wanted.values}


def _method(row: Row, methods: Mapping[str, Method]) -> ExtraMethod:
    row.only(_METHOD)
    types = _texts(row, "types")
    fields = _texts(row, "fields")
    parameters = {role for method in methods.values() for role in method.by_role}
    for key, wanted, known in (("types", types, methods.keys()), ("fields", fields, parameters)):
        for name, role in wanted.items():
            if role not in known:
                raise row.wrong(f'has "{role}" for {name} in {key}', f"expected one of {', '.join(sorted(known))}")
    does = row.choice("does", Does)
    if (does is Does.BEGIN_OPERATION) != bool(types):
        raise row.wrong(f'does "{does}" and has {len(types)} types', f"expected types for {Does.BEGIN_OPERATION} only")
    return ExtraMethod(
        name=row.text("name"),
        verb=row.word("verb", ("GET", "POST")),
        does=does,
        open=row.flag("open"),
        mark=row.choice("mark", Mark),
        fields=fields,
        type_field=row.text("type") if types else "",
        types=types,
    )


def _texts(row: Row, key: str) -> Mapping[str, str]:
    """A mapping of texts; {} when there is none."""
    if not row.has(key):
        return {}
    entries = as_row(row.file, f"{row.name}.{key}", row.values[key])
    return {name: entries.text(name) for name in entries.values}
