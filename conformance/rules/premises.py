"""The conditions under which an operation on a patient is carried out, held against what the trace has proven.

Theory. A method's outcomes are its conditions. For one operation each of them is *broken*, *met*, or *open*: it
cannot be told, or servers may differ in good faith. What was true has to be true all the while from the call to
the answer that shows the end, since nobody can tell when in between the server, or the station, looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from conformance.spec import Condition, Kind, Method, Outcome, Spec, Status
from conformance.trace import (
    Asked,
    Button,
    Exchange,
    History,
    Holding,
    Operation,
    Proof,
    State,
    doubtful,
    endings,
    lengthy,
    per_exchange,
)
from conformance.trace.history import once
from conformance.wire import EMPTY_GUID, is_canonical

LONG = 60
"""Texts beyond this many characters may be refused; they may not be mistaken for others."""

_UNREADABLE = frozenset({"bad-escape", "raw-blank", "raw-non-ascii", "raw-hash", "not-utf8", "no-equals", "control"})
_DATES = frozenset({"date:iso", "date:iso_time"})
_FLAGS = frozenset({"True", "False"})  # as the guide writes them; whether other spellings count is a reading


class Standing(StrEnum):
    BROKEN = "broken"
    MET = "met"
    OPEN = "open"


@dataclass(frozen=True)
class Premise:
    """One condition, and how it stands."""

    outcome: Outcome
    standing: Standing
    evidence: tuple[int, ...] = ()
    proof: Proof | None = None
    holding: Holding | None = None


@dataclass(frozen=True)
class Ending:
    """An operation with plain parameters that was seen to end, and the conditions it was under."""

    operation: Operation
    query: Exchange
    """The first answer that shows how it ended."""
    status: Status
    premises: tuple[Premise, ...]

    @cached_property
    def call(self) -> Exchange:
        return self.operation.call

    @cached_property
    def creates(self) -> bool:
        """True for an operation that is to bring a new integration id in."""
        return self.operation.role == "create_patient"

    @cached_property
    def broken(self) -> tuple[Premise, ...]:
        return tuple(p for p in self.premises if p.standing is Standing.BROKEN)

    @cached_property
    def sound(self) -> bool:
        """True when every condition is proven to be met."""
        return all(p.standing is Standing.MET for p in self.premises)

    def premise(self, condition: Condition, parameter: str) -> Premise | None:
        for premise in self.premises:
            if premise.outcome.condition is condition and premise.outcome.parameter == parameter:
                return premise
        return None

    def blames(self) -> bool:
        """True when the status is one of those that complain of a condition."""
        return any(self.status.name == p.outcome.status for p in self.premises)


def ending(history: History, query: Exchange, spec: Spec, *roles: str) -> Ending | None:
    """What ``query`` shows the end of: an operation of these methods whose call leaves no room for doubt."""
    end = any_ending(history, query)
    return end if end is not None and end.operation.role in roles else None


@once
def any_ending(history: History, query: Exchange) -> Ending | None:
    """The same, whichever method it is."""
    operation, spec = history.polled(query), history.spec
    if operation is None or not plain(operation.call) or may_be_of_another(history, operation, query, spec):
        return None
    status = spec.status_by_code.get(query.status_code) if query.status_code is not None else None
    if status is None or not status.final or status.name == "operation_unknown":
        return None
    first = next(poll for name, poll in endings(operation) if name == status.name)
    return Ending(operation, first, status, premises(history, operation, first))


def may_be_of_another(history: History, operation: Operation, query: Exchange, spec: Spec) -> bool:
    """True when an id was used before and its last operation may be forgotten, so that an earlier one is told of."""
    return len(history.with_id(operation.call)) > 1 and may_be_forgotten(history, operation, query, spec)


def may_be_forgotten(history: History, operation: Operation, at: Exchange, spec: Spec) -> bool:
    """True when so many newer operations may have come before ``at`` that this one's status may be kept no longer."""
    newer = history.newer(operation, at)
    return newer.most + newer.others >= spec.kept_operations


@once
def premises(history: History, operation: Operation, until: Exchange) -> tuple[Premise, ...]:
    """Every condition of the operation's method, from its call until the answer ``until``."""
    method = operation.call.method
    assert method is not None
    return tuple(_premise(history, operation, until, outcome) for outcome in method.outcomes)


@per_exchange
def plain(call: Exchange) -> bool:
    """True when every server must understand the call in the same way, whatever its values are."""
    method = call.method
    if method is None or call.verb != "GET" or call.unknown or call.repeated or call.odd:
        return False
    return all(_plain(call, method, role) for role in call.values)


def _plain(call: Exchange, method: Method, role: str) -> bool:
    kind, value = method.by_role[role].kind, call.values[role]
    told = set(call.flaws.get(role, "").split())
    if told & _UNREADABLE:
        return False
    if kind is Kind.GUID:
        return is_canonical(value) or (role == "station" and not value and call.succeeded)
    if kind is Kind.BOOLEAN:
        return value in _FLAGS
    return kind is not Kind.DATE or bool(told & _DATES)


