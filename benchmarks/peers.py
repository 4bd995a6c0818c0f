"""The peers: a general mock server and one that is told an OpenAPI document, both from the npm registry by name."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

PACKAGES = ("@mockoon/cli@9.9.0", "@stoplight/prism-cli@5.14.2")
XML = "application/xml; charset=utf-8"


def install(folder: Path) -> Path:
    """The folder with the peers in it. What is there already is used as it is."""
    if not (folder / "node_modules" / ".bin").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(folder)]
        subprocess.run(["npm", "install", *quiet, *PACKAGES], check=True)
    return folder


def general(peers: Path, scratch: Path, path: str, answer: str, port: int, *, tls: bool) -> Sequence[str]:
    """Mockoon, answering with these very bytes. Written into ``scratch`` is what it shall do."""
    told = scratch / f"mockoon-{port}.json"
    told.write_text(json.dumps(_environment(path, answer, port, tls)), encoding="utf-8", newline="\n")
    return [_bin(peers, "mockoon-cli"), "start", "--data", str(told), "--disable-log-to-file", "--disable-admin-api"]


def openapi(peers: Path, document: Path, port: int) -> Sequence[str]:
    """Prism, which checks every call against the document and answers with the example in it. It speaks no TLS."""
    return [
        _bin(peers, "prism"),
        "mock",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--verboseLevel",
        "error",
        str(document),
    ]


def _bin(peers: Path, name: str) -> str:
    return str(peers / "node_modules" / ".bin" / name)


def _environment(path: str, answer: str, port: int, tls: bool) -> dict[str, object]:
    route, response = str(UUID(int=1)), str(UUID(int=2))
    return {
        "uuid": str(UUID(int=3)),
        "lastMigration": 33,
        "name": "benchmark",
        "hostname": "127.0.0.1",
        "port": port,
        "endpointPrefix": "",
        "latency": 0,
        "folders": [],
        "rootChildren": [{"type": "route", "uuid": route}],
        "routes": [
            {
                "uuid": route,
                "type": "http",
                "method": "get",
                "endpoint": path.lstrip("/"),
                "documentation": "",
                "responseMode": None,
                "responses": [_response(response, answer)],
            }
        ],
        "tlsOptions": {
            "enabled": tls,
            "type": "CERT",
            "pfxPath": "",
            "certPath": "",
            "keyPath": "",
            "caPath": "",
            "passphrase": "",
        },
        **dict.fromkeys(("headers", "proxyReqHeaders", "proxyResHeaders", "data", "callbacks"), ()),
        **dict.fromkeys(("proxyMode", "proxyRemovePrefix", "cors"), False),
        "proxyHost": "",
    }


def _response(response: str, answer: str) -> dict[str, object]:
    return {
        "uuid": response,
        "body": answer,
        "bodyType": "INLINE",
        "statusCode": 200,
        "headers": [{"key": "Content-Type", "value": XML}],
        "default": True,
        "disableTemplating": True,
        "latency": 0,
        "label": "",
        "filePath": "",
        "sendFileAsBody": False,
        "databucketID": "",
        "rules": [],
        "rulesOperator": "OR",
        "fallbackTo404": False,
        "crudKey": "id",
        "callbacks": [],
    }
