"""Faults of the records of cases: what they say, and what they leave unsaid.

Some of them hold a case more than anybody has declared: what is wrong with it shows in itself alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from conformance.emulator.faults.transport import KnowsItsSpec
from conformance.model import NEVER, Answer, Call, Case, CaseState, Image, Scan, Stamp, State
from conformance.model.filters import STATES, TICKS_PER_DAY
from conformance.wire import TICKS_PER_SECOND

FOUND, NO_LAB, JAWS = "cases", "UNSENT-LAB", "ONE-JAW-SCANS"
_, SCANNED, _ = STATES
Fields = Mapping[str, object]
Tell = Callable[[Fields, Call, State], Fields]


def ticks(year: int, month: int, day: int) -> int:
    return int((datetime(year, month, day, tzinfo=UTC) - datetime(1, 1, 1, tzinfo=UTC)).days) * TICKS_PER_DAY


MADE, DUE = ticks(2023, 10, 10), ticks(2023, 10, 24)
UNDECLARED = Case(UUID(int=0xCA5E), 0, CaseState.CREATED, MADE, DUE, None, "Another Lab")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01 a picture"
PICTURE = Image(UUID(int=0x1CA6E), "undeclared.jpeg", MADE, JPEG)


class HoldsMore(KnowsItsSpec):
    """Holds one case more, of the first patient, which nobody has declared."""

    _more: Case = UNDECLARED

    def state(self, state: State) -> None:
        first = next(iter(state.cases.values()))
        state.put_case(replace(self.undeclared(), patient=first.patient))

    def undeclared(self) -> Case:
        return self._more


class Says(KnowsItsSpec):
    """Says something else of the cases that a search finds."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], tell: Tell) -> None:
        """``tell`` gets the right record."""
        self.name, self.does, self.breaks = name, does, breaks
        self._tell = tell

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != FOUND or not isinstance(answer.content, list):
            return answer
        return replace(answer, content=[self.told(record, call, state) for record in answer.content])

    def told(self, record: Fields, call: Call, state: State) -> Fields:
        return self._tell(record, call, state)


def part(record: Fields, role: str) -> list[Fields]:
    """The entries of a list of a case."""
    return cast(list[Fields], record[role])


def each(role: str, change: Callable[[Fields], Fields]) -> Tell:
    """Every entry of a list is told otherwise."""
    return lambda record, call, state: {**record, role: [change(entry) for entry in part(record, role)]}


def all_but_the_last(role: str) -> Tell:
    """Of several entries the last one is left out."""

    def tell(record: Fields, call: Call, state: State) -> Fields:
        entries = part(record, role)
        return {**record, role: entries[:-1] if len(entries) > 1 else entries}

    return tell


# -- the case itself ----------------------------------------------------------------------------------------------


def small_letters(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "integration_id": str(record["integration_id"]).lower()}


def last_name_only(record: Fields, call: Call, state: State) -> Fields:
    owner = state.patient(str(record["integration_id"]))
    return {**record, "patient_name": owner.last_name} if owner is not None else record


def no_lab_for_the_unsent(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "lab": ""} if record["sent"] == NEVER else record


def first_lab(record: Fields, call: Call, state: State) -> Fields:
    """Every case that was sent is said to be with the receiver of the first one."""
    labs = [case.lab for case in state.cases.values() if case.sent is not None]
    return {**record, "lab": labs[0]} if record["sent"] != NEVER else record


def never_sent(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "sent": NEVER}


def made_a_day_later(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "created": Stamp(cast(Stamp, record["created"]).ticks + TICKS_PER_DAY)}


def delivered_when_made(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "delivery": record["created"]}


def modelled_when_sent(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "modelled": record["sent"] != NEVER}


def never_modelled(record: Fields, call: Call, state: State) -> Fields:
    return {**record, "modelled": False}


class DatesTheUnsent(Says):
    name = "dates-the-unsent"
    does = "Says of a case that is for somebody and was not sent that it was sent when it was made."
    breaks = ("INF-033",)

    def __init__(self) -> None:
        """All of it stands above."""

    def told(self, record: Fields, call: Call, state: State) -> Fields:
        unsent = record["sent"] == NEVER and record["lab"] != self._spec.reading[NO_LAB].default
        return {**record, "sent": record["created"]} if unsent else record


class SendsToNobody(HoldsMore):
    name = "sends-to-nobody"
    does = "Says of a case for nobody that it was sent."
    breaks = ("INF-036",)

    def undeclared(self) -> Case:
        return replace(UNDECLARED, lab=self._spec.reading[NO_LAB].default, sent=MADE + 7 * TICKS_PER_DAY)


CASES = (
    Says("writes-ids-in-small-letters", "Writes integration ids in small letters.", ("INF-008",), small_letters),
    Says("tells-last-names-only", "Leaves the first name out of the patient's name.", ("INF-009",), last_name_only),
    Says("names-no-receiver", "Leaves the lab empty for cases never sent.", ("INF-010",), no_lab_for_the_unsent),
    Says("has-one-lab-only", "Names the same lab for all cases that were sent.", ("INF-010",), first_lab),
    Says("never-sent-anything", "Writes the least date as sent date of every case.", ("INF-033",), never_sent),
    Says("makes-cases-a-day-later", "Writes creation dates of a day too late.", ("INF-034",), made_a_day_later),
    Says(
        "delivers-at-once",
        "Writes the creation date as delivery date.",
        ("FND-016", "FND-022", "FND-023", "FND-024", "INF-034"),
        delivered_when_made,
    ),
    Says("models-what-it-sent", "Marks cases as modelled that were sent.", ("INF-035",), modelled_when_sent),
    Says("models-nothing", "Marks no case as modelled.", ("INF-035",), never_modelled),
)


