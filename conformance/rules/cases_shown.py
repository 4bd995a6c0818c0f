"""What a PMS says it understood of cases and images, beside what the server told it.

A wrong call is seen on the wire; a silent misreading only here. Names are compared by their tokens, dates as instants
that may be shown in any zone, images by the digest of their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from conformance.rules.case_sketches import NEVER, OTHER_PHOTO, PHOTO, case, fetched, image, indication, scan, search
from conformance.rules.catalogue import rule
from conformance.rules.images import pair
from conformance.rules.shown import Row, Shown, differs, given, guid_of, looked_up, odd
from conformance.rules.verdict import Result, Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Sketch, done, guid, image_digest, note, order, shown
from conformance.wire import Moment, Record

TEXTS = ("patient_name", "integration_id", "lab", "modelled")
DATES = ("created", "sent", "delivery")
PARTS = {
    "indications": ("indication", ("from", "to", "name", "shade")),
    "scans": ("scan", ("from", "to", "type", "sectioned", "prepared")),
}
"""Role of the list -> what its items are called when they are shown, and the fields that make them up."""


def _understood(answer: Sketch, *rows: Sketch, says: str = "done") -> Sketch:
    return order("find_cases", person="17") + answer + sum(rows, Sketch(())) + done(says)


def _shown(number: int = 1, **changes: object) -> Sketch:
    """Case ``number`` shown as ``case_sketches.case`` lists it."""
    fields = {name: value for name, value in case(number).items() if not isinstance(value, list)}
    told = {**fields, "sent": "", "modelled": "false", **changes}
    return _told("case", {name: value for name, value in told.items() if value is not None})


def _told(what: str, fields: Mapping[str, object]) -> Sketch:
    """Field by field as texts; flags as a driver writes them."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in fields.items()}
    return note(NoteKind.SHOWN, order="1", what=what, fields=" ".join(texts), **texts)


ONE = search(case(1))
TWO = search(case(1), case(2))


# -- cases ----------------------------------------------------------------------------------------------------


def _cases(history: History, note: Note) -> Shown | None:
    return looked_up(history, note, "find_cases", "find_cases")


def _matched(found: Shown) -> Iterator[tuple[Record, Row]]:
    """Each record with what was shown of that case."""
    told = {record.guid("case"): record for record in found.records}
    for row in found.order.items("case"):
        record = told.get(guid_of(row, "case"))
        if record is not None:
            yield record, row


def _all_shown(found: Shown, note: Note) -> Verdict:
    told = {record.guid("case") for record in found.records}
    seen = {guid_of(row, "case") for row in found.order.items("case")}
    if not found.done:
        return breaks("the cases shown", found.order.answer, found.source, note)
    observed = f"{len(told & seen)} of them and {len(seen - told)} others"
    return judged(told == seen, f"the {len(told)} cases that were found", observed, found.source, note)


@rule(
    "INF-050",
    judges=NoteKind.ORDER,
    accepts=[
        _understood(TWO, _shown(1), _shown(2)),
        _understood(search(case(1), is_created="True") + search(case(2), is_scanned="True"), _shown(1), _shown(2)),
        _understood(search()),
    ],
    rejects=[
        _understood(TWO, _shown(1)),
        _understood(ONE, _shown(1), _shown(2)),
        _understood(ONE, says="failed"),
        _understood(search(), _shown(1)),
    ],
    ignores=[_understood(ONE.refused(500), says="failed"), ONE, _understood(ONE.but(body=b"<x"), says="failed")],
)
def every_case_is_shown(history: History, note: Note, spec: Spec) -> Verdict | None:
    """All cases of the answer and no others. Records out of the ordinary are INF-042's where they are not shown."""
    found = _cases(history, note)
    if found is None:
        return None
    verdict = _all_shown(found, note)
    return None if verdict.result is Result.FAIL and _any_odd(found, spec) else verdict


def _any_odd(found: Shown, spec: Spec) -> bool:
    return any(odd(record, spec) for record in found.records)


def _another_order(spec: Spec) -> Sketch:
    """One case, its elements the other way round."""
    record = spec.record["case"]
    made_of = {"case": "00000000-0000-0000-0000-000000000001", "integration_id": "A"}
    fields = "".join(
        f"<{record.by_role[role].name}>{text}</{record.by_role[role].name}>" for role, text in reversed(made_of.items())
    )
    root = spec.document["cases"].root
    return search().but(body=f"<{root}><{record.name}>{fields}</{record.name}></{root}>".encode())


