"""Where an id got its present standing from: which operation gave it, took it away, or left it as it was.

The same status says different things depending on that. A patient id that is taken although the only creation
that named it was refused shows that the refusal left something behind; a second patient with an id that a station gave
shows that the station's work was lost. The rows differ in the origin alone, so that one defect breaks one row.
Whether taken ids, or unknown ones, are refused at all is one row too: the others wait until the trace has shown it.
"""

from __future__ import annotations

from enum import StrEnum

from conformance.rules.premises import Ending, Premise, Standing, ending, plain, premises, told
from conformance.rules.verdict import Evidence, Verdict, breaks, holds
from conformance.spec import Condition, Spec
from conformance.trace import Asked, Button, Effect, Exchange, History, Holding, Operation, Proof, State
from conformance.trace.history import once

WRITES = ("create_patient", "update_patient")
USES = ("create_patient", "update_patient", "select_patient", "create_case")


class Held(StrEnum):
    """Why somebody has a patient id."""

    PLAIN = "plain"  # created on the server with it, or declared
    AFTER_REFUSED_CREATION = "after-refused-creation"  # ... and a creation under the same integration id was refused
    AFTER_REFUSED_UPDATE = "after-refused-update"
    AFTER_CANCEL = "after-cancel"
    AFTER_KEEP = "after-keep"
    AFTER_OTHERS_UPDATE = "after-others-update"  # ... was seen to be enforced, and another patient was updated since
    SAVED = "saved"  # created at a station
    MERGED = "merged"  # mapped at a station, the new data applied
    UPDATED = "updated"
    APPLIED = "applied"  # updated at a station
    BY_MAPPED_NAMESAKE = "by-mapped-namesake"  # by a mapped patient that a merge should not have offered
    BY_NAMESAKE = "by-namesake"  # by an unmapped patient of the same names as one created on the server
    BY_MERGED_NAMESAKE = "by-merged-namesake"  # the same, and the creation had asked for a merge


class Free(StrEnum):
    """Why nobody has a patient id."""

    NEVER = "never"  # nobody tried
    REFUSED_CREATION = "refused-creation"
    REFUSED_UPDATE = "refused-update"
    CANCELLED_CREATION = "cancelled-creation"
    CANCELLED_UPDATE = "cancelled-update"
    KEPT_MERGE = "kept-merge"
    KEPT_UPDATE = "kept-update"
    CHANGED = "changed"
    ERASED = "erased"
    APPLIED = "applied"  # changed or erased at a station


class Unused(StrEnum):
    """Why no patient has an integration id."""

    NEVER = "never"
    REFUSED_CREATION = "refused-creation"
    CANCELLED_CREATION = "cancelled-creation"
    REFUSED_UPDATE = "refused-update"
    SELECTED = "selected"  # only asked for at a station


class Known(StrEnum):
    """How a patient came by its integration id."""

    CREATED = "created"  # on the server
    SAVED = "saved"
    EXISTING = "existing"
    NEW = "new"
    OFFERED = "offered"  # in whatever way, and a merge for the same names came later
    OTHER = "other"


# -- verdicts by origin ---------------------------------------------------------------------------------------


def enforced(history: History, query: Exchange, spec: Spec, origin: Held) -> Verdict | None:
    """The verdict on an operation that names a patient id which somebody has for this reason."""
    end = ending(history, query, spec, *WRITES)
    premise = broken_patient_id(end)
    if end is None or premise is None or why_held(history, query) is not origin:
        return None
    return _enforced(end, premise, spec)


@once
def why_held(history: History, query: Exchange) -> Held | None:
    """Why somebody has the patient id that the operation names, where it must be refused for that alone."""
    end = ending(history, query, history.spec, *WRITES)
    premise = broken_patient_id(end)
    return held(history, end, premise.holding) if end is not None and premise is not None and premise.holding else None


def _enforced(end: Ending, premise: Premise, spec: Spec) -> Verdict | None:
    if end.status.name == premise.outcome.status:
        return holds(*premise.evidence, end.operation, end.query)
    if end.status.name != "processed":
        return None
    expected = f"{told([premise.outcome.status], spec)}, since the patient id still belongs to another patient"
    return breaks(expected, told([end.status.name], spec), *premise.evidence, end.operation, end.query)


