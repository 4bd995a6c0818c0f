"""Which readings of the doubtful points about patients a server is seen to take."""

from __future__ import annotations

from conformance.rules.catalogue import observes
from conformance.rules.marks import broken, end_at_server, end_at_station, end_of
from conformance.rules.patient_sketches import (
    STATION,
    cancels,
    creation,
    made,
    maps_existing,
    pressed,
    selection,
    unmapped,
    update,
)
from conformance.rules.premises import Ending, Standing, ending, long_values
from conformance.rules.written import malformed
from conformance.spec import Condition, Kind, Spec
from conformance.trace import Alike, Asked, Button, Exchange, History, Sketch, State, call, fresh, guid, poll

CREATE, UPDATE, SELECT = "create_patient", "update_patient", "select_patient"
A = fresh("A")


def _only_broken(end: Ending | None, condition: Condition, parameter: str) -> bool:
    """True when this condition, and certainly no other, is broken."""
    if end is None or len(end.broken) != 1 or any(p.standing is Standing.OPEN for p in end.premises):
        return False
    outcome = end.broken[0].outcome
    return outcome.condition is condition and outcome.parameter == parameter


def _take(end: Ending | None, reading: str, spec: Spec) -> str | None:
    """The status as a take of the reading, if it is one."""
    known = spec.reading[reading].takes if reading in spec.reading else {}
    return end.status.name if end is not None and end.status.name in known else None


@observes(
    "MISSING-INTEGRATION-ID",
    judges="get_status",
    when=(broken(CREATE), broken(UPDATE)),
    shows=[
        (creation(None, 1, "integration_id_missing"), "integration_id_missing"),
        (update("", 1, "integration_id_unknown"), "integration_id_unknown"),
    ],
)
def what_tells_of_a_missing_integration_id(history: History, query: Exchange, spec: Spec) -> str | None:
    end = ending(history, query, spec, CREATE, UPDATE)
    missing = _only_broken(end, Condition.MISSING, "integration_id")
    return _take(end, "MISSING-INTEGRATION-ID", spec) if missing else None


@observes(
    "UNKNOWN-PATIENT-AT-STATION",
    judges="get_status",
    when=(broken(SELECT), broken("create_case")),
    shows=[
        (A + selection("A", 1, "integration_id_unknown"), "integration_id_unknown"),
        (A + selection("A", 1, "exception"), "exception"),
    ],
)
def what_tells_of_an_unknown_patient_at_a_station(history: History, query: Exchange, spec: Spec) -> str | None:
    end = ending(history, query, spec, SELECT, "create_case")
    if end is None or end.status.name in history.proofs.decisions(end.operation).values():
        return None
    unknown = _only_broken(end, Condition.UNKNOWN, "integration_id")
    return _take(end, "UNKNOWN-PATIENT-AT-STATION", spec) if unknown else None


@observes(
    "STATION-MISSING",
    judges="get_status",
    when=(broken(SELECT), broken("create_case")),
    shows=[
        (made("A") + selection("A", 1, "unsupported", station=None), "unsupported"),
        (made("A") + selection("A", 1, "integration_id_missing", station=None), "integration_id_missing"),
        (made("A") + selection("A", 1, "integration_id_missing", station=0), ""),
    ],
)
def what_tells_of_a_missing_station(history: History, query: Exchange, spec: Spec) -> str | None:
    end = ending(history, query, spec, SELECT, "create_case")
    missing = _only_broken(end, Condition.NO_STATION, "station")
    if end is None or "station" in end.call.values:
        return None  # an empty or empty GUID may be told from one that is left out
    return _take(end, "STATION-MISSING", spec) if missing else None


