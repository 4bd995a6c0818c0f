"""A bundle from a stranger, looked into before any of it is believed: form, digests, signature, completeness.

Nothing is unpacked but the journal and the spec, into a folder that the caller owns and removes, under names that were
checked. What is dangerous or no bundle at all raises Unusable; everything that was done to a bundle becomes a remark
with its place, and then nothing of it is judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from conformance.certify.archive import Archive, Unusable, check_name
from conformance.certify.bundle import DIGESTS, JOURNAL, LEDGER, SIGNER, SPEC, STATEMENT, contiguous
from conformance.certify.lines import Fault, Remark, diagnosis, line_digest, lines_of
from conformance.certify.signing import (
    Envelope,
    KeyUnfit,
    NoEnvelope,
    from_text,
    is_signed_by,
    key_id,
    public_key_from,
)
from conformance.certify.statement import NoStatement, Statement, from_payload
from conformance.judge import Ledger, LedgerError, ledger_from_json
from conformance.spec import Spec, SpecError, load
from conformance.spec.source import Source, has_aliases
from conformance.trace import Event
from conformance.trace.journal import JournalError, read_journal

_MOST_STATEMENT, _MOST_LEDGER, _MOST_DIGESTS = 8 << 20, 64 << 20, 256 << 20
_MOST_SPEC_FILE, _MOST_SPEC, _MOST_KEY = 8 << 20, 32 << 20, 1 << 16


class Seal(StrEnum):
    """Who answers for a bundle."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"  # the signature fits the key inside; nobody said whose that is
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class Inspection:
    """What was found without judging anything."""

    statement: Statement
    seal: Seal
    signer: str
    """Id of the key that signed; '' for none."""
    faults: tuple[Remark, ...]
    ledger: Ledger
    """As it lies in the bundle."""
    header: Mapping[str, object]
    journal: Path
    """A copy of the recording."""
    journal_digest: str
    spec_folder: Path
    """A copy of the spec; loaded by ``bundled_spec`` only."""


