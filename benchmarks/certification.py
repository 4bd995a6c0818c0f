"""From a cold start to the report, beside importing what every such tool imports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Report, middle

IMPORTS = "import pytest, hypothesis, lxml, httpx"
THREEDD = "from conformance.command.main import main; main()"
BUDGETS = ("quick", "standard", "thorough")
MOST: Mapping[str, float] = {"threedd --help": 0.2, "quick": 5.0, "standard": 20.0}
"""How many times as long as the imports it may take."""


def certification(runs: int, say: Callable[[str], object], budgets: Sequence[str] = BUDGETS) -> Report:
    """Each command so many times, in turns, so that a busy moment falls on all of them alike."""
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as scratch:
        commands = {"imports": [IMPORTS], "threedd --help": [THREEDD, "--help"]}
        for budget in budgets:
            words = ["certify", "server", "--embedded", "--budget", budget, "--out", str(Path(scratch) / budget)]
            commands[budget] = [THREEDD, *words]
        took: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(runs):
            for name, words in commands.items():
                say(f"certification: {name}, run {turn + 1} of {runs}")
                took[name].append(_seconds(words))
    base = middle(took["imports"])
    rows = [(name, middle(each), middle(each) / base, MOST.get(name, "-")) for name, each in took.items()]
    return Report(
        "certification", ("command", "seconds", "ratio", "at most"), rows, [f'imports: python -c "{IMPORTS}"']
    )


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
    return took
