"""Faults of searches: what can go wrong with any, and whose cases are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID, uuid5

from conformance.emulator.faults.case_data import UNDECLARED, HoldsMore
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import refused
from conformance.model import (
    UNDERSTOOD,
    AddCase,
    Answer,
    Call,
    Case,
    CaseState,
    Outcome,
    Scan,
    State,
    answered,
)
from conformance.model.filters import RANGES, STATES
from conformance.model.records import Content, case_record

FIND, FOUND = "find_cases", "cases"
DEFAULTS = {point: takes[0] for point, takes in UNDERSTOOD.items()}
INVENTED = UUID(int=0xF00D)
MOST = 8
CREATED, SCANNED, MODELLED = STATES

Cases = Sequence[Case]
Choose = Callable[[Cases, Call, State], Cases]


class Finds(Fault):
    """Finds other cases than it should, when a search succeeds."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], choose: Choose) -> None:
        """``choose`` gets the cases that a right server finds."""
        self.name, self.does, self.breaks = name, does, breaks
        self._choose = choose

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != FIND or not isinstance(answer.content, list):
            return answer
        right = [state.cases[record["case"]] for record in answer.content]
        chosen = self._choose(right, call, state)
        return replace(answer, content=[case_record(case, state, DEFAULTS) for case in chosen])


class Refuses(Fault):
    """Turns a search down that it should answer."""

    def __init__(
        self,
        name: str,
        does: str,
        breaks: tuple[str, ...],
        http_status: int,
        when: Callable[[Call, State], bool],
    ) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._http_status = http_status
        self._when = when

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        return refused(self._http_status) if call.role == FIND and self._when(call, state) else outcomes


