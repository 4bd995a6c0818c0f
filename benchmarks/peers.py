"""The peers: a general mock server and one that is told an OpenAPI document, both from the npm registry by name."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

PACKAGES = ("wiremock@3.13.2", "@stoplight/prism-cli@5.14.2")
XML = "application/xml; charset=utf-8"


def install(folder: Path) -> Path:
    """The folder with the peers in it. What is there already is used as it is."""
    if not all((folder / "node_modules" / package.rpartition("@")[0]).is_dir() for package in PACKAGES):
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(folder)]
        subprocess.run(["npm", "install", *quiet, *PACKAGES], check=True)
    return folder


def wiremock(peers: Path, scratch: Path, path: str, answer: Path, port: int) -> Sequence[str]:
    """WireMock, answering with these very bytes, with as little to do as it can be told. It runs on Java 17."""
    (jar,) = (peers / "node_modules" / "wiremock" / "build").glob("wiremock-standalone-*.jar")
    root = scratch / f"wiremock-{port}"
    (root / "mappings").mkdir(parents=True)
    (root / "__files").mkdir()
    shutil.copy(answer, root / "__files")
    told = {
        "request": {"method": "GET", "urlPath": path},
        "response": {"status": 200, "bodyFileName": answer.name, "headers": {"Content-Type": XML}},
    }
    (root / "mappings" / "answer.json").write_text(json.dumps(told), encoding="utf-8", newline="\n")
    listening = ["--https-port", str(port), "--disable-http", "--bind-address", "127.0.0.1"]
    return ["java", "-jar", str(jar), *listening, "--root-dir", str(root), "--no-request-journal", "--disable-banner"]


def prism(peers: Path, document: Path, port: int) -> Sequence[str]:
    """Prism, which checks every call against the document and answers with the example in it. It speaks no TLS."""
    binary = str(peers / "node_modules" / ".bin" / "prism")
    listening = ["--port", str(port), "--host", "127.0.0.1", "--verboseLevel", "error"]
    return [binary, "mock", *listening, str(document)]
