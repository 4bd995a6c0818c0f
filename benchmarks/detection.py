"""Which share of the fault catalogue is found after how many calls: our plays in their order, beside Schemathesis.

Schemathesis is run as shipped, and once more with answers in XML read for it and schemas that allow nothing besides;
each time with ten times the calls of ours. It finds a fault when it fails in a way in which it does not fail without.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures import Report
from benchmarks.overhead import serving
from conformance.emulator.faults import select
from conformance.spec import load
from conformance.suite.budget import STAGES
from conformance.trace import Recorded
from tests.honesty.inside import Inside, run_inside
from tests.honesty.quick import faults_of_plays

AFTER = (30, 100, 300, 1000, 3000, 10000)
"""Calls."""
TIMES = 10
OPERATIONS = 10
Failures = frozenset[tuple[str, str]]
"""Operation and the code of a check."""


def detection(faults: int, schemathesis: bool, say: Callable[[str], object]) -> Report:
    """So many faults, evenly chosen from the catalogue; 0 for all of them."""
    known = faults_of_plays()
    names = known[:: max(1, len(known) // faults)][:faults] if faults else known
    quick = {name: _first(run_inside(load(), faults=select(name), plays=STAGES), name) for name in names}
    rest = [name for name, calls in quick.items() if not calls]
    say(f"detection: {len(names) - len(rest)} of {len(names)} found by the plays of a quick run")
    whole = {name: _first(run_inside(load(), faults=select(name)), name) for name in names}
    rows: list[Sequence[Any]] = [_row("plays of a quick run", quick.values()), _row("all plays", whole.values())]
    notes = [f"{len(names)} faults; not found by all plays: {_missing(whole)}"]
    if schemathesis:
        most = TIMES * max(filter(None, whole.values()), default=300)
        with tempfile.TemporaryDirectory(prefix="threedd-bench-") as folder:
            rows += [
                _rival(style, names, most, Path(folder), say) for style in ("as shipped", "XML and strict schemas")
            ]
    return Report("detection", ("producer", *(f"{calls} calls" for calls in AFTER), "in all"), rows, notes)


def _first(run: Inside, name: str) -> int:
    """How many calls had been made when the fault was first found; 0 when it was not."""
    (fault,) = select(name)
    events = [f.exchanges[0] for f in run.ledger.findings if f.requirement in fault.breaks and f.exchanges]
    if not events:
        return 0
    return sum(isinstance(event, Recorded) and event.number <= min(events) for event in run.events)


def _row(producer: str, found: Any) -> Sequence[Any]:
    calls = list(found)
    shares = [sum(0 < each <= most for each in calls) / len(calls) for most in AFTER]
    return (producer, *(f"{share:.1%}" for share in shares), f"{sum(map(bool, calls)) / len(calls):.1%}")


def _missing(found: Mapping[str, int]) -> str:
    return ", ".join(name for name, calls in found.items() if not calls) or "none"


def _rival(style: str, names: Sequence[str], most: int, folder: Path, say: Callable[[str], object]) -> Sequence[Any]:
    strict = style != "as shipped"
    with serving("stepped") as told:
        usual = _failures(told, most, strict, folder, seed=1) | _failures(told, most, strict, folder, seed=2)
    found = 0
    for place, name in enumerate(names, start=1):
        with serving("stepped", f"fault={name}") as told:
            found += bool(_failures(told, most, strict, folder, seed=1) - usual)
        say(f"detection: Schemathesis {style}, {found} of {place} found")
    return (f"Schemathesis, {style}, {most} calls", *("-" for _ in AFTER), f"{found / len(names):.1%}")


def _failures(told: Mapping[str, Any], calls: int, strict: bool, folder: Path, seed: int) -> Failures:
    document = _strict(Path(told["document"]), folder) if strict else told["document"]
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(document), "--url", told["base"]]
    command += ["-H", f"Authorization: {told['login']}", "--tls-verify", "false", "--no-color", "--continue-on-failure"]
    command += ["-n", str(max(1, calls // OPERATIONS)), "--phases", "fuzzing", "--seed", str(seed)]
    root = str(Path(__file__).parents[1])
    hooks = {"SCHEMATHESIS_HOOKS": "benchmarks.xml_hook", "PYTHONPATH": root} if strict else {}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={**os.environ, **hooks})
    if "Test cases:" not in done.stdout:
        raise RuntimeError(f"schemathesis ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return _told(done.stdout)


def _told(text: str) -> Failures:
    found, operation = set(), ""
    for line in text.splitlines():
        if head := re.fullmatch(r"_+ (.+?) _+", line):
            operation = head[1]
        elif check := re.match(r"- (ST\d+)", line):
            found.add((operation, check[1]))
    return frozenset(found)


def _strict(document: Path, folder: Path) -> Path:
    """The document with records that allow no other fields."""
    told = yaml.safe_load(document.read_text(encoding="utf-8"))
    for schema in told["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    written = folder / "strict.yaml"
    written.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8", newline="\n")
    return written
