"""summary.md: what a CI job shows beside its verdict. Short; the page has the evidence."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge import RAW, Ledger
from conformance.report import chances
from conformance.report.view import FindingView, View
from conformance.report.words import AXIS_WORDS, RUN_WORDS, STANDING_MARKS, STANDING_WORDS, tally_of, times
from conformance.spec import Axis

_MOST = 30


def markdown(view: View) -> str:
    """The summary as GitHub-flavoured Markdown."""
    lines = [
        *_head(view.ledger),
        *_to_do(view),
        *_recorded(view),
        *_how_sure(view),
        *_findings(view),
        *_headings(view),
        *_open(view),
        *_left_behind(view),
    ]
    return "\n".join(lines) + "\n"


def _head(ledger: Ledger) -> Iterator[str]:
    yield f"# {ledger.verdict}: {_plain(ledger.about.get('subject', 'conformance run'))}"
    yield ""
    yield RUN_WORDS[ledger.verdict]
    yield ""
    if ledger.about.get(RAW):
        yield f"**{_plain(ledger.about[RAW])}**"
        yield ""
    yield from _limited([f"- {_plain(reason)}" for reason in ledger.reasons])
    if ledger.reasons:
        yield ""
    counts = [f"{STANDING_MARKS[s]} {count} {STANDING_WORDS[s]}" for s, count in tally_of(ledger).items()]
    yield f"Requirements of profile {_plain(ledger.profile or '(all)')}: {', '.join(counts) or 'none'}."
    yield ""
    field = [f"{STANDING_MARKS[s]} {count} {STANDING_WORDS[s]}" for s, count in tally_of(ledger, Axis.FIELD).items()]
    if field:
        yield f"{AXIS_WORDS[Axis.FIELD]} (fails nobody): {', '.join(field)}."
        yield ""


def _to_do(view: View) -> Iterator[str]:
    yield from _limited([f"- {_plain(line)}" for line in view.to_do])
    if view.to_do:
        yield ""


def _recorded(view: View) -> Iterator[str]:
    told = ", ".join(f"{count} {words}" for count, words in view.calls)
    yield f"Spec {_plain(view.ledger.spec)} `{view.ledger.spec_digest[:12]}`, {told}."
    yield ""


def _how_sure(view: View) -> Iterator[str]:
    shares = [f"{share.percent} % {share.words}" for share in view.certainty if share.rows]
    if shares:
        yield f"How sure, of what was decided: {'; '.join(shares)}."
        yield ""
    clean = [row.generated for row in view.ledger.rows if row.generated and not row.counts.failed]
    if clean:
        fewest, most = (f"{each} ({chances.told(each)})" for each in (min(clean), max(clean)))
        yield (
            f"Drawn at random by {_plain(view.generators)}: {len(clean)} requirements, each in {fewest} to {most} clean"
            " tries; in brackets the share of breaches that so many still allow with 95 % confidence."
        )
        yield ""


def _findings(view: View) -> Iterator[str]:
    yield "## Findings"
    yield ""
    if not view.whole:
        yield "No requirement was found broken."
        yield ""
        return
    yield "| | id | how grave | expected | observed | whose | seen | again |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from _limited([_finding(item) for item in view.whole])
    yield ""


def _finding(item: FindingView) -> str:
    finding = item.finding
    cells = (
        item.standing,
        item.title,
        item.gravity.partition(":")[0],
        finding.expected,
        finding.observed,
        finding.whose.value,
        times(finding.occurrences),
        finding.reproducible.value if finding.requirement else "",
    )
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _headings(view: View) -> Iterator[str]:
    yield "## Requirements"
    yield ""
    yield "| heading | rows | kept | broken |"
    yield "|---|---:|---:|---:|"
    for group in view.headings:
        yield f"| {_plain(group.heading)} | {len(group.rows)} | {group.kept} | {group.broken} |"
    yield ""


def _open(view: View) -> Iterator[str]:
    if view.unseen:
        yield "## Not observed, or undecided"
        yield ""
        yield from _limited([f"- {_plain(row.id)}: {_plain(row.reason)}" for row in view.unseen])
        yield ""
    if view.ledger.skipped:
        yield "## Skipped"
        yield ""
        yield from _limited([f"- {_plain(s.play)}: {_plain(s.reason)}" for s in view.ledger.skipped])
        yield ""


def _left_behind(view: View) -> Iterator[str]:
    left = view.left_behind
    if not left.told():
        return
    yield "## Left behind on the server"
    yield ""
    yield f"{_plain(left.told())}. Nothing can be deleted through the interface; report.html lists them."
    yield ""
    for each in left.operations[:_MOST]:
        yield f"- {each.id}: {_plain(each.method)} at {each.station}, {_plain(each.status or 'no status seen')}"
    if left.operations:
        yield ""


def _limited(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        more = f"... and {len(lines) - _MOST} more, see report.html"
        yield f"| {more} |" if lines[0].startswith("|") else f"- {more}"


def _plain(text: str) -> str:
    """``text`` on one line with everything escaped that Markdown or HTML would act on."""
    for sign in "\\`*_[]|<>#":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return " ".join(text.split())
