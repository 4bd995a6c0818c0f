"""Creating patients on the server: what is asked for, what is refused, and with which status."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.rules.broken_premises import given_is_not_missing, leaves_a_record, refusal, several
from conformance.rules.carried_out import carried_out, done_by_server, never_done, no_output, whole
from conformance.rules.catalogue import rule
from conformance.rules.marks import about, at_server, broken, end_at_server, end_of
from conformance.rules.patient_sketches import creation, made, mapped, saves, update, visible
from conformance.rules.premises import ending
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Condition, Spec
from conformance.trace import Exchange, History, call, fresh, poll
from conformance.wire import EMPTY_GUID

CREATE = "create_patient"
FULL = {"first_name": "Ann", "birth_date": "1970-02-28", "patient_id": "P"}

A = fresh("A")
NEW = A + visible("P")
HELD = made("H", patient_id="P") + A
"""P belongs to patient H; A is nobody's."""
GONE = "operation_unknown"
TURNED_AWAY = call(CREATE, integration_id="B", last_name="Fox", operation=2, **FULL).refused(400)


# -- what is carried out --------------------------------------------------------------------------------------


@rule(
    "PAT-001",
    judges="get_status",
    when=at_server(CREATE),
    accepts=[NEW + creation("A", 1, "processed", **FULL)],
    rejects=[
        NEW + creation("A", 1, "exception", **FULL),
        NEW + creation("A", 1, "case_unknown", **FULL),
        NEW
        + call(CREATE, integration_id="A", last_name="Fox", operation=1, **FULL).refused(400)
        + poll(1, "operation_unknown"),
    ],
    ignores=[
        NEW + creation("A", 1, "awaiting", **FULL),
        NEW + creation("A", 1, "last_name_missing", **FULL),
        NEW + creation("A", 1, "rejected_by_operator", **FULL),
        creation("A", 1, "exception", **FULL),
        A + creation("A", 1, "exception"),
        NEW + creation("A", 1, "exception", **{**FULL, "birth_date": "28.02.1970"}),
        NEW + creation("A", 1, "exception", **{**FULL, "first_name": "A" * 61}),
    ],
)
def a_sound_creation_is_processed(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Every datum is given and every condition proven to be met. Texts of uncommon length may be refused."""
    return carried_out(history, query, spec, CREATE, _ordinary)


@rule(
    "PAT-002",
    judges="get_status",
    when=at_server(CREATE),
    accepts=[A + creation("A", 1, "processed"), A + creation("A", 1, "processed", first_name="")],
    rejects=[A + creation("A", 1, "exception"), A + creation("A", 1, "case_id_missing", first_name="Ann")],
    ignores=[
        NEW + creation("A", 1, "exception", **FULL),
        A + creation("A", 1, "patient_id_taken"),
        TURNED_AWAY + A + call(CREATE, integration_id="A", last_name="Fox", operation=1).refused(400) + poll(1, GONE),
    ],
)
def optional_data_may_be_left_out(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """At least one of the optional data is absent or empty."""
    return carried_out(history, query, spec, CREATE, lambda call: not whole(call) and not _unusual(call))


@rule(
    "PAT-003",
    judges="get_status",
    when=(end_of(CREATE), end_of("update_patient")),
    accepts=[made("H") + A + creation("A", 1, "processed")],
    rejects=[made("H") + A + creation("A", 1, "patient_id_taken"), made("H") + update("H", 1, "patient_id_taken")],
    ignores=[HELD + creation("A", 1, "patient_id_taken", patient_id="")],
)
def patients_without_patient_id_do_not_collide(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent; one that is there without a value may count as one, under a reading."""
    end = ending(history, query, spec, CREATE, "update_patient")
    if end is None or "patient_id" in end.call.values or end.broken:
        return None
    if end.status.name == "patient_id_taken":
        return breaks(
            "no complaint about a patient id that is not given", f"status {end.status.code}", end.operation, query
        )
    return holds(end.operation, query)


def _ordinary(call: Exchange) -> bool:
    return whole(call) and not _unusual(call)


def _unusual(call: Exchange) -> bool:
    """True when the ids hold characters that are the business of other rows."""
    told = {f for role in ("integration_id", "patient_id") for f in call.flaws.get(role, "").split()}
    return bool(told & UNUSUAL)


UNUSUAL = frozenset({"beyond-ascii", "markup"})


# -- what is refused ------------------------------------------------------------------------------------------


@rule(
    "PAT-010",
    judges="get_status",
    when=broken(CREATE),
    accepts=[A + creation("A", 1, "last_name_missing", last_name=None)],
    rejects=[
        A + creation("A", 1, "processed", last_name=None),
        A + creation("A", 1, "integration_id_missing", last_name=None),
        A + saves(1) + creation("A", 1, "processed", last_name=None, station=7),
    ],
    ignores=[
        A + creation("A", 1, "processed", last_name=""),
        A + creation("A", 1, "processed", last_name=" "),
        creation("A", 1, "integration_id_taken", last_name=None),
        HELD + creation("A", 1, "patient_id_taken", last_name=None, patient_id="P"),
        A + creation("A", 1, "operation_unknown", last_name=None),
    ],
)
def a_creation_without_last_name_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent, and nothing else is wrong."""
    return _missing(history, query, spec, "PAT-010", "last_name", absent=True)


@rule(
    "PAT-011",
    judges="get_status",
    when=broken(CREATE),
    accepts=[A + creation("A", 1, "last_name_missing", last_name="")],
    rejects=[A + creation("A", 1, "processed", last_name=""), A + creation("A", 1, "exception", last_name="")],
    ignores=[A + creation("A", 1, "processed", last_name=None)],
)
def a_creation_with_an_empty_last_name_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is there without a value."""
    return _missing(history, query, spec, "PAT-011", "last_name", absent=False)


@rule(
    "PAT-012",
    judges="get_status",
    when=broken(CREATE),
    accepts=[creation(None, 1, "integration_id_missing"), creation(None, 1, "integration_id_unknown")],
    rejects=[creation(None, 1, "processed"), creation(None, 1, "last_name_missing"), creation(None, 1, "unsupported")],
    ignores=[creation("", 1, "processed"), creation(None, 1, "accepted")],
)
def a_creation_without_integration_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which of two statuses tells it is a reading."""
    return _missing(history, query, spec, "PAT-012", "integration_id", absent=True)


@rule(
    "PAT-013",
    judges="get_status",
    when=broken(CREATE),
    accepts=[creation("", 1, "integration_id_missing")],
    rejects=[creation("", 1, "processed"), creation("", 1, "integration_id_taken")],
    ignores=[creation(None, 1, "processed"), creation(" ", 1, "processed")],
)
def a_creation_with_an_empty_integration_id_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is there without a value; blanks are a reading."""
    return _missing(history, query, spec, "PAT-013", "integration_id", absent=False)


def _missing(
    history: History, query: Exchange, spec: Spec, row: str, parameter: str, *, absent: bool
) -> Verdict | None:
    def about(call: Exchange) -> bool:
        return (parameter not in call.values) is absent

    return refusal(history, query, spec, row, CREATE, Condition.MISSING, parameter, about)


@rule(
    "PAT-014",
    judges="get_status",
    when=broken(CREATE),
    accepts=[
        made("A") + creation("A", 1, "integration_id_taken"),
        mapped("A", "Ann", "Ax") + creation("A", 1, "integration_id_taken"),
    ],
    rejects=[
        made("A") + creation("A", 1, "processed"),
        made("A") + creation("A", 1, "patient_id_taken"),
        mapped("A", "Ann", "Ax") + creation("A", 1, "integration_id_unknown"),
        made("A") + saves(1) + creation("A", 1, "processed", station=7),
    ],
    ignores=[
        A + creation("A", 1, "processed"),
        made("A") + creation(" A", 1, "processed"),
        A + call(CREATE, integration_id="A", last_name="Fox", operation=2).lost() + creation("A", 1, "processed"),
    ],
)
def an_integration_id_in_use_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Not triggered for ids that were not proven in use before the call."""
    return refusal(history, query, spec, "PAT-014", CREATE, Condition.TAKEN, "integration_id")


@rule(
    "PAT-016",
    judges="get_status",
    when=broken(CREATE),
    accepts=[
        creation(None, 1, "last_name_missing", last_name=None),
        creation(None, 1, "integration_id_missing", last_name=None),
        made("A", patient_id="P") + creation("A", 1, "patient_id_taken", patient_id="P"),
    ],
    rejects=[
        creation(None, 1, "processed", last_name=None),
        made("A") + creation("A", 1, "patient_id_taken", last_name=None),
        HELD + creation("A", 1, "processed", last_name=None, patient_id="P"),
    ],
    ignores=[creation(None, 1, "processed"), creation(None, 1, "accepted", last_name=None)],
)
def several_flaws_are_told_by_one_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which of them is told first is a reading."""
    return several(history, query, spec, "PAT-016", CREATE)


@rule(
    "PAT-017",
    judges="get_status",
    when=about(CREATE),
    accepts=[
        A + creation("A", 1, "last_name_missing", last_name=None),
        A + call(CREATE, integration_id="A", operation=1).refused(400) + poll(1, "last_name_missing"),
    ],
    rejects=[
        A + creation("A", 1, "operation_unknown", last_name=None),
        A + call(CREATE, integration_id="A", operation=1).refused(400) + poll(1, "operation_unknown"),
    ],
    ignores=[
        A + creation("A", 1, "operation_unknown"),
        A + call(CREATE, integration_id="A", operation=1).lost() + poll(1, "operation_unknown"),
        TURNED_AWAY + A + call(CREATE, integration_id="A", operation=1).refused(400) + poll(1, GONE),
        lambda spec: (
            A
            + call(CREATE, integration_id="A", operation=1)
            + call("list_stations", answer=[]) * spec.kept_operations
            + poll(1, "operation_unknown")
        ),
    ],
)
def a_refused_creation_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the HTTP status of the call itself."""
    return leaves_a_record(history, query, spec, CREATE)


@rule(
    "PAT-022",
    judges="get_status",
    when=end_of(CREATE),
    accepts=[A + creation("A", 1, "processed")],
    rejects=[A + creation("A", 1, "last_name_missing"), A + creation("A", 1, "integration_id_missing")],
    ignores=[A + creation("A", 1, "last_name_missing", last_name=" "), creation(None, 1, "integration_id_missing")],
)
def what_is_given_is_not_reported_missing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Both mandatory parameters have a value."""
    return given_is_not_missing(history, query, spec, CREATE)


# -- where it is done -----------------------------------------------------------------------------------------


@rule(
    "PAT-023",
    judges="get_status",
    when=end_at_server(CREATE),
    accepts=[A + creation("A", 1, "processed"), A + creation("A", 1, "processed", station="")],
    rejects=[
        A + creation("A", 1, "station_silent"),
        A + creation("A", 1, "unsupported", station=""),
        A + creation("A", 1, "awaiting") + poll(1, "awaiting") * 20,
    ],
    ignores=[
        A + creation("A", 1, "station_silent", station=0),
        A + creation("A", 1, "awaiting") + poll(1, "awaiting") * 5,
        A + call(CREATE, integration_id="A", last_name="F", station="", operation=1).refused(400) + poll(1, "removed"),
    ],
)
def without_a_station_the_server_creates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station is absent, or empty in a call that was taken."""
    return done_by_server(history, query, spec, CREATE, unnamed)


@without_a_station_the_server_creates.at_end
def no_creation_waits_for_nobody(history: History, spec: Spec) -> Iterable[Verdict]:
    """Calls that were never carried out, however often they were asked about."""
    return never_done(history, spec, CREATE, unnamed)


def unnamed(call: Exchange) -> bool:
    """True when the call names no station, not even the empty GUID."""
    return not call.values.get("station", "")


@rule(
    "PAT-024",
    judges="get_status",
    when=end_at_server(CREATE),
    accepts=[A + creation("A", 1, "processed", station=0)],
    rejects=[
        A + creation("A", 1, "unsupported", station=0),
        A + creation("A", 1, "awaiting", station=0) + poll(1, "awaiting") * 20,
    ],
    ignores=[A + creation("A", 1, "station_silent"), A + creation("A", 1, "station_silent", station=7)],
)
def with_the_empty_station_the_server_creates(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station is the empty GUID, written out."""
    return done_by_server(history, query, spec, CREATE, nil)


@with_the_empty_station_the_server_creates.at_end
def no_creation_waits_for_the_empty_station(history: History, spec: Spec) -> Iterable[Verdict]:
    """Calls that were never carried out, however often they were asked about."""
    return never_done(history, spec, CREATE, nil)


def nil(call: Exchange) -> bool:
    """True when the call names the empty GUID as its station."""
    return bool(call.values.get("station", "")) and call.guid("station") == EMPTY_GUID


@rule(
    "PAT-048",
    judges=CREATE,
    accepts=[call(CREATE, integration_id="A", last_name="F"), call(CREATE).but(body=b"<html/>")],
    rejects=[
        call(CREATE, integration_id="A", last_name="F").but(
            body=b"<RequestStatus><StatusCode>4</StatusCode></RequestStatus>"
        )
    ],
    ignores=[call(CREATE).refused(400), call(CREATE).lost()],
)
def a_creation_has_no_output(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body that holds none of the interface's documents is ignored."""
    return no_output(exchange)
