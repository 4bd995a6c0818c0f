"""What hangs on a case: attached images, indications, surface scans, and the teeth they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from conformance.rules.case_data import facts, name_of, records, same_moment
from conformance.rules.case_knowledge import trusted
from conformance.rules.case_sketches import case, declared, image, indication, part, scan, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import Field, Kind, Spec
from conformance.trace import Exchange, History, Note, Sketch, Witness, guid, hidden
from conformance.wire import EMPTY_GUID, Malformed, Moment, Record, Value, parse_boolean, parse_guid, parse_xml_date

JAWS = "ONE-JAW-SCANS"
NO_TEETH = "SCAN-WITHOUT-TEETH"


def planned(*entries: dict[str, object]) -> Sketch:
    return search(case(1, indications=list(entries)))


def scans(*entries: dict[str, object]) -> Sketch:
    return search(case(1, scans=list(entries)))


def of_type(index: int, first: int, last: int) -> Witness:
    """A scan whose type is the one at that place of the spec's list."""
    return lambda spec: scans(scan(7, first, last, type=spec.record["scan"].by_role["type"].values[index]))


def _entries(exchange: Exchange, list_role: str) -> Iterator[tuple[Record, Record]]:
    """Every case with every entry of one of its lists."""
    for record in records(exchange):
        for entry in record.records(list_role):
            yield record, entry


# -- teeth ----------------------------------------------------------------------------------------------------


