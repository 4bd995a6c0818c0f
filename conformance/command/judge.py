"""``threedd judge PATH``: the ledger of a recording, equal to that of the run that wrote it; or of all in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.showing import showing
from conformance.judge import Recording, judge_recording
from conformance.report import print_ledger, write_all
from conformance.spec import Spec
from conformance.trace.handed_files import ENDINGS

if TYPE_CHECKING:
    from conformance.command.judging_many import Wish

_FILE = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("file", metavar="PATH", type=_FILE)
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
@click.option("--workers", type=click.IntRange(1), help="Processes for a folder of journals; default: one per core.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Have them judged by a Dask cluster (extra: dask).")
@click.pass_context
def judge(
    context: click.Context,
    file: Path,
    partial: bool,
    spec_folder: Path | None,
    profile: str,
    out: Path | None,
    as_json: bool,
    workers: int | None,
    scheduler: str,
) -> None:
    """Judge a recording: a journal.jsonl, a HAR archive of a browser or proxy, or a .txt file of command lines.

    A file of command lines has one per line, as it was typed or as a process monitor shows it; "#" begins a comment.
    "# record: key=17 last_name=Fox birth_date=1970-02-28" tells what the PMS knew of the patient of the next line;
    it is quoted as a command line of Windows is (last_name="van der Berg", \\" for a quotation mark), each key once.

    A folder, or a file that ends in .ini or .tmp, holds transfer files of VDDS media: NAME.call.ini and
    NAME.answer.ini, the register under its own name, and copies of images in a folder "files".

    A folder with journals (.jsonl, also in folders below it) has each of them judged, by several processes or by the
    Dask cluster of --scheduler, whose workers see the same files. The ledger of NAME.jsonl is NAME.ledger.json beside
    it, or in --out; a table tells of all. What comes of a journal depends on neither the workers nor the others.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: the recording cannot be used. Of a folder the worst
    counts: 3, then 1, then 2.
    """
    spec = spec_from(spec_folder)
    if _holds_journals(file):
        from conformance.command.judging_many import Wish

        wish = Wish(file, spec, profile, partial, out, workers or os.cpu_count() or 1, scheduler)
        context.exit(_judge_many(wish, as_json))
    if workers is not None or scheduler:
        raise click.UsageError(f"--workers and --scheduler are for a folder of journals, and {file} is none.")
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


def _holds_journals(path: Path) -> bool:
    """True for a folder with at least one; False for one of transfer files. Raises SetUpFailure for any other."""
    if not path.is_dir():
        return False
    from conformance.command.judging_many import journals_below

    with told_plainly():
        if journals_below(path):
            return True
        if any(each.suffix.casefold() in ENDINGS for each in path.iterdir()):
            return False
    told = f"expected journals (.jsonl) in it or below, or transfer files ({', '.join(sorted(ENDINGS))}) in it"
    raise SetUpFailure(f"{path} holds nothing to judge; {told}. Name another folder.")


def _judge_many(wish: Wish, as_json: bool) -> int:
    from conformance.command import judging_many as many

    with told_plainly(), _progress("journals") as told:
        lines = many.judge_many(wish, told)
    if as_json:
        click.echo(many.as_json(lines), nl=False)
    else:
        click.echo("\n".join(many.told_lines(lines)))
    return many.exit_code_of(lines)


@contextmanager
def _progress(what: str = "events") -> Iterator[Callable[[int, int], object]]:
    """Tells a person at a terminal how far it is; nobody else."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda judged, all_of_them: None
        return
    with console.status("reading") as status:
        yield lambda judged, all_of_them: status.update(f"{judged} of {all_of_them} {what} judged")


def _warn_of_another_spec(recording: Recording, spec: Spec) -> None:
    recorded = recording.header.get("spec_digest")
    if recorded and recorded != spec.digest:
        name = recording.header.get("spec") or "a spec"
        click.echo(f"recorded with {name} {str(recorded)[:12]}, judged by {spec.name} {spec.digest[:12]}", err=True)
