"""Scenarios of the spec as plays: the reference PMS takes the steps of the PMS, the operator is told the rest.

The reference PMS does what the guide asks of one: it looks up stations, waits for each operation's end before it
goes on, and fetches exactly the images that the cases name.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field

from conformance.spec import Spec
from conformance.spec.scenarios import NEW_VALUE, At, Deed, Origin, Person, Scenario, Step, scenarios
from conformance.suite.play import Ask, Desk, NotPossible, Play, Steps
from conformance.trace import Exchange

GROUP = "scenario"
NAMES = ("first_name", "last_name")
"""What a station looks for when it suggests patients; a patient id that somebody has would be refused."""
Doing = Generator[Ask, list[Exchange], "Exchange | None"]


def plays(spec: Spec) -> Iterable[Play]:
    """One play per scenario, called ``scenario.`` and its name."""
    for scenario in scenarios(spec):
        yield Play(f"{GROUP}.{scenario.name}", scenario.aims, scenario.needs, _steps(scenario), scenario.title)


def _steps(scenario: Scenario) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        records = {person.name: _record(person, desk) for person in scenario.persons}
        for person in scenario.persons:
            if person.origin is Origin.STRANGER:
                yield from desk.done("create_patient", **records[person.name])
        pms = ReferencePms(desk, records)
        for number, step in enumerate(scenario.steps, start=1):
            last = yield from pms.take(step)
            _check(number, step, last, desk.spec)

    return steps


def _check(number: int, step: Step, last: Exchange | None, spec: Spec) -> None:
    """Raises NotPossible when the step did not reach what the next ones build upon; why not is for the rules to say."""
    if not step.reaches:
        return
    code = last.status_code if last is not None else None
    known = spec.status_by_code.get(code) if code is not None else None
    name = known.name if known is not None else "no known status"
    if name != step.reaches:
        raise NotPossible(f"step {number} ({step.does}) ended with {name} instead of {step.reaches}")


def _record(person: Person, desk: Desk) -> dict[str, str]:
    """The PMS's record of a person, by parameter role. Raises NotPossible when nothing of the kind is declared."""
    if person.origin in (Origin.NEW, Origin.STRANGER):
        return desk.patient()
    if person.origin is Origin.UNMAPPED:
        names = {role: text for role, text in _declared(desk, "unmapped_patient").items() if role in NAMES}
        return {**names, "integration_id": desk.fresh("integration_id")}
    if person.origin is Origin.MAPPED:
        return _declared(desk, "patient")
    return {"integration_id": desk.random.choice(_pictured(desk))}


def _declared(desk: Desk, what: str) -> dict[str, str]:
    known = desk.fixtures(what)
    if not known:
        raise NotPossible(f"no {what.replace('_', ' ')} is declared as a fixture")
    roles = desk.spec.method["create_patient"].by_role
    return {role: text for role, text in desk.random.choice(known).items() if role in roles}


def _pictured(desk: Desk) -> list[str]:
    """Integration ids of the declared patients with an image."""
    found = {image["integration_id"] for image in desk.fixtures("image") if "integration_id" in image}
    if not found:
        raise NotPossible("no patient with an image is declared as a fixture")
    return sorted(found)


@dataclass
class ReferencePms:
    """A PMS that does it by the book."""

    desk: Desk
    records: dict[str, dict[str, str]]
    cases: list[str] = field(default_factory=list)
    """Ids of the cases that the last search found."""
    images: list[tuple[str, str]] = field(default_factory=list)
    """Case and image ids of the images in them."""
    operation: str = ""
    """The operation started last."""
    _press: tuple[str, str] | None = None

    def take(self, step: Step) -> Doing:
        """What one step sends; returns the last exchange that tells how it ended."""
        if step.does is Deed.PRESS:
            self._press = (step.dialog, step.button)
            return None
        if step.does is Deed.LIST_STATIONS:
            return (yield from self.desk.one(self.desk.send("list_stations")))
        if step.does is Deed.CANCEL_OPERATION:
            return (yield from self.desk.one(self.desk.send("remove_operation", operation=self.operation)))
        record = self._edited(step)
        if step.does is Deed.FIND_CASES:
            return (yield from self._find(record))
        if step.does is Deed.FETCH_IMAGES:
            return (yield from self._fetch())
        return (yield from self._operate(step, record))

    def _edited(self, step: Step) -> dict[str, str]:
        record = self.records[step.person]
        for role, origin in step.change.items():
            record[role] = self.desk.fresh(role) if origin == NEW_VALUE else self.records[origin][role]
        return record

    def _find(self, record: Mapping[str, str]) -> Doing:
        found = yield from self.desk.one(self.desk.send("find_cases", integration_id=record["integration_id"]))
        cases = getattr(found.document, "records", ())
        self.cases = [str(case.guid("case")) for case in cases if case.guid("case")]
        self.images = [
            (str(case.guid("case")), str(image.guid("image")))
            for case in cases
            for image in case.records("images")
            if case.guid("case") and image.guid("image")
        ]
        return found

    def _fetch(self) -> Doing:
        last = None
        for case, image in self.images:
            last = yield from self.desk.one(self.desk.send("fetch_image", case=case, image=image))
        return last

    def _operate(self, step: Step, record: Mapping[str, str]) -> Doing:
        merging = step.does is Deed.MAP_PATIENT
        role = "create_patient" if merging else step.does.value
        known = self.desk.spec.method[role].by_role
        parameters = {name: text for name, text in record.items() if name in known}
        self.operation = self.desk.operation_id()
        if "case" in known:
            parameters["case"] = self._case()
        if merging:
            parameters["merge"] = "True"
        if step.at is At.STATION:
            parameters["station"] = self.desk.station()
            self._tell_operator(parameters["station"])
        return (yield from self.desk.done(role, operation=self.operation, **parameters))

    def _case(self) -> str:
        if not self.cases:
            raise NotPossible("no case was found that could be selected")
        return self.cases[0]

    def _tell_operator(self, station: str) -> None:
        if self._press is not None:
            self.desk.decide(self.operation, station, *self._press)
            self._press = None
