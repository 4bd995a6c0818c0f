"""The answers of a BVS, which stand in the file of the call itself."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Item, Sketch, handed
from conformance.trace.handing import back, content_of, copies, information, patient
from conformance.trace.handovers import UNSEEN

LONE, SENT = patient(), back(patient())
ONE = {"object": "AB/1", "date": "20240301", "time": "09:41", "type_number": "7", "format": "JPG", "color": "COLOR"}
TWO = ONE | {"object": "AB/2"}
LISTED = back(information(), objects=[ONE, TWO])
NOTHING = back(information(), objects=[])
JPG, PNG = "C:\\OUT\\1.jpg", "C:\\OUT\\2.png"
SEEN = {JPG: ("exists", "size:3", "type:jpeg"), PNG: ("exists", "size:3", "type:png")}
FETCHED = back(copies("AB/1", "AB/2"), paths={1: JPG, 2: PNG}, files=SEEN)
PARTLY = replace(back(copies("AB/1", "AB/2", error_level="1", error_text="gone"), paths={1: JPG}), files=SEEN)
ASKED, WANTED = information(), copies("AB/1", "AB/2")
Fits = Callable[[Item], bool]


def _marked(spec: Spec) -> Sketch:
    return handed(LONE, replace(SENT, content=codecs.BOM_UTF8 + content_of(SENT, spec)))


def answer(seen: Handover) -> bool:
    """True for an answer that can be read and is finished as far as it says so itself."""
    return seen.direction == "answer" and not seen.flaw and bool(seen.kind)


def _right(seen: Handover, spec: Spec) -> bool:
    return spec.vdds is not None and seen.values.get("error_level") == spec.vdds.handshake.no_error


def _lists(seen: Handover) -> bool:
    return answer(seen) and seen.kind == "image_information"


def _hands_out(seen: Handover) -> bool:
    return answer(seen) and seen.kind == "image_export"


@rule(
    "VDDS-040",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT), handed(LONE, back(patient(error_level="1")))],
    rejects=[handed(LONE, replace(SENT, lost="never-ready")), handed(LONE, back(patient(ready="0")))],
    ignores=[handed(LONE), handed(LONE, replace(SENT, lost="gone"))],
)
def a_call_is_answered(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """With an error as well as without: a PVS that waits has no other sign."""
    if spec.vdds is None or seen.direction != "answer" or (seen.flaw and seen.flaw != "never-ready"):
        return None
    kept = not seen.flaw and seen.values.get("ready") == spec.vdds.handshake.finished
    shake = spec.vdds.handshake
    return judged(kept, f"{shake.ready}={shake.finished}", "a file that never became ready", seen)


@rule(
    "VDDS-041",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT)],
    rejects=[
        *(handed(LONE, replace(SENT, lost=why)) for why in ("locked", "gone")),
        handed(LONE, replace(SENT, content=b"\0")),
        handed(LONE, replace(SENT, content=b"nothing")),
    ],
    ignores=[handed(LONE), handed(LONE, replace(SENT, lost="never-ready"))],
)
def a_file_stays(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """It belongs to the caller, who alone removes it."""
    if seen.direction != "answer" or seen.flaw == "never-ready":
        return None
    observed = seen.flaw or "the section of the call is gone"
    return judged(not seen.flaw and bool(seen.kind), "the file of the call, with its answer", observed, seen)


@rule(
    "VDDS-042",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT), handed(ASKED, LISTED)],
    rejects=[
        handed(LONE, replace(SENT, values={**SENT.values, "last_name": "FOX"})),
        handed(LONE, replace(SENT, values={**SENT.values, "sex": None})),
        handed(WANTED, replace(FETCHED, values={**FETCHED.values, "count": "0"})),
    ],
    ignores=[handed(LONE)],
)
def the_call_stays_as_it_was(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """In whatever order; of all else only the handshake is the callee's."""
    if not answer(seen):
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
    if spec.vdds is None or not answer(seen):
        return None
    level = seen.values.get("error_level", "")
    kept = level.removeprefix("-").isdecimal()
    return judged(kept, f"{spec.vdds.handshake.level} with a whole number", "none, or something else", seen)


