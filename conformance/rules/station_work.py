"""Operations on patients that an operator lets go through: they end as processed, and did what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.rules.broken_premises import interrupted, open_names
from conformance.rules.catalogue import rule
from conformance.rules.marks import end_at_station, end_of
from conformance.rules.origins import Known, keeps_own, known
from conformance.rules.patient_sketches import (
    STATION,
    cancels,
    creation,
    made,
    makes_new,
    mapped,
    maps_existing,
    pressed,
    saves,
    unmapped,
    update,
    visible,
)
from conformance.rules.premises import ending, told
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Asked, Button, Exchange, History, Sketch, State, call, fresh

CREATE, UPDATE = "create_patient", "update_patient"
A, FOX = fresh("A"), unmapped("Fox", "OLD")

Buttons = Mapping[str, str]


def _at(ended: str, **more: object) -> Sketch:
    return creation("A", 1, ended, station=STATION, **more)


def goes_through(
    history: History, query: Exchange, spec: Spec, role: str, about: Callable[[Exchange, Buttons], bool], *also: str
) -> Verdict | None:
    """The verdict on an operation at a station that meets every condition and whose operator goes on.

    ``about`` tells by call and buttons whether it is meant; ``also`` are further statuses that will do.
    """
    end = ending(history, query, spec, role)
    if end is None or not end.operation.on_station or end.broken or end.status.name in open_names(end, spec):
        return None
    if not about(end.call, history.proofs.decisions(end.operation)):
        return None
    if any(other is not end.operation and other.on_station for other in history.with_id(end.call)):
        return None  # buttons are noted by the id: whose they were cannot be told
    if end.blames() and not end.sound:
        return None  # it may have had to be refused; whether it was for the right reason is another clause
    right = frozenset({"processed", *also})
    if end.status.name not in right and interrupted(history, end):
        return None
    expected = f"{told(right, spec)}, since every condition is met and the operator goes on"
    return judged(end.status.name in right, expected, told([end.status.name], spec), end.operation, query)


@rule(
    "PAT-029",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[A + saves(1) + _at("processed")],
    rejects=[A + saves(1) + _at("rejected_by_operator"), A + saves(1) + _at("unsupported")],
    ignores=[
        A + saves(1) + call(CREATE, integration_id="B", station=STATION, operation=1) + _at("rejected_by_operator"),
        A + saves(1) + _at("navigation_failed"),
        A + cancels(1) + _at("rejected_by_operator"),
        A + saves(1) + _at("processed", merge="True"),
        saves(1) + _at("integration_id_taken"),
    ],
)
def a_saved_patient_counts_as_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator saves the new patient; no merge was asked for."""

    def about(call: Exchange, buttons: Buttons) -> bool:
        return buttons.get(Asked.NEW_PATIENT) == Button.SAVE and not call.flag("merge")

    return goes_through(history, query, spec, CREATE, about)


@rule(
    "PAT-045",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[A + saves(1) + _at("processed", merge="True")],
    rejects=[A + saves(1) + _at("unsupported", merge="True"), A + saves(1) + _at("exception", merge="True")],
    ignores=[A + saves(1) + _at("exception"), A + saves(1) + makes_new(1) + _at("exception", merge="True")],
)
def without_similar_patients_a_merge_creates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """A merge was asked for; the operator was told only what to do about a new patient."""

    def about(call: Exchange, buttons: Buttons) -> bool:
        return buttons.get(Asked.NEW_PATIENT) == Button.SAVE and Asked.MERGE not in buttons and call.flag("merge")

    return goes_through(history, query, spec, CREATE, about)


@rule(
    "PAT-053",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[A + FOX + makes_new(1) + _at("processed", merge="True")],
    rejects=[A + FOX + makes_new(1) + _at("rejected_by_operator", merge="True")],
    ignores=[A + FOX + cancels(1, Asked.MERGE) + _at("rejected_by_operator", merge="True")],
)
def turning_suggestions_down_counts_as_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator makes a new patient instead of those suggested."""
    return goes_through(history, query, spec, CREATE, lambda call, buttons: buttons.get(Asked.MERGE) == Button.NEW)


@rule(
    "FLOW-106",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[
        A + FOX + maps_existing(1, Button.APPLY) + _at("processed", merge="True"),
        A + FOX + maps_existing(1, Button.KEEP) + _at("processed", merge="True"),
        A + FOX + maps_existing(1, Button.KEEP) + _at("rejected_by_operator", merge="True"),
    ],
    rejects=[
        A + FOX + maps_existing(1, Button.APPLY) + _at("rejected_by_operator", merge="True"),
        A + FOX + maps_existing(1, Button.KEEP) + _at("exception", merge="True"),
    ],
    ignores=[A + FOX + maps_existing(1, Button.APPLY) + _at("station_silent", merge="True")],
)
def mapping_an_existing_patient_counts_as_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator chooses a suggested patient, and there is one; keeping its old data may count as rejecting."""
    operation = history.polled(query)
    if operation is None or not history.proofs.met_namesake(operation):
        return None
    kept = history.proofs.decisions(operation).get(Asked.SYNC) == Button.KEEP
    also = _statuses(spec, "FLOW-106") if kept else ()
    return goes_through(
        history, query, spec, CREATE, lambda call, buttons: buttons.get(Asked.MERGE) == Button.EXISTING, *also
    )


