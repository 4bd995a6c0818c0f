"""What a PVS makes of the copies of images that it was handed: which it asks for, which it keeps, and as which."""

from __future__ import annotations

from conformance.rules.catalogue import rule
from conformance.rules.vdds_calls import well_numbered
from conformance.rules.vdds_conduct import COPY, HANDED, LISTED, PATHS, ended
from conformance.rules.vdds_copies import asked_in
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Note, NoteKind, Sketch, done, handed, note, order, shown
from conformance.trace.fitting import BY_FILE, FETCHED_BY_FILE, LISTED_BY_FILE
from conformance.trace.handing import back, copies, information, patient

_GIVEN = order(BY_FILE, "1", person="17", last_name="Fox")
_FETCHED = order(FETCHED_BY_FILE, "1", person="17") + HANDED
_FETCHED_AGAIN = order(FETCHED_BY_FILE, "2", person="17") + HANDED
_A, _B = "a" * 64, "c" * 64
_OTHER_PATHS = {1: "C:\\OUT\\2.jpg"}
_OTHER_COPY = {"C:\\OUT\\2.jpg": ("exists", "size:3", f"sha256:{_B}")}
_BOTH = HANDED + handed(copies("AB/2"), back(copies("AB/2"), paths=_OTHER_PATHS, files=_OTHER_COPY))
_FETCHED_BOTH = order(FETCHED_BY_FILE, "1", person="17") + _BOTH
_TWO = copies("AB/1", "AB/2")
_PARTLY = handed(_TWO, back(_TWO, values={**_TWO.values, "error_level": "1"}, paths=PATHS, files=COPY))
_IN_PART = order(FETCHED_BY_FILE, "1", person="17") + _PARTLY
_LISTED_BOTH = handed(
    information(),
    back(information(), objects=[{"object": f"AB/{number}", "date": "20240301"} for number in (1, 2)]),
)


_TOLD_BOTH = order(LISTED_BY_FILE, "1", person="17") + _LISTED_BOTH + done(name="1")


def _kept(object_id: str, digest: str) -> Sketch:
    """The PMS says that it keeps this as the image of that id."""
    return shown("picture", object=object_id, sha256=digest)


@rule(
    "VDDS-029",
    judges=NoteKind.ORDER,
    accepts=[
        _FETCHED + shown("picture", sha256="a" * 64) + done(),
        _FETCHED + shown("picture", sha256="A" * 64) + done(),
        _FETCHED + shown("picture", sha256="b" * 64) + done(),
        _FETCHED + shown("picture", sha256="a" * 64) + done() + _FETCHED_AGAIN + done(name="2"),
    ],
    rejects=[
        _FETCHED + done(),
        order(FETCHED_BY_FILE, "1", person="17") + _BOTH + shown("picture", sha256="a" * 64) + done(),
    ],
    ignores=[
        _FETCHED + done("refused"),
        _FETCHED + note(NoteKind.ORDER, order="1", phase="end", answer="done", untold="yes"),
        _FETCHED + shown("picture", size_bytes="3") + done(),
        order(FETCHED_BY_FILE, "1", person="17") + done(),
        _GIVEN + handed(patient(), back(patient())) + done(),
    ],
)
def images_that_came_are_kept(history: History, note: Note, spec: Spec) -> Verdict | None:
    """One that was kept with other bytes is judged by the next rule. Not triggered where nobody told what is kept."""
    told = ended(history, note)
    if told is None or told.does != FETCHED_BY_FILE or told.answer != "done" or note.data.get("untold") == "yes":
        return None
    copied = [each for each in told.handovers if any(item.has("sha256") for item in each.items)]
    given = {digest for each in copied for item in each.items for digest in item.fact("sha256")}
    shown_now = {picture.get("sha256", "").lower() for picture in told.items("picture")}
    if not given or "" in shown_now:
        return None
    before = (o for o in history.orders.all if o.person == told.person)
    kept = {picture.get("sha256", "").lower() for each in before for picture in each.items("picture")}
    lost = max(0, len(given - kept) - len(shown_now - given))
    return judged(not lost, "every image that came", f"{lost} of {len(given)} images lost", copied[-1], note)


@rule(
    "VDDS-022",
    judges=NoteKind.SHOWN,
    accepts=[order(FETCHED_BY_FILE, "1", person="17") + HANDED + shown("picture", sha256="a" * 64)],
    rejects=[order(FETCHED_BY_FILE, "1", person="17") + HANDED + shown("picture", sha256="b" * 64)],
    ignores=[
        order(FETCHED_BY_FILE, "1", person="17") + shown("picture", sha256="b" * 64),
        order(FETCHED_BY_FILE, "1", person="17") + HANDED + shown("case", case=1),
    ],
)
def kept_images_are_those_handed_over(history: History, note: Note, spec: Spec) -> Verdict | None:
    """By their digests; not triggered where nobody looked at the copies."""
    told = history.orders.told_by(note)
    digest = note.data.get("sha256", "").lower()
    if told is None or note.data.get("what") != "picture" or not digest:
        return None
    answers = [each for each in told.handovers if any(item.has("sha256") for item in each.items)]
    if not answers:
        return None
    known = {digest for each in answers for item in each.items for digest in item.fact("sha256")}
    return judged(digest in known, "an image that was handed over", "an image with other bytes", answers[-1], note)


