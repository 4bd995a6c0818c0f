"""The answers of a BVS, which stand in the file of the call itself."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_register import SECTION, seen_as
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec, VddsFacts
from conformance.trace import Handover, History, Sketch, handed
from conformance.trace.handing import Hand, back, content_of, copies, information, patient
from conformance.trace.handovers import UNSEEN
from conformance.wire.vdds_ini import Ini

LONE, SENT = patient(), back(patient())
ONE = {"object": "AB/1", "date": "20240301", "time": "09:41", "type_number": "7", "format": "JPG", "color": "COLOR"}
TWO = ONE | {"object": "AB/2"}
TURNED_DOWN = back(patient(error_level="1", error_text="not now"))
NAMELESS = patient(first_name=None)
LISTED = back(information(), objects=[ONE, TWO])
NOTHING = back(information(), objects=[])
JPG, PNG = "C:\\OUT\\1.jpg", "C:\\OUT\\2.png"
SEEN = {JPG: ("exists", "size:3", "type:jpeg"), PNG: ("exists", "size:3", "type:png")}
FETCHED = back(copies("AB/1", "AB/2"), paths={1: JPG, 2: PNG}, files=SEEN)
PARTLY = replace(back(copies("AB/1", "AB/2", error_level="1", error_text="gone"), paths={1: JPG}), files=SEEN)
UNREADABLE = tuple(replace(LONE, content=each) for each in (b"", b"\0", b"X=1\r\n", b"{}", b"[OTHER]\r\nX=1\r\n"))
"""Files that are no call of the interface."""
_TWICE = ("SEX=W", "SEX=W\r\nSEX=W")
REPEATED = frozenset({"repeated-section", "repeated-key"})
ASKED, WANTED = information(), copies("AB/1", "AB/2")


def _marked(spec: Spec) -> Sketch:
    return handed(LONE, replace(SENT, content=codecs.BOM_UTF8 + content_of(SENT, spec)))


def _at_once(other: Hand) -> Sketch:
    """Two calls, the second before the first is answered, and both answers."""
    return handed(LONE, ASKED, replace(SENT, answers=1), replace(other, answers=2))


def _entered_again(ini: Ini, facts: VddsFacts) -> Ini:
    return replace(ini, lines=(*ini.lines, *Ini().written(SECTION, facts.register.name, "B").lines))


def _told_elsewhere(spec: Spec) -> Sketch:
    """An error whose text stands under another name that the key was seen by."""
    names = spec.vdds.handshake.other_texts if spec.vdds is not None else ()
    return handed(LONE, back(patient(error_level="1", **{names[0]: "no such patient"})))


def answer(seen: Handover, spec: Spec) -> bool:
    """True for an answer that can be read and says that it is finished."""
    if spec.vdds is None or seen.direction != "answer" or seen.flaw:
        return False
    return bool(seen.kind) and seen.values.get("ready") == spec.vdds.handshake.finished


def right(seen: Handover, spec: Spec) -> bool:
    """True for an answer that tells of no error."""
    return spec.vdds is not None and seen.values.get("error_level") == spec.vdds.handshake.no_error


@rule(
    "VDDS-040",
    judges=HANDOVER,
    accepts=[
        handed(LONE, SENT),
        handed(LONE, back(patient(error_level="1"))),
        _at_once(replace(NOTHING, lost="never-ready")),
    ],
    rejects=[handed(LONE, replace(SENT, lost="never-ready")), handed(LONE, back(patient(ready="0")))],
    ignores=[
        handed(LONE),
        handed(LONE, replace(SENT, lost="gone")),
        *(handed(each, replace(SENT, lost="never-ready")) for each in UNREADABLE),
    ],
)
def a_call_is_answered(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """With an error as well as without: a PVS that waits has no other sign. Of two at once see the next rule.

    What is no call of the interface need not be answered: nobody can tell where the answer would stand.
    """
    kept = _says_ready(seen, spec)
    if not kept and not understood(history, seen):
        return None
    return _told(seen, kept, spec) if kept or not _came_meanwhile(history, seen, spec) else None


@rule(
    "VDDS-065",
    judges=HANDOVER,
    accepts=[_at_once(NOTHING)],
    rejects=[_at_once(replace(NOTHING, lost="never-ready")), _at_once(back(information(ready="0")))],
    ignores=[handed(LONE, SENT, ASKED, replace(NOTHING, lost="never-ready")), _at_once(replace(NOTHING, lost="gone"))],
)
def a_call_that_comes_meanwhile_is_answered(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A PVS calls back while a call of the BVS goes on, and several users work at once."""
    meanwhile = understood(history, seen) and _came_meanwhile(history, seen, spec)
    return _told(seen, _says_ready(seen, spec), spec) if meanwhile else None