class Understands(Fault):
    """Takes a search for another one."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], change: Callable[[Call, State], Call]) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._change = change

    def call(self, call: Call, state: State) -> Call:
        return self._change(call, state) if call.role == FIND else call


# -- what a search asks for ---------------------------------------------------------------------------------------


def plain(call: Call) -> bool:
    """True for a search with nothing but the patient."""
    return set(call.values) <= {"integration_id"}


def asked(call: Call) -> set[str]:
    """The statuses that the search says true of."""
    return {role for role in STATES if call.flag(role)}


def dated(call: Call) -> bool:
    return any(role in call.values for ends in RANGES for role in ends)


def of_all(state: State, *wanted: CaseState) -> Cases:
    return [case for case in state.cases.values() if case.state in wanted]


def of_patient(call: Call, state: State, *wanted: CaseState) -> Cases:
    """The cases of the patient asked for, in these states; in any where none is named."""
    patient = state.patient(call.text("integration_id"))
    cases = state.cases_of(patient) if patient is not None else ()
    return [case for case in cases if not wanted or case.state in wanted]


def without(call: Call, *roles: str) -> Call:
    return replace(call, values={role: value for role, value in call.values.items() if role not in roles})


# -- whose cases --------------------------------------------------------------------------------------------------


def by_visible_id(call: Call, state: State) -> Call:
    """A patient id finds the patient, for want of an integration id."""
    text = call.text("integration_id")
    holder = next((p for p in state.holders_of(text) if p.integration_id), None) if text else None
    if holder is None or state.patient(text) is not None:
        return call
    return replace(call, values={**call.values, "integration_id": holder.integration_id})


def by_beginning(call: Call, state: State) -> Call:
    """All but the last letter of an integration id finds the patient."""
    text = call.text("integration_id")
    longer = [known for known in state.mapped if len(text) > 3 and known[:-1] == text]
    return replace(call, values={**call.values, "integration_id": longer[0]}) if longer else call


def in_any_case(call: Call, state: State) -> Call:
    text = call.text("integration_id")
    alike = [known for known in state.mapped if known != text and known.casefold() == text.casefold()]
    if not alike or state.patient(text) is not None:
        return call
    return replace(call, values={**call.values, "integration_id": alike[0]})


def everybodys_without_a_patient(right: Cases, call: Call, state: State) -> Cases:
    return right if call.has_value("integration_id") else list(state.cases.values())


class InventsCases(Fault):
    name = "invents-cases"
    does = "Finds a case of a patient whom nobody knows."
    breaks = ("FND-004",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        text = call.text("integration_id")
        if call.role != FIND or asked(call) or not text or state.patient(text) is not None:
            return answer
        record = dict(case_record(next(iter(state.cases.values())), state, DEFAULTS))
        number = uuid5(INVENTED, text)
        lists: dict[str, object] = {"indications": [], "images": [], "scans": []}
        return Answer(HTTPStatus.OK, FOUND, [{**record, **lists, "case": number, "integration_id": text}])


class SearchesNobody(Fault):
    name = "searches-for-nobody"
    does = "Finds the scanned cases of everybody when a search by that status names no patient."
    breaks = ("FND-005",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role != FIND or call.has_value("integration_id") or not call.flag(SCANNED):
            return outcomes
        found: list[Content] = [case_record(case, state, DEFAULTS) for case in of_all(state, CaseState.SCANNED)]
        return (answered(FOUND, found),)


class AddsCasesBySearching(Fault):
    name = "adds-cases-by-searching"
    does = "Makes a case more, once, when a patient with a single case is searched for."
    breaks = ("FND-003",)

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        found = of_patient(call, state)
        if call.role != FIND or not plain(call) or len(found) != 1 or found[0].state is not CaseState.MODELLED:
            return outcomes
        patient = call.text("integration_id")
        more = replace(found[0], id=uuid5(INVENTED, patient), indications=(), images=(), scans=())
        return tuple(replace(outcome, changes=(*outcome.changes, AddCase(more))) for outcome in outcomes)


class RefusesWhatItAnswered(Fault):
    name = "refuses-what-it-answered"
    does = "Answers HTTP 404 when the same search for nobody is made once more."
    breaks = ("FND-003",)

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        text = call.text("integration_id")
        if call.role != FIND or not text or state.patient(text) is not None:
            return outcomes
        again = repr(call.values) in self._seen
        self._seen.add(repr(call.values))
        return refused(HTTPStatus.NOT_FOUND) if again else outcomes


class AnswersWithStations(Fault):
    name = "answers-with-stations"
    does = "Answers a search that finds nothing with an empty list of stations."
    breaks = ("FND-008",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != FIND or answer.content != []:
            return answer
        return replace(answer, document="stations")


WHOSE = (
    Understands(
        "searches-by-the-visible-id",
        "Finds a patient's cases by the patient id as well.",
        ("FND-001",),
        by_visible_id,
    ),
    Understands(
        "searches-by-the-beginning",
        "Finds a patient's cases by all but the last letter of the integration id.",
        ("FND-001", "FND-004"),
        by_beginning,
    ),
    Understands(
        "searches-in-any-case",
        "Finds a patient's cases by an integration id that differs in upper and lower case.",
        ("FND-004", "FND-009"),
        in_any_case,
    ),
    Finds(
        "pages-long-lists",
        "Finds the first eight cases of a patient and no more when no criteria are given.",
        ("FND-002",),
        lambda right, call, state: right[:MOST] if plain(call) else right,
    ),
    Finds(
        "hides-modelled-cases",
        "Finds no modelled cases when no status is named.",
        ("FND-002", "FND-014"),
        lambda right, call, state: [c for c in right if c.state is not CaseState.MODELLED] if plain(call) else right,
    ),
    Refuses(
        "does-not-know-the-caseless",
        "Answers HTTP 404 to a search by status for a patient who has no cases.",
        ("FND-007",),
        HTTPStatus.NOT_FOUND,
        lambda call, state: (
            state.patient(call.text("integration_id")) is not None and bool(asked(call)) and not of_patient(call, state)
        ),
    ),
)


# -- a case of two minds ------------------------------------------------------------------------------------------


class FindsACaseTwice(HoldsMore):
    name = "finds-a-case-twice"
    does = "Finds a case as scanned that it has found as not scanned yet."
    breaks = ("FND-017", "FND-018")

    def undeclared(self) -> Case:
        kind = self._spec.record["scan"].by_role["type"].values[0]
        return replace(UNDECLARED, scans=(Scan(UUID(int=0x5CA9), 1, 16, kind, False, False, UNDECLARED.created),))

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != FIND or asked(call) != {SCANNED} or not isinstance(answer.content, list):
            return answer
        mine = [case for case in of_patient(call, state) if case.id == UNDECLARED.id and not dated(call)]
        return replace(answer, content=[*answer.content, *(case_record(case, state, DEFAULTS) for case in mine)])
