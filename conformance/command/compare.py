"""``threedd compare A B``: what changed from one run to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.command.failure import spec_from, told_plainly
from conformance.command.plain import plain

if TYPE_CHECKING:
    from conformance.judge import Ledger
    from conformance.judge.compared import Difference

_PATH = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
REGRESSION = 1


@click.command()
@click.argument("before", type=_PATH)
@click.argument("after", type=_PATH)
@click.option("--spec", "spec_folder", type=_FOLDER, help="Spec to judge journals by; default: that of this build.")
@click.option("--all", "everything", is_flag=True, help="Tell as well what neither got worse nor better.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.pass_context
def compare(
    context: click.Context, before: Path, after: Path, spec_folder: Path | None, everything: bool, as_json: bool
) -> None:
    """Compare two runs: requirements, findings, readings. Each is a folder of a run, a ledger, a journal or a bundle.

    Worse is a requirement that was kept and is broken, undecided or (where it is mandatory) no longer observed, and a
    new finding of one that was broken already. Rows that only one of the two knows are told and never count.

    Exit code 0: nothing became worse; 1: something did; 3: one of them cannot be used.
    """
    from conformance.command.ledgers import ledger_at
    from conformance.judge.compared import compared, regressions

    spec = spec_from(spec_folder)
    with told_plainly():
        was, now = ledger_at(before, spec), ledger_at(after, spec)
    differences = compared(was, now)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in differences], indent=2, ensure_ascii=False))
    else:
        for line in (*_heads(was, now), *told(differences, everything)):
            click.echo(plain(line))
    context.exit(REGRESSION if regressions(differences) else 0)


def told(differences: tuple[Difference, ...], everything: bool) -> Iterator[str]:
    """Lines for a terminal: what became worse first, and how much of each there is."""
    from conformance.judge.compared import Turn

    shown = (Turn.WORSE, Turn.BETTER, *((Turn.OTHER,) if everything else ()))
    for turn in shown:
        for difference in differences:
            if difference.turn is turn:
                yield f"{turn:<7} {difference.told}"
    counts = ", ".join(f"{sum(each.turn is turn for each in differences)} {turn}" for turn in Turn)
    hidden = any(each.turn is Turn.OTHER for each in differences) and not everything
    yield f"{counts}{' (--all shows the others)' if hidden else ''}"


def _heads(was: Ledger, now: Ledger) -> Iterator[str]:
    for name, ledger in (("before", was), ("after", now)):
        subject = ledger.about.get("subject", "")
        yield f"{name:<7} {ledger.verdict} {subject}, profile {ledger.profile or 'none'} of {ledger.spec}"
    if was.spec_digest != now.spec_digest:
        yield f"        judged by different specs: {was.spec_digest[:12]} and {now.spec_digest[:12]}"
    if was.profile != now.profile:
        yield f"        for different profiles: {was.profile or 'none'} and {now.profile or 'none'}"
