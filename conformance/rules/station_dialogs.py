"""Patients created and updated at a station: which dialog comes, and what follows from the button pressed.

Nothing on the wire shows a dialog. But an operator who was told to cancel in one dialog, and only in that one, shows by
the status whether it came: "rejected" if it did, "processed" if another one came or none. Whether the station had
the operation at all shows in the statuses on the way.
"""

from __future__ import annotations

from conformance.rules.broken_premises import interrupted, open_names
from conformance.rules.catalogue import rule
from conformance.rules.evidence import course
from conformance.rules.marks import end_at_station
from conformance.rules.patient_sketches import (
    STATION,
    cancels,
    made,
    mapped,
    pressed,
    saves,
    unmapped,
)
from conformance.rules.premises import Ending, Standing, ending, told
from conformance.rules.verdict import Verdict, breaks, holds, undecided
from conformance.spec import Spec
from conformance.trace import Alike, Asked, Button, Exchange, History, Sketch, call, fresh, poll

CREATE, UPDATE = "create_patient", "update_patient"
A = fresh("A")
ON_THE_WAY = frozenset({"awaiting", "accepted"})
WISHED = {"True"}
"""How the guide writes the wish to merge; whether other spellings count is a reading."""


def _at(operation: int, *ended: str, **more: object) -> Sketch:
    values: dict[str, object] = {"integration_id": "A", "last_name": "Fox", **more}
    start = call(CREATE, operation=operation, station=STATION, **values)
    return sum((poll(operation, name) for name in ended), start)


def _cancelled(history: History, query: Exchange, spec: Spec, role: str, dialog: Asked) -> Ending | None:
    """An operation that nothing stood in the way of, and that the operator was to cancel in this dialog only."""
    end = ending(history, query, spec, role)
    if end is None or not end.operation.on_station or any(p.standing is Standing.BROKEN for p in end.premises):
        return None
    decisions = history.proofs.decisions(end.operation)
    others = {button for asked, button in decisions.items() if asked != dialog}
    told_to = decisions.get(dialog) == Button.CANCEL and Button.CANCEL not in others
    return end if told_to and not others & {"navigation_failed", "no_answer", "exception", "internal_error"} else None


def _had_it(end: Ending, spec: Spec) -> bool:
    """True when the station was seen to have, or to be about to have, the operation."""
    return bool({spec.code(name) for name in ON_THE_WAY} & set(end.operation.codes()))


def _merges_there(history: History, spec: Spec) -> bool:
    """True when a station was seen to have such an operation: it does not go elsewhere just because it ended soon."""
    on_the_way = {spec.code(name) for name in ON_THE_WAY}
    return any(on_the_way & set(merge.codes()) for merge in history.proofs.merges())


def _dialog(history: History, query: Exchange, spec: Spec, role: str, dialog: Asked, merge: set[str]) -> Verdict | None:
    """The verdict on whether this dialog came; ``merge`` are the spellings of the wish to merge that are meant."""
    end = _cancelled(history, query, spec, role, dialog)
    if end is None or end.call.values.get("merge", "") not in merge:
        return None
    if end.status.name == "rejected_by_operator":
        return holds(end.operation, query)
    if end.status.name != "processed" or not (_had_it(end, spec) or (merge == WISHED and _merges_there(history, spec))):
        return None
    rejected = told(["rejected_by_operator"], spec)
    expected = f"{rejected}, since the operator cancels in the {dialog.replace('_', ' ')} dialog"
    return breaks(expected, f"{told(['processed'], spec)}, as if that dialog had not come", end.operation, query)


# -- at the station that is named -----------------------------------------------------------------------------

_CANCEL = A + cancels(1)