@rule(
    "VDDS-037",
    judges=NoteKind.SHOWN,
    accepts=[
        _FETCHED + _kept("AB/1", _A),
        _FETCHED_BOTH + _kept("AB/2", _B),
    ],
    rejects=[_FETCHED_BOTH + _kept("AB/1", _B), _IN_PART + _kept("AB/2", _A)],
    ignores=[
        _FETCHED_BOTH + shown("picture", sha256=_B),
        _FETCHED_BOTH + _kept("mine", _B),
        _FETCHED_BOTH + _kept("AB/1", "b" * 64),
    ],
)
def a_copy_is_kept_as_that_of_its_id(history: History, note: Note, spec: Spec) -> Verdict | None:
    """By what the PVS says was asked for by which id. Not triggered by images that this order did not bring."""
    told = history.orders.told_by(note)
    digest, wanted = note.data.get("sha256", "").lower(), note.data.get("object", "")
    if told is None or note.data.get("what") != "picture" or not digest or not wanted:
        return None
    came = [(each, _came(history, each)) for each in told.handovers if any(item.has("sha256") for item in each.items)]
    own = {one for _, digests in came for one in digests.get(wanted, ())}
    known = [each for each, digests in came if any(digest in every for every in digests.values())]
    if not known or not any(wanted in digests for _, digests in came):
        return None
    return judged(digest in own, "the copy that was handed out for its id", "that of another id", known[-1], note)


@rule(
    "VDDS-038",
    judges=NoteKind.ORDER,
    accepts=[
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="17") + handed(_TWO) + done(name="2"),
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="17") + _BOTH + done(name="2"),
        order(FETCHED_BY_FILE, "1", person="17") + LISTED + HANDED + done(),
    ],
    rejects=[
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="17") + HANDED + done(name="2"),
        order(FETCHED_BY_FILE, "1", person="17") + _LISTED_BOTH + done(),
    ],
    ignores=[
        _FETCHED + done(),
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="17") + HANDED + done("failed", name="2"),
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="18") + HANDED + done(name="2"),
        _TOLD_BOTH + order(FETCHED_BY_FILE, "2", person="17") + handed(copies("AB/1", count="2")) + done(name="2"),
    ],
)
def every_image_of_the_list_is_asked_for(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Now or before, by the last list of the patient.

    Not triggered where no list was seen, nor by ids whose numbers nobody can read, which is a breach of its own.
    """
    told = ended(history, note)
    if told is None or told.does != FETCHED_BY_FILE or told.answer != "done" or not told.person:
        return None
    before = [each for other in history.orders.all if other.person == told.person for each in other.handovers]
    lists = [each for each in before if not each.is_call and each.kind == "image_information" and each.items]
    calls = [each for each in before if each.is_call and each.kind == "image_export"]
    if not lists or not all(map(well_numbered, calls)):
        return None
    listed = {item.values.get("object", "") for item in lists[-1].items}
    asked = {item.values["object"] for each in calls for item in each.asked}
    observed = f"none asked for of {len(listed - asked)} of {len(listed)}"
    return judged(listed <= asked, "a copy of each image that the list has", observed, lists[-1], note)


@rule(
    "VDDS-039",
    judges=NoteKind.ORDER,
    accepts=[_IN_PART + done("failed"), _IN_PART + done("refused")],
    rejects=[_IN_PART + done()],
    ignores=[
        _FETCHED + done(),
        _GIVEN + done(),
        _IN_PART + handed(copies("AB/2"), back(copies("AB/2"), paths=_OTHER_PATHS, files=_OTHER_COPY)) + done(),
    ],
)
def what_came_in_part_is_not_done(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Where no copy came at all another row decides."""
    told = ended(history, note)
    if told is None or told.does != FETCHED_BY_FILE:
        return None
    answers = [each for each in told.handovers if not each.is_call and each.kind == "image_export"]
    asked = {item.values["object"] for each in told.handovers if each.is_call for item in each.asked}
    came = {wanted for each in answers for wanted, digests in _came(history, each).items() if digests}
    missing = asked - came
    if not came or not missing:
        return None
    observed = f"{len(missing)} of {len(asked)} missing, and told as done"
    return judged(told.answer != "done", "a user who is told that some are missing", observed, answers[-1], note)


@rule(
    "VDDS-082",
    judges=NoteKind.ORDER,
    accepts=[
        _FETCHED_BOTH + _kept("AB/1", _A) + _kept("AB/2", _B) + done(),
        _FETCHED_BOTH + _kept("AB/1", _A) + _kept("AB/2", _A) + done(),
    ],
    rejects=[_FETCHED + _kept("AB/1", _A) * 2 + done()],
    ignores=[_FETCHED + done(), _FETCHED + shown("picture", sha256=_A) * 2 + done()],
)
def an_image_is_kept_once(history: History, note: Note, spec: Spec) -> Verdict | None:
    """By its id and its bytes; not triggered by images without either."""
    told = ended(history, note)
    if told is None or told.does != FETCHED_BY_FILE:
        return None
    pictures = ((each.get("object", ""), each.get("sha256", "").lower()) for each in told.items("picture"))
    kept = [each for each in pictures if all(each)]
    if not kept:
        return None
    more = len(kept) - len(set(kept))
    return judged(not more, "each image once", f"{more} kept once more", note)


def _came(history: History, answer: Handover) -> dict[str, set[str]]:
    """The digests of what was handed out for each id that was asked for, by the numbers that both have."""
    asked = asked_in(history, answer)
    found: dict[str, set[str]] = {wanted: set() for wanted in asked.values()}
    for item in answer.items:
        if item.index in asked:
            found[asked[item.index]].update(item.fact("sha256"))
    return found
