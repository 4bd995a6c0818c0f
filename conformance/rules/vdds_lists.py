"""The list of a patient's objects that a BVS answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_answers import ASKED, LISTED, LONE, NOTHING, ONE, SENT, TWO, answer
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, Item, handed
from conformance.trace.handing import back, information

OF_ANOTHER = information(person="000418")
Fits = Callable[[Item], bool]


def _lists(seen: Handover, spec: Spec) -> bool:
    return answer(seen, spec) and seen.kind == "image_information"


@rule(
    "VDDS-045",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED), handed(ASKED, NOTHING)],
    rejects=[handed(ASKED, replace(NOTHING, listed=False)), handed(ASKED, replace(NOTHING, count=""))],
    ignores=[handed(LONE, SENT)],
)
def a_list_is_there(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Known callers give up without it, even where it would be empty."""
    if spec.vdds is None or not _lists(seen, spec):
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
        handed(ASKED, replace(LISTED, writing=("O2]", "O02]"))),
    ],
    ignores=[handed(ASKED, replace(NOTHING, listed=False))],
)
def a_list_is_counted(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Whoever walks the numbers stops at the first gap."""
    if not _lists(seen, spec) or not seen.has("count"):
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
    ids = [item.values.get("object", "") for item in seen.items] if _lists(seen, spec) else []
    if not ids:
        return None
    return judged(all(ids) and len(set(ids)) == len(ids), "one id for each object", "none, or one twice", seen)


@rule(
    "VDDS-068",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED, OF_ANOTHER, back(OF_ANOTHER, objects=[ONE | {"object": "CD/1"}]))],
    rejects=[
        handed(ASKED, LISTED, OF_ANOTHER, back(OF_ANOTHER, objects=[TWO])),
        handed(OF_ANOTHER, back(OF_ANOTHER, objects=[ONE]), ASKED, LISTED),
    ],
    ignores=[
        handed(ASKED, LISTED, ASKED, LISTED),
        handed(ASKED, NOTHING, OF_ANOTHER, back(OF_ANOTHER, objects=[])),
        handed(ASKED, LISTED, OF_ANOTHER, back(OF_ANOTHER, objects=[TWO], lost="gone")),
    ],
)
def an_object_is_one_patients(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The list of somebody else, or of nobody, shows none of the objects of a patient."""
    person = seen.values.get("person") if _lists(seen, spec) else None
    if not person:
        return None
    ids = _object_ids(seen)
    others = [
        each
        for each in history.handovers
        if each is not seen and _lists(each, spec) and each.values.get("person") not in (None, "", person)
    ]
    shared = next((each for each in others if ids & _object_ids(each)), None)
    if shared is not None:
        return breaks("objects of this patient alone", "an object that the list of another patient has", shared, seen)
    compared = next((each for each in others if ids or _object_ids(each)), None)
    return holds(compared, seen) if compared is not None else None


@rule(
    "VDDS-048",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[
        handed(ASKED, back(information(), objects=[ONE, TWO | {"date": each}]))
        for each in ("", "2024-03-01", "20240230", "00010101")
    ],
    ignores=[handed(ASKED, NOTHING)],
)
def an_object_has_a_date(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A known caller drops the whole list without it. The least dates of programs and databases are none."""

    def dated(item: Item) -> bool:
        return bool(item.values.get("date")) and "date" not in item.fact("no-date") and not item.has("date-for-none")

    return _each(seen, spec, dated, "a date")


@rule(
    "VDDS-049",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[handed(ASKED, back(information(), objects=[ONE | {"time": each}])) for each in ("", "9.41", "24:00")],
    ignores=[handed(ASKED, NOTHING)],
)
def an_object_has_a_time(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A shipping program was seen to fail without it."""
    return _each(
        seen, spec, lambda item: bool(item.values.get("time")) and "time" not in item.fact("no-time"), "a time"
    )


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
    return _each(
        seen, spec, lambda item: not {"format", "color"} & set(item.fact("not-listed")), "known formats and colours"
    )


@rule(
    "VDDS-051",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED)],
    rejects=[handed(ASKED, back(information(), objects=[ONE | {"type_number": each}])) for each in ("", "Photo")],
    ignores=[handed(ASKED, NOTHING)],
)
def a_type_is_a_number(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Its text depends on the language."""
    return _each(seen, spec, lambda item: item.values.get("type_number", "").isdecimal(), "the number of a type")


def _object_ids(seen: Handover) -> set[str]:
    return {item.values["object"] for item in seen.items if item.values.get("object")}


def _each(seen: Handover, spec: Spec, fits: Fits, wanted: str) -> Verdict | None:
    if not _lists(seen, spec) or not seen.items:
        return None
    wrong = [item.index for item in seen.items if not fits(item)]
    if not wrong:
        return judged(True, wanted, "", seen)
    return breaks(f"{wanted} for each object", f"none, or another, for {len(wrong)} of {len(seen.items)}", seen)
