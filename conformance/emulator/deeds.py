"""What happens at the 3DD besides calls, by the words of a scenario: operators, stations, cases, weather.

``do`` takes one step of a scenario; ``calm`` puts everything back that steps have changed, but for patients and cases,
which stay as they would at a clinic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import uuid5

from conformance.emulator.case_sets import HOSTILE, case_set
from conformance.emulator.declared import declared_case
from conformance.emulator.disturbances import Disturbance, named, role_of
from conformance.emulator.embedded import Embedded
from conformance.emulator.identities import RIGHT
from conformance.emulator.protocol import Request
from conformance.emulator.service import VERB
from conformance.emulator.vdds.faults import checked as vdds_fault
from conformance.model import Patient, Station
from conformance.model.changes import AddCase, AddPatient, SetStation
from conformance.spec.scenarios import At, Deed, Step
from conformance.trace import NoteKind
from conformance.wire import Moment, encode_basic, encode_query, parse_xml_date

SETTLING_S = 60.0
Record = Mapping[str, str]
"""A patient record of the PMS by parameter role."""


class NobodyThere(Exception):
    """The PMS has not brought in whom a step is about."""


class Deeds:
    """One emulator, seen as the world around a PMS. ``running`` must have been made with ``identified``."""

    def __init__(self, running: Embedded) -> None:
        self._running = running
        self._emulator = running.emulator
        self._readings = dict(running.policy.readings)
        self._pick_up_s, self._decide_s = running.policy.pick_up_delay_s, running.policy.processing_delay_s
        self._stations = {station.id: station for station in self._emulator.state.stations.values()}
        self._crowds = 0
        self._do: Mapping[Deed, Callable[[Step, Record], object]] = {
            Deed.PRESS: self._press,
            Deed.DISTURB: self._disturb,
            Deed.GIVE_CASES: self._give_cases,
            Deed.MEET_PATIENT: self._meet_patient,
            Deed.HOLD: lambda step, record: self._emulator.hold(),
            Deed.RELEASE: lambda step, record: self._emulator.release(),
            Deed.LEAVE: lambda step, record: self._emulator.set_station(replace(self._its_state, connected=False)),
            Deed.COME_BACK: lambda step, record: self._emulator.set_station(replace(self._its_state, connected=True)),
            Deed.OCCUPY: lambda step, record: self._emulator.set_station(replace(self._its_state, busy=True)),
            Deed.PONDER: lambda step, record: self._take(decide_s=float(step.how["seconds"])),
            Deed.TARRY: lambda step, record: self._take(pick_up_s=float(step.how["seconds"])),
            Deed.CROWD_OUT: self._crowd_out,
            Deed.TAKE_BACK: self._take_back,
            Deed.PASS_TIME: lambda step, record: self._emulator.advance(float(step.how["seconds"])),
            Deed.READ_AS: self._read_as,
            Deed.BESET_FILES: self._beset_files,
            Deed.PRESENT: lambda step, record: self._running.present(step.how["identity"]),
        }

    @property
    def station(self) -> Station:
        """The station that scenarios speak of: of those connected at the start neither the first nor the last, if it
        can be helped, so that nobody finds it by chance."""
        connected = [station for station in self._stations.values() if station.connected]
        return connected[len(connected) // 2]

    @property
    def other_station(self) -> Station:
        """Another one that is connected at the start, and not the first if it can be helped."""
        others = [each for each in self._stations.values() if each.connected and each != self.station]
        if not others:
            raise ValueError("only one station is connected, so that nothing can be done at another one")
        return others[-1]

    def called(self, hostname: str) -> Station:
        """The station of that name; without one of that name the one that scenarios speak of."""
        return next((each for each in self._stations.values() if each.hostname == hostname), self.station)

    def station_at(self, at: At) -> Station:
        """The one that a step means by its ``at``."""
        return self.other_station if at is At.OTHER_STATION else self.station

    def do(self, step: Step, record: Record) -> None:
        """Takes a step that is not the PMS's. ``record`` is that of the step's person, empty where there is none.

        Raises ValueError for a step that cannot be taken, the scenario's fault, and NobodyThere, the PMS's.
        """
        self._do[step.does](step, record)

    def calm(self) -> None:
        """Everything but patients and cases is as at the start."""
        emulator = self._emulator
        emulator.disturbances.clear()
        emulator.operator.clear()
        emulator.beset = emulator.vdds_fault = ""
        if dict(emulator.policy.readings) != self._readings:
            emulator.reconfigure(readings=self._readings)
        self._take(self._pick_up_s, self._decide_s)
        emulator.change(*(SetStation(station) for station in self._stations.values()))
        emulator.release()
        emulator.advance(SETTLING_S)  # what is still under way at a station ends before the next decision is arranged
        if self._running.identities.now.name != RIGHT:
            self._running.present(RIGHT)

    def waiting(self) -> bool:
        """True while something that was arranged has not happened yet."""
        return bool(self._emulator.operator.arranged() or self._emulator.disturbances.waiting())

    def patient(self, record: Record) -> Patient | None:
        """The patient that the PMS has most likely made of this record: the newest mapped one of that name."""
        with self._emulator.lock:
            same = [p for p in self._emulator.state.with_last_name(record["last_name"]) if p.integration_id]
            alike = [p for p in same if p.first_name == record.get("first_name", "")]
        return max(alike or same, key=lambda patient: patient.key, default=None)

    def ended(self, wanted: str = "") -> str:
        """Name of the status of the operation with that id, or of the one that was started last; '' for none."""
        with self._emulator.lock:
            self._emulator.advance()
            state = self._emulator.state
            known = reversed(state.operations.values())
            operation = (
                next((each for each in known if str(each.id) == wanted.lower()), None)
                if wanted
                else state.operations.get(state.last_serial)
            )
            return operation.status if operation is not None else ""

    def _press(self, step: Step, record: Record) -> None:
        station = self.station_at(step.at).id if step.at is not At.SERVER else None
        self._emulator.decide(step.dialog, step.button, station=station)

    def _disturb(self, step: Step, record: Record) -> None:
        how = step.how
        method = role_of(how.get("method", ""), self._running.spec)
        times, seconds = int(how.get("times", "1")), float(how.get("seconds", "0"))
        self._emulator.disturbances.arrange(Disturbance(named(how["what"]), method, times, seconds=seconds))

    def _give_cases(self, step: Step, record: Record) -> None:
        patient = self.patient(record)
        if patient is None:
            raise NobodyThere("the PMS has brought no patient of that name in, so that no case can be given")
        if step.how["what"] in HOSTILE:
            self._emulator.beset = step.how["what"]
        cases = case_set(step.how["what"], patient, self._running.clock.ticks(), self._running.spec)
        self._emulator.change(*map(AddCase, cases))
        for case in cases:
            for facts in declared_case(case, patient):
                for hearer in self._emulator.listeners:
                    hearer.note(NoteKind.FIXTURE, self._running.clock.now_s(), **facts)

    def _meet_patient(self, step: Step, record: Record) -> None:
        born = parse_xml_date(f"{record['birth_date']}T00:00:00") if record.get("birth_date") else None
        ticks = born.ticks if isinstance(born, Moment) else None
        patient_id = record.get("patient_id", "") if step.how.get("with") == "patient_id" else ""
        names = record["last_name"], record.get("first_name", "")
        self._emulator.change(AddPatient(Patient(0, *names, ticks, patient_id)))

    @property
    def _its_state(self) -> Station:
        """The station as it is now."""
        return self._emulator.state.stations[self.station.id]

    def _beset_files(self, step: Step, record: Record) -> None:
        self._emulator.vdds_fault = vdds_fault(step.how["what"])

    def _read_as(self, step: Step, record: Record) -> None:
        now = dict(self._emulator.policy.readings)
        self._emulator.reconfigure(readings={**now, step.how["reading"]: step.how["take"]})

    def _take(self, pick_up_s: float | None = None, decide_s: float | None = None) -> None:
        """From now on stations take about so long to pick an operation up, and people there to decide; None: as now."""
        policy = self._emulator.policy
        pick_up_s = policy.pick_up_delay_s if pick_up_s is None else pick_up_s
        decide_s = policy.processing_delay_s if decide_s is None else decide_s
        if (policy.pick_up_delay_s, policy.processing_delay_s) != (pick_up_s, decide_s):
            wanted = replace(policy, pick_up_delay_s=pick_up_s, processing_delay_s=decide_s)
            self._emulator.reconfigure(policy=wanted)

    def _crowd_out(self, step: Step, record: Record) -> None:
        """Another program of the clinic starts as many operations as the server keeps, none of them with success."""
        for _ in range(self._running.spec.kept_operations):
            self._crowds += 1
            operation = uuid5(self.station.id, f"crowd {self._crowds}")
            values = {"integration_id": f"crowd-{self._crowds}", "last_name": "Crowd", "operation": str(operation)}
            self._as_another("update_patient", values)

    def _take_back(self, step: Step, record: Record) -> None:
        """Another program of the clinic removes what was started last."""
        with self._emulator.lock:
            newest = self._emulator.state.operations.get(self._emulator.state.last_serial)
        if newest is None:
            raise ValueError("no operation was started, so that none can be taken back")
        self._as_another("remove_operation", {"operation": str(newest.id)})

    def _as_another(self, role: str, values: Mapping[str, str]) -> None:
        """A call of another program of the clinic."""
        spec = self._running.spec
        method = spec.method[role]
        query = encode_query([(method.by_role[name].name, text) for name, text in values.items()])
        user = self._running.users[0]
        headers = (("authorization", encode_basic(user.user, user.password)),)
        target = f"{spec.service.base_path}/{method.name}?{query}"
        now_s = self._running.clock.now_s()
        self._emulator.handle(Request(VERB, target, headers, b"", 0, "crowd", now_s), who="crowd")


__all__ = ["Deeds", "Record"]
