"""Starting and selecting cases at a station: what is carried out, what is refused, and what neither may change."""

from __future__ import annotations

from conformance.rules.broken_premises import given_is_not_missing, leaves_a_record, refusal, several
from conformance.rules.carried_out import no_output
from conformance.rules.case_sketches import case, declared, minted, search
from conformance.rules.catalogue import rule
from conformance.rules.evidence import listed, nowhere
from conformance.rules.marks import about, broken, end_of
from conformance.rules.origins import Unused, unused
from conformance.rules.patient_sketches import STATION, made, mapped, pressed
from conformance.rules.premises import Ending, ending, told
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Condition, Spec
from conformance.trace import Asked, Exchange, History, Sketch, call, fresh, guid, poll

CREATE, SELECT = "create_case", "select_case"
A, Z = made("A"), fresh("Z")
LISTED = search(case(1))

_SETTLED_ELSEWHERE = frozenset({"removed", "station_silent", "navigation_failed", "rejected_by_operator"})


def start(integration_id: str | None, ended: str, station: object = STATION) -> Sketch:
    """A case that shall be started, and the answer that shows how it ended."""
    return call(CREATE, integration_id=integration_id, station=station, operation=1) + poll(1, ended)


def select(number: int | None, ended: str, station: object = STATION) -> Sketch:
    """A case that shall be selected, and the answer that shows how it ended."""
    return call(SELECT, case=number, station=station, operation=1) + poll(1, ended)


NOT_THERE = call("list_stations", answer=[{"station": guid(8), "hostname": "PC", "busy": False}])


def done_at_station(history: History, query: Exchange, spec: Spec, role: str, reason: str) -> Verdict | None:
    """The verdict on an operation that nothing stands in the way of: processed, if the station and its people go on.

    Ends that the station or its operator bring about have rows of their own, as have complaints about what is given.
    """
    end = ending(history, query, spec, role)
    if end is None or not end.sound or end.status.name in _SETTLED_ELSEWHERE:
        return None
    if end.status.name in history.proofs.decisions(end.operation).values() or _blamed_elsewhere(end):
        return None
    if end.status.name == "unsupported" and _station_is_not_there(history, end):
        return None
    expected = f"{told(['processed'], spec)}, since {reason}"
    return judged(end.status.name == "processed", expected, told([end.status.name], spec), end.operation, query)


def _blamed_elsewhere(end: Ending) -> bool:
    """True for complaints that other rows judge: a given value is called missing, a patient just made is unknown."""
    if end.status.name in {p.outcome.status for p in end.premises if p.outcome.condition is Condition.MISSING}:
        return True
    proof = next((p.proof for p in end.premises if p.proof is not None), None)
    return end.status.name == "integration_id_unknown" and proof is not None and proof.by is not None


def _station_is_not_there(history: History, end: Ending) -> bool:
    """True where the station is known not to be connected: then "not supported" is a reading of its own."""
    if nowhere(history, end.operation.station, end.call):
        return True
    lists = [answer for answer in history.of("list_stations") if answer.succeeded and answer.before(end.call)]
    return bool(lists) and listed(history, end.operation.station, end.call) is None


# -- starting a case ------------------------------------------------------------------------------------------


