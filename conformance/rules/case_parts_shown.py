"""What a PMS says it understood of the teeth, scans and images of cases, beside what the server told it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from conformance.rules.at_odds import at_odds, counted, fields, named, said
from conformance.rules.case_sketches import PHOTOS, case, indication, scan, search
from conformance.rules.cases_shown import case_shown, cases_found, matched, part_shown, understood
from conformance.rules.catalogue import rule
from conformance.rules.shown import Row, Shown, differs, given, guid_of
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, guid
from conformance.wire import Record

PARTS = {
    "indications": ("indication", ("from", "to", "name", "shade")),
    "scans": ("scan", ("from", "to", "type", "sectioned", "prepared")),
}
"""Role of the list -> what its items are called when they are shown, and the fields that make them up."""


def _part(what: str, fields: Mapping[str, object]) -> Sketch:
    """A part of case 1."""
    return part_shown(what, {"case": guid(1), **fields})


TEETH = search(case(1, indications=[indication(3, 3), indication(14, 16, "Bridge", "A2")], scans=[scan(9, 17, 32)]))
CROWN = _part("indication", indication(3, 3))
BRIDGE = _part("indication", indication(14, 16, "Bridge", "A2"))
JAW = _part("scan", {"from": 17, "to": 32, "sectioned": False, "prepared": False})


@rule(
    "INF-053",
    judges=NoteKind.ORDER,
    accepts=[
        understood(TEETH, case_shown(), CROWN, BRIDGE, JAW),
        understood(TEETH, case_shown(), JAW),
        understood(TEETH, case_shown(), BRIDGE, CROWN),
        understood(TEETH, case_shown(lists="scans"), JAW),
        understood(TEETH, case_shown(lists="scans indications"), JAW, CROWN, BRIDGE),
        understood(search(case(1)), case_shown(lists="indications scans")),
        understood(TEETH, *(case_shown(lists="scans"), JAW) * 2),
    ],
    rejects=[
        understood(TEETH, case_shown(), CROWN, JAW),
        understood(TEETH, case_shown(), CROWN, _part("indication", indication(16, 14, "Bridge", "A2"))),
        understood(TEETH, case_shown(), _part("scan", {"from": 1, "to": 16, "sectioned": False})),
        understood(search(case(1)), case_shown(), CROWN),
        understood(TEETH, case_shown(lists="indications")),
        understood(TEETH, case_shown(lists="scans indications"), CROWN, BRIDGE),
        understood(TEETH, case_shown(lists="scans indications"), JAW, CROWN, BRIDGE, BRIDGE),
        understood(search(case(1)), case_shown(lists="scans"), JAW),
    ],
    ignores=[
        understood(TEETH, case_shown()),
        understood(search(case(1)), case_shown()),
        understood(TEETH, case_shown(lists="")),
        understood(TEETH, case_shown(lists="images")),
        understood(TEETH),
    ],
)
def teeth_are_shown_as_they_came(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The indications and scans of each case shown, for each of the two that the PMS tells of at all.

    A list that is told and empty says that there are none.
    """
    found = cases_found(history, note)
    if found is None:
        return None
    compared = [(record, role, times) for role in PARTS for record, times in _told_of(found, role)]
    if not compared:
        return None
    observed = next(filter(None, (_odd_part(found, *each) for each in compared)), "")
    return judged(not observed, "the teeth and kinds that the answer tells of", observed, found.source, note)


def _told_of(found: Shown, role: str) -> list[tuple[Record, int]]:
    """The cases of which the PMS shows that list, and how often it shows the case.

    Recordings from before the lists were named: of all, where it shows a part of any.
    """
    some = bool(found.order.items(role.removesuffix("s")))
    times: Counter[UUID] = Counter()
    for record, row in matched(found):
        number = record.guid("case")
        if number is not None and (role in row["lists"].split() if "lists" in row else some):
            times[number] += 1
    by_id = {record.guid("case"): record for record in found.records}
    return [(by_id[number], count) for number, count in times.items()]