@rule(
    "VDDS-044",
    judges=HANDOVER,
    accepts=[handed(LONE, back(patient(error_level="1", error_text="no such patient")))],
    rejects=[handed(LONE, back(patient(error_level="1"))), handed(LONE, back(patient(error_level="1", error_text="")))],
    ignores=[handed(LONE, SENT)],
)
def an_error_is_explained(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The numbers mean nothing to a user, and no list of them is known."""
    level = seen.values.get("error_level", "")
    if spec.vdds is None or not answer(seen) or _right(seen, spec) or not level.removeprefix("-").isdecimal():
        return None
    return judged(bool(seen.values.get("error_text")), spec.vdds.handshake.text, "no text", seen)


@rule(
    "VDDS-045",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED), handed(ASKED, NOTHING)],
    rejects=[handed(ASKED, replace(NOTHING, listed=False)), handed(ASKED, replace(NOTHING, count=""))],
    ignores=[handed(LONE, SENT)],
)
def a_list_is_there(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Known callers give up without it, even where it would be empty."""
    if spec.vdds is None or not _lists(seen):
        return None
    objects = spec.vdds.objects
    return judged(seen.has("count"), f"[{objects.section}] with {objects.count}", "no list, or no count", seen)


@rule(
    "VDDS-046",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED), handed(ASKED, NOTHING)],
    rejects=[
        handed(ASKED, replace(LISTED, count="1")),
        handed(ASKED, replace(LISTED, count="3")),
        handed(ASKED, replace(LISTED, writing=("O2]", "O3]"))),
    ],
    ignores=[handed(ASKED, replace(NOTHING, listed=False))],
)
def a_list_is_counted(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Whoever walks the numbers stops at the first gap."""
    if not _lists(seen) or not seen.has("count"):
        return None
    numbers = sorted(item.index for item in seen.items)
    count, listed = seen.fact("count")[0], seen.fact("listed")[0]
    kept = count == listed and numbers == list(range(1, len(numbers) + 1))
    return judged(
        kept, f"{count} objects, numbered from 1", f"{listed} objects, the highest number {numbers[-1:]}", seen
    )


@rule(
    "VDDS-047",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[
        handed(ASKED, back(information(), objects=[ONE, ONE])),
        handed(ASKED, back(information(), objects=[ONE | {"object": ""}])),
        handed(ASKED, back(information(), objects=[{"date": "20240301"}])),
    ],
    ignores=[handed(ASKED, NOTHING)],
)
def an_object_has_its_own_id(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """By it the copy is asked for."""
    ids = [item.values.get("object", "") for item in seen.items] if _lists(seen) else []
    if not ids:
        return None
    return judged(all(ids) and len(set(ids)) == len(ids), "one id for each object", "none, or one twice", seen)


@rule(
    "VDDS-048",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[
        handed(ASKED, back(information(), objects=[ONE, TWO | {"date": each}]))
        for each in ("", "2024-03-01", "20240230")
    ],
    ignores=[handed(ASKED, NOTHING)],
)
def an_object_has_a_date(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A known caller drops the whole list without it."""
    return _each(seen, lambda item: bool(item.values.get("date")) and "date" not in item.fact("no-date"), "a date")


@rule(
    "VDDS-049",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[handed(ASKED, back(information(), objects=[ONE | {"time": each}])) for each in ("", "9.41", "24:00")],
    ignores=[handed(ASKED, NOTHING)],
)
def an_object_has_a_time(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A shipping program was seen to fail without it."""
    return _each(seen, lambda item: bool(item.values.get("time")) and "time" not in item.fact("no-time"), "a time")


@rule(
    "VDDS-050",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[
        handed(ASKED, back(information(), objects=[ONE | each])) for each in ({"format": "jpeg"}, {"color": "RGB"})
    ],
    ignores=[handed(ASKED, NOTHING)],
)
def format_and_colour_are_known(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """An object may leave them out."""
    return _each(seen, lambda item: not {"format", "color"} & set(item.fact("not-listed")), "known formats and colours")


@rule(
    "VDDS-051",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[handed(ASKED, back(information(), objects=[ONE | {"type_number": each}])) for each in ("", "Photo")],
    ignores=[handed(ASKED, NOTHING)],
)
def a_type_is_a_number(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Its text depends on the language."""
    return _each(seen, lambda item: item.values.get("type_number", "").isdecimal(), "the number of a type")


@rule(
    "VDDS-052",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED), handed(WANTED, PARTLY)],
    rejects=[handed(copies("AB/1"), replace(back(copies("AB/1")), paths={1: JPG, 2: PNG}, files=SEEN))],
    ignores=[handed(ASKED, LISTED)],
)
def only_what_was_asked_is_handed_out(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Under the numbers of the call, by the file as the call had it."""
    call = history.handed(seen.about)
    if not _hands_out(seen) or not seen.items:
        return None
    asked = {item.index for item in (call.asked if call is not None else seen.asked)}
    kept = all(item.index in asked for item in seen.items)
    return judged(kept, "numbers of the call", "a number that was not asked for", seen)


@rule(
    "VDDS-053",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED), handed(WANTED, replace(FETCHED, paths={1: "/tmp/1.jpg"}))],
    rejects=[
        handed(WANTED, replace(FETCHED, paths={1: path}))
        for path in (
            "1.jpg", "C:1.jpg", "C:\\OUT\\..\\..\\Windows\\1.jpg", "\\\\host\\share\\1.jpg", "\\\\.\\pipe\\x",
            "C:\\OUT\\NUL", "C:\\OUT\\con.jpg", "C:\\OUT\\1.jpg:hidden", '"C:\\OUT\\1.jpg"', "",
        )
    ],
    ignores=[handed(WANTED, replace(FETCHED, paths={}))],
)  # fmt: skip
def a_path_is_a_plain_one(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The PVS moves or deletes what it is given: another place would cost files of somebody else."""
    if not _hands_out(seen) or not seen.items:
        return None
    found = sorted({flaw for item in seen.items for flaw in (*item.fact("path"), *_linked(item))})
    return judged(not found, "an absolute path without detours", f"a path that is: {', '.join(found)}", seen)


@rule(
    "VDDS-054",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED)],
    rejects=[
        handed(WANTED, replace(FETCHED, files={**SEEN, PNG: ("missing",)})),
        handed(WANTED, replace(FETCHED, files={**SEEN, PNG: ("exists", "size:0")})),
    ],
    ignores=[handed(WANTED, replace(FETCHED, files={}))],
)
def a_copy_is_there(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where nobody looked."""
    looked = [item for item in seen.items if not item.has(UNSEEN)] if _hands_out(seen) else []
    if not looked:
        return None
    kept = all(item.has("exists") and "0" not in item.fact("size") for item in looked)
    return judged(kept, "a file that is not empty", "no file, or an empty one", seen)


@rule(
    "VDDS-055",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED)],
    rejects=[
        handed(WANTED, replace(FETCHED, paths={1: JPG})),
        handed(WANTED, replace(FETCHED, paths={}, listed=False)),
    ],
    ignores=[handed(WANTED, PARTLY)],
)
def success_is_complete(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Where something is missing an error is told, and what is there may be given all the same."""
    if not _hands_out(seen) or not _right(seen, spec):
        return None
    call = history.handed(seen.about)
    asked = {item.index for item in (call.asked if call is not None else seen.asked)}
    missing = asked - {item.index for item in seen.items}
    return judged(not missing, "a path for each id", f"no path for {len(missing)} of {len(asked)} ids", seen)


@rule(
    "VDDS-056",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED), handed(WANTED, replace(PARTLY, paths={}))],
    rejects=[handed(WANTED, replace(PARTLY, paths={}, listed=False))],
    ignores=[handed(ASKED, LISTED)],
)
def the_section_of_the_paths_is_there(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A known caller gives up without it."""
    if spec.vdds is None or not _hands_out(seen):
        return None
    return judged(not seen.has("no-list"), f"[{spec.vdds.exports.section}]", "no such section", seen)


@rule(
    "VDDS-057",
    judges=HANDOVER,
    accepts=[handed(LONE, SENT)],
    rejects=[_marked],
    ignores=[handed(LONE)],
)
def an_answer_is_in_kind(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """With the mark that the call had, or without."""
    if not answer(seen) or not seen.about:
        return None
    call = history.handed(seen.about)
    garbled = "utf-8-without-mark" in seen.fact("writing")
    was_so = call is not None and "utf-8-without-mark" in call.fact("writing")
    wrong = seen.has("other-encoding") or (garbled and not was_so)
    return judged(not wrong, "the encoding of the call", "another one", seen)


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


@rule(
    "VDDS-059",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED)],
    rejects=[handed(WANTED, replace(FETCHED, files={**SEEN, PNG: ("exists", "size:3", "type:jpeg")}))],
    ignores=[handed(WANTED, replace(FETCHED, files={}))],
)
def a_copy_is_named_by_its_content(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Only for contents that can be told."""
    told = [item for item in seen.items if item.fact("type") not in ((), ("unknown",))] if _hands_out(seen) else []
    if not told:
        return None
    kept = all(_short(item.fact("extension")) == _short(item.fact("type")) for item in told)
    return judged(kept, "the extension of the content", "that of another", seen)


def _each(seen: Handover, fits: Fits, wanted: str) -> Verdict | None:
    if not _lists(seen) or not seen.items:
        return None
    wrong = [item.index for item in seen.items if not fits(item)]
    if not wrong:
        return judged(True, wanted, "", seen)
    return breaks(f"{wanted} for each object", f"none, or another, for {len(wrong)} of {len(seen.items)}", seen)


def _linked(item: Item) -> tuple[str, ...]:
    return ("a link",) if item.has("link") else ()


def _short(words: tuple[str, ...]) -> str:
    word = words[0].upper() if words else ""
    return {"JPEG": "JPG", "TIFF": "TIF"}.get(word, word)