# -- what hangs on it ---------------------------------------------------------------------------------------------


def swapped(entry: Fields) -> Fields:
    return {**entry, "from": entry["to"], "to": entry["from"]}


def with_the_next(entry: Fields) -> Fields:
    """A single tooth, but for the last of a quarter, comes with its neighbour."""
    first = cast(int, entry["from"])
    return {**entry, "to": first + 1} if first == entry["to"] and first % 8 else entry


def two_digits(entry: Fields) -> Fields:
    """The lower jaw is numbered as another notation has it."""
    low = cast(int, entry["from"]) > 16
    return {**entry, "from": 33, "to": 48} if low and entry["to"] != entry["from"] else entry


def by_type_twice(record: Fields, call: Call, state: State) -> Fields:
    scans = part(record, "scans")
    return {**record, "scans": [{**entry, "scan": scans[0]["scan"]} for entry in scans]}


def with_a_path(entry: Fields) -> Fields:
    return {**entry, "name": f"images/{entry['name']}"}


def numbered(entry: Fields) -> Fields:
    """The file is called by its id, and ends as before."""
    return {**entry, "name": f"{entry['image']}.{str(entry['name']).rpartition('.')[2]}"}


def unnamed(entry: Fields) -> Fields:
    return {**entry, "name": str(entry["name"])[:2]}


def prepared_by_status(record: Fields, call: Call, state: State) -> Fields:
    """A search for scanned cases says of every scan that it holds reduced teeth."""
    if not call.flag(SCANNED):
        return record
    return {**record, "scans": [{**entry, "prepared": True} for entry in part(record, "scans")]}


class WholeMouths(Says):
    name = "takes-jaws-for-mouths"
    does = "Gives every scan of one jaw the teeth of both."
    breaks = ("INF-024",)

    def __init__(self) -> None:
        """All of it stands above."""

    def told(self, record: Fields, call: Call, state: State) -> Fields:
        jaws, teeth = self._spec.reading[JAWS].conforming, self._spec.record["scan"].by_role["from"]
        both = {"from": teeth.minimum, "to": teeth.maximum}
        scans = [{**entry, **both} if entry["type"] in jaws else entry for entry in part(record, "scans")]
        return {**record, "scans": scans}


class NamesNoFile(HoldsMore):
    name = "names-no-file"
    does = "Leaves the file name of an attached image empty."
    breaks = ("INF-013",)
    _more = replace(UNDECLARED, images=(replace(PICTURE, name=""),))


PARTS = (
    Says(
        "begins-scans-at-the-end", "Writes the last tooth of a scan as the first.", ("INF-017",), each("scans", swapped)
    ),
    Says(
        "lengthens-indications",
        "Says of an indication of a single tooth that it reaches farther.",
        ("INF-018", "INF-038"),
        each("indications", with_the_next),
    ),
    Says(
        "numbers-teeth-otherwise",
        "Numbers the teeth of the lower jaw in another notation in scans.",
        ("INF-022",),
        each("scans", two_digits),
    ),
    Says("one-id-for-all-scans", "Gives all scans of a case the same id.", ("INF-030",), by_type_twice),
    Says("tells-paths", "Tells the path of an attached image.", ("INF-013", "INF-037"), each("images", with_a_path)),
    Says("calls-files-by-their-ids", "Makes a file name of the image's id.", ("INF-037",), each("images", numbered)),
    Says("hides-the-last-image", "Does not list the last of several images.", ("INF-037",), all_but_the_last("images")),
    Says(
        "calls-indications-by-two-letters",
        "Cuts the names of indications.",
        ("INF-038",),
        each("indications", unnamed),
    ),
    Says(
        "hides-the-last-indication",
        "Does not list the last of several indications.",
        ("INF-038",),
        all_but_the_last("indications"),
    ),
    Says("hides-the-last-scan", "Does not list the last of several scans.", ("INF-039",), all_but_the_last("scans")),
    Says(
        "prepares-what-is-asked-for",
        "Says of every scan that it holds reduced teeth when scanned cases are asked for.",
        ("INF-040",),
        prepared_by_status,
    ),
)


# -- its status ---------------------------------------------------------------------------------------------------

SCAN_TICKS = MADE + 3_600 * TICKS_PER_SECOND


class ScansTheUnscanned(HoldsMore):
    name = "scans-the-unscanned"
    does = "Lists a scan of a case that is not scanned yet."
    breaks = ("FND-018",)

    def undeclared(self) -> Case:
        kind = self._spec.record["scan"].by_role["type"].values[0]
        return replace(UNDECLARED, scans=(Scan(UUID(int=0x5CA9), 1, 16, kind, False, False, SCAN_TICKS),))