def broken_patient_id(end: Ending | None) -> Premise | None:
    """The condition about the patient id, where it and nothing else is broken."""
    if end is None or len(end.broken) != 1:
        return None
    premise = end.broken[0]
    return (
        premise if (premise.outcome.condition, premise.outcome.parameter) == (Condition.TAKEN, "patient_id") else None
    )


def available(history: History, query: Exchange, spec: Spec, origin: Free, *roles: str) -> Verdict | None:
    """The verdict on an operation that names a patient id which nobody has for this reason."""
    end = ending(history, query, spec, *(roles or WRITES))
    premise = end.premise(Condition.TAKEN, "patient_id") if end is not None else None
    if end is None or premise is None or premise.holding is None or why_free(history, query) is not origin:
        return None
    evidence: tuple[Evidence, ...] = (*premise.evidence, *_named(premise.holding), end.operation, end.query)
    if end.status.name == premise.outcome.status:
        return breaks("the patient id to be free, since nobody has it", told([end.status.name], spec), *evidence)
    return holds(*evidence) if end.status.name == "processed" else None


@once
def why_free(history: History, query: Exchange) -> Free | None:
    """Why nobody has the patient id that the operation names, where that is proven and no condition is broken."""
    end = ending(history, query, history.spec, *WRITES)
    premise = end.premise(Condition.TAKEN, "patient_id") if end is not None else None
    if end is None or premise is None or premise.standing is not Standing.MET or premise.holding is None or end.broken:
        return None
    return free(history, premise.holding) if premise.holding.state is State.ABSENT else None


def unused_id(history: History, query: Exchange, spec: Spec, origin: Unused) -> Verdict | None:
    """The verdict on an operation that names an integration id which nobody has for this reason."""
    end = ending(history, query, spec, *USES)
    proof = _proof(end)
    if end is None or proof is None or why_unused(history, query) is not origin:
        return None
    evidence: tuple[Evidence, ...] = (*proof.evidence, *proof.without_effect, end.operation, end.query)
    if end.creates:
        wrong, right = end.status.name == "integration_id_taken", end.status.name == "processed"
    else:
        wrong, right = end.status.name == "processed", end.status.name == "integration_id_unknown"
    if wrong and not end.creates and not history.proofs.refused_like("integration_id_unknown", end.operation):
        return None
    if wrong and len(end.broken) <= (0 if end.creates else 1):
        return breaks("nobody to have this integration id", told([end.status.name], spec), *evidence)
    return holds(*evidence) if right else None


@once
def why_unused(history: History, query: Exchange) -> Unused | None:
    """Why nobody has the integration id that the operation names, where that is proven."""
    proof = _proof(ending(history, query, history.spec, *USES))
    if proof is None or proof.state is not State.ABSENT or proof.contradicted:
        return None
    return unused(proof, history)


def known_id(history: History, query: Exchange, spec: Spec, origin: Known) -> Verdict | None:
    """The verdict on an operation that names an integration id which a patient came by in this way."""
    end = ending(history, query, spec, *USES)
    proof = _proof(end)
    if end is None or proof is None or why_known(history, query) is not origin:
        return None
    evidence: tuple[Evidence, ...] = (*proof.evidence, end.operation, end.query)
    lost = end.status.name == ("processed" if end.creates else "integration_id_unknown")
    if not lost:
        sure = end.status.name in ("processed", "integration_id_taken", "patient_id_taken")
        return holds(*evidence) if sure else None
    if end.creates and (len(end.broken) > 1 or not lost_by_station(history, end, proof)):
        return None
    if origin in _AT_STATIONS and _used_since(history, end, proof):
        return None
    return breaks("a patient to have this integration id", told([end.status.name], spec), *evidence)


@once
def why_known(history: History, query: Exchange) -> Known | None:
    """How a patient came by the integration id that the operation names, where one has it."""
    end = ending(history, query, history.spec, *USES)
    proof = _proof(end)
    if end is None or proof is None or proof.state is not State.PRESENT:
        return None
    return known(history, end, proof)