def _premise(history: History, operation: Operation, until: Exchange, outcome: Outcome) -> Premise:
    call, role = operation.call, outcome.parameter
    match outcome.condition:
        case Condition.MISSING:
            return Premise(outcome, _missing(call, role), (call.number,))
        case Condition.NO_STATION:
            return Premise(outcome, Standing.MET if call.guid(role) != EMPTY_GUID else Standing.BROKEN, (call.number,))
    if role == "case":
        return _about_case(history, call, outcome)
    if role not in ("integration_id", "patient_id"):
        return Premise(outcome, Standing.OPEN)
    if not call.given(role):
        return Premise(outcome, Standing.OPEN if role == "patient_id" and role in call.values else Standing.MET)
    if doubtful(call, role):
        return Premise(outcome, Standing.OPEN)
    if role == "integration_id":
        return _about_integration_id(history, call, until, outcome)
    return _about_patient_id(history, operation, until, outcome)


def _missing(call: Exchange, role: str) -> Standing:
    """Blanks alone leave it open, and so does what should be a GUID and is none; the empty GUID is missing."""
    value = call.values.get(role, "")
    if value and not value.strip():
        return Standing.OPEN
    if call.method is not None and call.method.by_role[role].kind is Kind.GUID:
        found = call.guid(role)
        return Standing.OPEN if found is None else Standing.BROKEN if found == EMPTY_GUID else Standing.MET
    return Standing.MET if value else Standing.BROKEN


def _about_integration_id(history: History, call: Exchange, until: Exchange, outcome: Outcome) -> Premise:
    proof = history.proofs.integration_id(call.values["integration_id"], call, until)
    if proof.state is State.UNPROVEN:
        return Premise(outcome, Standing.OPEN, proof=proof)
    bad = State.PRESENT if outcome.condition is Condition.TAKEN else State.ABSENT
    return Premise(outcome, Standing.BROKEN if proof.state is bad else Standing.MET, proof.evidence, proof)


def _about_case(history: History, call: Exchange, outcome: Outcome) -> Premise:
    """A case is there once a list showed it or it was declared, and is not while its id was only made up."""
    case = call.guid("case")
    if case is None or not call.given("case"):
        return Premise(outcome, Standing.OPEN if case is None else Standing.MET)
    seen = next((s.exchange.number for s in history.cases.sightings(case) if s.exchange.before(call)), 0)
    told = (note.number for note in history.cases.declared("case", case) if note.number < call.number)
    since = seen or next(told, 0)
    if since:
        return Premise(outcome, Standing.MET, (since,))
    minted = history.minted("case", case, call)
    return Premise(outcome, Standing.BROKEN, (minted,)) if minted else Premise(outcome, Standing.OPEN)


def _about_patient_id(history: History, operation: Operation, until: Exchange, outcome: Outcome) -> Premise:
    call = operation.call
    holding = history.proofs.patient_id(call.values["patient_id"], call, until)
    standing = Standing.OPEN
    if holding.state is State.ABSENT or _own(holding, operation):
        standing = Standing.MET
    elif holding.state is State.PRESENT and not _left_to_the_operator(history, operation, holding):
        standing = Standing.BROKEN
    return Premise(outcome, standing, holding.evidence, holding=holding)


def _own(holding: Holding, operation: Operation) -> bool:
    """True when the patient that is updated has the patient id itself."""
    holder = holding.holder if holding.state is State.PRESENT else ""
    return operation.role == "update_patient" and bool(holder) and holder == operation.call.values.get("integration_id")


def _left_to_the_operator(history: History, operation: Operation, holding: Holding) -> bool:
    """True when the patient id may never be written: the operator keeps old data, or maps whoever has it already."""
    if not operation.on_station:
        return False
    decisions = history.proofs.decisions(operation)
    if operation.role == "update_patient":
        return decisions.get(Asked.SYNC) == Button.KEEP
    if not operation.call.flag("merge"):
        return False
    applied = decisions.get(Asked.MERGE) == Button.EXISTING and decisions.get(Asked.SYNC) == Button.APPLY
    if applied and not holding.holder:
        return history.proofs.namesake_patient_id(operation) == operation.call.values.get("patient_id")
    return not applied and decisions.get(Asked.MERGE) != Button.NEW


def accepted_names(outcome: Outcome, row: str, spec: Spec) -> frozenset[str]:
    """The statuses that may tell of a broken condition: the documented one, and those of readings that bear on it."""
    readings = [outcome.reading] if outcome.reading else []
    readings += list(spec.requirement[row].readings) if row in spec.requirement else []
    names = {name for id in readings if id in spec.reading for name in spec.reading[id].conforming}
    return frozenset({outcome.status} | (names & spec.status.keys()))


def told(names: Iterable[str], spec: Spec) -> str:
    """Statuses as a phrase: ``status 105`` or ``status 101 or 106``."""
    return "status " + " or ".join(str(code) for code in sorted(spec.code(name) for name in names))


def long_values(call: Exchange) -> bool:
    """True when some text is so long that a server may refuse it."""
    return any(lengthy(call, role, LONG) for role in call.values)
