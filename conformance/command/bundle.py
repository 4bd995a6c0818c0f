"""``threedd bundle RUN``: one file from which anybody can recompute the verdicts of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.folder import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.certify.statement import Statement
    from conformance.judge import Ledger
    from conformance.spec import Spec
    from conformance.trace import Event

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
CERTIFICATE = "certificate"


@click.command()
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.option("--sign", type=_FILE, help='Private key to sign with; "threedd keygen" makes one.')
@click.option("--vendor", default="", help="Who makes the subject.")
@click.option("--product", default="", help="Its name; default: what it is called in the recording.")
@click.option("--version", default="", help="Its version.")
@click.option("--evidence-only", is_flag=True, help="Bundle any run, also one that did not pass; certifies nothing.")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec of the run; default: that of this build.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File; default: in RUN/certificate.")
def bundle(
    run: Path,
    sign: Path | None,
    vendor: str,
    product: str,
    version: str,
    evidence_only: bool,
    spec_folder: Path | None,
    out: Path | None,
) -> None:
    """Bundle the folder of a run: journal, ledger, report, spec and a statement over all of it, signed or not.

    The verdicts are drawn from the journal again. A run that is not PASS is refused, unless --evidence-only marks the
    bundle as no certificate. "threedd verify" checks a bundle. Exit code 0: written; 3: refused, or it cannot be used.
    """
    from conformance.certify.archive import Unusable
    from conformance.certify.bundle import Wish, make_bundle
    from conformance.certify.signing import key_id, private_key
    from conformance.command.keygen import passphrase_of
    from conformance.judge import about_from
    from conformance.trace.journal import read_journal

    folder = run if run.is_dir() else run.parent
    journal = run / JOURNAL if run.is_dir() else run
    target = out if out is not None else folder / CERTIFICATE / f"{folder.resolve().name}.zip"
    if target.exists():
        raise SetUpFailure(f"{target} exists already; remove it, or name another file with --out.")
    spec = spec_from(spec_folder)
    with told_plainly():
        key = private_key(sign, lambda: passphrase_of(sign)) if sign is not None else None
        told = product or about_from(read_journal(journal)[0]).get("subject", "")
        wish = Wish(vendor, told, version, f"{datetime.now(UTC):%Y-%m-%d}", evidence_only, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            statement = make_bundle(journal, spec, wish, pages, target)
        except Unusable as wrong:
            raise SetUpFailure(str(wrong)) from wrong
        finally:
            if out is None and not any(target.parent.iterdir()):
                target.parent.rmdir()
    _warn_of_another_ledger(folder / "ledger.json", statement.verdict)
    _warn_of_another_name(statement)
    click.echo(f"{statement.worth}: {statement.verdict} for profile {statement.profile}, {statement.subject.title}")
    click.echo(f"signed with {key_id(key.public_key())}" if key is not None else "not signed")
    click.echo(f"written to {target}")


def pages(ledger: Ledger, spec: Spec, events: Sequence[Event]) -> Mapping[str, str]:
    """What people read of a bundle."""
    from conformance.certify.bundle import REPORT, SUMMARY
    from conformance.report import html, markdown, view_of

    view = view_of(ledger, spec, events)
    return {REPORT: html(view), SUMMARY: markdown(view)}


def _warn_of_another_name(statement: Statement) -> None:
    subject = statement.subject
    strange = [part for part in (subject.product, subject.version) if part and part not in subject.recorded_as]
    if strange:
        told = " ".join(strange)
        click.echo(f'the recording calls the subject "{subject.recorded_as}", which is not "{told}"', err=True)


def _warn_of_another_ledger(path: Path, verdict: str) -> None:
    from conformance.judge import LedgerError, ledger_from_json

    if not path.is_file():
        return
    try:
        was = ledger_from_json(path.read_text(encoding="utf-8")).verdict.value
    except (LedgerError, UnicodeDecodeError):
        was = "unreadable"
    if was != verdict:
        click.echo(f"drawn again from the journal: {verdict}; the ledger.json of the run says {was}", err=True)
