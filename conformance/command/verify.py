"""``threedd verify BUNDLE``: integrity, signature, and every verdict recomputed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.command.failure import spec_from, told_plainly
from conformance.command.plain import plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from conformance.certify.inspection import Inspection
    from conformance.certify.rejudging import Rejudged
    from conformance.spec import Spec

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
VERIFIED, WRONG, UNDECIDED, UNUSABLE = 0, 1, 2, 3
_MOST_TOLD = 40


@dataclass(frozen=True)
class Expected:
    """What the user knows of the bundle; '' for what may be anything."""

    vendor: str
    product: str
    version: str
    recorded_since: str
    evidence: bool


@dataclass
class Told:
    """What is said of one bundle, and what it comes to."""

    lines: list[str] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)

    def say(self, what: str, told: str) -> None:
        self.lines.append(f"{what:<12} {told}")

    def fault(self, told: str) -> None:
        self.lines.append(told)
        self.codes.add(WRONG)

    def open(self, told: str) -> None:
        self.lines.append(f"UNDECIDED    {told}")
        self.codes.add(UNDECIDED)

    @property
    def code(self) -> int:
        return worst(self.codes)


def worst(codes: set[int]) -> int:
    """What is wrong outweighs what cannot be used, and that what is undecided."""
    return next((code for code in (WRONG, UNUSABLE, UNDECIDED) if code in codes), VERIFIED)


@click.command()
@click.argument("bundles", type=_FILE, nargs=-1, required=True)
@click.option("--key", "keys", type=_FILE, multiple=True, help="Public key that is trusted (.pub.pem); repeatable.")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Spec to judge by besides the bundled one; default: ours.")
@click.option("--vendor", default="", help="Refuse a bundle of another vendor.")
@click.option("--product", default="", help="Refuse a bundle of another product.")
@click.option("--version", default="", help="Refuse a bundle of another version.")
@click.option("--recorded-since", metavar="YYYY-MM-DD", default="", help="Refuse an older recording.")
@click.option("--evidence", is_flag=True, help="A bundle that is evidence only will do.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write ledger and report, made anew.")
@click.pass_context
def verify(
    context: click.Context,
    bundles: tuple[Path, ...],
    keys: tuple[Path, ...],
    spec_folder: Path | None,
    vendor: str,
    product: str,
    version: str,
    recorded_since: str,
    evidence: bool,
    out: Path | None,
) -> None:
    """Verify certificate bundles, offline, whoever they come from.

    Nothing is believed: every file is compared with what the statement says of it, the signature with --key, and every
    verdict is drawn again from the journal, with the bundled spec and with that of this build. What was altered is
    named with its place; what is judged otherwise, with its row and why. Several bundles are also held against each
    other: one recording under two names is refused.

    Exit code 0: verified; 1: altered, forged, or a verdict differs; 2: undecided (no --key given, not signed, or
    evidence only); 3: no bundle, or not usable.
    """
    from conformance.certify.signing import public_key

    spec = spec_from(spec_folder)
    expected = Expected(vendor, product, version, recorded_since, evidence)
    with told_plainly():
        trusted = [public_key(path) for path in keys]
        seen: dict[str, str] = {}
        codes = set()
        for number, path in enumerate(bundles):
            where = out / path.stem if out is not None and len(bundles) > 1 else out
            told = _verified(path, trusted, spec, expected, seen, where)
            click.echo(("\n" if number else "") + "\n".join(plain(line) for line in told.lines))
            codes.add(told.code)
    context.exit(worst(codes))


def _verified(
    path: Path,
    keys: list[Ed25519PublicKey],
    spec: Spec,
    expected: Expected,
    seen: dict[str, str],
    out: Path | None,
) -> Told:
    from conformance.certify.archive import Unusable
    from conformance.certify.inspection import Spoilt, inspect

    told = Told()
    told.say("bundle", str(path))
    try:
        with tempfile.TemporaryDirectory(prefix="threedd-verify-", ignore_cleanup_errors=True) as folder:
            inspection = inspect(path, Path(folder), keys)
            _introduce(told, inspection)
            _expect(told, inspection, expected, seen)
            _judge(told, inspection, spec, out)
    except Spoilt as spoilt:
        for fault in spoilt.faults[:_MOST_TOLD]:
            told.fault(str(fault))
    except Unusable as unusable:
        told.lines.append(f"UNUSABLE     {unusable}")
        told.codes.add(UNUSABLE)
    told.lines.append(_ENDINGS[told.code])
    return told


_ENDINGS = {
    VERIFIED: "VERIFIED: nothing was altered, a trusted key has signed, and the verdicts follow from the evidence.",
    WRONG: "REFUSED: do not rely on this bundle.",
    UNDECIDED: "UNDECIDED: what was checked holds, and the above is open.",
    UNUSABLE: "UNUSABLE: nothing can be said about this file.",
}


def _introduce(told: Told, inspection: Inspection) -> None:
    from conformance.certify.inspection import Seal

    statement = inspection.statement
    subject = statement.subject
    told.say("subject", f'{subject.title} (recorded as "{subject.recorded_as}"; {", ".join(subject.interfaces)})')
    told.say(
        statement.worth.value.split("-")[0],
        f"{statement.verdict} for profile {statement.profile} of {statement.spec}: {len(statement.counted)} rows"
        f" counted, {len(statement.mandatory)} of them mandatory",
    )
    told.say("run", f"recorded {statement.recorded_on}, issued {statement.issued_on}, by {statement.harness}")
    told.say("integrity", "every file is as stated, and the recording is whole")
    if inspection.seal is Seal.TRUSTED:
        told.say("signature", f"good, by the trusted key {inspection.signer}")
    elif inspection.seal is Seal.UNKNOWN:
        told.open(
            f"the signature fits the key inside the bundle ({inspection.signer}), which anybody can put there:"
            " it was not checked against a trusted key. Give the signer's with --key"
        )
    else:
        told.open("nobody has signed this bundle: whoever had it in hand could have made it. Ask for a signed one")


def _expect(told: Told, inspection: Inspection, expected: Expected, seen: dict[str, str]) -> None:
    from conformance.certify.lines import Fault, Remark
    from conformance.certify.statement import Worth

    statement = inspection.statement
    subject = statement.subject
    for name in ("vendor", "product", "version"):
        wanted, is_ = getattr(expected, name), getattr(subject, name)
        if wanted and wanted != is_:
            told.fault(str(Remark(Fault.REPLAYED, name, f'it was issued for "{is_}", expected "{wanted}"')))
    if expected.recorded_since and statement.recorded_on < expected.recorded_since:
        old = f"the recording is of {statement.recorded_on}, expected {expected.recorded_since} or later"
        told.fault(str(Remark(Fault.REPLAYED, "date", old)))
    other = seen.setdefault(inspection.journal_digest, subject.title)
    if other != subject.title:
        twice = f'the same recording is also presented as "{other}"'
        told.fault(str(Remark(Fault.REPLAYED, "journal.jsonl", twice)))
    if statement.worth is Worth.EVIDENCE and not expected.evidence:
        told.open("this is evidence only and no certificate. If that is what you want, add --evidence")


def _judge(told: Told, inspection: Inspection, spec: Spec, out: Path | None) -> None:
    from conformance.certify.archive import Unusable
    from conformance.certify.inspection import bundled_spec, events_of
    from conformance.certify.rejudging import rejudged, unworthy
    from conformance.report import write_all

    own = spec if spec.digest == inspection.statement.spec_digest else None
    bundled = bundled_spec(inspection, spec)
    found = rejudged(inspection, bundled)
    _compare(told, found, inspection, "the bundled spec" + (", which is also that of this build" if own else ""))
    wrong = unworthy(inspection)
    if wrong is not None:
        told.fault(f"VERDICT DIFFERS {wrong.told}")
    if own is None:
        try:
            _compare(told, rejudged(inspection, spec), inspection, f"{spec.name} of this build")
        except Unusable as error:
            told.open(str(error))
    if out is not None:
        write_all(found.ledger, bundled, out, events_of(inspection))
        told.say("written to", str(out))


def _compare(told: Told, found: Rejudged, inspection: Inspection, by: str) -> None:
    ledger = found.ledger
    judged = sum(row.counts.triggered for row in ledger.rows)
    same = "the same" if found.agrees else f"{len(found.differences) + len(found.gone)} differences"
    told.say("verdicts", f"{judged} drawn again with {by} ({found.spec.digest[:12]}): {ledger.verdict}, {same}")
    for difference in found.differences[:_MOST_TOLD]:
        told.fault(f"VERDICT DIFFERS {difference.told}")
    if len(found.differences) > _MOST_TOLD:
        told.lines.append(f"             and {len(found.differences) - _MOST_TOLD} more")
    for row in found.gone:
        told.fault(f"VERDICT DIFFERS {row}: was counted, and {found.spec.name} has no such row")
    if found.differences and (now := _harness()) != inspection.statement.harness:
        told.lines.append(f"             judged by {inspection.statement.harness} then, by {now} now")
    for later in found.later:
        told.lines.append(f"             later row {later.id}: {later.standing}; shown, not counted ({later.text})")


def _harness() -> str:
    from conformance import __version__

    return f"threedd-conformance {__version__}"
