"""What a PMS hands over in the light of its own records, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.rules.at_odds import other_than_recorded
from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.sent_beside import never_handed_over, with_another_record
from conformance.rules.vdds_calls import form_handed, on_console, told_by_person
from conformance.rules.vdds_starts import same_call
from conformance.rules.verdict import Verdict, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Handover, History, Note, NoteKind, Order, Sketch, done, handed, order
from conformance.trace.facts import DAYS_OFF
from conformance.trace.fitting import BY_FILE, CALLS, FETCHED_BY_FILE, LISTED_BY_FILE
from conformance.trace.handing import back, copies, information, patient
from conformance.wire.vdds_ini import ANSI, UTF_16_LE

FOX = {"person": "17", "last_name": "Fox", "first_name": "Ann", "birth_date": "1984-02-29"}
GIVEN = order(BY_FILE, "1", **FOX)
NAMED = ("last_name", "first_name", "birth_date")
_UMLAUT = order(BY_FILE, "1", person="17", last_name="Göransson", first_name="Ann")
_FOREIGN = order(
    BY_FILE, "1", person="17", last_name="Dvořák", first_name="Ann", beyond="last_name", ansi_last_name="Dvo?ák"
)
_BORN_LATER = order(BY_FILE, "2", **FOX | {"birth_date": "1985-02-28"})
_SHORT = order(BY_FILE, "1", person="17", last_name="Fox")
_OBJECTS = [{"object": "AB/1", "date": "20240301"}]
LISTED = handed(information(), back(information(), objects=_OBJECTS))
_OTHERS = back(information(person="000018"), objects=[{"object": "CD/1", "date": "20240302"}])
_OF_ONE = order(LISTED_BY_FILE, "1", person="17") + LISTED + done(name="1")
_TWO_LISTS = (
    _OF_ONE + order(LISTED_BY_FILE, "2", person="18") + handed(information(person="000018"), _OTHERS) + done(name="2")
)
_NEXT = order(LISTED_BY_FILE, "2", person="17")
PATHS = {1: "C:\\OUT\\1.jpg"}
COPY = {"C:\\OUT\\1.jpg": ("exists", "size:3", "sha256:" + "a" * 64)}
HANDED = handed(copies("AB/1"), back(copies("AB/1"), paths=PATHS, files=COPY))


def _twice(line: str) -> Sketch:
    """With one more line, which some readers go by."""
    return handed(replace(patient(), writing=("=Fox\r\n", f"=Fox\r\n{line}\r\n")))


def _wide(last_name: str) -> Sketch:
    """Handed over in UTF-16 with its mark."""
    return handed(replace(patient(last_name=last_name), encoding=UTF_16_LE))


@rule(
    "VDDS-016",
    judges=HANDOVER,
    accepts=[
        GIVEN + handed(patient()) + done() + _NEXT + handed(information()),
        GIVEN + handed(patient()) + done() + order(BY_FILE, "2", person="18") + handed(patient(person="000418")),
        GIVEN + handed(patient()) + done() + order(BY_FILE, "2", person="18") + handed(patient(practice="2")),
    ],
    rejects=[
        GIVEN + handed(patient()) + done() + _NEXT + handed(information(person="417")),
        GIVEN + handed(patient()) + done() + order(BY_FILE, "2", person="18") + handed(patient()),
        GIVEN + _twice("PATID=000418"),
    ],
    ignores=[GIVEN + handed(patient()), GIVEN + _twice("PATID=000417"), handed(patient(), patient(person="2"))],
)
def a_number_is_one_patients(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Leading zeros count, and the number of the practice goes with it."""
    told = history.orders.of(seen)
    if told is None or not told.person or not told_by_person(seen) or not seen.values.get("person"):
        return None
    if further_of(seen, "person"):
        return judged(False, "one number for one patient", "two numbers in one file", seen)
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
    accepts=[
        GIVEN + handed(patient()),
        GIVEN + handed(patient(first_name=None)),
        GIVEN + handed(patient(first_name="")),
        GIVEN + _twice("LASTNAME=Fox"),
        _UMLAUT + handed(patient(last_name="Göransson")),
        _UMLAUT + handed(patient(last_name="G”ransson")),
        _UMLAUT + handed(replace(patient(last_name="Goransson"), writing=("Gor", "GÃ¶r"))),
        _FOREIGN + _wide("Dvořák"),
    ],
    rejects=[
        GIVEN + handed(patient(last_name="Fax")),
        GIVEN + handed(patient(first_name="ANN")),
        GIVEN + handed(patient(last_name="")),
        _UMLAUT + handed(patient(last_name="Goransson")),
        _FOREIGN + _wide("Dvorak"),
        _FOREIGN + handed(patient(last_name="Dvo?ák", first_name="ANN")),
        GIVEN + _twice("LASTNAME=Roe"),
    ],
    ignores=[
        handed(patient()),
        GIVEN + handed(information()),
        _UMLAUT + _wide("Go\u0308ransson"),
        *(_FOREIGN + handed(patient(last_name=each)) for each in ("Dvorák", "Dvo?ák")),
    ],
)
def names_are_those_of_the_record(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Letter for letter, in every line that a reader may go by. Rows of their own are about a first name that is left
    out, and about encodings.

    Whoever writes Windows-1252 cannot write every name, and whether the mark of another encoding is understood is open;
    so is whether a letter and its accent by itself are one letter to the 3DD.
    """
    told = _handed_for(history, seen)
    if told is None:
        return None
    given = [role for role in ("last_name", "first_name") if role == "last_name" or seen.values.get(role)]
    known = [role for role in given if told.data.get(role)]
    other = [r for r in known if seen.values.get(r, "") != told.data[r] and not on_console(seen, r, told)]
    beyond = told.data.get("beyond", "").split() if seen.encoding == ANSI else []
    wrong = [role for role in other if role not in beyond]
    if other and not wrong:
        return undecided("a name that Windows-1252 lacks letters for was written in it, as far as it goes", seen)
    if wrong and all(f"{role}:{told.data[role]}" in seen.fact("composed") for role in wrong):
        return undecided("letters and their accents were written apart", seen)
    return _compared(known, wrong, told, seen)


@names_are_those_of_the_record.at_end
def another_record_was_handed_over(history: History, spec: Spec) -> Iterator[Verdict]:
    """The old one after a change, or that of another patient."""
    return with_another_record(history, BY_FILE, ("last_name", "first_name"))


@rule(
    "VDDS-081",
    judges=HANDOVER,
    accepts=[_FOREIGN + _wide("Dvořák"), _FOREIGN + handed(patient(last_name="Dvorák"))],
    rejects=[_FOREIGN + handed(patient(last_name="Dvo?ák")), _FOREIGN + _wide("Dvo?ák")],
    ignores=[GIVEN + handed(patient()), handed(patient(last_name="Dvo?ák")), _FOREIGN + handed(information())],
)
def a_foreign_letter_is_no_question_mark(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Two patients become one name by it, and nobody can read which."""
    told = _handed_for(history, seen)
    roles = [role for role in (told.data.get("beyond", "").split() if told else ()) if seen.values.get(role)]
    if told is None or not roles:
        return None
    lost = [role for role in roles if seen.values[role] == told.data.get(f"ansi_{role}")]
    observed = f"question marks in {' and '.join(role.replace('_', ' ') for role in lost)}"
    return judged(not lost, "the letters of the name, by the mark of another encoding", observed, told.begin, seen)


@rule(
    "VDDS-018",
    judges=HANDOVER,
    accepts=[GIVEN + handed(patient())],
    rejects=[
        GIVEN + handed(patient(birth_date="19840228")),
        GIVEN + handed(patient(birth_date="29021984")),
        GIVEN + _twice("BIRTHDAY=19700101"),
        GIVEN + handed(patient()) + done() + _BORN_LATER + handed(patient()) + done(name="2"),
    ],
    ignores=[handed(patient()), GIVEN + handed(patient(birth_date=None))],
)
def a_date_is_that_of_the_record(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where the call leaves it out."""
    told = _handed_for(history, seen)
    if told is None or not seen.values.get("birth_date"):
        return None
    known = [role for role in ("birth_date",) if told.data.get(role)]
    return _compared(known, [role for role in known if seen.values[role] != told.data[role]], told, seen)


@a_date_is_that_of_the_record.at_end
def a_record_of_another_date_was_handed_over(history: History, spec: Spec) -> Iterator[Verdict]:
    """As with names."""
    return with_another_record(history, BY_FILE, ("birth_date",))


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
        _SHORT + handed(patient(first_name="Unknown", birth_date="00010101")),
        _SHORT + handed(patient(first_name=None, birth_date="19010203")),
    ],
    ignores=[
        handed(patient()),
        _SHORT + handed(information()),
        *(
            _SHORT + handed(patient(first_name=None, birth_date=each))
            for each in ("00010101", "00000000", "19000101", "18991230")
        ),
    ],
)
def nothing_is_made_up(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Neither a word for an unknown name, nor the datum of another patient. Dates for none have a row of their own."""
    told = _handed_for(history, seen)
    if told is None:
        return None
    lacking = [role for role in NAMED if not told.data.get(role) and seen.values.get(role)]
    if seen.has("date-for-none") and lacking == ["birth_date"]:
        return None
    lacking = [role for role in lacking if role != "birth_date" or not seen.has("date-for-none")]
    observed = " and ".join(role.replace("_", " ") for role in lacking)
    return judged(not lacking, "what the record has, and no more", f"a made-up {observed}", told.begin, seen)


@rule(
    "VDDS-019",
    judges=HANDOVER,
    accepts=[
        LISTED + handed(copies("AB/1")),
        _TWO_LISTS + order(FETCHED_BY_FILE, "3", person="17") + handed(copies("AB/1")),
        _TWO_LISTS + order(FETCHED_BY_FILE, "3", person="18") + handed(copies("CD/1")),
        _TWO_LISTS + handed(copies("AB/1", "CD/1")),
    ],
    rejects=[
        LISTED + handed(copies("AB/2")),
        LISTED + handed(copies("AB/1", "AB/2")),
        _TWO_LISTS + order(FETCHED_BY_FILE, "3", person="18") + handed(copies("AB/1")),
        _TWO_LISTS + order(FETCHED_BY_FILE, "3", person="18") + handed(copies("CD/1", "AB/1")),
        _OF_ONE + order(FETCHED_BY_FILE, "2", person="18") + handed(copies("AB/1")),
    ],
    ignores=[handed(copies("AB/1"))],
)
def copies_are_asked_for_by_told_ids(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Of a patient whose images are wanted, by ids of that patient's.

    Not triggered before any list of objects was seen; the PVS may know ids from an earlier day.
    """
    if not seen.is_call or seen.kind != "image_export":
        return None
    lists = [each for each in history.handovers if not each.is_call and each.kind == "image_information" and each.items]
    told = _ids(lists)
    if not told:
        return None
    asked = {item.values["object"] for item in seen.asked}
    of_others = [each for each in lists if asked & (_ids([each]) - _ids(_of_the_person(history, seen, lists)))]
    if of_others:
        observed = "an id that the list of another patient has told"
        return judged(False, "ids that a list of this patient has told", observed, of_others[-1], seen)
    kept = asked <= told
    return judged(kept, "ids that a list has told", "an id that no list has told", lists[-1], seen)


@rule(
    "VDDS-021",
    judges=NoteKind.ORDER,
    accepts=[
        GIVEN + handed(patient(), back(patient())) + done(),
        GIVEN + handed(patient(), back(patient(error_level="1"))) + done("refused"),
        GIVEN + handed(patient(), replace(back(patient()), lost="never-ready")) + done("failed"),
        GIVEN + handed(patient(), back(patient()), patient()) + done(),
        GIVEN + handed(patient(), patient(), replace(back(patient()), answers=1)) + done(),
        GIVEN + handed(patient(), back(patient()), information(), back(information(error_level="1"))) + done(),
    ],
    rejects=[
        GIVEN + handed(patient(), back(patient(error_level="1"))) + done(),
        GIVEN + handed(patient(), replace(back(patient()), lost="never-ready")) + done(),
        GIVEN + handed(patient()) + done(),
        GIVEN + handed(patient(), back(patient()), patient(sex="M")) + done(),
        GIVEN + handed(patient(), back(patient(error_level="1")), information(), back(information())) + done(),
        GIVEN + done(),
        GIVEN + handed(patient(), back(patient())) + done() + _NEXT + done(name="2"),
    ],
    ignores=[GIVEN + done("refused"), order(FETCHED_BY_FILE, person="17") + done(), HANDED + done()],
)
def an_error_is_no_success(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Copies that came in spite of an error may be kept, and leave it open."""
    told = ended(history, note)
    calls = calls_of(told) if told is not None else []
    if told is None or not calls:
        return None
    answers = _answers_to(calls[-1], told)
    right = any(_well(each, spec) for each in answers)
    if not right and any(item.has("exists") for each in answers for item in each.items):
        return None
    kept = right or told.answer != "done"
    shown_at = answers[-1] if answers else calls[-1]
    return judged(kept, "a failure that is told", "an error, or no answer, taken as done", shown_at, note)


@an_error_is_no_success.at_end
def what_was_never_handed_over_is_not_done(history: History, spec: Spec) -> Iterator[Verdict]:
    """A list of copies may be empty, and then there is nothing to fetch: that step is left out."""
    return never_handed_over(history)


@rule(
    "VDDS-036",
    judges=NoteKind.ORDER,
    accepts=[GIVEN + handed(patient(), back(patient())) + done()],
    rejects=[GIVEN + handed(patient(), back(patient())) + done(each) for each in ("failed", "refused")],
    ignores=[
        GIVEN + done("refused"),
        GIVEN + handed(patient(), back(patient(error_level="1"))) + done("refused"),
        GIVEN + handed(patient(), replace(back(patient()), lost="never-ready")) + done("failed"),
    ],
)
def a_success_is_no_failure(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where the answer came before the user was told."""
    told = ended(history, note)
    calls = calls_of(told) if told is not None else []
    well = [each for each in _answers_to(calls[-1], told) if _well(each, spec)] if told is not None and calls else []
    if told is None or not well:
        return None
    return judged(told.answer == "done", "a success that is told", "an answer without an error", well[-1], note)


def further_of(seen: Handover, role: str) -> list[str]:
    """What a file says of a role in lines further down, where that is something else than at first."""
    return [text for about, _, text in (each.partition(":") for each in seen.fact("further")) if about == role]


def ended(history: History, note: Note) -> Order | None:
    """The order that the note ends, if the PMS said how it ended."""
    told = history.orders.told_by(note)
    over = told is not None and note.data.get("phase") == "end" and told.answer in ("done", "refused", "failed")
    return told if over else None


def calls_of(told: Order) -> list[Handover]:
    """The calls that the order is about; others that went along with them only where there are none of these."""
    calls = [each for each in told.handovers if each.is_call and each.kind]
    return [each for each in calls if each.kind == CALLS.get(told.does)] or calls


def _answers_to(call: Handover, told: Order) -> list[Handover]:
    """Answers to this call, however often it was made."""
    same = {each.number for each in told.handovers if same_call(each, call)}
    return [each for each in told.handovers if each.about in same]


def _well(answer: Handover, spec: Spec) -> bool:
    """True for an answer that tells of no error."""
    if spec.vdds is None or answer.flaw:
        return False
    shake = spec.vdds.handshake
    return (answer.values.get("ready"), answer.values.get("error_level")) == (shake.finished, shake.no_error)


def _ids(lists: Sequence[Handover]) -> set[str]:
    return {item.values["object"] for each in lists for item in each.items if item.values.get("object")}


def _of_the_person(history: History, seen: Handover, lists: Sequence[Handover]) -> Sequence[Handover]:
    """Those of the lists that are of the patient for whom ``seen`` is done; all where nobody knows who that is."""
    told = history.orders.of(seen)
    if told is None or not told.person:
        return lists
    own = [each for other in history.orders.all if other.person == told.person for each in other.handovers]
    numbers = {_number(each) for each in own if told_by_person(each)}
    calls = ((each, history.handed(each.about)) for each in lists)
    return [each for each, call in calls if call is None or _number(call) in numbers]


def _handed_for(history: History, seen: Handover) -> Order | None:
    """The order for which a patient is handed over."""
    return history.orders.of(seen) if seen.is_call and seen.kind == "patient_import" else None


def _compared(known: list[str], wrong: list[str], told: Order, seen: Handover) -> Verdict | None:
    """``wrong`` are those of the ``known`` roles that are not as the record has them."""
    twice = [(role, text) for role in known for text in further_of(seen, role) if text != told.data[role]]
    if twice and not wrong:
        observed = " and ".join(
            f"{other_than_recorded(role, text, told.data[role])}, further down" for role, text in twice
        )
        return judged(False, "what the record has", observed, told.begin, seen)
    apart = next(iter(seen.fact(DAYS_OFF)), "")
    sent = ((role, form_handed(seen, role) or seen.values.get(role)) for role in wrong)
    observed = " and ".join(other_than_recorded(role, text, told.data[role], apart) for role, text in sent)
    return judged(not wrong, "what the record has", observed, told.begin, seen) if known else None


def _number(seen: Handover) -> tuple[str, str]:
    return seen.values.get("practice", ""), seen.values.get("person", "")
