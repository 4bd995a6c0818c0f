"""One load: connections that ask for the same thing again and again.

Those that are kept are measured with wrk. Where each request has a connection of its own, it is ab: wrk takes it for an
error when a server closes TLS without a word, as some do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

PACKAGES = {"ab": "apache2-utils", "node": "nodejs", "java": "default-jre-headless"}
"""Where the tool has not the name of its package in Debian."""


class ToolMissing(Exception):
    """Something that is needed is not installed."""


def require(*tools: str) -> None:
    """Raises ToolMissing for the first that is not on the path."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise ToolMissing(f"{tool} is not installed; Debian's package {PACKAGES.get(tool, tool)} has it.")


@dataclass(frozen=True)
class Figures:
    """What the tool says. ``errors`` are broken connections, time-outs and answers that are not 2xx or 3xx."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


def kept(url: str, headers: Mapping[str, str], connections: int, seconds: int) -> Figures:
    """Connections that stay open. One thread, so that the client takes no more than one core."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    return figures(_said([*command, *_headers(headers), url]))


def not_kept(url: str, headers: Mapping[str, str], connections: int, seconds: int) -> Figures:
    """A connection for each request, and so many at once."""
    command = ["ab", "-q", "-r", "-l", f"-t{seconds}", f"-n{MANY}", f"-c{connections}"]
    return figures_of_ab(_said([*command, *_headers(headers), url]))


MANY = 10_000_000
"""Requests that ab will not reach: without a number it stops at 50,000."""


def _headers(headers: Mapping[str, str]) -> Sequence[str]:
    return [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


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


def figures_of_ab(text: str) -> Figures:
    """The figures in the report of ab, which tells whole milliseconds. ValueError for anything else."""

    def told(pattern: str) -> str:
        found = re.search(rf"^\s*{pattern}:?\s+([\d.]+)", text, re.MULTILINE)
        return found[1] if found else ""

    done, per_second, p50, p99 = (told(each) for each in ("Complete requests", "Requests per second", "50%", "99%"))
    if not (done and per_second and p50 and p99):
        raise ValueError(f"ab reported {text!r}; expected requests, requests per second and percentiles.")
    errors = sum(int(told(each) or 0) for each in ("Failed requests", "Non-2xx responses"))
    return Figures(int(done), float(per_second), float(p50), float(p99), errors)
