"""A PMS is taken through the scenarios of the guide: told what to do, while the 3DD around it does what they say.

Nothing here judges. Each order, each answer and what the PMS says it understood become notes of the trace; rules and
ledger do the rest. A scenario that cannot go on is left, with the reason, and its rows stay as observed as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.certify.persons import Person, Persons
from conformance.certify.pms import AT_STATION, About, BrokenOff, DriverError, LeftOut, PmsActor, Reply, Server, Task
from conformance.certify.understood import understood
from conformance.emulator.deeds import Deeds, NobodyThere
from conformance.spec import Spec
from conformance.spec.scenarios import LATER, NEW_VALUE, NO_VALUE, Actor, At, Deed, Origin, Scenario, Step
from conformance.trace import NoteKind, Recorder
from conformance.wire import Malformed, parse_guid
from conformance.wire.vdds_ini import Ini, in_windows_1252


class Outcome(StrEnum):
    """How a scenario went."""

    PLAYED = "played"
    LEFT = "left"  # it could not go on
    UNSUPPORTED = "unsupported"  # the PMS cannot do a step of it
    BROKEN = "broken"  # our fault


@dataclass(frozen=True)
class Ending:
    outcome: Outcome
    reason: str = ""
    whose: str = "subject"
    """To whom it is due that it was not played to its end."""


class _Left(Exception):
    """The scenario cannot go on."""


class _Unsupported(Exception):
    """The PMS cannot do what the scenario asks next."""


@dataclass
class Session:
    """One PMS and one 3DD. ``begin`` first; then scenarios in any order; then ``end``."""

    spec: Spec
    pms: PmsActor
    deeds: Deeds
    recorder: Recorder
    now_s: Callable[[], float]
    persons: Persons
    about: About
    endings: dict[str, Ending] = field(default_factory=dict)
    awaits: Callable[[Task, Reply], None] = lambda task, reply: None
    """Waits for what the PMS set going and did not wait for; see ``Arrivals.after``."""
    orders: int = 0
    """How many were given so far; those before a run was interrupted count as well."""
    accounts: Sequence[Server] = ()
    """How the server is reached as each of its users; the PMS was told the last one at the start."""
    declined: set[tuple[str, str]] = field(default_factory=set)
    """Steps that the PMS turned out not to support, each with where; '' for anywhere."""
    by_place: bool = True
    """Whether what the PMS does not support in one place is tried in another."""
    _account: int = 0
    """The one that the PMS was told since, from 1; 0 for the last."""

    def can(self, scenario: Scenario) -> str:
        """The first step that the PMS does not support; '' when it supports all of them, those for patients that are
        given included."""
        if any(person.origin in _MAPPED for person in scenario.persons) and not any(self.ways_in()):
            return _word(Deed.CREATE_PATIENT)
        missing = next((deed for deed in sorted(scenario.deeds) if not self.supports(deed, "")), None)
        if missing is not None:
            return _word(missing)
        steps = ((step.does, _place(step.does, step.at)) for step in scenario.steps if step.actor is Actor.PMS)
        return next((_word(deed, at) for deed, at in steps if not self.supports(deed, at)), "")

    def supports(self, deed: Deed, at: str) -> bool:
        """True unless the PMS has said otherwise of this step, there or anywhere."""
        return deed.value in self.about.steps and self.declined.isdisjoint({(deed.value, ""), (deed.value, at)})

    def ways_in(self) -> Iterator[tuple[Deed, At]]:
        """How the PMS can bring a patient into 3DD, the plainest way first."""
        return ((deed, at) for deed, at in _WAYS_IN if self.supports(deed, _place(deed, at)))

    def out_of_reach(self, scenarios: Iterable[Scenario]) -> Mapping[str, str]:
        """Rows that no scenario can show for what the PMS turned out not to support, with the steps that lack."""
        known = tuple(scenarios)
        lacks = {scenario.name: self.can(scenario) for scenario in known}
        reachable = {row for scenario in known if not lacks[scenario.name] for row in scenario.aims}
        return {
            row: lacks[scenario.name]
            for scenario in known
            if self.declined
            for row in scenario.aims
            if row not in reachable
        }

    def play(self, scenario: Scenario) -> Ending:
        """Takes the PMS through ``scenario``.

        Raises DriverError when the PMS cannot be told anything more, and Interrupted when the run is to stop.
        """
        self._note(NoteKind.PLAY, play=scenario.name, phase="begin", attempt="1", title=scenario.title)
        self.recorder.play = scenario.name
        try:
            ending = self._played(scenario)
            self._as_usual()
        finally:
            self.recorder.play = ""
            self.deeds.calm()
        self._note(NoteKind.PLAY, play=scenario.name, phase="end", ending=ending.outcome.value)
        if ending.outcome is not Outcome.PLAYED:
            whose = "ours" if ending.outcome is Outcome.BROKEN else ending.whose
            aims = " ".join(scenario.aims)
            self._note(NoteKind.SKIPPED, play=scenario.name, reason=ending.reason, aims=aims, whose=whose)
        self.endings[scenario.name] = ending
        return ending

    def _played(self, scenario: Scenario) -> Ending:
        missing = self.can(scenario)
        if missing:
            return Ending(Outcome.UNSUPPORTED, f"the PMS does not support {missing}")
        try:
            scene = _Scene(self, scenario)
            for number, step in enumerate(scenario.steps, start=1):
                scene.take(number, step)
        except LeftOut as left:
            return Ending(Outcome.LEFT, str(left), "set-up")
        except (_Left, NobodyThere) as left:
            return Ending(Outcome.LEFT, str(left))
        except _Unsupported as unsupported:
            return Ending(Outcome.UNSUPPORTED, str(unsupported))
        except ValueError as wrong:
            return Ending(Outcome.BROKEN, str(wrong))
        return Ending(Outcome.PLAYED)

    def _as_usual(self) -> None:
        """The PMS has the account again that it had at the start."""
        if self._account not in (0, len(self.accounts)):
            self.order(Task(Deed.CONFIGURE.value, account=len(self.accounts)))

    # -- orders -----------------------------------------------------------------------------------------------

    def order(self, task: Task, person: str = "") -> Reply:
        """Gives one order, and records what was told, what was answered and what was understood."""
        self.orders += 1
        name = str(self.orders)
        here = {"order": name, "play": self.recorder.play}
        self._note(NoteKind.ORDER, **here, phase="begin", **self._told(task), person=person)
        try:
            reply = self._taken(task)
        except (DriverError, BrokenOff) as over:
            answer = over.answer if isinstance(over, BrokenOff) else "died"
            self._note(NoteKind.ORDER, **here, phase="end", answer=answer, status_code="", told="no")
            raise over
        self.awaits(task, reply)
        for what, facts, lists in understood(reply.data):
            told_of = {"lists": lists} if what == "case" else {}
            if what == "picture" and task.does == Deed.IMAGES_BY_VDDS.value:
                told_of = {"object": facts.get("image", "")}  # an id of the image system's own making: may be anything
            self._note(NoteKind.SHOWN, order=name, what=what, fields=" ".join(facts), **{**facts, **told_of})
        code = "" if reply.status_code is None else str(reply.status_code)
        told = "yes" if reply.message.strip() else "no"
        said = {"untold": "yes"} if reply.untold else self._worded(reply)
        said |= _named(reply)
        self._note(NoteKind.ORDER, **here, phase="end", answer=reply.answer, status_code=code, told=told, **said)
        return reply

    def _worded(self, reply: Reply) -> dict[str, str]:
        """What a user was told of something that was not done, and whether it is a text of the guide's as it stands."""
        if reply.answer not in ("refused", "failed") or not reply.message.strip():
            return {}
        quoted = _plain(reply.message) in {_plain(status.text) for status in self.spec.statuses}
        return {"words": reply.message, "quoted": "yes" if quoted else "no"}

    def _taken(self, task: Task) -> Reply:
        if task.does == Deed.RESTART.value:
            self.about = self.pms.restart()
            return Reply("done")
        if task.account:
            return self._configured(task.account)
        return self.pms.take(task)

    def _configured(self, account: int) -> Reply:
        if account > len(self.accounts):
            raise ValueError(f"the server has {len(self.accounts)} accounts, and so no number {account} for the PMS")
        self._account = account
        return self.pms.configure(self.accounts[account - 1])

    def _told(self, task: Task) -> dict[str, str]:
        record = {role: text for role, text in task.patient.items() if role != "key"}
        criteria = " ".join(f"{role}={text}" for role, text in task.criteria.items())
        flags = {"merge": task.merge, "wait": task.wait}
        station = str(self.deeds.called(task.station).id) if task.station else ""
        beyond = [role for role in ("last_name", "first_name") if not _PLAIN.holds(record.get(role, ""))]
        particular: dict[str, str] = {}
        if beyond and task.does == Deed.SEND_BY_VDDS.value:
            particular = {
                "beyond": " ".join(beyond),
                **{f"ansi_{each}": in_windows_1252(record[each]) for each in beyond},
            }
        return {
            "does": task.does,
            "at": task.at,
            "station": station,
            "criteria": criteria,
            "case": task.case,
            "operation": task.operation,
            **{name: "yes" if flag else "no" for name, flag in flags.items()},
            **({"account": str(task.account)} if task.account else {}),
            **record,
            **particular,
        }

    def _note(self, kind: NoteKind, **data: str) -> None:
        self.recorder.note(kind, self.now_s(), **data)


