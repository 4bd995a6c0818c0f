"""What a status answer proves, and of which operation.

Theory. A poll proves something only when it is certain which operation it is about: one that the server surely took,
under an id that both calls spell alike. Then every clause about statuses asks the same few questions: what was seen
of it before, who works on it, whether its station exists, what the operator was told, and whether a refusal is due.
"Due" has three answers, since many conditions cannot be seen from outside; only a condition that surely does not hold
makes a refusal wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from conformance.rules.premises import Premise, Standing, may_be_of_another, plain, premises
from conformance.spec import Condition, Kind, Method, Outcome, RunsOn, Spec, Status
from conformance.trace import Exchange, History, NoteKind, Operation
from conformance.trace.history import once, spelled_alike
from conformance.wire import EMPTY_GUID, Document, Record

YES = frozenset({"yes", "true"})
BAD_REQUEST = 400
SKIPPED_HTTP = frozenset({0, 401, 403, 406, 503})
"""No answer, no entry, nothing in the wanted form, still starting up: other clauses speak of these."""


@dataclass(frozen=True)
class Told:
    """A status answer that is surely about ``operation``."""

    poll: Exchange
    operation: Operation
    status: Status
    spec: Spec

    @cached_property
    def earlier(self) -> Sequence[Status]:
        """Statuses known before this one was asked for, newest first."""
        return [status for _, status in self.earlier_polls]

    @cached_property
    def earlier_polls(self) -> Sequence[tuple[Exchange, Status]]:
        """The same with their exchanges. Looks under another spelling of the id may have been about nothing."""
        found = []
        for poll in reversed(self.operation.polls):
            status = self.spec.status_by_code.get(poll.status_code if poll.status_code is not None else 0)
            if poll is self.poll or status is None or not spelled_alike(self.operation.call, poll):
                continue
            if poll.before(self.poll):
                found.append((poll, status))
        return found

    @property
    def observed(self) -> str:
        return f"status {self.status.code} at exchange {self.poll.number}"


def named(spec: Spec, *names: str) -> str:
    """Statuses as a person reads them: ``4 (processed)``."""
    return " or ".join(f"{spec.code(name)} ({name.replace('_', ' ')})" for name in names)


def ordinary(exchange: Exchange, spec: Spec) -> bool:
    """True when nothing about the call excuses another answer than the documented one."""
    method = exchange.method
    if method is None or exchange.verb != "GET" or exchange.http_status in SKIPPED_HTTP:
        return False
    authorization = exchange.authorization
    if authorization.flaw or not authorization.present:
        return False  # a server may refuse that in its own way
    if "xml" not in exchange.event.request.headers.get("accept", "xml"):
        return False  # what comes back then is a reading
    if exchange.unknown or exchange.repeated or exchange.path != f"{spec.service.base_path}/{method.name}":
        return False
    if not exchange.succeeded and any(p.mandatory and p.role not in exchange.values for p in method.parameters):
        return False
    guids = [p.role for p in method.parameters if p.kind is Kind.GUID]
    return all(exchange.guid(role) is not None for role in guids) and "" not in exchange.values.values()


def since(history: History, role: str, call: Exchange) -> list[Exchange]:
    """Exchanges of one method that were not over when ``call`` began, newest first."""
    found = []
    for exchange in reversed(history.of(role)):
        if exchange.before(call):
            break
        found.append(exchange)
    return found


def understood(call: Exchange) -> bool:
    """True when the server surely took the call and surely read its operation id and station as they were meant."""
    return call.succeeded and _read_as_meant(call)


def _read_as_meant(call: Exchange) -> bool:
    if call.verb != "GET" or call.repeated or call.odd:
        return False
    return call.guid("operation") is not None and call.guid("station") is not None


def told(history: History, query: Exchange, spec: Spec, *, turned_down: bool = False) -> Told | None:
    """What ``query`` tells of an operation, or None where it is not certain of which.

    With ``turned_down`` also of one whose call HTTP turned down: some servers do both.
    """
    return _told(history, query, turned_down)


@once
def _told(history: History, query: Exchange, turned_down: bool) -> Told | None:
    operation, code, spec = history.polled(query), query.status_code, history.spec
    status = spec.status_by_code.get(code) if code is not None else None
    if operation is None or status is None or query.repeated:
        return None
    if not query.succeeded and not (query.http_status == 404 and status.name == "operation_unknown"):
        return None
    call = operation.call
    if may_be_of_another(history, operation, query, spec) and status.name != "operation_unknown":
        return None
    taken = understood(call) or (turned_down and call.http_status == BAD_REQUEST and _read_as_meant(call))
    return Told(query, operation, status, spec) if taken and spelled_alike(call, query) else None


def alone(history: History, operation: Operation) -> bool:
    """True when no other operation of the trace has its id, so that notes and removals by id are about it."""
    return operation.id != EMPTY_GUID and len(history.with_id(operation.call)) == 1


def refused_anyhow(history: History, call: Exchange, but: Callable[[Exchange], bool]) -> bool:
    """True when HTTP turned sound calls down that give all data that ``call`` gives, and took none: no proof then.

    ``but`` are the calls that the question is about; they are no witnesses in their own cause.
    """
    alike = [
        other
        for other in history.of(call.role)
        if other.before(call) and _whole(other) and _data(other) >= _data(call) and not but(other)
    ]
    return any(400 <= o.http_status < 500 for o in alike) and not any(o.succeeded for o in alike)


def _data(call: Exchange) -> frozenset[str]:
    """Roles of the texts and dates that the call gives."""
    kinds = {Kind.TEXT, Kind.DATE}
    return frozenset(
        role for role in call.values if call.method and call.method.by_role[role].kind in kinds and call.given(role)
    )


def _whole(call: Exchange) -> bool:
    method = call.method
    return method is not None and plain(call) and all(call.given(p.role) for p in method.parameters if p.mandatory)


def older_that_may_have_changed(history: History, operation: Operation) -> int:
    """Operations that came before and may have got a new status since; only the last few can still have a place."""
    first = max(0, operation.serial - 2 * history.spec.kept_operations)
    return sum(_may_have_changed(history, older, operation) for older in history.operations[first : operation.serial])


def _may_have_changed(history: History, older: Operation, operation: Operation) -> bool:
    if not older.call.before(operation.call):
        return True
    if not older.on_station and not history.works_later:
        return False
    known = history.spec.status_by_code
    return not any(code in known and known[code].final for code in older.codes(operation.call))


def lost_among_others(history: History, operation: Operation, query: Exchange) -> bool:
    """True for an operation that was never known and whose call came while others were under way.

    Only at a server that was seen to know others of its kind after as many newer ones: else it may be that statuses
    are not kept for as long as they ought to be.
    """
    unknown = history.spec.code("operation_unknown")
    if not history.company.met(operation.call) or set(operation.codes()) != {unknown}:
        return False
    newer = history.newer(operation, query).most
    alike = (o for o in history.operations if o.role == operation.role and o.polls)
    return any(p.status_code != unknown and history.newer(o, p).least >= newer for o in alike for p in o.polls[-1:])


# -- stations -------------------------------------------------------------------------------------------------


def nowhere(history: History, station: UUID, before: Exchange) -> int:
    """Number of the note that no such station is connected: minted, or declared so; 0 without one."""
    minted = history.minted("station", station, before)
    return minted or _declared(history, station, before, connected=False)


def _declared(history: History, station: UUID, before: Exchange, *, connected: bool) -> int:
    for note in history.notes(NoteKind.FIXTURE):
        if note.data.get("what") == "station" and note.data.get("station") == str(station) and "connected" in note.data:
            return note.number if (note.data["connected"] in YES) is connected and note.number < before.number else 0
    return 0


def listed(history: History, station: UUID, before: Exchange) -> tuple[Exchange, Record] | None:
    """The newest list of stations before that call which shows the station, provided that it is the newest of all."""
    for answer in reversed(history.of("list_stations")):
        if answer.before(before) and isinstance(answer.document, Document) and answer.succeeded:
            found = [r for r in answer.document.records if r.guid("station") == station]
            return (answer, found[0]) if found else None
    return None


# -- the operator ---------------------------------------------------------------------------------------------

GOES_ON = frozenset({"proceed", "save", "new", "apply", "existing"})
INSTEAD = {
    "navigation_failed": "navigation_failed",
    "no_answer": "station_silent",
    "exception": "exception",
    "internal_error": "internal_error",
    "cancel": "rejected_by_operator",
}
"""Button -> name of the status it leads to, for those after which the operation is not carried out."""


def pressed(history: History, operation: Operation) -> Mapping[str, str]:
    """Dialog -> button for all that was noted of the operator's dealing with ``operation``."""
    if not alone(history, operation):
        return {}
    return history.proofs.decisions(operation)


