"""The ledger: what a run says of every requirement, with evidence.

A ledger holds no time of day, no path and nothing that depends on who judges, so that the ledger of a live run and that
of its journal, judged on another machine, are equal byte for byte. Event numbers are those of the journal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from conformance.spec import Axis

FORMAT = "threedd-ledger"
VERSION = 1


class Standing(StrEnum):
    """What the run says of one requirement. The first seven are in the order in which they outweigh each other."""

    FAIL = "FAIL"
    ADVISORY = "ADVISORY"  # broken, but the guide only recommends it
    ERROR = "ERROR"  # our rule crashed: our fault
    PASS = "PASS"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_OBSERVED = "NOT_OBSERVED"
    UNTESTABLE = "UNTESTABLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    WAIVED = "WAIVED"


class RunVerdict(StrEnum):
    VOID = "VOID"  # our own emulator broke a server row: the PMS is not blamed
    FAIL = "FAIL"
    ERROR = "ERROR"
    INCOMPLETE = "INCOMPLETE"
    PASS = "PASS"


EARL: Mapping[Standing, str] = {
    Standing.FAIL: "failed",
    Standing.ADVISORY: "failed",
    Standing.ERROR: "cantTell",
    Standing.PASS: "passed",
    Standing.INCONCLUSIVE: "cantTell",
    Standing.NOT_OBSERVED: "untested",
    Standing.UNTESTABLE: "untested",
    Standing.NOT_APPLICABLE: "inapplicable",
}
"""Words of W3C's Evaluation and Report Language; a waived row is exported as what it was before the waiver."""

EXIT_CODES: Mapping[RunVerdict, int] = {
    RunVerdict.PASS: 0,
    RunVerdict.FAIL: 1,
    RunVerdict.ERROR: 2,
    RunVerdict.INCOMPLETE: 2,
    RunVerdict.VOID: 2,
}


class Whose(StrEnum):
    """Where the cause of a finding lies."""

    SUBJECT = "subject"
    SET_UP = "set-up"
    GUIDE = "guide"  # the guide leaves it open; the finding names the reading
    OURS = "ours"


class Again(StrEnum):
    """Whether a finding came up again when it was provoked once more."""

    YES = "yes"
    NO = "no"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Counts:
    """Verdicts of one row, by result; their sum is how often it was triggered."""

    passed: int = 0
    failed: int = 0
    inconclusive: int = 0
    errors: int = 0

    @property
    def triggered(self) -> int:
        return self.passed + self.failed + self.inconclusive + self.errors


@dataclass(frozen=True)
class Finding:
    """One thing that went wrong, however often it did."""

    requirement: str
    """'' for a finding about a reading."""
    reading: str
    standing: Standing
    whose: Whose
    expected: str
    """A phrase that goes on after the word "expected"; '' when a rule broke down."""
    observed: str
    evidence: tuple[int, ...]
    """Events that the first occurrence rests on, the judged one last."""
    occurrences: int
    exchanges: tuple[int, ...]
    """The judged events of the first occurrences."""
    plays: tuple[str, ...]
    """The stimuli under which it came up; '' for traffic outside any."""
    who: tuple[str, ...]
    """Who had sent the judged calls."""
    reproducible: Again


@dataclass(frozen=True)
class Row:
    """One requirement and what the run says of it."""

    id: str
    text: str
    heading: str
    binds: str
    obligation: str
    judged_by: str
    harm: str
    in_profile: bool
    mandatory: bool
    standing: Standing
    earl: str
    reason: str
    """Why there is no verdict, why it is undecided, or why it is switched off; '' else."""
    counts: Counts
    situations: int
    """Distinct stimuli that triggered it."""
    needs: tuple[str, ...]
    readings: tuple[str, ...]
    axis: str = Axis.GUIDE.value
    """``guide``, or ``field``: then it is about working with what the field shows, and never about conformance."""
    generated: int = 0
    """How often it was kept under stimuli that were drawn at random."""


@dataclass(frozen=True)
class Seen:
    """One take of a reading, as the traffic showed it."""

    take: str
    count: int
    first: int
    """Number of the first exchange that showed it."""


@dataclass(frozen=True)
class ReadingSeen:
    id: str
    question: str
    heading: str
    conforming: tuple[str, ...]
    seen: tuple[Seen, ...]
    """Empty when no exchange showed any."""


@dataclass(frozen=True)
class StatusSeen:
    """One status code: how many answers told it, about how many operations."""

    code: int
    name: str
    """'' for a code that the spec does not know."""
    answers: int
    operations: int
    first: int
    """Number of the first exchange with it; 0 when it was not provoked."""


@dataclass(frozen=True)
class MethodCalled:
    role: str
    name: str
    calls: int
    succeeded: int
    refused: int
    lost: int


@dataclass(frozen=True)
class SkippedPlay:
    play: str
    reason: str
    aims: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    about: Mapping[str, str]
    """Subject, harness, seed and the like, as the producer told them."""
    spec: str
    spec_digest: str
    profile: str
    verdict: RunVerdict
    reasons: tuple[str, ...]
    events: int
    exchanges: int
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    statuses: tuple[StatusSeen, ...]
    methods: tuple[MethodCalled, ...]
    other_calls: int
    """Calls whose path names no method of the spec."""
    readings: tuple[ReadingSeen, ...]
    skipped: tuple[SkippedPlay, ...]
    waivers: tuple[Mapping[str, str], ...] = field(default=())

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]

    def row(self, requirement: str) -> Row:
        """The row of that requirement. Raises KeyError when the ledger has none."""
        for row in self.rows:
            if row.id == requirement:
                return row
        raise KeyError(requirement)

    def to_json(self) -> str:
        """The whole ledger as text: keys sorted, one form for one content."""
        body = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(body, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


class LedgerError(Exception):
    """A file is no ledger that this build can read."""


def ledger_from_json(text: str) -> Ledger:
    """The ledger that ``to_json`` wrote. Raises LedgerError for anything else."""
    try:
        body = json.loads(text)
        found = (body.pop("format"), body.pop("version"))
        if found != (FORMAT, VERSION):
            known = f"{FORMAT} version {VERSION}"
            raise LedgerError(f"ledger is {found[0]} version {found[1]}; expected {known}. Judge the journal again.")
        return _ledger(body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(f"not a ledger ({error!r}); give the ledger.json of a run, or judge its journal.") from error


def _ledger(body: dict[str, Any]) -> Ledger:
    body["verdict"] = RunVerdict(body["verdict"])
    body["rows"] = tuple(
        Row(**{**_tuples(row), "standing": Standing(row["standing"]), "counts": Counts(**row["counts"])})
        for row in body["rows"]
    )
    body["findings"] = tuple(
        Finding(
            **{
                **_tuples(row),
                "standing": Standing(row["standing"]),
                "whose": Whose(row["whose"]),
                "reproducible": Again(row["reproducible"]),
            }
        )
        for row in body["findings"]
    )
    body["statuses"] = tuple(StatusSeen(**row) for row in body["statuses"])
    body["methods"] = tuple(MethodCalled(**row) for row in body["methods"])
    body["readings"] = tuple(
        ReadingSeen(**{**_tuples(row), "seen": tuple(Seen(**seen) for seen in row["seen"])}) for row in body["readings"]
    )
    body["skipped"] = tuple(SkippedPlay(**_tuples(row)) for row in body["skipped"])
    return Ledger(**_tuples(body))


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