class _Scene:
    """One scenario while it is played."""

    def __init__(self, session: Session, scenario: Scenario) -> None:
        self._session = session
        self._people: dict[str, Person] = {}
        self._operation = ""
        self._operations: dict[str, str] = {}
        """The last one for each person."""
        self._case = ""
        for person in scenario.persons:
            like = self._people.get(person.like)
            self._people[person.name] = session.persons.new(person.record, like)
            self._prepare(self._people[person.name], person.origin)

    def _prepare(self, person: Person, origin: Origin) -> None:
        """What 3DD knows of a person at the start, brought about as a clinic would."""
        deeds = self._session.deeds
        if origin is Origin.UNMAPPED:
            deeds.do(_given(Deed.MEET_PATIENT), person.record)
        if origin is Origin.STRANGER:
            deeds.do(_given(Deed.MEET_PATIENT, **{"with": "patient_id"}), person.record)
        if origin in _MAPPED:
            self._reached("a patient that is given", "processed", self._bring_in(person))
        if origin is Origin.PICTURED:
            deeds.do(_given(Deed.GIVE_CASES, what="one-image"), person.record)

    def _bring_in(self, person: Person) -> str:
        """In the first way that the PMS supports; what it turns out not to support is not tried again.

        Returns the operation that the PMS says it was; '' where it names none.
        """
        for deed, at in tuple(self._session.ways_in()):
            try:
                return str(self._give(self._task(_asked(deed, at), person), person).data.get("operation") or "")
            except _Unsupported as unsupported:
                missing = unsupported
        raise missing

    def take(self, number: int, step: Step) -> None:
        person = self._people.get(step.person)
        if step.actor is not Actor.PMS:
            self._session.deeds.do(step, person.record if person else {})
            return
        if person is not None:
            self._edit(person, step)
        reply = self._give(self._task(step, person), person)
        if step.reaches:
            later = self._started(step) if step.person and step.does in LATER else ""
            self._reached(f"step {number} ({step.does})", step.reaches, later)
        self._remember(reply, step.person)

    def _edit(self, person: Person, step: Step) -> None:
        for role, origin in step.change.items():
            person.record[role] = self._value(role, origin, person.record.get(role, ""))

    def _value(self, role: str, origin: str, former: str) -> str:
        if origin == NEW_VALUE:
            drawn = (self._session.persons.fresh(role) for _ in range(_DRAWS))
            return next((value for value in drawn if value != former), former)
        return "" if origin == NO_VALUE else self._people[origin].record.get(role, "")

    def _task(self, step: Step, person: Person | None) -> Task:
        place = _place(step.does, step.at)
        at_station = place == AT_STATION
        return Task(
            step.does.value,
            person.told() if person else {},
            at=place,
            station=self._session.deeds.station_at(step.at).hostname if at_station else "",
            merge=step.does is Deed.MAP_PATIENT,
            wait=step.wait,
            criteria=step.criteria,
            case=self._chosen_case() if step.does is Deed.SELECT_CASE else "",
            operation=self._started(step) if step.does in LATER else "",
            account=int(step.how["account"]) if step.does is Deed.CONFIGURE else 0,
        )

    def _give(self, task: Task, person: Person | None) -> Reply:
        reply = self._session.order(task, person.key if person else "")
        if reply.answer == "unsupported":
            does, at = turned_out(task.does, task.at if self._session.by_place else "")
            self._session.declined.add((does, at))
            raise _Unsupported(f"the PMS does not support {_word(Deed(does), at)}")
        return reply

    def _reached(self, what: str, wanted: str, operation: str = "") -> None:
        ended = self._session.deeds.ended(operation)
        if ended != wanted:
            raise _Left(f"{what} ended with {ended or 'no operation'} instead of {wanted}")

    def _remember(self, reply: Reply, person: str) -> None:
        self._operation = str(reply.data.get("operation") or self._operation)
        if reply.data.get("operation"):
            self._operations[person] = self._operation
        cases = reply.data.get("cases")
        if isinstance(cases, list) and cases:
            self._case = str(cases[0].get("case", ""))

    def _started(self, step: Step) -> str:
        started = self._operations.get(step.person, "") if step.person else self._operation
        if not started:
            raise _Left("the PMS named no operation that could be waited for or taken back")
        return started

    def _chosen_case(self) -> str:
        if not self._case:
            raise _Left("the PMS named no case that could be selected")
        return self._case