class Spoilt(Exception):
    """A bundle in which something was altered, so that there is nothing to judge."""

    def __init__(self, faults: Sequence[Remark]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def inspect(path: Path, folder: Path, keys: Sequence[Ed25519PublicKey]) -> Inspection:
    """The bundle, whole and unaltered; ``folder`` is an empty one to copy into, ``keys`` those that are trusted.

    Raises Unusable for what is no bundle, Spoilt with all faults for one that was altered, and OSError.
    """
    try:
        return _inspected(path, folder, keys)
    except (Unusable, Spoilt, OSError):
        raise
    except Exception as error:  # a stranger's values may be of any kind; none may end in a crash
        what = f"{type(error).__name__}: {str(error)[:120]}"
        raise Unusable(f"the bundle holds values of another kind ({what}). Get the original file.") from error


def _inspected(path: Path, folder: Path, keys: Sequence[Ed25519PublicKey]) -> Inspection:
    with Archive(path) as archive:
        envelope = _envelope(archive)
        statement = _statement(envelope)
        if faults := [*_files(archive, statement), *_form(archive)]:
            raise Spoilt(faults)
        seal, signer, forged = _seal(archive, envelope, keys)
        journal, spec_folder = folder / JOURNAL, folder / "specs" / statement.spec
        _copy(archive, JOURNAL, journal)
        _copy_spec(archive, statement.spec, spec_folder)
        ledger = _ledger(archive)
    faults = [*forged, *_complete(journal)]
    if faults:
        raise Spoilt(faults)
    header, _ = read_journal(journal)
    if faults := list(_agreement(statement, header, ledger)):
        raise Spoilt(faults)
    return Inspection(statement, seal, signer, (), ledger, header, journal, statement.digests[JOURNAL], spec_folder)


def events_of(inspection: Inspection) -> Iterator[Event]:
    return contiguous(read_journal(inspection.journal)[1], JOURNAL)


def bundled_spec(inspection: Inspection, known: Spec | None = None) -> Spec:
    """The spec of the bundle; ``known`` itself when it is the very same, so that a stranger's is not even parsed.

    Raises Spoilt when it is another one than stated, Unusable when it cannot be loaded.
    """
    stated = inspection.statement
    if known is not None and Source(inspection.spec_folder).digest() == known.digest:
        return _as_stated(known, stated)
    for file in sorted(inspection.spec_folder.rglob("*")):
        if file.suffix in (".yaml", ".yml") and has_aliases(file.read_bytes()):
            raise Unusable(f"{file.name} of the bundled spec has YAML aliases, or is no YAML. Get another bundle.")
    try:
        spec = load(inspection.spec_folder)
    except (SpecError, RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
        told = str(error).rstrip(".")
        raise Unusable(f"the bundled spec cannot be used: {told}. Verify it with the build that made it.") from error
    return _as_stated(spec, stated)


def _as_stated(spec: Spec, stated: Statement) -> Spec:
    faults = []
    if spec.digest != stated.spec_digest:
        told = f"its files have the digest {spec.digest[:12]}, stated was {stated.spec_digest[:12]}"
        faults.append(Remark(Fault.MIXED, f"{SPEC}/{stated.spec}", told))
    profile = spec.profile.get(stated.profile)
    if profile is None or (profile.requirements, profile.mandatory) != (stated.counted, frozenset(stated.mandatory)):
        told = f"the rows that are stated to have counted are not those of profile {stated.profile!r} in its spec"
        faults.append(Remark(Fault.MIXED, STATEMENT, told))
    if faults:
        raise Spoilt(faults)
    return spec


# -- statement and seal ---------------------------------------------------------------------------------------


def _envelope(archive: Archive) -> Envelope:
    text = archive.read(STATEMENT, _MOST_STATEMENT)
    try:
        return from_text(text)
    except NoEnvelope as error:
        raise Spoilt([Remark(Fault.ALTERED, STATEMENT, str(error))]) from error


def _statement(envelope: Envelope) -> Statement:
    try:
        return from_payload(envelope.payload)
    except NoStatement as error:
        raise Spoilt([Remark(Fault.ALTERED, STATEMENT, str(error))]) from error


def _seal(archive: Archive, envelope: Envelope, keys: Sequence[Ed25519PublicKey]) -> tuple[Seal, str, list[Remark]]:
    """Who signed, and what is wrong with it. With trusted keys only those count, and no signature is a wrong one."""
    signer = envelope.signatures[0].key_id if envelope.signatures else ""
    for key in keys:
        if is_signed_by(envelope, key):
            return Seal.TRUSTED, key_id(key), []
    if not envelope.signatures:
        told = "nobody has signed it, and a key was given"
        return Seal.UNSIGNED, "", [Remark(Fault.FORGED, STATEMENT, told)] if keys else []
    try:
        own = public_key_from(archive.read(SIGNER, _MOST_KEY), SIGNER)
        fits = is_signed_by(envelope, own)
    except (KeyUnfit, Unusable):
        fits = False
    if not fits:
        return Seal.UNKNOWN, signer, [Remark(Fault.FORGED, STATEMENT, f"the signature of {signer[:16]} is wrong")]
    told = f"it was signed with the key {signer[:16]}, which is none of those given"
    return Seal.UNKNOWN, signer, [Remark(Fault.FORGED, STATEMENT, told)] if keys else []


# -- files ----------------------------------------------------------------------------------------------------


def _form(archive: Archive) -> Iterator[Remark]:
    if place := archive.misfit():
        yield Remark(Fault.ALTERED, place, "it is not as the bundle was written")


def _files(archive: Archive, statement: Statement) -> Iterator[Remark]:
    wrong = set()
    for name, stated in statement.digests.items():
        if name not in archive:
            yield Remark(Fault.TRUNCATED, name, "it is stated and is not there")
        elif _sha256(archive, name) != stated:
            wrong.add(name)
    for name in sorted(archive.entries.keys() - statement.digests.keys() - {STATEMENT}):
        yield Remark(Fault.MIXED, name, "it is there and is not stated")
    if not {JOURNAL, DIGESTS, LEDGER} <= statement.digests.keys():
        told = f"it states no {JOURNAL}, {DIGESTS} or {LEDGER}"
        yield Remark(Fault.TRUNCATED, STATEMENT, told)
    elif JOURNAL in wrong:
        yield _journal(archive, wrong)
        wrong.discard(JOURNAL)
    for name in sorted(wrong):
        yield _file(archive, name, statement.digests[name])


def _sha256(archive: Archive, name: str) -> str:
    whole = hashlib.sha256()
    for chunk in archive.chunks(name):
        whole.update(chunk)
    return whole.hexdigest()


def _journal(archive: Archive, wrong: set[str]) -> Remark:
    """What befell the recording, told by the digests of its lines."""
    stated = archive.read(DIGESTS, _MOST_DIGESTS).decode("ascii", "replace").split() if DIGESTS in archive else []
    found = [line_digest(line) for line in lines_of(archive.chunks(JOURNAL), JOURNAL)]
    if DIGESTS not in wrong and stated != found:
        return diagnosis(stated, found, JOURNAL)
    if stated == found:
        where = STATEMENT if LEDGER in wrong else JOURNAL
        return Remark(Fault.MIXED, where, "recording and statement are of different runs")
    return Remark(Fault.ALTERED, JOURNAL, f"it is another one than stated, and so is {DIGESTS}")


def _file(archive: Archive, name: str, stated: str) -> Remark:
    found = f"it has the SHA-256 {_sha256(archive, name)[:16]}, stated is {stated[:16]}"
    if name == LEDGER:
        try:
            ledger = _ledger(archive)
        except Unusable:
            return Remark(Fault.ALTERED, name, found)
        first = next(lines_of(archive.chunks(JOURNAL), JOURNAL), b"") if JOURNAL in archive else b""
        if any(f'"{value}"'.encode() not in first for value in (ledger.spec_digest, ledger.profile)):
            return Remark(Fault.MIXED, name, f"it is the ledger of another run; {found}")
    return Remark(Fault.ALTERED, name, found)


def _copy(archive: Archive, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for chunk in archive.chunks(name):
            file.write(chunk)


def _copy_spec(archive: Archive, spec: str, folder: Path) -> None:
    prefix, whole = f"{SPEC}/{spec}/", 0
    check_name(spec)
    if "/" in spec:
        raise Unusable(f"the bundle names the spec {spec[:80]!r}; expected the name of a folder. Get another bundle.")
    for name, entry in archive.entries.items():
        if name.startswith(prefix):
            whole += entry.size_bytes
            if entry.size_bytes > _MOST_SPEC_FILE or whole > _MOST_SPEC:
                raise Unusable(f"the bundled spec has more than {_MOST_SPEC} bytes. Get another bundle.")
            _copy(archive, name, folder / name.removeprefix(prefix))


def _ledger(archive: Archive) -> Ledger:
    try:
        return ledger_from_json(archive.read(LEDGER, _MOST_LEDGER).decode("utf-8"))
    except (LedgerError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"{LEDGER} of the bundle cannot be read: {error}") from error


# -- what the parts say of each other -------------------------------------------------------------------------


def _complete(journal: Path) -> Iterator[Remark]:
    """The journal has header, footer, and every event between them."""
    try:
        with journal.open("rb") as file:
            for _ in lines_of(iter(lambda: file.read(1 << 20), b""), JOURNAL):
                pass
        for _ in contiguous(read_journal(journal)[1], JOURNAL):
            pass
    except JournalError as error:
        yield Remark(Fault.TRUNCATED, JOURNAL, str(error))
    except RecursionError:
        yield Remark(Fault.ALTERED, JOURNAL, "a line is nested deeper than any event")


def _agreement(statement: Statement, header: Mapping[str, object], ledger: Ledger) -> Iterator[Remark]:
    """What statement, recording and ledger tell of the same thing."""
    told = {
        "subject": (statement.subject.recorded_as, header.get("subject", ""), ledger.about.get("subject", "")),
        "spec": (statement.spec_digest, header.get("spec_digest"), ledger.spec_digest),
        "profile": (statement.profile, header.get("profile"), ledger.profile),
        "harness": (statement.harness, header.get("harness", ""), ledger.about.get("harness", "")),
        "date": (statement.recorded_on, header.get("date") or "", statement.recorded_on),
        "verdict": (statement.verdict, ledger.verdict.value, ledger.verdict.value),
    }
    for what, (stated, recorded, found) in told.items():
        if not stated == recorded == found:
            says = f"{STATEMENT} says {stated!r}, {JOURNAL} {recorded!r}, {LEDGER} {found!r}"
            yield Remark(Fault.MIXED, what, says)
