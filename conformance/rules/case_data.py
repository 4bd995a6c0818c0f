"""What the record of a case says: whose it is, its name and lab, its dates, whether it is modelled.

What every record must hold is judged by shape. Here stands what a record must say to be true, as far as the patient is
known, the case was declared, or other answers have told of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from conformance.rules.case_knowledge import (
    ordinary,
    owner_of,
    patient_of,
    trusted,
)
from conformance.rules.case_sketches import NEVER, case, declared, image, patient, scan, search
from conformance.rules.catalogue import rule
from conformance.rules.full_names import words_shown, words_told
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import Spec
from conformance.trace import Exchange, History, Names, Note, call, doubtful, folded, fresh, hidden, listing, poll
from conformance.wire import (
    EMPTY_GUID,
    TICKS_PER_SECOND,
    Document,
    Malformed,
    Moment,
    Record,
    Zone,
    parse_xml_date,
)

_WIDEST_ZONE = 14 * 3600 * TICKS_PER_SECOND

FIRST = case(1)
ADA = (
    fresh("A")
    + call("create_patient", integration_id="A", first_name="Ada", last_name="Fox", operation=1)
    + poll(1, "processed")
)
RENAMED = call("update_patient", integration_id="A", first_name="Eva", last_name="Fox", operation=2)


def records(exchange: Exchange) -> Sequence[Record]:
    """Every record of a case in an answered search, those without a readable id included."""
    document = exchange.document
    if listing(exchange) is None or not ordinary(exchange) or not isinstance(document, Document):
        return ()
    return document.records


def facts(history: History, record: Record, exchange: Exchange) -> Note | None:
    """What was declared of the case, if anything was."""
    number = record.guid("case")
    found = history.cases.declared("case", number) if number is not None else ()
    return next((note for note in found if trusted(history, note, exchange)), None)


def name_of(spec: Spec, role: str, record: str = "case") -> str:
    return spec.record[record].by_role[role].name


def same_moment(said: Moment, known: Moment) -> bool:
    """True for the same second; without a zone on either side, for any zone that makes it so."""
    slack = TICKS_PER_SECOND if Zone.NONE not in (said.zone, known.zone) else _WIDEST_ZONE
    return abs(said.ticks - known.ticks) <= slack


# -- whose it is ----------------------------------------------------------------------------------------------


@rule(
    "INF-008",
    judges="find_cases",
    accepts=[search(FIRST), declared(1) + search(FIRST)],
    rejects=[
        search(case(1, integration_id=None)),
        search(case(1, integration_id="")),
        search(case(1, integration_id="840229-1235")),
        declared(1) + search(case(1, integration_id="B")),
        declared(1) + search(case(1, integration_id="a")),
    ],
    ignores=[search(), search(FIRST, patient=None), declared(2, "B") + search(case(2, "B"))],
)
def the_integration_id_is_that_of_the_patient(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Each record names the patient asked for. Not triggered by a case that is another patient's."""
    mine, checked = patient_of(exchange), False
    if not mine or doubtful(exchange, "integration_id"):
        return None
    for record in records(exchange):
        own, number = record.text("integration_id"), record.guid("case")
        owner = owner_of(history, number, record, exchange) if number is not None else None
        if owner is not None and owner[0] != mine:
            continue
        checked = True
        if own != mine:
            expected = f"{name_of(spec, 'integration_id')} {mine} in case {number}"
            return breaks(expected, own or "none", exchange)
    return holds(exchange) if checked else None