def understood(history: History, seen: Handover) -> bool:
    """False for the answer to a file that is no call of the interface, or several."""
    call = history.handed(seen.about)
    return call is None or not call.is_call or (bool(call.kind) and not call.has("several-calls"))


def _says_ready(seen: Handover, spec: Spec) -> bool:
    return spec.vdds is not None and not seen.flaw and seen.values.get("ready") == spec.vdds.handshake.finished


def _told(seen: Handover, kept: bool, spec: Spec) -> Verdict | None:
    if spec.vdds is None or seen.direction != "answer" or seen.flaw not in ("", "never-ready"):
        return None
    shake = spec.vdds.handshake
    return judged(kept, f"{shake.ready}={shake.finished}", "a file that never became ready", seen)


def _came_meanwhile(history: History, seen: Handover, spec: Spec) -> bool:
    """True for the answer to a call that was made while another one was awaited, which was answered before it."""
    for other in reversed(history.handovers):
        if other.number <= seen.about:
            return False
        if 0 < other.about < seen.about:
            return _says_ready(other, spec)
    return False


@rule(
    "VDDS-041",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT)],
    rejects=[
        *(handed(LONE, replace(SENT, lost=why)) for why in ("locked", "gone")),
        handed(LONE, replace(SENT, content=b"\0")),
        handed(LONE, replace(SENT, content=b"nothing")),
        handed(ASKED, SENT),
    ],
    ignores=[
        handed(LONE),
        *(handed(LONE, replace(SENT, lost=why)) for why in ("never-ready", UNSEEN)),
        handed(UNREADABLE[1], replace(SENT, lost="unreadable: binary")),
    ],
)
def a_file_stays(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """It belongs to the caller, who alone removes it."""
    if seen.direction != "answer" or seen.flaw in ("never-ready", UNSEEN) or not understood(history, seen):
        return None
    call = history.handed(seen.about)
    same = bool(seen.kind) and (call is None or call.kind in ("", seen.kind))
    observed = seen.flaw or "the section of the call is gone"
    return judged(not seen.flaw and same, "the file of the call, with its answer", observed, seen)


@rule(
    "VDDS-042",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT), handed(ASKED, LISTED)],
    rejects=[
        handed(LONE, replace(SENT, values={**SENT.values, "last_name": "FOX"})),
        handed(LONE, replace(SENT, values={**SENT.values, "sex": None})),
        handed(WANTED, replace(FETCHED, values={**FETCHED.values, "count": "0"})),
    ],
    ignores=[handed(LONE), handed(SENT)],
)
def the_call_stays_as_it_was(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """In whatever order; of all else only the handshake is the callee's. Not triggered where nobody saw the call."""
    if not answer(seen, spec) or not seen.has("compared"):
        return None
    lost = "a key that is lost" if seen.has("lost-key") else "a value that was changed"
    return judged(not seen.has("lost-key") and not seen.has("changed-key"), "all keys of the call", lost, seen)


@rule(
    "VDDS-043",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT), handed(LONE, back(patient(error_level="12")))],
    rejects=[handed(LONE, back(patient(error_level=each))) for each in ("", "OK", None)],
    ignores=[handed(LONE)],
)
def an_error_level_is_a_number(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Also where there is no error."""
    if spec.vdds is None or not answer(seen, spec):
        return None
    level = seen.values.get("error_level", "")
    kept = level.removeprefix("-").isdecimal()
    return judged(kept, f"{spec.vdds.handshake.level} with a whole number", "none, or something else", seen)


@rule(
    "VDDS-044",
    judges=HANDOVER,
    accepts=[handed(LONE, back(patient(error_level="1", error_text="no such patient"))), _told_elsewhere],
    rejects=[handed(LONE, back(patient(error_level="1"))), handed(LONE, back(patient(error_level="1", error_text="")))],
    ignores=[handed(LONE, SENT)],
)
def an_error_is_explained(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The numbers mean nothing to a user, and no list of them is known."""
    level = seen.values.get("error_level", "")
    if spec.vdds is None or not answer(seen, spec) or right(seen, spec) or not level.removeprefix("-").isdecimal():
        return None
    return judged(bool(seen.values.get("error_text")), spec.vdds.handshake.text, "no text", seen)


@rule(
    "VDDS-069",
    judges=(),
    accepts=[handed(LONE, SENT), handed(LONE, TURNED_DOWN, LONE, SENT)],
    rejects=[handed(ASKED, NOTHING, LONE, TURNED_DOWN)],
    ignores=[
        handed(LONE, TURNED_DOWN, ASKED, back(information(error_level="1"), objects=[])),
        handed(ASKED, NOTHING, NAMELESS, back(replace(NAMELESS, values={**NAMELESS.values, "error_level": "1"}))),
        handed(ASKED, NOTHING, LONE, replace(TURNED_DOWN, disturbed="refused")),
    ],
)
def a_patient_is_taken_over(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """One at least, judged at the end: that one call is refused may have reasons of which its file tells nothing."""
    return None


@a_patient_is_taken_over.at_end
def somebody_was_taken_over(history: History, spec: Spec) -> Iterator[Verdict]:
    """Where whatever is asked is refused, nobody may have logged in."""
    answers = [each for each in history.handovers if answer(each, spec) and not each.disturbed]
    complete = [each for each in answers if each.kind == "patient_import" and _is_complete(history, each)]
    taken = next((each for each in complete if right(each, spec)), None)
    willing = next((each for each in answers if right(each, spec)), None)
    if taken is not None:
        yield holds(taken)
    elif complete and willing is not None:
        yield breaks(
            "a patient who is taken without an error", f"an error for each of {len(complete)}", willing, complete[-1]
        )
    elif complete:
        yield undecided("every call was refused, of whatever kind", complete[-1])


def _is_complete(history: History, seen: Handover) -> bool:
    """True for the answer to a call that tells who the patient is, in a form that others were seen to take."""
    call = history.handed(seen.about)
    given = call.values if call is not None else seen.values
    odd = call is not None and (call.flaw or call.has("no-date") or call.has("date-for-none"))
    return not odd and all(given.get(role) for role in ("person", "last_name", "first_name", "birth_date"))


@rule(
    "VDDS-057",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT)],
    rejects=[_marked],
    ignores=[handed(LONE)],
)
def an_answer_is_in_kind(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """With the mark that the call had, or without."""
    if not answer(seen, spec) or not seen.about:
        return None
    call = history.handed(seen.about)
    garbled = "utf-8-without-mark" in seen.fact("writing")
    was_so = call is not None and "utf-8-without-mark" in call.fact("writing")
    wrong = seen.has("other-encoding") or (garbled and not was_so)
    return judged(not wrong, "the encoding of the call", "another one", seen)


@rule(
    "VDDS-078",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT), handed(ASKED, LISTED), seen_as()],
    rejects=[
        handed(ASKED, replace(LISTED, writing=("[MMOS]", "[PATID]\r\nREADY=1\r\n[MMOS]"))),
        handed(LONE, replace(SENT, writing=_TWICE)),
        seen_as(_entered_again),
    ],
    ignores=[handed(LONE), handed(replace(LONE, writing=_TWICE), replace(SENT, writing=_TWICE))],
)
def nothing_stands_twice(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """One reader goes by the first, and another by the last. What the call had twice is the caller's."""
    if seen.direction == "register" and seen.has("entered"):
        return judged(not seen.has("repeated"), "one section of the BVS, with each key once", "some twice", seen)
    call = history.handed(seen.about)
    if not answer(seen, spec) or (call is not None and REPEATED.intersection(call.fact("writing"))):
        return None
    found = sorted(REPEATED.intersection(seen.fact("writing")))
    return judged(not found, "each section and key once", ", ".join(each.replace("-", " ") for each in found), seen)


@rule(
    "VDDS-058",
    judges=HANDOVER,
    accepts=[handed(LONE, replace(SENT, facts=("stayed",)))],
    rejects=[handed(LONE, replace(SENT, facts=("changed-when-ready",)))],
    ignores=[handed(LONE, SENT)],
)
def ready_comes_last(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where nobody looked a second time."""
    if seen.direction != "answer" or not (seen.has("stayed") or seen.has("changed-when-ready")):
        return None
    return judged(seen.has("stayed"), "a file that is finished", "a file that changed when it was ready", seen)