@observes(
    "BLANK-TEXT",
    judges="get_status",
    when=(end_of(CREATE), end_of(UPDATE)),
    shows=[
        (A + creation("A", 1, "processed", last_name=" "), "value"),
        (A + creation("A", 1, "last_name_missing", last_name=" "), "missing"),
    ],
)
def what_blanks_alone_are(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by last names, which need no look at other patients."""
    end = ending(history, query, spec, CREATE, UPDATE)
    value = end.call.values.get("last_name", "") if end is not None else ""
    if end is None or end.broken or not value or value.strip():
        return None
    return {"processed": "value", "last_name_missing": "missing"}.get(end.status.name)


@observes(
    "EMPTY-PATIENT-ID",
    judges="get_status",
    when=end_of(CREATE),
    shows=[
        (
            made("A", "B", patient_id="") + fresh("C") + creation("C", 1, "processed", patient_id=""),
            "no-value",
        ),
        (
            made("A", patient_id="") + fresh("C") + creation("C", 1, "patient_id_taken", patient_id=""),
            "value-when-written",
        ),
    ],
)
def what_an_empty_patient_id_is(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by a creation that writes it, once another one that did so was processed."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.broken or end.call.values.get("patient_id") != "":
        return None
    if end.status.name == "patient_id_taken":
        return "value-when-written"
    return "no-value" if end.status.name == "processed" and _other_empty(history, end, spec) else None


def _other_empty(history: History, end: Ending, spec: Spec) -> bool:
    earlier = (e for e in reversed(history.of(CREATE)) if e.before(end.call) and e.values.get("patient_id") == "")
    operation = next((o for o in map(history.started_by, earlier) if o is not None), None)
    return operation is not None and spec.code("processed") in operation.codes(end.call)


@observes(
    "SURROUNDING-BLANKS",
    judges="get_status",
    when=end_of(CREATE),
    shows=[
        (made("A") + creation("A ", 1, "processed"), "kept"),
        (made("A") + creation("A ", 1, "integration_id_taken"), "trimmed"),
        (made("A", patient_id="P") + fresh("B") + creation("B", 1, "patient_id_taken", patient_id="P "), "trimmed"),
        (made("A") + creation(" A", 1, "processed"), ""),
        (made("A") + creation(" A", 1, "integration_id_taken"), ""),
    ],
)
def what_blanks_around_an_id_are(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by a creation under an id that somebody has, but for blanks behind it: databases cut those and no others."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.broken:
        return None
    values = end.call.values
    for role, status in (("integration_id", "integration_id_taken"), ("patient_id", "patient_id_taken")):
        value = values.get(role, "")
        if (
            value != value.rstrip()
            and value == value.lstrip()
            and _somebody_has(history, role, value.strip(), end.call)
        ):
            return {status: "trimmed", "processed": "kept"}.get(end.status.name)
    return None


def _somebody_has(history: History, role: str, value: str, before: Exchange) -> bool:
    proofs = history.proofs
    found = proofs.integration_id(value, before) if role == "integration_id" else proofs.patient_id(value, before)
    return found.state is State.PRESENT


def _raw_plus(spec: Spec) -> Sketch:
    """A creation whose integration id is written with a plus sign; operation 1."""
    method = spec.method[CREATE]
    values = {"last_name": "F", "integration_id": "A+B", "operation": str(guid(1))}
    query = "&".join(f"{method.by_role[role].name}={value}" for role, value in values.items())
    return call(CREATE).but(target=f"{spec.service.base_path}/{method.name}?{query}")


@observes(
    "PLUS-IN-VALUES",
    judges="get_status",
    when=end_of(CREATE),
    shows=[
        (lambda spec: made("A B") + _raw_plus(spec) + poll(1, "integration_id_taken"), "blank"),
        (lambda spec: made("A B") + _raw_plus(spec) + poll(1, "processed"), "plus"),
    ],
)
def what_a_plus_is(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by a creation whose integration id, read with blanks, somebody has."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.broken:
        return None
    value = end.call.values.get("integration_id", "")
    told = end.call.flaws.get("integration_id", "").split()
    if "raw-plus" not in told or not _somebody_has(history, "integration_id", value, end.call):
        return None
    return {"integration_id_taken": "blank", "processed": "plus"}.get(end.status.name)


@observes(
    "LONG-VALUES",
    judges="get_status",
    when=end_at_server(CREATE),
    shows=[
        (fresh("A" * 100) + creation("A" * 100, 1, "processed"), "taken"),
        (fresh("A" * 100) + creation("A" * 100, 1, "exception"), "refused"),
    ],
)
def what_becomes_of_long_values(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by a creation on the server that meets every condition."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.operation.on_station or not end.sound or not long_values(end.call):
        return None
    return "taken" if end.status.name == "processed" else "refused"


@observes(
    "KEPT-OLD-DATA",
    judges="get_status",
    when=end_of(UPDATE),
    shows=[
        (made("A") + pressed(1, Asked.SYNC, Button.KEEP) + update("A", 1, "processed", station=STATION), "processed"),
        (
            made("A") + pressed(1, Asked.SYNC, Button.KEEP) + update("A", 1, "rejected_by_operator", station=STATION),
            "rejected_by_operator",
        ),
    ],
)
def what_keeping_old_data_is(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen by updates that the operator was told to answer so."""
    end = ending(history, query, spec, UPDATE)
    if end is None or history.proofs.decisions(end.operation).get(Asked.SYNC) != Button.KEEP:
        return None
    return _take(end, "KEPT-OLD-DATA", spec)


@observes(
    "MERGE-WITHOUT-MATCH",
    judges="get_status",
    when=end_at_station(CREATE),
    shows=[
        (
            A + cancels(1) + creation("A", 1, "rejected_by_operator", station=STATION, merge="True"),
            "new-patient-dialog",
        ),
        (A + cancels(1) + creation("A", 1, "processed", station=STATION, merge="True"), "created-at-once"),
    ],
)
def what_a_merge_without_match_is(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where the operator was to cancel the dialog for a new patient, and a merge was asked for."""
    end = ending(history, query, spec, CREATE)
    if end is None or end.broken or not end.operation.on_station or not end.call.flag("merge"):
        return None
    decisions = history.proofs.decisions(end.operation)
    if decisions.get(Asked.NEW_PATIENT) != Button.CANCEL or Asked.MERGE in decisions:
        return None
    return {"rejected_by_operator": "new-patient-dialog", "processed": "created-at-once"}.get(end.status.name)


@observes(
    "MERGED-PATIENT-ID",
    judges="get_status",
    when=end_at_station(CREATE),
    shows=[
        (
            A
            + unmapped("Fox", "OLD")
            + maps_existing(1, Button.APPLY)
            + creation("A", 1, "processed", station=STATION, merge="True", patient_id="OLD"),
            "after-choice",
        ),
        (
            A
            + unmapped("Fox", "OLD")
            + maps_existing(1, Button.APPLY)
            + creation("A", 1, "patient_id_taken", station=STATION, merge="True", patient_id="OLD"),
            "at-once",
        ),
        (
            A
            + unmapped("Fox", "OLD")
            + maps_existing(1, Button.CANCEL)
            + creation("A", 1, "rejected_by_operator", station=STATION, merge="True", patient_id="OLD"),
            "after-choice",
        ),
    ],
)
def when_a_merged_patient_id_must_be_unique(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where the call gives the very patient id of the patient to be mapped."""
    end = ending(history, query, spec, CREATE)
    if end is None or not end.operation.on_station or not end.call.given("patient_id"):
        return None
    chosen = history.proofs.decisions(end.operation).get(Asked.MERGE) == Button.EXISTING
    if not chosen or history.proofs.namesake_patient_id(end.operation) != end.call.values["patient_id"]:
        return None
    takes = {"processed": "after-choice", "rejected_by_operator": "after-choice", "patient_id_taken": "at-once"}
    return takes.get(end.status.name)


_EQUAL = (
    A
    + unmapped("Fox", "OLD", birth_date="1971-02-03")
    + pressed(1, Asked.MERGE, Button.EXISTING)
    + pressed(1, Asked.SYNC, Button.CANCEL)
)


def _merged(ended: str, birth_date: str) -> Sketch:
    more = {"merge": "True", "patient_id": "OLD", "birth_date": birth_date}
    return _EQUAL + creation("A", 1, ended, station=STATION, **more)


@observes(
    "MERGE-COMPARISON",
    judges="get_status",
    when=end_at_station(CREATE),
    shows=[
        (_merged("processed", "1971-02-03"), "when-different"),
        (_merged("rejected_by_operator", "1971-02-03"), "always"),
        (_merged("rejected_by_operator", "1971-02-04"), ""),
        (_merged("processed", "1971-02-04"), ""),
    ],
)
def when_the_data_of_a_merge_are_compared(history: History, query: Exchange, spec: Spec) -> str | None:
    """Seen where the call gives the very data of the patient to be mapped, and the comparison was to be closed."""
    end = ending(history, query, spec, CREATE)
    if end is None or not end.operation.on_station or history.proofs.like_namesake(end.operation) is not Alike.YES:
        return None
    decisions = history.proofs.decisions(end.operation)
    if decisions.get(Asked.MERGE) != Button.EXISTING or decisions.get(Asked.SYNC) != Button.CANCEL:
        return None
    return {"processed": "when-different", "rejected_by_operator": "always"}.get(end.status.name)


_NAMELESS = call(CREATE, integration_id="A", operation=1)


def _unheard(spec: Spec) -> Sketch:
    return _NAMELESS.but(target=f"{spec.service.base_path}/{spec.method[CREATE].name}?Unheard=x")


@observes(
    "MISSING-MANDATORY-HTTP",
    judges=(CREATE, UPDATE, SELECT),
    shows=[
        (_NAMELESS, "success"),
        (_NAMELESS.refused(400), "bad-request"),
        (_NAMELESS.but(parameters={"station": "perhaps"}).refused(400), ""),
        (lambda spec: _unheard(spec).refused(400), ""),
        (call(CREATE, last_name="x" * 6000).refused(400), ""),
    ],
)
def which_http_status_a_call_without_mandatory_data_has(history: History, exchange: Exchange, spec: Spec) -> str | None:
    method = exchange.method
    if method is None or not any(not exchange.given(p.role) for p in method.parameters if p.mandatory):
        return None
    if exchange.unknown or exchange.repeated or any(pair.flaws for pair in exchange.pairs):
        return None  # it may be refused for these
    if any(not text and method.by_role[role].kind is not Kind.TEXT for role, text in exchange.values.items()):
        return None  # an empty value of another type may be refused for its own sake
    if malformed(exchange) or long_values(exchange):
        return None  # so may one that cannot be read, or is longer than usual
    if exchange.succeeded:
        return "success"
    return "bad-request" if exchange.http_status == 400 else None
