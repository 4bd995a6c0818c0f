"""``threedd overview DIR...``: a static page of who was certified for what."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.folder import JOURNAL, LATEST
from conformance.command.ledgers import LEDGER
from conformance.command.plain import plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from conformance.certify.inspection import Inspection
    from conformance.judge import Ledger
    from conformance.report.overview import Entry
    from conformance.spec import Spec

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KIND = re.compile(rb'\{"event":"([a-z]+)"')
REFUSED = 1
REST = "rest"


@click.command()
@click.argument("folders", type=_FOLDER, nargs=-1, required=True)
@click.option("--key", "keys", type=_FILE, multiple=True, help="Public key that is trusted (.pub.pem); repeatable.")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Spec whose profiles are the columns; default: ours.")
@click.option("--title", default="Conformance overview", show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("overview.html"),
    show_default=True,
    help="Links lead from there to the reports.",
)
@click.pass_context
def overview(
    context: click.Context,
    folders: tuple[Path, ...],
    keys: tuple[Path, ...],
    spec_folder: Path | None,
    title: str,
    out: Path,
) -> None:
    """Make one page out of all runs and bundles in the folders: vendors and products against interfaces and workflows.

    A bundle tells vendor, product and version; it is looked into, not judged again ("threedd verify" does that). With
    --key it is said who signed. Runs without a bundle are shown under the name that they were recorded with.

    Exit code 0: written; 1: written, and something in the folders was refused; 3: there is nothing to show.
    """
    from conformance.certify.signing import public_key
    from conformance.report.overview import overview as page

    spec = spec_from(spec_folder)
    refused: list[tuple[str, str]] = []
    with told_plainly():
        trusted = [public_key(path) for path in keys]
        entries = list(_entries(folders, trusted, spec, out.parent, refused))
        if not entries and not refused:
            raise SetUpFailure(f"no run and no bundle is in {', '.join(map(str, folders))}; name folders with reports.")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(entries, sorted(refused), spec, title), encoding="utf-8", newline="\n")
    for name, why in sorted(refused):
        click.echo(plain(f"not shown: {name}: {why}"), err=True)
    click.echo(f"{len(entries)} runs; written to {out}")
    context.exit(REFUSED if refused else 0)


def _entries(
    folders: Sequence[Path], keys: list[Ed25519PublicKey], spec: Spec, base: Path, refused: list[tuple[str, str]]
) -> Iterator[Entry]:
    """Every bundle, and every run that has none in its own folder."""
    bundled = set()
    for path in _found(folders, "*.zip"):
        entry = _of_bundle(path, keys, spec, base, refused)
        if entry is not None:
            bundled.add(path.parent.parent)
            yield entry
    for path in _found(folders, LEDGER):
        if path.parent not in bundled and (path.parent / JOURNAL).is_file():
            entry = _of_run(path.parent, spec, base, refused)
            if entry is not None:
                yield entry


def _found(folders: Sequence[Path], pattern: str) -> list[Path]:
    """Files of that name, each once, sorted; ``latest`` is one of the others."""
    every = {path.resolve() for folder in folders for path in folder.rglob(pattern) if path.is_file()}
    return sorted(path for path in every if LATEST not in path.parts)


def _of_run(run: Path, spec: Spec, base: Path, refused: list[tuple[str, str]]) -> Entry | None:
    from conformance.command.ledgers import ledger_at
    from conformance.report.overview import Entry
    from conformance.trace.journal import JournalError, read_journal

    try:
        ledger, header = ledger_at(run, spec), read_journal(run / JOURNAL, partial=True)[0]
    except (ValueError, JournalError) as error:
        refused.append((_link(run, base), str(error)))
        return None
    return Entry(
        vendor="",
        product=ledger.about.get("subject", ""),
        version="",
        interfaces=_interfaces(run / JOURNAL) or (_named_interface(ledger),),
        ledger=ledger,
        recorded_on=str(header.get("date") or ""),
        report=_report(run, base),
        bundle="",
        seal="no bundle",
    )


def _of_bundle(
    path: Path, keys: list[Ed25519PublicKey], spec: Spec, base: Path, refused: list[tuple[str, str]]
) -> Entry | None:
    from conformance.certify.archive import Unusable
    from conformance.certify.inspection import Seal, Spoilt
    from conformance.certify.statement import Worth
    from conformance.report.overview import Entry

    try:
        inspection = _inspected(path, keys)
    except (Unusable, Spoilt) as error:
        refused.append((_link(path, base), str(error)))
        return None
    statement, subject = inspection.statement, inspection.statement.subject
    seals = {
        Seal.TRUSTED: "signed by a trusted key",
        Seal.UNKNOWN: f"signed, key {inspection.signer[:16]} not checked",
        Seal.UNSIGNED: "not signed",
    }
    worth = "" if statement.worth is Worth.CERTIFICATE else "evidence only, "
    return Entry(
        vendor=subject.vendor,
        product=subject.product,
        version=subject.version,
        interfaces=subject.interfaces,
        ledger=inspection.ledger,
        recorded_on=statement.recorded_on,
        report=_report(path.parent.parent, base),
        bundle=_link(path, base),
        seal=f"{worth}{seals[inspection.seal]}",
    )


def _inspected(path: Path, keys: list[Ed25519PublicKey]) -> Inspection:
    """Raises Unusable or Spoilt. What certifies nothing need not be signed, also where keys are given."""
    from conformance.certify.inspection import Seal, Spoilt, inspect
    from conformance.certify.statement import Worth

    def looked_into(trusted: list[Ed25519PublicKey]) -> Inspection:
        with tempfile.TemporaryDirectory(prefix="threedd-bundle-", ignore_cleanup_errors=True) as folder:
            return inspect(path, Path(folder), trusted)

    try:
        return looked_into(keys)
    except Spoilt:
        bare = looked_into([])
        if bare.seal is Seal.UNSIGNED and bare.statement.worth is not Worth.CERTIFICATE:
            return bare
        raise


def _interfaces(journal: Path) -> tuple[str, ...]:
    from conformance.certify.bundle import INTERFACES

    with journal.open("rb") as file:
        kinds = {found[1].decode("ascii") for line in file if (found := _KIND.match(line))}
    return tuple(sorted(INTERFACES.get(kind, kind) for kind in kinds - {"note"}))


def _named_interface(ledger: Ledger) -> str:
    """The one that a run was about in which nobody called."""
    return ledger.about.get("interface", REST).casefold().replace(" ", "-")


def _report(run: Path, base: Path) -> str:
    report = run / "report.html"
    return _link(report, base) if report.is_file() and (run / LEDGER).is_file() else ""


def _link(path: Path, base: Path) -> str:
    """The address of a file as seen from the page; a whole one where no way leads there."""
    try:
        return quote(Path(os.path.relpath(path, base.resolve())).as_posix())
    except ValueError:  # another drive
        return path.as_uri()