def course(history: History, operation: Operation, query: Exchange) -> tuple[int, ...]:
    """Numbers of what was done at the station and of the statuses up to this one, of each status the first in a row."""
    events = [note.number for note in history.decisions(operation) if note.number < query.number]
    last: int | None = None
    for seen in operation.polls:
        if seen.number < query.number and seen.status_code != last:
            events.append(seen.number)
            last = seen.status_code
    return tuple(sorted(events))


def decided(history: History, operation: Operation) -> str:
    """Name of the status that the operator's dealing must lead to, or '' where that is open.

    Which dialog comes up depends on data that the trace may not show; so a button counts only when every dialog that
    may come up was dealt with in the same sense.
    """
    buttons = pressed(history, operation)
    page = buttons.get("page", "proceed")
    if page in INSTEAD:
        return INSTEAD[page]
    dialogs = _dialogs(history, operation)
    if not dialogs:
        return "processed" if "page" in buttons else ""
    answers = {buttons.get(dialog, "") for dialog in dialogs}
    if answers <= GOES_ON:
        return "processed"
    return "rejected_by_operator" if answers == {"cancel"} and _surely_asked(history, operation) else ""


def _dialogs(history: History, operation: Operation) -> tuple[str, ...]:
    if operation.role == "update_patient":
        return ("sync",)
    if operation.role != "create_patient":
        return ()
    if not operation.call.flag("merge"):
        return ("new_patient",)
    mapped = pressed(history, operation).get("merge") == "existing"
    return ("merge", "new_patient", "sync") if mapped else ("merge", "new_patient")


