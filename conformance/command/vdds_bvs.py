"""The program of the register, played: a PVS starts it with the path of a transfer file, and finds the answer there.

It passes the bytes to a running emulator and writes what comes back: into the transfer file, and copies of images into
a folder of its own. It is started for each call, so it imports little. It writes nothing else, and ends with 0
whatever became of the call; only a file that cannot be used, or no emulator, ends with 3.
"""

from __future__ import annotations

import base64
import http
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from conformance.command.connection import Connection, NotConnected, connection
from conformance.emulator.vdds.faults import Deed
from conformance.emulator.vdds.written import LATER_S, Reply, put
from conformance.trace.seen_files import read_limited
from conformance.wire.vdds_ini import MOST_BYTES

COPIES = "THREEDD_VDDS_COPIES"
"""Folder for copies of images; without it, one of this user in the folder for temporary files."""
REGISTER, CALL = "THREEDD_VDDS_REGISTER", "THREEDD_VDDS_CALL"
"""The register that names this program, and for which call; without them nobody knows."""
SET_UP = 3
MOST_PASSED = 512 * 1024
"""Bytes of a transfer file that the emulator takes; a thousand ids are a tenth of that."""
PATIENCE_S = 330.0
"""Longer than a user may take to log in."""


def main() -> None:
    """What the console script runs."""
    sys.exit(run(sys.argv, os.environ))


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code; ``argv`` is the program and the path, which may have come apart at its blanks."""
    try:
        found = connection(environment)
        try:
            path = transfer_file(argv[1:])
        except Unusable as wrong:
            _asked(found, {"content": "", "folder": "", "arguments": len(argv) - 1, "unusable": wrong.why})
            raise
        folder = copies_folder(environment)
        about = {"folder": str(folder), "path": str(path.absolute()), "arguments": len(argv) - 1}
        about |= {"program": environment.get(CALL, ""), "register": _text(register(environment))}
        reply = _passed(found, path, about)
        while reply.deed is Deed.LATER:
            time.sleep(LATER_S)
            reply = _passed(found, path, about, reply.slip)
        put(reply, path, folder, time.sleep)
    except (NotConnected, OSError, http.client.HTTPException, ValueError) as wrong:
        print(f"threedd-vdds-bvs: {wrong}", file=sys.stderr)
        return SET_UP
    return 0


class Unusable(ValueError):
    """There is no transfer file that can be used. ``why`` is a word of ``WHY_UNUSABLE``."""

    def __init__(self, why: str, text: str) -> None:
        super().__init__(text)
        self.why = why


def transfer_file(arguments: Sequence[str]) -> Path:
    """The file that the arguments name: alone, in quotation marks, in pieces, or beside others. Raises Unusable.

    One live caller puts switches before the path. That is told by the count of arguments, and the file is answered.
    """
    for text in (arguments[0] if arguments else "", " ".join(arguments), *arguments[1:]):
        path = Path(text.strip('"'))
        if text and path.is_symlink():
            raise Unusable("link", f"{path} is a link; give the transfer file itself.")
        if text and path.is_file():
            if path.stat().st_size > MOST_PASSED:
                raise Unusable("too-long", f"{path} has more than {MOST_PASSED} bytes; hand over what the call needs.")
            return path
    whole = " ".join(arguments)
    raise Unusable(_why(whole), f"{whole or 'no argument'} is no file; give the path of a transfer file.")


def _why(text: str) -> str:
    if not text.strip():
        return "no-argument"
    if "://" in text:
        return "address"
    path = Path(text.strip('"'))
    return "folder" if path.is_dir() else "no-file" if path.exists() else "missing"


def copies_folder(environment: Mapping[str, str]) -> Path:
    """Where copies go. Raises OSError, or ValueError when something else is there."""
    named = environment.get(COPIES)
    folder = Path(named) if named else Path(tempfile.gettempdir()) / "threedd-vdds"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise ValueError(f"{folder} is a link; name a folder of its own by {COPIES}.")
    return folder.resolve()


def register(environment: Mapping[str, str]) -> bytes:
    """The register that a PVS goes by; b"" for none, or one that cannot be read."""
    named = environment.get(REGISTER)
    with suppress(OSError, ValueError):
        return read_limited(Path(named), MOST_BYTES) if named else b""
    return b""


def _passed(found: Connection, path: Path, about: Mapping[str, object], slip: int = 0) -> Reply:
    return _asked(found, {"content": _text(read_limited(path, MOST_BYTES)), **about, "slip": slip})


def _asked(found: Connection, asked: Mapping[str, object]) -> Reply:
    place = urlsplit(found.control)
    port = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {found.token}", "Content-Type": "application/json"}
    try:
        port.request("POST", "/vdds", json.dumps(asked).encode("ascii"), headers)
        answer = port.getresponse()
        told = json.loads(answer.read())
    finally:
        port.close()
    if answer.status != http.HTTPStatus.OK or not isinstance(told, dict):
        problem = told.get("error", "") if isinstance(told, dict) else ""
        raise ValueError(f"the emulator answered HTTP {answer.status}: {problem or 'nothing that can be read'}")
    copies = tuple((str(each["path"]), base64.b64decode(each["content"])) for each in told["copies"])
    content, early = base64.b64decode(told["content"]), base64.b64decode(told["early"])
    return Reply(content, copies, Deed(told["deed"]), early, int(told["slip"]))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


if __name__ == "__main__":
    main()