_AT_STATIONS = frozenset({Known.SAVED, Known.EXISTING, Known.NEW})


def _used_since(history: History, end: Ending, proof: Proof) -> bool:
    """True when the id was seen to work after the station gave it: what was lost later, the station did not lose."""
    writes = history.proofs.writes(end.call.values.get("integration_id", ""))
    processed = history.spec.code("processed")
    return any(o is not proof.by and o.role == "update_patient" and processed in o.codes(end.call) for o in writes)


def lost_by_station(history: History, end: Ending, proof: Proof) -> bool:
    """True when a second creation went through because a station's mapping is gone, not because nobody checks."""
    made_there = known(history, end, proof) in (Known.SAVED, Known.EXISTING, Known.NEW)
    return made_there and _refuses(history, end, "integration_id_taken")


def _proof(end: Ending | None) -> Proof | None:
    if end is None:
        return None
    return next((p.proof for p in end.premises if p.proof is not None), None)


def _named(holding: Holding) -> tuple[Operation, ...]:
    return holding.without_effect if holding.by is None else (holding.by,)


# -- origins --------------------------------------------------------------------------------------------------


def held(history: History, end: Ending, holding: Holding) -> Held:
    """Why the holder has it."""
    if not _refuses(history, end, "patient_id_taken"):
        return Held.PLAIN
    special = _by_namesake(history, end, holding)
    if special is not None:
        return special
    if holding.since:
        return _left_alone(history, holding.since[-1])
    if _others_updated(history, end, holding):
        return Held.AFTER_OTHERS_UPDATE
    return _given(history, holding.by)


def _refuses(history: History, end: Ending, status: str) -> bool:
    """True when such operations were seen to be refused with this status and for no other possible reason."""
    for operation in history.proofs.refused_like(status, end.operation):
        if plain(operation.call):
            broken = [p for p in premises(history, operation, operation.polls[-1]) if p.standing is not Standing.MET]
            if [p.outcome.status for p in broken] == [status]:
                return True
    return False


def keeps_own(history: History, before: Exchange) -> bool:
    """True when an update on the server was seen to be processed that gave a patient the patient id it had already."""
    for operation in reversed(history.operations):
        if operation.role != "update_patient" or operation.on_station or not plain(operation.call):
            continue
        if history.spec.code("processed") not in operation.codes(before):
            continue
        found = [p for p in premises(history, operation, operation.polls[-1]) if p.holding is not None]
        if any(p.standing is Standing.MET and p.holding and p.holding.state is State.PRESENT for p in found):
            return True
    return False


def _given(history: History, by: Operation | None) -> Held:
    if by is None or (by.role == "create_patient" and not by.on_station):
        return Held.PLAIN
    if by.role == "update_patient":
        return Held.APPLIED if by.on_station else Held.UPDATED
    return Held.MERGED if history.proofs.decisions(by).get(Asked.MERGE) == Button.EXISTING else Held.SAVED


def _left_alone(history: History, last: Operation) -> Held:
    if _was_cancelled(history, last):
        return Held.AFTER_CANCEL
    if last.role == "create_patient":
        return Held.AFTER_REFUSED_CREATION
    kept = history.proofs.decisions(last).get(Asked.SYNC) == Button.KEEP
    return Held.AFTER_KEEP if kept and last.on_station else Held.AFTER_REFUSED_UPDATE


def _others_updated(history: History, end: Ending, holding: Holding) -> bool:
    """True when the id was refused to others before, and some other patient was updated after that."""
    if not holding.refused:
        return False
    for operation in reversed(history.operations[: end.operation.serial]):
        if operation.serial <= holding.refused[-1].serial:
            return False
        if operation.role == "update_patient" and operation.call.values.get("integration_id") != holding.holder:
            return history.proofs.effect(operation, end.call).effect is Effect.WROTE
    return False


