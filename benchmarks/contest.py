"""The emulator, a bare handler on its own server stack, and two mock servers, all measured in the same way.

Each is a process that is told its port. From its start to its first answer is one figure; then it is warmed up, loaded
over connections that are kept, and loaded with a connection for each request.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median

from benchmarks.figures import Cell, Report
from benchmarks.load import Figures, kept, not_kept
from benchmarks.peers import prism, wiremock
from conformance.command.connection import FILE
from conformance.emulator.seed import load_seed
from conformance.spec import Spec, default_folder, load
from conformance.spec.load import OPENAPI_FILE
from conformance.wire import encode_basic

Say = Callable[[str], object]
OURS, BARE = "threedd emulator", "bare handler"
ANSWER = "answer.xml"
START_S = 60.0
LOOK_S = 0.005
"""Between two attempts to get the first answer."""
LOADED = ("requests/s", "p50 ms", "p99 ms", "errors")
COLUMNS = ("server", "over", *LOADED, *(f"{name}, not kept" for name in LOADED), "first answer s", "MiB")


@dataclass(frozen=True)
class Terms:
    """Of each run: how many connections at once, and for how many seconds each kind of load."""

    connections: int
    seconds: int
    warm_up: int


@dataclass(frozen=True)
class Contestant:
    """A server by the command that starts it, which is told the port."""

    name: str
    scheme: str
    path: str
    command: Callable[[int], Sequence[str]]


@dataclass(frozen=True)
class Run:
    """What one run showed. Memory is resident, of the process that serves, after all load."""

    kept: Figures
    not_kept: Figures
    first_answer_s: float
    memory_mib: float


def contest(terms: Terms, runs: int, peers: Path | None, say: Say) -> Report:
    """All contestants, ``runs`` times; ``peers`` is where the mock servers are installed, None leaves them out."""
    spec = load(default_folder())
    user = load_seed(spec).users[0]
    headers = {"Authorization": encode_basic(user.user, user.password), "Accept": "application/xml"}
    found: dict[tuple[str, str], list[Run]] = {}
    with tempfile.TemporaryDirectory(prefix="threedd-bench-") as folder:
        scratch = Path(folder)
        contestants = _contestants(spec, scratch, peers)
        with _started(contestants[0], headers, scratch) as server:  # the others but one repeat what ours says
            (scratch / ANSWER).write_bytes(server.answer)
        for turn in range(runs):
            for one in contestants:
                say(f"{one.name} over {one.scheme}, run {turn + 1} of {runs}")
                found.setdefault((one.name, one.scheme), []).append(_measured(one, headers, scratch, terms))
    return reported(found, terms)


def reported(found: Mapping[tuple[str, str], Sequence[Run]], terms: Terms) -> Report:
    """Medians, and how the emulator stands to each of the others that speaks as it does."""
    rows = [(*who, *_medians(runs)) for who, runs in found.items()]
    notes = [_beside(found[OURS, scheme], runs, name, scheme) for (name, scheme), runs in found.items() if name != OURS]
    told = f"{terms.connections} connections, {terms.seconds} s of each load after {terms.warm_up} s of warm-up"
    notes.append(f"medians of {max(map(len, found.values()))} runs: {told}")
    notes.append("the emulator builds each answer from its state and keeps a journal; the others but prism repeat it")
    return Report("emulator", COLUMNS, rows, notes)


def _medians(runs: Sequence[Run]) -> Sequence[Cell]:
    cells: list[Cell] = []
    for each in ([run.kept for run in runs], [run.not_kept for run in runs]):
        cells += [median(one.per_second for one in each), median(one.p50_ms for one in each)]
        cells += [median(one.p99_ms for one in each), sum(one.errors for one in each)]
    return [*cells, median(run.first_answer_s for run in runs), median(run.memory_mib for run in runs)]


def _beside(ours: Sequence[Run], others: Sequence[Run], name: str, scheme: str) -> str:
    def ratio(figure: Callable[[Run], float]) -> str:
        return f"{median(map(figure, ours)) / median(map(figure, others)):.2f}"

    stays, ends = ratio(lambda run: run.kept.per_second), ratio(lambda run: run.not_kept.per_second)
    p99, memory = ratio(lambda run: run.kept.p99_ms), ratio(lambda run: run.memory_mib)
    return f"{OURS} / {name}, {scheme}: requests {stays} (not kept {ends}), p99 {p99}, memory {memory}"


def _contestants(spec: Spec, scratch: Path, peers: Path | None) -> Sequence[Contestant]:
    threedd = [sys.executable, "-c", "from conformance.command.main import main; main()"]
    serving = [sys.executable, "-m", "benchmarks.serving"]
    method = spec.method["list_stations"].name
    path, answer = f"{spec.service.base_path}/{method}", scratch / ANSWER

    def ours(port: int) -> Sequence[str]:
        return [*threedd, "emulator", "--port", str(port), "--journal", str(scratch / f"{port}.jsonl")]

    def ours_plain(port: int) -> Sequence[str]:
        return [*serving, "plain", f"port={port}", f"journal={scratch / f'{port}.jsonl'}"]

    own = [
        Contestant(OURS, "https", path, ours),
        Contestant(BARE, "https", path, lambda port: [*serving, f"port={port}", f"answer={answer}"]),
    ]
    if peers is None:
        return own
    document = default_folder() / OPENAPI_FILE
    return [
        *own,
        Contestant("wiremock", "https", path, lambda port: wiremock(peers, scratch, path, answer, port)),
        Contestant(OURS, "http", path, ours_plain),
        Contestant("prism", "http", f"/{method}", lambda port: prism(peers, document, port)),
    ]


def _measured(one: Contestant, headers: Mapping[str, str], scratch: Path, terms: Terms) -> Run:
    with _started(one, headers, scratch) as server:
        load = (server.url, headers, terms.connections)
        if terms.warm_up:
            kept(*load, terms.warm_up)
        figures = kept(*load, terms.seconds), not_kept(*load, terms.seconds)
        return Run(*figures, server.first_answer_s, _resident_mib(server.process.pid))


@dataclass(frozen=True)
class _Server:
    process: subprocess.Popen[bytes]
    url: str
    answer: bytes
    first_answer_s: float


@contextmanager
def _started(one: Contestant, headers: Mapping[str, str], scratch: Path) -> Iterator[_Server]:
    """A server that has answered once. What it says is thrown away: some would say it for each request."""
    port, quiet = _free_port(), subprocess.DEVNULL
    command, environment = one.command(port), {**os.environ, FILE: str(scratch / f"{port}.json")}
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=environment) as process:
        try:
            answer = _first_answer(one, port, headers, process)
            url = f"{one.scheme}://127.0.0.1:{port}{one.path}"
            yield _Server(process, url, answer, time.perf_counter() - began)
        finally:
            process.terminate()


def _first_answer(one: Contestant, port: int, headers: Mapping[str, str], process: subprocess.Popen[bytes]) -> bytes:
    """The body of the first answer. RuntimeError when the server ends before that, or gives none in time."""
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        with closing(_connection(one.scheme, port)) as asking, suppress(OSError, http.client.HTTPException):
            asking.request("GET", one.path, headers=dict(headers))
            answer = asking.getresponse()
            if answer.status == HTTPStatus.OK:
                return answer.read()
        time.sleep(LOOK_S)
    raise RuntimeError(f"{' '.join(one.command(port))} gives no answer on port {port}; run it by hand.")


def _connection(scheme: str, port: int) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=START_S, context=_UNCHECKED)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


_UNCHECKED = _unchecked()
"""Certificates are those of a computer under test."""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _resident_mib(pid: int) -> float:
    """Of the process itself; wrk is for Linux and its kin, and so is this."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0