@rule(
    "INF-017",
    judges="find_cases",
    accepts=[planned(indication(3, 3)), planned(indication(1, 32)), scans(scan(7, 17, 32))],
    rejects=[planned(indication(3, 2)), scans(scan(7, 32, 17)), planned(indication(3, 3), indication(16, 1))],
    ignores=[search(case(1)), planned({"name": "Crown"})],
)
def the_first_tooth_is_not_after_the_last(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """In indications and scans, the first number is not greater than the last."""
    met = False
    for list_role, kind in (("indications", "indication"), ("scans", "scan")):
        for record, entry in _entries(exchange, list_role):
            first, last = entry.number("from"), entry.number("to")
            if first is None or last is None:
                continue
            met = True
            if first > last:
                names = f"{name_of(spec, 'from', kind)} and {name_of(spec, 'to', kind)}"
                expected = f"{names} in this order in case {record.guid('case')}"
                return breaks(expected, f"{first} and {last}", exchange)
    return holds(exchange) if met else None


@rule(
    "INF-018",
    judges="find_cases",
    accepts=[part("indication", 1, **{"from": "3", "to": "3", "name": "Crown"}) + planned(indication(3, 3))],
    rejects=[
        part("indication", 1, **{"from": "3", "to": "3", "name": "Crown"}) + planned(indication(3, 4)),
        part("indication", 1, **{"from": "3", "to": "3"}) + planned(indication(3, 0)),
        part("indication", 1, **{"from": "3", "to": "3"}) + planned(indication(3, 32)),
    ],
    ignores=[
        planned(indication(3, 4)),
        part("indication", 1, **{"from": "3", "to": "5"}) + planned(indication(3, 5)),
        part("indication", 1, **{"from": "3", "to": "3", "name": "Crown"}) + planned(indication(3, 5, "Bridge")),
    ],
)
def a_single_tooth_is_first_and_last(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on indications that were declared to be of one tooth."""
    checked: Note | None = None
    for record in records(exchange):
        for note in _declared(history, "indication", record, exchange):
            tooth, name = note.data.get("from", ""), note.data.get("name", "")
            if not tooth or note.data.get("to") != tooth:
                continue
            same = [e for e in record.records("indications") if e.number("from") == int(tooth) and _named(e, name)]
            checked = note if same else checked
            odd = [entry for entry in same if entry.number("to") != int(tooth)]
            if odd and len(odd) == len(same):
                expected = f"{name_of(spec, 'to', 'indication')} {tooth} for the one tooth {tooth}"
                return breaks(expected, str(odd[0].number("to")), note, exchange)
    return holds(checked, exchange) if checked is not None else None


def _named(entry: Record, name: str) -> bool:
    return not name or hidden(name + entry.text("name")) or entry.text("name") == name


def _declared(history: History, what: str, record: Record, exchange: Exchange) -> Sequence[Note]:
    number = record.guid("case")
    found = history.cases.declared(what, number) if number is not None else ()
    return [note for note in found if trusted(history, note, exchange)]


@rule(
    "INF-022",
    judges="find_cases",
    accepts=[scans(scan(7, 1, 16)), scans(scan(7, 1, 32), scan(8, 32, 32))],
    rejects=[
        scans(scan(7, 0, 16)),
        scans(scan(7, 17, 33)),
        scans(scan(7, 38, 48)),
        scans(scan(7, 1, 16, **{"to": None})),
        scans(scan(7, 1, 16, **{"from": "one"})),
        scans(scan(7, 0, 0), scan(8, -1, 16)),
    ],
    ignores=[scans(scan(7, 0, 0)), search(case(1))],
)
def the_teeth_of_a_scan_are_numbered(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Both ends are integers of the universal notation. Zero to zero is read as no tooth at all: it decides nothing."""
    met, toothless = False, False
    for record, entry in _entries(exchange, "scans"):
        if entry.number("from") == 0 and entry.number("to") == 0:
            toothless = True
            continue
        met = True
        for role in ("from", "to"):
            field, value = spec.record["scan"].by_role[role], entry.get(role)
            if not _in_range(field, value):
                expected = f"{field.name} from {field.minimum} to {field.maximum} in case {record.guid('case')}"
                return breaks(expected, _shown(value), exchange)
    if met:
        return holds(exchange)
    return undecided("no scan with a tooth", exchange) if toothless else None


def _in_range(field: Field, value: Value | None) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return (field.minimum is None or value >= field.minimum) and (field.maximum is None or value <= field.maximum)


def _shown(value: Value | None) -> str:
    return value.text[:40] if isinstance(value, Malformed) else "none" if value is None else str(value)


@observes(
    NO_TEETH,
    judges="find_cases",
    shows=[(scans(scan(7, 0, 0)), "zero"), (scans(scan(7, 1, 16)), ""), (search(case(1)), "")],
)
def which_teeth_a_scan_without_any_has(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Only zero can be seen: a scan with teeth may be of a kind that has some."""
    none = any(e.number("from") == 0 and e.number("to") == 0 for _, e in _entries(exchange, "scans"))
    return "zero" if none else None


@rule(
    "INF-024",
    judges="find_cases",
    accepts=[of_type(1, 1, 16), of_type(1, 17, 32), of_type(2, 18, 20)],
    rejects=[of_type(1, 1, 32), of_type(1, 16, 17), of_type(2, 10, 20)],
    ignores=[of_type(3, 1, 32), of_type(7, 1, 32), search(case(1)), of_type(1, 0, 0)],
)
def a_jaw_scan_tells_which_jaw(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The teeth of a scan of one jaw lie in one half of the numbering."""
    jaws = spec.reading[JAWS].conforming if JAWS in spec.reading else ()
    field, met = spec.record["scan"].by_role["from"], False
    if field.minimum is None or field.maximum is None:
        return None
    for record, entry in _entries(exchange, "scans"):
        first, last = entry.number("from"), entry.number("to")
        if entry.text("type") not in jaws or first is None or last is None or first < field.minimum:
            continue
        met = True
        half = (field.maximum - field.minimum + 1) // 2
        if (first - field.minimum) // half != (last - field.minimum) // half:
            expected = f"teeth of one jaw in the {entry.text('type')} scan of case {record.guid('case')}"
            return breaks(expected, f"{first} to {last}", exchange)
    return holds(exchange) if met else None


# -- images ---------------------------------------------------------------------------------------------------


def pictured(*entries: dict[str, object]) -> Sketch:
    return search(case(1, images=list(entries)))


@rule(
    "INF-013",
    judges="find_cases",
    accepts=[pictured(image(7)), pictured(image(7, "Upper front, smile.PNG"))],
    rejects=[
        pictured(image(7, "")),
        pictured({"image": guid(7)}),
        pictured(image(7, "C:\\photos\\7.jpeg")),
        pictured(image(7), image(8, "photos/8.jpeg")),
    ],
    ignores=[search(case(1))],
)
def an_image_has_a_file_name(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """There is always a name, and it is that of a file, not a path to one."""
    met = False
    for record, entry in _entries(exchange, "images"):
        met, name = True, entry.text("name")
        if not name or "/" in name or "\\" in name:
            expected = f"{name_of(spec, 'name', 'image')} with the name of a file in case {record.guid('case')}"
            return breaks(expected, f'"{name}"' if name else "none", exchange)
    return holds(exchange) if met else None


# -- as declared ----------------------------------------------------------------------------------------------

CROWN = {"from": "3", "to": "3", "name": "Crown", "shade": "A1"}
JAW = {"scan": str(guid(7)), "from": "1", "to": "16", "sectioned": "no", "prepared": "false"}
PHOTO = part("image", 1, image=str(guid(7)), name="photo.jpeg")


@rule(
    "INF-037",
    judges="find_cases",
    accepts=[
        PHOTO + pictured(image(7)),
        PHOTO + pictured(image(8), image(7)),
        declared(1, images="1") + pictured(image(7)),
        declared(1, images="0") + search(case(1, images=None)),
    ],
    rejects=[
        PHOTO + search(case(1)),
        PHOTO + pictured(image(8)),
        PHOTO + pictured(image(7, "another.jpeg")),
        declared(1, images="2") + pictured(image(7)),
        declared(1, images="0") + pictured(image(7)),
        declared(1, images="1") + search(case(1, images=None)),
    ],
    ignores=[pictured(image(7)), declared(1) + pictured(image(7)), PHOTO + search(case(2))],
)
def the_attached_images_are_listed(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every image that was declared is listed under its id and name, and there are as many as declared."""
    return as_declared(history, exchange, spec, "image", "images", lambda data: {"image": data.get("image", "")})


@rule(
    "INF-038",
    judges="find_cases",
    accepts=[
        part("indication", 1, **CROWN) + planned(indication(3, 3)),
        part("indication", 1, **CROWN) + planned(indication(3, 3, "Veneer"), indication(3, 3)),
        part("indication", 1, **{**CROWN, "shade": ""}) + planned({"from": 3, "to": 3, "name": "Crown"}),
        declared(1, indications="2") + planned(indication(3, 3), indication(5, 5)),
    ],
    rejects=[
        part("indication", 1, **CROWN) + search(case(1)),
        part("indication", 1, **CROWN) + planned(indication(4, 4)),
        part("indication", 1, **CROWN) + planned(indication(3, 3, shade="B2")),
        part("indication", 1, **CROWN) + planned({"from": 3, "to": 3, "shade": "A1"}),
        declared(1, indications="2") + planned(indication(3, 3)),
    ],
    ignores=[planned(indication(3, 3)), part("indication", 1, **CROWN) + search(case(2))],
)
def the_indications_are_those_of_the_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every indication that was declared is listed with its teeth, name and shade."""
    return as_declared(history, exchange, spec, "indication", "indications", lambda data: data)


@rule(
    "INF-039",
    judges="find_cases",
    accepts=[
        part("scan", 1, **JAW) + scans(scan(7, 1, 16)),
        part("scan", 1, **JAW) + scans(scan(8, 17, 32), scan(7, 1, 16)),
        part("scan", 1, scan=str(guid(7)), timestamp="2020-01-11T10:00:00+01:00") + scans(scan(7, 1, 16)),
        declared(1, scans="1") + scans(scan(7, 1, 16)),
    ],
    rejects=[
        part("scan", 1, **JAW) + search(case(1)),
        part("scan", 1, **JAW) + scans(scan(7, 17, 32)),
        part("scan", 1, **JAW) + scans(scan(7, 1, 16, sectioned=True)),
        part("scan", 1, **JAW) + scans(scan(7, 1, 16, prepared=True)),
        part("scan", 1, scan=str(guid(7)), type="One") + scans(scan(7, 1, 16, type="Another")),
        part("scan", 1, scan=str(guid(7)), timestamp="2020-01-13T10:00:00Z") + scans(scan(7, 1, 16)),
        declared(1, scans="0") + scans(scan(7, 1, 16)),
    ],
    ignores=[scans(scan(7, 1, 16)), part("scan", 1, **JAW) + search(case(2))],
)
def the_scans_are_those_of_the_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every scan that was declared is listed, with its teeth, type, marks and date."""
    return as_declared(history, exchange, spec, "scan", "scans", lambda data: {"scan": data.get("scan", "")})


def as_declared(
    history: History,
    exchange: Exchange,
    spec: Spec,
    kind: str,
    list_role: str,
    key: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> Verdict | None:
    """The verdict on one list of a case: as many entries as declared, each declared one among them and as declared.

    ``key`` picks the facts by which an entry is recognised; the other facts must then be right.
    """
    checked: Note | None = None
    fields = spec.record[kind].fields
    for record in records(exchange):
        entries, own = record.records(list_role), facts(history, record, exchange)
        count = own.data.get(list_role, "") if own is not None else ""
        if own is not None and count.isdigit():
            checked = own
            if len(entries) != int(count):
                expected = f"{count} {name_of(spec, list_role)} in case {record.guid('case')}"
                return breaks(expected, str(len(entries)), own, exchange)
        for note in _declared(history, kind, record, exchange):
            checked = note
            wrong = _mismatch(entries, note.data, fields, key(note.data))
            if wrong:
                where = f"of a {spec.record[kind].name} of case {record.guid('case')}"
                return breaks(f"{wrong[0]} {where}", wrong[1], note, exchange)
    return holds(checked, exchange) if checked is not None else None


def _mismatch(
    entries: Iterable[Record], data: Mapping[str, str], fields: Iterable[Field], key: Mapping[str, str]
) -> tuple[str, str] | None:
    """What was declared and what was found instead, or None when some entry is right."""
    told = [field for field in fields if field.role in data]
    same = [e for e in entries if all(_agrees(field, e, data) for field in told if field.role in key)]
    if not same:
        return ", ".join(f"{field.name} {data[field.role]}" for field in told if field.role in key), "none such"
    for field in told:
        if not any(_agrees(field, entry, data) for entry in same):
            return f"{field.name} {data[field.role]}", _shown(same[0].get(field.role))
    return None


_WORDS = {"yes": True, "no": False}


def _agrees(field: Field, entry: Record, data: Mapping[str, str]) -> bool:
    """Whether an entry has a declared fact. What cannot be read, or was changed by redaction, counts as right."""
    text, value = data[field.role].strip(), entry.get(field.role)
    match field.kind:
        case Kind.TEXT:
            said = value if isinstance(value, str) else ""
            return said.strip() == text or hidden(said)
        case Kind.BOOLEAN:
            known = _WORDS[text] if text in _WORDS else parse_boolean(text)
            return isinstance(known, Malformed) or value is known
        case Kind.INTEGER:
            return not text.lstrip("-").isdigit() or value == int(text)
        case Kind.DATE:
            moment = parse_xml_date(text)
            return not isinstance(moment, Moment) or (isinstance(value, Moment) and same_moment(value, moment))
        case Kind.GUID:
            return parse_guid(text) == value and value != EMPTY_GUID
    return True
