"""Updating patients on the server: what is carried out, what is refused, and with which status."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conformance.rules.broken_premises import given_is_not_missing, leaves_a_record, refusal, several
from conformance.rules.carried_out import carried_out, done_by_server, never_done, no_output, whole
from conformance.rules.catalogue import rule
from conformance.rules.marks import about, at_server, broken, end_at_server, end_of
from conformance.rules.origins import Unused, unused
from conformance.rules.patient_sketches import creation, made, mapped, update, visible
from conformance.rules.patients import FULL, nil, unnamed
from conformance.rules.premises import Standing, ending
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Condition, Spec
from conformance.trace import Exchange, History, State, call, fresh, poll

UPDATE = "update_patient"
A, P = made("A"), visible("P")


# -- what is carried out --------------------------------------------------------------------------------------


@rule(
    "UPD-001",
    judges="get_status",
    when=at_server(UPDATE),
    accepts=[
        A + P + update("A", 1, "processed", **FULL),
        mapped("A", "", "Roe") + P + update("A", 1, "processed", **FULL),
    ],
    rejects=[
        A + P + update("A", 1, "exception", **FULL),
        mapped("A", "", "Roe") + P + update("A", 1, "integration_id_unknown", **FULL),
        A
        + P
        + call(UPDATE, integration_id="A", last_name="Fox", operation=1, **FULL).refused(400)
        + poll(1, "operation_unknown"),
    ],
    ignores=[
        A + P + update("A", 1, "integration_id_unknown", **FULL),
        A + P + update("A", 1, "awaiting", **FULL),
        fresh("B") + P + update("B", 1, "exception", **FULL),
        A + update("A", 1, "exception"),
    ],
)
def a_sound_update_is_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Every datum is given and every condition met. That a created patient is found is for another rule."""
    verdict = carried_out(history, query, spec, UPDATE, whole)
    return verdict if verdict is not None else _not_found(history, query, spec, whole)


