"""The emulator without sockets: a request in, a response out.

What it does is the model's business, what it may choose the policy's, how a call is answered the service's; faults are
laid over all of them. This module only brings them together, and lets a person or a test step in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from random import Random
from uuid import UUID

from conformance.emulator.clock import Clock, RealClock
from conformance.emulator.command_line import Effect, effect
from conformance.emulator.disturbances import Disturbance, Disturbances, Stage, named, role_of
from conformance.emulator.equipment import announcement, facts, without_restart
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.habits import habits
from conformance.emulator.operator import Operator, checked
from conformance.emulator.policy import Policy
from conformance.emulator.protocol import Request, Response
from conformance.emulator.service import Service
from conformance.emulator.stations import Stations
from conformance.emulator.tampering import WRITTEN, instead, tampered
from conformance.emulator.telling import NEW_DATA, Telling, traffic
from conformance.model import Decision, Dialog, Operation, State, apply_all
from conformance.model.changes import Change, SetStation
from conformance.model.state import Station
from conformance.spec import Spec
from conformance.trace import NoteKind, Recorder, Started
from conformance.wire import Credentials


class Emulator:
    """A 3DD server. Safe to be called from several threads; calls are served one after the other."""

    state: State
    operator: Operator
    stations: Stations
    disturbances: Disturbances

    def __init__(
        self,
        spec: Spec,
        policy: Policy | None = None,
        clock: Clock | None = None,
        users: Sequence[Credentials] = (),
        seed: State | None = None,
        faults: Sequence[Fault] = (),
        recorder: Recorder | None = None,
        *,
        resumed: State | None = None,
        keep: Callable[[State], object] = lambda state: None,
    ) -> None:
        """``seed`` is copied, here and at every reset. ``recorder`` gets every exchange and every decision.

        ``resumed`` is what an earlier run left: the emulator goes on with it until it is reset. ``keep`` gets the state
        after each call, before the call is answered.
        """
        self.clock = clock or RealClock()
        self.users = tuple(users)
        self._guide = spec
        self.first_policy = policy or Policy()
        self._first_faults = tuple(faults)
        self._equip(self.first_policy, self._first_faults)
        self._seed = seed or State()
        self._telling = Telling([recorder] if recorder is not None else [])
        self.listeners = self._telling.listeners
        """Who is told of every exchange and every decision from now on."""
        self.beset = ""
        self.vdds_fault = ""
        """What is wrong on purpose with the data at the moment; for the record of every exchange."""
        self.vdds_pvs, self.vdds_register = "", b""
        """The PVS that was told of the register of VDDS media, and that register then; empty where none was."""
        self.protected = False
        """True where the port speaks TLS: a connection without it is called plain."""
        self.lock = threading.RLock()
        """Held while a call is served; to be held by whoever looks at the state from another thread."""
        self._keep = keep
        self._telling.users(self.users, self.clock.now_s())
        if self.policy.names or self.policy.dialects or self.habits:
            self._announce()
        if resumed is None:
            resumed = self._seed.copy()
            for overlay in self._overlays:
                overlay.state(resumed)
        self._go_on_with(resumed)

    def _equip(self, policy: Policy, faults: tuple[Fault, ...]) -> None:
        """Everything that follows from policy and faults; nothing is changed when one of them is wrong."""
        own = habits(policy.habits, policy.seed)
        overlays = (*own, *faults)
        spec, readings = facts(self._guide, policy, overlays)
        service = Service(spec, readings, policy, overlays, self.users, self.clock)
        self.policy = policy
        self.faults = faults
        self.spec = spec
        """The facts it runs by; not those of the guide when a fault changed them."""
        self.readings: Mapping[str, str] = readings
        self.habits = own
        self._overlays = overlays
        self._service = service

    def reset(self, *, settings: bool = True) -> None:
        """Back to the start: data, stations, decisions, disturbances and random choices.

        With ``settings`` also policy, readings and faults; without, those stay as they are now.
        """
        with self.lock:
            if settings and (self.policy, self.faults) != (self.first_policy, self._first_faults):
                self._equip(self.first_policy, self._first_faults)
                self._announce()
            self.replace_data(self._seed.copy())

    def replace_data(self, state: State) -> None:
        """Goes on with these data: no operations, decisions or disturbances but those of the policy."""
        with self.lock:
            for overlay in self._overlays:
                overlay.state(state)
            self._go_on_with(state)
            self._telling.note(NoteKind.RUN, self.clock.now_s(), data=NEW_DATA)

    def reconfigure(
        self,
        *,
        policy: Policy | None = None,
        faults: Sequence[Fault] | None = None,
        readings: Mapping[str, str] | None = None,
    ) -> None:
        """Goes on by another policy, other faults or other readings; None: as they are.

        ``readings`` are all that shall not be as the spec has them. Data, operations, decisions and the clock stay.
        What a new fault does to prepared data it does now, and it stays when the fault goes. Raises RestartNeeded, or
        ValueError for what does not exist; then nothing has changed.
        """
        with self.lock:
            wanted = policy or self.policy
            if readings is not None:
                wanted = replace(wanted, readings=dict(readings))
            chosen = self.faults if faults is None else tuple(faults)
            overlays = (*habits(wanted.habits, wanted.seed), *chosen)
            without_restart(self.readings, self.faults, facts(self._guide, wanted, overlays)[1], chosen)
            Operator(wanted.operator)
            former, former_overlays = self.policy, self._overlays
            self._equip(wanted, chosen)
            self._take_up(former, {overlay.name for overlay in former_overlays})
            self._announce()

    def _take_up(self, former: Policy, known: Collection[str]) -> None:
        """The part of a new configuration that has to do with what goes on at the moment."""
        for overlay in self._overlays:
            if overlay.name not in known:
                overlay.state(self.state)
        if self.policy.disturbances != former.disturbances:
            self.disturbances.clear()
            for disturbance in self.policy.disturbances:
                self.disturbances.arrange(disturbance)
        if self.policy.seed != former.seed:
            self._random.seed(self.policy.seed)
        self._service.begin(self.state, self.stations, self._random)
        self.operator.press(self.policy.operator, self.policy.leaves_every)
        self.stations.reconfigure(self.spec, self.readings, self.policy, self._overlays)
        self.stations.look_again(self.clock.now_s())

    def _go_on_with(self, state: State) -> None:
        with self.lock:
            self.state = state
            self.opened: dict[UUID, tuple[int, str]] = {}
            """Which integration id the command line last selected at a station, and after which operation."""
            self._random = Random(self.policy.seed)
            self.operator = Operator(self.policy.operator, self.policy.leaves_every)
            self.disturbances = Disturbances(self.policy.disturbances)
            self.stations = Stations(
                self.state,
                self.spec,
                self.readings,
                self.policy,
                self.operator,
                self._random,
                self._overlays,
                self._note_decision,
            )
            self._service.begin(self.state, self.stations, self._random)
            self.stations.resume(self.clock.now_s())

    def keep(self) -> None:
        """Has the state kept as it is now: for whoever changed it otherwise than by a call."""
        with self.lock:
            self._keep(self.state)

    # -- the protocol port ------------------------------------------------------------------------------------

    def handle(self, request: Request, who: str = "pms") -> Response:
        """The answer to one HTTP request, whatever it holds; ``who`` sent it, for the record."""
        with self.lock:
            started_s = self.clock.now_s()
            self.clock.tick()
            response, disturbed = self._disturbed(request)
            self._keep(self.state)
            if self.listeners:
                self._record(request, response, started_s, who, disturbed)
            return response

    def _disturbed(self, request: Request) -> tuple[Response, Mapping[str, str]]:
        """The answer after what befell it, and the facts of that."""
        if self.disturbances.idle:
            return self._service.respond(request), {}
        method = self._service.method(request)
        role, document = (method.role, method.answer) if method else ("", "")
        operation = self._service.asked_about(request)
        chosen = self.disturbances.choose(role, bool(document), operation)
        if chosen is None:
            return self._service.respond(request), {}
        disturbance = chosen.disturbance
        if disturbance.nature.stage is Stage.INSTEAD:
            self.stations.advance(self.clock.now_s())
            host = request.header("host") or ""
            response, happened = self._service.dated(instead(disturbance, host, request.target)), True
        elif disturbance.nature.stage is Stage.WRITING:
            response = self._service.respond(request, WRITTEN[disturbance.what])
            happened = response.http_status == HTTPStatus.OK
        else:
            whole = self._service.respond(request)
            response = tampered(whole, disturbance, self.spec)
            happened = response is not whole
        if not happened:
            return response, {}
        self.disturbances.spent(chosen, operation)
        name = method.name if method else ""
        return response, {"what": disturbance.what, "method": name, "harm": disturbance.nature.harm}

    # -- behind the protocol: what a person or a test does ----------------------------------------------------

    def decide(
        self,
        dialog: str,
        button: str,
        *,
        operation: UUID | None = None,
        station: UUID | None = None,
        patient: str = "",
        times: int = 1,
    ) -> None:
        """Has a button pressed in the next dialogs that fit, also in one that stands open.

        ``times`` times; None for operation or station means any; ``patient`` as in Decision. ValueError for a dialog or
        button that does not exist.
        """
        with self.lock:
            self.operator.arrange(dialog, button, operation=operation, station=station, patient=patient, times=times)
            self.stations.look_again(self.clock.now_s())

    def use_command_line(self, started: Started) -> Effect:
        """The program of the command line was started at this computer: the first station that is connected.

        Creates or updates the patient and selects it there. ValueError for a spec without a command line.
        """
        with self.lock:
            self.stations.advance(self.clock.now_s())
            found = effect(started, self.state, self.spec, self.readings)
            self._telling.invocation(started, self.clock.now_s())
            if found.change is not None:
                self.change(found.change)
                here = next((each.id for each in self.state.stations.values() if each.connected), None)
                if here is not None:
                    self.opened[here] = (self.state.last_serial, found.integration_id)
            self.keep()
            return found

    def selected(self, station: UUID) -> str:
        """The integration id that the command line selected there, if nothing came after it; else ''."""
        serial, integration_id = self.opened.get(station, (0, ""))
        own = (each.serial for each in self.state.operations.values() if each.station == station)
        return integration_id if max(own, default=0) <= serial else ""

    def set_station(self, station: Station) -> None:
        """A station appears, changes, connects or goes."""
        self.change(SetStation(station))

    def change(self, *changes: Change) -> None:
        """Patients, cases or stations are changed behind the back of the PMS, as at the 3DD itself.

        A station that leaves or comes back is on record: a list from before tells nothing of it.
        """
        with self.lock:
            there = {station.id for station in self.state.stations.values() if station.connected}
            apply_all(changes, self.state)
            now = {station.id for station in self.state.stations.values() if station.connected}
            for station in sorted(there ^ now):
                connected = "yes" if station in now else "no"
                self._telling.note(NoteKind.STATION, self.clock.now_s(), station=str(station), connected=connected)
            self.stations.look_again(self.clock.now_s())

    def ask(self, operator: Mapping[Dialog, str]) -> None:
        """From now on this is pressed by dialog when nothing was arranged: a button, or WAIT for a person."""
        with self.lock:
            self.reconfigure(policy=replace(self.policy, operator=operator))

    def answer(self, serial: int, dialog: str, button: str, key: int = 0) -> None:
        """Has a button pressed in the dialog that stands open for that operation; a PAGE breaks behind any dialog.

        ``key`` is that of the patient chosen. ValueError when there is no such dialog, button, or none is open.
        """
        with self.lock:
            pressed = checked(dialog, button)
            self.stations.answer(serial, Dialog(dialog), Decision(pressed, key=key), self.clock.now_s())

    def disturb(self, what: str, *, method: str = "", times: int = 1, after: int = 0, seconds: float = 0.0) -> None:
        """Has something befall the answers to come; see ``Disturbance``. ``method`` by name or role; '' for any.

        ValueError for what does not exist.
        """
        with self.lock:
            role = role_of(method, self.spec)
            self.disturbances.arrange(Disturbance(named(what), role, times, after, seconds))

    def hold(self, station: UUID | None = None) -> None:
        """The station (None: every one) takes no operations until it is released."""
        with self.lock:
            self.stations.hold(station)

    def release(self, station: UUID | None = None) -> None:
        with self.lock:
            self.stations.release(self.clock.now_s(), station)

    def advance(self, seconds: float = 0.0) -> None:
        """Moves the time on, and lets happen what is due."""
        with self.lock:
            self.clock.advance(seconds)
            self.stations.advance(self.clock.now_s())

    # -- the record -------------------------------------------------------------------------------------------

    def _record(
        self, request: Request, response: Response, started_s: float, who: str, disturbance: Mapping[str, str]
    ) -> None:
        plain_too = self.protected and not request.tls
        period_s = (started_s, self.clock.now_s())
        self._telling.call(
            traffic(request, response, period_s, who, beset=self.beset, disturbance=disturbance, plain=plain_too)
        )

    def _announce(self) -> None:
        """Tells by what it goes on from here."""
        others = filter(None, (habit.foreign for habit in self.habits))
        self._telling.configuration(announcement(self.policy, self.faults), others, self.clock.now_s())

    def _note_decision(self, operation: Operation, dialog: Dialog, decision: Decision) -> None:
        self._telling.decision(operation, dialog, decision, self.clock.now_s())
