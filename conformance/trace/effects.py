"""What an operation did to a patient, as far as its statuses and the operator's decisions tell.

Theory. Only a final status tells anything, and only from the moment it was seen; what was never seen to end may
still happen. At a station the operator decides whose data stand in the end, so "processed" alone does not say what was
written. A text that servers may read in two ways, such as one with blanks around it, may have gone to either value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.trace.exchange import Exchange

if TYPE_CHECKING:
    from conformance.trace.operations import Operation


class Button(StrEnum):
    """What an operator presses (the texts of decision notes)."""

    SAVE = "save"
    EXISTING = "existing"
    NEW = "new"
    APPLY = "apply"
    KEEP = "keep"
    CANCEL = "cancel"


class Asked(StrEnum):
    """What an operator is asked (the texts of decision notes)."""

    NEW_PATIENT = "new_patient"
    MERGE = "merge"
    SYNC = "sync"
    PAGE = "page"


class Effect(StrEnum):
    WROTE = "wrote"  # carried out: what the call gave are the patient's data now
    KEPT = "kept"  # carried out, but the operator kept the old data
    NONE = "none"  # ended without being carried out
    OPEN = "open"  # it is over, and nobody can tell what it did
    PENDING = "pending"  # nobody can tell, and it may still be to come
    LATER = "later"  # it began after the time in question


@dataclass(frozen=True)
class Done:
    """The effect of one operation, and the status answer that tells it."""

    effect: Effect
    by: Exchange | None = None


WITHOUT_EFFECT = frozenset(
    {
        "rejected_by_operator",
        "navigation_failed",
        "removed",
        "unsupported",
        "integration_id_missing",
        "last_name_missing",
        "case_id_missing",
        "case_unknown",
        "patient_id_taken",
        "integration_id_unknown",
        "integration_id_taken",
    }
)
"""Final statuses after which everything is as it was."""

_STILL_POSSIBLE = frozenset({"station_silent", "operation_unknown"})
_DOUBTS = frozenset(
    {
        "blanks-around",
        "raw-plus",
        "bad-escape",
        "raw-blank",
        "raw-non-ascii",
        "raw-hash",
        "not-utf8",
        "no-equals",
        "control",
    }
)

Decisions = Mapping[str, str]
"""Dialog -> button."""


def effect(operation: Operation, before: Exchange, until: Exchange, decisions: Decisions) -> Done:
    """What ``operation`` did by the time that ``before`` was sent and until ``until`` was over."""
    if operation.call.started_s >= until.finished_s:
        return Done(Effect.LATER)
    ends = endings(operation)
    names = {name for name, _ in ends}
    if not names or ("processed" in names and names & WITHOUT_EFFECT):
        return Done(Effect.PENDING)
    if names & WITHOUT_EFFECT and names <= WITHOUT_EFFECT | {"operation_unknown"}:
        return Done(Effect.NONE, ends[0][1])
    by = next((poll for name, poll in ends if name == "processed"), ends[0][1])
    if not by.before(before):
        return Done(Effect.PENDING, by)
    if "processed" in names:
        return Done(_carried_out(operation, decisions), by)
    still = names & _STILL_POSSIBLE and (operation.on_station or not operation.call.answered)
    return Done(Effect.PENDING if still else Effect.OPEN, by)


def endings(operation: Operation) -> Sequence[tuple[str, Exchange]]:
    """Names of the final statuses that were seen of it, each with the answer, in order."""
    return operation.ends


def possible_values(call: Exchange, role: str) -> frozenset[str]:
    """Every value that a server may have understood; just the one sent, as a rule.

    Blanks may be trimmed, a plus may stay one (which no token can tell), and of a repeated parameter any may count.
    """
    value = call.values.get(role, "")
    given: set[str] = set()
    if role in call.repeated and call.method is not None:
        name = call.method.by_role[role].name.casefold()
        given = {pair.value for pair in call.pairs if pair.name.casefold() == name}
    return frozenset({value, value.strip(), *given})


def doubtful(call: Exchange, role: str) -> bool:
    """True when servers may understand different values, or the trace cannot tell which."""
    if call.odd:
        return True
    value = call.values.get(role, "")
    told = set(call.flaws.get(role, "").split())
    return role in call.repeated or value != value.strip() or bool(told & _DOUBTS)


def lengthy(call: Exchange, role: str, limit: int) -> bool:
    """True when the text, hidden or not, has more than ``limit`` characters."""
    for fact in call.flaws.get(role, "").split():
        if fact.startswith("length:"):
            return int(fact.removeprefix("length:")) > limit
    return False


def _carried_out(operation: Operation, decisions: Decisions) -> Effect:
    if not operation.on_station:
        return Effect.WROTE
    sync = decisions.get(Asked.SYNC, "")
    if operation.role == "update_patient" or decisions.get(Asked.MERGE) == Button.EXISTING:
        return {Button.APPLY.value: Effect.WROTE, Button.KEEP.value: Effect.KEPT}.get(sync, Effect.OPEN)
    saved = decisions.get(Asked.NEW_PATIENT) == Button.SAVE or decisions.get(Asked.MERGE) == Button.NEW
    return Effect.WROTE if saved else Effect.OPEN