_DRAWS = 100
"""So often a new value is drawn until it is another: there are few first names."""
_MAPPED = frozenset({Origin.MAPPED, Origin.PICTURED})
_OPERATIONS = frozenset(
    {
        *(Deed.CREATE_PATIENT, Deed.MAP_PATIENT, Deed.UPDATE_PATIENT),
        *(Deed.SELECT_PATIENT, Deed.CREATE_CASE, Deed.SELECT_CASE),
    }
)
_AT_STATIONS = frozenset({Deed.MAP_PATIENT, Deed.SELECT_PATIENT, Deed.CREATE_CASE, Deed.SELECT_CASE})
_ANYWHERE = _OPERATIONS - _AT_STATIONS
"""Steps that are done on the server or at a station, and by some PMS in one of the two ways only."""
_WAYS_IN = ((Deed.CREATE_PATIENT, At.SERVER), (Deed.CREATE_PATIENT, At.STATION), (Deed.MAP_PATIENT, At.STATION))


def _place(does: Deed, at: At) -> str:
    """Where the PMS is told to do it; '' for what is no operation."""
    if does not in _OPERATIONS:
        return ""
    return AT_STATION if at is not At.SERVER or does in _AT_STATIONS else At.SERVER.value


_PLAIN = Ini()
"""Tells which names the code page of transfer files has; others need the mark of another encoding."""


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".").casefold()


def _named(reply: Reply) -> dict[str, str]:
    """The operation that an answer is about, where it names one."""
    operation = parse_guid(str(reply.data.get("operation") or ""))
    return {} if isinstance(operation, Malformed) else {"operation": str(operation)}


def _given(deed: Deed, **how: str) -> Step:
    return Step(Actor.SERVER, deed, "", At.SERVER, {}, "", "", "", how=how)


def turned_out(does: str, at: str) -> tuple[str, str]:
    """What is not supported where this step is not: it, there or, where it can be done in one place only, anywhere."""
    return does, at if does in _ANYWHERE else ""


def _asked(deed: Deed, at: At) -> Step:
    return Step(Actor.PMS, deed, "", at, {}, "", "", "")


def _word(deed: Deed, at: str = "") -> str:
    return f"{deed.value} at {_WHERE[at]}" if deed in _ANYWHERE and at else deed.value


_WHERE = {At.SERVER.value: "the server", AT_STATION: "a station"}
