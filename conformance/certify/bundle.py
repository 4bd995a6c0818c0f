"""The certificate bundle: one file with everything that a stranger needs to recompute a verdict.

    statement.json    the in-toto statement over all other files, in a DSSE envelope, signed or not
    journal.jsonl     the evidence, redacted; journal.digests beside it has one digest per line
    ledger.json       the verdicts, report.html and summary.md what people read
    spec/NAME/...     the guide as data, as it was
    signer.pem        the public key of whoever signed; README.txt says how to verify

Nothing is taken from the run but its journal: ledger and report are made anew, so that a file that somebody has touched
since is not certified with it. A run that did not pass is refused, unless it is marked as evidence only.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.certify.archive import write_archive
from conformance.certify.lines import line_digest
from conformance.certify.signing import Envelope, public_pem, signed, to_text
from conformance.certify.statement import Statement, Subject, Worth, to_payload
from conformance.judge import Ledger, Monitor, RunVerdict, about_from, terms_from
from conformance.spec import Spec
from conformance.spec.source import Source
from conformance.trace import TOKEN, Event, Handover, Invocation, Recorded, to_json
from conformance.trace.journal import JournalError, read_journal
from conformance.wire import parse_query

STATEMENT, JOURNAL, DIGESTS, LEDGER = "statement.json", "journal.jsonl", "journal.digests", "ledger.json"
REPORT, SUMMARY, SIGNER, README, SPEC = "report.html", "summary.md", "signer.pem", "README.txt", "spec"
INTERFACES: Mapping[str, str] = {"exchange": "rest", "invocation": "command-line", "handover": "vdds-media"}
"""Kind of event in a journal -> the interface that it went over."""

Pages = Callable[[Ledger, Spec, Sequence[Event]], Mapping[str, str]]
"""Makes what people read: name of a file -> its text."""


class Refused(ValueError):
    """No bundle is made of this run; the message says why, and what to do."""


@dataclass(frozen=True)
class Wish:
    """What a bundle shall say besides what the run tells."""

    vendor: str
    product: str
    version: str
    issued_on: str
    evidence_only: bool = False
    key: Ed25519PrivateKey | None = None
    """None leaves the bundle unsigned."""


def make_bundle(journal: Path, spec: Spec, wish: Wish, pages: Pages, out: Path) -> Statement:
    """Writes the bundle of the run to the new file ``out``; what it states.

    Raises Refused, JournalError for a recording that is not whole, ValueError for terms that ``spec`` lacks, OSError.
    """
    with tempfile.TemporaryDirectory(prefix="threedd-bundle-", ignore_cleanup_errors=True) as folder:
        frozen = Path(folder) / JOURNAL  # what is judged is what is bundled, whatever becomes of the run meanwhile
        shutil.copyfile(journal, frozen)
        header, read = read_journal(frozen)
        _check_header(header, spec)
        events = list(contiguous(read, journal.name))
        if clear := in_clear(events, spec):
            raise Refused(f"event {clear} holds a patient in clear: the run was recorded with --raw. {_NOT_RAW}")
        ledger = judged(header, events, spec)
        worth = _worth(ledger, wish)
        files = _files(frozen, ledger, spec, pages(ledger, spec, events), wish)
        profile = spec.profile[ledger.profile]
        statement = Statement(
            worth=worth,
            subject=Subject(
                wish.vendor, wish.product, wish.version, ledger.about.get("subject", ""), interfaces_of(events)
            ),
            profile=ledger.profile,
            verdict=ledger.verdict.value,
            harness=ledger.about.get("harness", ""),
            spec=spec.name,
            spec_digest=spec.digest,
            counted=profile.requirements,
            mandatory=tuple(row for row in profile.requirements if row in profile.mandatory),
            recorded_on=str(header.get("date") or ""),
            issued_on=wish.issued_on,
            digests={name: _digest(content) for name, content in files.items()},
        )
        payload = to_payload(statement)
        envelope = signed(payload, wish.key) if wish.key is not None else Envelope(payload)
        write_archive(out, {**files, STATEMENT: to_text(envelope)})
    return statement


def judged(header: Mapping[str, object], events: Iterable[Event], spec: Spec) -> Ledger:
    """The ledger of a whole recording on its own terms. Raises ValueError for terms that ``spec`` lacks."""
    monitor = Monitor(spec, terms=terms_from(header, spec), about=about_from(header))
    for event in events:
        monitor.feed(event)
    return monitor.finish()


def contiguous(events: Iterable[Event], name: str) -> Iterator[Event]:
    """The events as they are. Raises JournalError where one is missing."""
    last = 0
    for event in events:
        if event.number != last + 1:
            raise JournalError(f"{name} has event {event.number} after event {last}: some are missing. Record again.")
        last = event.number
        yield event


def interfaces_of(events: Iterable[Event]) -> tuple[str, ...]:
    """The interfaces that the recorded traffic went over, sorted."""
    kinds = {str(to_json(event)["event"]) for event in {type(event): event for event in events}.values()}
    return tuple(sorted(INTERFACES.get(kind, kind) for kind in kinds - {"note"}))


def in_clear(events: Iterable[Event], spec: Spec) -> int:
    """Number of the first event that names somebody and was not redacted; 0 for none."""
    return next((event.number for event in events if any(map(_names_somebody, _sensitive(event, spec)))), 0)


def _sensitive(event: Event, spec: Spec) -> Iterator[str]:
    """Values of a call by any interface that are about a person."""
    if isinstance(event, Recorded):
        yield from _of_call(event, spec)
    elif isinstance(event, Invocation):
        yield from (argument.value for argument in event.arguments)
    elif isinstance(event, Handover):
        yield event.file
        yield from (value for role, value in event.values.items() if role in _PERSONAL)
        told = (each for fact in ("on-console", "composed", "further") for each in event.fact(fact))
        yield from (each.partition(":")[2] for each in told)


def _of_call(call: Recorded, spec: Spec) -> Iterator[str]:
    path, _, query = call.request.target.partition("?")
    method = spec.method_by_folded_name.get(path.rstrip("/").rpartition("/")[2].casefold())
    for pair in parse_query(query) if query else ():
        parameter = method.by_folded_name.get(pair.name.casefold()) if method is not None else None
        if parameter is not None and parameter.sensitive:
            yield pair.value


def _names_somebody(value: str) -> bool:
    """A comma between words is kept as it is."""
    return not all(TOKEN.fullmatch(word) for word in value.replace(",", " ").split())


_PERSONAL = frozenset({"person", "last_name", "first_name", "birth_date", "patient_id"})
"""Roles of values in transfer files that are tokens in whatever was redacted."""
_NOT_RAW = "Record again without it: a bundle is for others."


def _check_header(header: Mapping[str, object], spec: Spec) -> None:
    if header.get("spec_digest") != spec.digest:
        was, now = header.get("spec"), str(header.get("spec_digest"))[:12]
        raise Refused(
            f"the run was recorded with {was} {now}, and this is {spec.name} {spec.digest[:12]}."
            " Name the folder of that spec with --spec, or record again."
        )
    if not header.get("profile"):
        raise Refused("the run names no profile, and a certificate is for one. Record again with --profile.")
    if header.get("raw"):
        raise Refused(f"the run was recorded with --raw and holds patients in clear. {_NOT_RAW}")


def _worth(ledger: Ledger, wish: Wish) -> Worth:
    if wish.evidence_only:
        return Worth.EVIDENCE
    if ledger.verdict is not RunVerdict.PASS:
        first = f": {ledger.reasons[0]}" if ledger.reasons else ""
        more = f" (and {len(ledger.reasons) - 1} more)" if len(ledger.reasons) > 1 else ""
        raise Refused(
            f"the run is {ledger.verdict}, and only one that passed is certified{first}{more}."
            " Correct that and run again, or mark the bundle with --evidence-only."
        )
    return Worth.CERTIFICATE


def _files(journal: Path, ledger: Ledger, spec: Spec, pages: Mapping[str, str], wish: Wish) -> dict[str, bytes | Path]:
    with journal.open("rb") as lines:
        digests = "".join(f"{line_digest(line)}\n" for line in lines)
    files: dict[str, bytes | Path] = {
        JOURNAL: journal,
        DIGESTS: digests.encode("ascii"),
        LEDGER: ledger.to_json().encode("utf-8"),
        README: _README.encode("utf-8"),
        **{name: text.encode("utf-8") for name, text in pages.items()},
        **{f"{SPEC}/{spec.name}/{name}": content for name, content in Source(spec.folder).contents()},
    }
    if wish.key is not None:
        files[SIGNER] = public_pem(wish.key.public_key())
    return files


def _digest(content: bytes | Path) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_README = """\
This bundle holds the evidence of a conformance run and the verdicts that were drawn from it.

  threedd verify BUNDLE --key SIGNER.pub.pem

checks that nothing was altered, who signed it, and draws every verdict again from the journal. Take the public key from
whoever signed, not from this bundle: signer.pem in here is only what the signature claims. Read report.html only after
that, or have a fresh one written by "threedd verify BUNDLE --out FOLDER".
"""
