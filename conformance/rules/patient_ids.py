"""Patient ids of new patients: any text may be one, and no two patients get the same, however close their calls."""

from __future__ import annotations

from conformance.rules.carried_out import carried_out
from conformance.rules.catalogue import rule
from conformance.rules.marks import at_server, end_at_server
from conformance.rules.patient_sketches import creation, visible
from conformance.rules.patients import CREATE, HELD, UNUSUAL, A
from conformance.rules.premises import ending
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import Exchange, History, at_once, call, endings, poll


@rule(
    "PAT-050",
    judges="get_status",
    when=at_server(CREATE),
    accepts=[A + visible("Ö<1>") + creation("A", 1, "processed", patient_id="Ö<1>")],
    rejects=[A + visible("Ö<1>") + creation("A", 1, "exception", patient_id="Ö<1>")],
    ignores=[A + visible("P") + creation("A", 1, "exception", patient_id="P")],
)
def any_text_can_be_a_patient_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Triggered by characters beyond ASCII and by those that XML and HTML treat in a way of their own."""
    return carried_out(
        history, query, spec, CREATE, lambda call: odd(call, "patient_id") and not odd(call, "integration_id")
    )


def odd(call: Exchange, role: str) -> bool:
    """True when this id holds characters that a careless server stumbles over."""
    return bool(UNUSUAL & set(call.flaws.get(role, "").split()))


_TWO = at_once(
    call(CREATE, integration_id="A", last_name="Fox", patient_id="P", operation=1),
    call(CREATE, integration_id="B", last_name="Fox", patient_id="P", operation=2),
)


@rule(
    "PAT-051",
    judges="get_status",
    when=end_at_server(CREATE),
    accepts=[
        _TWO + poll(1, "processed") + poll(2, "patient_id_taken"),
        _TWO + poll(1, "patient_id_taken") + poll(2, "processed"),
    ],
    rejects=[_TWO + poll(1, "processed") + poll(2, "processed")],
    ignores=[
        _TWO + poll(1, "processed"),
        _TWO + poll(1, "patient_id_taken") + poll(2, "patient_id_taken"),
        HELD + creation("A", 1, "processed", patient_id="P"),
    ],
)
def creations_at_once_do_not_share_a_patient_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Judged on creations for the server that overlap; at most one of them is carried out."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.operation.on_station or not end.call.given("patient_id"):
        return None
    overlapping = [e for e in history.overlapping(end.call) if e.role == CREATE and _same(e, end.call, "patient_id")]
    rivals = [rival for rival in map(history.started_by, overlapping) if rival is not None and not rival.on_station]
    ended = [rival for rival in rivals if endings(rival)]
    winner = next((rival for rival in ended if "processed" in dict(endings(rival))), None)
    if end.status.name != "processed":
        return holds(winner, end.operation, query) if winner is not None else None
    if winner is not None:
        return breaks("one of the two to be refused", "both were processed", winner, end.operation, query)
    return holds(ended[0], end.operation, query) if ended else None


def _same(one: Exchange, other: Exchange, role: str) -> bool:
    return one.values.get(role) == other.values.get(role) and one.values.get("integration_id") != other.values.get(
        "integration_id"
    )