def _odd_part(found: Shown, record: Record, role: str, times: int) -> str:
    """The first part that is shown otherwise than it was told, or not at all; '' for none."""
    what, roles = PARTS[role]
    rows = [row for row in found.order.items(what) if guid_of(row, "case") == record.guid("case")]
    left = list(record.records(role)) * times
    odd = []
    for row in rows:
        match = next((part for part in left if not any(differs(part, row, each) for each in roles)), None)
        if match is None:
            odd.append(row)
        else:
            left.remove(match)
    if not odd and not left:
        return ""
    shown_as = fields((each, given(row, each)) for row in odd[:1] for each in roles)
    told_as = fields((each, part.get(each)) for part in left[:1] for each in roles)
    return f"{what} of {named('case', record.guid('case'))}: shown {said(shown_as)}, told {said(told_as)}"


# -- images ---------------------------------------------------------------------------------------------------


def _image(case_number: int, number: int, name: str) -> Sketch:
    return part_shown("image", {"case": guid(case_number), "image": guid(number), "name": name})


NAMED = (_image(1, 7, "photo.jpeg"), _image(1, 8, "other.png"))


@rule(
    "IMG-020",
    judges=NoteKind.ORDER,
    accepts=[
        understood(PHOTOS, case_shown(), *NAMED),
        understood(PHOTOS, case_shown(lists="images"), *NAMED),
        understood(search(case(1)), case_shown(lists="images")),
        understood(PHOTOS, *(case_shown(lists="images"), *NAMED) * 2),
    ],
    rejects=[
        understood(PHOTOS, case_shown(), NAMED[0]),
        understood(PHOTOS, case_shown(), NAMED[0], _image(1, 8, "photo.jpeg")),
        understood(PHOTOS, case_shown(), *NAMED, _image(1, 9, "x.png")),
        understood(PHOTOS, case_shown(), NAMED[0], _image(2, 8, "other.png")),
        understood(PHOTOS, case_shown(lists="images")),
        understood(PHOTOS, case_shown(lists="images"), *NAMED, NAMED[0]),
    ],
    ignores=[
        understood(PHOTOS, case_shown()),
        understood(search(case(1)), case_shown()),
        understood(PHOTOS, case_shown(lists="scans")),
        understood(PHOTOS),
    ],
)
def images_are_listed_with_their_cases(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Where the PMS tells of images at all: each under its case with its name, once, and no others.

    A list that is told and empty says that there are none.
    """
    found = cases_found(history, note)
    rows = found.order.items("image") if found is not None else []
    told_of = _told_of(found, "images") if found is not None else []
    if found is None or not (rows or told_of):
        return None
    wanted = {(r.guid("case"), i.guid("image")): (i, n) for r, n in told_of for i in r.records("images")}
    seen = Counter((guid_of(row, "case"), guid_of(row, "image")) for row in rows)
    renamed = next(
        ((ids, row) for ids, row in _by_ids(rows) if ids in wanted and differs(wanted[ids][0], row, "name")), None
    )
    times = {ids: count for ids, (_, count) in wanted.items()}
    odd = next((ids for ids in (*wanted, *seen) if seen[ids] != times.get(ids, 0)), None)
    if renamed is None and odd is None:
        return holds(found.source, note)
    if odd is not None:
        about = f"{named('image', odd[1])} of {named('case', odd[0])}"
        observed = f"{about}: shown {counted(seen[odd])}, told {counted(times.get(odd, 0))}"
    elif renamed is not None:
        ids, row = renamed
        observed = at_odds("image", ids[1], "name", given(row, "name") or "", wanted[ids][0].get("name"))
    return breaks(f"the {len(wanted)} images that the answer lists", observed, found.source, note)


def _by_ids(rows: Sequence[Row]) -> Iterator[tuple[tuple[UUID | None, UUID | None], Row]]:
    for row in rows:
        yield (guid_of(row, "case"), guid_of(row, "image")), row
