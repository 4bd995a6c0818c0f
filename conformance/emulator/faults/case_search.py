"""Faults of searches: cases that are found and should not be, cases that are not found, and other refusals."""

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
    Instant,
    Outcome,
    Scan,
    State,
    answered,
)
from conformance.model.filters import RANGES, STATES, TICKS_PER_DAY
from conformance.model.records import Content, case_record

FIND, FOUND = "find_cases", "cases"
DEFAULTS = {point: takes[0] for point, takes in UNDERSTOOD.items()}
INVENTED = UUID(int=0xF00D)
MOST = 8
CREATED, SCANNED, MODELLED = STATES
FIVE_DAYS = 5 * TICKS_PER_DAY

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
        ("FND-001",),
        by_beginning,
    ),
    Understands(
        "searches-in-any-case",
        "Finds a patient's cases by an integration id that differs in upper and lower case.",
        ("FND-009",),
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


# -- by status ----------------------------------------------------------------------------------------------------


def loses(role: str) -> Choose:
    """Asked for this status alone, the last of several cases is not found."""

    def choose(right: Cases, call: Call, state: State) -> Cases:
        return right[:-1] if asked(call) == {role} and not dated(call) and len(right) > 1 else right

    return choose


def adds(roles: set[str], more: Callable[[Case], bool]) -> Choose:
    """Asked for these statuses, other cases of the patient are found as well."""

    def choose(right: Cases, call: Call, state: State) -> Cases:
        if asked(call) != roles or dated(call):
            return right
        return [case for case in of_patient(call, state) if case in right or more(case)]

    return choose


def first_status_only(right: Cases, call: Call, state: State) -> Cases:
    """Of several statuses, the one documented first counts."""
    wanted = asked(call)
    if len(wanted) < 2 or dated(call):
        return right
    first = next(STATES[role] for role in STATES if role in wanted)
    return [case for case in right if case.state is first]


def false_as_true(call: Call, state: State) -> Call:
    """Where no status is true, those said to be false are taken for wanted."""
    if asked(call):
        return call
    return replace(call, values={role: True if role in STATES else v for role, v in call.values.items()})


STATUSES = (
    Finds("loses-created-cases", "Does not find the last case not scanned yet.", ("FND-010",), loses(CREATED)),
    Finds("loses-scanned-cases", "Does not find the last scanned case.", ("FND-011",), loses(SCANNED)),
    Finds("loses-modelled-cases", "Does not find the last modelled case.", ("FND-012",), loses(MODELLED)),
    Finds(
        "finds-scans-among-the-created",
        "Finds scanned cases that were sent when those are asked for that are not scanned yet.",
        ("FND-010", "FND-018"),
        adds({CREATED}, lambda case: case.state is CaseState.SCANNED and case.sent is not None),
    ),
    Finds(
        "finds-the-modelled-among-the-scanned",
        "Finds modelled cases among the scanned ones: they have scans as well.",
        ("FND-011",),
        adds({SCANNED}, lambda case: case.state is CaseState.MODELLED and bool(case.scans)),
    ),
    Finds(
        "takes-the-sent-for-modelled",
        "Finds cases that were sent among the modelled ones.",
        ("FND-012",),
        adds({MODELLED}, lambda case: case.sent is not None),
    ),
    Finds(
        "hears-one-status-only",
        "Of several statuses asked for, heeds the first one only.",
        ("FND-013",),
        first_status_only,
    ),
    Finds(
        "fills-the-gap-between-statuses",
        "Finds scanned cases as well when created and modelled ones are asked for.",
        ("FND-015",),
        adds({CREATED, MODELLED}, lambda case: True),
    ),
    Understands(
        "takes-any-mention-for-true",
        "Searches for the statuses that are said to be false, when none is true.",
        ("FND-016",),
        false_as_true,
    ),
)


# -- by date ------------------------------------------------------------------------------------------------------


def deaf_to(role: str, other: str) -> Callable[[Call, State], Call]:
    """Without its counterpart, a bound does not count."""

    def change(call: Call, state: State) -> Call:
        return without(call, role) if other not in call.values else call

    return change


def late_by_days(role: str, other: str, ticks: int) -> Callable[[Call, State], Call]:
    """A bound alone is moved."""

    def change(call: Call, state: State) -> Call:
        bound = call.instant(role)
        if bound is None or other in call.values:
            return call
        moved = Instant(max(0, bound.ticks + ticks), bound.whole_day)
        return replace(call, values={**call.values, role: moved})

    return change


def both_ranges(call: Call) -> bool:
    return all(any(role in call.values for role in ends) for ends in RANGES)


class TakesImpossibleRanges(Fault):
    """Finds nothing in a range that ends before it begins, instead of refusing it."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], which: int, least: int, most: int) -> None:
        """``which`` of the two ranges; by how many ticks its end must come before its beginning: from least to most."""
        self.name, self.does, self.breaks = name, does, breaks
        self._first, self._last = RANGES[which]
        self._others = RANGES[1 - which]
        self._least = least
        self._most = most

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        first, last = call.instant(self._first), call.instant(self._last)
        if call.role != FIND or first is None or last is None or any(role in call.values for role in self._others):
            return outcomes
        taken = self._least <= first.ticks - last.ticks <= self._most
        return (answered(FOUND, []),) if taken else outcomes


def one_moment(call: Call, state: State) -> bool:
    """A range ends where it begins."""
    return any(call.instant(first) is not None and call.instant(first) == call.instant(last) for first, last in RANGES)


def only_a_beginning(call: Call, state: State) -> bool:
    """A search has one bound, and it lies ahead of every case."""
    bound = call.instant(RANGES[0][0])
    if bound is None or len(call.values) != 2 or state.patient(call.text("integration_id")) is None:
        return False
    return all(case.created < bound.ticks for case in state.cases.values())


def made_after_delivery(call: Call, state: State) -> bool:
    """The beginning of one range comes after the end of the other, and neither has its counterpart."""
    first, last = call.instant(RANGES[0][0]), call.instant(RANGES[1][1])
    if first is None or last is None or RANGES[0][1] in call.values or RANGES[1][0] in call.values:
        return False
    return first.ticks > last.ticks


DATES = (
    Understands(
        "deaf-to-the-beginning",
        "Finds cases made before the bound when no other bound is given.",
        ("FND-020",),
        deaf_to("created_from", "created_to"),
    ),
    Understands(
        "ends-late",
        "Finds cases made up to five days after the bound when no other is given.",
        ("FND-021",),
        late_by_days("created_to", "created_from", FIVE_DAYS),
    ),
    Understands(
        "delivers-early",
        "Does not find cases delivered within five days of the bound when no other is given.",
        ("FND-022",),
        late_by_days("delivered_from", "delivered_to", FIVE_DAYS),
    ),
    Understands(
        "deaf-to-the-last-delivery",
        "Finds cases delivered after the bound when no other is given.",
        ("FND-023",),
        deaf_to("delivered_to", "delivered_from"),
    ),
    Finds(
        "cannot-count-to-two",
        "Finds nothing when both kinds of dates are given.",
        ("FND-024",),
        lambda right, call, state: [] if both_ranges(call) else right,
    ),
    Finds(
        "forgets-a-status-within-dates",
        "Finds no modelled cases when they are asked for within dates.",
        ("FND-024",),
        lambda right, call, state: [] if dated(call) and asked(call) == {MODELLED} else right,
    ),
    TakesImpossibleRanges(
        "takes-impossible-creations",
        "Finds nothing in a range of creation dates that ends before it begins.",
        ("FND-030",),
        0,
        1,
        10_000 * TICKS_PER_DAY * 10,
    ),
    TakesImpossibleRanges(
        "takes-impossible-deliveries",
        "Finds nothing in a range of delivery dates that ends before it begins.",
        ("FND-031",),
        1,
        1,
        10_000 * TICKS_PER_DAY * 10,
    ),
    TakesImpossibleRanges(
        "compares-days-only",
        "Takes a range of creation dates for possible that ends a second before it begins.",
        ("FND-030",),
        0,
        1,
        TICKS_PER_DAY - 1,
    ),
    Refuses(
        "refuses-single-moments",
        "Answers HTTP 400 to a range that ends where it begins.",
        ("FND-032",),
        HTTPStatus.BAD_REQUEST,
        one_moment,
    ),
    Refuses(
        "refuses-the-future",
        "Answers HTTP 400 to a single bound that lies ahead of every case.",
        ("FND-007", "FND-033", "TRN-008"),
        HTTPStatus.BAD_REQUEST,
        only_a_beginning,
    ),
    Refuses(
        "mixes-the-ranges-up",
        "Answers HTTP 400 when cases must be made after the last day on which they may be delivered.",
        ("FND-007", "FND-033"),
        HTTPStatus.BAD_REQUEST,
        made_after_delivery,
    ),
)


# -- a case of two minds ------------------------------------------------------------------------------------------


class FindsACaseTwice(HoldsMore):
    name = "finds-a-case-twice"
    does = "Finds a case as scanned that it has found as not scanned yet."
    breaks = ("FND-011", "FND-017", "FND-018")

    def undeclared(self) -> Case:
        kind = self._spec.record["scan"].by_role["type"].values[0]
        return replace(UNDECLARED, scans=(Scan(UUID(int=0x5CA9), 1, 16, kind, False, False, UNDECLARED.created),))

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != FIND or asked(call) != {SCANNED} or not isinstance(answer.content, list):
            return answer
        mine = [case for case in of_patient(call, state) if case.id == UNDECLARED.id and not dated(call)]
        return replace(answer, content=[*answer.content, *(case_record(case, state, DEFAULTS) for case in mine)])
