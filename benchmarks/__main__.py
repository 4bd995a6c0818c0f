"""``python -m benchmarks emulator``: one client, one route, the emulator and two peers, one after the other.

Needs wrk and npm (Debian: wrk, npm). The peers are installed by name into a folder that is thrown away, unless --peers
names one to keep. Nothing is asserted: on a shared machine only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.contest import Terms, emulator_and_peers
from benchmarks.load import ToolMissing, require
from benchmarks.peers import install
from benchmarks.table import table


def main() -> int:
    """Exit code 0, or 3 when a tool is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", choices=["emulator"])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=30, help="of each measurement")
    parser.add_argument("--warm-up", type=int, default=5, help="seconds before each measurement, not counted")
    parser.add_argument("--peers", type=Path, help="keep the peers in this folder, and use them from there")
    parser.add_argument("--no-peers", action="store_true", help="the emulator only; npm is not needed")
    parser.add_argument("--json", type=Path, default=Path("reports/benchmark-emulator.json"))
    wishes = parser.parse_args()
    try:
        require("wrk", *(() if wishes.no_peers else ("npm", "node")))
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="threedd-bench-")))
            peers = None if wishes.no_peers else install(wishes.peers or scratch / "peers")
            terms = Terms(wishes.connections, wishes.seconds, wishes.warm_up)
            rows = list(emulator_and_peers(terms, peers, scratch, lambda text: print(text, file=sys.stderr)))
    except ToolMissing as missing:
        print(missing, file=sys.stderr)
        return 3
    print(table(rows, terms))
    wishes.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {"terms": asdict(terms), "rows": [asdict(row) for row in rows]}
    wishes.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
