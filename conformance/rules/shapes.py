"""Rows judged by shape: one field of a record, or one parameter of a call, held against the spec itself.

A row of this kind says no more than the spec does: the field is there, reads as what it is, and stays in its
bounds; a mandatory parameter is given, and one that is given can be read. So there is no code per row. A document that
is malformed as a whole is the business of the rules on documents and triggers nothing here.

A nullable field that is left out shows nothing: the row is not triggered. Only where the row names a reading, which
then says that servers differ in writing the field at all, does leaving it out keep the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.rules.verdict import Verdict, breaks, holds
from conformance.rules.written import form_written
from conformance.spec import Binds, Field, JudgedBy, Kind, Method, Parameter, RecordType, Requirement, Spec
from conformance.trace import Exchange
from conformance.wire import Document, Malformed, Record, Value, parse_boolean, parse_guid

_KIND_WORDS = {
    Kind.TEXT: "a text",
    Kind.GUID: "a GUID",
    Kind.BOOLEAN: "a Boolean",
    Kind.DATE: "a date and time",
    Kind.INTEGER: "an integer",
    Kind.BYTES: "Base64",
    Kind.RECORDS: "a list of records",
}
_SHOWN = 80


@dataclass(frozen=True)
class Shape:
    """One row with the part of the spec that it is about: a field of a record, or a parameter of a method."""

    row: Requirement
    record: RecordType | None = None
    field: Field | None = None
    method: Method | None = None
    parameter: Parameter | None = None

    @property
    def pms_only(self) -> bool:
        return self.row.binds is Binds.PMS

    def concerns(self, method: str, records: Collection[str]) -> bool:
        """True for calls of that method with records of those types in the answer (all of them by role)."""
        if self.record is not None:
            return self.record.role in records
        return self.method is not None and self.method.role == method


def shapes(spec: Spec) -> tuple[Shape, ...]:
    """The rows of ``spec`` that are judged by shape, each with its target."""
    return tuple(_shape(row, spec) for row in spec.requirements if row.judged_by is JudgedBy.SHAPE)


def _shape(row: Requirement, spec: Spec) -> Shape:
    owner, _, name = row.target.partition(".")
    for record in spec.records:
        if record.name == owner and name in record.by_name:
            return Shape(row, record=record, field=record.by_name[name])
    for method in spec.methods:
        if method.name == owner and name.casefold() in method.by_folded_name:
            return Shape(row, method=method, parameter=method.by_folded_name[name.casefold()])
    raise ValueError(f"{row.file}: {row.id} has the target {row.target!r}; expected Record.Field or Method.Parameter.")


class Shapes:
    """Rows in their order, and which of them an exchange can concern."""

    def __init__(self, rows: Iterable[Shape]) -> None:
        self._rows = tuple(rows)
        self._concerned: dict[tuple[str, frozenset[str]], tuple[Shape, ...]] = {}

    def verdicts(self, exchange: Exchange) -> Iterator[tuple[str, Verdict]]:
        """At most one for each row: the first breach in the exchange, else that the row was kept; none if not met."""
        records = _records(exchange)
        key = exchange.role, frozenset(records)
        if key not in self._concerned:
            self._concerned[key] = tuple(shape for shape in self._rows if shape.concerns(*key))
        for shape in self._concerned[key]:
            if shape.field is not None:
                verdict = _field_verdict(shape, shape.field, records, exchange)
            else:
                verdict = _parameter_verdict(shape.parameter, exchange) if shape.parameter is not None else None
            if verdict is not None:
                yield shape.row.id, verdict


# -- fields ---------------------------------------------------------------------------------------------------


def _records(exchange: Exchange) -> Mapping[str, list[Record]]:
    """Every record of a successful answer by the role of its type, those inside others included."""
    found: dict[str, list[Record]] = {}
    if exchange.succeeded and isinstance(exchange.document, Document):
        _collect(exchange.document.records, found)
    return found


def _collect(records: Iterable[Record], found: dict[str, list[Record]]) -> None:
    for record in records:
        found.setdefault(record.type, []).append(record)
        for value in record.values.values():
            if isinstance(value, tuple):
                _collect(value, found)


def _field_verdict(
    shape: Shape, field: Field, records: Mapping[str, list[Record]], exchange: Exchange
) -> Verdict | None:
    assert shape.record is not None
    name, met = f"{shape.record.name}.{field.name}", False
    for record in records.get(shape.record.role, ()):
        value = record.get(field.role)
        if value is None and field.nullable and field.name not in record.repeated:
            met = met or bool(shape.row.readings)
            continue
        met = True
        observed = f"more than one {field.name} in a record" if field.name in record.repeated else ""
        observed = observed or _field_flaw(field, value)
        if observed:
            return breaks(f"{name} to be {_wanted(field)}", observed, exchange)
    return holds(exchange) if met else None


def _field_flaw(field: Field, value: Value | None) -> str:
    """What is wrong with the value, or ''."""
    if value is None:
        return "no such element, or a nil one"
    if isinstance(value, Malformed):
        return f'"{value.text.strip()[:_SHOWN]}" ({value.reason})'
    if field.values and value not in field.values:
        return f'"{str(value)[:_SHOWN]}"'
    if isinstance(value, int) and not isinstance(value, bool):
        low = field.minimum is not None and value < field.minimum
        high = field.maximum is not None and value > field.maximum
        return str(value) if low or high else ""
    return ""


def _wanted(field: Field) -> str:
    if field.values:
        return f"one of {', '.join(field.values)}"
    words = _KIND_WORDS[field.kind]
    if field.minimum is not None and field.maximum is not None:
        return f"{words} from {field.minimum} to {field.maximum}"
    if field.minimum is not None:
        return f"{words} of at least {field.minimum}"
    return words if field.maximum is None else f"{words} of at most {field.maximum}"


# -- parameters -----------------------------------------------------------------------------------------------


def _parameter_verdict(parameter: Parameter, exchange: Exchange) -> Verdict | None:
    name, value = parameter.name, exchange.values.get(parameter.role)
    if not value:
        if not parameter.mandatory:
            return None
        observed = f"{name} without a value" if value == "" else f"no {name}"
        return breaks(f"{name} with a value, since it is mandatory", observed, exchange)
    flaw = _parameter_flaw(parameter, value, exchange)
    if flaw:
        return breaks(f"{name} to be {_KIND_WORDS[parameter.kind]}", flaw, exchange)
    return holds(exchange)


def _parameter_flaw(parameter: Parameter, value: str, exchange: Exchange) -> str:
    """What is wrong with the text, or ''. A text that redaction hid is told by its facts."""
    told = exchange.flaws.get(parameter.role, "")
    if parameter.kind is Kind.DATE:
        # Which spellings of a date every server reads alike is a question of its own; here it only must be one.
        form = form_written(exchange, parameter.role)
        return f"a text that is no date{f' ({form})' if form else ''}" if "date:other" in told.split() else ""
    parsed: object = ""
    if parameter.kind is Kind.GUID:
        parsed = parse_guid(value)
    elif parameter.kind is Kind.BOOLEAN:
        parsed = parse_boolean(value)
    return f'"{value[:_SHOWN]}" ({told or parsed.reason})' if isinstance(parsed, Malformed) else ""