def _by_namesake(history: History, end: Ending, holding: Holding) -> Held | None:
    """An update under an id that was mapped for the same names as those of the holder."""
    if end.operation.role != "update_patient":
        return None
    proof = history.proofs.integration_id(end.call.values.get("integration_id", ""), end.call)
    if proof.by is None:
        return None
    names = _names(proof.by.call)
    if not holding.holder:
        if proof.by.on_station or history.proofs.unmapped_names(end.call.values["patient_id"]) != names:
            return None
        return Held.BY_MERGED_NAMESAKE if proof.by.call.flag("merge") else Held.BY_NAMESAKE
    if not proof.by.on_station or history.proofs.decisions(proof.by).get(Asked.MERGE) != Button.EXISTING:
        return None
    same = holding.by is not None and _names(holding.by.call) == names
    return Held.BY_MAPPED_NAMESAKE if same else None


def free(history: History, holding: Holding) -> Free:
    """Why nobody has it: the last operation that had to do with it tells."""
    last = max(holding.without_effect, key=lambda o: o.serial, default=None)
    if holding.by is not None and (last is None or holding.by.serial > last.serial):
        if holding.by.on_station:
            return Free.APPLIED
        return Free.CHANGED if holding.by.call.given("patient_id") else Free.ERASED
    if last is None:
        return Free.NEVER
    creates = last.role == "create_patient"
    if last.on_station and history.proofs.decisions(last).get(Asked.SYNC) == Button.KEEP:
        return Free.KEPT_MERGE if creates else Free.KEPT_UPDATE
    if _was_cancelled(history, last):
        return Free.CANCELLED_CREATION if creates else Free.CANCELLED_UPDATE
    return Free.REFUSED_CREATION if creates else Free.REFUSED_UPDATE


def unused(proof: Proof, history: History) -> Unused:
    """Why nobody has it: the last creation that named it tells, else the last operation."""
    vain = since_unknown(proof, history)
    creations = [operation for operation in vain if operation.role == "create_patient"]
    if creations:
        cancelled = _was_cancelled(history, creations[-1])
        return Unused.CANCELLED_CREATION if cancelled else Unused.REFUSED_CREATION
    if not vain:
        return Unused.NEVER
    return Unused.REFUSED_UPDATE if vain[-1].role == "update_patient" else Unused.SELECTED


def since_unknown(proof: Proof, history: History) -> list[Operation]:
    """What named the id in vain since the server last said that nobody has it, that answer's operation included.

    One that was told that somebody has it is no reason why nobody has.
    """
    taken, unknown = (history.spec.code(f"integration_id_{word}") for word in ("taken", "unknown"))
    vain = [operation for operation in proof.without_effect if taken not in operation.codes()]
    last = max((o.serial for o in vain if unknown in o.codes()), default=-1)
    return [operation for operation in vain if operation.serial >= last]


def known(history: History, end: Ending, proof: Proof) -> Known:
    """How the patient came by it."""
    by = proof.by
    if by is None:
        return Known.OTHER
    if _offered(history, end, by):
        return Known.OFFERED
    if not by.on_station:
        return Known.CREATED
    decisions = history.proofs.decisions(by)
    if by.call.flag("merge") and Asked.MERGE in decisions:
        met = Known.EXISTING if history.proofs.met_namesake(by) else Known.OTHER
        found = {Button.EXISTING.value: met, Button.NEW.value: Known.NEW}
        return found.get(decisions[Asked.MERGE], Known.OTHER)
    return Known.SAVED if decisions.get(Asked.NEW_PATIENT) == Button.SAVE else Known.OTHER


def _offered(history: History, end: Ending, by: Operation) -> bool:
    """True when a merge for the same names, told to take an existing patient, was over before the call."""
    return any(
        by.serial < merge.serial < end.operation.serial
        and history.proofs.decisions(merge).get(Asked.MERGE) == Button.EXISTING
        and merge.call.values.get("integration_id") != by.call.values.get("integration_id")
        for merge in history.proofs.merges_of(*_names(by.call))
    )


def _was_cancelled(history: History, operation: Operation) -> bool:
    return history.spec.code("rejected_by_operator") in operation.codes()


def _names(call: Exchange) -> tuple[str, str]:
    return call.values.get("first_name", ""), call.values.get("last_name", "")
