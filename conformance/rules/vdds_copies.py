"""What a BVS hands out: paths of copies of images, which the PVS takes away."""

from __future__ import annotations

from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_answers import ASKED, FETCHED, JPG, LISTED, PARTLY, PNG, SEEN, WANTED, answer, right
from conformance.rules.vdds_calls import well_numbered
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Item, handed
from conformance.trace.handing import back, copies
from conformance.trace.handovers import UNSEEN

_FROM_ZERO = replace(copies("AB/1"), writing=("D1=", "D0="))


def _hands_out(seen: Handover, spec: Spec) -> bool:
    return answer(seen, spec) and seen.kind == "image_export"


@rule(
    "VDDS-052",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED), handed(WANTED, PARTLY)],
    rejects=[handed(copies("AB/1"), replace(back(copies("AB/1")), paths={1: JPG, 2: PNG}, files=SEEN))],
    ignores=[
        handed(ASKED, LISTED),
        handed(_FROM_ZERO, replace(back(_FROM_ZERO), paths={0: JPG}, files=SEEN)),
        handed(copies("AB/1", count="2"), replace(back(copies("AB/1")), paths={1: JPG, 2: PNG}, files=SEEN)),
    ],
)
def only_what_was_asked_is_handed_out(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Under the numbers of the call, by the file as the call had it; where those are in order themselves."""
    call = history.handed(seen.about)
    if not _hands_out(seen, spec) or not seen.items or (call is not None and not well_numbered(call)):
        return None
    asked = {item.index for item in (call.asked if call is not None else seen.asked)}
    kept = all(item.index in asked for item in seen.items)
    return judged(kept, "numbers of the call", "a number that was not asked for", seen)


@rule(
    "VDDS-053",
    judges=HANDOVER,
    accepts=[
        handed(WANTED, FETCHED),
        *(handed(WANTED, replace(FETCHED, paths={1: each})) for each in ("/tmp/1.jpg", "C:\\Windows\\Temp\\1.jpg")),
    ],
    rejects=[
        handed(WANTED, replace(FETCHED, paths={1: path}))
        for path in (
            "1.jpg", "C:1.jpg", "C:\\OUT\\..\\..\\Windows\\1.jpg", "\\\\host\\share\\1.jpg", "\\\\.\\pipe\\x",
            "C:\\OUT\\NUL", "C:\\OUT\\con.jpg", "C:\\OUT\\1.jpg:hidden", '"C:\\OUT\\1.jpg"', "",
            "C:\\OUT\\", "C:\\Windows\\System32\\config\\SAM",
        )
    ],
    ignores=[handed(WANTED, replace(FETCHED, paths={}))],
)  # fmt: skip
def a_path_is_a_plain_one(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The PVS moves or deletes what it is given: another place would cost files of somebody else."""
    if not _hands_out(seen, spec) or not seen.items:
        return None
    found = sorted({flaw for item in seen.items for flaw in (*item.fact("path"), *_linked(item))})
    return judged(not found, "an absolute path without detours", f"a path that is: {', '.join(found)}", seen)


@rule(
    "VDDS-064",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED), handed(copies("AB/1", "AB/1"), replace(FETCHED, paths={1: JPG, 2: JPG}))],
    rejects=[handed(WANTED, replace(FETCHED, paths={1: JPG, 2: JPG.lower()}))],
    ignores=[handed(WANTED, PARTLY)],
)
def each_id_has_a_copy_of_its_own(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The PVS takes one away for the first id, and has another image, or none, for the second."""
    call = history.handed(seen.about)
    asked = {item.index: item.values["object"] for item in (call.asked if call is not None else seen.asked)}
    if not _hands_out(seen, spec) or len(seen.items) < 2:
        return None
    given: dict[str, set[str]] = {}
    for item in seen.items:
        given.setdefault(item.values["path"], set()).add(asked.get(item.index, ""))
    shared = max(len(ids) for ids in given.values())
    return judged(shared < 2, "a path for each id", f"one path for {shared} ids", seen)


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
    looked = [item for item in seen.items if not item.has(UNSEEN)] if _hands_out(seen, spec) else []
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
    if not _hands_out(seen, spec) or not right(seen, spec):
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
    if spec.vdds is None or not _hands_out(seen, spec):
        return None
    return judged(not seen.has("no-list"), f"[{spec.vdds.exports.section}]", "no such section", seen)


@rule(
    "VDDS-059",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED)],
    rejects=[handed(WANTED, replace(FETCHED, files={**SEEN, PNG: ("exists", "size:3", "type:jpeg")}))],
    ignores=[handed(WANTED, replace(FETCHED, files={}))],
)
def a_copy_is_named_by_its_content(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Only for contents that can be told."""
    told = (
        [item for item in seen.items if item.fact("type") not in ((), ("unknown",))] if _hands_out(seen, spec) else []
    )
    if not told:
        return None
    kept = all(_short(item.fact("extension")) == _short(item.fact("type")) for item in told)
    return judged(kept, "the extension of the content", "that of another", seen)


def _linked(item: Item) -> tuple[str, ...]:
    return ("a link",) if item.has("link") else ()


def _short(words: tuple[str, ...]) -> str:
    word = words[0].upper() if words else ""
    return {"JPEG": "JPG", "TIFF": "TIF"}.get(word, word)
