"""How a PVS starts the program of a BVS: which one, how often, with what, and that the file waits for its answer."""

from __future__ import annotations

from dataclasses import replace

from conformance.rules.at_odds import said
from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_calls import LONE
from conformance.rules.verdict import Verdict, breaks, judged
from conformance.spec import Spec
from conformance.trace import Handover, History, handed
from conformance.trace.handing import back, copies, information, patient
from conformance.trace.handovers import SHAKEN, UNUSABLE, WHY_UNUSABLE

ANSWERED = patient(ready="1")
"""What is found in the file of a call once it was answered."""


def same_call(one: Handover, other: Handover) -> bool:
    """True for two calls that ask the same, whatever stands in their handshakes."""
    same = (one.is_call, one.kind, one.who, one.asked) == (other.is_call, other.kind, other.who, other.asked)
    return same and _asks(one) == _asks(other)


def started_again(history: History, seen: Handover) -> Handover | None:
    """The call of the same step whose file the program was started for once more, while it was being answered."""
    if not seen.file:
        return None
    step = history.orders.of(seen)
    for other in reversed(history.handovers):
        alike = other is not seen and other.file == seen.file and same_call(other, seen)
        if alike and history.orders.of(other) is step:
            return other
    return None


@rule(
    "VDDS-003",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[
        handed(patient(ready=None)),
        handed(ANSWERED),
        handed(LONE, back(LONE), replace(ANSWERED, path="C:\\VDDS\\OTHER.tmp")),
    ],
    ignores=[handed(back(LONE))],
)
def a_call_waits(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A file that is ready from the start looks answered before anybody has read it.

    Who starts the program twice for one file meets the answer of the first time in it: see the next rule but one.
    """
    facts = spec.vdds
    if facts is None or not seen.is_call or not seen.kind:
        return None
    shake = facts.handshake
    if seen.values.get("ready") == shake.finished and started_again(history, seen) is not None:
        return None
    kept = seen.values.get("ready") == shake.waiting
    return judged(kept, f"{shake.ready}={shake.waiting}", f"{shake.ready} missing, or with another value", seen)


@rule(
    "VDDS-012",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(copies("1")), handed(replace(LONE, register=("A_PVS", "A_BVS")))],
    rejects=[
        handed(patient(pvs=None)),
        handed(information(bvs="")),
        handed(replace(LONE, register=("B_PVS", "A_BVS"))),
        handed(replace(LONE, register=("A_PVS", "B_BVS"))),
        handed(replace(patient(pvs="A_BVS", bvs="A_PVS"), register=("A_PVS", "A_BVS"))),
        handed(replace(copies("1"), register=("B_PVS", "A_BVS"))),
    ],
)
def both_sides_are_named(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Whether the register has the names is judged where it was seen."""
    if spec.vdds is None or not seen.is_call or not seen.kind:
        return None
    keys = spec.vdds.call[seen.kind].keys.all
    missing = [key.name for key in keys if key.role in ("pvs", "bvs") and not seen.values.get(key.role)]
    if missing:
        return breaks("the names of PVS and BVS", f"no {', '.join(missing)}", seen)
    wrong = [key for key in keys if key.role in seen.fact("unregistered")]
    observed = " and ".join(f"another one as {key.name}: sent {said(seen.values.get(key.role))}" for key in wrong)
    return judged(not wrong, "the names that the register has", observed, seen)


@rule(
    "VDDS-020",
    judges=HANDOVER,
    accepts=[handed(LONE, back(LONE), LONE)],
    rejects=[handed(LONE, LONE), handed(LONE, back(LONE), ANSWERED)],
    ignores=[handed(LONE), handed(LONE, patient(person="2"))],
)
def a_call_is_made_once(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Real programs started the same call again and again, until the screen was full of windows."""
    if spec.vdds is None or not seen.is_call or not seen.kind:
        return None
    again = started_again(history, seen)
    if again is not None and seen.values.get("ready") == spec.vdds.handshake.finished:
        return breaks("one start for one file", "a second start for a file that is answered", again, seen)
    former = next((other for other in reversed(history.handovers) if other is not seen and _alike(other, seen)), None)
    if former is None:
        return None
    answered = any(other.about == former.number for other in history.handovers)
    return judged(answered, "an answer before the call is made again", "the same call again", former, seen)


@rule(
    "VDDS-024",
    judges=HANDOVER,
    accepts=[handed(replace(LONE, facts=("arguments:1",)))],
    rejects=[
        handed(replace(LONE, facts=("arguments:2",))),
        handed(replace(LONE, lost=UNUSABLE, facts=("arguments:0", f"{UNUSABLE}:no-argument"))),
        handed(replace(LONE, lost=UNUSABLE, facts=("arguments:1", f"{UNUSABLE}:missing"))),
    ],
    ignores=[handed(LONE)],
)
def the_program_gets_one_argument(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where the start was not seen."""
    if not seen.is_call or not seen.has("arguments"):
        return None
    for why in seen.fact(UNUSABLE):
        return breaks("the path of a transfer file", WHY_UNUSABLE.get(why, why), seen)
    count = seen.fact("arguments")[0]
    return judged(count == "1", "one argument, the path of the file", f"{count} arguments", seen)


@rule(
    "VDDS-035",
    judges=HANDOVER,
    accepts=[
        handed(replace(LONE, facts=("program:patient_import",))),
        handed(replace(copies("1"), facts=("program:image_export",))),
    ],
    rejects=[
        handed(replace(LONE, facts=("program:image_information",))),
        handed(replace(copies("1"), facts=("program:patient_import",))),
    ],
    ignores=[handed(LONE)],
)
def the_program_is_that_of_the_call(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where one program serves all calls, nor where the start was not seen."""
    if spec.vdds is None or not seen.is_call or not seen.kind or not seen.has("program"):
        return None
    names = {call.role: call.key for call in spec.vdds.calls}
    started, meant = names.get(seen.fact("program")[0], "no call"), names[seen.kind]
    return judged(started == meant, f"the program of {meant}", f"that of {started}", seen)


def _asks(seen: Handover) -> dict[str, str]:
    return {role: value for role, value in seen.values.items() if role not in SHAKEN}


def _alike(one: Handover, other: Handover) -> bool:
    same = (one.is_call, one.kind, one.who) == (other.is_call, other.kind, other.who)
    return same and one.values == other.values and one.asked == other.asked
