"""Capsules: one file per finding with all it takes to see it again, elsewhere and later.

A capsule names what to play (``play``, with the seed), holds the calls as they were recorded and the same as commands,
and says how our own emulator shows the same without a network. As much of the recording as the rule goes by is in it as
well, so that any build can judge it again without any server. Patients are stand-ins, as in the journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conformance.judge import OWN_SERVER, Finding, Ledger
from conformance.report.view import FindingView, View
from conformance.spec import Binds
from conformance.trace import Event, Recorded, from_json, to_json

FORMAT, VERSION = "threedd-capsule", 1
FOLDER = "capsules"
MOST_RECORDED = 1_000_000
"""Characters of the recording in one capsule."""
Faults = Callable[[str, Ledger], tuple[str, ...]]
"""Names of the emulator's faults that show a broken row; nothing where none does."""
Excerpt = Callable[[Finding], Sequence[Event]]
"""The part of the recording on which a finding shows again; nothing where it is not known."""


_NO_WORDS = frozenset({"faults", "evidence", "recorded", "against"})


class CapsuleError(Exception):
    """A file is no capsule that this build can read."""


@dataclass(frozen=True)
class Capsule:
    """What ``threedd replay`` needs of one."""

    requirement: str
    text: str
    expected: str
    observed: str
    kind: str
    """``server`` or ``pms``: whose certification it comes from."""
    profile: str
    play: str
    """The stimulus or the scenario to play; '' where the traffic belonged to none."""
    seed: str
    budget: str
    reproducible: str
    faults: tuple[str, ...]
    """Of the emulator, which shows the same with them."""
    against: str = ""
    """The server that it is about; '' for the embedded emulator, and where it is about a PMS."""
    harness: str = ""
    """The build that found it, and ..."""
    spec: str = ""
    spec_digest: str = ""
    """... the guide as data that it went by."""
    evidence: tuple[int, ...] = ()
    """Numbers of the events that the finding rests on."""
    recorded: tuple[Event, ...] = ()
    """What shows it without any server; empty where it takes too much."""


def capsules(view: View, faults: Faults, excerpt: Excerpt) -> Iterator[tuple[str, str]]:
    """File name and text of each."""
    for item in view.whole:
        if item.capsule:
            body = _capsule(item, view, faults) | {"recorded": _recorded(excerpt(item.finding))}
            text = json.dumps(body, indent=2, ensure_ascii=False, sort_keys=True)
            yield item.capsule, text + "\n"


def _recorded(events: Sequence[Event]) -> list[dict[str, Any]]:
    found = [to_json(event) for event in events]
    return found if len(json.dumps(found)) <= MOST_RECORDED else []


def _capsule(item: FindingView, view: View, faults: Faults) -> dict[str, Any]:
    finding, ledger = item.finding, view.ledger
    kind = _kind(view)
    return {
        "format": FORMAT,
        "version": VERSION,
        "harness": ledger.about.get("harness", ""),
        "subject": ledger.about.get("subject", ""),
        "against": _against(item, ledger, kind),
        "spec": ledger.spec,
        "spec_digest": ledger.spec_digest,
        "profile": ledger.profile,
        "kind": kind,
        "requirement": finding.requirement,
        "text": item.text,
        "heading": item.heading,
        "gravity": item.gravity,
        "harm": item.harm,
        "expected": finding.expected,
        "observed": finding.observed,
        "reproducible": finding.reproducible.value,
        "evidence": list(finding.evidence),
        "play": item.play,
        "seed": ledger.about.get("seed", ""),
        "budget": ledger.about.get("budget", ""),
        "sequence": [_call(call) for call in item.calls],
        "commands": list(item.shortest or item.commands),
        "script": item.script,
        "files": dict(item.files),
        "told": asdict(item.scene) if item.scene is not None else None,
        "emulator": _emulator(item, ledger, kind, faults),
    }


def _against(item: FindingView, ledger: Ledger, kind: str) -> str:
    elsewhere = kind == Binds.SERVER and ledger.about.get("server") != OWN_SERVER
    return ledger.about.get("subject", "") if elsewhere and item.play else ""


def _kind(view: View) -> str:
    profile = view.spec.profile.get(view.ledger.profile)
    return Binds.PMS.value if profile is not None and profile.binds is Binds.PMS else Binds.SERVER.value


def _call(event: Recorded) -> dict[str, Any]:
    reply = event.reply
    return {
        "event": event.number,
        "verb": event.request.verb,
        "target": event.request.target,
        "headers": dict(event.request.headers),
        "received": {
            "http_status": reply.http_status if reply else 0,
            "body": reply.body if reply else "",
            "lost": event.lost,
        },
    }


def _emulator(item: FindingView, ledger: Ledger, kind: str, faults: Faults) -> dict[str, Any]:
    if kind == Binds.PMS:
        command = f"{ledger.about.get('repeat', 'threedd certify pms')} --only '{item.play}'" if item.play else ""
        return {"faults": [], "command": command}
    known = faults(item.finding.requirement, ledger)
    options = " ".join(f"--emulator-fault {name}" for name in known)
    only = f" --only '{item.play}'" if item.play else ""
    return {"faults": list(known), "command": f"threedd certify server {options}{only}" if known else ""}


def capsule_from(text: str) -> Capsule:
    """The capsule that ``capsules`` wrote. Raises CapsuleError for anything else."""
    try:
        body: Mapping[str, Any] = json.loads(text)
        found = (body["format"], body["version"])
        if found != (FORMAT, VERSION):
            raise CapsuleError(f"it is {found[0]} version {found[1]}; expected {FORMAT} version {VERSION}.")
        words = {name: str(body[name]) for name in Capsule.__dataclass_fields__ if name not in _NO_WORDS}
        return Capsule(
            **words,
            faults=tuple(map(str, body["emulator"]["faults"])),
            against=str(body.get("against", "")),
            evidence=tuple(map(int, body.get("evidence", ()))),
            recorded=tuple(map(from_json, body.get("recorded", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CapsuleError(f"it is no capsule ({error!r}); give a file of the folder {FOLDER} of a run.") from error