@rule(
    "CASE-001",
    judges="get_status",
    when=end_of(CREATE),
    accepts=[A + start("A", "processed"), mapped("A", "Ann", "Roe") + start("A", "processed")],
    rejects=[
        A + start("A", "exception"),
        A + start("A", "unsupported"),
        A + start("A", "case_unknown"),
        mapped("A", "Ann", "Roe") + start("A", "integration_id_unknown"),
    ],
    ignores=[
        A + start("A", "navigation_failed"),
        A + start("A", "station_silent"),
        A + start("A", "accepted"),
        A + start("A", "integration_id_missing"),
        A + NOT_THERE + start("A", "unsupported"),
        A + pressed(1, Asked.PAGE, "exception") + start("A", "exception"),
        Z + start("Z", "exception"),
        A + start("A", "processed", station=None),
    ],
)
def a_case_is_started_for_a_mapped_patient(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station works on it to the end, as long as patient and station are there and nobody stops it."""
    return done_at_station(history, query, spec, CREATE, "the patient is mapped")


@rule(
    "CASE-002",
    judges="get_status",
    when=broken(CREATE),
    accepts=[start(None, "integration_id_missing"), start("", "integration_id_missing")],
    rejects=[
        start(None, "processed"),
        start("", "processed"),
        start(None, "case_id_missing"),
        start(None, "exception"),
    ],
    ignores=[
        start(None, "awaiting"),
        start(None, "station_silent"),
        start(" ", "processed"),
        start(None, "unsupported", station=None),
        A + start("A", "processed"),
    ],
)
def a_case_without_integration_id_is_not_started(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent or empty, and nothing else is wrong."""
    return refusal(history, query, spec, "CASE-002", CREATE, Condition.MISSING, "integration_id")


@rule(
    "CASE-003",
    judges="get_status",
    when=broken(CREATE),
    accepts=[
        A + start("A", "unsupported", station=None),
        A + start("A", "unsupported", station=0),
        A + start("A", "integration_id_missing", station=None),
    ],
    rejects=[
        A + start("A", "processed", station=None),
        A + start("A", "processed", station=0),
        A + start("A", "exception", station=None),
        A + start("A", "navigation_failed", station=0),
    ],
    ignores=[A + start("A", "processed"), start("B", "integration_id_unknown", station=None)],
)
def a_case_without_a_station_is_not_started(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The server cannot do it: no station is named, or the empty one."""
    return refusal(history, query, spec, "CASE-003", CREATE, Condition.NO_STATION, "station")


@rule(
    "CASE-004",
    judges="get_status",
    when=broken(CREATE),
    accepts=[
        Z + start("Z", "integration_id_unknown"),
        Z + start("Z", "navigation_failed"),
        A + fresh("a") + start("a", "integration_id_unknown"),
    ],
    rejects=[
        Z + start("Z", "processed"),
        A + fresh("a") + start("a", "processed"),
        Z + start("Z", "case_unknown"),
        Z + start("Z", "integration_id_missing"),
    ],
    ignores=[start("Z", "processed"), Z + start("Z", "station_silent"), Z + start("Z", "unsupported", station=None)],
)
def no_case_is_started_for_nobody(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which status tells it is a reading; that it was done is wrong under each."""
    end = ending(history, query, spec, CREATE)
    proof = next((p.proof for p in end.premises if p.proof is not None), None) if end is not None else None
    accepted = end is not None and end.status.name == "processed"
    if accepted and proof is not None and unused(proof, history) is not Unused.NEVER:
        return None
    return refusal(history, query, spec, "CASE-004", CREATE, Condition.UNKNOWN, "integration_id")


@rule(
    "CASE-005",
    judges="get_status",
    when=broken(CREATE),
    accepts=[
        start(None, "unsupported", station=None),
        start(None, "integration_id_missing", station=0),
        Z + start("Z", "unsupported", station=0),
        Z + start("Z", "integration_id_unknown", station=None),
    ],
    rejects=[start(None, "processed", station=None), Z + start("Z", "case_id_missing", station=0)],
    ignores=[start(None, "processed"), A + start("A", "processed", station=None)],
)
def several_flaws_of_a_start_are_told_by_one_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Which of them is told is a reading."""
    return several(history, query, spec, "CASE-005", CREATE)


@rule(
    "CASE-007",
    judges=CREATE,
    accepts=[call(CREATE, integration_id="A", station=7), call(CREATE, station=7).but(body=b"accepted")],
    rejects=[lambda spec: call(CREATE, integration_id="A", station=7).but(body=_status_text(spec))],
    ignores=[call(CREATE, station=7).refused(400), call(CREATE, station=7).lost()],
)
def starting_a_case_has_no_output(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body that holds none of the interface's documents is ignored."""
    return no_output(exchange)


def _status_text(spec: Spec) -> bytes:
    """A document that no method without output has."""
    root = spec.document[spec.method["get_status"].answer].root
    return f"<{root} />".encode()


@rule(
    "CASE-015",
    judges="get_status",
    when=about(CREATE),
    accepts=[start(None, "integration_id_missing"), A + start("A", "unsupported", station=None)],
    rejects=[start(None, "operation_unknown"), A + start("A", "operation_unknown", station=None)],
    ignores=[A + start("A", "operation_unknown")],
)
def a_refused_start_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the HTTP status of the call itself."""
    return leaves_a_record(history, query, spec, CREATE)


@rule(
    "CASE-016",
    judges="get_status",
    when=end_of(CREATE),
    accepts=[A + start("A", "processed")],
    rejects=[A + start("A", "integration_id_missing")],
    ignores=[start(None, "integration_id_missing")],
)
def a_given_integration_id_is_not_called_missing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The integration id and the station are given."""
    return given_is_not_missing(history, query, spec, CREATE)


# -- selecting a case -----------------------------------------------------------------------------------------


@rule(
    "SCS-001",
    judges="get_status",
    when=end_of(SELECT),
    accepts=[LISTED + select(1, "processed"), declared(1) + select(1, "processed")],
    rejects=[
        LISTED + select(1, "exception"),
        LISTED + select(1, "case_unknown"),
        declared(1) + select(1, "unsupported"),
        LISTED + select(1, "integration_id_unknown"),
    ],
    ignores=[
        select(1, "case_unknown"),
        LISTED + select(2, "case_unknown"),
        LISTED + select(1, "rejected_by_operator"),
        LISTED + select(1, "accepted"),
        LISTED + NOT_THERE + select(1, "unsupported"),
        LISTED + pressed(1, Asked.PAGE, "internal_error") + select(1, "internal_error"),
    ],
)
def an_existing_case_is_selected(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The station works on it to the end, as long as case and station are there and nobody stops it."""
    return done_at_station(history, query, spec, SELECT, "the case is there")


@rule(
    "SCS-002",
    judges="get_status",
    when=broken(SELECT),
    accepts=[select(None, "case_id_missing"), select(0, "case_id_missing")],
    rejects=[select(None, "processed"), select(None, "case_unknown"), select(None, "integration_id_missing")],
    ignores=[select(0, "case_unknown"), select(None, "awaiting"), select(None, "unsupported", station=None)],
)
def a_selection_without_a_case_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The parameter is absent. Written out, the empty id may as well be looked up in vain."""
    return refusal(history, query, spec, "SCS-002", SELECT, Condition.MISSING, "case")


@rule(
    "SCS-003",
    judges="get_status",
    when=broken(SELECT),
    accepts=[minted("case", 9) + select(9, "case_unknown"), LISTED + minted("case", 9) + select(9, "case_unknown")],
    rejects=[
        minted("case", 9) + select(9, "processed"),
        minted("case", 9) + select(9, "case_id_missing"),
        minted("case", 9) + select(9, "exception"),
        minted("case", 9) + select(9, "integration_id_unknown"),
    ],
    ignores=[
        select(9, "processed"),
        minted("case", 9) + select(9, "station_silent"),
        minted("case", 9) + select(9, "unsupported", station=None),
    ],
)
def a_case_that_does_not_exist_is_not_selected(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The id was made up, and the status says that there is no such case."""
    return refusal(history, query, spec, "SCS-003", SELECT, Condition.UNKNOWN, "case")


@rule(
    "SCS-004",
    judges="get_status",
    when=broken(SELECT),
    accepts=[
        LISTED + select(1, "unsupported", station=None),
        LISTED + select(1, "unsupported", station=0),
        LISTED + select(1, "case_id_missing", station=None),
    ],
    rejects=[
        LISTED + select(1, "processed", station=None),
        LISTED + select(1, "processed", station=0),
        LISTED + select(1, "case_unknown", station=None),
    ],
    ignores=[LISTED + select(1, "processed"), select(5, "case_unknown", station=None)],
)
def a_selection_of_a_case_without_a_station_is_refused(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The server cannot do it: no station is named, or the empty one."""
    return refusal(history, query, spec, "SCS-004", SELECT, Condition.NO_STATION, "station")


@rule(
    "SCS-005",
    judges="get_status",
    when=broken(SELECT),
    accepts=[
        select(None, "unsupported", station=None),
        select(None, "case_id_missing", station=0),
        minted("case", 9) + select(9, "case_unknown", station=None),
    ],
    rejects=[
        select(None, "processed", station=None),
        minted("case", 9) + select(9, "integration_id_unknown", station=0),
    ],
    ignores=[select(None, "processed"), LISTED + select(1, "processed", station=None)],
)
def several_flaws_of_a_case_selection_are_told_by_one_status(
    history: History, query: Exchange, spec: Spec
) -> Verdict | None:
    """Which of them is told is a reading."""
    return several(history, query, spec, "SCS-005", SELECT)


@rule(
    "SCS-007",
    judges=SELECT,
    accepts=[call(SELECT, case=1, station=7)],
    rejects=[lambda spec: call(SELECT, case=1, station=7).but(body=_status_text(spec))],
    ignores=[call(SELECT, station=7).refused(400), call(SELECT, station=7).lost()],
)
def selecting_a_case_has_no_output(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body that holds none of the interface's documents is ignored."""
    return no_output(exchange)


@rule(
    "SCS-015",
    judges="get_status",
    when=about(SELECT),
    accepts=[select(None, "case_id_missing"), minted("case", 9) + select(9, "case_unknown")],
    rejects=[select(None, "operation_unknown"), LISTED + select(1, "operation_unknown", station=None)],
    ignores=[LISTED + select(1, "operation_unknown")],
)
def a_refused_selection_of_a_case_leaves_a_status(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the HTTP status of the call itself."""
    return leaves_a_record(history, query, spec, SELECT)


@rule(
    "SCS-016",
    judges="get_status",
    when=end_of(SELECT),
    accepts=[LISTED + select(1, "processed")],
    rejects=[LISTED + select(1, "case_id_missing"), select(5, "case_id_missing")],
    ignores=[select(None, "case_id_missing")],
)
def a_given_case_is_not_called_missing(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The case and the station are given."""
    return given_is_not_missing(history, query, spec, SELECT)