@rule(
    "UPD-002",
    judges="get_status",
    when=at_server(UPDATE),
    accepts=[A + update("A", 1, "processed"), A + update("A", 1, "processed", first_name="Bo")],
    rejects=[
        A + update("A", 1, "exception"),
        A + update("A", 1, "internal_error", first_name="Bo"),
        mapped("A", "", "Roe") + update("A", 1, "integration_id_unknown"),
    ],
    ignores=[A + update("A", 1, "patient_id_taken"), A + P + update("A", 1, "exception", **FULL)],
)
def data_may_be_left_out_of_an_update(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """At least one of the optional data is absent or empty."""
    verdict = carried_out(history, query, spec, UPDATE, _partial)
    return verdict if verdict is not None else _not_found(history, query, spec, _partial)


def _partial(call: Exchange) -> bool:
    return not whole(call)


def _not_found(history: History, query: Exchange, spec: Spec, about: Callable[[Exchange], bool]) -> Verdict | None:
    """FAIL for a patient that was not found although it was declared, or was found before."""
    end = ending(history, query, spec, UPDATE)
    premise = end.premise(Condition.UNKNOWN, "integration_id") if end is not None else None
    if end is None or premise is None or premise.proof is None or premise.proof.by is not None:
        return None
    if premise.standing is not Standing.MET or end.status.name != premise.outcome.status:
        return None
    if end.broken or end.operation.on_station or not about(end.call):
        return None
    return breaks("the patient to be found", f"status {end.status.code}", *premise.evidence, end.operation, query)


@rule(
    "UPD-003",
    judges="get_status",
    when=end_of(UPDATE),
    accepts=[
        made("A", patient_id="P") + update("A", 1, "processed", patient_id="P"),
        mapped("A", "Ann", "Roe", "P") + update("A", 1, "processed", patient_id="P"),
    ],
    rejects=[
        made("A", patient_id="P") + update("A", 1, "patient_id_taken", patient_id="P"),
        made("A")
        + P
        + update("A", 1, "processed", patient_id="P")
        + update("A", 2, "patient_id_taken", patient_id="P"),
    ],
    ignores=[
        made("B", patient_id="P") + A + update("A", 1, "patient_id_taken", patient_id="P"),
        made("A") + P + update("A", 1, "patient_id_taken", patient_id="P"),
    ],
)
def a_patient_may_keep_its_patient_id(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The update gives the patient id that the patient has already.

    Once others were refused that id, a complaint may show that they got it all the same, and is for other rules.
    """
    end = ending(history, query, spec, UPDATE)
    premise = end.premise(Condition.TAKEN, "patient_id") if end is not None else None
    if end is None or premise is None or premise.holding is None or end.broken:
        return None
    if premise.standing is not Standing.MET or premise.holding.state is not State.PRESENT:
        return None
    if end.status.name == premise.outcome.status:
        if premise.holding.refused:
            return None
        expected = "the patient's own patient id to be accepted"
        return breaks(expected, f"status {end.status.code}", *premise.evidence, end.operation, query)
    return holds(*premise.evidence, end.operation, query) if end.status.name == "processed" else None


# -- what is refused ------------------------------------------------------------------------------------------


@rule(
    "UPD-010",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[A + update("A", 1, "last_name_missing", last_name=None)],
    rejects=[
        A + update("A", 1, "processed", last_name=None),
        A + update("A", 1, "integration_id_missing", last_name=None),
    ],
    ignores=[A + update("A", 1, "processed", last_name=""), update("A", 1, "integration_id_unknown", last_name=None)],
)
def an_update_without_last_name_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent, and nothing else is wrong."""
    return _missing(history, query, spec, "UPD-010", "last_name", absent=True)


@rule(
    "UPD-011",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[A + update("A", 1, "last_name_missing", last_name="")],
    rejects=[A + update("A", 1, "processed", last_name="")],
    ignores=[A + update("A", 1, "processed", last_name=None), A + update("A", 1, "processed", last_name=" ")],
)
def an_update_with_an_empty_last_name_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is there without a value; blanks are a reading."""
    return _missing(history, query, spec, "UPD-011", "last_name", absent=False)


@rule(
    "UPD-012",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[update(None, 1, "integration_id_missing"), update(None, 1, "integration_id_unknown")],
    rejects=[update(None, 1, "processed"), update(None, 1, "last_name_missing"), update(None, 1, "patient_id_taken")],
    ignores=[update("", 1, "processed"), update(None, 1, "awaiting")],
)
def an_update_without_integration_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which of two statuses tells it is a reading."""
    return _missing(history, query, spec, "UPD-012", "integration_id", absent=True)


@rule(
    "UPD-013",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[update("", 1, "integration_id_missing"), update("", 1, "integration_id_unknown")],
    rejects=[update("", 1, "processed"), update("", 1, "exception")],
    ignores=[update(None, 1, "processed"), update(" ", 1, "processed")],
)
def an_update_with_an_empty_integration_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is there without a value."""
    return _missing(history, query, spec, "UPD-013", "integration_id", absent=False)


def _missing(
    history: History, query: Exchange, spec: Spec, row: str, parameter: str, *, absent: bool
) -> Verdict | None:
    def about(call: Exchange) -> bool:
        return (parameter not in call.values) is absent

    return refusal(history, query, spec, row, UPDATE, Condition.MISSING, parameter, about)


@rule(
    "UPD-014",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[
        fresh("Z") + update("Z", 1, "integration_id_unknown"),
        A + fresh("a") + update("a", 1, "integration_id_unknown"),
    ],
    rejects=[
        fresh("Z") + update("Z", 1, "processed"),
        A + fresh("a") + update("a", 1, "processed"),
        fresh("Z") + update("Z", 1, "integration_id_taken"),
        fresh("Z") + creation("Z", 1, "last_name_missing", last_name=None) + update("Z", 2, "exception"),
    ],
    ignores=[
        update("Z", 1, "processed"),
        A + update("A", 1, "integration_id_unknown"),
        fresh("Z")
        + call("create_patient", integration_id="Z", last_name="F", operation=2).lost()
        + update("Z", 1, "processed"),
        fresh("Z") + update(" Z", 1, "processed"),
    ],
)
def an_update_of_nobody_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The integration id is proven to be nobody's. Acceptance after a refused creation is that one's fault."""
    end = ending(history, query, spec, UPDATE)
    premise = end.premise(Condition.UNKNOWN, "integration_id") if end is not None else None
    accepted = end is not None and end.status.name == "processed"
    proof = premise.proof if premise is not None else None
    if accepted and proof is not None and unused(proof, history) is not Unused.NEVER:
        return None
    return refusal(history, query, spec, "UPD-014", UPDATE, Condition.UNKNOWN, "integration_id")


@rule(
    "UPD-016",
    judges="get_status",
    when=broken(UPDATE),
    accepts=[
        update(None, 1, "last_name_missing", last_name=None),
        fresh("Z") + update("Z", 1, "integration_id_unknown", last_name=""),
        made("B", patient_id="P") + fresh("Z") + update("Z", 1, "patient_id_taken", patient_id="P"),
    ],
    rejects=[
        update(None, 1, "processed", last_name=None),
        fresh("Z") + update("Z", 1, "patient_id_taken", last_name=""),
        made("B", patient_id="P") + fresh("Z") + update("Z", 1, "processed", patient_id="P"),
    ],
    ignores=[A + update("A", 1, "processed", last_name=None)],
)
def several_flaws_of_an_update_are_told_by_one_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which of them is told first is a reading."""
    return several(history, query, spec, "UPD-016", UPDATE)


@rule(
    "UPD-017",
    judges="get_status",
    when=about(UPDATE),
    accepts=[fresh("Z") + update("Z", 1, "integration_id_unknown")],
    rejects=[
        fresh("Z") + update("Z", 1, "operation_unknown"),
        call(UPDATE, last_name="F", operation=1).refused(400) + poll(1, "operation_unknown"),
    ],
    ignores=[
        A + update("A", 1, "operation_unknown"),
        update("Z", 1, "operation_unknown"),
        fresh("Z")
        + call(UPDATE, integration_id="Z", last_name="F" * 70, operation=1).refused(400)
        + poll(1, "operation_unknown"),
    ],
)
def a_refused_update_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the HTTP status of the call itself."""
    return leaves_a_record(history, query, spec, UPDATE)


@rule(
    "UPD-023",
    judges="get_status",
    when=end_of(UPDATE),
    accepts=[A + update("A", 1, "processed")],
    rejects=[A + update("A", 1, "last_name_missing"), A + update("A", 1, "integration_id_missing")],
    ignores=[A + update("A", 1, "last_name_missing", last_name=" "), update(None, 1, "integration_id_missing")],
)
def what_an_update_gives_is_not_reported_missing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Both mandatory parameters have a value."""
    return given_is_not_missing(history, query, spec, UPDATE)


# -- where it is done -----------------------------------------------------------------------------------------


@rule(
    "UPD-031",
    judges="get_status",
    when=end_at_server(UPDATE),
    accepts=[A + update("A", 1, "processed"), A + update("A", 1, "processed", station="")],
    rejects=[A + update("A", 1, "station_silent"), A + update("A", 1, "awaiting") + poll(1, "awaiting") * 20],
    ignores=[A + update("A", 1, "station_silent", station=0), A + update("A", 1, "accepted") + poll(1, "accepted") * 5],
)
def without_a_station_the_server_updates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station is absent, or empty in a call that was taken."""
    return done_by_server(history, query, spec, UPDATE, unnamed)


@without_a_station_the_server_updates.at_end
def no_update_waits_for_nobody(history: History, spec: Spec) -> Iterable[Verdict]:
    """Calls that were never carried out, however often they were asked about."""
    return never_done(history, spec, UPDATE, unnamed)


@rule(
    "UPD-044",
    judges="get_status",
    when=end_at_server(UPDATE),
    accepts=[A + update("A", 1, "processed", station=0)],
    rejects=[
        A + update("A", 1, "unsupported", station=0),
        A + update("A", 1, "awaiting", station=0) + poll(1, "awaiting") * 20,
    ],
    ignores=[A + update("A", 1, "unsupported"), A + update("A", 1, "station_silent", station=7)],
)
def with_the_empty_station_the_server_updates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station is the empty GUID, written out."""
    return done_by_server(history, query, spec, UPDATE, nil)


@with_the_empty_station_the_server_updates.at_end
def no_update_waits_for_the_empty_station(history: History, spec: Spec) -> Iterable[Verdict]:
    """Calls that were never carried out, however often they were asked about."""
    return never_done(history, spec, UPDATE, nil)


@rule(
    "UPD-041",
    judges=UPDATE,
    accepts=[call(UPDATE, integration_id="A", last_name="F")],
    rejects=[call(UPDATE, integration_id="A").but(body=b"<RequestStatus><StatusCode>4</StatusCode></RequestStatus>")],
    ignores=[call(UPDATE).refused(400), call(UPDATE).lost()],
)
def an_update_has_no_output(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body that holds none of the interface's documents is ignored."""
    return no_output(exchange)