@rule(
    "PAT-025",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[_CANCEL + _at(1, "awaiting", "rejected_by_operator"), _CANCEL + _at(1, "rejected_by_operator")],
    rejects=[_CANCEL + _at(1, "processed")],
    ignores=[
        _CANCEL + _at(1, "awaiting", "processed"),
        _CANCEL + _at(1, "station_silent"),
        A + saves(1) + _at(1, "processed"),
        A + _at(1, "processed"),
    ],
)
def a_named_station_creates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator was to cancel, yet the patient was made, and no station was ever seen to have the operation."""
    end = _cancelled(history, query, spec, CREATE, Asked.NEW_PATIENT)
    return _elsewhere(end, query, spec) if end is not None and not end.call.flag("merge") else None


def _elsewhere(end: Ending, query: Exchange, spec: Spec) -> Verdict | None:
    if end.status.name == "rejected_by_operator":
        return holds(end.operation, query)
    if end.status.name != "processed" or _had_it(end, spec):
        return None
    observed = f"{told(['processed'], spec)} without the operator, who was to cancel"
    return breaks("the station that is named to do it", observed, end.operation, query)


@rule(
    "PAT-026",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[_CANCEL + _at(1, "rejected_by_operator")],
    rejects=[_CANCEL + _at(1, "accepted", "processed")],
    ignores=[
        _CANCEL + _at(1, "accepted", "processed", merge="False"),
        _CANCEL + _at(1, "accepted", "processed", last_name=None),
        A + saves(1) + _at(1, "accepted", "processed"),
    ],
)
def by_default_the_dialog_is_that_of_a_new_patient(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The wish to merge is not mentioned."""
    return _dialog(history, query, spec, CREATE, Asked.NEW_PATIENT, {""})


@rule(
    "PAT-027",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[_CANCEL + _at(1, "rejected_by_operator", merge="False")],
    rejects=[_CANCEL + _at(1, "accepted", "processed", merge="False")],
    ignores=[
        _CANCEL + _at(1, "accepted", "processed"),
        _CANCEL + _at(1, "accepted", "processed", merge="false"),
        _CANCEL + _at(1, "accepted", "processed", merge="True"),
    ],
)
def without_merging_the_dialog_is_that_of_a_new_patient(
    history: History, query: Exchange, spec: Spec
) -> Verdict | None:
    """The wish to merge is declined in so many words."""
    return _dialog(history, query, spec, CREATE, Asked.NEW_PATIENT, {"False"})


_MERGE = A + unmapped("Fox") + cancels(1, Asked.MERGE)


