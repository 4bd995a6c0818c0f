"""The doubtful points of the guide that the emulator itself decides by, beside those of the model.

How bytes are understood and how answers are written is no matter of the model. ``resolved`` puts both together
and refuses what nobody would act on.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.model import readings as model
from conformance.model.readings import Readings
from conformance.spec import Spec
from conformance.spec.errors import nearest

EMPTY_TYPED_VALUE = "EMPTY-TYPED-VALUE"
REPEATED_PARAMETER = "REPEATED-PARAMETER"
UNKNOWN_PARAMETER = "UNKNOWN-PARAMETER"
DOTTED_DATES = "DOTTED-DATES"
ZONE_OF_BOUNDS = "ZONE-OF-BOUNDS"
BOOLEAN_SPELLING = "BOOLEAN-SPELLING"
SURROUNDING_BLANKS = "SURROUNDING-BLANKS"
PLUS_IN_VALUES = "PLUS-IN-VALUES"
LONG_VALUES = "LONG-VALUES"
METHOD_NAME_CASE = "METHOD-NAME-CASE"
CREDENTIAL_CHARSET = "CREDENTIAL-CHARSET"
SCHEME_CASE = "AUTHORIZATION-SCHEME-CASE"
CHALLENGE = "UNAUTHORIZED-CHALLENGE"
CHAIN_PRESENTED = "CHAIN-PRESENTED"
TLS_FLOOR = "TLS-FLOOR"
NEGOTIATION = "CONTENT-NEGOTIATION"
DECLARATION = "XML-DECLARATION"
BOM = "XML-BOM"
LAYOUT = "XML-LAYOUT"
UNKNOWN_ELEMENTS = "UNKNOWN-ELEMENTS"
ELEMENT_ORDER = "ELEMENT-ORDER"
FRACTION_DIGITS = "FRACTION-DIGITS"
DATE_ZONE = "DATE-ZONE"
MINIMAL_DATE = "MINIMAL-DATE"
PRIMITIVE_NAMESPACE = "PRIMITIVE-NAMESPACE"
CONTENT_TYPE = "XML-CONTENT-TYPE"
LEFT_OUT_FIELDS = "LEFT-OUT-FIELDS"
EMPTY_CASE_LIST = "EMPTY-CASE-LIST"

UNDERSTOOD: Mapping[str, tuple[str, ...]] = {
    **model.UNDERSTOOD,
    EMPTY_TYPED_VALUE: ("omitted", "malformed"),
    REPEATED_PARAMETER: ("first", "last", "joined"),
    UNKNOWN_PARAMETER: ("ignored", "refused"),
    DOTTED_DATES: ("refused", "accepted"),
    ZONE_OF_BOUNDS: ("server", "utc", "as-written"),
    BOOLEAN_SPELLING: ("any-case", "as-shown"),
    SURROUNDING_BLANKS: ("kept", "trimmed"),
    PLUS_IN_VALUES: ("blank", "plus"),
    LONG_VALUES: ("taken", "refused"),
    METHOD_NAME_CASE: ("ignored", "exact"),
    CREDENTIAL_CHARSET: ("utf-8", "latin-1", "both"),
    SCHEME_CASE: ("accepted", "refused"),
    CHALLENGE: ("named", "absent"),
    CHAIN_PRESENTED: ("with-authority", "without-authority"),
    TLS_FLOOR: ("spoken", "newer-only"),
    NEGOTIATION: ("xml-always", "negotiated"),
    DECLARATION: ("absent", "present"),
    BOM: ("absent", "present"),
    LAYOUT: ("compact", "indented", "padded"),
    UNKNOWN_ELEMENTS: ("none", "some"),
    ELEMENT_ORDER: ("declared", "alphabetical", "any"),
    FRACTION_DIGITS: ("trimmed", "seven", "none"),
    DATE_ZONE: ("mixed", "utc", "offset", "none"),
    MINIMAL_DATE: ("year-1", "year-1753"),
    PRIMITIVE_NAMESPACE: ("none", "serialization"),
    CONTENT_TYPE: ("application-xml", "text-xml"),
    LEFT_OUT_FIELDS: ("none", "not-listed", "not-in-sample", "empty"),
    EMPTY_CASE_LIST: ("empty-root", "no-body"),
}
"""Reading id -> the names that the emulator acts on."""


def resolved(spec: Spec, wanted: Mapping[str, str]) -> dict[str, str]:
    """Every reading of the spec at its default, or as ``wanted``.

    ValueError for an id that the spec does not have, or a name that nothing acts on.
    """
    for point, name in wanted.items():
        if point not in spec.reading:
            listed = f"expected one of the {len(spec.reading)} in the folder readings of {spec.name}"
            raise ValueError(f"no reading is called {point!r}{nearest(point, spec.reading)}; {listed}.")
        if name not in spec.reading[point].takes:
            raise ValueError(f"{point} cannot be {name!r}; expected one of {', '.join(spec.reading[point].takes)}.")
    chosen = {reading.id: reading.default for reading in spec.readings} | dict(wanted)
    for point, names in UNDERSTOOD.items():
        if point not in chosen:
            raise ValueError(f"{spec.name} has no reading {point}, which the emulator needs; add its row to readings/.")
        if chosen[point] not in names:
            raise ValueError(f"the emulator cannot take {point} as {chosen[point]!r}; it knows {', '.join(names)}.")
    return chosen


def check(readings: Readings) -> Readings:
    """The same readings, when the emulator can act on all of them; ValueError otherwise."""
    for point, names in UNDERSTOOD.items():
        if readings.get(point) not in names:
            raise ValueError(f"{point} is {readings.get(point)!r}; the emulator knows {', '.join(names)}.")
    return readings