def _surely_asked(history: History, operation: Operation) -> bool:
    """False for an update that may change nothing: then a server need not ask anybody."""
    if operation.role != "update_patient":
        return True
    call = operation.call
    names = history.proofs.names(call.values.get("integration_id", ""), call)
    return names is not None and names.last != call.values.get("last_name", "")


# -- refusals -------------------------------------------------------------------------------------------------


class Due(StrEnum):
    """Whether the condition of a refusal holds."""

    SURELY = "surely"
    OPEN = "open"
    NOT = "not"


_DUE = {Standing.BROKEN: Due.SURELY, Standing.OPEN: Due.OPEN, Standing.MET: Due.NOT}


def due(history: History, operation: Operation, name: str, spec: Spec, until: Exchange) -> Due:
    """Whether the status called ``name`` may refuse ``operation``, from its call until that answer."""
    method = operation.call.method
    if method is None:
        return Due.OPEN
    found = {
        _due(history, operation, premise)
        for premise in premises(history, operation, until)
        if name in told_by(premise.outcome, method, spec)
    }
    if Due.SURELY in found:
        return Due.SURELY
    return Due.OPEN if Due.OPEN in found else Due.NOT


def _due(history: History, operation: Operation, premise: Premise) -> Due:
    if premise.outcome.condition is Condition.UNKNOWN and premise.outcome.parameter == "case":
        return _case_due(history, operation)
    return _DUE[premise.standing]


def _case_due(history: History, operation: Operation) -> Due:
    case = operation.call.guid("case")
    if case is not None and history.minted("case", case, operation.call):
        return Due.SURELY
    return Due.NOT if case_known(history, case, operation.call) else Due.OPEN


STATION_MISSING = {True: "CASE-STATION-MISSING", False: "STATION-MISSING"}
"""Reading of what a station-only operation gets that names no station, by whether it is about a case."""


def told_by(outcome: Outcome, method: Method, spec: Spec) -> frozenset[str]:
    """Names of the statuses that a conforming server may give for this condition."""
    missing = STATION_MISSING["case" in method.by_role] if outcome.condition is Condition.NO_STATION else ""
    reading = spec.reading.get(outcome.reading or missing)
    return frozenset({outcome.status, *(reading.conforming if reading else ())})


def forced(history: History, operation: Operation) -> bool:
    """True when the call itself lacks something, so that it cannot be carried out, whoever does it."""
    return operation.call.method is not None and any(
        premise.standing is Standing.BROKEN and premise.outcome.condition in (Condition.MISSING, Condition.NO_STATION)
        for premise in premises(history, operation, operation.call)
    )


def lacks_only(history: History, operation: Operation) -> bool:
    """True when the call lacks something, and nothing else is, or may be, wrong with it."""
    found = premises(history, operation, operation.polls[-1] if operation.polls else operation.call)
    rest = [p for p in found if p.outcome.condition not in (Condition.MISSING, Condition.NO_STATION)]
    return forced(history, operation) and all(p.standing is Standing.MET for p in rest)


def case_known(history: History, case: UUID | None, before: Exchange) -> bool:
    """True when a list of cases showed this case before that call, or it was declared to be there."""
    declared = [note.data for note in history.notes(NoteKind.FIXTURE) if note.data.get("what") == "case"]
    first = history.first_listed(case)
    return any(data.get("case") == str(case) for data in declared) or (first is not None and first.before(before))


def on_server(operation: Operation) -> bool:
    """True for an operation that the server carries out itself, and can."""
    method = operation.call.method
    return method is not None and method.runs_on is RunsOn.EITHER and not operation.on_station


def possible(history: History, operation: Operation, status: Status, spec: Spec, asked: Exchange) -> bool:
    """False when the operation surely cannot have come to that status, whatever server and operator did."""
    done_there = status.assigned_by in ("station", "operator")
    if not operation.on_station and (done_there or status.name == "station_silent"):
        return False
    by_station = operation.on_station and (done_there or status.name == "processed")
    if by_station and nowhere(history, operation.station, operation.call):
        return False
    if status.name == "processed":
        return not forced(history, operation)
    if status.name == "unsupported" and not operation.on_station:
        return due(history, operation, status.name, spec, asked) is not Due.NOT
    if status.name == "removed":
        return bool(operation.removals)
    if status.name in refusals(spec):
        return due(history, operation, status.name, spec, asked) is not Due.NOT
    return True


def refusals(spec: Spec) -> frozenset[str]:
    """Names of the statuses that only a condition of the call leads to."""
    names = {name for method in spec.methods for outcome in method.outcomes for name in told_by(outcome, method, spec)}
    at_any_time = {"exception", "unsupported"}
    return frozenset(n for n in names - at_any_time if spec.status[n].assigned_by == "server")