@rule(
    "PAT-037",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[_MERGE + _at(1, "rejected_by_operator", merge="True")],
    rejects=[_MERGE + _at(1, "accepted", "processed", merge="True")],
    ignores=[
        A + cancels(1, Asked.MERGE) + _at(1, "accepted", "processed", merge="True"),
        A + unmapped("Roe") + cancels(1, Asked.MERGE) + _at(1, "accepted", "processed", merge="True"),
        _MERGE + _at(1, "accepted", "processed", merge="true"),
        made("S") + _MERGE + _at(1, "accepted", "processed", merge="True"),
    ],
)
def with_merging_similar_patients_are_offered(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """There is an unmapped patient with the very names of the call."""
    operation = history.polled(query)
    if operation is None or not history.proofs.met_untouched_namesake(operation):
        return None
    return _dialog(history, query, spec, CREATE, Asked.MERGE, WISHED)


_CHOSEN = A + unmapped("Fox", "OLD", birth_date="1971-02-03") + pressed(1, Asked.MERGE, Button.EXISTING)
_COMPARED = _CHOSEN + cancels(1, Asked.SYNC)
_SAME: dict[str, object] = {"merge": "True", "patient_id": "OLD", "birth_date": "1971-02-03"}


@rule(
    "PAT-044",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[
        _COMPARED + _at(1, "rejected_by_operator", **{**_SAME, "birth_date": "1971-02-04"}),
        _COMPARED + _at(1, "rejected_by_operator", **{**_SAME, "patient_id": "NEW"}),
    ],
    rejects=[
        _COMPARED + _at(1, "accepted", "processed", **{**_SAME, "birth_date": "1971-02-04"}),
        _COMPARED + _at(1, "accepted", "processed", **{**_SAME, "patient_id": "NEW"}),
    ],
    ignores=[
        _COMPARED + _at(1, "accepted", "processed", **_SAME),
        _COMPARED + _at(1, "rejected_by_operator", **_SAME),
        _COMPARED + _at(1, "processed", **{**_SAME, "patient_id": "NEW"}),
        _COMPARED + _at(1, "accepted", "processed", **{**_SAME, "birth_date": None}),
        _COMPARED + _at(1, "patient_id_taken", **{**_SAME, "birth_date": "1971-02-04"}),
        _CHOSEN
        + pressed(1, Asked.SYNC, Button.KEEP)
        + _at(1, "accepted", "processed", **{**_SAME, "birth_date": "1971-02-04"}),
        made("S") + _COMPARED + _at(1, "accepted", "processed", **{**_SAME, "birth_date": "1971-02-04"}),
    ],
)
def differing_data_are_compared(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator chooses the one patient of these names and is to close the dialog that compares the data.

    Data that are left out, or were not declared, are not taken to differ.
    """
    operation = history.polled(query)
    if operation is None or history.proofs.decisions(operation).get(Asked.MERGE) != Button.EXISTING:
        return None
    if not history.proofs.met_untouched_namesake(operation):
        return None
    differs = history.proofs.like_namesake(operation) is Alike.NO
    return _dialog(history, query, spec, CREATE, Asked.SYNC, WISHED) if differs else None


# -- updates --------------------------------------------------------------------------------------------------

_OLD = mapped("A", "Ann", "Roe") + cancels(1, Asked.SYNC)


def _update(*ended: str, **more: object) -> Sketch:
    values: dict[str, object] = {"integration_id": "A", "last_name": "Fox", **more}
    start = call(UPDATE, operation=1, station=STATION, **values)
    return sum((poll(1, name) for name in ended), start)


def _sure_to_ask(history: History, query: Exchange, spec: Spec) -> Ending | None:
    """A cancelled update that would change a name; one that changes nothing need not be asked about."""
    end = _cancelled(history, query, spec, UPDATE, Asked.SYNC)
    if end is None:
        return None
    names = history.proofs.names(end.call.values.get("integration_id", ""), end.call)
    given = (end.call.values.get("first_name", ""), end.call.values.get("last_name", ""))
    return end if names is not None and (names.first, names.last) != given else None


@rule(
    "UPD-032",
    judges="get_status",
    when=end_at_station(UPDATE),
    accepts=[_OLD + _update("rejected_by_operator")],
    rejects=[_OLD + _update("processed")],
    ignores=[
        _OLD + _update("accepted", "processed"),
        _OLD + _update("processed", first_name="Ann", last_name="Roe"),
        cancels(1, Asked.SYNC) + _update("processed"),
    ],
)
def a_named_station_updates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator was to cancel, yet the patient was changed, and no station was seen to have the operation."""
    end = _sure_to_ask(history, query, spec)
    return _elsewhere(end, query, spec) if end is not None else None


@rule(
    "UPD-033",
    judges="get_status",
    when=end_at_station(UPDATE),
    accepts=[_OLD + _update("accepted", "rejected_by_operator")],
    rejects=[_OLD + _update("accepted", "processed"), _OLD + _update("internal_error")],
    ignores=[
        _OLD + _update("processed"),
        _OLD + _update("navigation_failed"),
        _OLD + _update("accepted", "processed", first_name="Ann", last_name="Roe"),
    ],
)
def a_station_asks_before_it_updates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The operator was to close the dialog that shows old and new data."""
    end = _sure_to_ask(history, query, spec)
    if end is None or (end.status.name == "processed" and not _had_it(end, spec)):
        return None
    return closed(history, end, query, spec)


def closed(history: History, end: Ending, query: Exchange, spec: Spec) -> Verdict | None:
    """The verdict on an operation whose dialog was closed: it ends as rejected."""
    if end.status.name == "rejected_by_operator":
        return holds(end.operation, query)
    if interrupted(history, end) or end.status.name in open_names(end, spec):
        return undecided(f"it ended with {told([end.status.name], spec)} before it was cancelled", end.operation, query)
    expected = f"{told(['rejected_by_operator'], spec)}, since the operator closes the dialog"
    seen = course(history, end.operation, query)
    return breaks(expected, told([end.status.name], spec), end.operation, *seen, query)


@rule(
    "PAT-032",
    judges="get_status",
    when=end_at_station(CREATE),
    accepts=[_CANCEL + _at(1, "rejected_by_operator"), _MERGE + _at(1, "rejected_by_operator", merge="True")],
    rejects=[_CANCEL + _at(1, "exception"), _CANCEL + _at(1, "unsupported"), _CANCEL + _at(1, "patient_id_taken")],
    ignores=[_CANCEL + _at(1, "processed"), _CANCEL + _at(1, "removed"), A + saves(1) + _at(1, "exception")],
)
def a_closed_dialog_rejects_the_creation(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whether the dialog came at all is for other rules."""
    asked = Asked.MERGE if _merges(history, query) else Asked.NEW_PATIENT
    end = _cancelled(history, query, spec, CREATE, asked)
    return closed(history, end, query, spec) if end is not None and end.status.name != "processed" else None


def _merges(history: History, query: Exchange) -> bool:
    operation = history.polled(query)
    return operation is not None and operation.call.flag("merge")
