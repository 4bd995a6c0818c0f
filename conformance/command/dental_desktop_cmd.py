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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from conformance.command.connection import Connection, NotConnected, connections

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
        answer = _to_one_that_lives(connections(environment, Path(path)), program, argv[1:])
    except (NotConnected, OSError, http.client.HTTPException, ValueError) as wrong:
        print(f"{program}: {wrong}", file=sys.stderr)
        return SET_UP
    return answer


def _to_one_that_lives(known: Iterable[Connection], program: str, arguments: Sequence[str]) -> int:
    """The answer of the first that can be reached. Raises NotConnected about the first where none can."""
    first: _Unreached | None = None
    for found in known:
        try:
            return _passed(found, program, arguments)
        except _Unreached as wrong:
            first = first or wrong
    raise first or NotConnected('no emulator is running; start one with "threedd emulator".')


class _Unreached(NotConnected):
    """Nothing listens there, so nothing was passed."""


def _passed(found: Connection, program: str, arguments: Sequence[str]) -> int:
    place = urlsplit(found.control)
    port = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    body = json.dumps({"executable": program, "arguments": list(arguments)})  # ASCII: half characters pass as well
    headers = {"Authorization": f"Bearer {found.token}", "Content-Type": "application/json"}
    named = f"{found.control}, which {found.source} names"
    try:
        port.connect()
    except OSError as wrong:
        mend = "start the emulator again, or name the file of one that runs: threedd command-line install --connection"
        raise _Unreached(f"nothing answers at {named} ({wrong}); {mend}.") from wrong
    try:
        port.request("POST", "/invocations", body.encode("ascii"), headers)
        reply = port.getresponse()
        told = json.loads(reply.read())
    except OSError as wrong:
        raise NotConnected(f"no answer came from {named} ({wrong}); start the emulator again.") from wrong
    finally:
        port.close()
    if reply.status != http.HTTPStatus.OK or not isinstance(told, dict):
        problem = told.get("error", "") if isinstance(told, dict) else ""
        raise ValueError(f"the emulator answered HTTP {reply.status}: {problem or 'nothing that can be read'}")
    return int(told.get("exit_code", 0))


if __name__ == "__main__":
    main()
