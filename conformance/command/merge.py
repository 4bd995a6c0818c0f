"""``threedd merge``: one ledger and one report out of the shards of a run.

The shards are judged again from their journals; their ledgers are not looked at. Adding up ledgers would lose what only
the run as a whole shows (``conformance.judge.merging`` says what that is), and a ledger can be changed unseen, while a
journal carries the digest of its bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.folder import JOURNAL, LATEST
from conformance.command.shards import SHARD, SHARDED, Shard, shard_from
from conformance.command.voice import voice_of, voiced

if TYPE_CHECKING:
    from conformance.judge.merging import Merged
    from conformance.spec import Spec
    from conformance.trace import Event

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SHARDS = "shards"
"""Where the journals lie in the folder of the merged run."""
_MAY_DIFFER = frozenset({SHARD, "date", "prefix"})
_NO_VERDICT_YET = "run the whole again with one build, the same options and --shard 1/N to N/N"


@click.command()
@voiced("--quiet", "--silent")
@click.argument("folders", metavar="FOLDER...", type=_FOLDER, nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the merged run."
)
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--partial", is_flag=True, help="Accept journals that were cut short; the verdict is never PASS.")
@click.pass_context
def merge(
    context: click.Context, folders: tuple[Path, ...], out: Path, spec_folder: Path | None, partial: bool
) -> None:
    """Merge the shards of a run (--shard I/N): one ledger and one report, as if one process had made the whole run.

    Each FOLDER is that of a shard, or one with shards below it, such as the artifacts of a CI's jobs. All N shards of
    one run are needed: of one subject, profile, spec, build and seed, and of the same plays.

    The shards are judged again from their journals, copies of which are kept in the folder "shards".

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: the shards cannot be merged.
    """
    voice = voice_of(context)
    spec = spec_from(spec_folder)
    with told_plainly():
        shards = complete([path for folder in folders for path in journals_of(folder)], partial)
        merged = write_merged(shards, spec, out, voice.console())
    _warn_of_another_spec(shards[0].header, spec)
    voice.tell(merged.ledger)
    context.exit(merged.ledger.exit_code)


@dataclass(frozen=True)
class Journalled:
    """A shard as it was recorded."""

    path: Path
    shard: Shard
    header: Mapping[str, object]
    events: Sequence[Event]
    cut_short: bool


def journals_of(folder: Path) -> list[Path]:
    """The journal of that run, or those of all runs below. Raises SetUpFailure where there is none.

    ``latest`` leads to one of the others, and is a copy of it where links did not survive.
    """
    if (folder / JOURNAL).is_file():
        return [folder / JOURNAL]
    below = sorted(path for path in folder.rglob(JOURNAL) if LATEST not in path.relative_to(folder).parts)
    if not below:
        raise SetUpFailure(f"{folder} holds no {JOURNAL}, nor does a folder below; name the folders of the shards.")
    return below


def complete(paths: Sequence[Path], partial: bool = False) -> list[Journalled]:
    """All shards of one run, in order. Raises SetUpFailure for what is none, or not all of them."""
    read = [_read(path, partial) for path in paths]
    first = read[0]
    for other in read[1:]:
        _check_alike(first, other)
    by_number: dict[int, Journalled] = {}
    for each in read:
        twin = by_number.setdefault(each.shard.number, each)
        if twin is not each:
            raise SetUpFailure(f"shard {each.shard} is there twice: {twin.path} and {each.path}; leave one out.")
    missing = [f"{number}/{first.shard.of}" for number in range(1, first.shard.of + 1) if number not in by_number]
    if missing:
        raise SetUpFailure(
            f"{len(read)} of {first.shard.of} shards are there, and {', '.join(missing)} missing; name every folder."
        )
    return [by_number[number] for number in sorted(by_number)]


def _read(path: Path, partial: bool) -> Journalled:
    from conformance.trace.journal import JournalError, is_cut_short, read_journal

    try:
        header, events = read_journal(path, partial)
        written = str(header.get(SHARD) or "")
        if not written:
            raise SetUpFailure(f"{path} is no shard but a run of its own; merge what was recorded with --shard I/N.")
        return Journalled(path, shard_from(written), header, list(events), partial and is_cut_short(path))
    except JournalError as error:
        raise SetUpFailure(f"{path}: {error}") from error


def _check_alike(first: Journalled, other: Journalled) -> None:
    """Raises SetUpFailure for shards of two runs."""
    if first.shard.of != other.shard.of:
        told = f"{first.path} is shard {first.shard}, and {other.path} is {other.shard}"
        raise SetUpFailure(f"{told}: shards of different divisions; {_NO_VERDICT_YET}.")
    for name in sorted({*first.header, *other.header} - _MAY_DIFFER):
        one, two = first.header.get(name), other.header.get(name)
        if one != two:
            what = "set of plays" if name == SHARDED else name.replace("_", " ")
            told = f"{what} of {first.path} is {_short(one)}, that of {other.path} is {_short(two)}"
            raise SetUpFailure(f"{told}: shards of different runs; {_NO_VERDICT_YET}.")


def _short(value: object) -> str:
    text = str(value) if value not in (None, "") else "not given"
    return f'"{text[:60]}..."' if len(text) > 60 else f'"{text}"'


def write_merged(shards: Sequence[Journalled], spec: Spec, out: Path, console: Console) -> Merged:
    """Judges them together and leaves the report in ``out``, with the journals. Raises SetUpFailure, OSError."""
    from conformance.command.showing import showing
    from conformance.judge import about_from, terms_from
    from conformance.judge.merging import Part, merge
    from conformance.report import print_ledger, write_all

    if out.exists() and any(out.iterdir()):
        raise SetUpFailure(f"{out} holds files already; name a new folder with --out.")
    header = shards[0].header
    latest = max(str(each.header.get("date") or "") for each in shards)
    about = {name: told for name, told in about_from(header).items() if name not in (SHARD, SHARDED)}
    terms = replace(terms_from(header, spec), on=latest)
    merged = merge([Part(each.events, each.cut_short) for each in shards], spec, terms, about)
    write_all(merged.ledger, spec, out, merged.events, showing, datetime.now(UTC))
    for each in shards:
        place = out / SHARDS / f"{each.shard.number}-of-{each.shard.of}"
        place.mkdir(parents=True)
        shutil.copyfile(each.path, place / JOURNAL)
    print_ledger(merged.ledger, console)
    console.print(f"report: {out / 'report.html'}", highlight=False, soft_wrap=True)
    return merged


def _warn_of_another_spec(header: Mapping[str, object], spec: Spec) -> None:
    digest = str(header.get("spec_digest") or "")
    if digest and digest != spec.digest:
        name = header.get("spec") or "a spec"
        click.echo(f"recorded with {name} {digest[:12]}, judged by {spec.name} {spec.digest[:12]}", err=True)
