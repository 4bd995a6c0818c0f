"""The program of the command line, played: it passes what it was started with to a running emulator.

It does as little as the real one shows: it writes nothing, and ends with the exit code that the emulator says. Only
when no emulator can be reached it says so, and ends with 3. It is started for each patient, so it imports little.
"""

from __future__ import annotations

import http
import http.client
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from conformance.command.connection import Connection, NotConnected, connection

PROGRAM = "THREEDD_PROGRAM"
"""By which name a launcher was started; without it, that of this process."""
SET_UP = 3
PATIENCE_S = 30.0


def main() -> None:
    """What the console script runs."""
    sys.exit(run(sys.argv, os.environ))


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code; ``argv`` is the program and its arguments, as Windows would pass them."""
    path = environment.get(PROGRAM) or argv[0]
    program = path.replace("\\", "/").rpartition("/")[2]
    try:
        answer = _passed(connection(environment, Path(path)), program, argv[1:])
    except (NotConnected, OSError, http.client.HTTPException, ValueError) as wrong:
        print(f"{program}: {wrong}", file=sys.stderr)
        return SET_UP
    return answer


def _passed(found: Connection, program: str, arguments: Sequence[str]) -> int:
    place = urlsplit(found.control)
    port = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    body = json.dumps({"executable": program, "arguments": list(arguments)})  # ASCII: half characters pass as well
    headers = {"Authorization": f"Bearer {found.token}", "Content-Type": "application/json"}
    try:
        port.request("POST", "/invocations", body.encode("ascii"), headers)
        reply = port.getresponse()
        told = json.loads(reply.read())
    except OSError as wrong:
        raise NotConnected(f"nothing answers at {found.control} ({wrong}); start the emulator again.") from wrong
    finally:
        port.close()
    if reply.status != http.HTTPStatus.OK or not isinstance(told, dict):
        problem = told.get("error", "") if isinstance(told, dict) else ""
        raise ValueError(f"the emulator answered HTTP {reply.status}: {problem or 'nothing that can be read'}")
    return int(told.get("exit_code", 0))


if __name__ == "__main__":
    main()