def _statuses(spec: Spec, row: str) -> tuple[str, ...]:
    """The statuses among the conforming takes of the readings that bear on the row."""
    readings = spec.requirement[row].readings if row in spec.requirement else ()
    return tuple(name for id in readings for name in spec.reading[id].conforming if name in spec.status)


_OWN = visible("X") + made("X", patient_id="X") + update("X", 91, "processed", patient_id="X")
_KEPT = A + FOX + maps_existing(1, Button.KEEP) + _at("processed", merge="True")


@rule(
    "PAT-040",
    judges="get_status",
    when=end_of(UPDATE),
    accepts=[_KEPT + update("A", 2, "processed", patient_id="OLD")],
    rejects=[_OWN + _KEPT + update("A", 2, "patient_id_taken", patient_id="OLD") + update("A", 3, "processed")],
    ignores=[
        _OWN + _KEPT + update("A", 2, "patient_id_taken", patient_id="OLD"),
        _KEPT + update("A", 2, "patient_id_taken", patient_id="OLD"),
        _KEPT + visible("P") + update("A", 2, "processed", patient_id="P"),
        A + unmapped("Fox", "ONE") + FOX + maps_existing(1, Button.KEEP) + _at("processed", merge="True"),
    ],
)
def the_patient_that_was_chosen_is_the_one_mapped(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The patient's own patient id from before, kept in the merge, may be given to it again.

    Not triggered unless one patient alone can have been chosen. A complaint counts once the server was seen to let
    patients keep their own patient ids, and to know the integration id at all; whether it does are other clauses.
    """
    end = ending(history, query, spec, UPDATE)
    if end is None or end.broken:
        return None
    proof = history.proofs.integration_id(end.call.values.get("integration_id", ""), end.call)
    if proof.state is not State.PRESENT or proof.by is None or known(history, end, proof) is not Known.EXISTING:
        return None
    kept = history.proofs.decisions(proof.by).get(Asked.SYNC) == Button.KEEP
    own = history.proofs.namesake_patient_id(proof.by)
    if not kept or not own or end.status.name != "processed":
        return None
    taken = spec.code("patient_id_taken")
    refused = [
        o
        for o in history.proofs.writes(end.call.values["integration_id"])
        if o.call.values.get("patient_id") == own and taken in o.codes(end.call)
    ]
    if refused and keeps_own(history, refused[0].call):
        expected = "its own patient id to be accepted, since the existing patient was mapped"
        return breaks(expected, told(["patient_id_taken"], spec), proof.by, refused[0], end.operation, query)
    return holds(proof.by, end.operation, query) if end.call.values.get("patient_id") == own else None


# -- updates --------------------------------------------------------------------------------------------------


def _synced(button: Button, ended: str) -> Sketch:
    return mapped("A", "Ann", "Roe") + pressed(1, Asked.SYNC, button) + update("A", 1, ended, station=STATION)


@rule(
    "UPD-042",
    judges="get_status",
    when=end_at_station(UPDATE),
    accepts=[_synced(Button.APPLY, "processed")],
    rejects=[_synced(Button.APPLY, "rejected_by_operator"), _synced(Button.APPLY, "unsupported")],
    ignores=[_synced(Button.APPLY, "removed"), _synced(Button.KEEP, "processed")],
)
def applying_new_data_counts_as_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator applies the new data."""
    return goes_through(history, query, spec, UPDATE, lambda call, buttons: buttons.get(Asked.SYNC) == Button.APPLY)


@rule(
    "UPD-043",
    judges="get_status",
    when=end_at_station(UPDATE),
    accepts=[_synced(Button.KEEP, "processed"), _synced(Button.KEEP, "rejected_by_operator")],
    rejects=[_synced(Button.KEEP, "exception"), _synced(Button.KEEP, "patient_id_taken")],
    ignores=[_synced(Button.KEEP, "station_silent"), _synced(Button.APPLY, "processed")],
)
def keeping_old_data_is_an_answer(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator keeps the old data; whether that counts as rejecting is a reading."""

    def about(call: Exchange, buttons: Buttons) -> bool:
        return buttons.get(Asked.SYNC) == Button.KEEP

    return goes_through(history, query, spec, UPDATE, about, *_statuses(spec, "UPD-043"))
