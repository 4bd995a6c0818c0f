"""``threedd judge FILE``: the ledger of a recording, equal to that of the run that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from conformance.command.failure import spec_from, told_plainly
from conformance.command.showing import showing
from conformance.judge import Recording, judge_recording
from conformance.report import print_ledger, write_all
from conformance.spec import Spec

_FILE = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--partial", is_flag=True, help="Accept a journal that was cut short; its verdict is never PASS.")
@click.option(
    "--spec",
    "spec_folder",
    type=_FOLDER,
    help="Folder of the spec to judge by; default: the one that came with this build.",
)
@click.option("--profile", default="", help="Rows that count; default: the profile that was recorded.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for ledger.json, report.html, summary.md and trace.har.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the ledger instead of a table.")
@click.pass_context
def judge(
    context: click.Context,
    file: Path,
    partial: bool,
    spec_folder: Path | None,
    profile: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Judge a recording: a journal.jsonl, a HAR archive of a browser or proxy, or a .txt file of command lines.

    A file of command lines has one per line, as it was typed or as a process monitor shows it; "#" begins a comment.
    "# record: key=17 last_name=Fox birth_date=1970-02-28" tells what the PMS knew of the patient of the next line.

    A folder, or a file that ends in .ini or .tmp, holds transfer files of VDDS media: NAME.call.ini and
    NAME.answer.ini, the register under its own name, and copies of images in a folder "files".

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: the recording cannot be used.
    """
    spec = spec_from(spec_folder)
    with told_plainly():
        with _progress() as told:
            recording = judge_recording(file, spec, profile=profile, partial=partial, told=told)
        if out is not None:
            write_all(recording.ledger, spec, out, recording.events, showing)
    _warn_of_another_spec(recording, spec)
    if as_json:
        click.echo(recording.ledger.to_json(), nl=False)
    else:
        print_ledger(recording.ledger, Console())
        if out is not None:
            click.echo(f"written to {out}")
    context.exit(recording.ledger.exit_code)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object]]:
    """Tells a person at a terminal how far it is; nobody else."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda judged, all_events: None
        return
    with console.status("reading") as status:
        yield lambda judged, all_events: status.update(f"{judged} of {all_events} events judged")


def _warn_of_another_spec(recording: Recording, spec: Spec) -> None:
    recorded = recording.header.get("spec_digest")
    if recorded and recorded != spec.digest:
        name = recording.header.get("spec") or "a spec"
        click.echo(f"recorded with {name} {str(recorded)[:12]}, judged by {spec.name} {spec.digest[:12]}", err=True)
