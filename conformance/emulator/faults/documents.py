"""Faults of shape in the records of cases: fields that are left out, written twice, or hold something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.emulator.faults.case_data import FOUND, PICTURE, UNDECLARED, Fields, HoldsMore, part
from conformance.emulator.faults.fields import Garbles, WritesTwice
from conformance.emulator.faults.overlay import Fault
from conformance.model import Answer, Call, Indication, State

FIND, CASE = "find_cases", "case"
INDICATIONS, IMAGES, SCANS = "indications", "images", "scans"


class _OfRecords(Fault):
    """Writes the records of all cases otherwise."""

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != FOUND or not isinstance(answer.content, list):
            return answer
        return replace(answer, content=[self._written(record) for record in answer.content])

    def _written(self, record: Fields) -> Fields:
        return record


class Writes(_OfRecords):
    """Writes something else into a field of the records in one list of a case; None leaves it out."""

    def __init__(
        self, name: str, does: str, breaks: tuple[str, ...], entries: str, field: str, text: str | None
    ) -> None:
        """``entries`` and ``field`` are roles; '' for a field of the case itself."""
        self.name, self.does, self.breaks = name, does, breaks
        self._entries = entries
        self._field = field
        self._text = text

    def _written(self, record: Fields) -> Fields:
        if not self._entries:
            return {**record, self._field: self._text}
        return {**record, self._entries: [{**entry, self._field: self._text} for entry in part(record, self._entries)]}


class SumsUp(_OfRecords):
    """Writes a text in place of a list that is empty."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], entries: str) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._entries = entries

    def _written(self, record: Fields) -> Fields:
        return record if record[self._entries] else {**record, self._entries: "none"}


class Misnumbers(HoldsMore):
    """Writes no GUID as the id of one case, or of its image."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], entries: str) -> None:
        """``entries`` is the list whose records are meant; '' for the case itself."""
        self.name, self.does, self.breaks = name, does, breaks
        self._entries = entries
        self._more = replace(UNDECLARED, images=(PICTURE,))

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != FOUND or not isinstance(answer.content, list):
            return answer
        return replace(answer, content=[self._misnumbered(record) for record in answer.content])

    def _misnumbered(self, record: Mapping[str, object]) -> Fields:
        if record["case"] != UNDECLARED.id:
            return record
        if not self._entries:
            return {**record, "case": "7"}
        return {**record, self._entries: [{**entry, "image": "7"} for entry in part(record, self._entries)]}


LISTS = (
    SumsUp("sums-images-up", "Writes a word in place of an empty list of images.", ("INF-001",), IMAGES),
    SumsUp("sums-indications-up", "Writes a word in place of an empty list of indications.", ("INF-006",), INDICATIONS),
    SumsUp("sums-scans-up", "Writes a word in place of an empty list of scans.", ("INF-011",), SCANS),
)

OF_CASES = (
    Garbles("makes-cases-last-week", "Writes words for a creation date.", ("INF-002",), "created", "last week", FOUND),
    Misnumbers("numbers-its-cases", "Writes a number for the id of a case.", ("INF-003",), ""),
    Garbles("sent-yesterday", "Writes a word for a sent date.", ("INF-004",), "sent", "yesterday", FOUND),
    Writes("leaves-sent-dates-out", "Leaves the sent date out.", ("INF-004",), "", "sent", None),
    Garbles("delivers-soon", "Writes a word for a delivery date.", ("INF-005",), "delivery", "soon", FOUND),
    Writes("leaves-deliveries-out", "Leaves the delivery date out.", ("INF-005",), "", "delivery", None),
    Garbles("may-be-modelled", "Writes that a case may be modelled.", ("INF-007",), "modelled", "maybe", FOUND),
)

OF_PARTS = (
    Misnumbers("numbers-its-images", "Writes a number for the id of an image.", ("INF-012",), IMAGES),
    Writes("photographs-lately", "Writes a word for an image's date.", ("INF-014",), IMAGES, "timestamp", "lately"),
    Writes(
        "spells-teeth-out",
        "Writes a word for the last tooth.",
        ("INF-016", "INF-018", "INF-038"),
        INDICATIONS,
        "to",
        "molar",
    ),
    Writes("leaves-first-teeth-out", "Leaves the first tooth out.", ("INF-015", "INF-038"), INDICATIONS, "from", None),
    WritesTwice("indicates-twice", "Writes the name of an indication twice.", ("INF-019",), "name", "indication", FIND),
    WritesTwice("shades-twice", "Writes the shade of an indication twice.", ("INF-020",), "shade", "indication", FIND),
    Writes("numbers-its-scans", "Writes a number for the id of a scan.", ("INF-021",), SCANS, "scan", "7"),
    Writes("scans-something-else", "Writes a type that is not listed.", ("INF-025",), SCANS, "type", "Whole mouth"),
    Writes("leaves-types-out", "Leaves the type of a scan out.", ("INF-025",), SCANS, "type", None),
    Writes("sections-perhaps", "Writes a word for a Boolean.", ("INF-026",), SCANS, "sectioned", "perhaps"),
    Writes("leaves-sections-out", "Leaves out whether a scan is sectioned.", ("INF-026",), SCANS, "sectioned", None),
    Writes("prepares-perhaps", "Writes a word for a Boolean.", ("INF-027",), SCANS, "prepared", "perhaps"),
    Writes("scans-lately", "Writes a word for the date of a scan.", ("INF-028",), SCANS, "timestamp", "lately"),
    Writes("leaves-stamps-out", "Leaves the date of a scan out.", ("INF-028",), SCANS, "timestamp", None),
)


class CountsTeethFromZero(HoldsMore):
    name = "counts-teeth-from-zero"
    does = "Writes zero for the first tooth of a bridge."
    breaks = ("INF-015",)
    _more = replace(UNDECLARED, indications=(Indication(0, 2, "Bridge", "Zirconia A1"),))


class CountsTeethBeyondTheLast(HoldsMore):
    name = "counts-teeth-beyond-the-last"
    does = "Writes a number beyond the last tooth for the end of a bridge."
    breaks = ("INF-016",)
    _more = replace(UNDECLARED, indications=(Indication(30, 33, "Bridge", "Zirconia A1"),))
