"""One load, measured with wrk: keep-alive connections that ask for the same thing again and again."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class ToolMissing(Exception):
    """Something that is needed is not installed."""


def require(*tools: str) -> None:
    """Raises ToolMissing for the first that is not on the path."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise ToolMissing(f"{tool} is not installed; Debian's package {tool} has it.")


@dataclass(frozen=True)
class Figures:
    """What wrk says. ``errors`` are broken connections, time-outs and answers that are not 2xx or 3xx."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def load(url: str, headers: Mapping[str, str], connections: int, seconds: int) -> Figures:
    """One thread, so that the client takes no more than one core."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    return figures(done.stdout)


def figures(text: str) -> Figures:
    """The figures in wrk's report. ValueError for anything else."""
    per_second, total = re.search(r"Requests/sec:\s+([\d.]+)", text), re.search(r"(\d+) requests in", text)
    if per_second is None or total is None:
        raise ValueError(f"wrk reported {text!r}; expected requests and requests per second.")
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = sum(map(int, broken.groups())) if broken else 0
    return Figures(
        requests=int(total[1]),
        per_second=float(per_second[1]),
        p50_ms=_percentile(text, 50),
        p99_ms=_percentile(text, 99),
        errors=errors + (int(refused[1]) if refused else 0),
    )


def _percentile(text: str, rank: int) -> float:
    found = re.search(rf"^\s+{rank}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"wrk reported no {rank}th percentile in {text!r}; call it with --latency.")
    return round(float(found[1]) * _UNITS[found[2]], 3)
