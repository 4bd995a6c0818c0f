"""What a PMS hands over in the light of its own records, and what it makes of the answers."""

from __future__ import annotations

from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_calls import told_by_person
from conformance.rules.verdict import Verdict, holds, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Note, NoteKind, Order, done, handed, order, shown
from conformance.trace.handing import back, copies, information, patient

SEND, LIST, FETCH = "send_by_vdds", "image_info_by_vdds", "images_by_vdds"
"""Steps that a PMS is told, in the words of the driver protocol."""
FOX = {"person": "17", "last_name": "Fox", "first_name": "Ann", "birth_date": "1984-02-29"}
GIVEN = order(SEND, "1", **FOX)
NAMED = ("last_name", "first_name", "birth_date")
_SHORT = order(SEND, "1", person="17", last_name="Fox")
_OBJECTS = [{"object": "AB/1", "date": "20240301"}]
_LISTED = handed(information(), back(information(), objects=_OBJECTS))
_PATHS = {1: "C:\\OUT\\1.jpg"}
_COPY = {"C:\\OUT\\1.jpg": ("exists", "size:3", "sha256:" + "a" * 64)}
_HANDED = handed(copies("AB/1"), back(copies("AB/1"), paths=_PATHS, files=_COPY))


@rule(
    "VDDS-016",
    judges=HANDOVER,
    accepts=[
        GIVEN + handed(patient()) + done() + order(LIST, "2", person="17") + handed(information()),
        GIVEN + handed(patient()) + done() + order(SEND, "2", person="18") + handed(patient(person="000418")),
        GIVEN + handed(patient()) + done() + order(SEND, "2", person="18") + handed(patient(practice="2")),
    ],
    rejects=[
        GIVEN + handed(patient()) + done() + order(LIST, "2", person="17") + handed(information(person="417")),
        GIVEN + handed(patient()) + done() + order(SEND, "2", person="18") + handed(patient()),
    ],
    ignores=[GIVEN + handed(patient()), handed(patient(), patient(person="2"))],
)
def a_number_is_one_patients(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Leading zeros count, and the number of the practice goes with it."""
    told = history.orders.of(seen)
    if told is None or not told.person or not told_by_person(seen) or not seen.values.get("person"):
        return None
    compared = []
    for other in history.handovers:
        former = history.orders.of(other)
        if other.number >= seen.number or former is None or not former.person or not told_by_person(other):
            continue
        compared.append(other)
        if (former.person == told.person) != (_number(other) == _number(seen)):
            observed = "another number than before" if former.person == told.person else "the number of another patient"
            return judged(False, "one number for one patient", observed, other, seen)
    return holds(*compared[-1:], seen) if compared else None


@rule(
    "VDDS-017",
    judges=HANDOVER,
    accepts=[GIVEN + handed(patient())],
    rejects=[GIVEN + handed(patient(last_name="Fax")), GIVEN + handed(patient(first_name="ANN"))],
    ignores=[handed(patient()), GIVEN + handed(information())],
)
def names_are_those_of_the_record(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Letter for letter."""
    return _as_recorded(history, seen, ("last_name", "first_name"))


@rule(
    "VDDS-018",
    judges=HANDOVER,
    accepts=[GIVEN + handed(patient())],
    rejects=[GIVEN + handed(patient(birth_date="19840228")), GIVEN + handed(patient(birth_date="29021984"))],
    ignores=[handed(patient()), GIVEN + handed(patient(birth_date=None))],
)
def a_date_is_that_of_the_record(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where the call leaves it out."""
    return _as_recorded(history, seen, ("birth_date",)) if seen.values.get("birth_date") else None


@rule(
    "VDDS-026",
    judges=HANDOVER,
    accepts=[
        GIVEN + handed(patient()),
        _SHORT + handed(patient(first_name="", birth_date=None)),
        _SHORT + handed(patient(first_name=None, birth_date="")),
    ],
    rejects=[
        _SHORT + handed(patient(birth_date=None)),
        _SHORT + handed(patient(first_name="Unknown", birth_date=None)),
        _SHORT + handed(patient(first_name=None, birth_date="19000101")),
    ],
    ignores=[
        handed(patient()),
        _SHORT + handed(information()),
        _SHORT + handed(patient(first_name=None, birth_date="00010101")),
    ],
)
def nothing_is_made_up(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Neither a word for an unknown name, nor the datum of another patient. Dates for none have a row of their own."""
    told = _handed_for(history, seen)
    if told is None or seen.has("date-for-none"):
        return None
    lacking = [role for role in NAMED if not told.data.get(role) and seen.values.get(role)]
    observed = " and ".join(role.replace("_", " ") for role in lacking)
    return judged(not lacking, "what the record has, and no more", f"a made-up {observed}", told.begin, seen)


@rule(
    "VDDS-019",
    judges=HANDOVER,
    accepts=[_LISTED + handed(copies("AB/1"))],
    rejects=[_LISTED + handed(copies("AB/2")), _LISTED + handed(copies("AB/1", "AB/2"))],
    ignores=[handed(copies("AB/1"))],
)
def copies_are_asked_for_by_told_ids(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered before any list of objects was seen; the PVS may know ids from an earlier day."""
    if not seen.is_call or seen.kind != "image_export":
        return None
    lists = [each for each in history.handovers if not each.is_call and each.kind == "image_information" and each.items]
    told = {item.values.get("object") for each in lists for item in each.items}
    if not told:
        return None
    kept = all(item.values["object"] in told for item in seen.asked)
    return judged(kept, "ids that a list has told", "an id that no list has told", lists[-1], seen)


@rule(
    "VDDS-020",
    judges=HANDOVER,
    accepts=[handed(patient(), back(patient()), patient())],
    rejects=[handed(patient(), patient())],
    ignores=[handed(patient()), handed(patient(), patient(person="2"))],
)
def a_call_is_made_once(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Real programs started the same call again and again, until the screen was full of windows."""
    if not seen.is_call or not seen.kind:
        return None
    former = next((other for other in reversed(history.handovers) if other is not seen and _alike(other, seen)), None)
    if former is None:
        return None
    answered = any(other.about == former.number for other in history.handovers)
    return judged(answered, "an answer before the call is made again", "the same call again", former, seen)


@rule(
    "VDDS-021",
    judges=NoteKind.ORDER,
    accepts=[
        GIVEN + handed(patient(), back(patient())) + done(),
        GIVEN + handed(patient(), back(patient(error_level="1"))) + done("refused"),
        GIVEN + handed(patient(), replace(back(patient()), lost="never-ready")) + done("failed"),
    ],
    rejects=[
        GIVEN + handed(patient(), back(patient(error_level="1"))) + done(),
        GIVEN + handed(patient(), replace(back(patient()), lost="never-ready")) + done(),
        GIVEN + handed(patient()) + done(),
    ],
    ignores=[GIVEN + done(), _HANDED + done()],
)
def an_error_is_no_success(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Copies that came in spite of an error may be kept, and leave it open."""
    told = history.orders.told_by(note)
    if spec.vdds is None or told is None or note.data.get("phase") != "end" or not told.handovers:
        return None
    calls = [each for each in told.handovers if each.is_call and each.kind]
    if not calls or told.answer not in ("done", "refused", "failed"):
        return None
    answer = next((each for each in reversed(told.handovers) if each.about == calls[-1].number), None)
    right = answer is not None and not answer.flaw and answer.values.get("error_level") == spec.vdds.handshake.no_error
    if not right and answer is not None and any(item.has("exists") for item in answer.items):
        return None
    kept = right or told.answer != "done"
    shown_at = calls[-1] if answer is None else answer
    return judged(kept, "a failure that is told", "an error, or no answer, taken as done", shown_at, note)


@rule(
    "VDDS-022",
    judges=NoteKind.SHOWN,
    accepts=[order(FETCH, "1", person="17") + _HANDED + shown("picture", sha256="a" * 64)],
    rejects=[order(FETCH, "1", person="17") + _HANDED + shown("picture", sha256="b" * 64)],
    ignores=[
        order(FETCH, "1", person="17") + shown("picture", sha256="b" * 64),
        order(FETCH, "1", person="17") + _HANDED + shown("case", case=1),
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


def _handed_for(history: History, seen: Handover) -> Order | None:
    """The order for which a patient is handed over."""
    return history.orders.of(seen) if seen.is_call and seen.kind == "patient_import" else None


def _as_recorded(history: History, seen: Handover, roles: tuple[str, ...]) -> Verdict | None:
    told = _handed_for(history, seen)
    if told is None:
        return None
    known = [role for role in roles if told.data.get(role)]
    if not known:
        return None
    wrong = [role.replace("_", " ") for role in known if seen.values.get(role, "") != told.data[role]]
    return judged(not wrong, "what the record has", f"another {' and another '.join(wrong)}", told.begin, seen)


def _number(seen: Handover) -> tuple[str, str]:
    return seen.values.get("practice", ""), seen.values.get("person", "")


def _alike(one: Handover, other: Handover) -> bool:
    same = (one.is_call, one.kind, one.who) == (other.is_call, other.kind, other.who)
    return same and one.values == other.values and one.asked == other.asked
