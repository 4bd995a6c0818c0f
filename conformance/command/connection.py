"""Where a running emulator is found by the fake program of the command line: a small file in a known place.

The file holds the token of the control port and is readable by its owner alone. It is written by whoever serves and
removed at the end; of several emulators the one that was started last is found. The environment goes before the file:
THREEDD_CONTROL and THREEDD_TOKEN name an emulator, THREEDD_CONNECTION another file. So does a file beside the program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

CONTROL, TOKEN, FILE = "THREEDD_CONTROL", "THREEDD_TOKEN", "THREEDD_CONNECTION"


class NotConnected(Exception):
    """No emulator can be found."""


@dataclass(frozen=True)
class Connection:
    control: str
    """Address of the control port."""
    token: str = field(repr=False)


def usual_file(environment: Mapping[str, str]) -> Path:
    """The known place: below the user's own folder, unless the environment names another."""
    named = environment.get(FILE)
    return Path(named) if named else Path.home() / ".threedd" / "emulator.json"


def beside(program: Path) -> Path:
    """The file that a program looks for in its own folder."""
    name = program.stem if program.suffix.lower() in (".exe", ".cmd") else program.name
    return program.with_name(f"{name}.connection.json")


def connection(environment: Mapping[str, str], program: Path | None = None) -> Connection:
    """The emulator to talk to. Raises NotConnected."""
    if environment.get(CONTROL):
        return Connection(environment[CONTROL], environment.get(TOKEN, ""))
    path = usual_file(environment)
    if program is not None and program.name and not environment.get(FILE) and beside(program).is_file():
        path = beside(program)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Connection(str(found["control"]), str(found["token"]))
    except FileNotFoundError:
        raise NotConnected(f'no emulator is running ({path} is missing); start one with "threedd emulator".') from None
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        problem = f"{path} cannot be used ({type(wrong).__name__}); start the emulator again."
        raise NotConnected(problem) from wrong


@contextmanager
def left(path: Path, made: Connection) -> Iterator[None]:
    """Inside, the file says how to reach that emulator. Raises OSError.

    At the end it goes, unless another emulator has written its own meanwhile.
    """
    content = json.dumps(asdict(made))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == content:
                path.unlink()
