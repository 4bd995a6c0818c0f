"""Faults of the list of stations: who is in it, and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from conformance.emulator.faults.fields import Garbles, WritesTwice
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.pool import started_as
from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import EMPTY_GUID, NEVER, Answer, Call, Outcome, Place, Stamp, State, Station
from conformance.model.records import describe, station_record
from conformance.wire import TICKS_PER_SECOND

LIST, MODULES = "stations", "modules"
SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 24 * SECONDS_PER_HOUR
Fields = Mapping[str, object]

FIELDS = (
    Garbles("numbers-its-stations", "Writes a number for a station's id.", ("STN-004",), "station", "7", LIST),
    Garbles("may-be-busy", "Writes of every station that it may be busy.", ("STN-010",), "busy", "maybe", LIST),
    Garbles("sums-modules-up", "Writes a text instead of the modules.", ("STN-017",), MODULES, "all of them", LIST),
    Garbles("stamps-in-words", "Writes a word for the time stamp.", ("STN-025",), "timestamp", "now", LIST),
    WritesTwice("hosts-twice", "Writes every host name twice.", ("STN-008",), "hostname", "station", "list_stations"),
    WritesTwice("module-ids-twice", "Writes the id of a module twice.", ("STN-018",), "id", "module", "list_stations"),
    WritesTwice(
        "titles-twice", "Writes the title of a module twice.", ("STN-020",), "title", "module", "list_stations"
    ),
    WritesTwice(
        "users-twice", "Writes the name of the user twice.", ("STN-022",), "operator_name", "station", "list_stations"
    ),
    WritesTwice(
        "user-ids-twice", "Writes the id of the user twice.", ("STN-023",), "operator_id", "station", "list_stations"
    ),
)


class Lists(Fault):
    """Lists other stations, or the same ones otherwise."""

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != LIST or not isinstance(answer.content, list):
            return answer
        return replace(answer, content=self.listed(list(answer.content), call, state))

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        """The records to list, given the right ones."""
        return [self.told(record, number) for number, record in enumerate(records)]

    def told(self, record: Fields, number: int) -> Fields:
        """What is said of one station, the first being number 0."""
        return record


class ListsSomethingElse(Fault):
    name = "lists-something-else"
    does = "Answers a call for the stations with another list."
    breaks = ("STN-001",)

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        return replace(answer, document="cases", content=[]) if answer.document == LIST else answer


class HidesAModule(Lists):
    name = "hides-a-module"
    does = "Leaves out the first module of each station."
    breaks = ("STN-019",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [{**record, MODULES: cast(list[object], record[MODULES])[1:]} for record in records]


class HidesBusyStations(Lists):
    name = "hides-busy-stations"
    does = "Lists no station that is busy."
    breaks = ("STN-002",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [record for record in records if not record["busy"]]


class ListsAStationTwice(Lists):
    name = "lists-a-station-twice"
    does = "Lists the first station twice."
    breaks = ("STN-002", "STN-005")

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [*records, *records[:1]]


class ListsAbsentStations(Lists):
    name = "lists-absent-stations"
    does = "Lists stations that are not connected."
    breaks = ("STN-003",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [station_record(station, call.at) for station in state.stations.values()]


class ListsWhoIsCalled(Lists):
    name = "lists-who-is-called"
    does = "Lists a station that is not connected while an operation waits for it."
    breaks = ("STN-003",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        waiting = {operation.station for operation in state.operations.values() if operation.place is Place.POOL}
        absent = (s for s in state.stations.values() if s.id in waiting and not s.connected)
        return [*records, *(station_record(station, call.at) for station in absent)]


SERVER = Station(EMPTY_GUID, "SERVER", connected=True)


class ListsItself(Lists):
    name = "lists-itself"
    does = "Lists the server as a station with the empty id."
    breaks = ("STN-005",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [*records, station_record(SERVER, call.at)]


class RenamesAStation(Lists):
    name = "renames-a-station"
    does = "Lists the server as a station, under another id after each tenth operation."
    breaks = ("STN-006",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [*records, station_record(replace(SERVER, id=UUID(int=1 + state.last_serial // 10)), call.at)]


class NamesItsOwnHost(Lists):
    name = "names-its-own-host"
    does = "Gives every station the host name of the server."
    breaks = ("STN-009",)

    def told(self, record: Fields, number: int) -> Fields:
        return {**record, "hostname": SERVER.hostname}


class NamesNoHost(Lists):
    name = "names-no-host"
    does = "Leaves the host name of the last station empty."
    breaks = ("STN-009",)

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        return [*records[:-1], *({**record, "hostname": ""} for record in records[-1:])]


class IsNeverBusy(Lists):
    name = "is-never-busy"
    does = "Says of no station that it is busy."
    breaks = ("STN-011",)

    def told(self, record: Fields, number: int) -> Fields:
        return {**record, "busy": False}


class BusyStationsRefuse(KnowsItsSpec):
    name = "busy-stations-refuse"
    does = "Turns operations down for a station that is busy."
    breaks = ("PAT-029", "STAT-025", "STN-012")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        station = state.stations.get(call.guid("station"))
        if station is None or not station.busy or not station.connected:
            return outcomes
        facts = {"status": "unsupported", "description": describe("unsupported", self._spec), "place": Place.DONE}
        return tuple(started_as(outcome, **facts) for outcome in outcomes)


class NumbersModulesAnew(Lists):
    name = "numbers-modules-anew"
    does = "Gives modules another id with each list."
    breaks = ("STN-019",)

    def __init__(self) -> None:
        self._lists = 0

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        self._lists += 1
        return [_with_modules(record, "id", f"Module.{self._lists}.{{}}") for record in records]


class TellsNoTitle(Lists):
    name = "tells-no-title"
    does = "Leaves the titles of the modules of the second station empty."
    breaks = ("STN-021",)

    def told(self, record: Fields, number: int) -> Fields:
        return _with_modules(record, "title", "") if number == 1 else record


def _with_modules(record: Fields, field: str, text: str) -> Fields:
    modules = record[MODULES]
    assert isinstance(modules, list)
    return {**record, MODULES: [{**module, field: text.format(place)} for place, module in enumerate(modules)]}


class NamesNobody(Lists):
    name = "names-nobody"
    does = "Tells the id of the user at the first station and not the name."
    breaks = ("STN-024",)

    def told(self, record: Fields, number: int) -> Fields:
        return record if number else {**record, "operator_name": ""}


class OneIdForAll(Lists):
    name = "one-id-for-all"
    does = "Gives the users of all stations the same id."
    breaks = ("STN-024",)

    def told(self, record: Fields, number: int) -> Fields:
        return {**record, "operator_id": "1"} if record["operator_name"] else record


class NumbersUsersAnew(Lists):
    name = "numbers-users-anew"
    does = "Gives every user another id with each list."
    breaks = ("STN-024",)
    _lists = 0

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        self._lists += 1
        return super().listed(records, call, state)

    def told(self, record: Fields, number: int) -> Fields:
        return {**record, "operator_id": f"{number}-{self._lists}"} if record["operator_name"] else record


class StampsNothing(Lists):
    name = "stamps-nothing"
    does = "Stamps the first station with the date that stands for never."
    breaks = ("STN-026",)

    def told(self, record: Fields, number: int) -> Fields:
        return record if number else {**record, "timestamp": NEVER}


class RunsBackwards(Lists):
    name = "runs-backwards"
    does = "Stamps each list with an earlier time than the one before."
    breaks = ("STN-027", "STN-030")

    def __init__(self) -> None:
        self._lists = 0

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        self._lists += 1
        return [
            {**record, "timestamp": Stamp(call.at - self._lists * 3 * SECONDS_PER_HOUR * TICKS_PER_SECOND)}
            for record in records
        ]


class Dated(Lists):
    """Stamps stations with another time than that of the answer."""

    off_s = 0
    """How much later; negative for earlier."""

    def listed(self, records: list[Fields], call: Call, state: State) -> list[Fields]:
        stamp = Stamp(call.at + self.off_s * TICKS_PER_SECOND)
        return [{**record, "timestamp": stamp} for record in records]


class KeepsOldInformation(Dated):
    name = "keeps-old-information"
    does = "Hands out what it knew of the stations a week ago."
    breaks = ("STN-030",)
    off_s = -7 * SECONDS_PER_DAY


class StampsTheFuture(Dated):
    name = "stamps-the-future"
    does = "Stamps stations with a time two days after the answer."
    breaks = ("STN-026",)
    off_s = 2 * SECONDS_PER_DAY
