"""Runs, bundles and what may befall them, for the tests of bundles and of the commands that read them."""

import hashlib
import json
import shutil
from pathlib import Path

from conformance.certify.archive import Archive, write_archive
from conformance.certify.bundle import Wish, make_bundle
from conformance.certify.lines import line_digest
from conformance.certify.signing import private_key, public_key
from conformance.judge import Monitor, Terms, journal_header
from conformance.spec import default_folder, load
from conformance.trace import call, poll, realise
from conformance.trace.journal import Journal

STATION = "5be65d15-31a2-442b-a93b-0bd65ec8abe9"
ROWS = ("PAT-022", "PAT-048", "POOL-006", "POOL-008", "STAT-001", "STN-001", "STN-004")
ABOUT = {"harness": "threedd-conformance 0.0.9", "subject": "Prax 3", "seed": "7"}
GOOD = (
    call("list_stations", answer=[{"station": STATION, "hostname": "A"}])
    + call("create_patient", integration_id="A", last_name="Fox", operation=1)
    + poll(1, "processed")
    + poll(1, "awaiting")
)
OTHER = (
    call("list_stations", answer=[{"station": STATION, "hostname": "B"}])
    + call("list_stations", answer=[{"station": STATION, "hostname": "B"}])
    + call("create_patient", integration_id="B", last_name="Hare", operation=1)
    + poll(1, "processed")
    + poll(1, "awaiting")
)
SHORT = call("list_stations", answer=[{"station": STATION, "hostname": "A"}])
BAD = GOOD + call("list_stations").but(body=b"<nonsense")
WISH = Wish("Acme", "Prax", "3", "2026-02-01")


def spec_with(folder, rows=ROWS):
    """A copy of the spec with a profile ``tiny`` of these rows."""
    target = Path(folder) / "specs" / default_folder().name
    shutil.copytree(default_folder(), target)
    text = "name: tiny\ntitle: Few rows\nbinds: server\nexclude: []\nmandatory: must-rows\n"
    text += f"include: {json.dumps(list(rows))}\n"
    (target / "profiles" / "tiny.yaml").write_text(text, encoding="utf-8", newline="\n")
    return load(target)


def record(folder, spec, sketch=GOOD, *, profile="tiny", waivers=(), about=ABOUT, on="2026-01-31", raw=False):
    """The folder of a run: journal and ledger."""
    folder.mkdir(parents=True)
    terms = Terms(spec.profile[profile], waivers=tuple(waivers), on=on)
    monitor = Monitor(spec, terms=terms, about=about)
    with Journal(folder / "journal.jsonl", journal_header(spec, terms, about)) as journal:
        for event in realise(sketch, spec, raw=raw):
            journal.append(event)
            monitor.feed(event)
    (folder / "ledger.json").write_text(monitor.finish().to_json(), encoding="utf-8", newline="\n")
    return folder


def bundle(run, spec, out, wish=WISH):
    """The bundle of the run, its report left to others."""
    make_bundle(run / "journal.jsonl", spec, wish, lambda *_: {"report.html": "<p>", "summary.md": "#"}, out)
    return out


def keys(pair):
    """Private and public key of the files that ``new_key_files`` wrote for ``pair``."""
    return private_key(pair, lambda: ""), public_key(pair.with_suffix(".pub.pem"))


def contents(path):
    """Every file of a bundle."""
    with Archive(path) as archive:
        return {name: archive.read(name, 1 << 30) for name in archive.entries}


def repacked(path, target, **changed):
    """The bundle with some of its files changed, in good form again; '__' stands for a dot, None removes."""
    named = {name.replace("__", "."): content for name, content in changed.items()}
    files = {**contents(path), **named}
    write_archive(target, {name: content for name, content in files.items() if content is not None})
    return target


def lines(path):
    """Header and events of the journal in a bundle; not its footer."""
    return contents(path)["journal.jsonl"].splitlines(keepends=True)[:-1]


def closed(rows):
    """A journal of these lines, with the footer that fits them."""
    whole = b"".join(rows)
    footer = {"footer": {"events": len(rows) - 1, "sha256": hashlib.sha256(whole).hexdigest()}}
    return whole + json.dumps(footer, separators=(",", ":")).encode() + b"\n"


def digests(journal):
    """The digests of its lines, as they lie beside it."""
    return "".join(f"{line_digest(line)}\n" for line in journal.splitlines(keepends=True)).encode()
