"""Witnesses of the rows judged by shape, made from the spec: what each accepts, rejects and ignores.

A row without anything to reject could never fail; that is an error of the row. Only the tests of the rules ask for
these, as they do for the witnesses that other rules carry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.rules.shapes import Shape
from conformance.spec import DocumentType, Field, Kind, Parameter, RecordType, Spec
from conformance.trace import Sketch, call, guid
from conformance.wire import encode

_TEXT = "sample-of-a-text"
_NONSENSE = "?"
_DATE, _NO_DATE = "2019-11-14T13:14:20", "2019-31-31"


@dataclass(frozen=True)
class ShapeWitnesses:
    accepts: tuple[Sketch, ...]
    rejects: tuple[Sketch, ...]
    ignores: tuple[Sketch, ...]


def shape_witnesses(shape: Shape, spec: Spec) -> ShapeWitnesses:
    """Traces on both sides of every boundary that the row has."""
    if shape.field is not None and shape.record is not None:
        return _of_field(shape.field, shape.record, spec)
    assert shape.parameter is not None
    assert shape.method is not None
    return _of_parameter(shape.parameter, shape.method.role)


# -- fields ---------------------------------------------------------------------------------------------------


def _of_field(field: Field, record: RecordType, spec: Spec) -> ShapeWitnesses:
    answers = _Answers(field, record, spec)
    good = [answers.with_value(value) for value in _accepted(field)]
    bad = [answers.with_value(value) for value in _rejected(field)]
    bad += [answers.with_body(lambda name: f"<{name}><x /></{name}>")] if field.kind is Kind.TEXT else []
    bad += [answers.with_body(lambda name: f"<{name} /><{name} />")]
    left_out = answers.with_value(None)
    if not field.nullable:
        bad.append(left_out)
    return ShapeWitnesses(tuple(good), tuple(bad), (answers.with_value(_sample(field)).refused(400),))


def _accepted(field: Field) -> list[object]:
    if field.values:
        return list(field.values)
    bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
    return list(bounds) or [_sample(field)]


def _rejected(field: Field) -> list[object]:
    found: list[object] = [] if field.kind is Kind.TEXT and not field.values else [_NONSENSE]
    found += [field.minimum - 1] if field.minimum is not None else []
    found += [field.maximum + 1] if field.maximum is not None else []
    return found


def _sample(field: Field) -> object:
    if field.values:
        return field.values[0]
    if field.minimum is not None:
        return field.minimum
    return _SAMPLES[field.kind]


_SAMPLES: Mapping[Kind, object] = {
    Kind.TEXT: _TEXT,
    Kind.GUID: guid(7),
    Kind.BOOLEAN: True,
    Kind.DATE: _DATE,
    Kind.INTEGER: 1,
    Kind.BYTES: b"\x00\x01",
    Kind.RECORDS: [],
}


@dataclass(frozen=True)
class _Answers:
    """Answers that hold one record of the type, with one field as wished and all others sound."""

    field: Field
    record: RecordType
    spec: Spec

    def with_value(self, value: object) -> Sketch:
        document, content = self._content(value)
        return call(self._asked(document), answer=content)

    def with_body(self, written: Callable[[str], str]) -> Sketch:
        """An answer whose element of the field is what ``written`` makes of its name."""
        document, content = self._content(_MARK)
        name = self.field.name
        body = encode(document.role, content, self.spec).decode("utf-8")
        return call(self._asked(document)).but(
            body=body.replace(f"<{name}>{_MARK}</{name}>", written(name)).encode("utf-8")
        )

    def _asked(self, document: DocumentType) -> str:
        return next(method.role for method in self.spec.methods if method.answer == document.role)

    def _content(self, value: object) -> tuple[DocumentType, object]:
        return self._inside(self.record, {**_sound(self.record), self.field.role: value})

    def _inside(self, record: RecordType, values: Mapping[str, object]) -> tuple[DocumentType, object]:
        """The document around one record, through the records that it stands in."""
        for document in self.spec.documents:
            if document.item == record.role:
                return document, [values] if document.many else values
        for outer in self.spec.records:
            for field in outer.fields:
                if field.record == record.role:
                    return self._inside(outer, {**_sound(outer), field.role: [values]})
        raise ValueError(f"{record.name} stands in no document of {self.spec.name}; add it to openapi.yaml.")


_MARK = "mark-of-the-field"


def _sound(record: RecordType) -> dict[str, object]:
    return {field.role: _sample(field) for field in record.fields}


# -- parameters -----------------------------------------------------------------------------------------------


def _of_parameter(parameter: Parameter, method: str) -> ShapeWitnesses:
    def with_value(value: object) -> Sketch:
        return call(method, **{parameter.role: value})

    nonsense = {Kind.GUID: _NONSENSE, Kind.BOOLEAN: _NONSENSE, Kind.DATE: _NO_DATE}
    bad = [with_value(nonsense[parameter.kind])] if parameter.kind in nonsense else []
    unset = [with_value(None), with_value("")]
    return ShapeWitnesses(
        accepts=(with_value(_DATE if parameter.kind is Kind.DATE else _SAMPLES[parameter.kind]),),
        rejects=tuple(bad + (unset if parameter.mandatory else [])),
        ignores=() if parameter.mandatory else tuple(unset),
    )
