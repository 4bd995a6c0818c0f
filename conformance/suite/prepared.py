"""Whether what was declared to be on the server is there: stations, patients, cases, images.

Theory. A declared thing that a server does not show may be a mistake in the declaration or a defect of the server, and
nobody shall be blamed for the other's. So a thing counts as missing only when no way of asking shows it: a case is
looked for without criteria, by each status alone, and through its images. What is missing is taken out of the run,
with the reason; what is there in any way stays declared, and what else is said of it is for the rules to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from uuid import UUID

from conformance.spec import Kind, Spec
from conformance.suite.compared import RUN_WILL_TELL, Comparison, record_of
from conformance.suite.ladder import Ladder, Rung
from conformance.suite.searched import PLAY, Search
from conformance.suite.stage import Stage
from conformance.suite.target import YES, Fixture
from conformance.trace import Exchange
from conformance.wire import Document, Record, parse_guid

# -- stations -------------------------------------------------------------------------------------------------


def look_at_stations(stage: Stage, ladder: Ladder, listed: Exchange) -> None:
    """Takes stations out of the target that are declared to be connected and are not.

    A station at which somebody works, by the declaration, stays: that it is not listed is what a run may find.
    """
    document = listed.document
    if not isinstance(document, Document) or document.role != "stations":
        return
    ids = [record.guid("station") for record in document.records]
    if not all(ids) or len(set(ids)) < len(ids):
        ladder.remark(Rung.STATIONS, "ids of stations are repeated or cannot be read; the run will tell.")
        return
    there = {str(record.guid("station")): record.text("hostname") for record in document.records}
    declared = [each for each in stage.target.fixtures if each["what"] == "station"]
    missing = [each for each in declared if _declared_on(each) and each.get("station", "").lower() not in there]
    for fixture in missing:
        ladder.remark(Rung.STATIONS, _not_connected(fixture, there, declared))
    _tell_names(ladder, declared, there)
    for fixture in declared:
        if not _declared_on(fixture) and fixture.get("station", "").lower() in there:
            ladder.remark(
                Rung.STATIONS,
                f"{fixture['station']} is declared as not connected, and the server lists it; if it is switched on,"
                " correct the declaration. If it is off, the run will tell.",
            )
    gone = [each for each in missing if not _in_use(each)]
    if missing and len(missing) == sum(map(_declared_on, declared)) and stage.target.operator.available():
        raise ladder.fail(
            Rung.STATIONS,
            "none of the declared stations is connected; switch one on and sign in there, or correct them.",
        )
    _take_out(stage, gone, "a declared station is not connected")
    _tell_stations(ladder, there, len(missing))


def _tell_names(ladder: Ladder, declared: Sequence[Fixture], there: Mapping[str, str]) -> None:
    """Says which stations have another name than was declared: nothing but the server can be asked for it."""
    for station in declared:
        wanted, found = station.get("hostname", ""), there.get(station.get("station", "").lower(), "")
        if wanted and found and _host(wanted) != _host(found):
            ladder.remark(
                Rung.STATIONS,
                f"station {station['station']} is declared with the hostname {wanted}, and the server says {found};"
                f" {RUN_WILL_TELL}.",
            )


def _host(name: str) -> str:
    """The name without its domain."""
    return name.strip().casefold().partition(".")[0]


def _declared_on(station: Fixture) -> bool:
    return station.get("connected", "yes") in YES


def _not_connected(station: Fixture, there: Mapping[str, str], declared: Sequence[Fixture]) -> str:
    known = {each.get("station", "").lower() for each in declared}
    others = {number: name for number, name in there.items() if number not in known}
    named, number = station.get("hostname", ""), station.get("station", "")
    same_name = [other for other, name in others.items() if name and name.casefold() == named.casefold()]
    near = same_name or get_close_matches(number.lower(), list(others), n=1, cutoff=0.8)
    who = f"{named} ({number})" if named else number
    if near:
        return f"station {who} is declared, and the server lists {near[0]} instead; correct the station's id."
    goes_on = "If somebody works there, the run will tell" if _in_use(station) else "The run goes on without it"
    return (
        f"station {who} is declared as connected, and the server does not list it; switch it on and sign in there, or"
        f" correct the declaration. {goes_on}."
    )


def _in_use(station: Fixture) -> bool:
    return station.get("busy", "no") in YES


def _tell_stations(ladder: Ladder, there: Mapping[str, str], missing: int) -> None:
    if not there:
        ladder.remark(Rung.STATIONS, "no station is connected; rows that need one are not observed. Switch one on.")
    elif not missing:
        ladder.holds(Rung.STATIONS, f"{len(there)} connected")


# -- patients, cases, images ----------------------------------------------------------------------------------


def look_at_fixtures(stage: Stage, ladder: Ladder, listed: Exchange) -> None:
    """Takes out of the target what is declared and not on the server. Raises Unready when nothing declared is there."""
    cases = [each for each in stage.target.fixtures if each["what"] == "case"]
    owners = list(dict.fromkeys(each.get("integration_id", "") for each in cases))
    search = Search(stage)
    known = _Cases(stage, ladder, search)
    missing: list[Fixture] = []
    for owner in owners:
        own = [each for each in cases if each.get("integration_id", "") == owner]
        missing += known.missing_of(owner, own)
    _look_at_others(stage, ladder, search, set(owners))
    if not owners:
        _say_nothing_declared(stage, ladder)
        return
    stations = [each for each in stage.target.fixtures if each["what"] == "station" and _declared_on(each)]
    if len(missing) == len(cases) and not (stations and _lists_any(listed, stations)):
        raise ladder.fail(
            Rung.FIXTURES,
            f"none of the {len(cases)} declared cases is on the server; is it the right server, and the"
            " right target file?",
        )
    gone = _with_parts(stage.target.fixtures, missing, cases)
    _take_out(stage, gone, _reason(gone))
    known.contents()
    if not missing and not known.unasked:
        ladder.holds(Rung.FIXTURES, f"{len(cases)} cases of {len(owners)} patients are there")


def _look_at_others(stage: Stage, ladder: Ladder, search: Search, owners: set[str]) -> None:
    """Takes out patients without declared cases whom the server does not know."""
    others = [e for e in stage.target.fixtures if e["what"] == "patient" and e.get("integration_id", "") not in owners]
    gone = [each for each in others if "cases" not in each and not search.knows(each.get("integration_id", ""))]
    for each in gone:
        ladder.remark(
            Rung.FIXTURES,
            f'patient "{each.get("integration_id")}" is declared, and the server does not know that integration id; is'
            " a patient mapped to it, and is it spelled exactly so? The run goes on without this patient.",
        )
    _take_out(stage, gone, f"not on the server, though declared: {len(gone)} of the patients")


def _say_nothing_declared(stage: Stage, ladder: Ladder) -> None:
    if not stage.target.fixtures:
        ladder.remark(
            Rung.FIXTURES,
            "nothing is declared to have been prepared; rows that need it are not observed (threedd init).",
        )


def _lists_any(listed: Exchange, stations: Sequence[Fixture]) -> bool:
    document = listed.document
    there = {str(r.guid("station")) for r in document.records} if isinstance(document, Document) else set()
    return any(each.get("station", "").lower() in there for each in stations)


def _with_parts(fixtures: Iterable[Fixture], missing: Sequence[Fixture], cases: Sequence[Fixture]) -> list[Fixture]:
    """The missing cases, what belongs to them, and patients none of whose declared cases is there."""
    gone = {each.get("case", "").lower() for each in missing}
    left = {each.get("integration_id") for each in cases if each.get("case", "").lower() not in gone}
    lost = {each.get("integration_id") for each in missing} - left
    return [
        each
        for each in fixtures
        if ("case" in each and each["case"].lower() in gone)
        or (each["what"] == "patient" and each.get("integration_id") in lost)
    ]


def _reason(gone: Sequence[Fixture]) -> str:
    cases = [each.get("case", "") for each in gone if each["what"] == "case"]
    patients = sum(each["what"] == "patient" for each in gone)
    of = f" and {patients} of the declared patients" if patients else ""
    return f"not on the server, though declared: case {', '.join(cases)}{of}"


class _Cases:
    """Looks for the declared cases of one patient after the other, in every way that the service has."""

    def __init__(self, stage: Stage, ladder: Ladder, search: Search) -> None:
        self._stage = stage
        self._ladder = ladder
        self._search = search
        self._comparison = Comparison(stage, ladder, search)
        self.unasked = False
        """True when some declared case could not be looked for."""

    def missing_of(self, owner: str, cases: Sequence[Fixture]) -> list[Fixture]:
        """Those of one patient that are surely not there; none when the server cannot be asked."""
        first = self._search.ask(owner)
        if first is None:
            self.unasked = True
            self._ladder.remark(
                Rung.FIXTURES, f'the cases of "{owner}" cannot be looked up; whether they are there is open.'
            )
            return []
        found = dict(first)
        wanted = {number for each in cases if isinstance(number := parse_guid(each.get("case", "")), UUID)}
        for role in _statuses(self._stage.spec) if wanted - found.keys() else ():
            found |= self._search.ask(owner, **{role: "True"}) or {}
        missing = [each for each in cases if parse_guid(each.get("case", "")) not in found and not self._pictured(each)]
        self._tell(owner, missing, found, wanted)
        for case in cases:
            record = record_of(case, found)
            if record is not None:
                self._comparison.case(case, record)
        return missing

    def contents(self) -> None:
        """Compares what images hold."""
        self._comparison.contents()

    def _pictured(self, case: Fixture) -> bool:
        """True when one of its declared images can be had: then the case is there, listed or not."""
        images = (e for e in self._stage.target.fixtures if e["what"] == "image" and e.get("case") == case.get("case"))
        return any(self._search.image(image) is not None for image in images)

    def _tell(self, owner: str, missing: Sequence[Fixture], found: Mapping[UUID, Record], wanted: set[UUID]) -> None:
        if missing and not found:
            self._ladder.remark(
                Rung.FIXTURES,
                f'patient "{owner}" is declared with cases, and the server shows none; is a patient mapped to that'
                " integration id, and is it spelled exactly so? The run goes on without this patient.",
            )
            return
        for case in missing:
            number = case.get("case", "")
            near = get_close_matches(number.lower(), [str(n) for n in found if n not in wanted], n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}? Correct it" if near else "prepare it, or remove it from the declaration"
            self._ladder.remark(
                Rung.FIXTURES, f'case {number} of "{owner}" is declared and not on the server; {hint}. It is left out.'
            )


def _statuses(spec: Spec) -> list[str]:
    """Roles of the parameters that ask for one status of a case."""
    return [each.role for each in spec.method["find_cases"].parameters if each.kind is Kind.BOOLEAN]


def _take_out(stage: Stage, gone: Sequence[Fixture], reason: str) -> None:
    """The run goes on without these, and rows that need what was prepared say why nobody saw them."""
    if not gone:
        return
    kept = tuple(each for each in stage.target.fixtures if not any(each is other for other in gone))
    stage.target = replace(stage.target, fixtures=kept)
    needy = [row.id for row in stage.spec.requirements if "fixtures" in row.needs]
    stage.skip(PLAY, reason, needy)
