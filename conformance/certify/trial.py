"""A driver is tried: every step once, in an order in which each has something to work on. Nothing is judged.

What a step led to is told beside its answer, so that whoever writes a driver sees at once whether it does anything;
what offends against the protocol is told with how to mend it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from conformance.certify.pms import AT_SERVER, AT_STATION, LOCAL, Answer, PmsActor, Reply, Server, Step, Task
from conformance.certify.reached import server_of
from conformance.emulator.embedded import Embedded
from conformance.spec import Button, Dialog
from conformance.trace.events import Event, Recorded

NOT_SUPPORTED = "not supported"
NOTHING_TO_WORK_ON = "left out"
HELLO = "hello"
FROM = "2000-01-01"
WITHOUT_CALLS = frozenset({*LOCAL, Step.CONFIGURE, Step.RESET, Step.AWAIT_OPERATION})

Record = dict[str, str]


@dataclass(frozen=True)
class Tried:
    """One step with what came of it."""

    step: str
    answer: str
    message: str = ""
    """What the user was shown."""
    calls: Mapping[str, int] = field(default_factory=dict)
    """Names of the methods called, with how often."""
    mistakes: Sequence[str] = ()
    """What the protocol does not allow, each with how to mend it."""


@dataclass
class Trial:
    """Tries one PMS against a running emulator that records into ``events``."""

    pms: PmsActor
    running: Embedded
    events: Sequence[Event]
    flaws: Callable[[Mapping[str, object]], Sequence[str]]
    """What the schema of the protocol finds wrong with an answer."""

    def steps(self, folder: Path) -> Iterator[Tried]:
        """Every step once, as it is tried. Raises DriverError when it cannot go on."""
        self._seen = len(self.events)
        server = server_of(self.running)
        about = self.pms.begin(server, folder, resumed=False)
        self._supported = about.steps
        yield Tried(HELLO, "ready", f"{about.name} {about.version}, {about.vendor}", self._calls())
        new, known, held = self._people()
        room = self._station()
        yield from self._take(Task(Step.LIST_STATIONS))
        yield from self._take(Task(Step.ADD_PATIENT, new))
        yield from self._take(Task(Step.CREATE_PATIENT, new, AT_SERVER))
        new = {**new, "first_name": "Tryn"}
        yield from self._take(Task(Step.EDIT_PATIENT, new))
        yield from self._take(Task(Step.UPDATE_PATIENT, new, AT_STATION, room))
        self.running.decide(Dialog.MERGE, Button.EXISTING)
        yield from self._take(Task(Step.MAP_PATIENT, known, AT_STATION, room, merge=True))
        yield from self._take(Task(Step.SELECT_PATIENT, known, station=room))
        yield from self._take(Task(Step.CREATE_CASE, known, station=room))
        yield from self._take(Task(Step.FIND_CASES, known, criteria={"created_from": FROM}))
        yield from self._take(Task(Step.SELECT_CASE, station=room, case=self._case(known)))
        yield from self._take(Task(Step.FETCH_IMAGES, known))
        yield from self._later(Step.AWAIT_OPERATION, Task(Step.SELECT_PATIENT, known, station=room, wait=False))
        self.running.emulator.hold()
        yield from self._later(Step.CANCEL_OPERATION, Task(Step.CREATE_PATIENT, held, AT_STATION, room, wait=False))
        self.running.emulator.release()
        yield from self._take(Task(Step.DELETE_PATIENT, held))
        yield from self._reconfigured(server)
        yield from self._restarted()
        yield from self._take(Task(Step.RESET))

    # -- steps ------------------------------------------------------------------------------------------------

    def _take(self, task: Task) -> Iterator[Tried]:
        if task.does not in self._supported:
            yield Tried(task.does, NOT_SUPPORTED)
        else:
            yield self._tried(task.does, self.pms.take(task))

    def _later(self, step: Step, task: Task) -> Iterator[Tried]:
        """An operation that is started without waiting, and then waited for or taken back."""
        if not {step, task.does} <= self._supported:
            yield Tried(step, NOT_SUPPORTED)
            return
        reply = self.pms.take(task)
        yield self._tried(task.does, reply)
        if reply.answer == Answer.STARTED:
            yield from self._take(Task(step, operation=str(reply.data["operation"])))
        else:
            yield Tried(step, NOTHING_TO_WORK_ON)

    def _reconfigured(self, server: Server) -> Iterator[Tried]:
        if Step.CONFIGURE in self._supported:
            yield self._tried(Step.CONFIGURE, self.pms.configure(server))
        else:
            yield Tried(Step.CONFIGURE, NOT_SUPPORTED)

    def _restarted(self) -> Iterator[Tried]:
        if Step.RESTART in self._supported:
            about = self.pms.restart()
            changed = about.steps != self._supported
            mend = ("restart: it supports other steps than before; list the same after each start.",) if changed else ()
            yield Tried(Step.RESTART, Answer.DONE, "", self._calls(), mend)
        else:
            yield Tried(Step.RESTART, NOT_SUPPORTED)

    def _tried(self, step: str, reply: Reply) -> Tried:
        calls = self._calls()
        return Tried(step, reply.answer, reply.message, calls, tuple(self._mistakes(step, reply, calls)))

    def _mistakes(self, step: str, reply: Reply, calls: Mapping[str, int]) -> Iterator[str]:
        shown = {"status_code": reply.status_code, "message": reply.message}
        for flaw in self.flaws({"id": 1, "answer": reply.answer, "shown": shown, "data": dict(reply.data)}):
            yield f"{step}: {flaw}"
        if reply.answer == Answer.UNSUPPORTED:
            yield f'{step}: it is among the steps of "ready", and answered unsupported; leave it out there.'
        if reply.answer in (Answer.REFUSED, Answer.FAILED) and not reply.message.strip():
            yield f"{step}: {reply.answer} without shown.message; say what the user was told."
        if step in LOCAL and calls:
            yield f"{step}: it called {', '.join(calls)}; change the PMS's own record only."
        if reply.answer in (Answer.DONE, Answer.STARTED) and step not in WITHOUT_CALLS and not calls:
            yield f"{step}: {reply.answer} without a call to the server; answer when it was really carried out."

    # -- what there is to work on -----------------------------------------------------------------------------

    def _calls(self) -> Mapping[str, int]:
        """By name of the method, since the last time."""
        new, self._seen = self.events[self._seen :], len(self.events)
        paths = (urlsplit(event.request.target).path for event in new if isinstance(event, Recorded))
        return Counter(path.rpartition("/")[2] for path in paths)

    def _station(self) -> str:
        stations = self.running.emulator.state.stations.values()
        return next(station.hostname for station in stations if station.connected)

    def _people(self) -> tuple[Record, Record, Record]:
        """Somebody new, somebody whom the emulator has with cases and images but unmapped, and one more."""
        state = self.running.emulator.state
        rich = max(state.patients.values(), key=lambda each: sum(len(case.images) for case in state.cases_of(each)))
        state.put_patient(replace(rich, integration_id=""))
        known = {"key": "2", "last_name": rich.last_name, "first_name": rich.first_name}
        new = {"key": "1", "last_name": "Trial", "first_name": "Tryphena", "birth_date": "1970-02-28"}
        return new, {role: text for role, text in known.items() if text}, {"key": "3", "last_name": "Held"}

    def _case(self, known: Record) -> str:
        state = self.running.emulator.state
        named = (each for each in state.patients.values() if each.last_name == known["last_name"])
        return next((str(case.id) for patient in named for case in state.cases_of(patient)), "")
