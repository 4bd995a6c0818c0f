"""Generated traffic, recorded and judged, over the same requests in a bare loop of this client and of httpx.

The emulator is a process of its own. Schemathesis and httpx are what this package depends on anyway, so that no peer
has to be installed.
"""

from __future__ import annotations

import gc
import json
import re
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Report, middle
from conformance.command.main import SELDOM
from conformance.drive import Driver, NoOperator, Outgoing, Tier, guard_at, place, unchecked
from conformance.drive.connection import Address, Connection, Limits
from conformance.drive.guard import Admitted
from conformance.judge import Monitor
from conformance.spec import Spec, load
from conformance.suite.budget import Search
from conformance.suite.machine import Explorer
from conformance.suite.oracle import Oracle
from conformance.suite.play import Identity
from conformance.suite.stage import Stage
from conformance.suite.target import Target
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

EXAMPLES, STEPS = 12, 30
CASES_OF_SCHEMATHESIS = 25
OURS, BARE, HTTPX, SCHEMATHESIS = "recorded and judged", "this client, bare", "httpx, bare", "schemathesis run"
Sent = tuple[Outgoing, Admitted]


class Remembering(Driver):
    """Keeps what it was let to send."""

    sent: list[Sent]

    def _admitted(self, outgoing: Outgoing) -> Admitted:
        admitted = super()._admitted(outgoing)
        self.sent.append((outgoing, admitted))
        return admitted


def overhead(runs: int, say: Callable[[str], object]) -> Report:
    """Calls per second of each, over one keep-alive TLS connection, garbage collected as threedd has it."""
    gc.set_threshold(*SELDOM)
    spec = load()
    rates: dict[str, list[float]] = {name: [] for name in (OURS, BARE, HTTPX, SCHEMATHESIS)}
    for turn in range(runs):
        say(f"overhead: run {turn + 1} of {runs}")
        with serving("stepped") as told:
            sent, took = _generated(spec, told, turn)
            rates[OURS].append(len(sent) / took)
            rates[BARE].append(len(sent) / _bare(told, sent))
            rates[HTTPX].append(len(sent) / _httpx(told, sent))
            rates[SCHEMATHESIS].append(_schemathesis(told))
    base = middle(rates[HTTPX])
    rows = [(name, middle(each), middle(each) / base) for name, each in rates.items()]
    return Report(
        "overhead", ("loop", "calls/s", "of httpx"), rows, [f"the last of {runs} runs made {len(sent)} calls"]
    )


@contextmanager
def serving(*options: str) -> Iterator[Mapping[str, Any]]:
    """What the emulator says of itself, while it runs in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.serving", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def _generated(spec: Spec, told: Mapping[str, Any], turn: int) -> tuple[Sequence[Sent], float]:
    oracle = Oracle(Monitor(spec))
    where = place(told["base"])
    target = Target(
        url=told["base"],
        users=(Identity(*told["user"]),),
        context=unchecked(),
        operator=NoOperator(),
        prefix=f"qbnch{turn}",
        seed=turn,
        granted=Tier.FULL,
        embedded=True,  # it moves with the calls, so that nothing is waited for
    )
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as folder:
        journal = Journal(Path(folder) / "journal.jsonl", {}, buffered=True)
        recorder = Recorder(spec, Redactor(spec, b"bench"), [journal.append, oracle.hear])
        guard = guard_at(where, spec, Tier.FULL, prefix=target.prefix)
        with closing(Remembering(told["base"], recorder, target.context, guard=guard)) as driver:
            driver.sent = []
            stage = Stage(target, driver, spec, oracle.exchange)
            stage.declare()
            stage.find_stations()
            driver.sent.clear()
            began = time.perf_counter()
            Explorer(stage, oracle, Search(EXAMPLES, STEPS, tries=0)).explore()
            took = time.perf_counter() - began
        journal.close()
    return driver.sent, took


def _bare(told: Mapping[str, Any], sent: Sequence[Sent]) -> float:
    where = place(told["base"])
    address = Address(where.host, where.port, unchecked())
    connection = Connection(address, Limits(), time.perf_counter)
    began = time.perf_counter()
    for _, admitted in sent:
        if not connection.alive():  # the server ends a connection on which it was sent nonsense
            connection.close()
            connection = Connection(address, Limits(), time.perf_counter)
        connection.write(admitted)
        connection.read()
    took = time.perf_counter() - began
    connection.close()
    return took


def _httpx(told: Mapping[str, Any], sent: Sequence[Sent]) -> float:
    where = place(told["base"])
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with httpx.Client(verify=context, trust_env=False, timeout=30.0) as client:
        began = time.perf_counter()
        for out, _ in sent:
            client.request(out.verb, f"{where.scheme}://{where.authority}{out.target}", headers=out.headers)
        return time.perf_counter() - began


def _schemathesis(told: Mapping[str, Any]) -> float:
    """Generated calls per second by its own account, start-up not counted."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", told["document"], "--url", told["base"]]
    command += ["-H", f"Authorization: {told['login']}", "--tls-verify", "false", "--no-color", "--phases", "fuzzing"]
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as folder:
        command += ["--continue-on-failure", "-n", str(CASES_OF_SCHEMATHESIS)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    cases, seconds = re.search(r"(\d+) generated", done.stdout), re.search(r" in ([\d.]+)s =", done.stdout)
    if cases is None or seconds is None:
        raise RuntimeError(f"schemathesis ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return int(cases[1]) / float(seconds[1])
