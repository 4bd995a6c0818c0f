"""The guide's workflow examples in a recording: the station comes from the list, and mistakes are mended."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.as_ordered import as_ordered
from conformance.rules.catalogue import rule
from conformance.rules.evidence import on_server, refusals, told
from conformance.rules.marks import at_server
from conformance.rules.polling import OPERATIONS
from conformance.rules.verdict import Verdict, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, Operation, State, call, fresh, guid, poll
from conformance.wire import EMPTY_GUID, Document

AT_STATION = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
LIST = call("list_stations", answer=[{"station": guid(7), "hostname": "PC", "busy": False}])
NONE = call("list_stations", answer=[])


def _lists(history: History, start: Exchange) -> Iterator[Exchange]:
    """Lists of stations that the sender of ``start`` had received by then, newest first."""
    for answer in reversed(history.of("list_stations")):
        mine = answer.who == start.who and answer.before(start)
        if mine and answer.succeeded and isinstance(answer.document, Document):
            yield answer


@rule(
    "FLOW-002",
    judges=OPERATIONS,
    accepts=[LIST + AT_STATION, NONE + AT_STATION],
    rejects=[AT_STATION, LIST.refused(401) + AT_STATION, AT_STATION + LIST],
    ignores=[call("create_patient", last_name="Fox"), call("create_patient", last_name="Fox", station="?")],
)
def stations_are_listed_before_one_is_named(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """Whoever sends an operation to a station has asked for the list of stations before."""
    if start.guid("station") in (None, EMPTY_GUID):
        return None
    seen = next(_lists(history, start), None)
    if seen is not None:
        return holds(seen, start)
    return judged(False, "a list of stations, asked for before", "none in the recording", start)


@rule(
    "FLOW-005",
    judges=OPERATIONS,
    accepts=[LIST + AT_STATION, NONE + LIST + AT_STATION],
    rejects=[NONE + AT_STATION, LIST + NONE + AT_STATION],
    ignores=[AT_STATION, LIST + call("create_patient", last_name="Fox")],
)
def a_station_is_one_of_the_list(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """The station that an operation names stood in the newest list that its sender has."""
    station = start.guid("station")
    seen = next(_lists(history, start), None)
    if station in (None, EMPTY_GUID) or seen is None or not isinstance(seen.document, Document):
        return None
    known = any(record.guid("station") == station for record in seen.document.records)
    return judged(known, f"a station of the list of exchange {seen.number}", f"station {station}", seen, start)


# -- mending --------------------------------------------------------------------------------------------------

FIRST = call("update_patient", integration_id="A", last_name="Fox", patient_id="S", operation=1)
SAME = call("update_patient", integration_id="A", last_name="Fox", patient_id="S", operation=2)
MENDED = call("update_patient", integration_id="A", last_name="Fox", patient_id="T", operation=2)
MAPPED = call("create_patient", integration_id="A", last_name="Fox", operation=3) + poll(3, "processed")
TAKEN = poll(1, "patient_id_taken")
REACH = 50
"""So many operations back a former attempt is looked for."""


def _former(history: History, operation: Operation) -> Operation | None:
    """The last operation before this one that was about the same patient or case."""
    about = [role for role in ("integration_id", "case") if operation.call.given(role)]
    for other in reversed(history.operations[max(0, operation.serial - REACH) : operation.serial]):
        same = all(other.call.values.get(role) == operation.call.values.get(role) for role in about)
        if about and same and other.call.before(operation.call):
            return other
    return None


def _refused(operation: Operation, before: Exchange, spec: Spec) -> bool:
    """True when it was known before that call that the operation's data do not allow it."""
    names = [spec.status_by_code[c].name for c in operation.codes(before) if c in spec.status_by_code]
    return any(name in refusals(spec) for name in names)


@rule(
    "FLOW-015",
    judges=OPERATIONS,
    accepts=[FIRST + TAKEN + MENDED],
    rejects=[FIRST + TAKEN + SAME],
    ignores=[FIRST + SAME, FIRST + poll(1, "station_silent") + SAME, FIRST + TAKEN + MAPPED + SAME],
)
def what_was_refused_is_mended_first(history: History, start: Exchange, spec: Spec) -> Verdict | None:
    """An operation whose data were refused is not sent again with the same data, unless something else came between."""
    operation = history.started_by(start)
    if operation is None or not operation.serial:
        return None
    former = history.operations[operation.serial - 1]
    if former is not _former(history, operation) or former.role != operation.role:
        return None
    if not _refused(former, start, spec):
        return None
    changed = _data(former) != _data(operation)
    observed = f"the same{as_ordered(history, start)}"
    return judged(changed, f"other data than those refused at exchange {former.call.number}", observed, former, start)


def _data(operation: Operation) -> dict[str, str]:
    return {role: value for role, value in operation.call.values.items() if role != "operation"}


@rule(
    "FLOW-016",
    judges="get_status",
    when=at_server("update_patient"),
    accepts=[fresh("T", role="patient_id") + MAPPED + FIRST + TAKEN + MENDED + poll(2, "processed")],
    rejects=[
        fresh("T", role="patient_id") + MAPPED + FIRST + TAKEN + MENDED + poll(2, "patient_id_taken"),
        fresh("T", role="patient_id") + MAPPED + FIRST + TAKEN + MENDED + poll(2, "exception", "Locked."),
    ],
    ignores=[
        MAPPED + FIRST + TAKEN + MENDED + poll(2, "patient_id_taken"),
        fresh("T", role="patient_id") + FIRST + TAKEN + MENDED + poll(2, "integration_id_unknown"),
        fresh("T", role="patient_id") + MAPPED + FIRST + TAKEN + MENDED + poll(2, "awaiting"),
        fresh("T", role="patient_id") + MAPPED + MENDED + poll(2, "processed"),
    ],
)
def a_mended_update_succeeds(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """An update on the server is processed once the patient id that stood in its way is replaced by a free one."""
    said = told(history, query, spec)
    if said is None or said.operation.role != "update_patient" or not on_server(said.operation):
        return None
    former = _former(history, said.operation)
    if former is None or not said.status.final or said.status.name == "operation_unknown":
        return None
    taken = spec.code("patient_id_taken") in former.codes(said.operation.call)
    if not taken or not _free(history, said.operation, query):
        return None
    expected = f"{spec.code('processed')}, since the patient id refused at exchange {former.call.number} is replaced"
    return judged(said.status.name == "processed", expected, said.observed, former, said.operation, query)


def _free(history: History, operation: Operation, until: Exchange) -> bool:
    """True when the patient is there, the new patient id is nobody's, and nothing mandatory is missing."""
    call = operation.call
    patient = history.proofs.integration_id(call.values.get("integration_id", ""), call, until)
    holding = history.proofs.patient_id(call.values.get("patient_id", ""), call, until)
    whole = all(call.given(p.role) for p in call.method.parameters if p.mandatory) if call.method else False
    return whole and patient.state is State.PRESENT and holding.state is State.ABSENT