@rule(
    "INF-009",
    judges="find_cases",
    accepts=[
        ADA + search(FIRST),
        ADA + search(case(1, patient_name="Fox Ada")),
        ADA + search(case(1, patient_name="Fox, Ada")),
        patient("A", first_name="", last_name="Cher") + search(case(1, patient_name="Cher,")),
        patient("A", first_name="Ada", last_name="Fox") + search(FIRST),
        patient("A", first_name="", last_name="van der Berg") + search(case(1, patient_name="van der Berg")),
    ],
    rejects=[
        ADA + search(case(1, patient_name="Fox")),
        ADA + search(case(1, patient_name="Ada")),
        ADA + search(case(1, patient_name="John Smith")),
        ADA + search(case(1, patient_name=None)),
        search(case(1, patient_name="")),
        ADA + RENAMED + poll(2, "processed") + search(case(1, patient_name="")),
        patient("A", first_name="Ada", last_name="Fox") + search(case(1, patient_name="Ada Ada Fox")),
        patient("A", first_name="Ada", last_name="Fox") + search(FIRST, case(2, patient_name="ada fox")),
    ],
    ignores=[
        search(FIRST),
        ADA + search(case(1, patient_name="Fox; Ada")),
        ADA + RENAMED + search(FIRST),
        ADA + RENAMED + poll(2, "processed") + search(FIRST),
    ],
)
def the_name_is_the_full_name(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """First and last name, in either order; a patient always has a last name. What updates do to it is said elsewhere.

    The trace keeps words, not letters: what else than a comma is stuck to one makes another of it, and decides nothing.
    """
    unlike: UUID | None = None
    checked: tuple[int, ...] = ()
    for record in records(exchange):
        shown, number = record.text("patient_name"), record.guid("case")
        names = _given_names(history, record.text("integration_id") or patient_of(exchange), exchange)
        wanted = words_told(names) if names is not None else []
        told = words_shown(shown, names) if names is not None else shown.split()
        if not told or (names is not None and _another(told, wanted)):
            expected = f"{name_of(spec, 'patient_name')} {' '.join(wanted) or 'with a name'} in case {number}"
            evidence = names.evidence if names is not None else ()
            return breaks(expected, " ".join(told) or "none", *evidence, exchange)
        if names is not None and sorted(told) == sorted(wanted):
            checked = names.evidence
        elif names is not None:
            unlike = number
    if unlike is not None:
        return undecided(f"case {unlike} has one word of the name and others that redaction hides", exchange)
    return holds(*checked, exchange) if checked else None


def _given_names(history: History, patient_id: str, exchange: Exchange) -> Names | None:
    """The names that a patient was declared or created with, unless an update of any outcome came since."""
    names = history.proofs.names(patient_id, exchange)
    if names is None or names.since or (names.by is not None and names.by.role != "create_patient"):
        return None
    return names


def _another(told: Sequence[str], wanted: Sequence[str]) -> bool:
    """True when the words are surely not those of the name, whatever stands between them."""
    if sorted(map(folded, told)) == sorted(map(folded, wanted)):
        return sorted(told) != sorted(wanted)
    return len(told) != len(wanted) or (len(told) > 1 and not set(told) & set(wanted))


# -- ids ------------------------------------------------------------------------------------------------------


@rule(
    "INF-030",
    judges="find_cases",
    accepts=[
        search(FIRST, case(2)),
        search(case(1, images=[image(7), image(8)], scans=[scan(7, 1, 16), scan(8, 17, 32)])),
    ],
    rejects=[
        search(FIRST, FIRST),
        search(case(1), case(2), case(1, lab="Another Lab")),
        search(case(0)),
        search(case(1, images=[image(7), image(7, "again.jpeg")])),
        search(case(1, images=[image(7)]), case(2, images=[image(7)])),
        search(case(1, scans=[scan(7, 1, 16), scan(7, 17, 32)])),
        search(case(1, scans=[scan(0, 1, 16)])),
    ],
    ignores=[search()],
)
def ids_are_real_and_unique(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """In one answer no two cases, images or scans have the same id, and none has the empty one."""
    listed = records(exchange)
    for kind, found in _ids(listed).items():
        twice = [number for number in found if number == EMPTY_GUID or found.count(number) > 1]
        if twice:
            name = name_of(spec, kind, kind)
            return breaks(
                f"another {name} for each {spec.record[kind].name}",
                f"{twice[0]} {found.count(twice[0])} times",
                exchange,
            )
    return holds(exchange) if listed else None


def _ids(listed: Sequence[Record]) -> Mapping[str, list[UUID]]:
    found: dict[str, list[UUID | None]] = {
        "case": [record.guid("case") for record in listed],
        "image": [entry.guid("image") for record in listed for entry in record.records("images")],
        "scan": [entry.guid("scan") for record in listed for entry in record.records("scans")],
    }
    return {kind: [number for number in numbers if number is not None] for kind, numbers in found.items()}


# -- sent, and to whom ----------------------------------------------------------------------------------------


@rule(
    "INF-010",
    judges="find_cases",
    accepts=[search(FIRST), declared(1, lab="A Lab") + search(FIRST)],
    rejects=[
        search(case(1, lab=None)),
        search(case(1, lab="")),
        declared(1, lab="Another Lab") + search(FIRST),
    ],
    ignores=[search()],
)
def the_receiver_is_named(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """There is always a name: that of the receiver, or the word for none. A declared one is the one."""
    listed = records(exchange)
    for record in listed:
        lab, note = record.text("lab"), facts(history, record, exchange)
        known = note.data.get("lab", "") if note is not None else ""
        wrong = bool(known) and not hidden(known + lab) and known.strip() != lab
        if not lab or wrong:
            expected = f"{name_of(spec, 'lab')} {known or 'with a name'} in case {record.guid('case')}"
            return breaks(expected, lab or "none", *([note] if note is not None and wrong else []), exchange)
    return holds(exchange) if listed else None


@rule(
    "INF-033",
    judges="find_cases",
    accepts=[
        declared(1, sent="") + search(FIRST),
        declared(1, sent="") + search(case(1, sent="1753-01-01T00:00:00Z")),
        declared(1, sent="") + search(case(1, sent="0001-01-01T00:00:00+02:02")),
        declared(1, sent="2020-01-12T08:00:00Z") + search(case(1, sent="2020-01-12T10:00:00+02:00")),
        declared(1, sent="2020-01-12T08:00:00Z") + search(case(1, sent="2020-01-12T10:00:00")),
    ],
    rejects=[
        declared(1, sent="") + search(case(1, sent="2020-01-12T08:00:00Z")),
        declared(1, sent="") + search(case(1, sent="9999-12-31T23:59:59")),
        declared(1, sent="") + search(case(1, sent="1970-01-01T00:00:00Z")),
        declared(1, sent="2020-01-12T08:00:00Z") + search(FIRST),
        declared(1, sent="2020-01-12T08:00:00Z") + search(case(1, sent="2020-01-12T08:00:00+02:00")),
        declared(1, sent="2020-01-12T08:00:00Z") + search(case(1, sent="2020-01-14T10:00:00")),
    ],
    ignores=[search(FIRST), declared(1, sent="") + search(case(1, sent=None))],
)
def a_case_never_sent_has_a_minimal_date(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on cases that were declared: the least date for never, else the very date."""
    found = _declared_dates(history, exchange, "sent")
    checked: list[Note] = []
    for record, note, said in found:
        known = parse_xml_date(note.data["sent"].strip())
        if isinstance(known, Malformed) and note.data["sent"].strip() not in ("", "never"):
            continue
        right = same_moment(said, known) if isinstance(known, Moment) else said.is_minimal
        if not right:
            wanted = known.text if isinstance(known, Moment) else "of the least date, since it was never sent,"
            expected = f"{name_of(spec, 'sent')} {wanted} in case {record.guid('case')}"
            return breaks(expected, said.text, note, exchange)
        checked.append(note)
    return holds(checked[0], exchange) if checked else None


def _declared_dates(history: History, exchange: Exchange, role: str) -> Iterator[tuple[Record, Note, Moment]]:
    """Records with a readable date of which another was declared."""
    for record in records(exchange):
        note, said = facts(history, record, exchange), record.moment(role)
        if note is not None and said is not None and role in note.data:
            yield record, note, said


@rule(
    "INF-034",
    judges="find_cases",
    accepts=[
        declared(1) + search(FIRST),
        declared(1) + search(case(1, created=None)),
        declared(1) + search(case(1, created="2020-01-10T12:00:00.5+02:00", delivery="2021-01-10T00:00:00")),
    ],
    rejects=[
        declared(1) + search(case(1, created="2020-01-12T10:00:00Z")),
        declared(1) + search(case(1, delivery="2020-01-10T10:00:00Z")),
        declared(1) + search(case(1, created="2020-01-10T10:00:00+02:00")),
        declared(1) + search(case(1, delivery=NEVER)),
        declared(1) + search(case(1, created="2020-10-01T10:00:00Z")),
    ],
    ignores=[search(FIRST), declared(1, created="", delivery="") + search(FIRST)],
)
def dates_are_those_of_the_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on cases that were declared: when they were made, and when they are to be delivered."""
    checked: list[Note] = []
    for role in ("created", "delivery"):
        for record, note, said in _declared_dates(history, exchange, role):
            known = parse_xml_date(note.data[role].strip())
            if isinstance(known, Malformed):
                continue
            if not same_moment(said, known):
                expected = f"{name_of(spec, role)} {known.text} in case {record.guid('case')}"
                return breaks(expected, said.text, note, exchange)
            checked.append(note)
    return holds(checked[0], exchange) if checked else None


IN_HOUSE = "UNSENT-LAB"


@rule(
    "INF-036",
    judges="find_cases",
    accepts=[lambda spec: search(case(1, lab=spec.reading[IN_HOUSE].default))],
    rejects=[lambda spec: search(case(1, lab=spec.reading[IN_HOUSE].default, sent="2020-01-12T08:00:00Z"))],
    ignores=[search(case(1, sent="2020-01-12T08:00:00Z")), search(FIRST)],
)
def a_case_for_nobody_was_not_sent(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case whose receiver is the word for none has never been sent."""
    word = spec.reading[IN_HOUSE].default if IN_HOUSE in spec.reading else ""
    found = [(record, record.moment("sent")) for record in records(exchange) if word and record.text("lab") == word]
    dates = [(record, sent) for record, sent in found if sent is not None]
    for record, sent in dates:
        if not sent.is_minimal:
            expected = (
                f"no {name_of(spec, 'sent')} in case {record.guid('case')}, whose {name_of(spec, 'lab')} is {word}"
            )
            return breaks(expected, sent.text, exchange)
    return holds(exchange) if dates else None
