"""What a PMS says it stored of images, beside what the server sent it: compared by the digest of the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from conformance.rules.case_sketches import OTHER_PHOTO, PHOTO, PHOTOS, fetched, search
from conformance.rules.catalogue import rule
from conformance.rules.images import pair
from conformance.rules.shown import Row, Shown, given, guid_of, looked_up
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Note, NoteKind, Sketch, done, guid, image_digest, note, order, shown


def _pictured(*rows: Sketch, says: str = "done") -> Sketch:
    calls = PHOTOS + fetched(1, 7) + fetched(1, 8, OTHER_PHOTO)
    return order("fetch_images", person="17") + calls + sum(rows, Sketch(())) + done(says)


def _picture(number: int, content: bytes | None, case_number: int = 1, name: str = "1") -> Sketch:
    stored = {"sha256": sha256(content).hexdigest()} if content is not None else {}
    return shown("picture", name, case=case_number, image=number, **stored)


def _named_picture(number: int, name: str) -> Sketch:
    ids = {"case": str(guid(1)), "image": str(guid(number))}
    return note(NoteKind.SHOWN, order="1", what="picture", fields="case image name", name=name, **ids)


def _came(note: Note, history: History) -> tuple[Sequence[Row], dict[tuple[UUID, UUID], Exchange]] | None:
    """The pictures that an order brought by what the PMS says, and the answers that held any."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != "fetch_images":
        return None
    sound = [e for e in order_.of("fetch_image") if image_digest(e) and not e.disturbed]
    return order_.items("picture"), {ids: e for e in sound if (ids := pair(e)) is not None}


NEVER_CAME = order("fetch_images", person="17") + PHOTOS + fetched(1, 7) + fetched(1, 8).refused(500)
EMPTY_FILE = sha256(b"").hexdigest()


def _of_nothing(history: History, note: Note, row: Row) -> bool:
    """True when something is kept as this image and no answer ever held any; an empty file if it counts as done."""
    ids, kept = _ids(row), row.get("sha256", "").lower()
    order_ = history.orders.told_by(note)
    if not kept or UUID(int=0) in ids or order_ is None or (kept == EMPTY_FILE and order_.answer != "done"):
        return False
    asked = [e for e in history.of("fetch_image") if pair(e) == ids]
    return not any(image_digest(e) or e.succeeded for e in asked)


@rule(
    "IMG-015",
    judges=NoteKind.ORDER,
    accepts=[_pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO)), _pictured(_picture(7, PHOTO))],
    rejects=[
        _pictured(_picture(7, OTHER_PHOTO)),
        _pictured(_picture(7, PHOTO), _picture(8, OTHER_PHOTO[:3])),
        _pictured(_picture(7, b"/9j/4AAQ")),
        _pictured(_picture(9, PHOTO)),
        NEVER_CAME + _picture(7, PHOTO) + _picture(8, PHOTO) + done(),
        NEVER_CAME + _picture(7, PHOTO) + _picture(8, b"") + done(),
        PHOTOS + NEVER_CAME + _picture(8, OTHER_PHOTO) + done(),
    ],
    ignores=[
        _pictured(),
        _pictured(_picture(7, None)),
        _pictured() + order("fetch_images", "2", person="17") + PHOTOS + _picture(7, PHOTO, name="2") + done(name="2"),
        NEVER_CAME + _picture(8, b"") + done("failed"),
        NEVER_CAME + fetched(1, 8).but(disturbed="cut") + _picture(8, PHOTO) + done(),
    ],
)
def the_bytes_that_came_are_kept(history: History, note: Note, spec: Spec) -> Verdict | None:
    """The digest of what was stored is that of the bytes in the answer; without any answer nothing can be kept."""
    rows, answers = _came(note, history) or ((), {})
    invented = next((row for row in rows if _of_nothing(history, note, row)), None)
    if invented is not None:
        which = f"image {invented.get('image', '')}"
        kept = "an empty file" if invented["sha256"].lower() == EMPTY_FILE else "bytes"
        return breaks("nothing kept of an image that never came", f"{kept} kept as {which}", note)
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


@rule(
    "IMG-022",
    judges=NoteKind.ORDER,
    accepts=[_pictured(_named_picture(7, "photo.jpeg"), _named_picture(8, "other.png"))],
    rejects=[_pictured(_named_picture(7, "other.png"), _named_picture(8, "photo.jpeg"))],
    ignores=[_pictured(_picture(7, PHOTO)), _pictured(_named_picture(9, "a.png"))],
)
def an_image_is_kept_under_its_own_name(history: History, note: Note, spec: Spec) -> Verdict | None:
    """A name of the PMS's own making is nobody's; what offends is that of another image of the same answer."""
    found = looked_up(history, note, "fetch_images", "find_cases")
    names = _names(found)
    rows = [row for row in (found.order.items("picture") if found else ()) if given(row, "name") and _ids(row) in names]
    if found is None or not rows:
        return None
    swapped = [row for row in rows if row["name"] != names[_ids(row)] and row["name"] in names.values()]
    observed = f"image {swapped[0].get('image', '')} under that of another" if swapped else ""
    return judged(not swapped, "each image under its own name", observed, found.source, note)


def _names(found: Shown | None) -> dict[tuple[UUID | None, UUID | None], str]:
    records = found.records if found is not None else ()
    listed = ((record.guid("case"), entry) for record in records for entry in record.records("images"))
    return {(case_, entry.guid("image")): entry.text("name") for case_, entry in listed}
