"""overview.html: who was certified for what, as partner QA publishes it; one file, with links to the reports.

A row is one version of one product over its interfaces, a column is a workflow: a profile of the spec. One run of a
wide profile fills the columns of all profiles inside it, each from the rows that it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from conformance.judge import Ledger, RunVerdict, Standing
from conformance.report.words import RUN_WORDS
from conformance.spec import Binds, Obligation, Profile, Spec


@dataclass(frozen=True)
class Entry:
    """One run that was found."""

    vendor: str
    product: str
    version: str
    interfaces: tuple[str, ...]
    ledger: Ledger
    recorded_on: str
    report: str
    """Address of its report, relative to the page; '' for none."""
    bundle: str
    """Address of its bundle; '' for none."""
    seal: str
    """Who answers for it, in words."""


@dataclass(frozen=True)
class Cell:
    """What one run says of one workflow."""

    entry: Entry
    verdict: RunVerdict
    kept: int
    seen: int
    """Requirements that something was to be judged by, advice aside."""
    broken: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One version of one product."""

    vendor: str
    product: str
    version: str
    interfaces: str
    cells: tuple[tuple[Cell, ...], ...]
    """For each column the runs that speak of it, the newest first; empty for none."""

    @property
    def words(self) -> str:
        """What the filter looks at."""
        return f"{self.vendor} {self.product} {self.version} {self.interfaces}".casefold()

    @property
    def verdicts(self) -> str:
        return " ".join(sorted({cells[0].verdict.value for cells in self.cells if cells}))


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[Profile, ...]
    lines: tuple[Line, ...]


TITLES = {Binds.PMS: "Practice management systems", Binds.SERVER: "Servers"}


def overview(entries: Iterable[Entry], refused: Sequence[tuple[str, str]], spec: Spec, title: str) -> str:
    """The whole page. ``refused`` are files that could not be shown, each with the reason. Every text is escaped."""
    found = list(entries)
    tables = tables_of(found, spec)
    lost = [(each.report or each.bundle, _nowhere(each, spec)) for each in found if _is_lost(each, spec)]
    source = files("conformance.report").joinpath("overview.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    lines = [line for table in tables for line in table.lines]
    return template.render(
        title=title,
        tables=tables,
        refused=[*refused, *lost],
        spec=spec,
        run_words=RUN_WORDS,
        interfaces=sorted({line.interfaces for line in lines}),
        verdicts=[verdict for verdict in RunVerdict if any(verdict in line.verdicts.split() for line in lines)],
    )


def tables_of(entries: Sequence[Entry], spec: Spec) -> tuple[Table, ...]:
    """One table for each kind of subject; columns that nobody has anything in are left out."""
    tables = []
    for binds, title in TITLES.items():
        columns = [profile for profile in spec.profiles if profile.binds is binds]
        columns = [profile for profile in columns if any(_covers(entry.ledger, profile) for entry in entries)]
        own = [entry for entry in entries if any(_covers(entry.ledger, profile) for profile in columns)]
        keys = sorted({_key(entry) for entry in own}, key=_order)
        lines = tuple(_line(key, [entry for entry in own if _key(entry) == key], columns) for key in keys)
        if lines:
            tables.append(Table(title, tuple(columns), lines))
    return tuple(tables)


def _is_lost(entry: Entry, spec: Spec) -> bool:
    return not any(_covers(entry.ledger, profile) for profile in spec.profiles)


def _nowhere(entry: Entry, spec: Spec) -> str:
    return f'profile "{entry.ledger.profile}" is not in {spec.name}; name the folder of its spec with --spec'


def _key(entry: Entry) -> tuple[str, str, str, str]:
    return entry.vendor, entry.product, entry.version, ", ".join(entry.interfaces)


def _order(key: tuple[str, str, str, str]) -> tuple[str, ...]:
    return (*(part.casefold() for part in key), *key)


def _line(key: tuple[str, str, str, str], entries: list[Entry], columns: Sequence[Profile]) -> Line:
    newest = sorted(entries, key=lambda entry: (entry.recorded_on, entry.report, entry.bundle), reverse=True)
    return Line(
        *key,
        tuple(tuple(_cell(entry, p) for entry in newest if _covers(entry.ledger, p)) for p in columns),
    )


def _covers(ledger: Ledger, profile: Profile) -> bool:
    """True when the run was asked for every row of the profile, or for the profile as it was at its time."""
    if ledger.profile == profile.name:
        return True
    asked = {row.id for row in ledger.rows if row.in_profile}
    return bool(profile.requirements) and asked.issuperset(profile.requirements)


_UNDECIDED = frozenset({Standing.INCONCLUSIVE, Standing.NOT_OBSERVED})


def _cell(entry: Entry, profile: Profile) -> Cell:
    ledger = entry.ledger
    own = ledger.profile == profile.name  # then what counted at its time counts, whatever the profile asks for now
    asked, owed = frozenset(profile.requirements), profile.mandatory
    rows = [row for row in ledger.rows if (row.in_profile if own else row.id in asked)]
    broken = tuple(row.id for row in rows if row.standing is Standing.FAIL)
    mandatory = [row for row in rows if (row.mandatory if own else row.id in owed)]
    mandatory = [row for row in mandatory if row.standing is not Standing.NOT_APPLICABLE]
    seen = [row for row in rows if row.counts.triggered and row.obligation == Obligation.MUST]
    kept = sum(row.standing is Standing.PASS for row in seen)
    if own or ledger.verdict in (RunVerdict.VOID, RunVerdict.ERROR):
        verdict = ledger.verdict
    elif broken:
        verdict = RunVerdict.FAIL
    else:
        open_ = not mandatory or any(row.standing in _UNDECIDED for row in mandatory)
        verdict = RunVerdict.INCOMPLETE if open_ else RunVerdict.PASS
    return Cell(entry, verdict, kept, len(seen), broken)