@rule(
    "INF-042",
    judges=NoteKind.ORDER,
    accepts=[lambda spec: _understood(_another_order(spec), _shown(1))],
    rejects=[
        lambda spec: _understood(_another_order(spec)),
        lambda spec: _understood(_another_order(spec), says="failed"),
    ],
    ignores=[lambda spec: _another_order(spec), _understood(search())],
)
def a_case_is_understood_in_any_dress(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where some record of the answer has unknown elements, lacks one, or has them in another order."""
    found = _cases(history, note)
    return _all_shown(found, note) if found is not None and _any_odd(found, spec) else None


def _fields_agree(found: Shown | None, note: Note, roles: Iterable[str]) -> Verdict | None:
    rows = list(_matched(found)) if found is not None else []
    compared = [(record, row, role) for record, row in rows for role in roles if given(row, role) is not None]
    if found is None or not compared:
        return None
    wrong = [role for record, row, role in compared if differs(record, row, role)]
    expected = "each case as the answer tells of it"
    return judged(not wrong, expected, f"another {wrong[0] if wrong else ''}", found.source, note)


@rule(
    "INF-051",
    judges=NoteKind.ORDER,
    accepts=[_understood(ONE, _shown()), _understood(ONE, _shown(lab=None))],
    rejects=[
        _understood(ONE, _shown(integration_id="B")),
        _understood(ONE, _shown(patient_name="Ada Roe")),
        _understood(ONE, _shown(modelled="true")),
        _understood(ONE, _shown(lab="Other")),
        _understood(TWO, _shown(1), _shown(2, lab="")),
    ],
    ignores=[_understood(ONE), _understood(ONE, _shown(2)), _understood(ONE, shown("case", case=1))],
)
def a_case_is_shown_as_it_came(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Patient, laboratory and whether it is modelled, as far as the PMS tells of them."""
    return _fields_agree(_cases(history, note), note, TEXTS)


SENT = search(case(1, sent="2020-01-20T23:30:00+02:00"))


@rule(
    "INF-052",
    judges=NoteKind.ORDER,
    accepts=[
        _understood(ONE, _shown()),
        _understood(SENT, _shown(sent="2020-01-20T21:30:00Z")),
        _understood(SENT, _shown(sent="2020-01-21")),
        _understood(SENT, _shown(sent="2020-01-20T23:30:00")),
    ],
    rejects=[
        _understood(SENT, _shown(sent="2020-01-20T23:30:00Z")),
        _understood(SENT, _shown(sent="2020-01-24")),
        _understood(SENT, _shown(sent="")),
        _understood(ONE, _shown(created="2020-10-01")),
        _understood(ONE, _shown(delivery="soon")),
    ],
    ignores=[_understood(ONE), _understood(ONE, shown("case", case=1, lab="A Lab"))],
)
def a_case_has_the_dates_that_it_came_with(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The same instant in any zone, the local time, or the day. Minimal dates have a row of their own."""
    return _fields_agree(_cases(history, note), note, DATES)


@rule(
    "INF-041",
    judges=NoteKind.ORDER,
    accepts=[_understood(ONE, _shown(sent="")), _understood(search(case(1, sent="1753-01-01T00:00:00Z")), _shown())],
    rejects=[_understood(ONE, _shown(sent=NEVER)), _understood(ONE, _shown(sent="2001-01-01"))],
    ignores=[_understood(SENT, _shown(sent=NEVER)), _understood(ONE, shown("case", case=1))],
)
def a_case_that_was_never_sent_has_no_date(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A minimal date means never, and nobody sees it."""
    found = _cases(history, note)
    shown_sent = [
        (given(row, "sent"), record.get("sent")) for record, row in (_matched(found) if found is not None else ())
    ]
    texts = [text for text, sent in shown_sent if text is not None and isinstance(sent, Moment) and sent.is_minimal]
    if found is None or not texts:
        return None
    dated = [text for text in texts if text.strip()]
    return judged(not dated, "no date of sending", dated[0] if dated else "", found.source, note)


def _part(what: str, fields: Mapping[str, object]) -> Sketch:
    """A part of case 1."""
    return _told(what, {"case": guid(1), **fields})


TEETH = search(case(1, indications=[indication(3, 3), indication(14, 16, "Bridge", "A2")], scans=[scan(9, 17, 32)]))
CROWN = _part("indication", indication(3, 3))
BRIDGE = _part("indication", indication(14, 16, "Bridge", "A2"))
JAW = _part("scan", {"from": 17, "to": 32, "sectioned": False, "prepared": False})


@rule(
    "INF-053",
    judges=NoteKind.ORDER,
    accepts=[
        _understood(TEETH, _shown(), CROWN, BRIDGE, JAW),
        _understood(TEETH, _shown(), JAW),
        _understood(TEETH, _shown(), BRIDGE, CROWN),
    ],
    rejects=[
        _understood(TEETH, _shown(), CROWN, JAW),
        _understood(TEETH, _shown(), CROWN, _part("indication", indication(16, 14, "Bridge", "A2"))),
        _understood(TEETH, _shown(), _part("scan", {"from": 1, "to": 16, "sectioned": False})),
        _understood(search(case(1)), _shown(), CROWN),
    ],
    ignores=[_understood(TEETH, _shown()), _understood(search(case(1)), _shown())],
)
def teeth_are_shown_as_they_came(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The indications and scans of each case, for each of the two that the PMS tells of at all."""
    found = _cases(history, note)
    if found is None:
        return None
    told_of = [role for role, (what, _) in PARTS.items() if found.order.items(what)]
    if not told_of:
        return None
    wrong = [PARTS[role][0] for role in told_of for record in found.records if not _same_parts(found, record, role)]
    observed = f"another {wrong[0] if wrong else ''}"
    return judged(not wrong, "the teeth and kinds that the answer tells of", observed, found.source, note)


def _same_parts(found: Shown, record: Record, role: str) -> bool:
    what, roles = PARTS[role]
    rows = [row for row in found.order.items(what) if guid_of(row, "case") == record.guid("case")]
    left = list(record.records(role))
    for row in rows:
        match = next((part for part in left if not any(differs(part, row, each) for each in roles)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


# -- images ---------------------------------------------------------------------------------------------------

PHOTOS = search(case(1, images=[image(7), image(8, "other.png")]))


def _image(case_number: int, number: int, name: str) -> Sketch:
    return _told("image", {"case": guid(case_number), "image": guid(number), "name": name})


NAMED = (_image(1, 7, "photo.jpeg"), _image(1, 8, "other.png"))


@rule(
    "IMG-020",
    judges=NoteKind.ORDER,
    accepts=[_understood(PHOTOS, _shown(), *NAMED)],
    rejects=[
        _understood(PHOTOS, _shown(), NAMED[0]),
        _understood(PHOTOS, _shown(), NAMED[0], _image(1, 8, "photo.jpeg")),
        _understood(PHOTOS, _shown(), *NAMED, _image(1, 9, "x.png")),
        _understood(PHOTOS, _shown(), NAMED[0], _image(2, 8, "other.png")),
    ],
    ignores=[_understood(PHOTOS, _shown()), _understood(search(case(1)), _shown())],
)
def images_are_listed_with_their_cases(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Where the PMS tells of images at all: each under its case with its name, and no others."""
    found = _cases(history, note)
    rows = found.order.items("image") if found is not None else []
    if found is None or not rows:
        return None
    told = {(r.guid("case"), i.guid("image")): i for r in found.records for i in r.records("images")}
    seen = {(guid_of(row, "case"), guid_of(row, "image")): row for row in rows}
    kept = told.keys() == seen.keys() and not any(differs(told[ids], seen[ids], "name") for ids in told)
    observed = f"{len(told.keys() & seen.keys())} of them, or another name"
    return judged(kept, f"the {len(told)} images that the answer lists", observed, found.source, note)


def _pictured(*rows: Sketch, says: str = "done") -> Sketch:
    calls = PHOTOS + fetched(1, 7) + fetched(1, 8, OTHER_PHOTO)
    return order("fetch_images", person="17") + calls + sum(rows, Sketch(())) + done(says)


def _picture(number: int, content: bytes | None, case_number: int = 1) -> Sketch:
    stored = {"sha256": sha256(content).hexdigest()} if content is not None else {}
    return shown("picture", case=case_number, image=number, **stored)


def _came(note: Note, history: History) -> tuple[Sequence[Row], dict[tuple[UUID, UUID], Exchange]] | None:
    """The pictures that an order brought by what the PMS says, and the answers that held any."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != "fetch_images":
        return None
    sound = [e for e in order_.of("fetch_image") if image_digest(e) and not e.disturbed]
    return order_.items("picture"), {ids: e for e in sound if (ids := pair(e)) is not None}


@rule(
    "IMG-015",
    judges=NoteKind.ORDER,
    accepts=[_pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO)), _pictured(_picture(7, PHOTO))],
    rejects=[
        _pictured(_picture(7, OTHER_PHOTO)),
        _pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO[:3])),
        _pictured(_picture(7, b"/9j/4AAQ")),
    ],
    ignores=[_pictured(), _pictured(_picture(9, PHOTO)), _pictured(_picture(7, None))],
)
def the_bytes_that_came_are_kept(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The digest of what was stored is that of the bytes in the answer."""
    rows, answers = _came(note, history) or ((), {})
    stored = [(row, e) for row in rows if given(row, "sha256") and (e := answers.get(_ids(row))) is not None]
    if not stored:
        return None
    wrong = [e for row, e in stored if row["sha256"].lower() != image_digest(e)]
    evidence = wrong[0] if wrong else stored[-1][1]
    return judged(not wrong, "the very bytes of the answer stored", "other bytes", evidence, note)


def _ids(row: Row) -> tuple[UUID, UUID]:
    return guid_of(row, "case") or UUID(int=0), guid_of(row, "image") or UUID(int=0)


VAIN = order("fetch_images", person="17") + PHOTOS + fetched(1, 7) + fetched(1, 8).refused(404)


@rule(
    "FLOW-021",
    judges=NoteKind.ORDER,
    accepts=[_pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO)), VAIN + _picture(7, PHOTO) + done()],
    rejects=[_pictured(_picture(7, PHOTO)), _pictured(says="failed"), VAIN + _picture(7, PHOTO) + done(told="no")],
    ignores=[VAIN + done("failed"), order("fetch_images", person="17") + search() + done()],
)
def every_image_is_shown(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Every image that the search listed, of an order that is done, or that got all of them and yet failed.

    One that the server did not give may be missing, if the user was shown a message.
    """
    found = looked_up(history, note, "fetch_images", "find_cases")
    listed = _listed(found)
    _, came = _came(note, history) or ((), {})
    if found is None or not listed or not (found.done or listed <= came.keys()):
        return None
    missing = listed - {_ids(row) for row in found.order.items("picture")}
    if found.order.told:
        missing -= _refused(found)
    return judged(not missing, f"{len(listed)} images", f"{len(listed) - len(missing)} of them", found.source, note)


def _listed(found: Shown | None) -> set[tuple[UUID | None, UUID | None]]:
    records = found.records if found is not None else ()
    return {(record.guid("case"), entry.guid("image")) for record in records for entry in record.records("images")}


def _refused(found: Shown) -> set[tuple[UUID | None, UUID | None]]:
    """Images that were asked for in vain, and only so."""
    tried = found.order.of("fetch_image")
    came = {pair(fetch) for fetch in tried if image_digest(fetch)}
    return {ids for fetch in tried if (ids := pair(fetch)) is not None and ids not in came}


@rule(
    "IMG-021",
    judges=NoteKind.ORDER,
    accepts=[_pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO))],
    rejects=[_pictured(_picture(9, PHOTO)), _pictured(_picture(7, PHOTO, case_number=2))],
    ignores=[_pictured()],
)
def no_other_image_is_shown(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Only images of the cases that were found for this patient, each with its own case."""
    found = looked_up(history, note, "fetch_images", "find_cases")
    rows = found.order.items("picture") if found is not None else []
    if found is None or not rows:
        return None
    listed = _listed(found)
    strange = [ids for ids in map(_ids, rows) if ids not in listed and UUID(int=0) not in ids]
    observed = f"image {strange[0][1]} of case {strange[0][0]}" if strange else ""
    return judged(not strange, "images of the patient's own cases", observed, found.source, note)
