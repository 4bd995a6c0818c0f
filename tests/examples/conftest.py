"""The example programs, run against an emulator of this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.certify.testing.emulated import Emulated
from conformance.emulator.certificates import Authority, issue_leaf, make_key, read_certificates, server_context, write
from conformance.emulator.listener import LOOPBACK, Loop
from conformance.emulator.protocol import Response

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
LONGEST_RUN_S = 120


def _python(folder):
    return [sys.executable, str(EXAMPLES / "python" / "workflows.py")]


def _javascript(folder):
    if shutil.which("node") is None:
        pytest.skip("node is not installed; Debian's package nodejs has it")
    return ["node", str(EXAMPLES / "javascript" / "workflows.mjs")]


def _csharp(folder):
    if shutil.which("mcs") is None or shutil.which("mono") is None:
        pytest.skip("mcs is not installed; Debian's packages mono-mcs and libmono-btls-interface4.0-cil have it")
    program = str(folder / "workflows.exe")
    sources = [str(path) for path in sorted((EXAMPLES / "csharp").glob("*.cs"))]
    subprocess.run(["mcs", "-warnaserror", "-r:System.Xml.dll", f"-out:{program}", *sources], check=True, timeout=300)
    return ["mono", program]


LANGUAGES = {"python": _python, "javascript": _javascript, "csharp": _csharp}


@dataclass(frozen=True)
class Program:
    """One of the examples."""

    command: list[str]
    emulator: Emulated

    def __call__(self, *workflows, **environment):
        """Runs it. Mono compares certificates with names only, so all of them are told one."""
        told = {**self.emulator.environment(), "PYTHONUTF8": "1", **environment}
        told["THREEDD_URL"] = told["THREEDD_URL"].replace(LOOPBACK, "localhost")
        return subprocess.run(
            [*self.command, *workflows],
            env={**os.environ, **told},
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST_RUN_S,
            check=False,
        )


@pytest.fixture(scope="session")
def running():
    with Emulated() as emulator:
        yield emulator


@pytest.fixture
def emulator(running):
    running.reset()
    return running


@pytest.fixture(scope="session", params=LANGUAGES)
def command(request, tmp_path_factory):
    return LANGUAGES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture
def program(command, emulator):
    return Program(command, emulator)


@pytest.fixture
def impostor(emulator, tmp_path):
    """The address of a server that presents the real authority after a certificate that it did not sign."""
    (authority,) = read_certificates(emulator.authority_pem)
    paths = write(issue_leaf(Authority(authority, make_key())), tmp_path)
    with Loop() as loop:
        yield f"https://{loop.serve(lambda request: Response(200), server_context(paths), LOOPBACK, 0).address}/any"
