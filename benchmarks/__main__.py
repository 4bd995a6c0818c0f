"""``python -m benchmarks NAME``: emulator, detection, certification, overhead, journal, scaling, or all.

emulator       one client, one route: the emulator and two peers, one after the other; needs wrk and npm
detection      which share of the faults is found after how many calls, beside Schemathesis
certification  from a cold start to the report, beside importing what is needed for that
overhead       generated traffic recorded and judged, beside bare loops and Schemathesis
journal        what one event costs
scaling        one worker against two, for a folder of journals and for a PMS, and whether their ledgers are the same

The peers of the first are installed by name into a folder that is thrown away, unless --peers names one to keep.
Nothing is asserted: on a shared machine only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.contest import Terms, emulator_and_peers
from benchmarks.figures import Report, machine
from benchmarks.load import ToolMissing, require
from benchmarks.peers import install
from benchmarks.table import table

NAMES = ("emulator", "detection", "certification", "overhead", "journal", "scaling")


def main() -> int:
    """Exit code 0, or 3 when a tool is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*NAMES, "all"])
    parser.add_argument("--runs", type=int, default=3, help="of each measurement; the median counts")
    parser.add_argument("--faults", type=int, default=0, help="of the catalogue, for detection; default: all")
    parser.add_argument("--no-schemathesis", action="store_true", help="detection by our plays only")
    parser.add_argument("--budgets", default="quick,standard,thorough", help="for certification")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=30, help="of each measurement of the emulator")
    parser.add_argument("--warm-up", type=int, default=5, help="seconds before each of those, not counted")
    parser.add_argument("--peers", type=Path, help="keep the peers in this folder, and use them from there")
    parser.add_argument("--no-peers", action="store_true", help="the emulator only; npm is not needed")
    parser.add_argument("--json", type=Path, help="default: reports/benchmark-NAME.json")
    wishes = parser.parse_args()
    os.environ.pop(_COMPILES_EVERY_TIME, None)
    for name in NAMES if wishes.what == "all" else (wishes.what,):
        try:
            text, figures = _MEASURES[name](wishes)
        except ToolMissing as missing:
            print(missing, file=sys.stderr)
            return 3
        print(text, flush=True)
        path = wishes.json or Path(f"reports/benchmark-{name}.json")
        path = path.with_stem(f"{path.stem}-{name}") if wishes.json and wishes.what == "all" else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8", newline="\n")
    return 0


_COMPILES_EVERY_TIME = "PYTHONDONTWRITEBYTECODE"
"""Set in many a container. Programs that are started here are to find compiled what a user's Python keeps compiled."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _emulator(wishes: argparse.Namespace) -> tuple[str, Mapping[str, object]]:
    require("wrk", *(() if wishes.no_peers else ("npm", "node")))
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threedd-bench-")))
        peers = None if wishes.no_peers else install(wishes.peers or scratch / "peers")
        terms = Terms(wishes.connections, wishes.seconds, wishes.warm_up)
        rows = list(emulator_and_peers(terms, peers, scratch, say))
    figures = {"machine": machine(), "terms": asdict(terms), "rows": [asdict(row) for row in rows]}
    return table(rows, terms), figures


def _detection(wishes: argparse.Namespace) -> Report:
    from benchmarks.detection import detection

    return detection(wishes.faults, not wishes.no_schemathesis, say)


def _certification(wishes: argparse.Namespace) -> Report:
    from benchmarks.certification import certification

    return certification(wishes.runs, say, wishes.budgets.split(","))


def _overhead(wishes: argparse.Namespace) -> Report:
    from benchmarks.overhead import overhead

    return overhead(wishes.runs, say)


def _journal(wishes: argparse.Namespace) -> Report:
    from benchmarks.recording import recording

    return recording(wishes.runs, say)


def _scaling(wishes: argparse.Namespace) -> Report:
    from benchmarks.scaling import scaling

    return scaling(wishes.runs, say)


def _reported(
    measure: Callable[[argparse.Namespace], Report],
) -> Callable[[argparse.Namespace], tuple[str, Mapping[str, object]]]:
    def measured(wishes: argparse.Namespace) -> tuple[str, Mapping[str, object]]:
        report = measure(wishes)
        return report.text(), report.as_json()

    return measured


_MEASURES: Mapping[str, Callable[[argparse.Namespace], tuple[str, Mapping[str, object]]]] = {
    "emulator": _emulator,
    "detection": _reported(_detection),
    "certification": _reported(_certification),
    "overhead": _reported(_overhead),
    "journal": _reported(_journal),
    "scaling": _reported(_scaling),
}


if __name__ == "__main__":
    sys.exit(main())
