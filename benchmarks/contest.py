"""The contestants, one after the other on the same machine, each warmed up and measured in the same way."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import Figures, load
from benchmarks.peers import general, openapi

Say = Callable[[str], object]
START_S = 60.0


@dataclass(frozen=True)
class Terms:
    connections: int
    seconds: int
    warm_up: int


@dataclass(frozen=True)
class Row:
    """One contestant. Memory is resident, of the process that serves, after the warm-up and at the end."""

    name: str
    scheme: str
    figures: Figures
    memory_start_mib: float
    memory_end_mib: float


def emulator_and_peers(terms: Terms, peers: Path | None, scratch: Path, say: Say) -> Iterator[Row]:
    """The emulator with TLS and without, then the peers, where ``peers`` says they are installed."""
    for plain in (False, True):
        with _emulator(plain) as (process, where):
            url = f"{where['base']}/{where['method']}"
            headers = {"Authorization": where["login"], "Accept": "application/xml"}
            answer = _answer(url, headers)
            yield _measured("threedd emulator", url, headers, process, terms, say)
    if peers is None:
        return
    place = urlsplit(url)
    for tls in (True, False):
        port = _free_port()
        with _process(general(peers, scratch, place.path, answer, port, tls=tls), port) as process:
            scheme = "https" if tls else "http"
            yield _measured("mockoon", f"{scheme}://127.0.0.1:{port}{place.path}", headers, process, terms, say)
    port = _free_port()
    with _process(openapi(peers, Path(where["document"]), port), port) as process:
        yield _measured("prism", f"http://127.0.0.1:{port}/{where['method']}", headers, process, terms, say)


def _measured(
    name: str, url: str, headers: Mapping[str, str], process: subprocess.Popen[str], terms: Terms, say: Say
) -> Row:
    scheme = urlsplit(url).scheme
    say(f"{name} over {scheme}: {terms.warm_up} s of warm-up, {terms.seconds} s measured")
    _answer(url, headers)
    if terms.warm_up:
        load(url, headers, terms.connections, terms.warm_up)
    before = _resident_mib(process.pid)
    measured = load(url, headers, terms.connections, terms.seconds)
    return Row(name, scheme, measured, before, _resident_mib(process.pid))


def _answer(url: str, headers: Mapping[str, str]) -> str:
    """One answer, to be sure that there is one; the certificate is that of a computer under test."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    request = urllib.request.Request(url, headers=dict(headers))
    with urllib.request.build_opener(*handlers).open(request, timeout=30) as answer:
        return str(answer.read().decode("utf-8"))


@contextmanager
def _emulator(plain: bool) -> Iterator[tuple[subprocess.Popen[str], Mapping[str, str]]]:
    command = [sys.executable, "-m", "benchmarks.serving", *(["plain"] if plain else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        process.stdin.close()


@contextmanager
def _process(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[str]]:
    """A peer, once its port is open. What it says is thrown away: it would say it for each request."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, text=True) as process:
        try:
            _wait_for(port, process, command)
            yield process
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[str], command: Sequence[str]) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{' '.join(command)} does not listen on {port}; run it by hand.") from None
            time.sleep(0.2)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _resident_mib(pid: int) -> float:
    """Of the process itself; wrk is for Linux and its kin, and so is this."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0
