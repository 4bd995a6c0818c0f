"""The end of a run on a terminal: verdict, findings, counts.

In a pipe each of these is one whole line, however long, without colours and frames: so it can be searched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.judge import Finding, Ledger, RunVerdict, Standing
from conformance.report.words import (
    AXIS_WORDS,
    RUN_WORDS,
    STANDING_MARKS,
    STANDING_WORDS,
    WHOSE_WORDS,
    by_gravity,
    standing_of,
    tally_of,
    times,
)
from conformance.spec import Axis

_RUN_STYLES = {RunVerdict.PASS: "bold green", RunVerdict.FAIL: "bold red", RunVerdict.ERROR: "bold red"}
_STYLES = {Standing.PASS: "green", Standing.FAIL: "red", Standing.ERROR: "red"}
_MOST_REASONS = 8


def print_ledger(ledger: Ledger, console: Console, ending: Sequence[str] = ()) -> None:
    """Prints findings first and the verdict last, where the eye is when a run ends.

    ``ending`` takes the place of the verdict and its reasons.
    """
    for finding in by_gravity(ledger.findings, ledger):
        _print_finding(finding, ledger, console)
    if console.is_terminal:
        console.print(_table(ledger))
    else:
        for told in _headings(ledger):
            _say(console, told)
    field = [f"{count} {STANDING_WORDS[standing]}" for standing, count in tally_of(ledger, Axis.FIELD).items()]
    if field:
        _say(console, f"{AXIS_WORDS[Axis.FIELD]} (fails nobody): {', '.join(field)}")
    for line in ending:
        console.print(_line(line), soft_wrap=True)
    if ending:
        return
    _say(console, f"{ledger.verdict}  {RUN_WORDS[ledger.verdict]}", _RUN_STYLES.get(ledger.verdict, "bold yellow"))
    for reason in ledger.reasons[:_MOST_REASONS]:
        _say(console, f"  {reason}")
    if len(ledger.reasons) > _MOST_REASONS:
        _say(console, f"  ... and {len(ledger.reasons) - _MOST_REASONS} more reasons")


def _print_finding(finding: Finding, ledger: Ledger, console: Console) -> None:
    name = finding.requirement or finding.reading
    standing = finding.standing
    words = standing_of(finding)
    title = f"{STANDING_MARKS[standing]} {name} {words}, {times(finding.occurrences)}"
    _say(console, title, _STYLES.get(standing, "yellow"))
    if finding.requirement:
        row = ledger.row(finding.requirement)
        _say(console, f"  {row.text} ({row.heading})")
    for label, phrase in (("expected", finding.expected), ("observed", finding.observed)):
        if phrase:
            _say(console, f"  {label} {phrase}")
    evidence = ", ".join(str(number) for number in finding.evidence)
    told = [f"whose: {WHOSE_WORDS[finding.whose]}"]
    told += [f"reproducible: {finding.reproducible}"] if finding.requirement else []
    told += [f"evidence: {evidence}"] if evidence else []
    _say(console, f"  {'; '.join(told)}")


def _say(console: Console, text: str, style: str = "") -> None:
    """One line: broken between words on a terminal, and nowhere else."""
    console.print(_line(text, style), soft_wrap=not console.is_terminal)


def _line(text: str, style: str = "") -> Text:
    """``text`` without what a terminal would obey: some of it was sent by strangers."""
    return Text("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text), style)


def _table(ledger: Ledger) -> Table:
    table = Table("heading", "rows", *(STANDING_WORDS[standing] for standing in tally_of(ledger)))
    for heading, rows, counts in _counted(ledger):
        table.add_row(Text(heading), str(rows), *(str(count) if count else "" for count in counts.values()))
    return table


def _headings(ledger: Ledger) -> Iterator[str]:
    """The same as lines."""
    for heading, rows, counts in _counted(ledger):
        told = ", ".join(f"{count} {STANDING_WORDS[standing]}" for standing, count in counts.items() if count)
        yield f"{heading}: {rows} {'row' if rows == 1 else 'rows'}, {told}"


def _counted(ledger: Ledger) -> Iterator[tuple[str, int, Mapping[Standing, int]]]:
    """Each heading of the guide with its rows, in all and by standing."""
    counted = [row for row in ledger.rows if row.in_profile and row.axis == Axis.GUIDE]
    for heading in dict.fromkeys(row.heading for row in counted):
        rows = [row for row in counted if row.heading == heading]
        if not ledger.profile and not any(row.counts.triggered for row in rows):
            continue  # a recording that was made for nothing in particular is about few interfaces
        yield heading, len(rows), {s: sum(row.standing is s for row in rows) for s in tally_of(ledger)}
