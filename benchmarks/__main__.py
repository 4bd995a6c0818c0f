"""``python -m benchmarks NAME``: emulator, detection, certification, overhead, journal, scaling, or all.

emulator       one route: the emulator, a bare handler on its server stack, WireMock and Prism; needs wrk, ab, npm, Java
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
from pathlib import Path

from benchmarks.contest import Terms, contest
from benchmarks.figures import Report
from benchmarks.load import ToolMissing, require
from benchmarks.peers import install

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
    parser.add_argument("--connections", type=int, default=8, help="at once, to the emulator")
    parser.add_argument("--seconds", type=int, default=20, help="of each load of the emulator")
    parser.add_argument("--warm-up", type=int, default=30, help="seconds before those, not counted")
    parser.add_argument("--peers", type=Path, help="keep the peers in this folder, and use them from there")
    parser.add_argument(
        "--no-peers", action="store_true", help="the emulator and a bare handler only; npm and Java are not needed"
    )
    parser.add_argument("--json", type=Path, help="default: reports/benchmark-NAME.json")
    wishes = parser.parse_args()
    os.environ.pop(_COMPILES_EVERY_TIME, None)
    for name in NAMES if wishes.what == "all" else (wishes.what,):
        try:
            report = _MEASURES[name](wishes)
        except ToolMissing as missing:
            print(missing, file=sys.stderr)
            return 3
        print(report.text(), flush=True)
        path = wishes.json or Path(f"reports/benchmark-{name}.json")
        path = path.with_stem(f"{path.stem}-{name}") if wishes.json and wishes.what == "all" else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8", newline="\n")
    return 0


_COMPILES_EVERY_TIME = "PYTHONDONTWRITEBYTECODE"
"""Set in many a container. Programs that are started here are to find compiled what a user's Python keeps compiled."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _emulator(wishes: argparse.Namespace) -> Report:
    require("wrk", "ab", *(() if wishes.no_peers else ("npm", "node", "java")))
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as scratch:
        peers = None if wishes.no_peers else install(wishes.peers or Path(scratch))
        return contest(Terms(wishes.connections, wishes.seconds, wishes.warm_up), wishes.runs, peers, say)


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


_MEASURES: Mapping[str, Callable[[argparse.Namespace], Report]] = {
    "emulator": _emulator,
    "detection": _detection,
    "certification": _certification,
    "overhead": _overhead,
    "journal": _journal,
    "scaling": _scaling,
}


if __name__ == "__main__":
    sys.exit(main())
