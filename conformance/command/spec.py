"""``threedd spec``: the requirements, who judges them, and how well they are covered."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.command.coverage import Coverage, by_row, matrix
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.emulator.faults import faults
from conformance.rules import catalogue, observers
from conformance.spec import Binds, Requirement, Spec
from conformance.suite.plays import collect

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_spec_option = click.option(
    "--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build."
)


@click.group()
def spec() -> None:
    """The guide as data: requirements, readings, coverage."""


@spec.command("list")
@_spec_option
@click.option("--area", default="", help="First part of the ids, such as PAT.")
@click.option("--binds", type=click.Choice([binds.value for binds in Binds]), help="Whose duty it is.")
@click.option("--heading", default="", help="Words of the guide's heading.")
def list_rows(spec_folder: Path | None, area: str, binds: str | None, heading: str) -> None:
    """List requirements, one line each."""
    found = [
        row
        for row in spec_from(spec_folder).requirements
        if row.id.partition("-")[0].casefold() == area.casefold() or not area
        if binds is None or row.binds.value in (binds, Binds.BOTH.value)
        if heading.casefold() in row.heading.casefold()
    ]
    if not found:
        raise SetUpFailure("no requirement is like that; try: threedd spec list, or fewer of these options.")
    lines = [(r.id, r.binds.value, r.obligation.value, r.judged_by.value, r.heading, r.text) for r in found]
    console = Console()
    if console.is_terminal:
        table = Table("id", "binds", "", "judged by", "heading", "text")
        for line in lines:
            table.add_row(*map(Text, line))
        console.print(table)
    else:
        click.echo("\n".join("  ".join(line) for line in lines))
    console.print(f"{len(found)} requirements")


@spec.command("show")
@_spec_option
@click.argument("id")
def show_row(spec_folder: Path | None, id: str) -> None:
    """Show one requirement, or one reading, with everything that is known of it."""
    loaded = spec_from(spec_folder)
    known = {**{name.casefold(): name for name in loaded.requirement}, **{n.casefold(): n for n in loaded.reading}}
    name = known.get(id.casefold())
    if name is None:
        raise SetUpFailure(f"{id} is neither a requirement nor a reading of {loaded.name}; try: threedd spec list.")
    lines = _requirement(loaded, loaded.requirement[name]) if name in loaded.requirement else _reading(loaded, name)
    click.echo("\n".join(lines))


def _requirement(loaded: Spec, row: Requirement) -> list[str]:
    rule = catalogue().get(row.id)
    told = [
        f"{row.id}  {row.text}",
        f"heading:   {row.heading}",
        f"binds:     {row.binds.value} ({row.obligation.value})",
        f"judged by: {row.judged_by.value}" + (f" of {row.target}" if row.target else ""),
        f"needs:     {', '.join(row.needs) or 'nothing'}",
        f"file:      {row.file}",
    ]
    told += [f"harm:      {row.harm}"] if row.harm else []
    told += [f"reason:    {row.reason}"] if row.reason else []
    told += [f"rule:      {rule.name.replace('_', ' ')}", "", rule.doc] if rule else []
    for name in row.readings:
        told += ["", *_reading(loaded, name)]
    return told


def _reading(loaded: Spec, name: str) -> list[str]:
    reading = loaded.reading[name]
    told = [f"{reading.id}  {reading.question}", f"heading:   {reading.heading}", f"why open:  {reading.why}"]
    told += [f"observed:  {'yes' if name in observers() else 'no exchange shows which one is taken'}", "readings:"]
    for take, meaning in reading.takes.items():
        marks = [f"the emulator's default, {reading.mark.value}"] if take == reading.default else []
        marks += [] if take in reading.conforming else ["not conforming"]
        told.append(f"  {take}: {meaning}" + (f" ({'; '.join(marks)})" if marks else ""))
    return told


# -- coverage -------------------------------------------------------------------------------------------------


@spec.command("coverage")
@_spec_option
@click.option("--check", is_flag=True, help="Exit 1 when the committed matrix is stale.")
@click.option("--write", is_flag=True, help="Write the matrix.")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Default: reports/coverage.md of the checkout."
)
@click.pass_context
def show_coverage(
    context: click.Context, spec_folder: Path | None, check: bool, write: bool, file: Path | None
) -> None:
    """Print, write or check the coverage matrix."""
    text = matrix(coverage_of(spec_from(spec_folder)))
    path = file if file is not None else matrix_path()
    if write:
        with told_plainly():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        click.echo(f"written to {path}")
    elif check:
        stale = not path.is_file() or path.read_text(encoding="utf-8") != text
        click.echo(f"{path} is {'stale; run: threedd spec coverage --write' if stale else 'up to date'}")
        context.exit(1 if stale else 0)
    else:
        click.echo(text, nl=False)


def coverage_of(loaded: Spec) -> Coverage:
    """Who covers which row, from the rules, plays and faults of this build."""
    plays = by_row((play.name, play.aims) for play in collect(loaded))
    known_faults = by_row((fault.name, fault.breaks) for fault in faults().values())
    return Coverage(loaded, catalogue(), plays, known_faults)


def matrix_path() -> Path:
    """Where a checkout keeps the matrix."""
    return Path(__file__).resolve().parents[2] / "reports" / "coverage.md"


@spec.command("export")
@_spec_option
@click.argument("folder", type=click.Path(path_type=Path))
def export(spec_folder: Path | None, folder: Path) -> None:
    """Copy the spec, OpenAPI and XML schema included, into FOLDER, which must not exist yet."""
    loaded = spec_from(spec_folder)
    with told_plainly():
        shutil.copytree(loaded.folder, folder)
    click.echo(f"{loaded.name} copied to {folder}")
