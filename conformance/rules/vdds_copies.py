"""What a BVS hands out: paths of copies of images, which the PVS takes away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_answers import ASKED, FETCHED, JPG, LISTED, PARTLY, PNG, SEEN, WANTED, answer, right
from conformance.rules.vdds_calls import well_numbered
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Item, handed
from conformance.trace.handing import Hand, back, copies
from conformance.trace.handovers import UNSEEN
from conformance.trace.images import KINDS

DCM = "C:\\OUT\\1.dcm"
WITH_A_STRANGER = copies("AB/1", "AB/9")
_FROM_ZERO = replace(copies("AB/1"), writing=("D1=", "D0="))


_KNOWN = {path: (*facts, f"sha256:{number * 64}") for number, (path, facts) in zip("12", SEEN.items(), strict=True)}
_ALIKE = {path: (*facts, f"sha256:{'1' * 64}") for path, facts in SEEN.items()}
BOTH = replace(FETCHED, files=_KNOWN)


def _alone(number: str) -> Hand:
    """The first id alone brings an image of this digest."""
    call = copies("AB/1")
    return replace(back(call), paths={1: JPG}, files={JPG: ("exists", "size:3", "type:jpeg", f"sha256:{number * 64}")})


def _hands_out(seen: Handover, spec: Spec) -> bool:
    return answer(seen, spec) and seen.kind == "image_export"


def _fetches(history: History, spec: Spec) -> list[Handover]:
    """All answers that hand copies out."""
    return [each for each in history.handovers if _hands_out(each, spec)]


def asked_in(history: History, seen: Handover) -> dict[int, str]:
    """The ids that an answer is about by their numbers, as the call had them."""
    call = history.handed(seen.about)
    return {item.index: item.values["object"] for item in (call.asked if call is not None else seen.asked)}


def _brought(history: History, seen: Handover) -> dict[str, Item]:
    """The path that each id brought."""
    asked = asked_in(history, seen)
    return {asked[item.index]: item for item in seen.items if item.index in asked}


def _digests(history: History, seen: Handover) -> dict[str, str]:
    """The digest of the copy that each id brought, where somebody looked."""
    return {wanted: item.fact("sha256")[0] for wanted, item in _brought(history, seen).items() if item.has("sha256")}


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
            "C:\\OUT\\NUL", "C:\\OUT\\con.jpg", "C:\\OUT\\1.jpg:hidden", '"C:\\OUT\\1.jpg"',
            "C:\\OUT\\", "C:\\Windows\\System32\\config\\SAM",
        )
    ],
    ignores=[handed(WANTED, replace(FETCHED, paths=none)) for none in ({}, {1: ""})],
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
    asked = asked_in(history, seen)
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
        handed(WANTED, replace(FETCHED, paths={1: JPG, 2: ""})),
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
    "VDDS-077",
    judges=HANDOVER,
    accepts=[handed(WANTED, FETCHED, WITH_A_STRANGER, replace(PARTLY, ids=WITH_A_STRANGER.ids))],
    rejects=[handed(WANTED, FETCHED, WITH_A_STRANGER, replace(PARTLY, ids=WITH_A_STRANGER.ids, paths={}))],
    ignores=[
        handed(WANTED, PARTLY),
        handed(WANTED, replace(PARTLY, paths={}), WANTED, PARTLY),
        handed(WANTED, FETCHED, WANTED, replace(PARTLY, paths={})),
    ],
)
def what_is_there_is_handed_out(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered unless the same id brought a copy before, and is asked for beside one that never did."""
    if not _hands_out(seen, spec) or right(seen, spec):
        return None
    before = [each for each in _fetches(history, spec) if each.number < seen.number]
    given = {wanted: each for each in before for wanted in _brought(history, each)}
    asked = set(asked_in(history, seen).values())
    known = asked & given.keys()
    if not known or known == asked:
        return None
    lost = known - _brought(history, seen).keys()
    observed = f"none for {len(lost)} of {len(known)} ids that brought one before"
    return judged(not lost, "copies of what is there", observed, given[min(known)], seen)


@rule(
    "VDDS-079",
    judges=HANDOVER,
    accepts=[
        handed(WANTED, BOTH, copies("AB/1"), _alone("1")),
        handed(WANTED, replace(FETCHED, files=_ALIKE), copies("AB/1"), _alone("1")),
    ],
    rejects=[handed(WANTED, BOTH, copies("AB/1"), _alone("2")), handed(copies("AB/1"), _alone("2"), WANTED, BOTH)],
    ignores=[
        handed(WANTED, BOTH),
        handed(WANTED, BOTH, copies("AB/1"), _alone("3")),
        handed(WANTED, FETCHED, copies("AB/1"), _alone("1")),
    ],
)
def an_id_brings_its_own_image(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Mixed up when it brings what another id has brought, and not what it has itself.

    Bytes that are new prove nothing: a copy may be made anew for each call.
    """
    if not _hands_out(seen, spec):
        return None
    now = _digests(history, seen)
    before = [(other, _digests(history, other)) for other in _fetches(history, spec) if other.number < seen.number]
    again = [(wanted, other) for other, brought in before for wanted in now.keys() & brought.keys()]
    own = {wanted: {brought[wanted] for _, brought in before if wanted in brought} for wanted, _ in again}
    strange = {wanted for wanted in own if now[wanted] not in own[wanted]}
    for other, brought in before:
        if any(_changed_hands(wanted, brought, now) for wanted in strange):
            return breaks("the image that the id brought before", "that of another id", other, seen)
    return holds(again[-1][1], seen) if again and not strange else None


def _changed_hands(wanted: str, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """True when another id brought before what this one brings now, or the other way round."""
    theirs = {before[each] for each in before.keys() - {wanted}}
    others = {now[each] for each in now.keys() - {wanted}}
    return now[wanted] in theirs or before.get(wanted) in others


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
    rejects=[
        handed(WANTED, replace(FETCHED, files={**SEEN, PNG: ("exists", "size:3", f"type:{each}")}))
        for each in ("jpeg", "unknown")
    ],
    ignores=[
        handed(WANTED, replace(FETCHED, files={})),
        handed(WANTED, replace(FETCHED, paths={1: DCM}, files={DCM: ("exists", "size:3", "type:unknown")})),
    ],
)
def a_copy_is_named_by_its_content(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Only for contents that can be told, and for names that promise one of those."""
    told = [item for item in seen.items if _can_be_told(item)] if _hands_out(seen, spec) else []
    if not told:
        return None
    kept = all(_short(item.fact("extension")) == _short(item.fact("type")) for item in told)
    return judged(kept, "the extension of the content", "that of another", seen)


def _can_be_told(item: Item) -> bool:
    if item.fact("type") == ("unknown",):
        return _short(item.fact("extension")) in _TELLING and "0" not in item.fact("size")
    return bool(item.fact("type"))


def _linked(item: Item) -> tuple[str, ...]:
    return ("a link",) if item.has("link") else ()


def _short(words: tuple[str, ...]) -> str:
    word = words[0].upper() if words else ""
    return {"JPEG": "JPG", "TIFF": "TIF"}.get(word, word)


_TELLING = frozenset(_short((kind,)) for kind in KINDS)
"""Extensions of contents that are known by their first bytes."""
